-- +goose Up

-- What a repository was given to remember of this node, one token a run; the
-- newest ones of each repository are kept. confirmed: it told that it does.
CREATE TABLE token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL,
  token TEXT NOT NULL,
  confirmed INTEGER NOT NULL
) STRICT;
-- The last tokens of a repository.
CREATE INDEX token_repository ON token (repository_id, id);

-- adopt: the next handshake with the repository begins anew, because a person
-- said so. remembers: the token that a peer which calls us gave us last.
ALTER TABLE repository ADD COLUMN adopt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN remembers TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
