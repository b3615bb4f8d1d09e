-- +goose Up

-- A version that was sent to a repository which was not known to have the record,
-- where other repositories bring records, too: until there is a base nobody knows
-- whether it arrived. modified_on is its stamp as sent. Of several the first stands.
CREATE TABLE uncertain (
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  resource_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  modified_on INTEGER NOT NULL,
  PRIMARY KEY (repository_id, resource_id, record_id)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
