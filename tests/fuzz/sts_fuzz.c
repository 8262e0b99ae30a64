/* fuzz: hr_iam hr_store_mem */
/* about: iam/assume*.c iam/get_*.c iam/session_request.c iam/web_identity.c */

/* The input as the form of an STS request in development mode, where nothing but the action itself
 * stands between a request and its answer. Each is answered or refused with words. */

#include "base/check.h"
#include "db/database.h"
#include "iam/directory.h"
#include "iam/service.h"
#include "store/mem/mem_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 32 * 1024 * 1024, INPUT_BYTES_MAX = 32 * 1024 };

static struct iam *opened(void)
{
    static struct arena arena;
    static struct auth_seal_key key;
    static struct iam iam;
    struct store *store;
    struct db *db;
    if (iam.directory != NULL)
        return &iam;
    arena_init(&arena, ARENA_BYTES);
    CHECK(mem_store_open(&arena, &store) == NULL);
    struct db_options db_options = {.store = store};
    CHECK(db_open(&arena, &db_options, &db) == NULL);
    struct iam_directory_options options = {
        .db = db, .account = SLICE("000000000000"), .key = &key};
    CHECK(iam_directory_open(&arena, &options, &iam.directory) == NULL);
    iam.key = &key;
    iam.account = options.account;
    iam.development = true;
    return &iam;
}

static void run(struct arena *arena, const struct http_form *form)
{
    const struct http_request request = {.method = SLICE("POST"), .target = SLICE("/")};
    const struct auth_identity identity = {.credential = NULL};
    const struct iam_action *action;
    struct buf out;
    struct xml_writer writer;
    const struct error *error = iam_action_find(arena, form, &action);
    if (error != NULL) {
        CHECK(error->kind == ERROR_INVALID_ACTION);
        return;
    }
    if (iam_action_auth_service(action) != AUTH_STS) /* those change what is there */
        return;
    buf_init(&out, arena, ARENA_BYTES);
    xml_writer_init(&writer, &out);
    struct iam_call call = {
        .iam = opened(),
        .arena = arena,
        .request = &request,
        .form = form,
        .identity = &identity,
        .now_ms = INT64_C(1769860800000),
        .request_id = SLICE("id"),
        .out = &writer,
    };
    error = iam_run(&call, action);
    CHECK(error != NULL || out.size > 0);
    CHECK(error == NULL || error->kind != ERROR_INTERNAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct http_form form;
    if (size > INPUT_BYTES_MAX)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    if (http_form_read(&arena, slice_of(data, size), &form) == HTTP_FORM_READ)
        run(&arena, &form);
    arena_fini(&arena);
    return 0;
}
