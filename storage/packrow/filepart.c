/* The SQL function file_part, which gives bytes of the database's file as they lie there.
   Nobody else may read them: whoever closes a file of his own gives back the locks that
   SQLite has on it in this process (sqlite.org/howtocorrupt.html, 2.2). */
#include "packrow.h"

/* As the interface between SQLite and its files has been since its first version. */
typedef struct opened opened;
struct opened {
	const struct {
		int version;
		int (*close)(opened *);
		int (*read)(opened *, void *, int, int64_t);
		int (*write)(opened *, const void *, int, int64_t);
		int (*truncate)(opened *, int64_t);
		int (*sync)(opened *, int);
		int (*size)(opened *, int64_t *);
	} *methods;
};

/* file_part(offset, length): fewer bytes at the end of the file, none behind it. */
static void file_part(sqlite3_context *context, int count, sqlite3_value **values) {
	(void)count;
	int64_t offset = sqlite3_value_int64(values[0]), length = sqlite3_value_int64(values[1]), size = 0;
	opened *file = 0;
	int code = sqlite3_file_control(sqlite3_context_db_handle(context), "main", FILE_POINTER, &file);
	if (code == OK && (!file || !file->methods || offset < 0 || length < 0 || length > MOST_OF_FILE)) code = MISUSE;
	if (code == OK) code = file->methods->size(file, &size);
	if (code != OK) {
		sqlite3_result_error_code(context, code);
		return;
	}
	if (offset > size) offset = size;
	if (length > size - offset) length = size - offset;
	void *bytes = sqlite3_malloc64((uint64_t)length + 1);
	if (!bytes) {
		sqlite3_result_error_nomem(context);
		return;
	}
	code = length > 0 ? file->methods->read(file, bytes, (int)length, offset) : OK;
	if (code != OK) {
		sqlite3_free(bytes);
		sqlite3_result_error_code(context, code);
		return;
	}
	sqlite3_result_blob64(context, bytes, (uint64_t)length, sqlite3_free);
}

int add_file_part(sqlite3 *database) {
	return sqlite3_create_function_v2(database, "file_part", 2, ENCODING_UTF8 | DIRECT_ONLY, 0, file_part, 0, 0, 0);
}
