-- +goose Up

-- What the last comparison of a task, record by record, found: core.Comparison as
-- JSON.
CREATE TABLE proof (
  task_id INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
  at INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT;

-- A version that a repository was proved to have: read back from it after it was
-- sent. uuid and title are as they were then.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL,
  run TEXT NOT NULL,
  at INTEGER NOT NULL,
  resource TEXT NOT NULL,
  uuid TEXT NOT NULL,
  title TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
-- A receipt of one repository, by time.
CREATE INDEX delivery_at ON delivery (repository_id, at);

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
