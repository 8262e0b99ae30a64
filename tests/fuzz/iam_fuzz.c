/* fuzz: hr_iam hr_store_mem hr_base */
/* about: iam/ -iam/assume*.c -iam/create_session.c -iam/credential_session.c -iam/get_*.c
 * -iam/oidc.c -iam/roles_anywhere.c -iam/session*.c -iam/web_identity.c */

/* The input as requests to IAM, one form in each line, against a directory of their own. Whatever
 * has been accepted is there after a restart, and nothing that was accepted keeps it from
 * starting. */

#include "base/check.h"
#include "db/catalog.h"
#include "iam/directory.h"
#include "iam/service.h"
#include "store/mem/mem_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 * 1024 * 1024, REQUESTS_MAX = 64 };

struct world {
    struct arena process;
    struct arena arena; /* of one request */
    struct store *store;
    struct db *db;
    struct auth_seal_key key;
    struct auth_identity identity;
    struct iam iam;
};

static void open_directory(struct world *world)
{
    struct iam_directory_options options = {
        .db = world->db, .account = world->iam.account, .key = &world->key};
    CHECK(iam_directory_open(&world->process, &options, &world->iam.directory) == NULL);
}

static void open_world(struct world *world)
{
    struct db_options options = {0};
    arena_init(&world->process, ARENA_BYTES);
    arena_init(&world->arena, ARENA_BYTES);
    CHECK(mem_store_open(&world->process, &world->store) == NULL);
    options.store = world->store;
    CHECK(db_open(&world->process, &options, &world->db) == NULL);
    world->iam.account = SLICE("123456789012");
    world->iam.key = &world->key;
    world->iam.development = true;
    world->identity.region = SLICE("us-east-1");
    open_directory(world);
}

static void close_world(struct world *world)
{
    iam_directory_close(world->iam.directory);
    db_close(world->db);
    store_close(world->store);
    arena_fini(&world->arena);
    arena_fini(&world->process);
}

/* The body of the answer, or of none. */
static struct slice ask(struct world *world, struct slice text)
{
    const struct iam_action *action;
    struct http_request request = {0};
    struct http_form form;
    struct buf body;
    struct xml_writer out;
    arena_reset(&world->arena);
    if (http_form_read(&world->arena, text, &form) != HTTP_FORM_READ ||
        iam_action_find(&world->arena, &form, &action) != NULL || iam_action_is_unsigned(action))
        return SLICE_ABSENT;
    buf_init(&body, &world->arena, ARENA_BYTES);
    xml_writer_init(&out, &body);
    struct iam_call call = {
        .iam = &world->iam,
        .arena = &world->arena,
        .request = &request,
        .form = &form,
        .identity = &world->identity,
        .now_ms = INT64_C(1700000000000),
        .request_id = SLICE("id"),
        .out = &out,
    };
    const struct error *error = iam_run(&call, action);
    CHECK(error == NULL || error->message.size < ARENA_BYTES);
    return error == NULL ? buf_slice(&body) : SLICE_ABSENT;
}

/* In the process's arena. */
static struct slice all_identities(struct world *world)
{
    struct slice copy;
    struct slice details =
        ask(world, SLICE("Action=GetAccountAuthorizationDetails&Version=2010-05-08&MaxItems=1000"));
    CHECK(slice_present(details) && arena_copy(&world->process, details, &copy));
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    world = (struct world){0};
    open_world(&world);
    struct slice rest = slice_of(data, size);
    for (int i = 0; i < REQUESTS_MAX && rest.size > 0; i++) {
        const uint8_t *end = memchr(rest.data, '\n', rest.size);
        size_t line = end == NULL ? rest.size : (size_t)(end - rest.data);
        ask(&world, slice_of(rest.data, line));
        rest = slice_after(rest, line + (end != NULL));
    }
    struct slice before = all_identities(&world);
    iam_directory_close(world.iam.directory);
    open_directory(&world);
    CHECK(slice_equal(before, all_identities(&world)));
    close_world(&world);
    return 0;
}
