/* The SQL function hash_ids(key, id) of all rows that a query selects: for each of them,
   in the order in which they come, eight bytes as they lie in memory. The upper half is a
   hash of the key's bytes, the lower one the id, which must fit. NULL where there is no row. */
#include <string.h>

#include "packrow.h"

typedef struct {
	uint64_t *list;
	size_t n, room;
	int failed;
} hashed;

/* The first n bytes of a key as a number, eight at most. */
static uint64_t word(const unsigned char *key, int n) {
	uint64_t w = 0;
	for (int i = 0; i < n && i < 8; i++) w |= (uint64_t)key[i] << (8 * i);
	return w;
}

static uint64_t mixed(uint64_t h) {
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15u;
}

/* As packrow.Hash does it. */
static uint32_t hash(const unsigned char *key, int n) {
	uint64_t h = (uint64_t)n;
	for (; n > 8; key += 8, n -= 8) h = mixed(h ^ word(key, n));
	return (uint32_t)(mixed(h ^ word(key, n)) >> 32);
}

static void hash_id(sqlite3_context *context, int count, sqlite3_value **values) {
	(void)count;
	hashed *all = sqlite3_aggregate_context(context, sizeof *all);
	if (!all || all->failed) return;
	if (all->n == all->room) {
		size_t room = all->room ? 2 * all->room : 1024;
		uint64_t *list = sqlite3_realloc64(all->list, room * sizeof *list);
		if (!list) {
			all->failed = 1;
			return;
		}
		all->list = list, all->room = room;
	}
	const unsigned char *key = sqlite3_value_blob(values[0]);
	uint64_t h = hash(key, key ? sqlite3_value_bytes(values[0]) : 0);
	all->list[all->n++] = h << 32 | (uint32_t)sqlite3_value_int64(values[1]);
}

/* It is called after a failure, too. */
static void hash_end(sqlite3_context *context) {
	hashed *all = sqlite3_aggregate_context(context, 0);
	if (!all) return;
	if (all->failed) {
		sqlite3_free(all->list);
		sqlite3_result_error_nomem(context);
	} else if (all->n > 0) {
		sqlite3_result_blob64(context, all->list, all->n * sizeof *all->list, sqlite3_free);
	}
}

int add_hash_ids(sqlite3 *database) {
	return sqlite3_create_function_v2(database, "hash_ids", 2, ENCODING_UTF8 | DETERMINISTIC, 0, 0, hash_id, hash_end, 0);
}
