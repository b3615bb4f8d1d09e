/* The limit of a pull: libxml2's SAX, and prepared statements that write the same
   rows into the same tables with the same indexes as Fieldsync. Into tables that
   have records it looks each one up first and passes over what has not changed.
   With the word "search" it fills the full-text index after that. */
#include <string.h>
#include "limit.h"

enum { MAX_COMPONENTS = 16, ROWS_PER_TRANSACTION = 20000, CACHE_KIB = 16384, HASH_SIZE = 16, REPOSITORY = 1 };

/* A value lies in the arena, or is a number. */
struct value {
	enum { NOTHING, NUMBER, TEXT, BLOB } type;
	int from, length;
	int64_t number;
};

struct record {
	struct table *table;
	struct value column[MAX_COLUMNS];
	struct value uuid;
	int64_t modified;
	int expected; /* the field that may come next */
};

/* What is written to one table. */
struct target {
	sqlite3_stmt *insert, *look;
	int64_t last_id;
	int had_records;
	int uuid, seq, mci, created, modified, created_by, modified_by, master_id, master, hash, origin;
	int bound[MAX_COLUMNS]; /* columns that the insert mentions */
	int bound_count;
};

static struct target targets[MAX_TABLES];
static struct table base;
static sqlite3_stmt *insert_base;
static int base_bound[MAX_COLUMNS], base_bound_count;

static char *arena;
static int arena_size, arena_capacity;
static struct record records[MAX_COMPONENTS + 1];
static int record_count, nested;
static struct record *current;
static struct field *field;
static struct value value, text;
static int in_field, has_value;
static int64_t seq, rows_in_transaction, inserted, unchanged;

static void grow(char **buffer, int *capacity, int needed) {
	if (needed <= *capacity) return;
	*capacity = 2 * needed + 4096;
	*buffer = realloc(*buffer, *capacity);
	if (!*buffer) fail("out of memory");
}

static struct value keep(const char *s, int n) {
	grow(&arena, &arena_capacity, arena_size + n);
	memcpy(arena + arena_size, s, n);
	struct value v = {TEXT, arena_size, n, 0};
	arena_size += n;
	return v;
}

static struct value number(int64_t n) { return (struct value){NUMBER, 0, 0, n}; }

static int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* A uuid in its usual form is kept as 16 bytes, as Fieldsync does. */
static struct value uuid_value(const char *s, int n) {
	unsigned char b[16];
	int at = 0;
	if (n != 45 || memcmp(s, "urn:uuid:", 9)) return keep(s, n);
	for (int i = 9; i < 45;) {
		if (s[i] == '-') {
			i++;
			continue;
		}
		int high = hex(s[i]), low = hex(s[i + 1]);
		if (high < 0 || low < 0 || at == 16) return keep(s, n);
		b[at++] = high << 4 | low;
		i += 2;
	}
	struct value v = keep((char *)b, 16);
	v.type = BLOB;
	return v;
}

static int two(const char *s) { return (s[0] - '0') * 10 + s[1] - '0'; }

/* Seconds since 1970 of "2026-01-02T03:04:05", proleptic Gregorian. */
static int64_t stamp(const char *s, int n) {
	if (n < 19) fail("a stamp that is none");
	int64_t year = two(s) * 100 + two(s + 2), month = two(s + 5), day = two(s + 8);
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
	int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
	return days * 86400 + two(s + 11) * 3600 + two(s + 14) * 60 + two(s + 17);
}

static struct value integer(const char *s, int n) {
	int64_t x = 0;
	int i = n > 0 && s[0] == '-';
	for (int k = i; k < n; k++) {
		if (s[k] < '0' || s[k] > '9') return keep(s, n);
		x = x * 10 + s[k] - '0';
	}
	return number(i ? -x : x);
}

/* The value attribute: JSON, of which the bench has plain strings and numbers. */
static struct value read_value(const struct field *f, const char *s, int n) {
	if (n >= 2 && s[0] == '"') return keep(s + 1, n - 2);
	if (f->kind == KIND_INTEGER) return integer(s, n);
	if (f->kind == KIND_BOOLEAN) return number(n == 4 ? 1 : 0);
	return keep(s, n);
}

static void set(struct record *r, int column, struct value v) {
	if (column >= 0) r->column[column] = v;
}

