#include "store/fault/fault_store.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"

struct rule {
    struct fault_rule set;
    uint64_t first_call; /* counted from the store's first */
};

struct fault_store {
    struct store store;
    struct store *inner;
    pthread_mutex_t lock;
    pthread_cond_t released;
    struct rule rules[FAULT_RULES_MAX];
    size_t rule_count;
    uint64_t calls[FAULT_CALL_COUNT];
    uint64_t releases;
    struct wrapped *held; /* their inner done has been called, ours has not */
};

/* A transaction that a rule is about, on its way through the inner engine. */
struct wrapped {
    struct store_transaction transaction; /* what the inner engine is given */
    struct store_transaction *original;
    struct fault_store *fault;
    struct fault_rule rule;
    bool has_rule;
    bool commits; /* the last decision */
    bool commit_failed;
    uint64_t releases_before;
    struct wrapped *next; /* held; in any order */
    struct arena arena;
    const struct error *error;
};

static struct fault_store *fault_of(struct store *store)
{
    return (struct fault_store *)store;
}

static void lock(struct fault_store *fault)
{
    CHECK(pthread_mutex_lock(&fault->lock) == 0);
}

static void unlock(struct fault_store *fault)
{
    CHECK(pthread_mutex_unlock(&fault->lock) == 0);
}

/* numbers: of this call, by what is counted. */
static bool is_about(const struct rule *rule, enum fault_call call, const uint64_t *numbers)
{
    uint64_t number = numbers[rule->set.call];
    if ((rule->set.call != call && rule->set.call != FAULT_ANY) || number < rule->first_call)
        return false;
    uint64_t distance = number - rule->first_call;
    return rule->set.every == 0 ? distance == 0 : distance % rule->set.every == 0;
}

/* Counts the call; true when a rule is about it. */
static bool find_rule(struct fault_store *fault, enum fault_call call, struct fault_rule *ret_rule)
{
    bool found = false;
    lock(fault);
    fault->calls[call]++;
    fault->calls[FAULT_ANY]++;
    for (size_t i = 0; i < fault->rule_count && !found; i++) {
        found = is_about(&fault->rules[i], call, fault->calls);
        if (found)
            *ret_rule = fault->rules[i].set;
    }
    unlock(fault);
    return found;
}

static const struct error *chosen_error(struct arena *arena, const struct fault_rule *rule)
{
    return error_make(arena, rule->error_kind, "A fault was asked for");
}

static void sleep_us(unsigned delay_us)
{
    struct timespec delay = {.tv_sec = delay_us / 1000000,
                             .tv_nsec = (long)(delay_us % 1000000) * 1000};
    nanosleep(&delay, NULL);
}

/* What a rule does to a call that is not a transaction. */
static const struct error *before_call(struct fault_store *fault, enum fault_call call,
                                       struct arena *arena)
{
    struct fault_rule rule;
    if (!find_rule(fault, call, &rule))
        return NULL;
    if (rule.effect == FAULT_FAIL)
        return chosen_error(arena, &rule);
    CHECK(rule.effect == FAULT_DELAY);
    sleep_us(rule.delay_us);
    return NULL;
}

static const struct error *fault_get(struct store *store, struct arena *arena,
                                     const struct slice *keys, size_t count,
                                     struct slice *ret_values)
{
    const struct error *error = before_call(fault_of(store), FAULT_GET, arena);
    return error != NULL ? error
                         : store_get(fault_of(store)->inner, arena, keys, count, ret_values);
}

static const struct error *fault_scan(struct store *store, struct arena *arena,
                                      struct store_range range, enum store_direction direction,
                                      store_visit *visit, void *context)
{
    const struct error *error = before_call(fault_of(store), FAULT_SCAN, arena);
    return error != NULL
               ? error
               : store_scan(fault_of(store)->inner, arena, range, direction, visit, context);
}

static const struct error *fault_counter_read(struct store *store, struct arena *arena,
                                              struct slice key, int64_t *ret_value)
{
    const struct error *error = before_call(fault_of(store), FAULT_COUNTER_READ, arena);
    return error != NULL ? error
                         : store_counter_read(fault_of(store)->inner, arena, key, ret_value);
}

