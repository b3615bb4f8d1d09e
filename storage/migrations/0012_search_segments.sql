-- +goose Up

-- The full-text index merges its segments sixteen at a time instead of four: each
-- word is written fewer times, and a search looks into a few more of them.
INSERT INTO search (search, rank) VALUES ('automerge', 16);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
