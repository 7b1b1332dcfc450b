-- Who may read a vendor's record and write over it at the moment, and until when unless they prolong it (milliseconds since 1970, by
-- this database's clock). A record is named by a hash: of whom it is and of its address at the vendor.
CREATE TABLE record_leases (
    record     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder     TEXT             NOT NULL,
    expires_at BIGINT           NOT NULL
);
