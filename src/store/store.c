#include "store/store.h"

#include "base/check.h"

/*
 * The calls of the contract: they hold our own callers to what they promised, answer what needs no
 * engine, and pass the rest to the engine's function table.
 */

static bool is_key(struct slice key)
{
    return key.size > 0 && key.size <= STORE_KEY_BYTES_MAX && key.data[0] != 0;
}

static bool is_empty_range(struct store_range range)
{
    CHECK(range.first.size <= STORE_BOUND_BYTES_MAX && range.end.size <= STORE_BOUND_BYTES_MAX);
    return slice_present(range.end) && slice_compare(range.first, range.end) >= 0;
}

const struct error *store_get(struct store *store, struct arena *arena, const struct slice *keys,
                              size_t count, struct slice *ret_values)
{
    if (count == 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        CHECK(is_key(keys[i]));
    return store->engine->get(store, arena, keys, count, ret_values);
}

const struct error *store_scan(struct store *store, struct arena *arena, struct store_range range,
                               enum store_direction direction, store_visit *visit, void *context)
{
    if (range.ret_gave_up != NULL)
        *range.ret_gave_up = false;
    if (is_empty_range(range))
        return NULL;
    return store->engine->scan(store, arena, range, direction, visit, context);
}

void store_transact(struct store *store, struct store_transaction *transaction)
{
    CHECK(transaction->key_count <= STORE_TRANSACT_KEYS_MAX);
    for (size_t i = 0; i < transaction->key_count; i++)
        CHECK(is_key(transaction->keys[i]));
    store->engine->transact(store, transaction);
}

void store_in_flight(struct store *store, const struct slice *keys, size_t count,
                     bool *ret_in_flight)
{
    if (count == 0)
        return;
    CHECK(count <= STORE_TRANSACT_KEYS_MAX);
    for (size_t i = 0; i < count; i++)
        CHECK(is_key(keys[i]));
    store->engine->in_flight(store, keys, count, ret_in_flight);
}

const struct error *store_counter_read(struct store *store, struct arena *arena, struct slice key,
                                       int64_t *ret_value)
{
    CHECK(is_key(key));
    return store->engine->counter_read(store, arena, key, ret_value);
}

const struct error *store_drop_range(struct store *store, struct arena *arena,
                                     struct store_range range)
{
    if (is_empty_range(range))
        return NULL;
    return store->engine->drop_range(store, arena, range);
}

void store_read_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    *ret_statistics = (struct store_statistics){0};
    store->engine->read_statistics(store, ret_statistics);
}

void store_close(struct store *store)
{
    if (store != NULL)
        store->engine->close(store);
}
