-- +goose Up

-- The marker right after which the task's pulls begin; 0: they begin some minutes before it.
ALTER TABLE task ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
