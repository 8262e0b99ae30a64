#ifndef HASHRANGE_TESTS_AUTH_TABLE_KEYRING_H
#define HASHRANGE_TESTS_AUTH_TABLE_KEYRING_H

/* A keyring of a few keys that counts the references it has given out. */

#include "auth/credentials.h"
#include "base/check.h"

#define TEST_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TEST_TOKEN "IQoJb3JpZ2luX2Vj//////////wEaDGV4YW1wbGUtcmVnaW9u+token=="

struct table_key {
    struct slice id;
    struct slice token; /* absent: a long-lived key */
    int64_t expires_ms;
    struct auth_credential credential;
};

struct table_keyring {
    struct auth_keyring keyring;
    struct table_key *keys;
    size_t count;
    size_t references;
};

static const struct error *table_acquire(void *context, struct arena *arena,
                                         struct slice access_key_id, struct slice session_token,
                                         int64_t now_ms,
                                         const struct auth_credential **ret_credential)
{
    (void)now_ms;
    struct table_keyring *table = context;
    for (size_t i = 0; i < table->count; i++) {
        struct table_key *key = &table->keys[i];
        if (!slice_equal(key->id, access_key_id) || !slice_equal(key->token, session_token) ||
            slice_present(key->token) != slice_present(session_token))
            continue;
        table->references++;
        *ret_credential = &key->credential;
        return NULL;
    }
    return error_make(arena, ERROR_UNRECOGNIZED_CLIENT,
                      "The security token included in the request is invalid.");
}

static void table_release(void *context, const struct auth_credential *credential)
{
    struct table_keyring *table = context;
    CHECK(credential != NULL && table->references > 0);
    table->references--;
}

/* All keys have the same secret. */
static inline void table_keyring_open(struct table_keyring *table, struct table_key *keys,
                                      size_t count)
{
    *table = (struct table_keyring){
        .keyring = {.acquire = table_acquire, .release = table_release, .context = table},
        .keys = keys,
        .count = count,
    };
    for (size_t i = 0; i < count; i++) {
        keys[i].credential = (struct auth_credential){
            .access_key_id = keys[i].id,
            .secret = SLICE(TEST_SECRET),
            .expires_ms = keys[i].expires_ms,
            .principal = {.kind = AUTH_ROOT, .account = SLICE("000000000000")},
            .signing = auth_signing_keys_open(SLICE(TEST_SECRET)),
        };
        CHECK(keys[i].credential.signing != NULL);
    }
}

static inline void table_keyring_close(struct table_keyring *table)
{
    CHECK(table->references == 0);
    for (size_t i = 0; i < table->count; i++)
        auth_signing_keys_close(table->keys[i].credential.signing);
}

#endif
