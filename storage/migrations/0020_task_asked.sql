-- +goose Up

-- When the repository was last asked for components that were changed alone, by its clock.
ALTER TABLE task ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
