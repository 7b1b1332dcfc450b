-- As in SQLite. Names are compared byte by byte (COLLATE "C"), as there.

CREATE TABLE change_feed (
    revision BIGINT NOT NULL PRIMARY KEY,
    topic    TEXT   NOT NULL,
    detail   TEXT   NOT NULL
);

CREATE TABLE change_feed_end (
    revision BIGINT NOT NULL
);
INSERT INTO change_feed_end (revision) VALUES (0);

-- Wakes those who listen. What has changed they read from the table.
CREATE FUNCTION call_watchers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('trunkline_changes', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER call_watchers AFTER INSERT ON change_feed FOR EACH STATEMENT EXECUTE FUNCTION call_watchers();

CREATE TABLE leases (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder     TEXT             NOT NULL,
    expires_at BIGINT           NOT NULL
);

CREATE TABLE write_trials (
    filler TEXT NOT NULL
);

-- The server's clock: servers' own clocks may differ.
CREATE VIEW database_clock AS SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS now_millis;