static void start_record(int n, const xmlChar **a) {
	if (nested++ == 0) record_count = arena_size = 0;
	if (record_count > MAX_COMPONENTS) fail("too many components");
	struct record *r = current = &records[record_count++];
	struct target *t = NULL;
	for (int i = 0; i < n; i++) { /* the name comes first */
		const char *name = (const char *)a[5 * i], *s = (const char *)a[5 * i + 3];
		int length = (int)(a[5 * i + 4] - a[5 * i + 3]);
		if (!strcmp(name, "name")) {
			r->table = find_table(s, length);
			t = &targets[r->table - tables];
			memset(r->column, 0, sizeof *r->column * r->table->columns);
			r->expected = 0;
		} else if (!strcmp(name, "uuid")) set(r, t->uuid, r->uuid = uuid_value(s, length));
		else if (!strcmp(name, "created_on")) set(r, t->created, number(stamp(s, length)));
		else if (!strcmp(name, "modified_on")) set(r, t->modified, number(r->modified = stamp(s, length)));
		else if (!strcmp(name, "created_by")) set(r, t->created_by, keep(s, length));
		else if (!strcmp(name, "modified_by")) set(r, t->modified_by, keep(s, length));
		else if (!strcmp(name, "mci")) set(r, t->mci, integer(s, length));
	}
	if (r != records) {
		set(r, t->master_id, number(records[0].table->id));
		set(r, t->master, records[0].uuid);
	}
}

static struct field *find_field(struct record *r, const char *s, int n) {
	for (int i = 0; i < r->table->fields; i++) {
		int at = (r->expected + i) % r->table->fields;
		struct field *f = &r->table->field[at];
		if (!strncmp(f->name, s, n) && !f->name[n]) {
			r->expected = at + 1;
			return f;
		}
	}
	fail("a field that has no column");
	return NULL;
}

static void start_field(int n, const xmlChar **a) {
	in_field = 1, has_value = 0;
	for (int i = 0; i < n; i++) {
		const char *name = (const char *)a[5 * i], *s = (const char *)a[5 * i + 3];
		int length = (int)(a[5 * i + 4] - a[5 * i + 3]);
		if (!strcmp(name, "field")) field = find_field(current, s, length);
		else if (!strcmp(name, "value")) value = read_value(field, s, length), has_value = 1;
		else if (!strcmp(name, "uuid")) value = uuid_value(s, length), has_value = 1;
	}
	text = (struct value){TEXT, arena_size, 0, 0};
}

static void start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **ns,
                  int attributes, int defaulted, const xmlChar **a) {
	(void)ctx, (void)prefix, (void)uri, (void)namespaces, (void)ns, (void)defaulted;
	if (!strcmp((const char *)name, "resource")) start_record(attributes, a);
	else if (nested) start_field(attributes, a);
}

static void characters(void *ctx, const xmlChar *s, int n) {
	(void)ctx;
	if (in_field) text.length += keep((const char *)s, n).length;
}

static int same(struct value a, struct value b) {
	if (b.type == NUMBER) {
		char digits[24];
		return snprintf(digits, sizeof digits, "%lld", (long long)b.number) == a.length && !memcmp(digits, arena + a.from, a.length);
	}
	return a.length == b.length && !memcmp(arena + a.from, arena + b.from, a.length);
}

static void end_field(void) {
	in_field = 0;
	if (!has_value) {
		current->column[field->value] = text;
		return;
	}
	current->column[field->value] = value;
	if (text.length > 0 && field->text >= 0 && !same(text, value)) current->column[field->text] = text;
}

static void bind(sqlite3_stmt *s, int at, const struct value *v) {
	switch (v->type) {
	case NOTHING: sqlite3_bind_null(s, at); break;
	case NUMBER: sqlite3_bind_int64(s, at, v->number); break;
	case TEXT: sqlite3_bind_text(s, at, arena + v->from, v->length, SQLITE_STATIC); break;
	case BLOB: sqlite3_bind_blob(s, at, arena + v->from, v->length, SQLITE_STATIC); break;
	}
}

static int is_current(struct record *r, struct target *t) {
	if (!t->had_records) return 0;
	bind(t->look, 1, &r->uuid);
	int found = sqlite3_step(t->look) == SQLITE_ROW && sqlite3_column_int64(t->look, 0) == r->modified;
	check(sqlite3_reset(t->look));
	return found;
}

static void write_base(struct record *r, int64_t id) {
	static const char hash[HASH_SIZE];
	for (int i = 0; i < base_bound_count; i++) {
		const char *name = base.column[base_bound[i]];
		if (!strcmp(name, "repository_id")) sqlite3_bind_int64(insert_base, i + 1, REPOSITORY);
		else if (!strcmp(name, "resource_id")) sqlite3_bind_int64(insert_base, i + 1, r->table->id);
		else if (!strcmp(name, "record_id")) sqlite3_bind_int64(insert_base, i + 1, id);
		else if (!strcmp(name, "hash") || !strcmp(name, "digest")) sqlite3_bind_blob(insert_base, i + 1, hash, HASH_SIZE, SQLITE_STATIC);
		else if (!strcmp(name, "payload")) sqlite3_bind_null(insert_base, i + 1);
		else if (!strcmp(name, "modified_on")) sqlite3_bind_int64(insert_base, i + 1, r->modified);
		else if (!strcmp(name, "seq")) sqlite3_bind_int64(insert_base, i + 1, seq);
		else sqlite3_bind_int64(insert_base, i + 1, 0);
	}
	step(insert_base);
}

