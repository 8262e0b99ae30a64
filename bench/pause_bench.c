/*
 * How steady the machine itself is: pause_bench <file> [seconds] [bytes a second]
 *
 * First, on every processor a thread that does nothing but look at the clock: what it misses is
 * time that something else took the processor away. Then one thread that appends to the file and
 * makes it safe, a thousand times a second, so many bytes in all. No tail of a server's answers can
 * be shorter than these. Prints JSON, times in microseconds.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSORS_MAX = 256, SYNCS_A_SECOND = 1000, SECONDS_MAX = 3600 };

#define PAUSE_LEAST_S 0.0005

struct watch {
    pthread_t thread;
    double seconds;
    double paused; /* in all */
    double longest;
};

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void *watch_clock(void *argument)
{
    struct watch *watch = argument;
    double end = now() + watch->seconds;
    for (double last = now(); last < end;) {
        double at = now();
        double pause = at - last;
        if (pause > PAUSE_LEAST_S)
            watch->paused += pause;
        if (pause > watch->longest)
            watch->longest = pause;
        last = at;
    }
    return NULL;
}

/* The share of all processors' time that was missed. */
static double watch_processors(double seconds, double *ret_longest)
{
    static struct watch watches[PROCESSORS_MAX];
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count > PROCESSORS_MAX)
        count = PROCESSORS_MAX;
    double paused = 0;
    *ret_longest = 0;
    for (long i = 0; i < count; i++) {
        watches[i] = (struct watch){.seconds = seconds};
        if (pthread_create(&watches[i].thread, NULL, watch_clock, &watches[i]) != 0)
            abort();
    }
    for (long i = 0; i < count; i++) {
        pthread_join(watches[i].thread, NULL);
        paused += watches[i].paused;
        if (watches[i].longest > *ret_longest)
            *ret_longest = watches[i].longest;
    }
    return paused / (seconds * (double)count);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void wait_until(double at)
{
    double rest = at - now();
    if (rest > 0)
        usleep((useconds_t)(rest * 1e6));
}

/* The durations of syncs in order; how many. */
static size_t time_syncs(int file, double seconds, size_t bytes, double *durations, size_t most)
{
    unsigned char *record = malloc(bytes);
    if (record == NULL)
        return 0;
    memset(record, 'r', bytes);
    size_t count = 0;
    double begin = now();
    for (double at = begin; at < begin + seconds && count < most; at = now()) {
        if (write(file, record, bytes) != (ssize_t)bytes || fdatasync(file) != 0) {
            count = 0;
            break;
        }
        durations[count++] = now() - at;
        wait_until(at + 1.0 / SYNCS_A_SECOND);
    }
    free(record);
    qsort(durations, count, sizeof(*durations), compare);
    return count;
}

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 10;
    double bytes_a_second = argc > 3 ? strtod(argv[3], NULL) : 16e6;
    if (argc < 2 || seconds < 1 || seconds > SECONDS_MAX || bytes_a_second < SYNCS_A_SECOND) {
        fprintf(stderr, "usage: pause_bench <file> [seconds] [bytes a second]\n");
        return 2;
    }
    double longest;
    double share = watch_processors(seconds, &longest);
    size_t most = (size_t)seconds * SYNCS_A_SECOND;
    double *durations = calloc(most, sizeof(*durations));
    int file = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    size_t count = 0;
    if (durations != NULL && file >= 0)
        count =
            time_syncs(file, seconds, (size_t)(bytes_a_second / SYNCS_A_SECOND), durations, most);
    if (count == 0) {
        perror("pause_bench");
        return 1;
    }
    unlink(argv[1]);
    printf(
        "{\"processorShare\": %.5f, \"longestPause\": %.0f, \"syncP50\": %.0f, \"syncP99\": %.0f, "
        "\"syncP999\": %.0f, \"longestSync\": %.0f}\n",
        share, longest * 1e6, durations[count / 2] * 1e6, durations[count * 99 / 100] * 1e6,
        durations[count * 999 / 1000] * 1e6, durations[count - 1] * 1e6);
    free(durations);
    close(file);
    return 0;
}
