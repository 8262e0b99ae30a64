#ifndef HASHRANGE_CLI_HISTOGRAM_H
#define HASHRANGE_CLI_HISTOGRAM_H

/*
 * Durations counted in buckets whose width grows with the value, after Gil Tene's HdrHistogram: any
 * quantile is off by less than 1 in 128, from a nanosecond to hours, in a fixed amount of memory.
 *
 * Threads: one at a time; each thread has its own and they are added up at the end.
 */

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 7,
    HISTOGRAM_BUCKETS = (64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

struct histogram {
    uint64_t total;
    uint64_t largest;
    double sum;
    uint64_t counts[HISTOGRAM_BUCKETS];
};

/* A zeroed histogram is empty. */
void histogram_add(struct histogram *histogram, uint64_t value);
void histogram_merge(struct histogram *histogram, const struct histogram *other);
/* The value that the fraction (0 to 1) of all values does not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);
/* 0 when there are none. */
double histogram_mean(const struct histogram *histogram);

#endif