static void write_record(struct record *r) {
	struct target *t = &targets[r->table - tables];
	if (is_current(r, t)) {
		unchanged++;
		return;
	}
	int64_t id = ++t->last_id;
	set(r, 0, number(id));
	set(r, t->seq, number(++seq));
	set(r, t->origin, number(REPOSITORY));
	static const char zero[HASH_SIZE];
	struct value hash = keep(zero, HASH_SIZE);
	hash.type = BLOB;
	set(r, t->hash, hash);
	for (int i = 0; i < t->bound_count; i++) {
		struct value *v = &r->column[t->bound[i]];
		if (v->type == NOTHING && r->table->required[t->bound[i]]) *v = number(0);
		bind(t->insert, i + 1, v);
	}
	step(t->insert);
	if (insert_base) write_base(r, id);
	inserted++;
	if (++rows_in_transaction >= ROWS_PER_TRANSACTION) {
		run("COMMIT; BEGIN IMMEDIATE");
		rows_in_transaction = 0;
	}
}

static void end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
	(void)ctx, (void)name, (void)prefix, (void)uri;
	if (in_field) {
		end_field();
		return;
	}
	if (nested == 0 || --nested > 0) {
		current = records; /* back in the master */
		return;
	}
	for (int i = 0; i < record_count; i++) write_record(&records[i]);
}

/* prepare_insert makes an INSERT for all columns of a table, and notes which. */
static sqlite3_stmt *prepare_insert(const struct table *t, const char *name, int *bound, int *count) {
	char sql[32768];
	int n = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" (", name);
	*count = 0;
	for (int i = 0; i < t->columns; i++) {
		n += snprintf(sql + n, sizeof sql - n, "%s\"%s\"", i ? "," : "", t->column[i]);
		bound[(*count)++] = i;
	}
	n += snprintf(sql + n, sizeof sql - n, ") VALUES (?");
	for (int i = 1; i < *count; i++) n += snprintf(sql + n, sizeof sql - n, ",?");
	snprintf(sql + n, sizeof sql - n, ")");
	return prepare(sql);
}

static void aim(struct table *t, struct target *to) {
	char name[256], sql[512];
	snprintf(name, sizeof name, "r_%s", t->resource);
	to->insert = prepare_insert(t, name, to->bound, &to->bound_count);
	snprintf(sql, sizeof sql, "SELECT _modified_on FROM \"%s\" WHERE _uuid = ?1", name);
	to->look = prepare(sql);
	snprintf(sql, sizeof sql, "SELECT ifnull(max(_id), 0) FROM \"%s\"", name);
	sqlite3_stmt *s = prepare(sql);
	check(sqlite3_step(s));
	to->last_id = sqlite3_column_int64(s, 0);
	to->had_records = to->last_id > 0;
	sqlite3_finalize(s);
	to->uuid = column_at(t, "_uuid"), to->seq = column_at(t, "_seq"), to->mci = column_at(t, "_mci");
	to->created = column_at(t, "_created_on"), to->modified = column_at(t, "_modified_on");
	to->created_by = column_at(t, "_created_by"), to->modified_by = column_at(t, "_modified_by");
	to->master_id = column_at(t, "_master_id"), to->master = column_at(t, "_master");
	to->hash = column_at(t, "_hash"), to->origin = column_at(t, "_origin");
	if (to->uuid < 0 || to->modified < 0) fail("tables of an unknown shape");
}

int pull_main(int argc, char **argv) {
	open_database(argv[2], CACHE_KIB);
	for (int i = 0; i < table_count; i++) aim(&tables[i], &targets[i]);
	read_columns(&base, "base");
	if (base.columns > 0) {
		insert_base = prepare_insert(&base, "base", base_bound, &base_bound_count);
	}
	run("BEGIN IMMEDIATE");
	xmlSAXHandler handler;
	memset(&handler, 0, sizeof handler);
	handler.startElementNs = start;
	handler.endElementNs = end;
	handler.characters = handler.ignorableWhitespace = characters;
	parse_file(argv[1], &handler);
	run("COMMIT");
	if (argc > 3 && !strcmp(argv[3], "search")) fill_search();
	run("PRAGMA wal_checkpoint(TRUNCATE)");
	printf("%lld inserted, %lld unchanged\n", (long long)inserted, (long long)unchanged);
	return 0;
}
