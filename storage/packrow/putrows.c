/* The SQL function put_rows: runs a statement once for each of many rows.

   put_rows(statement, rows, several, n) keeps the statements prepared for the next call:
   several is the statement for n rows at a time, whose parameters follow those of one row,
   row by row; it is not needed where n is 0 or 1. put_rows(), without arguments, gives up all that
   are kept, and has to be called before the connection is closed: SQLite does not close one
   that has statements. */
#include <string.h>

#include "packrow.h"

typedef struct kept {
	struct kept *next;
	sqlite3_stmt *statement;
} kept;

/* A connection's statements, that of the last call first. */
typedef struct { kept *first; } statements;

static void give_up(statements *all) {
	for (kept *k = all->first; k;) {
		kept *next = k->next;
		sqlite3_finalize(k->statement);
		sqlite3_free(k);
		k = next;
	}
	all->first = 0;
}

/* The connection is closed: its statements are gone. */
static void gone(void *all) {
	give_up(all);
	sqlite3_free(all);
}

static sqlite3_stmt *find(statements *all, const char *text) {
	for (kept **at = &all->first; *at; at = &(*at)->next) {
		kept *k = *at;
		if (strcmp(sqlite3_sql(k->statement), text) != 0) continue;
		*at = k->next;
		k->next = all->first, all->first = k;
		return k->statement;
	}
	return 0;
}

static void fail(sqlite3_context *context, int code) {
	sqlite3_result_error(context, sqlite3_errmsg(sqlite3_context_db_handle(context)), -1);
	sqlite3_result_error_code(context, code);
}

/* Returns 0 after an error, which the context has. */
static sqlite3_stmt *prepare(sqlite3_context *context, statements *all, const char *text) {
	kept *k = sqlite3_malloc64(sizeof *k);
	if (!k) {
		sqlite3_result_error_nomem(context);
		return 0;
	}
	int code = sqlite3_prepare_v3(sqlite3_context_db_handle(context), text, -1, PREPARE_PERSISTENT, &k->statement, 0);
	if (code != OK || !k->statement) {
		sqlite3_free(k);
		if (code == OK) sqlite3_result_error(context, "put_rows without a statement", -1);
		else fail(context, code);
		return 0;
	}
	k->next = all->first, all->first = k;
	return k->statement;
}

/* What is left of the rows. */
typedef struct {
	const char *at, *end;
	int broken; /* they end too soon, or are none */
} input;

static void take(input *in, void *to, size_t n) {
	if ((size_t)(in->end - in->at) < n) {
		in->broken = 1, in->at = in->end;
		memset(to, 0, n);
		return;
	}
	memcpy(to, in->at, n);
	in->at += n;
}

/* Binds the next value, which is as pack_row has it. A text or a blob stays where it is. */
static int bind(sqlite3_stmt *statement, int parameter, input *in) {
	char type;
	take(in, &type, sizeof type);
	if (type == TYPE_INTEGER) {
		int64_t n;
		take(in, &n, sizeof n);
		return sqlite3_bind_int64(statement, parameter, n);
	}
	if (type == TYPE_FLOAT) {
		double x;
		take(in, &x, sizeof x);
		return sqlite3_bind_double(statement, parameter, x);
	}
	uint32_t n;
	take(in, &n, sizeof n);
	const char *bytes = in->at;
	if (in->broken || (size_t)(in->end - bytes) < n || (type != TYPE_TEXT && type != TYPE_BLOB)) {
		in->broken = 1;
		return OK;
	}
	in->at += n;
	return type == TYPE_TEXT ? sqlite3_bind_text64(statement, parameter, bytes, n, 0, ENCODING_UTF8)
		: sqlite3_bind_blob64(statement, parameter, bytes, n, 0);
}

/* Binds the next row: before each value stands the number of its parameter in two bytes,
   and 0 behind the last. before is how many parameters other rows have. */
static int bind_row(sqlite3_stmt *statement, int before, input *in) {
	for (;;) {
		uint16_t parameter;
		take(in, &parameter, sizeof parameter);
		if (in->broken || parameter == 0) return OK;
		int code = bind(statement, before + parameter, in);
		if (code != OK) return code;
	}
}

/* Runs the statement with the next n rows. A parameter that no value is for is NULL. */
static int put(sqlite3_stmt *statement, int n, int width, input *in) {
	sqlite3_clear_bindings(statement);
	for (int i = 0; i < n; i++) {
		int code = bind_row(statement, i * width, in);
		if (code != OK || in->broken) return code;
	}
	sqlite3_step(statement);
	return sqlite3_reset(statement); /* the error of the step, if it had one */
}

static sqlite3_stmt *statement_of(sqlite3_context *context, sqlite3_value *text) {
	statements *all = sqlite3_user_data(context);
	const char *sql = (const char *)sqlite3_value_text(text);
	sqlite3_stmt *statement = sql ? find(all, sql) : 0;
	return statement ? statement : prepare(context, all, sql ? sql : "");
}

/* How many rows there are, as far as they are whole. */
static int64_t count_rows(input in) {
	int64_t rows = 0;
	while (in.at < in.end) {
		uint16_t parameter;
		char type;
		uint32_t n = 8;
		take(&in, &parameter, sizeof parameter);
		if (parameter == 0) {
			rows++;
			continue;
		}
		take(&in, &type, sizeof type);
		if (type == TYPE_TEXT || type == TYPE_BLOB) take(&in, &n, sizeof n);
		if ((size_t)(in.end - in.at) < n) break;
		in.at += n;
	}
	return rows;
}

/* The first row that cannot be put ends it, with its error; those before it are put, as far
   as they did not come several at a time. */
static void put_rows(sqlite3_context *context, int count, sqlite3_value **values) {
	if (count == 0) {
		give_up(sqlite3_user_data(context));
		return;
	}
	if (count != 4) {
		sqlite3_result_error(context, "put_rows takes a statement, rows, a statement for several, and how many that is for", -1);
		return;
	}
	const char *rows = sqlite3_value_blob(values[1]);
	input in = {rows, rows + sqlite3_value_bytes(values[1]), 0};
	int n = (int)sqlite3_value_int64(values[3]);
	sqlite3_stmt *one = statement_of(context, values[0]), *several = 0;
	if (!one || (n > 1 && !(several = statement_of(context, values[2])))) return;
	int code = OK, width = sqlite3_bind_parameter_count(one);
	for (int64_t left = several ? count_rows(in) : 0; code == OK && !in.broken && several && left >= n; left -= n) code = put(several, n, width, &in);
	while (code == OK && !in.broken && in.at < in.end) code = put(one, 1, width, &in);
	if (in.broken) sqlite3_result_error(context, "these are no packed rows", -1);
	else if (code != OK) fail(context, code);
	sqlite3_clear_bindings(one); /* they lie in an argument */
	if (several) sqlite3_clear_bindings(several);
}

int add_put_rows(sqlite3 *database) {
	statements *all = sqlite3_malloc64(sizeof *all);
	if (!all) return NO_MEMORY;
	all->first = 0;
	return sqlite3_create_function_v2(database, "put_rows", ANY_NUMBER, ENCODING_UTF8 | DIRECT_ONLY, all, put_rows, 0, 0, gone);
}
