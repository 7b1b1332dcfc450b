-- Times are milliseconds since 1970. JSON is text. Nothing here can be read without the master key but what may be shown.

CREATE TABLE vault_facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The keys that secrets are sealed with, each sealed with every master key that may open the database.
CREATE TABLE data_keys (
    id            TEXT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped       TEXT NOT NULL,
    PRIMARY KEY (id, master_key_id)
);

CREATE TABLE applications (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- `hash` is keyed: without the master key, nobody can tell whether a guess is right.
CREATE TABLE api_keys (
    id             TEXT   NOT NULL PRIMARY KEY,
    application_id TEXT   NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    hash           BLOB   NOT NULL UNIQUE,
    hint           TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    revoked_at     BIGINT
);
CREATE INDEX api_keys_by_application ON api_keys (application_id);

CREATE TABLE consumers (
    application_id TEXT   NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    consumer_id    TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (application_id, consumer_id)
);

-- `settings` holds what may be shown, `sealed` one sealed blob per sensitive setting. Whether a connection is callable is
-- computed from them and the connector's definition, never stored.
CREATE TABLE connections (
    id             TEXT    NOT NULL PRIMARY KEY,
    application_id TEXT    NOT NULL,
    consumer_id    TEXT    NOT NULL,
    service_id     TEXT    NOT NULL,
    enabled        BOOLEAN NOT NULL,
    settings       TEXT    NOT NULL,
    sealed         TEXT    NOT NULL,
    field_map      TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    revision       BIGINT  NOT NULL,
    UNIQUE (application_id, consumer_id, service_id),
    FOREIGN KEY (application_id, consumer_id) REFERENCES consumers (application_id, consumer_id) ON DELETE CASCADE
);

-- What running vaults have to forget. Without a consumer: API keys. Only the newest rows are kept.
CREATE TABLE changes (
    revision       BIGINT NOT NULL PRIMARY KEY,
    application_id TEXT   NOT NULL,
    consumer_id    TEXT
);

-- One row, the newest change's number. Who counts on holds it until the change is true, so numbers have no gaps and become
-- visible in their order.
CREATE TABLE last_change (
    revision BIGINT NOT NULL
);
INSERT INTO last_change (revision) VALUES (0);
