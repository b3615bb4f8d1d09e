/* The limit of an edit: one row changed and committed, so that it is on the disk.
   It prints how long each took, in milliseconds. */
#include <time.h>
#include "limit.h"

enum { ROWS = 20, CACHE_KIB = 2048 };

static double milliseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int edit_main(int argc, char **argv) {
	char sql[512];
	(void)argc;
	open_database(argv[1], CACHE_KIB);
	snprintf(sql, sizeof sql, "UPDATE \"r_%s\" SET _modified_on = _modified_on + 1 WHERE _id = ?1", argv[2]);
	sqlite3_stmt *change = prepare(sql);
	for (int i = 1; i <= ROWS; i++) {
		double start = milliseconds();
		run("BEGIN IMMEDIATE");
		sqlite3_bind_int64(change, 1, i);
		step(change);
		run("COMMIT");
		printf("%s%.3f", i > 1 ? "," : "[", milliseconds() - start);
	}
	printf("]\n");
	return 0;
}