static const struct error *fault_drop_range(struct store *store, struct arena *arena,
                                            struct store_range range)
{
    const struct error *error = before_call(fault_of(store), FAULT_DROP_RANGE, arena);
    return error != NULL ? error : store_drop_range(fault_of(store)->inner, arena, range);
}

static bool has_key(const struct store_transaction *transaction, struct slice key)
{
    for (size_t i = 0; i < transaction->key_count; i++)
        if (slice_equal(transaction->keys[i], key))
            return true;
    return false;
}

/* Adds to `found` the keys of transactions whose done is kept: of all, or of those that hold their
 * keys. */
static void add_kept(struct fault_store *fault, const struct slice *keys, size_t count,
                     bool only_holders, bool *found)
{
    lock(fault);
    for (const struct wrapped *kept = fault->held; kept != NULL; kept = kept->next) {
        if (!kept->commits || (only_holders && !kept->original->holds))
            continue;
        for (size_t i = 0; i < count; i++)
            found[i] = found[i] || has_key(kept->original, keys[i]);
    }
    unlock(fault);
}

static void fault_in_flight(struct store *store, const struct slice *keys, size_t count,
                            bool *ret_in_flight)
{
    struct fault_store *fault = fault_of(store);
    store_in_flight(fault->inner, keys, count, ret_in_flight);
    add_kept(fault, keys, count, false, ret_in_flight);
}

static enum store_decision decide_wrapped(void *context, const struct slice *old_values,
                                          struct store_batch *batch)
{
    struct wrapped *wrapped = context;
    const struct store_transaction *original = wrapped->original;
    if (original->held != NULL)
        add_kept(wrapped->fault, original->keys, original->key_count, true, original->held);
    if (wrapped->has_rule && wrapped->rule.effect == FAULT_RECALL) {
        static const struct slice no_values[STORE_TRANSACT_KEYS_MAX];
        const struct slice *other =
            wrapped->rule.recall_values != NULL ? wrapped->rule.recall_values : no_values;
        (void)original->decide(original->context, other, batch);
        store_batch_clear(batch);
    }
    enum store_decision decision = original->decide(original->context, old_values, batch);
    wrapped->commits = decision == STORE_COMMIT;
    wrapped->commit_failed =
        wrapped->has_rule && wrapped->rule.effect == FAULT_FAIL_COMMIT && wrapped->commits;
    if (!wrapped->commit_failed)
        return decision;
    store_batch_clear(batch);
    return STORE_ABORT;
}

static void call_done(struct wrapped *wrapped)
{
    wrapped->original->done(wrapped->original->context, wrapped->error);
    arena_fini(&wrapped->arena);
    free(wrapped);
}

/* An error lives until the inner engine's done returns, which may be before ours is called. */
static void keep_error(struct wrapped *wrapped, const struct error *error)
{
    if (error != NULL)
        wrapped->error =
            error_make(&wrapped->arena, error->kind, "%.*s", SLICE_PRINT(error->message));
    else if (wrapped->commit_failed)
        wrapped->error = chosen_error(&wrapped->arena, &wrapped->rule);
}

static void done_wrapped(void *context, const struct error *error)
{
    struct wrapped *wrapped = context;
    struct fault_store *fault = wrapped->fault;
    keep_error(wrapped, error);
    if (!wrapped->has_rule) {
        call_done(wrapped);
        return;
    }
    lock(fault);
    bool keeps = fault->releases == wrapped->releases_before;
    if (keeps && wrapped->rule.effect == FAULT_HOLD_DONE) {
        wrapped->next = fault->held;
        fault->held = wrapped;
        unlock(fault);
        return;
    }
    while (wrapped->rule.effect == FAULT_HOLD_COMMITTER &&
           fault->releases == wrapped->releases_before)
        pthread_cond_wait(&fault->released, &fault->lock);
    unlock(fault);
    call_done(wrapped);
}

