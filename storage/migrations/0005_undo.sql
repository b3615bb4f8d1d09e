-- +goose Up

-- Which sequence numbers a run gave out: its changes and what it made.
CREATE TABLE stretch (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  run TEXT NOT NULL
) STRICT;
-- All of one run.
CREATE INDEX stretch_run ON stretch (run);

-- undelivered: the version was made here and no repository was known to have it
-- when it was replaced. It is never cleared away; of the older ones it is not known.
ALTER TABLE history ADD COLUMN undelivered INTEGER NOT NULL DEFAULT 0;
UPDATE history SET undelivered = 1;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
