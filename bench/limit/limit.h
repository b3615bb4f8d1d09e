/* The limit programs: what a computer can do at best with the same input and the
   same tables. They are yardsticks, not products: one thread, no checks of what
   the bench has made itself, no protocol. */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <libxml/parser.h>
#include "sqlite3-binding.h"

/* Fieldsync's kinds of values, as its table "field" holds them. */
enum kind { KIND_NULL, KIND_STRING, KIND_INTEGER, KIND_NUMBER, KIND_BOOLEAN, KIND_BARE, KIND_JSON, KIND_REFERENCE };

struct field {
	char *name, *target;
	int kind;
	int value, text; /* positions among the table's columns; text is -1 if there is none */
};

enum { MAX_COLUMNS = 128, MAX_TABLES = 32 };

/* A resource's table. Columns are those of SQLite, in its order. */
struct table {
	int64_t id;
	char *resource;
	char *column[MAX_COLUMNS];
	int required[MAX_COLUMNS]; /* NOT NULL */
	int columns;
	struct field field[MAX_COLUMNS];
	int fields;
};

extern sqlite3 *db;
extern struct table tables[MAX_TABLES];
extern int table_count;

void fail(const char *what);
void check(int rc);
void run(const char *sql);
sqlite3_stmt *prepare(const char *sql);
void step(sqlite3_stmt *s); /* a statement without rows, to its end */
void open_database(const char *path, int64_t cache_kib);
void read_columns(struct table *t, const char *table_name);
struct table *find_table(const char *resource, int length);
int column_at(const struct table *t, const char *name); /* -1: none */

void fill_search(void);
void parse_file(const char *path, xmlSAXHandler *handler);

int sax_main(int argc, char **argv);
int pull_main(int argc, char **argv);
int export_main(int argc, char **argv);
int edit_main(int argc, char **argv);

#endif
