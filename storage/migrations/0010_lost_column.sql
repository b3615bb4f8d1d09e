-- +goose Up

-- A field that a repository's table was found to have no column for, where a record
-- had one that both sides agreed on. What is done there to it meanwhile is not seen:
-- when the column is there again, its table is pulled as a whole.
CREATE TABLE lost_column (
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  resource TEXT NOT NULL,
  field TEXT NOT NULL,
  PRIMARY KEY (repository_id, resource, field)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
