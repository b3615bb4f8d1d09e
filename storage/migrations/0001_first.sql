-- +goose Up

-- One row: the last sequence number given out, and the version of the resource
-- tables' columns, by which every process notices that another added one.
CREATE TABLE counter (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  columns INTEGER NOT NULL
) STRICT;
INSERT INTO counter (id, seq, columns) VALUES (1, 0, 0);

-- When which sequence numbers were given out: the first one of a second. An
-- export asks it what arrived here since a time.
CREATE TABLE tick (at INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;

-- The node's identity and everything an administrator may set, as text.
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- A resource that has a table r_<name>. The tables are made as records appear.
CREATE TABLE resource (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, indexed INTEGER NOT NULL DEFAULT 0) STRICT;

-- A field that has columns in its resource's table. kind is core.Kind of the
-- first value seen, target the table its references point into. has_text and
-- has_aux tell whether the companion columns exist.
CREATE TABLE field (
  resource_id INTEGER NOT NULL REFERENCES resource,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  sql TEXT NOT NULL,
  kind INTEGER NOT NULL,
  target TEXT NOT NULL,
  has_text INTEGER NOT NULL,
  has_aux INTEGER NOT NULL,
  PRIMARY KEY (resource_id, position)
) STRICT, WITHOUT ROWID;

-- The resources whose components a resource's records are, as seen so far.
CREATE TABLE component (
  resource_id INTEGER NOT NULL REFERENCES resource,
  master_id INTEGER NOT NULL REFERENCES resource,
  PRIMARY KEY (resource_id, master_id)
) STRICT, WITHOUT ROWID;

-- The targets that references of a resource have besides their field's own.
CREATE TABLE target (
  resource_id INTEGER NOT NULL REFERENCES resource,
  name TEXT NOT NULL,
  PRIMARY KEY (resource_id, name)
) STRICT, WITHOUT ROWID;

-- A peer. Numbers are never given out twice: records remember their origin.
-- Passwords lie in the keyring.
CREATE TABLE repository (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  username TEXT NOT NULL,
  proxy TEXT NOT NULL,
  ca_file TEXT NOT NULL,
  accept_push INTEGER NOT NULL,
  allow_pull INTEGER NOT NULL,
  registered INTEGER NOT NULL,
  last_connected INTEGER NOT NULL,
  stopped TEXT NOT NULL,
  clock_offset INTEGER NOT NULL
) STRICT;
-- A peer that calls is looked up by its identity, which is its own alone.
CREATE UNIQUE INDEX repository_uuid ON repository (uuid) WHERE uuid <> '';

-- A resource of a repository and how far its exchange has got. push_seq:
-- everything up to it was sent or is held for a reason of its own.
CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  resource TEXT NOT NULL,
  mode INTEGER NOT NULL,
  strategy INTEGER NOT NULL,
  update_policy TEXT NOT NULL,
  conflict_policy TEXT NOT NULL,
  merge INTEGER NOT NULL,
  filters TEXT NOT NULL,
  last_pull INTEGER NOT NULL DEFAULT 0,
  check_since INTEGER NOT NULL DEFAULT 0,
  check_start INTEGER NOT NULL DEFAULT 0,
  check_uuid TEXT NOT NULL DEFAULT '',
  check_greatest INTEGER NOT NULL DEFAULT 0,
  last_push INTEGER NOT NULL DEFAULT 0,
  compared INTEGER NOT NULL DEFAULT 0,
  push_seq INTEGER NOT NULL DEFAULT 0,
  UNIQUE (repository_id, resource)
) STRICT;

-- A repository's schedule.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  enabled INTEGER NOT NULL,
  start INTEGER NOT NULL,
  finish INTEGER NOT NULL,
  every INTEGER NOT NULL, -- seconds
  cron TEXT NOT NULL,
  repeats INTEGER NOT NULL,
  timeout INTEGER NOT NULL, -- seconds
  last_run INTEGER NOT NULL,
  runs INTEGER NOT NULL
) STRICT;
CREATE INDEX job_repository ON job (repository_id);

