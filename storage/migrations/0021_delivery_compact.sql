-- +goose Up

-- A receipt is kept for good, and each line said the run and the record in 81 letters: they are
-- kept as other uuids are, as 16 bytes where they are written in the usual way. Nobody asked
-- by repository and time, but each line was sorted by them.
CREATE TABLE delivery_compact (
  id INTEGER PRIMARY KEY,         -- in the order in which they were proved
  repository_id INTEGER NOT NULL,
  run ANY NOT NULL,               -- 16 bytes, or any other text
  at INTEGER NOT NULL,
  resource TEXT NOT NULL,
  uuid ANY NOT NULL,              -- 16 bytes, or any other text
  title TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
INSERT INTO delivery_compact SELECT id, repository_id,
  CASE WHEN run GLOB '????????-????-????-????-????????????' AND run = lower(run)
    THEN coalesce(unhex(replace(run, '-', '')), run) ELSE run END,
  at, resource,
  CASE WHEN uuid GLOB 'urn:uuid:????????-????-????-????-????????????' AND uuid = lower(uuid)
    THEN coalesce(unhex(replace(substr(uuid, 10), '-', '')), uuid) ELSE uuid END,
  title, deleted, modified_on, hash FROM delivery ORDER BY id;
DROP TABLE delivery;
ALTER TABLE delivery_compact RENAME TO delivery;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
