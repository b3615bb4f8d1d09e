-- +goose Up

-- The key by which digests of received records are made; see core.DigestKey. Those that
-- are stored were made otherwise: what comes next is read once.
ALTER TABLE counter ADD COLUMN digest_key BLOB NOT NULL DEFAULT x'';
UPDATE counter SET digest_key = randomblob(16);
UPDATE base SET digest = NULL WHERE digest IS NOT NULL;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