-- What we and a repository last agreed on of a record. payload is the version's
-- content, NULL while it is the one we have. seq is ours when they were equal.
CREATE TABLE base (
  repository_id INTEGER NOT NULL,
  resource_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  modified_on INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  payload BLOB,
  PRIMARY KEY (repository_id, resource_id, record_id)
) STRICT, WITHOUT ROWID;

-- A version that was replaced, and by what change.
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  resource_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  payload BLOB NOT NULL,
  run TEXT NOT NULL,
  rule TEXT NOT NULL,
  person TEXT NOT NULL,
  origin INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- The history of one record, newest first; and all that a run replaced.
CREATE INDEX history_record ON history (resource_id, record_id);
CREATE INDEX history_run ON history (run) WHERE run <> '';

-- A record changed on both sides; winner '' while a person has to decide.
CREATE TABLE conflict (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run TEXT NOT NULL,
  repository_id INTEGER NOT NULL,
  resource TEXT NOT NULL,
  uuid TEXT NOT NULL,
  found INTEGER NOT NULL,
  clashes TEXT NOT NULL,
  base BLOB,
  ours BLOB NOT NULL,
  theirs BLOB NOT NULL,
  decision TEXT NOT NULL,
  winner TEXT NOT NULL,
  resolved INTEGER NOT NULL
) STRICT;
-- At most one open conflict for a record and repository; every decision asks.
CREATE UNIQUE INDEX conflict_open ON conflict (repository_id, resource, uuid) WHERE winner = '';

-- A record set aside. token is the uuid, or a digest of what could not even be
-- named, so that two of those do not replace each other.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL,
  run TEXT NOT NULL,
  outgoing INTEGER NOT NULL,
  resource TEXT NOT NULL,
  uuid TEXT NOT NULL,
  token TEXT NOT NULL,
  reason TEXT NOT NULL,
  details TEXT NOT NULL,
  content TEXT NOT NULL,
  seq INTEGER NOT NULL,
  since INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  UNIQUE (repository_id, outgoing, resource, token)
) STRICT;

-- An execution for one repository; counts is core.Counts as JSON.
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  repository_id INTEGER NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  dry_run INTEGER NOT NULL,
  result TEXT NOT NULL,
  message TEXT NOT NULL,
  counts TEXT NOT NULL,
  seconds REAL NOT NULL
) STRICT;
-- The last runs of a repository.
CREATE INDEX run_started ON run (repository_id, started);

-- The synchronisation log with the fields of Eden's sync_log.
CREATE TABLE log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  run TEXT NOT NULL,
  repository_id INTEGER NOT NULL,
  repository TEXT NOT NULL,
  resource TEXT NOT NULL,
  mode TEXT NOT NULL,
  direction TEXT NOT NULL,
  action TEXT NOT NULL,
  result TEXT NOT NULL,
  remote INTEGER NOT NULL,
  message TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;
-- The rows of one run.
CREATE INDEX log_run ON log (run) WHERE run <> '';

-- What a peer said of a resource's fields: core.Schema as JSON.
CREATE TABLE schema (resource TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The logins of peers that call us; only a hash of the password.
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  created INTEGER NOT NULL,
  disabled INTEGER NOT NULL
) STRICT;

-- Resources shared with every peer that may call.
CREATE TABLE shared (resource TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Up to which seq a calling peer was given a resource.
CREATE TABLE served (
  repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
  resource TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (repository_id, resource)
) STRICT, WITHOUT ROWID;

-- The content of an upload field; path is the file below the data folder, ''
-- while it was not fetched.
CREATE TABLE attachment (
  resource TEXT NOT NULL,
  uuid TEXT NOT NULL,
  field TEXT NOT NULL,
  url TEXT NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  failed TEXT NOT NULL,
  PRIMARY KEY (resource, uuid, field)
) STRICT, WITHOUT ROWID;

-- The words of every record, for the search; a row is named
-- resource_id << 40 | record_id. resource.indexed tells how far it has got.
CREATE VIRTUAL TABLE search USING fts5 (words, content='', contentless_delete=1,
  tokenize='unicode61 remove_diacritics 2', prefix='2 3');

-- +goose Down
SELECT 'a Fieldsync database is never taken back to before its first version';
