-- +goose Up

-- Of the bytes that the agreed version came as: core.Digest. NULL if they are not
-- known or our version was written since. What comes as the same bytes again is not
-- read. Whoever changes how records are read from bytes, or core.Hash, raises
-- s3xml's digestForm and empties this column.
ALTER TABLE base ADD COLUMN digest BLOB;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
