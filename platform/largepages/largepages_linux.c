//go:build linux && (amd64 || arm64)

#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The address sanitizer has an mmap of its own. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

enum {
	LARGE_PAGE = 2 << 20,
	HEAP_GROWTH = 4 << 20, /* Go's heap grows by multiples of it, and begins at one */
	HEAD_OF_TWO = 64,      /* what the C library keeps beside two pieces of memory, at most */
	C_HEAP = 16 << 20,     /* what the C library's heap has at its beginning; untouched, it is an address */
};

/* Where a program has C in it, Go's runtime asks the C library for memory (runtime/cgo,
   mmap.go: for those who intercept it). What it asks for as a piece of its heap, it then
   has in large pages. Everything else is as the C library does it. */
void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
	void *piece = (void *)syscall(SYS_mmap, at, length, protection, flags, file, offset);
	if (piece != MAP_FAILED && flags == (MAP_ANONYMOUS | MAP_FIXED | MAP_PRIVATE) && (protection & PROT_WRITE) != 0
	    && length % HEAP_GROWTH == 0 && (uintptr_t)piece % HEAP_GROWTH == 0)
		madvise(piece, length, MADV_HUGEPAGE);
	return piece;
}

/* What lies before the first large page of the C library's heap, up to 2 MB in pages of
   4 KB, is passed over: addresses that nobody touches. */
static void *volatile skipped;

/* The heap of the C library has its first megabytes at once, before anybody has used it. */
__attribute__((constructor)) static void ask_for_c_heap(void) {
	mallopt(M_TOP_PAD, C_HEAP);
	mallopt(M_TRIM_THRESHOLD, 2 * C_HEAP);
	mallopt(M_MMAP_THRESHOLD, C_HEAP / 4);
	void *first = malloc(1);
	uintptr_t begin = ((uintptr_t)first + LARGE_PAGE - 1) & -(uintptr_t)LARGE_PAGE;
	uintptr_t end = (uintptr_t)sbrk(0) & -(uintptr_t)LARGE_PAGE;
	if (first != 0 && begin < end) {
		madvise((void *)begin, end - begin, MADV_HUGEPAGE);
		size_t before = begin - (uintptr_t)first;
		if (before > HEAD_OF_TWO) skipped = malloc(before - HEAD_OF_TWO);
	}
	free(first);
}

#endif
