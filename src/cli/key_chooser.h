#ifndef HASHRANGE_CLI_KEY_CHOOSER_H
#define HASHRANGE_CLI_KEY_CHOOSER_H

/*
 * Which item a request of a load is about: a number from 0 below the count of items.
 *
 *   uniform   each as often as any other
 *   zipfian   the n-th most popular one in proportion to 1 / n^0.99, scattered over all (Cooper et
 *             al., "Benchmarking cloud serving systems with YCSB", 2010; the method is that of Gray
 *             et al., "Quickly generating billion-record synthetic databases", 1994)
 *   hot       four of five requests are about one item of five hundred
 *   latest    zipfian from the newest item on
 *
 * Threads: a chooser may be shared once it is made; each thread has its own state of chance.
 */

#include <stdint.h>

#include "base/attributes.h"

enum key_distribution { KEYS_UNIFORM, KEYS_ZIPFIAN, KEYS_HOT, KEYS_LATEST };

struct key_chooser {
    enum key_distribution distribution;
    uint64_t items;
    double zeta;
    double alpha;
    double eta;
};

/* Any value but 0. */
struct key_chance {
    uint64_t state;
};

/* items is at least 1. Takes time in proportion to items for zipfian and latest. */
void key_chooser_init(struct key_chooser *chooser, enum key_distribution distribution,
                      uint64_t items);
uint64_t key_choose(const struct key_chooser *chooser, struct key_chance *chance);

/* A number below the limit; a number from 0 below 1. */
uint64_t key_chance_below(struct key_chance *chance, uint64_t limit);
double key_chance_fraction(struct key_chance *chance);

#endif
