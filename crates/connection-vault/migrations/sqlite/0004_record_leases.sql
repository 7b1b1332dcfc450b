-- A file has one server, which needs no leases: the table is here so that both engines have the same ones, and stays empty.
CREATE TABLE record_leases (
    record     TEXT   NOT NULL PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
