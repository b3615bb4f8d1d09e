#include <string.h>
#include "limit.h"

int main(int argc, char **argv) {
	if (argc > 2 && !strcmp(argv[1], "sax")) return sax_main(argc - 1, argv + 1);
	if (argc > 3 && !strcmp(argv[1], "pull")) return pull_main(argc - 1, argv + 1);
	if (argc > 4 && !strcmp(argv[1], "export")) return export_main(argc - 1, argv + 1);
	if (argc > 3 && !strcmp(argv[1], "edit")) return edit_main(argc - 1, argv + 1);
	fprintf(stderr, "limit sax FILE | pull FILE DATABASE [search] | export DATABASE RESOURCE FILE | edit DATABASE RESOURCE\n");
	return 2;
}

void fail(const char *what) {
	fprintf(stderr, "limit: %s\n", what);
	exit(1);
}
