-- +goose Up

-- What is on its way to a repository that is not known to have the records: lists of
-- versions, one list for each batch, as storage/sending.go packs them. What a process
-- that was killed has left here may have arrived.
CREATE TABLE sending (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  versions BLOB NOT NULL
) STRICT;
CREATE INDEX sending_repository ON sending (repository_id);

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
