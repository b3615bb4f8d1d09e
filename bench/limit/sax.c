/* The limit of decoding: libxml2's SAX over the document, which is read in
   blocks. The handlers only count, so that nothing can be left out. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "limit.h"

static long elements, bytes;

static void start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **ns,
                  int attributes, int defaulted, const xmlChar **a) {
	(void)ctx, (void)name, (void)prefix, (void)uri, (void)namespaces, (void)ns, (void)defaulted;
	elements++;
	for (int i = 0; i < attributes; i++) bytes += a[5 * i + 4] - a[5 * i + 3];
}

static void text(void *ctx, const xmlChar *s, int length) {
	(void)ctx, (void)s;
	bytes += length;
}

void parse_file(const char *path, xmlSAXHandler *handler) {
	static char block[64 << 10];
	int file = open(path, O_RDONLY);
	if (file < 0) fail(path);
	handler->initialized = XML_SAX2_MAGIC;
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, NULL, NULL, 0, NULL);
	xmlCtxtUseOptions(parser, XML_PARSE_HUGE | XML_PARSE_NOENT);
	ssize_t n;
	while ((n = read(file, block, sizeof block)) > 0)
		if (xmlParseChunk(parser, block, (int)n, 0)) fail("not well formed");
	if (n < 0 || xmlParseChunk(parser, block, 0, 1)) fail("not well formed at the end");
	xmlFreeParserCtxt(parser);
	close(file);
}

int sax_main(int argc, char **argv) {
	(void)argc;
	xmlSAXHandler handler;
	memset(&handler, 0, sizeof handler);
	handler.startElementNs = start;
	handler.characters = handler.ignorableWhitespace = text;
	parse_file(argv[1], &handler);
	printf("%ld elements, %ld bytes\n", elements, bytes);
	return 0;
}
