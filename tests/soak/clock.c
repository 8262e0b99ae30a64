/*
 * The time of day, as wrong as the control page says. What counts from the start of the machine
 * (CLOCK_MONOTONIC) stays right, as it does when a real clock is set.
 */

#include <dlfcn.h>
#include <pthread.h>
#include <sys/time.h>
#include <time.h>

#include "control.h"

enum { NS_IN_S = 1000000000 };

static struct timespec shifted(struct timespec time, int64_t ns)
{
    int64_t nanoseconds = time.tv_nsec + ns % NS_IN_S;
    int64_t seconds = time.tv_sec + ns / NS_IN_S;
    if (nanoseconds < 0) {
        nanoseconds += NS_IN_S;
        seconds--;
    } else if (nanoseconds >= NS_IN_S) {
        nanoseconds -= NS_IN_S;
        seconds++;
    }
    return (struct timespec){.tv_sec = seconds, .tv_nsec = nanoseconds};
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, ret_time);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        *ret_time = shifted(*ret_time, control_clock_offset_ns());
    return status;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);
    *ret_time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return status;
}

time_t time(time_t *ret_time)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (ret_time != NULL)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}

/* Deadlines are made from the wrong time and waited for by the kernel's. Nobody's machine has been
 * up for as many seconds as have passed since 1970. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    enum { MONOTONIC_SECONDS_MAX = 1000000000 };
    if (until->tv_sec < MONOTONIC_SECONDS_MAX)
        return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
    struct timespec right = shifted(*until, -control_clock_offset_ns());
    return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &right);
}
