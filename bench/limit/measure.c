/* measure PROGRAM ARGS…: runs a program and writes to file descriptor 3 what it
   used: wall, user and system time in microseconds, greatest memory in KiB.
   It is small itself, because a program's memory counts from before its exec. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void pass_on(int sig) { kill(child, sig); }

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
	if (argc < 2) return 2;
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	child = fork();
	if (child < 0) return 127;
	if (child == 0) {
		close(3);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	signal(SIGTERM, pass_on);
	signal(SIGINT, pass_on);
	int status;
	struct rusage used;
	while (wait4(child, &status, 0, &used) < 0) {}
	clock_gettime(CLOCK_MONOTONIC, &end);
	long long wall = (end.tv_sec - start.tv_sec) * 1000000LL + (end.tv_nsec - start.tv_nsec) / 1000;
	dprintf(3, "%lld %lld %lld %ld\n", wall, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
