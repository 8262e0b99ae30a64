#include "server/identities.h"

#include "base/clock.h"
#include "base/rand.h"
#include "db/identity.h"
#include "iam/directory.h"
#include "server/key_file.h"
#include "server/trusted_files.h"
#include "store/mem/mem_store.h"

/* NULL: memory is exhausted. */
static const char *key_path(struct arena *arena, const struct config *config)
{
    return config->key_file != NULL ? config->key_file : key_file_beside(arena, config->data);
}

static const struct error *note_one(void *context, const struct db_identity *identity)
{
    (void)identity;
    *(bool *)context = true;
    return NULL;
}

/* A key is made for a database without secrets alone: for others there is one somewhere. */
static const struct error *load_key(struct arena *arena, const struct config *config, struct db *db,
                                    struct identities *identities, struct slice *ret_name)
{
    if (!config->auth || config->in_memory) {
        rand_bytes(identities->key.bytes, sizeof(identities->key.bytes));
        return NULL;
    }
    const char *path = key_path(arena, config);
    if (path == NULL)
        return error_exhausted();
    *ret_name = slice_of_cstring(path);
    bool is_used = false;
    const struct error *error = key_file_check_place(arena, path, config->data);
    if (error == NULL)
        error = db_identity_scan(db_store(db), arena, slice_of_cstring(config->account_id),
                                 note_one, &is_used);
    return error != NULL ? error : key_file_load(arena, path, !is_used, identities->key.bytes);
}

static const struct error *open_own_db(struct arena *arena, struct identities *identities)
{
    const struct error *error = mem_store_open(arena, &identities->own_store);
    struct db_options options = {.store = identities->own_store};
    return error != NULL ? error : db_open(arena, &options, &identities->own_db);
}

static const struct error *open_root(struct arena *arena, const struct config *config,
                                     struct identities *identities)
{
    bool created = false;
    struct slice id;
    struct slice secret;
    if (!config->auth)
        return NULL;
    const struct error *error =
        iam_directory_root_key(identities->iam.directory, arena, config->new_root_key,
                               clock_now_ms(), &created, &id, &secret);
    if (error == NULL && created) {
        identities->new_root_id = id;
        identities->new_root_secret = secret;
    }
    return error;
}

const struct error *identities_open(struct arena *arena, const struct config *config, struct db *db,
                                    struct identities *identities)
{
    struct iam_directory_options options = {
        .db = db,
        .account = slice_of_cstring(config->account_id),
        .key = &identities->key,
    };
    iam_trusted_slot_init(&identities->trusted);
    identities->iam.trusted = &identities->trusted;
    const struct error *error = load_key(arena, config, db, identities, &options.key_name);
    if (error == NULL && !config->auth) {
        error = open_own_db(arena, identities);
        options.db = identities->own_db;
    }
    if (error == NULL)
        error = iam_directory_open(arena, &options, &identities->iam.directory);
    if (error == NULL)
        error = open_root(arena, config, identities);
    if (error == NULL)
        error = trusted_files_read(arena, config, &identities->trusted);
    identities->iam.key = &identities->key;
    identities->iam.account = options.account;
    identities->iam.development = !config->auth;
    return error;
}

void identities_close(struct identities *identities)
{
    iam_directory_close(identities->iam.directory);
    if (identities->iam.trusted != NULL) /* opened */
        iam_trusted_slot_fini(&identities->trusted);
    db_close(identities->own_db);
    store_close(identities->own_store);
    explicit_bzero(&identities->key, sizeof(identities->key));
}
