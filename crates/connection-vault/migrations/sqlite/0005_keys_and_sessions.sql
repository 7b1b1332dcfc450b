-- When an API key ends by itself, and what it may be used for: a JSON list; NULL, as for every older key, is everything.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN scopes     TEXT;

-- Sessions that have not ended. Each ends with its consumer, and with the API key that it was created with.
CREATE TABLE sessions (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    consumer_id    TEXT NOT NULL,
    api_key_id     TEXT,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    revoked_at     BIGINT,
    FOREIGN KEY (application_id, consumer_id) REFERENCES consumers (application_id, consumer_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_consumer ON sessions (application_id, consumer_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
