-- The calls of applications: what was asked and what became of it, never what was sent or answered. Written in batches, kept for
-- as long as the operator says. Times that were taken are microseconds.
CREATE TABLE logs (
    application_id   TEXT   NOT NULL,
    consumer_id      TEXT   NOT NULL,
    called_at        BIGINT NOT NULL,
    id               TEXT   NOT NULL,
    unified_api      TEXT   NOT NULL,
    service_id       TEXT   NOT NULL,
    operation_id     TEXT   NOT NULL,
    http_method      TEXT   NOT NULL,
    path             TEXT   NOT NULL,
    status_code      BIGINT NOT NULL,
    error_type       TEXT,
    execution_micros BIGINT NOT NULL,
    vendor_micros    BIGINT NOT NULL,
    PRIMARY KEY (application_id, consumer_id, called_at, id)
) WITHOUT ROWID;
CREATE INDEX logs_by_time ON logs (called_at);
