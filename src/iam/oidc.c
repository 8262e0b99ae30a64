#include "iam/oidc.h"

#include "json/json_reader.h"

enum { ISSUERS_MAX = 100, DEPTH_MAX = 16 };

struct iam_oidc {
    struct {
        struct slice issuer;
        struct auth_jwk_set *keys;
    } issuers[ISSUERS_MAX];
    size_t count;
};

/* "https://issuer/" and "https://issuer" are one issuer. */
static struct slice without_slash(struct slice url)
{
    if (url.size > 0 && url.data[url.size - 1] == '/')
        url.size--;
    return url;
}

static const struct error *read_issuer(struct arena *arena, struct json_reader *reader,
                                       struct slice name, struct iam_oidc *oidc)
{
    if (json_peek(reader) != JSON_OBJECT)
        return error_make(arena, ERROR_VALIDATION, "the key set of '%.*s' is no JSON object",
                          SLICE_PRINT(name));
    if (oidc->count == ISSUERS_MAX)
        return error_make(arena, ERROR_VALIDATION, "there are more than %d issuers", ISSUERS_MAX);
    const uint8_t *begin = reader->at; /* the bracket that was just seen */
    json_skip(reader);
    if (reader->failed)
        return error_exhausted();
    struct slice json = slice_of(begin, (size_t)(reader->at - begin));
    struct slice issuer;
    if (!arena_copy(arena, without_slash(name), &issuer))
        return error_exhausted();
    struct auth_jwk_set *keys;
    const struct error *error = auth_jwk_set_read(arena, json, &keys);
    if (error != NULL && error->kind == ERROR_VALIDATION)
        return error_make(arena, ERROR_VALIDATION, "'%.*s': %.*s", SLICE_PRINT(name),
                          SLICE_PRINT(error->message));
    if (error != NULL)
        return error;
    oidc->issuers[oidc->count].issuer = issuer;
    oidc->issuers[oidc->count++].keys = keys;
    return NULL;
}

static const struct error *read_all(struct arena *arena, struct slice json, struct iam_oidc *oidc)
{
    struct json_reader reader;
    struct slice name;
    const struct error *error = NULL;
    json_reader_init(&reader, json, arena);
    if (!json_check(json, DEPTH_MAX) || json_peek(&reader) != JSON_OBJECT)
        return error_make(arena, ERROR_VALIDATION, "it is no JSON object of issuers");
    json_enter_object(&reader);
    while (error == NULL && json_next_member(&reader, &name))
        error = read_issuer(arena, &reader, name, oidc);
    if (error == NULL && reader.failed)
        return error_exhausted();
    return error;
}

const struct error *iam_oidc_open(struct arena *arena, struct slice json,
                                  struct iam_oidc **ret_oidc)
{
    struct iam_oidc *oidc = ARENA_NEW(arena, struct iam_oidc);
    if (oidc == NULL)
        return error_exhausted();
    const struct error *error = read_all(arena, json, oidc);
    if (error != NULL) {
        iam_oidc_close(oidc);
        return error;
    }
    *ret_oidc = oidc;
    return NULL;
}

void iam_oidc_close(struct iam_oidc *oidc)
{
    for (size_t i = 0; oidc != NULL && i < oidc->count; i++)
        auth_jwk_set_close(oidc->issuers[i].keys);
}

const struct auth_jwk_set *iam_oidc_keys(const struct iam_oidc *oidc, struct slice issuer)
{
    for (size_t i = 0; oidc != NULL && i < oidc->count; i++) {
        if (slice_equal(oidc->issuers[i].issuer, without_slash(issuer)))
            return oidc->issuers[i].keys;
    }
    return NULL;
}
