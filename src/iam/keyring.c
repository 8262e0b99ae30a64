#include "iam/keyring.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/rand.h"
#include "iam/credential.h"

enum {
    BUCKETS = 4096, /* a power of two */
    CREDENTIALS_MAX = 4096,
    GRAIN_MS = 60 * 1000, /* uses closer together than this are one */
};

/* Temporary access keys begin so (IAM user guide, "IAM identifiers"). */
static const struct slice temporary = SLICE_INIT("ASIA");

struct iam_keyring {
    struct auth_keyring interface;
    struct iam_directory *directory;
    uint8_t hash_key[HASH_KEY_BYTES]; /* ids come from clients */
    pthread_mutex_t lock;             /* guards all below */
    struct iam_credential *buckets[BUCKETS];
    struct iam_credential *newest;
    struct iam_credential *oldest;
    size_t count;
};

/* --- the table; the lock is held --- */

static struct iam_credential **bucket_of(struct iam_keyring *keyring, struct slice access_key_id)
{
    return &keyring->buckets[hash_bytes_keyed(keyring->hash_key, access_key_id) & (BUCKETS - 1)];
}

static struct iam_credential *find(struct iam_keyring *keyring, struct slice access_key_id)
{
    struct iam_credential *credential = *bucket_of(keyring, access_key_id);
    while (credential != NULL && !slice_equal(credential->credential.access_key_id, access_key_id))
        credential = credential->next;
    return credential;
}

static void list_remove(struct iam_keyring *keyring, struct iam_credential *credential)
{
    *(credential->newer == NULL ? &keyring->newest : &credential->newer->older) = credential->older;
    *(credential->older == NULL ? &keyring->oldest : &credential->older->newer) = credential->newer;
}

static void list_add(struct iam_keyring *keyring, struct iam_credential *credential)
{
    credential->newer = NULL;
    credential->older = keyring->newest;
    *(keyring->newest == NULL ? &keyring->oldest : &keyring->newest->newer) = credential;
    keyring->newest = credential;
}

/* Gives the table's reference back. */
static void forget(struct iam_keyring *keyring, struct iam_credential *credential)
{
    struct iam_credential **at = bucket_of(keyring, credential->credential.access_key_id);
    while (*at != credential)
        at = &(*at)->next;
    *at = credential->next;
    list_remove(keyring, credential);
    keyring->count--;
    iam_credential_release(credential);
}

/* Takes over a reference. */
static void remember(struct iam_keyring *keyring, struct iam_credential *credential)
{
    struct iam_credential *old = find(keyring, credential->credential.access_key_id);
    if (old != NULL)
        forget(keyring, old);
    if (keyring->count == CREDENTIALS_MAX)
        forget(keyring, keyring->oldest);
    struct iam_credential **bucket = bucket_of(keyring, credential->credential.access_key_id);
    credential->next = *bucket;
    *bucket = credential;
    list_add(keyring, credential);
    keyring->count++;
}

/* --- acquiring --- */

/* In time that depends on the sizes alone. */
static bool is_same_token(struct slice left, struct slice right)
{
    if (slice_present(left) != slice_present(right) || left.size != right.size)
        return false;
    unsigned difference = 0;
    for (size_t i = 0; i < left.size; i++)
        difference |= left.data[i] ^ right.data[i];
    return difference == 0;
}

/* The one that is known, with a reference; NULL when it has to be made (anew). */
static struct iam_credential *acquire_known(struct iam_keyring *keyring, struct slice access_key_id,
                                            struct slice session_token)
{
    pthread_mutex_lock(&keyring->lock);
    struct iam_credential *credential = find(keyring, access_key_id);
    if (credential != NULL && (credential->generation != keyring->directory->generation ||
                               !is_same_token(credential->token, session_token)))
        credential = NULL;
    if (credential != NULL) {
        atomic_fetch_add_explicit(&credential->references, 1, memory_order_relaxed);
        list_remove(keyring, credential);
        list_add(keyring, credential);
    }
    pthread_mutex_unlock(&keyring->lock);
    return credential;
}

