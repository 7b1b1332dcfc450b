-- As in SQLite.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN scopes     TEXT;

CREATE TABLE sessions (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    consumer_id    TEXT COLLATE "C" NOT NULL,
    api_key_id     TEXT COLLATE "C",
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    revoked_at     BIGINT,
    FOREIGN KEY (application_id, consumer_id) REFERENCES consumers (application_id, consumer_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_consumer ON sessions (application_id, consumer_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
