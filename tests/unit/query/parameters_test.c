#include "query/parameters.h"

#include "base/arena_fixture.h"

struct tag {
    struct slice key;
    struct slice value;
};

struct input {
    struct slice name;
    struct slice status;
    int64_t seconds;
    bool reset;
    struct tag *tags;
    size_t tag_count;
    const struct slice *keys;
    size_t key_count;
};

static const struct error *read_input(const char *text, struct input *ret_input)
{
    static const struct query_member members[] = {
        QUERY_TEXT_MEMBER(struct input, name, "RoleName", QUERY_REQUIRED, 2, 8,
                          &query_pattern_name),
        QUERY_WORD_MEMBER(struct input, status, "Status", QUERY_OPTIONAL, "Active|Inactive"),
        QUERY_INTEGER_MEMBER(struct input, seconds, "DurationSeconds", QUERY_OPTIONAL, 900, 43200),
        QUERY_BOOLEAN_MEMBER(struct input, reset, "Reset", QUERY_OPTIONAL),
    };
    static const struct query_member tag[] = {
        QUERY_TEXT_MEMBER(struct tag, key, "Key", QUERY_REQUIRED, 1, 4, &query_pattern_tag),
        QUERY_TEXT_MEMBER(struct tag, value, "Value", QUERY_REQUIRED, 0, 4, &query_pattern_tag),
    };
    static const struct query_member key = {"TagKeys", QUERY_TEXT,         QUERY_REQUIRED, 1,
                                            4,         &query_pattern_tag, NULL,           0};
    struct http_form form;
    assert_int_equal(http_form_read(&arena, slice_of_cstring(text), &form), HTTP_FORM_READ);
    struct query_reader reader;
    query_reader_init(&reader, &arena, &form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), ret_input);
    ret_input->tags = query_read_list(&reader, QUERY_TOP, "Tags", 3, tag, COUNT_OF(tag),
                                      sizeof(struct tag), &ret_input->tag_count);
    ret_input->keys = query_read_texts(&reader, QUERY_TOP, &key, 3, &ret_input->key_count);
    return query_reader_end(&reader);
}

static void expect_slice(struct slice is, const char *should)
{
    assert_int_equal(is.size, strlen(should));
    assert_memory_equal(is.data, should, is.size);
}

static void reads_members_structs_and_lists(void **state)
{
    (void)state;
    struct input input = {.seconds = 3600};
    assert_null(read_input("RoleName=role&Tags.member.2.Key=b&Tags.member.2.Value=&Reset=true"
                           "&Tags.member.1.Value=one&Tags.member.1.Key=a&TagKeys.member.1=k",
                           &input));
    expect_slice(input.name, "role");
    assert_false(slice_present(input.status));
    assert_int_equal(input.seconds, 3600);
    assert_true(input.reset);
    assert_int_equal(input.tag_count, 2);
    expect_slice(input.tags[0].key, "a");
    expect_slice(input.tags[0].value, "one");
    expect_slice(input.tags[1].key, "b");
    expect_slice(input.tags[1].value, "");
    assert_int_equal(input.key_count, 1);
    expect_slice(input.keys[0], "k");
}

static void tells_all_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        enum error_kind kind;
        const char *message;
    } cases[] = {
        {"", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: "
         "Member must not be null"},
        {"RoleName=a", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value 'a' at 'roleName' failed to satisfy constraint: "
         "Member must have length greater than or equal to 2"},
        {"RoleName=123456789", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value '123456789' at 'roleName' failed to satisfy "
         "constraint: Member must have length less than or equal to 8"},
        {"RoleName=a/b&DurationSeconds=60&Status=x", ERROR_QUERY_VALIDATION,
         "3 validation errors detected: Value 'a/b' at 'roleName' failed to satisfy constraint: "
         "Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value 'x' at 'status' "
         "failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]; "
         "Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value "
         "greater than or equal to 900"},
        {"RoleName=ab&DurationSeconds=43201", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy "
         "constraint: Member must have value less than or equal to 43200"},
        {"RoleName=ab&DurationSeconds=1x", ERROR_MALFORMED_INPUT, ""},
        {"RoleName=ab&DurationSeconds=99999999999", ERROR_MALFORMED_INPUT, ""},
        {"RoleName=ab&DurationSeconds= 9", ERROR_MALFORMED_INPUT, ""},
        {"RoleName=ab&Reset=yes", ERROR_MALFORMED_INPUT, ""},
        {"RoleName=ab&Tags.member.2.Key=toolong", ERROR_QUERY_VALIDATION,
         "4 validation errors detected: Value null at 'tags.1.member.key' failed to satisfy "
         "constraint: Member must not be null; Value null at 'tags.1.member.value' failed to "
         "satisfy constraint: Member must not be null; Value 'toolong' at 'tags.2.member.key' "
         "failed to satisfy constraint: Member must have length less than or equal to 4; Value "
         "null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null"},
        {"RoleName=ab&Tags.member.4.Key=a", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value '[...]' at 'tags' failed to satisfy constraint: "
         "Member must have length less than or equal to 3"},
        {"RoleName=ab&Tags.member.99999999999999999999.Key=a", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value '[...]' at 'tags' failed to satisfy constraint: "
         "Member must have length less than or equal to 3"},
        {"RoleName=ab&TagKeys.member.1=", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value '' at 'tagKeys.1.member' failed to satisfy "
         "constraint: Member must have length greater than or equal to 1"},
        {"RoleName=ab&TagKeys.member.2=b", ERROR_QUERY_VALIDATION,
         "1 validation error detected: Value null at 'tagKeys.1.member' failed to satisfy "
         "constraint: Member must not be null"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct input input = {.seconds = 3600};
        const struct error *error = read_input(cases[i].form, &input);
        assert_non_null(error);
        assert_int_equal(error->kind, cases[i].kind);
        expect_slice(error->message, cases[i].message);
    }
}

static void counts_characters_not_bytes(void **state)
{
    (void)state;
    struct input input = {.seconds = 3600};
    assert_null(read_input("RoleName=ab&Tags.member.1.Key=%C3%A4%C3%B6%C3%BC%C3%9F"
                           "&Tags.member.1.Value=%F0%9F%98%80",
                           &input));
    assert_int_equal(input.tags[0].key.size, 8);
}

static void ignores_names_that_only_look_like_it(void **state)
{
    (void)state;
    struct input input = {.seconds = 3600};
    assert_null(read_input("RoleName=ab&Tags.member.0.Key=a&Tags.member.x=1&Tags.member.1x.Key=2"
                           "&Tags.member.=3&Tags=4&Status2=5&rolename=6",
                           &input));
    assert_int_equal(input.tag_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_members_structs_and_lists, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(tells_all_that_is_wrong, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(counts_characters_not_bytes, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(ignores_names_that_only_look_like_it, open_arena,
                                        close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
