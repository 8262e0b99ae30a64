#include "iam/trusted.h"

#include <stdlib.h>

struct iam_trusted *iam_trusted_new(size_t limit_bytes)
{
    struct iam_trusted *trusted = calloc(1, sizeof(*trusted));
    if (trusted == NULL)
        return NULL;
    arena_init(&trusted->arena, limit_bytes);
    atomic_init(&trusted->references, 1);
    return trusted;
}

void iam_trusted_release(struct iam_trusted *trusted)
{
    if (trusted == NULL ||
        atomic_fetch_sub_explicit(&trusted->references, 1, memory_order_acq_rel) != 1)
        return;
    iam_oidc_close(trusted->oidc);
    arena_fini(&trusted->arena);
    free(trusted);
}

void iam_trusted_slot_init(struct iam_trusted_slot *slot)
{
    slot->current = NULL;
    pthread_mutex_init(&slot->lock, NULL);
}

void iam_trusted_slot_fini(struct iam_trusted_slot *slot)
{
    iam_trusted_release(slot->current);
    slot->current = NULL;
    pthread_mutex_destroy(&slot->lock);
}

struct iam_trusted *iam_trusted_take(struct iam_trusted_slot *slot)
{
    if (slot == NULL)
        return NULL;
    pthread_mutex_lock(&slot->lock);
    struct iam_trusted *trusted = slot->current;
    if (trusted != NULL)
        atomic_fetch_add_explicit(&trusted->references, 1, memory_order_relaxed);
    pthread_mutex_unlock(&slot->lock);
    return trusted;
}

void iam_trusted_replace(struct iam_trusted_slot *slot, struct iam_trusted *trusted)
{
    pthread_mutex_lock(&slot->lock);
    struct iam_trusted *old = slot->current;
    slot->current = trusted;
    pthread_mutex_unlock(&slot->lock);
    iam_trusted_release(old);
}
