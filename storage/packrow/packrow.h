/* Of SQLite only what is used is declared here: its header lies in the driver's
   module, where no other package finds it. These functions are as they have been
   since SQLite 3.20 and stay so. */
#include <stddef.h>
#include <stdint.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_context sqlite3_context;
typedef struct sqlite3_stmt sqlite3_stmt;
typedef struct sqlite3_value sqlite3_value;

extern int sqlite3_config(int, ...);
extern int sqlite3_auto_extension(void (*)(void));
extern int sqlite3_create_function_v2(sqlite3 *, const char *, int, int, void *, void (*)(sqlite3_context *, int, sqlite3_value **),
	void (*)(sqlite3_context *, int, sqlite3_value **), void (*)(sqlite3_context *), void (*)(void *));
extern sqlite3 *sqlite3_context_db_handle(sqlite3_context *);
extern void *sqlite3_user_data(sqlite3_context *);
extern const char *sqlite3_errmsg(sqlite3 *);
extern int sqlite3_file_control(sqlite3 *, const char *, int, void *);
extern void *sqlite3_malloc64(uint64_t);
extern void *sqlite3_realloc64(void *, uint64_t);
extern void sqlite3_free(void *);
extern void *sqlite3_aggregate_context(sqlite3_context *, int);

extern int sqlite3_value_type(sqlite3_value *);
extern int64_t sqlite3_value_int64(sqlite3_value *);
extern double sqlite3_value_double(sqlite3_value *);
extern const unsigned char *sqlite3_value_text(sqlite3_value *);
extern const void *sqlite3_value_blob(sqlite3_value *);
extern int sqlite3_value_bytes(sqlite3_value *);

extern void sqlite3_result_blob64(sqlite3_context *, const void *, uint64_t, void (*)(void *));
extern void sqlite3_result_text64(sqlite3_context *, const char *, uint64_t, void (*)(void *), unsigned char);
extern void sqlite3_result_int64(sqlite3_context *, int64_t);
extern void sqlite3_result_error(sqlite3_context *, const char *, int);
extern void sqlite3_result_error_code(sqlite3_context *, int);
extern void sqlite3_result_error_nomem(sqlite3_context *);

extern int sqlite3_prepare_v3(sqlite3 *, const char *, int, unsigned int, sqlite3_stmt **, const char **);
extern const char *sqlite3_sql(sqlite3_stmt *);
extern int sqlite3_bind_parameter_count(sqlite3_stmt *);
extern int sqlite3_bind_int64(sqlite3_stmt *, int, int64_t);
extern int sqlite3_bind_double(sqlite3_stmt *, int, double);
extern int sqlite3_bind_text64(sqlite3_stmt *, int, const char *, uint64_t, void (*)(void *), unsigned char);
extern int sqlite3_bind_blob64(sqlite3_stmt *, int, const void *, uint64_t, void (*)(void *));
extern int sqlite3_clear_bindings(sqlite3_stmt *);
extern int sqlite3_step(sqlite3_stmt *);
extern int sqlite3_reset(sqlite3_stmt *);
extern int sqlite3_finalize(sqlite3_stmt *);

enum {
	TYPE_INTEGER = 1, TYPE_FLOAT = 2, TYPE_TEXT = 3, TYPE_BLOB = 4, /* of SQLite, and of a packed value */
	OK = 0, NO_MEMORY = 7, MISUSE = 21,
	ENCODING_UTF8 = 1, DETERMINISTIC = 0x800, DIRECT_ONLY = 0x80000, ANY_NUMBER = -1,
	LETTERS_END = 0x2070, LETTER_DROPPED = 1, /* letters.End and letters.Dropped */
	FILE_POINTER = 7, MOST_OF_FILE = 1 << 20, /* one file_part */
	CONFIG_MEMSTATUS = 9, CONFIG_STATEMENT_JOURNAL = 26, PREPARE_PERSISTENT = 1
};

/* put_rows, hash_ids, letters and file_part for the connection; see putrows.c, hashids.c, letters.c and filepart.c. */
int add_file_part(sqlite3 *);
int add_put_rows(sqlite3 *);
int add_hash_ids(sqlite3 *);
int add_letters(sqlite3 *);