/* rule: NULL when there is none about this call. */
static void transact_wrapped(struct fault_store *fault, struct store_transaction *transaction,
                             const struct fault_rule *rule)
{
    struct wrapped *wrapped = calloc(1, sizeof(*wrapped));
    if (wrapped == NULL) {
        transaction->done(transaction->context, error_exhausted());
        return;
    }
    *wrapped = (struct wrapped){
        .transaction = *transaction,
        .original = transaction,
        .fault = fault,
        .has_rule = rule != NULL,
    };
    if (rule != NULL)
        wrapped->rule = *rule;
    wrapped->transaction.decide = decide_wrapped;
    wrapped->transaction.done = done_wrapped;
    wrapped->transaction.context = wrapped;
    arena_init(&wrapped->arena, 64 * 1024);
    lock(fault);
    wrapped->releases_before = fault->releases;
    unlock(fault);
    store_transact(fault->inner, &wrapped->transaction);
}

static void fault_transact(struct store *store, struct store_transaction *transaction)
{
    struct fault_store *fault = fault_of(store);
    struct fault_rule rule;
    if (!find_rule(fault, FAULT_TRANSACT, &rule)) {
        if (transaction->held != NULL)
            transact_wrapped(fault, transaction, NULL);
        else
            store_transact(fault->inner, transaction);
        return;
    }
    switch (rule.effect) {
    case FAULT_FAIL: {
        struct arena arena;
        arena_init(&arena, 64 * 1024);
        transaction->done(transaction->context, chosen_error(&arena, &rule));
        arena_fini(&arena);
        break;
    }
    case FAULT_DELAY:
        sleep_us(rule.delay_us);
        store_transact(fault->inner, transaction);
        break;
    case FAULT_FAIL_COMMIT:
    case FAULT_RECALL:
    case FAULT_HOLD_DONE:
    case FAULT_HOLD_COMMITTER:
        transact_wrapped(fault, transaction, &rule);
        break;
    }
}

static void fault_read_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    store_read_statistics(fault_of(store)->inner, ret_statistics);
}

static void fault_close(struct store *store)
{
    struct fault_store *fault = fault_of(store);
    fault_store_clear_rules(store);
    fault_store_release(store);
    store_close(fault->inner);
    CHECK(fault->held == NULL);
    pthread_mutex_destroy(&fault->lock);
    pthread_cond_destroy(&fault->released);
    free(fault);
}

static const struct store_engine fault_engine = {
    .get = fault_get,
    .scan = fault_scan,
    .transact = fault_transact,
    .in_flight = fault_in_flight,
    .counter_read = fault_counter_read,
    .drop_range = fault_drop_range,
    .read_statistics = fault_read_statistics,
    .close = fault_close,
};

const struct error *fault_store_open(struct arena *arena, struct store *inner,
                                     struct store **ret_store)
{
    (void)arena;
    struct fault_store *fault = calloc(1, sizeof(*fault));
    if (fault == NULL)
        return error_exhausted();
    fault->store.engine = &fault_engine;
    fault->inner = inner;
    CHECK(pthread_mutex_init(&fault->lock, NULL) == 0);
    CHECK(pthread_cond_init(&fault->released, NULL) == 0);
    *ret_store = &fault->store;
    return NULL;
}

void fault_store_add_rule(struct store *store, const struct fault_rule *rule)
{
    struct fault_store *fault = fault_of(store);
    CHECK(rule->first > 0);
    CHECK(rule->call == FAULT_TRANSACT || rule->effect == FAULT_FAIL ||
          rule->effect == FAULT_DELAY);
    lock(fault);
    CHECK(fault->rule_count < FAULT_RULES_MAX);
    fault->rules[fault->rule_count++] = (struct rule){
        .set = *rule,
        .first_call = fault->calls[rule->call] + rule->first,
    };
    unlock(fault);
}

void fault_store_clear_rules(struct store *store)
{
    struct fault_store *fault = fault_of(store);
    lock(fault);
    fault->rule_count = 0;
    unlock(fault);
}

void fault_store_release(struct store *store)
{
    struct fault_store *fault = fault_of(store);
    lock(fault);
    fault->releases++;
    struct wrapped *held = fault->held;
    fault->held = NULL;
    pthread_cond_broadcast(&fault->released);
    unlock(fault);
    while (held != NULL) {
        struct wrapped *next = held->next;
        call_done(held);
        held = next;
    }
}

uint64_t fault_store_calls(struct store *store, enum fault_call call)
{
    struct fault_store *fault = fault_of(store);
    lock(fault);
    uint64_t calls = fault->calls[call];
    unlock(fault);
    return calls;
}
