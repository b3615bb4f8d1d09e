/* A slow disk, for any program that writes by way of the C library, as SQLite
   does: LD_PRELOAD=bench-slowdisk.so SLOW_DISK="microseconds bytes". What is
   written waits in memory, as everywhere; each fsync or fdatasync of a file takes
   at least so many microseconds, and a second for every so many bytes that were
   written to the file since the last one. The disk does one of them at a time.
   Reading is as fast as it is: the files are in memory. In the first sixteen bytes
   of the file $SLOW_DISK_COUNT it adds up how many waits there were and how many
   bytes were waited for. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 1024 };

static long long latency, rate; /* in microseconds; in bytes a second */
static atomic_llong waiting[FILES]; /* bytes, by file descriptor */
static struct { atomic_llong waits, bytes; } nowhere, *count = &nowhere;
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_close)(int);

__attribute__((constructor)) static void begin(void) {
	const char *how = getenv("SLOW_DISK");
	if (!how || sscanf(how, "%lld %lld", &latency, &rate) != 2 || rate <= 0) {
		fprintf(stderr, "slowdisk: SLOW_DISK=\"microseconds bytes\" is missing\n");
		_exit(2);
	}
	const char *name = getenv("SLOW_DISK_COUNT");
	if (name) {
		int file = open(name, O_RDWR);
		void *at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		if (at == MAP_FAILED) {
			perror(name);
			_exit(2);
		}
		count = at;
	}
	*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	*(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	*(void **)&real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
	*(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **)&real_close = dlsym(RTLD_NEXT, "close");
}

static ssize_t written(int fd, ssize_t n) {
	if (n > 0 && fd >= 0 && fd < FILES) waiting[fd] += n;
	return n;
}

ssize_t write(int fd, const void *from, size_t n) { return written(fd, real_write(fd, from, n)); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return written(fd, real_pwrite(fd, from, n, at)); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) { return written(fd, real_pwrite64(fd, from, n, at)); }

/* The next file with that number has nothing waiting. */
int close(int fd) {
	if (fd >= 0 && fd < FILES) waiting[fd] = 0;
	return real_close(fd);
}

static int slowly(int fd, int (*sync)(int)) {
	struct timespec until;
	pthread_mutex_lock(&disk);
	clock_gettime(CLOCK_MONOTONIC, &until);
	long long bytes = fd >= 0 && fd < FILES ? atomic_exchange(&waiting[fd], 0) : 0;
	long long ns = until.tv_nsec + latency * 1000 + bytes * 1000000000LL / rate;
	until.tv_sec += ns / 1000000000, until.tv_nsec = ns % 1000000000;
	count->waits++;
	count->bytes += bytes;
	int result = sync(fd), error = errno;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
	pthread_mutex_unlock(&disk);
	errno = error;
	return result;
}

int fsync(int fd) { return slowly(fd, real_fsync); }
int fdatasync(int fd) { return slowly(fd, real_fdatasync); }
