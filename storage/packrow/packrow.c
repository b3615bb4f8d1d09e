/* The SQL functions pack_row, its arguments as one blob, and pack_into, the same in memory
   that Go has made ready. */
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "packrow.h"
#include "room.h"

static char *put(char *to, const void *from, size_t n) {
	if (n > 0) memcpy(to, from, n);
	return to + n;
}

/* Each value is a byte for its type; then eight bytes for a number, and for a text or
   a blob four that say how long it is, and its bytes. Numbers are as they lie in memory:
   no packed row leaves the process. */
static uint64_t most(int count, sqlite3_value **values) {
	uint64_t size = 0;
	for (int i = 0; i < count; i++) {
		int type = sqlite3_value_type(values[i]);
		if (type == TYPE_TEXT || type == TYPE_BLOB) size += 5 + (uint64_t)sqlite3_value_bytes(values[i]);
		else size += 9;
	}
	return size;
}

/* pack returns the end of what it has written. */
static char *pack(char *to, int count, sqlite3_value **values) {
	for (int i = 0; i < count; i++) {
		sqlite3_value *value = values[i];
		int type = sqlite3_value_type(value);
		*to++ = (char)type;
		if (type == TYPE_TEXT || type == TYPE_BLOB) {
			const void *bytes = type == TYPE_TEXT ? (const void *)sqlite3_value_text(value) : sqlite3_value_blob(value);
			uint32_t n = bytes ? (uint32_t)sqlite3_value_bytes(value) : 0;
			to = put(put(to, &n, sizeof n), bytes, n);
		} else if (type == TYPE_INTEGER) {
			int64_t n = sqlite3_value_int64(value);
			to = put(to, &n, sizeof n);
		} else if (type == TYPE_FLOAT) {
			double x = sqlite3_value_double(value);
			to = put(to, &x, sizeof x);
		}
	}
	return to;
}

static void pack_row(sqlite3_context *context, int count, sqlite3_value **values) {
	char *row = sqlite3_malloc64(most(count, values) + 1);
	if (!row) {
		sqlite3_result_error_nomem(context);
		return;
	}
	sqlite3_result_blob64(context, row, (uint64_t)(pack(row, count, values) - row), sqlite3_free);
}

struct packrow_room packrow_rooms[PACKROW_ROOMS];

/* The first argument is the number of a room. Where that has no place for the others, or is
   none, the result is theirs as a blob; else it says where they lie. */
static void pack_into(sqlite3_context *context, int count, sqlite3_value **values) {
	int64_t number = sqlite3_value_int64(values[0]);
	count--, values++;
	if (number < 0 || number >= PACKROW_ROOMS) {
		pack_row(context, count, values);
		return;
	}
	struct packrow_room *room = &packrow_rooms[number];
	if (most(count, values) > room->size - room->used) {
		pack_row(context, count, values);
		return;
	}
	char *to = room->block + room->used;
	uint64_t n = (uint64_t)(pack(to, count, values) - to);
	sqlite3_result_int64(context, (int64_t)(room->number << PACKROW_NUMBER | room->used << PACKROW_OFFSET | n));
	room->used += n;
}

static int add(sqlite3 *database, char **message, const void *routines) {
	(void)message, (void)routines;
	int code = sqlite3_create_function_v2(database, "pack_row", ANY_NUMBER, ENCODING_UTF8 | DETERMINISTIC, 0, pack_row, 0, 0, 0);
	if (code == OK) code = sqlite3_create_function_v2(database, "pack_into", ANY_NUMBER, ENCODING_UTF8, 0, pack_into, 0, 0, 0);
	if (code == OK) code = add_hash_ids(database);
	if (code == OK) code = add_letters(database);
	if (code == OK) code = add_file_part(database);
	return code == OK ? add_put_rows(database) : code;
}

/* What a statement has changed may be taken back by itself until it ends. So many bytes of
   that stay in memory; SQLite's own 64 KB are less than 32 bases of three tables change
   (see put_rows), and what is once in a file stays there until the transaction ends. It is
   one piece of memory, and written as one when it has to go to a file: of a piece of
   128 KB or more SQLite writes a part, and says that the disk is full. */
enum { STATEMENT_JOURNAL = 127 << 10 };

/* The C library keeps memory apart for each thread, so that they need not wait for each
   other; what it keeps for others than the first grows by a page at a time, a call of the
   system each. Go moves a connection from thread to thread, and one at a time writes. It
   must be said before Go begins its threads. */
#ifdef __GLIBC__
__attribute__((constructor)) static void share_memory(void) { mallopt(M_ARENA_MAX, 1); }
void packrow_give_back(void) { malloc_trim(0); }
#else
void packrow_give_back(void) {}
#endif

/* Every connection that is opened from now on has the functions. SQLite does not count
   what it allocates: that takes a lock each time, and nobody asks for the sum. If
   SQLite has been used already both stay as they were. */
int packrow_register(void) {
	sqlite3_config(CONFIG_MEMSTATUS, 0);
	sqlite3_config(CONFIG_STATEMENT_JOURNAL, STATEMENT_JOURNAL);
	return sqlite3_auto_extension((void (*)(void))add);
}
