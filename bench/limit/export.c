/* The limit of an export: the records of a resource with their components, read
   with prepared statements in the order in which Fieldsync sends them, and
   written as the same S3XML. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "limit.h"

enum { FLUSH = 128 << 10, CACHE_KIB = 16384 };

static char *out;
static size_t size, capacity;
static int file;

static void flush(void) {
	for (size_t done = 0; done < size;) {
		ssize_t n = write(file, out + done, size - done);
		if (n < 0) fail("cannot write");
		done += n;
	}
	size = 0;
}

static void put(const char *s, size_t n) {
	if (size + n > capacity) {
		capacity = 2 * (size + n) + FLUSH;
		out = realloc(out, capacity);
		if (!out) fail("out of memory");
	}
	memcpy(out + size, s, n);
	size += n;
}

#define PUT(literal) put(literal, sizeof literal - 1)

/* What stands in place of a byte in an attribute; in text, quotation marks and
   blanks stay; in a JSON string, quotation marks are escaped once more. */
static const char *in_attribute[256], *in_text[256], *in_json[256];

static void put_escaped(const char *s, int n, const char **instead) {
	int done = 0;
	for (int i = 0; i < n; i++) {
		const char *e = instead[(unsigned char)s[i]];
		if (!e) continue;
		put(s + done, i - done);
		put(e, strlen(e));
		done = i + 1;
	}
	put(s + done, n - done);
}

static void put_column(sqlite3_stmt *s, int c, const char **instead) {
	const char *text = (const char *)sqlite3_column_text(s, c);
	put_escaped(text ? text : "", sqlite3_column_bytes(s, c), instead);
}

static void put_uuid(sqlite3_stmt *s, int c) {
	if (sqlite3_column_type(s, c) != SQLITE_BLOB) {
		put_column(s, c, in_attribute);
		return;
	}
	static const char digit[] = "0123456789abcdef";
	const unsigned char *b = sqlite3_column_blob(s, c);
	char text[45] = "urn:uuid:";
	int n = 9;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) text[n++] = '-';
		text[n++] = digit[b[i] >> 4];
		text[n++] = digit[b[i] & 15];
	}
	put(text, 45);
}

static void put_two(char *to, int n) { to[0] = '0' + n / 10, to[1] = '0' + n % 10; }

static void put_stamp(const char *name, int64_t at) {
	int64_t days = at / 86400 + 719468, second = at % 86400;
	int64_t era = days / 146097, day_of_era = days % 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), m = (5 * day + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9), year = (int)(era * 400 + year_of_era + (month <= 2));
	char text[] = "0000-00-00T00:00:00";
	put_two(text, year / 100), put_two(text + 2, year % 100), put_two(text + 5, month), put_two(text + 8, (int)(day - (153 * m + 2) / 5 + 1));
	put_two(text + 11, (int)(second / 3600)), put_two(text + 14, (int)(second / 60 % 60)), put_two(text + 17, (int)(second % 60));
	put(name, strlen(name));
	put(text, 19);
	PUT("\"");
}

/* A reader is a statement that gives records of one table. */
struct reader {
	struct table *table;
	sqlite3_stmt *s;
	int uuid, mci, created, modified, created_by, modified_by, id;
	char open[MAX_COLUMNS][192]; /* how each field's element begins */
};

static void put_text_attribute(sqlite3_stmt *s, int c, const char *name) {
	if (c < 0 || sqlite3_column_type(s, c) == SQLITE_NULL) return;
	put(name, strlen(name));
	put_column(s, c, in_attribute);
	PUT("\"");
}

static void put_field(struct reader *r, int i) {
	struct field *f = &r->table->field[i];
	if (sqlite3_column_type(r->s, f->value) == SQLITE_NULL) return;
	int reference = f->kind == KIND_REFERENCE;
	put(r->open[i], strlen(r->open[i]));
	if (reference) {
		put_uuid(r->s, f->value);
		PUT("\"");
	} else if (f->kind == KIND_STRING) {
		PUT(" value=\"&quot;");
		put_column(r->s, f->value, in_json);
		PUT("&quot;\"");
	} else if (f->kind == KIND_BOOLEAN) {
		if (sqlite3_column_int(r->s, f->value)) PUT(" value=\"true\"");
		else PUT(" value=\"false\"");
	} else {
		PUT(" value=\"");
		put_column(r->s, f->value, in_attribute);
		PUT("\"");
	}
	if (f->text < 0 || sqlite3_column_type(r->s, f->text) == SQLITE_NULL) {
		PUT("/>");
		return;
	}
	PUT(">");
	put_column(r->s, f->text, in_text);
	if (reference) PUT("</reference>");
	else PUT("</data>");
}

