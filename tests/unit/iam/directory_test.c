/* What is kept, and how: restarts, key files, secrets, many threads at once. */

#include "iam/directory.h"

#include <pthread.h>

#include "iam/one_directory.h"

static bool has(struct slice text, struct slice part)
{
    return memmem(text.data, text.size, part.data, part.size) != NULL;
}

/* --- secrets --- */

static bool visit_secret(void *context, struct slice key, struct slice value)
{
    struct slice *secret = context;
    if (has(key, *secret) || has(value, *secret))
        *secret = SLICE_ABSENT;
    return slice_present(*secret);
}

static void secrets_are_nowhere_in_the_store(void **state)
{
    (void)state;
    ask("CreateUser", "UserName=bob");
    ask("CreateAccessKey", "UserName=bob");
    struct slice secret = keep("SecretAccessKey");
    struct slice id = keep("AccessKeyId");
    assert_int_equal(secret.size, IAM_SECRET_BYTES);
    struct store_range all = {0};
    struct slice looked_for = secret, known = id;
    assert_ok(
        store_scan(fixture.store, &fixture.arena, all, STORE_FORWARD, visit_secret, &looked_for));
    assert_true(slice_present(looked_for));
    /* the search does find what is there */
    assert_ok(store_scan(fixture.store, &fixture.arena, all, STORE_FORWARD, visit_secret, &known));
    assert_false(slice_present(known));
}

static void the_key_of_the_store_opens_the_secret(void **state)
{
    (void)state;
    ask("CreateUser", "UserName=bob");
    ask("CreateAccessKey", "UserName=bob");
    struct slice secret = keep("SecretAccessKey");
    struct slice id = keep("AccessKeyId");
    iam_fixture_restart(&fixture);
    const struct auth_credential *credential;
    assert_ok(iam_fixture_acquire(&fixture, id, SLICE_ABSENT, &credential));
    assert_true(slice_equal(credential->secret, secret));
    iam_fixture_drop(&fixture, credential);
}

static void another_key_file_is_told_apart(void **state)
{
    (void)state;
    struct auth_seal_key other = {{9, 9, 9}};
    struct iam_directory *directory = NULL;
    struct iam_directory_options options = {
        .db = fixture.db,
        .account = SLICE("123456789012"),
        .key = &other,
        .key_name = SLICE("secrets.key"),
    };
    const struct error *error = iam_directory_open(&fixture.process, &options, &directory);
    assert_non_null(error);
    assert_null(directory);
    assert_true(slice_equal(
        error->message,
        SLICE("The key file secrets.key is not the one that this data was written with")));
}

static void accounts_do_not_see_each_other(void **state)
{
    (void)state;
    ask("CreateUser", "UserName=bob");
    struct slice id = keep("UserId");
    struct iam_directory *other;
    struct iam_user user;
    bool found;
    struct iam_directory_options options = {
        .db = fixture.db, .account = SLICE("210987654321"), .key = &fixture.key};
    assert_ok(iam_directory_open(&fixture.process, &options, &other));
    assert_ok(iam_directory_user(other, &fixture.arena, id, &user, &found));
    assert_false(found);
    iam_directory_close(other);
}

/* --- root --- */

static void root_has_one_key_that_is_told_once(void **state)
{
    (void)state;
    bool created;
    struct slice first, again, renewed, secret;
    struct iam_directory *directory = fixture.iam.directory;
    assert_ok(iam_directory_root_key(directory, &fixture.process, false, fixture.now_ms, &created,
                                     &first, &secret));
    assert_true(created);
    assert_int_equal(first.size, IAM_ACCESS_KEY_ID_BYTES);
    assert_int_equal(secret.size, IAM_SECRET_BYTES);
    iam_fixture_restart(&fixture);
    directory = fixture.iam.directory;
    assert_ok(iam_directory_root_key(directory, &fixture.process, false, fixture.now_ms, &created,
                                     &again, &secret));
    assert_false(created);
    assert_true(slice_equal(first, again));
    assert_ok(iam_directory_root_key(directory, &fixture.process, true, fixture.now_ms, &created,
                                     &renewed, &secret));
    assert_true(created);
    assert_false(iam_directory_knows_key(directory, first));
    assert_true(iam_directory_knows_key(directory, renewed));
    const struct auth_credential *credential;
    assert_ok(iam_fixture_acquire(&fixture, renewed, SLICE_ABSENT, &credential));
    assert_int_equal(credential->principal.kind, AUTH_ROOT);
    assert_true(slice_equal(credential->principal.arn, SLICE("arn:aws:iam::123456789012:root")));
    assert_true(slice_equal(credential->secret, secret));
    iam_fixture_drop(&fixture, credential);
}

