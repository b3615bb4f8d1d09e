/* Fieldsync's database, as far as the limit programs need it: they take the
   tables as they are, so they stay a yardstick when the layout changes. */
#include <string.h>
#include "limit.h"

sqlite3 *db;
struct table tables[MAX_TABLES];
int table_count;

void check(int rc) {
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW) fail(sqlite3_errmsg(db));
}

void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL)); }

sqlite3_stmt *prepare(const char *sql) {
	sqlite3_stmt *s;
	check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL));
	return s;
}

void step(sqlite3_stmt *s) {
	check(sqlite3_step(s));
	check(sqlite3_reset(s));
}

static char *text_of(sqlite3_stmt *s, int column) { return strdup((const char *)sqlite3_column_text(s, column)); }

int column_at(const struct table *t, const char *name) {
	for (int i = 0; i < t->columns; i++)
		if (!strcmp(t->column[i], name)) return i;
	return -1;
}

void read_columns(struct table *t, const char *table_name) {
	sqlite3_stmt *s = prepare("SELECT name, \"notnull\" FROM pragma_table_info(?1) ORDER BY cid");
	check(sqlite3_bind_text(s, 1, table_name, -1, SQLITE_TRANSIENT));
	for (t->columns = 0; sqlite3_step(s) == SQLITE_ROW; t->columns++) {
		if (t->columns == MAX_COLUMNS) fail("too many columns");
		t->column[t->columns] = text_of(s, 0);
		t->required[t->columns] = sqlite3_column_int(s, 1);
	}
	sqlite3_finalize(s);
}

static void read_fields(struct table *t) {
	sqlite3_stmt *s = prepare("SELECT name, sql, kind, target FROM field WHERE resource_id = ?1 ORDER BY position");
	check(sqlite3_bind_int64(s, 1, t->id));
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct field *f = &t->field[t->fields++];
		char companion[256];
		f->name = text_of(s, 0);
		f->kind = sqlite3_column_int(s, 2);
		f->target = text_of(s, 3);
		f->value = column_at(t, (const char *)sqlite3_column_text(s, 1));
		snprintf(companion, sizeof companion, "_text_%s", (const char *)sqlite3_column_text(s, 1));
		f->text = column_at(t, companion);
		if (f->value < 0) fail("a field without its column");
	}
	sqlite3_finalize(s);
}

void open_database(const char *path, int64_t cache_kib) {
	char sql[128];
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) fail(path);
	snprintf(sql, sizeof sql, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-%lld", (long long)cache_kib);
	run(sql);
	sqlite3_stmt *s = prepare("SELECT id, name FROM resource ORDER BY id");
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (table_count == MAX_TABLES) fail("too many tables");
		struct table *t = &tables[table_count++];
		char name[256];
		t->id = sqlite3_column_int64(s, 0);
		t->resource = text_of(s, 1);
		snprintf(name, sizeof name, "r_%s", t->resource);
		read_columns(t, name);
		read_fields(t);
	}
	sqlite3_finalize(s);
}

struct table *find_table(const char *resource, int length) {
	for (int i = 0; i < table_count; i++)
		if (!strncmp(tables[i].resource, resource, length) && !tables[i].resource[length]) return &tables[i];
	fail("a resource that has no table");
	return NULL;
}
