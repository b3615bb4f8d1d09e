-- +goose Up

-- How often the passwords were changed here. The scheduler, which does not read
-- them, sees by it that what it learned with former ones no longer counts.
ALTER TABLE repository ADD COLUMN password_changes INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