static void a_root_without_a_key_stays_so(void **state)
{
    (void)state;
    bool created;
    struct slice id, secret;
    char parameters[64];
    assert_ok(iam_directory_root_key(fixture.iam.directory, &fixture.process, false, fixture.now_ms,
                                     &created, &id, &secret));
    snprintf(parameters, sizeof(parameters), "AccessKeyId=%.*s", SLICE_PRINT(id));
    ask("DeleteAccessKey", parameters);
    iam_fixture_restart(&fixture);
    assert_ok(iam_directory_root_key(fixture.iam.directory, &fixture.process, false, fixture.now_ms,
                                     &created, &id, &secret));
    assert_false(created);
    assert_false(slice_present(id));
    assert_ok(iam_directory_root_key(fixture.iam.directory, &fixture.process, true, fixture.now_ms,
                                     &created, &id, &secret));
    assert_true(created);
}

/* --- last use --- */

static void last_uses_are_kept_over_a_restart(void **state)
{
    (void)state;
    ask("CreateUser", "UserName=bob");
    ask("CreateAccessKey", "UserName=bob");
    struct slice id = keep("AccessKeyId");
    char parameters[64];
    snprintf(parameters, sizeof(parameters), "AccessKeyId=%.*s", SLICE_PRINT(id));
    iam_directory_note_use(fixture.iam.directory, id, SLICE("dynamodb"), SLICE("eu-west-1"),
                           fixture.now_ms);
    iam_directory_note_use(fixture.iam.directory, SLICE("AKIANOBODY"), SLICE("dynamodb"),
                           SLICE("eu-west-1"), fixture.now_ms);
    for (int i = 0; i < 2; i++) {
        ask("GetAccessKeyLastUsed", parameters);
        assert_true(slice_equal(
            fixture.answer, SLICE("<UserName>bob</UserName><AccessKeyLastUsed>"
                                  "<LastUsedDate>2023-11-14T22:13:20Z</LastUsedDate>"
                                  "<ServiceName>dynamodb</ServiceName><Region>eu-west-1</Region>"
                                  "</AccessKeyLastUsed>")));
        iam_fixture_restart(&fixture);
    }
}

/* --- views --- */

static void views_are_copies(void **state)
{
    (void)state;
    ask("CreateRole",
        "RoleName=r&Path=/p/&MaxSessionDuration=7200&AssumeRolePolicyDocument={\"Version\":"
        "\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},"
        "\"Action\":\"sts:AssumeRole\"}]}&Tags.member.1.Key=a&Tags.member.1.Value=b");
    struct iam_role role;
    struct slice document;
    bool found;
    struct iam_directory *directory = fixture.iam.directory;
    struct slice arn = SLICE("arn:aws:iam::123456789012:role/p/r");
    assert_ok(iam_directory_role(directory, &fixture.process, arn, &role, &found));
    assert_true(found);
    ask("DeleteRole", "RoleName=r");
    assert_true(slice_equal(role.arn, arn) && slice_equal(role.name, SLICE("r")));
    assert_true(slice_equal(role.path, SLICE("/p/")) && slice_starts_with(role.id, SLICE("AROA")));
    assert_int_equal(role.max_session_seconds, 7200);
    assert_true(role.trust != NULL && role.tag_count == 1);
    assert_true(slice_equal(role.tags[0].value, SLICE("b")));
    assert_ok(iam_directory_role(directory, &fixture.process, arn, &role, &found));
    assert_false(found);
    assert_ok(iam_directory_policy(directory, &fixture.process,
                                   SLICE("arn:aws:iam::aws:policy/AdministratorAccess"), &document,
                                   &found));
    assert_true(found && has(document, SLICE("\"Action\": \"*\"")));
}

