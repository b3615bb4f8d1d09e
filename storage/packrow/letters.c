/* The SQL function letters(text): what a text is sorted by, as core/letters has it. */
#include <string.h>

#include "packrow.h"

static uint16_t letters[LETTERS_END][2];

/* Before the first connection. */
void packrow_letters(const uint16_t *table) { memcpy(letters, table, sizeof letters); }

static char *put(char *to, unsigned int c) {
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* The length of the character that begins there, and its number if the table may have it. */
static int character(const unsigned char *s, const unsigned char *end, unsigned int *c) {
	*c = s[0];
	if (s[0] < 0x80) return 1;
	if (s[0] >= 0xc2 && s[0] < 0xe0 && end - s > 1 && (s[1] & 0xc0) == 0x80) {
		*c = (unsigned int)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
		return 2;
	}
	if ((s[0] & 0xf0) == 0xe0 && end - s > 2 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
		*c = (unsigned int)(s[0] & 0xf) << 12 | (unsigned int)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
		return 3;
	}
	*c = LETTERS_END;
	return 1;
}

static void letters_of(sqlite3_context *context, int count, sqlite3_value **values) {
	(void)count;
	const unsigned char *s = sqlite3_value_text(values[0]);
	if (!s) return; /* NULL, or out of memory */
	const unsigned char *end = s + sqlite3_value_bytes(values[0]);
	char *key = sqlite3_malloc64(3 * (uint64_t)(end - s) + 1), *to = key; /* two bytes become five at most */
	if (!key) {
		sqlite3_result_error_nomem(context);
		return;
	}
	while (s < end) {
		unsigned int c;
		int n = character(s, end, &c);
		const uint16_t *l = c < LETTERS_END ? letters[c] : 0;
		if (!l || !l[0]) {
			for (int i = 0; i < n; i++) *to++ = (char)s[i];
		} else if (l[0] != LETTER_DROPPED) {
			to = put(to, l[0]);
			if (l[1]) to = put(to, l[1]);
		}
		s += n;
	}
	sqlite3_result_text64(context, key, (uint64_t)(to - key), sqlite3_free, ENCODING_UTF8);
}

int add_letters(sqlite3 *database) {
	return sqlite3_create_function_v2(database, "letters", 1, ENCODING_UTF8 | DETERMINISTIC, 0, letters_of, 0, 0, 0);
}
