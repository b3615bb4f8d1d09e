-- +goose Up

-- Since when a calling Eden last asked for the resource, and how many records it was given;
-- NULL if that is not known.
ALTER TABLE served ADD COLUMN asked INTEGER;
ALTER TABLE served ADD COLUMN sent INTEGER;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
