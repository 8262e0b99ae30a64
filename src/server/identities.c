#include "server/identities.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/rand.h"
#include "db/identity.h"
#include "iam/directory.h"
#include "iam/oidc.h"
#include "iam/roles_anywhere.h"
#include "server/key_file.h"
#include "store/mem/mem_store.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024 };

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

static const struct error *open_oidc(struct arena *arena, const struct config *config,
                                     struct identities *identities)
{
    struct slice json;
    if (config->oidc_keys == NULL)
        return NULL;
    const struct error *error = file_read(arena, config->oidc_keys, FILE_BYTES_MAX, &json);
    if (error != NULL)
        return error;
    error = iam_oidc_open(arena, json, &identities->oidc);
    if (error != NULL && error->kind == ERROR_VALIDATION)
        return error_make(arena, ERROR_VALIDATION, "--oidc-keys %s: %.*s", config->oidc_keys,
                          SLICE_PRINT(error->message));
    return error;
}

/* A file named in another one: relative to its folder. */
static const struct error *read_beside(void *context, struct arena *arena, struct slice name,
                                       struct slice *ret_text)
{
    struct slice path = slice_of_cstring(context);
    size_t folder = path.size;
    while (folder > 0 && path.data[folder - 1] != '/')
        folder--;
    if (name.size > 0 && name.data[0] == '/')
        folder = 0;
    char *joined = (char *)arena_alloc_bytes(arena, folder + name.size + 1);
    if (joined == NULL)
        return error_exhausted();
    memcpy(joined, path.data, folder);
    memcpy(joined + folder, name.data, name.size);
    joined[folder + name.size] = '\0';
    return file_read(arena, joined, FILE_BYTES_MAX, ret_text);
}

static const struct error *open_anywhere(struct arena *arena, const struct config *config,
                                         struct identities *identities)
{
    struct slice json;
    const char *path = config->roles_anywhere;
    if (path == NULL)
        return NULL;
    const struct error *error = file_read(arena, path, FILE_BYTES_MAX, &json);
    if (error != NULL)
        return error;
    error =
        iam_anywhere_open(arena, json, read_beside, (void *)(uintptr_t)path, &identities->anywhere);
    if (error != NULL && error->kind == ERROR_VALIDATION)
        return error_make(arena, ERROR_VALIDATION, "--roles-anywhere %s: %.*s", path,
                          SLICE_PRINT(error->message));
    return error;
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
        error = open_oidc(arena, config, identities);
    if (error == NULL)
        error = open_anywhere(arena, config, identities);
    identities->iam.key = &identities->key;
    identities->iam.account = options.account;
    identities->iam.oidc = identities->oidc;
    identities->iam.anywhere = identities->anywhere;
    identities->iam.development = !config->auth;
    return error;
}

void identities_close(struct identities *identities)
{
    iam_directory_close(identities->iam.directory);
    iam_oidc_close(identities->oidc);
    db_close(identities->own_db);
    store_close(identities->own_store);
    explicit_bzero(&identities->key, sizeof(identities->key));
}
