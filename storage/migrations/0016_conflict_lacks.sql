-- +goose Up

-- Fields of theirs that the repository does not have, as a list in JSON; '' for none. Whatever
-- is decided, they are still to be sent to it.
ALTER TABLE conflict ADD COLUMN lacks TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
