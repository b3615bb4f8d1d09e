-- +goose Up

-- The name by which this node registered with the repository last, and that by which the
-- repository calls itself if it registered here; '': not known.
ALTER TABLE repository ADD COLUMN registered_as TEXT NOT NULL DEFAULT '';
ALTER TABLE repository ADD COLUMN told TEXT NOT NULL DEFAULT '';
UPDATE repository SET registered_as = coalesce((SELECT value FROM setting WHERE key = 'node.name'), '') WHERE registered > 0;
UPDATE repository SET told = name WHERE url = '';

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
