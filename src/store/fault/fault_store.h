#ifndef HASHRANGE_STORE_FAULT_FAULT_STORE_H
#define HASHRANGE_STORE_FAULT_FAULT_STORE_H

/*
 * An engine around an engine, for tests: it fails, delays, holds or repeats the calls that its
 * rules name, and passes all others through. Whatever it does is within the contract of store.h.
 *
 * A transaction whose done it keeps (FAULT_HOLD_DONE) has not landed as far as anybody can tell:
 * its keys are in flight, and held if it holds them, over every engine.
 *
 * Threads: rules may be set and cleared at any time from any thread.
 */

#include "store/store.h"

enum fault_call {
    FAULT_GET,
    FAULT_SCAN,
    FAULT_TRANSACT,
    FAULT_COUNTER_READ,
    FAULT_DROP_RANGE,
    FAULT_ANY, /* a rule about it counts the calls of all kinds; its effect is one that all have */
    FAULT_CALL_COUNT,
};

enum fault_effect {
    /* The call fails with error_kind, before the inner engine (or decide) sees it. */
    FAULT_FAIL,
    /* The call sleeps for delay_us first. */
    FAULT_DELAY,
    /* --- the following are for FAULT_TRANSACT only --- */
    /* decide is called; when it wants to commit, nothing is written and done gets error_kind. */
    FAULT_FAIL_COMMIT,
    /* decide is first called with other values (recall_values, or NULL: no key exists), as by an
     * engine that finds that a key has changed, then with the true ones. */
    FAULT_RECALL,
    /* done is kept until fault_store_release, which calls it. */
    FAULT_HOLD_DONE,
    /* The thread that calls done waits there until fault_store_release: a committer thread then
     * commits nothing more, and what is transacted meanwhile stays in flight. Not over an engine
     * that calls done on the caller's thread. */
    FAULT_HOLD_COMMITTER,
};

struct fault_rule {
    enum fault_call call;
    enum fault_effect effect;
    uint64_t first; /* the first call that it is about, 1 being the next one */
    uint64_t every; /* then every so many calls; 0: only the first */
    enum error_kind error_kind;
    unsigned delay_us;
    const struct slice *recall_values; /* one for each key; lives until the rule is cleared */
};

enum { FAULT_RULES_MAX = 16 };

/* Owns `inner` from now on, also closes it; after an error it does not. */
MUST_USE const struct error *fault_store_open(struct arena *arena, struct store *inner,
                                              struct store **ret_store);

/* The calls below take what fault_store_open gave. A call is subject to the first rule that names
 * it. At most FAULT_RULES_MAX rules. */
void fault_store_add_rule(struct store *store, const struct fault_rule *rule);
void fault_store_clear_rules(struct store *store);
/* Ends every holding. */
void fault_store_release(struct store *store);
/* Calls so far. */
uint64_t fault_store_calls(struct store *store, enum fault_call call);

#endif
