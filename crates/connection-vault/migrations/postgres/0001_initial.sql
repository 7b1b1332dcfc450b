-- The same tables as in SQLite. Ids are compared byte by byte (COLLATE "C"), as there.

CREATE TABLE vault_facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE data_keys (
    id            TEXT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped       TEXT NOT NULL,
    PRIMARY KEY (id, master_key_id)
);

CREATE TABLE applications (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT             NOT NULL,
    created_at BIGINT           NOT NULL
);

CREATE TABLE api_keys (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    hash           BYTEA            NOT NULL UNIQUE,
    hint           TEXT             NOT NULL,
    created_at     BIGINT           NOT NULL,
    revoked_at     BIGINT
);
CREATE INDEX api_keys_by_application ON api_keys (application_id);

CREATE TABLE consumers (
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    consumer_id    TEXT COLLATE "C" NOT NULL,
    created_at     BIGINT           NOT NULL,
    PRIMARY KEY (application_id, consumer_id)
);

CREATE TABLE connections (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    consumer_id    TEXT COLLATE "C" NOT NULL,
    service_id     TEXT COLLATE "C" NOT NULL,
    enabled        BOOLEAN          NOT NULL,
    settings       TEXT             NOT NULL,
    sealed         TEXT             NOT NULL,
    field_map      TEXT             NOT NULL,
    created_at     BIGINT           NOT NULL,
    updated_at     BIGINT           NOT NULL,
    revision       BIGINT           NOT NULL,
    UNIQUE (application_id, consumer_id, service_id),
    FOREIGN KEY (application_id, consumer_id) REFERENCES consumers (application_id, consumer_id) ON DELETE CASCADE
);

CREATE TABLE changes (
    revision       BIGINT           NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    consumer_id    TEXT COLLATE "C"
);

CREATE TABLE last_change (
    revision BIGINT NOT NULL
);
INSERT INTO last_change (revision) VALUES (0);

-- Wakes the vaults that listen. What has changed they read from the table.
CREATE FUNCTION call_vaults() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('trunkline_changes', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER call_vaults AFTER INSERT ON changes FOR EACH STATEMENT EXECUTE FUNCTION call_vaults();
