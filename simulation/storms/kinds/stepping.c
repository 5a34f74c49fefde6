/* Adds to the time of day what $RINGSIDE_CLOCK holds, a 64-bit number of milliseconds: the clock of
 * a machine that is stepped while its processes run. Clocks that only go forward are left alone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *step_ms;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("RINGSIDE_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *step_ms, PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) step_ms = found;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *told) {
    int failed = syscall(SYS_clock_gettime, clock, told);
    if (!failed && step_ms && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = told->tv_nsec + (*step_ms % 1000 + 1000) % 1000 * 1000000;
        told->tv_sec += (*step_ms - (*step_ms % 1000 + 1000) % 1000) / 1000 + ns / 1000000000;
        told->tv_nsec = ns % 1000000000;
    }
    return failed;
}

int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}
