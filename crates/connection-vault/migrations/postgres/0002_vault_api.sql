-- Where an application's users may be sent back to, and which web pages may call with a session. JSON lists.
ALTER TABLE applications ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '[]';
ALTER TABLE applications ADD COLUMN origins       TEXT NOT NULL DEFAULT '[]';

ALTER TABLE consumers ADD COLUMN metadata   TEXT   NOT NULL DEFAULT '{}';
ALTER TABLE consumers ADD COLUMN updated_at BIGINT;

-- `oauth` holds the facts of a grant (when it ends, whether the vendor still takes it); its tokens are in `sealed`, as
-- `oauth.access_token` and `oauth.refresh_token`. `custom_mappings` is JSONPath by target.
ALTER TABLE connections ADD COLUMN metadata        TEXT;
ALTER TABLE connections ADD COLUMN configuration   TEXT NOT NULL DEFAULT '{}';
ALTER TABLE connections ADD COLUMN custom_mappings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE connections ADD COLUMN oauth           TEXT;

-- A connector as one application uses it: its OAuth client.
CREATE TABLE integrations (
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    service_id     TEXT COLLATE "C" NOT NULL,
    enabled        BOOLEAN NOT NULL,
    client_id      TEXT,
    client_secret  TEXT,
    scopes         TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    PRIMARY KEY (application_id, service_id)
);

-- Authorisations on their way: asked for, being exchanged for tokens, or waiting to be confirmed. `link` is the link that each
-- was begun with; `sealed` holds the PKCE verifier, later the tokens.
CREATE TABLE authorizations (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    consumer_id    TEXT COLLATE "C" NOT NULL,
    service_id     TEXT COLLATE "C" NOT NULL,
    link           TEXT COLLATE "C" NOT NULL,
    stage          TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    nonce          TEXT,
    sealed         TEXT   NOT NULL,
    facts          TEXT,
    confirm_hash   BYTEA UNIQUE,
    expires_at     BIGINT NOT NULL,
    FOREIGN KEY (application_id, consumer_id) REFERENCES consumers (application_id, consumer_id) ON DELETE CASCADE
);
CREATE INDEX authorizations_by_connection ON authorizations (application_id, consumer_id, service_id);
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);

-- What may not be used a second time, until it would have expired anyway.
CREATE TABLE used_links (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_links_by_expiry ON used_links (expires_at);

-- Intents to refresh: written before the vendor is asked, gone once its answer is stored. One that is left behind tells that
-- the answer was lost.
CREATE TABLE refreshes (
    connection_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    holder        TEXT    NOT NULL,
    lease_until   BIGINT  NOT NULL
);

-- Fields that an application defines and each of its consumers maps.
CREATE TABLE mapping_targets (
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    id             TEXT COLLATE "C" NOT NULL,
    label          TEXT    NOT NULL,
    description    TEXT,
    required       BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    PRIMARY KEY (application_id, id)
);

-- What happened to connections that somebody has to know of. Kept for thirty days.
CREATE TABLE events (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    consumer_id    TEXT COLLATE "C" NOT NULL,
    service_id     TEXT COLLATE "C" NOT NULL,
    type           TEXT   NOT NULL,
    detail         TEXT   NOT NULL,
    occurred_at    BIGINT NOT NULL
);
CREATE INDEX events_by_application ON events (application_id, occurred_at, id);
CREATE INDEX events_by_time ON events (occurred_at);

-- A change to an application as a whole: everything of it is read anew.
ALTER TABLE changes ADD COLUMN whole_application BOOLEAN NOT NULL DEFAULT FALSE;
