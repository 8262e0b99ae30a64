/* fuzz: hr_auth */
/* about: auth/jwk.c auth/jwt.c */

/* The input's first line as a JSON Web Token, all of it as a set of keys. No token is verified by
 * keys that did not sign it, and a broken set leaves nothing behind. */

#include "auth/jwt.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 * 1024 * 1024, INPUT_BYTES_MAX = 64 * 1024 };

/* RFC 7517, appendix A.1, and RFC 7515, appendix A.3.1: a curve's key, whose private half is public
 * there, but not in the hands of a fuzzer. */
static const struct slice known_keys =
    SLICE_INIT("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
               "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
               "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct auth_jwk_set *keys = NULL;
    struct auth_jwk_set *others = NULL;
    struct auth_jwt jwt;
    bool valid = false;
    if (size > INPUT_BYTES_MAX)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    struct slice line = slice_of(data, end == NULL ? size : (size_t)(end - data));
    struct slice rest = slice_after(slice_of(data, size), line.size);
    CHECK(auth_jwk_set_read(&arena, known_keys, &keys) == NULL);
    CHECK(auth_jwt_read(&arena, line, &jwt, &valid) == NULL);
    if (auth_jwk_set_read(&arena, rest, &others) != NULL)
        CHECK(others == NULL);
    if (valid) {
        CHECK(jwt.text.size < line.size && slice_present(jwt.algorithm));
        bool is_example =
            slice_equal(jwt.text, SLICE("eyJhbGciOiJFUzI1NiJ9."
                                        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly"
                                        "9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"));
        CHECK(!auth_jwt_verify(&jwt, keys) || is_example);
        if (others != NULL)
            (void)!auth_jwt_verify(&jwt, others);
    }
    auth_jwk_set_close(keys);
    auth_jwk_set_close(others);
    arena_fini(&arena);
    return 0;
}
