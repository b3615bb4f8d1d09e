/* The limit of bringing the full-text search up to date: the rows of one table
   after the other, so that the index grows at its end. */
#include <string.h>
#include "limit.h"

enum { ROWS_PER_TRANSACTION = 20000 };

static char *words;
static int words_size, words_capacity;

static void add_word(sqlite3_stmt *s, int column) {
	int length = sqlite3_column_bytes(s, column);
	if (words_size + length + 1 > words_capacity) {
		words_capacity = 2 * (words_size + length) + 4096;
		words = realloc(words, words_capacity);
		if (!words) fail("out of memory");
	}
	if (length > 0) memcpy(words + words_size, sqlite3_column_blob(s, column), length);
	words_size += length;
	words[words_size++] = '\n';
}

/* What is displayed of a field is its text, or a value that is text. */
static void add_words(sqlite3_stmt *s, const struct table *t) {
	words_size = 0;
	for (int i = 0; i < t->fields; i++) {
		int value = t->field[i].value, text = t->field[i].text;
		if (text >= 0 && sqlite3_column_type(s, text) == SQLITE_TEXT) add_word(s, text);
		else if (sqlite3_column_type(s, value) == SQLITE_TEXT) add_word(s, value);
	}
}

void fill_search(void) {
	sqlite3_stmt *insert = prepare("INSERT INTO search (rowid, words) VALUES (?1, ?2)");
	run("BEGIN IMMEDIATE");
	for (int i = 0, rows = 0; i < table_count; i++) {
		char sql[512];
		snprintf(sql, sizeof sql, "SELECT * FROM \"r_%s\" ORDER BY _id", tables[i].resource);
		sqlite3_stmt *s = prepare(sql);
		for (int rc; (rc = sqlite3_step(s)) != SQLITE_DONE; check(rc)) {
			add_words(s, &tables[i]);
			sqlite3_bind_int64(insert, 1, tables[i].id << 40 | sqlite3_column_int64(s, 0));
			sqlite3_bind_text(insert, 2, words, words_size, SQLITE_STATIC);
			step(insert);
			if (++rows % ROWS_PER_TRANSACTION == 0) run("COMMIT; BEGIN IMMEDIATE");
		}
		sqlite3_finalize(s);
	}
	run("COMMIT");
}
