-- As in SQLite.
DROP TABLE changes;
DROP FUNCTION call_vaults();
DROP TABLE last_change;
DROP TABLE record_leases;
