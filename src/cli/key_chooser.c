#include "cli/key_chooser.h"

#include <math.h>

#define ZIPFIAN_SKEW 0.99

enum { HOT_ONE_OF = 500, HOT_PERCENT = 80 };

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2014). */
static uint64_t next(struct key_chance *chance)
{
    uint64_t state = chance->state;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    chance->state = state;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t key_chance_below(struct key_chance *chance, uint64_t limit)
{
    /* Limits are counts of items or of letters: the remainder favours nobody by more than one in
     * 2^32. */
    return next(chance) % limit;
}

double key_chance_fraction(struct key_chance *chance)
{
    return (double)(next(chance) >> 11) * 0x1p-53;
}

/* The sum of 1 / n^skew for n from 1 to items. Far out the sum is an integral. */
static double zeta(uint64_t items)
{
    enum { SUMMED = 1000000 };
    double sum = 0;
    uint64_t summed = items < SUMMED ? items : SUMMED;
    for (uint64_t i = 1; i <= summed; i++)
        sum += pow((double)i, -ZIPFIAN_SKEW);
    if (items > SUMMED)
        sum += (pow((double)items, 1 - ZIPFIAN_SKEW) - pow((double)SUMMED, 1 - ZIPFIAN_SKEW)) /
               (1 - ZIPFIAN_SKEW);
    return sum;
}

void key_chooser_init(struct key_chooser *chooser, enum key_distribution distribution,
                      uint64_t items)
{
    *chooser = (struct key_chooser){.distribution = distribution, .items = items};
    if (distribution != KEYS_ZIPFIAN && distribution != KEYS_LATEST)
        return;
    chooser->zeta = zeta(items);
    chooser->alpha = 1 / (1 - ZIPFIAN_SKEW);
    chooser->eta = (1 - pow(2.0 / (double)items, 1 - ZIPFIAN_SKEW)) / (1 - zeta(2) / chooser->zeta);
}

/* How popular: 0 is the most popular one. */
static uint64_t zipfian_rank(const struct key_chooser *chooser, struct key_chance *chance)
{
    double fraction = key_chance_fraction(chance);
    double scaled = fraction * chooser->zeta;
    if (scaled < 1 || chooser->items < 2)
        return 0;
    if (scaled < 1 + pow(0.5, ZIPFIAN_SKEW) || chooser->items < 3)
        return 1;
    double rank =
        (double)chooser->items * pow(chooser->eta * fraction - chooser->eta + 1, chooser->alpha);
    return rank < (double)chooser->items ? (uint64_t)rank : chooser->items - 1;
}

/* Scatters ranks over the items: popular ones are not neighbours (FNV-1a). */
static uint64_t scatter(uint64_t rank, uint64_t items)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < 8; i++) {
        hash ^= (rank >> (8 * i)) & 0xff;
        hash *= UINT64_C(0x100000001b3);
    }
    return hash % items;
}

uint64_t key_choose(const struct key_chooser *chooser, struct key_chance *chance)
{
    uint64_t items = chooser->items;
    switch (chooser->distribution) {
    case KEYS_UNIFORM:
        break;
    case KEYS_ZIPFIAN:
        return scatter(zipfian_rank(chooser, chance), items);
    case KEYS_LATEST:
        return items - 1 - zipfian_rank(chooser, chance);
    case KEYS_HOT: {
        uint64_t hot = items / HOT_ONE_OF == 0 ? 1 : items / HOT_ONE_OF;
        if (key_chance_below(chance, 100) < HOT_PERCENT)
            return key_chance_below(chance, hot);
        break;
    }
    }
    return key_chance_below(chance, items);
}