static const struct error *acquire(void *context, struct arena *arena, struct slice access_key_id,
                                   struct slice session_token, int64_t now_ms,
                                   const struct auth_credential **ret_credential)
{
    (void)now_ms; /* also what is expired is given: the caller says so after the signature */
    struct iam_keyring *keyring = context;
    struct iam_credential *credential = acquire_known(keyring, access_key_id, session_token);
    if (credential != NULL) {
        *ret_credential = &credential->credential;
        return NULL;
    }
    bool is_temporary = slice_starts_with(access_key_id, temporary);
    if (is_temporary != slice_present(session_token) ||
        access_key_id.size != IAM_ACCESS_KEY_ID_BYTES)
        return iam_unknown_client(arena);
    const struct error *error =
        is_temporary ? iam_credential_of_session(keyring->directory, arena, access_key_id,
                                                 session_token, &credential)
                     : iam_credential_of_key(keyring->directory, arena, access_key_id, &credential);
    if (error != NULL)
        return error;
    atomic_fetch_add_explicit(&credential->references, 1, memory_order_relaxed);
    pthread_mutex_lock(&keyring->lock);
    remember(keyring, credential);
    pthread_mutex_unlock(&keyring->lock);
    *ret_credential = &credential->credential;
    return NULL;
}

static void release(void *context, const struct auth_credential *credential)
{
    (void)context;
    /* It was handed out as constant; the counting is ours. */
    iam_credential_release((struct iam_credential *)(uintptr_t)credential);
}

/* --- uses --- */

/* The directory is told once in a while: a request costs no more than reading a number. */
static void used(void *context, const struct auth_credential *public, enum auth_service service,
                 struct slice region, int64_t now_ms)
{
    static const struct slice names[] = {
        [AUTH_DYNAMODB] = SLICE_INIT("dynamodb"),
        [AUTH_STS] = SLICE_INIT("sts"),
        [AUTH_IAM] = SLICE_INIT("iam"),
    };
    struct iam_keyring *keyring = context;
    struct iam_credential *credential = (struct iam_credential *)(uintptr_t) public;
    int64_t noted_ms = atomic_load_explicit(&credential->noted_ms[service], memory_order_relaxed);
    if (slice_present(credential->token) || (now_ms >= noted_ms && now_ms - noted_ms < GRAIN_MS))
        return;
    atomic_store_explicit(&credential->noted_ms[service], now_ms, memory_order_relaxed);
    iam_directory_note_use(keyring->directory, public->access_key_id, names[service], region,
                           now_ms);
}

/* --- opening and closing --- */

const struct error *iam_keyring_open(struct arena *arena, struct iam_directory *directory,
                                     struct iam_keyring **ret_keyring)
{
    (void)arena;
    struct iam_keyring *keyring = calloc(1, sizeof(*keyring));
    if (keyring == NULL)
        return error_exhausted();
    keyring->interface = (struct auth_keyring){acquire, release, keyring, used};
    keyring->directory = directory;
    rand_bytes(keyring->hash_key, sizeof(keyring->hash_key));
    pthread_mutex_init(&keyring->lock, NULL);
    *ret_keyring = keyring;
    return NULL;
}

void iam_keyring_close(struct iam_keyring *keyring)
{
    if (keyring == NULL)
        return;
    while (keyring->newest != NULL)
        forget(keyring, keyring->newest);
    pthread_mutex_destroy(&keyring->lock);
    free(keyring);
}

const struct auth_keyring *iam_keyring_interface(const struct iam_keyring *keyring)
{
    return &keyring->interface;
}

const struct auth_keyring *iam_directory_keyring(struct iam_directory *directory)
{
    return iam_keyring_interface(directory->keyring);
}
