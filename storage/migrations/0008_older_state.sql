-- +goose Up

-- take_older: a person said that the older state of a repository that went back
-- in time is right; until a run with it was complete.
ALTER TABLE repository ADD COLUMN take_older INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
