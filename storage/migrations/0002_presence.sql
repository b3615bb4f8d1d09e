-- +goose Up

-- What the scheduler knows of a repository's past: schedule.Memory, field by
-- field. Read every few seconds, together with repositories and jobs.
CREATE TABLE presence (
  repository_id INTEGER PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
  setup TEXT NOT NULL,
  place TEXT NOT NULL,
  seen INTEGER NOT NULL,
  tried INTEGER NOT NULL,
  wait INTEGER NOT NULL, -- seconds
  demanded INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  cause TEXT NOT NULL,
  since INTEGER NOT NULL,
  message TEXT NOT NULL,
  ran_at INTEGER NOT NULL,
  ran_seq INTEGER NOT NULL,
  edited_first INTEGER NOT NULL,
  edited INTEGER NOT NULL,
  wanted TEXT NOT NULL,
  wanted_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  next INTEGER NOT NULL
) STRICT;

-- Since when a job exists, and how its last run ended.
CREATE TABLE job_memory (
  job_id INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
  seen INTEGER NOT NULL,
  result TEXT NOT NULL,
  message TEXT NOT NULL,
  ended INTEGER NOT NULL
) STRICT;

-- What a person was last told by a notification of a class.
CREATE TABLE notice (
  class TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