static void providers_are_found_with_and_without_the_scheme(void **state)
{
    (void)state;
    struct iam_provider provider;
    bool found;
    ask("CreateOpenIDConnectProvider",
        "Url=https://issuer.example/t&ClientIDList.member.1=app&ThumbprintList.member.1="
        "0123456789012345678901234567890123456789");
    static const char *const urls[] = {"https://issuer.example/t", "issuer.example/t"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        assert_ok(iam_directory_provider(fixture.iam.directory, &fixture.arena,
                                         slice_of_cstring(urls[i]), &provider, &found));
        assert_true(found && provider.client_id_count == 1 && provider.thumbprint_count == 1);
        assert_true(slice_equal(provider.url, SLICE("issuer.example/t")));
        assert_true(slice_equal(provider.client_ids[0], SLICE("app")));
    }
    assert_ok(iam_directory_provider(fixture.iam.directory, &fixture.arena,
                                     SLICE("https://other.example"), &provider, &found));
    assert_false(found);
}

/* --- many at once --- */

enum { WRITERS = 4, READERS = 4, ROUNDS = 40 };

static void run(const char *action, const char *parameters, struct arena *arena)
{
    const struct iam_action *row;
    struct http_form form;
    struct http_request request = {0};
    struct buf body;
    struct xml_writer out;
    char text[256];
    int size = snprintf(text, sizeof(text), "Action=%s&Version=2010-05-08&%s", action, parameters);
    struct slice copy;
    arena_reset(arena);
    if (!arena_copy(arena, slice_of(text, (size_t)size), &copy) ||
        http_form_read(arena, copy, &form) != HTTP_FORM_READ ||
        iam_action_find(arena, &form, &row) != NULL)
        abort();
    buf_init(&body, arena, 1024 * 1024);
    xml_writer_init(&out, &body);
    struct iam_call call = {
        .iam = &fixture.iam,
        .arena = arena,
        .request = &request,
        .form = &form,
        .identity = &fixture.identity,
        .now_ms = fixture.now_ms,
        .request_id = SLICE("id"),
        .out = &out,
    };
    if (iam_run(&call, row) != NULL)
        abort();
}

static void *write_users(void *context)
{
    size_t writer = *(size_t *)context;
    struct arena arena;
    arena_init(&arena, IAM_ARENA_BYTES);
    for (int round = 0; round < ROUNDS; round++) {
        char name[128];
        snprintf(name, sizeof(name), "UserName=w%zu-%d", writer, round);
        run("CreateUser", name, &arena);
        run("CreateAccessKey", name, &arena);
        if (round % 2 == 0) {
            snprintf(name, sizeof(name),
                     "UserName=w%zu-%d&Tags.member.1.Key=a&Tags.member.1.Value=b", writer, round);
            run("TagUser", name, &arena);
        }
    }
    arena_fini(&arena);
    return NULL;
}

static void *read_all(void *context)
{
    struct slice *id = context;
    struct arena arena;
    arena_init(&arena, IAM_ARENA_BYTES);
    const struct auth_keyring *keyring = iam_directory_keyring(fixture.iam.directory);
    for (int round = 0; round < ROUNDS; round++) {
        const struct auth_credential *credential;
        run("ListUsers", "MaxItems=1000", &arena);
        if (keyring->acquire(keyring->context, &arena, *id, SLICE_ABSENT, 0, &credential) != NULL)
            abort();
        iam_directory_note_use(fixture.iam.directory, *id, SLICE("iam"), SLICE("us-east-1"),
                               fixture.now_ms + round * 60000);
        keyring->release(keyring->context, credential);
    }
    arena_fini(&arena);
    return NULL;
}

static void many_read_while_many_change(void **state)
{
    (void)state;
    ask("CreateUser", "UserName=reader");
    ask("CreateAccessKey", "UserName=reader");
    struct slice id = keep("AccessKeyId");
    pthread_t threads[WRITERS + READERS];
    size_t writers[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_users, &writers[i]), 0);
    }
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[WRITERS + i], NULL, read_all, &id), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    iam_fixture_restart(&fixture);
    ask("GetAccountSummary", "");
    assert_true(has(fixture.answer, SLICE("<key>Users</key><value>161</value>")));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(secrets_are_nowhere_in_the_store),
        TEST(the_key_of_the_store_opens_the_secret),
        TEST(another_key_file_is_told_apart),
        TEST(accounts_do_not_see_each_other),
        TEST(root_has_one_key_that_is_told_once),
        TEST(a_root_without_a_key_stays_so),
        TEST(last_uses_are_kept_over_a_restart),
        TEST(views_are_copies),
        TEST(providers_are_found_with_and_without_the_scheme),
        TEST(many_read_while_many_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
