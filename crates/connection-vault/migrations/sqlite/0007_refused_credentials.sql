-- That the vendor refuses the connection's credentials, as JSON; NULL where it does not.
ALTER TABLE connections ADD COLUMN refused TEXT;
