-- The feed of changes and leases are tables of the store now, for every crate.
DROP TABLE changes;
DROP TABLE last_change;
DROP TABLE record_leases;
