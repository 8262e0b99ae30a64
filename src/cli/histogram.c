#include "cli/histogram.h"

#include <math.h>

/* Values below 2^SUB_BITS have a bucket each; above, each power of two has 2^SUB_BITS of them. */
static uint32_t bucket_of(uint64_t value)
{
    if (value < (1U << HISTOGRAM_SUB_BITS))
        return (uint32_t)value;
    uint32_t shift = 63U - (uint32_t)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    uint32_t sub = (uint32_t)(value >> shift) - (1U << HISTOGRAM_SUB_BITS);
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + sub;
}

/* The greatest value of a bucket. */
static uint64_t bucket_end(uint32_t bucket)
{
    uint32_t group = bucket >> HISTOGRAM_SUB_BITS;
    uint64_t sub = bucket & ((1U << HISTOGRAM_SUB_BITS) - 1);
    if (group == 0)
        return sub;
    uint64_t first = ((uint64_t)1 << HISTOGRAM_SUB_BITS) + sub;
    return ((first + 1) << (group - 1)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->counts[bucket_of(value)]++;
    histogram->total++;
    histogram->sum += (double)value;
    if (value > histogram->largest)
        histogram->largest = value;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->counts[i] += other->counts[i];
    histogram->total += other->total;
    histogram->sum += other->sum;
    if (other->largest > histogram->largest)
        histogram->largest = other->largest;
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction)
{
    if (histogram->total == 0)
        return 0;
    uint64_t wanted = (uint64_t)ceil(fraction * (double)histogram->total);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted && seen > 0)
            return bucket_end(i) < histogram->largest ? bucket_end(i) : histogram->largest;
    }
    return histogram->largest;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->total == 0 ? 0 : histogram->sum / (double)histogram->total;
}
