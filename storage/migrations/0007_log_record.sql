-- +goose Up

-- The one record that an entry is about, '' if it is about none or many, with its
-- name as it was then; and what an entry counted: core.Counts as JSON, '' if nothing.
ALTER TABLE log ADD COLUMN uuid TEXT NOT NULL DEFAULT '';
ALTER TABLE log ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE log ADD COLUMN counts TEXT NOT NULL DEFAULT '';
-- What a run has to say of single records, when it ends.
CREATE INDEX conflict_run ON conflict (run);

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
