-- Times are milliseconds since 1970.

-- What changes say to those who watch. Only the newest rows are kept.
CREATE TABLE change_feed (
    revision BIGINT NOT NULL PRIMARY KEY,
    topic    TEXT   NOT NULL,
    detail   TEXT   NOT NULL
);

-- One row, the newest announcement's number. Who counts on holds it until the change is true, so numbers have no gaps and become
-- visible in their order.
CREATE TABLE change_feed_end (
    revision BIGINT NOT NULL
);
INSERT INTO change_feed_end (revision) VALUES (0);

-- Who may do what one at a time may do, and until when unless they renew it.
CREATE TABLE leases (
    name       TEXT   NOT NULL PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Filled and emptied to see whether the database can be written.
CREATE TABLE write_trials (
    filler TEXT NOT NULL
);

-- This machine's clock, in words that are the same for both engines.
CREATE VIEW database_clock AS SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now_millis;
