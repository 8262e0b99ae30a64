#include "db/identity.h"

#include "db/keyspace.h"
#include "db_fixture.h"

/* The worked example of docs/format/identity.md, byte for byte. */
static const uint8_t example[] = {
    0x01, 0x02,                                     /*  1 kind: user */
    0x02, 0x05, 'A',  'I',  'D',  'A',  '7',        /*  2 id */
    0x03, 0x03, 'b',  'o',  'b',                    /*  3 name */
    0x04, 0x01, '/',                                /*  4 path */
    0x05, 0xd0, 0x0f,                               /*  5 created_ms: 1000 */
    0x07, 0x01,                                     /*  7 tags: one */
    0x01, 0x01, 'k',  0x02, 0x01, 'v',  0x00,       /*    k: v */
    0x08, 0x01,                                     /*  8 inline policies: one */
    0x01, 0x01, 'p',  0x02, 0x02, '{',  '}',  0x00, /*    p: {} */
    0x09, 0x01,                                     /*  9 attached: one */
    0x01, 0x03, 'a',  'r',  'n',  0x00,             /*    arn */
    0x0b, 0x01,                                     /* 11 keys: one */
    0x01, 0x05, 'A',  'K',  'I',  'A',  '2',        /*    id */
    0x02, 0x02, 0xfe, 0xff,                         /*    sealed */
    0x03, 0x0a,                                     /*    created_ms: 5 */
    0x04,                                           /*    inactive */
    0x00,                                           /*    end of the key */
    0x0c, 0x01,                                     /* 12 groups: one */
    0x01, 0x05, 'A',  'G',  'P',  'A',  '3',  0x00, /*    AGPA3 */
    0x00,
};

static const uint8_t example_key[] = {
    0x68, 0x80, 0x80, 0x80, 0x80, 0x80, /* family h, space 0 */
    0x80, 0x80, 0x80, 0x80, 0x80,       /* hash 0 */
    '1',  0x01, 0x01,                   /* account */
    0x02, 0x01, 0x01,                   /* kind: user */
    'A',  'I',  'D',  'A',  '7',  0x01, 0x01,
};

static struct db_identity example_user(void)
{
    static struct db_identity_tag tag;
    static struct db_identity_document policy;
    static struct db_identity_text attached, group;
    static struct db_identity_key key;
    tag = (struct db_identity_tag){SLICE("k"), SLICE("v")};
    policy = (struct db_identity_document){SLICE("p"), SLICE("{}")};
    attached.text = SLICE("arn");
    group.text = SLICE("AGPA3");
    key = (struct db_identity_key){
        .id = SLICE("AKIA2"), .sealed = SLICE("\xfe\xff"), .created_ms = 5, .inactive = true};
    return (struct db_identity){
        .kind = DB_IDENTITY_USER,
        .id = SLICE("AIDA7"),
        .name = SLICE("bob"),
        .path = SLICE("/"),
        .created_ms = 1000,
        .tags = &tag,
        .tag_count = 1,
        .inline_policies = &policy,
        .inline_count = 1,
        .attached = &attached,
        .attached_count = 1,
        .keys = &key,
        .key_count = 1,
        .groups = &group,
        .group_count = 1,
    };
}

static struct slice record_of(const struct db_identity *identity)
{
    struct buf record;
    buf_init(&record, &fixture_arena, FIXTURE_ARENA_BYTES);
    db_identity_record_write(&record, identity);
    assert_false(record.failed);
    return buf_slice(&record);
}

static void example_in_the_format_page(void **state)
{
    (void)state;
    struct db_identity user = example_user();
    assert_slice(record_of(&user), slice_of(example, sizeof(example)));
    assert_slice(db_key_of_identity(&fixture_arena, SLICE("1"), DB_IDENTITY_USER, SLICE("AIDA7")),
                 slice_of(example_key, sizeof(example_key)));
}

static void reads_the_example(void **state)
{
    (void)state;
    struct db_identity user;
    assert_ok(db_identity_record_read(&fixture_arena, slice_of(example, sizeof(example)), &user));
    assert_int_equal(user.kind, DB_IDENTITY_USER);
    assert_slice(user.keys[0].sealed, SLICE("\xfe\xff"));
    assert_true(user.keys[0].inactive);
    assert_slice(record_of(&user), slice_of(example, sizeof(example)));
}

