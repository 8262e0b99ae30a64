#include "db/transact_wait.h"

#include <pthread.h>

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    struct arena *arena;
    const struct error *error;
    store_decide *decide;
    void *context;
};

static enum store_decision pass_decide(void *context, const struct slice *old_values,
                                       struct store_batch *batch)
{
    struct waiter *waiter = context;
    return waiter->decide(waiter->context, old_values, batch);
}

static void wake(void *context, const struct error *error)
{
    struct waiter *waiter = context;
    pthread_mutex_lock(&waiter->lock);
    if (error != NULL) {
        struct slice message;
        waiter->error = arena_copy(waiter->arena, error->message, &message)
                            ? error_make_slice(waiter->arena, error->kind, message)
                            : error_exhausted();
    }
    waiter->is_done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

const struct error *db_transact_wait(struct store *store, struct arena *arena,
                                     const struct slice *keys, size_t key_count,
                                     store_decide *decide, void *context)
{
    struct waiter waiter = {.arena = arena, .decide = decide, .context = context};
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.changed, NULL);
    struct store_transaction transaction = {
        .keys = keys,
        .key_count = key_count,
        .decide = pass_decide,
        .done = wake,
        .context = &waiter,
    };
    store_transact(store, &transaction);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.is_done)
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.changed);
    pthread_mutex_destroy(&waiter.lock);
    return waiter.error;
}
