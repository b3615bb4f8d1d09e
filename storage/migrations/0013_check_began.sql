-- +goose Up

-- When a pull that is under way began, by the repository's clock: what reaches it behind
-- the place of reading arrives later, and the marker must stay before it though the pull
-- is broken off and goes on in another run. 0: it is not known.
ALTER TABLE task ADD COLUMN check_began INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
