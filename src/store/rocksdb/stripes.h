#ifndef HASHRANGE_STORE_ROCKSDB_STRIPES_H
#define HASHRANGE_STORE_ROCKSDB_STRIPES_H

/*
 * The locks that make decisions on a key serial: keys share a fixed number of locks by hash. They
 * are taken in ascending order, so that two decisions on several keys cannot wait for each other.
 */

#include <pthread.h>
#include <stdalign.h>

#include "store/store.h"

#if defined(__SANITIZE_THREAD__)
#define STRIPES_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STRIPES_TSAN 1
#endif
#endif

/* ThreadSanitizer follows at most 64 locks held at once, a decision holds up to one for each key.
 */
#ifdef STRIPES_TSAN
enum { STRIPES = 32 };
#else
enum { STRIPES = 1024 };
#endif

struct stripe {
    alignas(64) pthread_mutex_t lock;
};

struct stripes {
    struct stripe stripe[STRIPES];
};

/* The stripes that one decision holds, ascending. */
struct stripes_held {
    size_t count;
    uint16_t index[STORE_TRANSACT_KEYS_MAX];
};

void stripes_init(struct stripes *stripes);
void stripes_fini(struct stripes *stripes);
void stripes_lock(struct stripes *stripes, const uint64_t *hashes, size_t count,
                  struct stripes_held *ret_held);
void stripes_unlock(struct stripes *stripes, const struct stripes_held *held);

#endif
