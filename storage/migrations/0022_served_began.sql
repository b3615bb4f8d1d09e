-- +goose Up

-- When the last pull by which a calling peer was given everything of the resource began, by our
-- clock; 0 if that is not known.
ALTER TABLE served ADD COLUMN began INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