static void round_trip_of_everything(void **state)
{
    (void)state;
    struct db_identity_version versions[] = {{1, SLICE("{}"), 7}, {4, SLICE("{\"a\":1}"), 8}};
    struct db_identity_text texts[] = {{SLICE("x")}, {SLICE("")}};
    struct db_identity_key key = {.id = SLICE("AKIA"),
                                  .sealed = SLICE("s"),
                                  .used_ms = 9,
                                  .used_region = SLICE("eu"),
                                  .used_service = SLICE("sts")};
    struct db_identity all = {
        .kind = DB_IDENTITY_POLICY,
        .id = SLICE("ANPA"),
        .name = SLICE("p"),
        .path = SLICE("/a/"),
        .created_ms = 1,
        .description = SLICE("d"),
        .boundary = SLICE("b"),
        .keys = &key,
        .key_count = 1,
        .trust = SLICE("t"),
        .max_session_seconds = 3600,
        .versions = versions,
        .version_count = 2,
        .default_version = 4,
        .newest_version = 6,
        .updated_ms = 2,
        .client_ids = texts,
        .client_id_count = 2,
        .thumbprints = texts,
        .thumbprint_count = 1,
        .roles = texts,
        .role_count = 1,
        .sealed_words = SLICE("w"),
    };
    struct db_identity again;
    struct slice record = record_of(&all);
    assert_ok(db_identity_record_read(&fixture_arena, record, &again));
    assert_slice(record_of(&again), record);
    assert_int_equal(again.versions[1].number, 4);
    assert_slice(again.keys[0].used_service, SLICE("sts"));
    assert_slice(again.client_ids[1].text, SLICE(""));
    assert_slice(again.sealed_words, SLICE("w"));
}

static const char corrupt[] = "The record of an identity is corrupt or of a newer format";

static void damage_is_never_believed_blindly(void **state)
{
    (void)state;
    struct db_identity user;
    for (size_t size = 0; size < sizeof(example); size++)
        assert_error(db_identity_record_read(&fixture_arena, slice_of(example, size), &user),
                     ERROR_INTERNAL, corrupt);
    for (size_t at = 0; at < sizeof(example); at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t damaged[sizeof(example)];
            memcpy(damaged, example, sizeof(example));
            damaged[at] = (uint8_t)byte;
            struct arena arena;
            arena_init(&arena, 1024 * 1024);
            /* What is accepted is an identity that can be written again. */
            if (db_identity_record_read(&arena, slice_of(damaged, sizeof(damaged)), &user) == NULL)
                assert_true(record_of(&user).size > 0);
            arena_fini(&arena);
        }
    }
}

static void versions_have_to_be_in_order(void **state)
{
    (void)state;
    struct db_identity_version versions[] = {{2, SLICE("{}"), 0}, {1, SLICE("{}"), 0}};
    struct db_identity policy = {
        .kind = DB_IDENTITY_POLICY,
        .id = SLICE("ANPA"),
        .name = SLICE("p"),
        .versions = versions,
        .version_count = 2,
        .default_version = 1,
        .newest_version = 2,
    };
    assert_error(db_identity_record_read(&fixture_arena, record_of(&policy), &policy),
                 ERROR_INTERNAL, corrupt);
    policy.version_count = 1;
    policy.versions = versions;
    policy.default_version = 1; /* which is not there */
    assert_error(db_identity_record_read(&fixture_arena, record_of(&policy), &policy),
                 ERROR_INTERNAL, corrupt);
}

/* --- in the store --- */

static const struct error *append_name(void *context, const struct db_identity *identity)
{
    struct buf *names = context;
    buf_append(names, identity->name);
    buf_append_byte(names, ' ');
    return NULL;
}

static struct slice names_of(const char *account)
{
    static struct buf names;
    buf_init(&names, &fixture_arena, 1024);
    assert_ok(db_identity_scan(fixture_store, &fixture_arena, slice_of_cstring(account),
                               append_name, &names));
    return buf_slice(&names);
}

static void write_user(const char *account, const char *id, const char *name)
{
    struct db_identity user = {
        .kind = DB_IDENTITY_USER, .id = slice_of_cstring(id), .name = slice_of_cstring(name)};
    struct db_identity_change change = {user.kind, user.id, name[0] == '\0' ? NULL : &user};
    assert_ok(
        db_identity_write(fixture_store, &fixture_arena, slice_of_cstring(account), &change, 1));
}

static void records_come_and_go(void **state)
{
    (void)state;
    write_user("1", "AIDA2", "two");
    write_user("1", "AIDA1", "one");
    write_user("10", "AIDA9", "elsewhere");
    assert_slice(names_of("1"), SLICE("one two "));
    write_user("1", "AIDA1", "uno");
    assert_slice(names_of("1"), SLICE("uno two "));
    write_user("1", "AIDA1", "");
    assert_slice(names_of("1"), SLICE("two "));
    assert_slice(names_of("10"), SLICE("elsewhere "));
    assert_slice(names_of("2"), SLICE(""));
}

static const struct error *refuse(void *context, const struct db_identity *identity)
{
    (void)context;
    return error_make_slice(&fixture_arena, ERROR_INTERNAL, identity->name);
}

static void a_visit_may_end_the_scan(void **state)
{
    (void)state;
    write_user("1", "AIDA1", "one");
    assert_error(db_identity_scan(fixture_store, &fixture_arena, SLICE("1"), refuse, NULL),
                 ERROR_INTERNAL, "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(example_in_the_format_page),   DB_TEST(reads_the_example),
        DB_TEST(round_trip_of_everything),     DB_TEST(damage_is_never_believed_blindly),
        DB_TEST(versions_have_to_be_in_order), DB_TEST(records_come_and_go),
        DB_TEST(a_visit_may_end_the_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
