-- Which unified API the connection of an event is of. Those of before are of the only one that there was.
ALTER TABLE events ADD COLUMN unified_api TEXT NOT NULL DEFAULT 'crm';
