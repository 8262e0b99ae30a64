#include "server/trusted_files.h"

#include "base/file.h"

enum {
    FILE_BYTES_MAX = 4 * 1024 * 1024,
    TRUSTED_BYTES_MAX = 256 * 1024 * 1024,
};

bool trusted_files_are_named(const struct config *config)
{
    return config->oidc_keys != NULL || config->roles_anywhere != NULL;
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

static const struct error *read_oidc(struct iam_trusted *trusted, const char *path)
{
    struct slice json;
    const struct error *error = file_read(&trusted->arena, path, FILE_BYTES_MAX, &json);
    return error != NULL ? error : iam_oidc_open(&trusted->arena, json, &trusted->oidc);
}

static const struct error *read_anywhere(struct iam_trusted *trusted, const char *path)
{
    struct slice json;
    const struct error *error = file_read(&trusted->arena, path, FILE_BYTES_MAX, &json);
    return error != NULL ? error
                         : iam_anywhere_open(&trusted->arena, json, read_beside,
                                             (void *)(uintptr_t)path, &trusted->anywhere);
}

/* The words outlive what was read. */
static const struct error *explain(struct arena *arena, const char *option, const char *path,
                                   const struct error *error)
{
    return error->kind != ERROR_VALIDATION ? error_exhausted() /* the only other reason */
                                           : error_make(arena, ERROR_VALIDATION, "%s %s: %.*s",
                                                        option, path, SLICE_PRINT(error->message));
}

static const struct error *read_all(struct arena *arena, const struct config *config,
                                    struct iam_trusted *trusted)
{
    const struct {
        const char *option;
        const char *path; /* NULL: none */
        const struct error *(*read)(struct iam_trusted *trusted, const char *path);
    } files[] = {
        {"--oidc-keys", config->oidc_keys, read_oidc},
        {"--roles-anywhere", config->roles_anywhere, read_anywhere},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const struct error *error =
            files[i].path == NULL ? NULL : files[i].read(trusted, files[i].path);
        if (error != NULL)
            return explain(arena, files[i].option, files[i].path, error);
    }
    return NULL;
}

const struct error *trusted_files_read(struct arena *arena, const struct config *config,
                                       struct iam_trusted_slot *slot)
{
    struct iam_trusted *trusted = iam_trusted_new(TRUSTED_BYTES_MAX);
    if (trusted == NULL)
        return error_exhausted();
    const struct error *error = read_all(arena, config, trusted);
    if (error == NULL)
        iam_trusted_replace(slot, trusted);
    else
        iam_trusted_release(trusted);
    return error;
}
