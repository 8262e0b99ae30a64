#include "auth/signing_keys.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"

enum {
    SCOPES_KEPT = 8,            /* two days, two services, and a region to spare */
    SCOPE_NAME_BYTES_MAX = 128, /* longer ones are derived each time */
};

/* date/region/service; no part has a slash in it. */
struct scope_name {
    uint8_t bytes[SCOPE_NAME_BYTES_MAX];
    size_t size;
};

struct kept_key {
    struct scope_name scope; /* size 0: free */
    struct auth_hmac key;
    atomic_bool used; /* since the hand last passed */
};

/*
 * Who finds a key reads only; `used` is written when it is not set yet, so that a busy key's cache
 * line is shared by all cores. When all places are taken a hand goes round and takes the first that
 * was not used since it last passed (the clock of page replacement).
 */
struct auth_signing_keys {
    struct auth_hmac secret;    /* under the secret itself */
    struct auth_hmac beginning; /* under "AWS4" and the secret: where derivation begins */
    pthread_rwlock_t lock;      /* guards what follows */
    struct kept_key kept[SCOPES_KEPT];
    size_t hand;
};

struct auth_signing_keys *auth_signing_keys_open(struct slice secret)
{
    uint8_t text[4 + AUTH_SIGNING_SECRET_BYTES_MAX] = "AWS4";
    CHECK(secret.size <= AUTH_SIGNING_SECRET_BYTES_MAX);
    struct auth_signing_keys *keys = calloc(1, sizeof(*keys));
    if (keys == NULL)
        return NULL;
    if (secret.size > 0)
        memcpy(text + 4, secret.data, secret.size);
    bool prepared = auth_hmac_init(&keys->secret, secret) &&
                    auth_hmac_init(&keys->beginning, slice_of(text, 4 + secret.size));
    OPENSSL_cleanse(text, sizeof(text));
    if (!prepared || pthread_rwlock_init(&keys->lock, NULL) != 0) {
        auth_hmac_fini(&keys->secret);
        auth_hmac_fini(&keys->beginning);
        free(keys);
        return NULL;
    }
    return keys;
}

void auth_signing_keys_close(struct auth_signing_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < SCOPES_KEPT; i++)
        auth_hmac_fini(&keys->kept[i].key);
    auth_hmac_fini(&keys->secret);
    auth_hmac_fini(&keys->beginning);
    pthread_rwlock_destroy(&keys->lock);
    free(keys);
}

static void append(struct scope_name *name, struct slice part)
{
    if (name->size + part.size < SCOPE_NAME_BYTES_MAX) {
        memcpy(name->bytes + name->size, part.data, part.size);
        name->bytes[name->size + part.size] = '/';
    }
    name->size += part.size + 1;
}

static struct slice name_slice(const struct scope_name *name)
{
    return slice_of(name->bytes, name->size);
}

/* Under the lock. */
static struct kept_key *find(struct auth_signing_keys *keys, const struct scope_name *name)
{
    for (size_t i = 0; i < SCOPES_KEPT; i++) {
        if (slice_equal(name_slice(&keys->kept[i].scope), name_slice(name)))
            return &keys->kept[i];
    }
    return NULL;
}

/* Takes the key over. Under the lock, for writing. */
static void keep(struct auth_signing_keys *keys, const struct scope_name *name,
                 struct auth_hmac *key)
{
    struct kept_key *place = find(keys, name);
    if (place == NULL) {
        do {
            place = &keys->kept[keys->hand];
            keys->hand = (keys->hand + 1) % SCOPES_KEPT;
        } while (atomic_exchange_explicit(&place->used, false, memory_order_relaxed));
        place->scope = *name;
    }
    auth_hmac_fini(&place->key);
    place->key = *key;
    auth_hmac_fini(key);
}

/* Each part is signed under what the part before it gave. */
static bool derive(const struct auth_hmac *beginning, const struct slice parts[], size_t count,
                   struct auth_hmac *ret_key)
{
    uint8_t digest[AUTH_DIGEST_BYTES];
    struct auth_hmac key;
    bool derived = true;
    for (size_t i = 0; derived && i < count; i++) {
        derived = auth_hmac_sign(i == 0 ? beginning : &key, parts[i], digest);
        auth_hmac_fini(&key);
        derived = derived && auth_hmac_init(&key, slice_of(digest, sizeof(digest)));
    }
    OPENSSL_cleanse(digest, sizeof(digest));
    if (derived)
        *ret_key = key;
    auth_hmac_fini(&key);
    return derived;
}

bool auth_signing_keys_sign(struct auth_signing_keys *keys, struct slice date, struct slice region,
                            struct slice service, struct slice text,
                            uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    struct scope_name name = {.size = 0};
    append(&name, date);
    append(&name, region);
    append(&name, service);
    bool may_be_kept = name.size <= SCOPE_NAME_BYTES_MAX;
    if (may_be_kept) {
        pthread_rwlock_rdlock(&keys->lock);
        struct kept_key *found = find(keys, &name);
        bool done = found != NULL && auth_hmac_sign(&found->key, text, ret_digest);
        if (found != NULL && !atomic_load_explicit(&found->used, memory_order_relaxed))
            atomic_store_explicit(&found->used, true, memory_order_relaxed);
        pthread_rwlock_unlock(&keys->lock);
        if (found != NULL)
            return done;
    }
    const struct slice parts[] = {date, region, service, SLICE("aws4_request")};
    struct auth_hmac key;
    if (!derive(&keys->beginning, parts, COUNT_OF(parts), &key))
        return false;
    bool done = auth_hmac_sign(&key, text, ret_digest);
    if (may_be_kept) {
        pthread_rwlock_wrlock(&keys->lock);
        keep(keys, &name, &key);
        pthread_rwlock_unlock(&keys->lock);
    }
    auth_hmac_fini(&key);
    return done;
}

bool auth_signing_keys_sign_plain(struct auth_signing_keys *keys, struct slice text,
                                  uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    return auth_hmac_sign(&keys->secret, text, ret_digest);
}