static void put_record(struct reader *r) {
	PUT("<resource name=\"");
	put(r->table->resource, strlen(r->table->resource));
	PUT("\" uuid=\"");
	put_uuid(r->s, r->uuid);
	PUT("\" mci=\"");
	char mci[24];
	put(mci, snprintf(mci, sizeof mci, "%d", sqlite3_column_int(r->s, r->mci) + 1));
	PUT("\"");
	put_stamp(" created_on=\"", sqlite3_column_int64(r->s, r->created));
	put_stamp(" modified_on=\"", sqlite3_column_int64(r->s, r->modified));
	put_text_attribute(r->s, r->created_by, " created_by=\"");
	put_text_attribute(r->s, r->modified_by, " modified_by=\"");
	PUT(">");
	for (int reference = 0; reference < 2; reference++)
		for (int i = 0; i < r->table->fields; i++)
			if ((r->table->field[i].kind == KIND_REFERENCE) == reference) put_field(r, i);
}

static struct reader *new_reader(struct table *t, const char *rest) {
	char sql[32768];
	struct reader *r = calloc(1, sizeof *r);
	int n = snprintf(sql, sizeof sql, "SELECT ");
	for (int i = 0; i < t->columns; i++) n += snprintf(sql + n, sizeof sql - n, "%s\"%s\"", i ? "," : "", t->column[i]);
	snprintf(sql + n, sizeof sql - n, " FROM \"r_%s\" %s", t->resource, rest);
	r->table = t;
	r->s = prepare(sql);
	r->id = column_at(t, "_id"), r->uuid = column_at(t, "_uuid"), r->mci = column_at(t, "_mci");
	r->created = column_at(t, "_created_on"), r->modified = column_at(t, "_modified_on");
	r->created_by = column_at(t, "_created_by"), r->modified_by = column_at(t, "_modified_by");
	for (int i = 0; i < t->fields; i++) {
		struct field *f = &t->field[i];
		if (f->kind == KIND_REFERENCE) snprintf(r->open[i], sizeof r->open[i], "<reference field=\"%s\" resource=\"%s\" uuid=\"", f->name, f->target);
		else snprintf(r->open[i], sizeof r->open[i], "<data field=\"%s\"", f->name);
	}
	return r;
}

static void fill_escapes(void) {
	in_attribute['&'] = in_text['&'] = in_json['&'] = "&amp;";
	in_attribute['<'] = in_text['<'] = in_json['<'] = "&lt;";
	in_attribute['>'] = in_text['>'] = in_json['>'] = "&gt;";
	in_text['\r'] = in_attribute['\r'] = "&#13;";
	in_attribute['"'] = "&quot;", in_attribute['\t'] = "&#9;", in_attribute['\n'] = "&#10;";
	in_json['"'] = "\\&quot;", in_json['\\'] = "\\\\", in_json['\t'] = "\\t", in_json['\n'] = "\\n", in_json['\r'] = "\\r";
}

int export_main(int argc, char **argv) {
	(void)argc;
	fill_escapes();
	open_database(argv[1], CACHE_KIB);
	file = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (file < 0) fail(argv[3]);
	struct table *master = find_table(argv[2], (int)strlen(argv[2]));
	struct reader *masters = new_reader(master, "WHERE _deleted = 0 ORDER BY _modified_on, _id"), *components[MAX_TABLES];
	int count = 0;
	for (int i = 0; i < table_count; i++)
		if (&tables[i] != master) components[count++] = new_reader(&tables[i], "WHERE _master = ?1 AND _deleted = 0 ORDER BY _id");
	PUT("<?xml version='1.0' encoding='utf-8'?>\n<s3xml success=\"true\">");
	long records = 0;
	while (sqlite3_step(masters->s) == SQLITE_ROW) {
		put_record(masters);
		for (int i = 0; i < count; i++) {
			struct reader *c = components[i];
			check(sqlite3_bind_value(c->s, 1, sqlite3_column_value(masters->s, masters->uuid)));
			while (sqlite3_step(c->s) == SQLITE_ROW) {
				put_record(c);
				PUT("</resource>");
			}
			check(sqlite3_reset(c->s));
		}
		PUT("</resource>");
		records++;
		if (size >= FLUSH) flush();
	}
	PUT("</s3xml>\n");
	flush();
	printf("%ld records\n", records);
	return 0;
}
