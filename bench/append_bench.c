/*
 * The disk's ceiling for durable writes: append_bench <file> [seconds] [writers] [bytes]
 *
 * That many threads each wait for their record to be safe before they begin the next, as the
 * connections of a server do. They share one log: whoever finds nobody writing appends all records
 * that are waiting with one write and one fdatasync (group commit), and wakes their owners. There
 * is no database and no network. Prints records a second.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WRITERS_MAX = 1024, RECORD_BYTES_MAX = 64 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t synced_more = PTHREAD_COND_INITIALIZER;
static unsigned char *waiting; /* the records of the next group */
static unsigned char *written; /* those of the group under way */
static size_t waiting_records;
static size_t record_bytes = 1100;
static unsigned long long group = 1; /* that waiting records will be in */
static unsigned long long synced;    /* the last group that is safe */
static unsigned long long syncs;
static int is_writing;
static int file;
static double end;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* Under the lock, which is given up meanwhile. */
static void write_group(void)
{
    unsigned char *bytes = waiting;
    size_t size = waiting_records * record_bytes;
    unsigned long long mine = group++;
    waiting = written;
    written = bytes;
    waiting_records = 0;
    is_writing = 1;
    pthread_mutex_unlock(&lock);
    if (write(file, bytes, size) != (ssize_t)size || fdatasync(file) != 0) {
        perror("append_bench");
        exit(1);
    }
    pthread_mutex_lock(&lock);
    is_writing = 0;
    synced = mine;
    syncs++;
    pthread_cond_broadcast(&synced_more);
}

static void *work(void *count)
{
    unsigned char record[RECORD_BYTES_MAX];
    memset(record, 'r', sizeof(record));
    while (now() < end) {
        pthread_mutex_lock(&lock);
        memcpy(waiting + waiting_records++ * record_bytes, record, record_bytes);
        unsigned long long mine = group;
        while (synced < mine) {
            if (is_writing)
                pthread_cond_wait(&synced_more, &lock);
            else
                write_group();
        }
        pthread_mutex_unlock(&lock);
        ++*(unsigned long long *)count;
    }
    return NULL;
}

int main(int argument_count, char **arguments)
{
    static pthread_t threads[WRITERS_MAX];
    static unsigned long long counts[WRITERS_MAX];
    double seconds = argument_count > 2 ? strtod(arguments[2], NULL) : 3;
    unsigned long writers = argument_count > 3 ? strtoul(arguments[3], NULL, 10) : 64;
    if (argument_count > 4)
        record_bytes = strtoul(arguments[4], NULL, 10);
    if (argument_count < 2 || writers == 0 || writers > WRITERS_MAX || record_bytes == 0 ||
        record_bytes > RECORD_BYTES_MAX) {
        fprintf(stderr, "usage: append_bench <file> [seconds] [writers] [bytes]\n");
        return 2;
    }
    file = open(arguments[1], O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    waiting = malloc(writers * record_bytes);
    written = malloc(writers * record_bytes);
    if (file < 0 || waiting == NULL || written == NULL) {
        perror(arguments[1]);
        return 1;
    }
    double begin = now();
    unsigned long long total = 0;
    end = begin + seconds;
    for (unsigned long i = 0; i < writers; i++) {
        if (pthread_create(&threads[i], NULL, work, &counts[i]) != 0)
            return 1;
    }
    for (unsigned long i = 0; i < writers; i++) {
        pthread_join(threads[i], NULL);
        total += counts[i];
    }
    double took = now() - begin;
    printf("%.0f records of %zu bytes a second, %.0f syncs a second\n", (double)total / took,
           record_bytes, (double)syncs / took);
    unlink(arguments[1]);
    return 0;
}
