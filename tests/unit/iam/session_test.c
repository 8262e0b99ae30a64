#include "iam/session.h"

#include "base/arena_fixture.h"
#include "base/base64.h"

static const struct auth_seal_key key = {{7}};

static struct iam_session example(void)
{
    struct iam_session session = {
        .kind = IAM_SESSION_ROLE,
        .account = SLICE("000000000000"),
        .subject_id = SLICE("AROAEXAMPLE"),
        .name = SLICE("me"),
    };
    assert_null(iam_session_begin(&arena, INT64_C(1769860800123), 900, &session));
    return session;
}

static void expect(struct slice is, struct slice should)
{
    assert_int_equal(slice_present(is), slice_present(should));
    assert_true(slice_equal(is, should));
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct iam_session_text arns[] = {{SLICE("arn:aws:iam::aws:policy/A")}, {SLICE("arn:b")}};
    struct auth_tag tags[] = {{SLICE("team"), SLICE("red")}, {SLICE("empty"), SLICE("")}};
    struct iam_session_text transitive[] = {{SLICE("team")}};
    struct iam_session session = example();
    session.policy = SLICE("{}");
    session.policy_arns = arns;
    session.policy_arn_count = 2;
    session.tags = tags;
    session.tag_count = 2;
    session.transitive_keys = transitive;
    session.transitive_count = 1;
    session.source_identity = SLICE("jane");
    session.federated_provider = SLICE("idp");
    session.is_chained = true;
    struct slice token;
    struct iam_session back;
    bool valid = false;
    assert_null(iam_session_seal(&arena, &key, &session, &token));
    assert_null(iam_session_unseal(&arena, &key, token, &back, &valid));
    assert_true(valid);
    assert_int_equal(back.kind, IAM_SESSION_ROLE);
    expect(back.access_key_id, session.access_key_id);
    expect(back.secret, session.secret);
    assert_true(back.issued_ms == INT64_C(1769860800000));
    assert_true(back.expires_ms == INT64_C(1769861700000));
    expect(back.account, session.account);
    expect(back.subject_id, session.subject_id);
    expect(back.name, session.name);
    expect(back.policy, session.policy);
    assert_int_equal(back.policy_arn_count, 2);
    expect(back.policy_arns[1].text, arns[1].text);
    assert_int_equal(back.tag_count, 2);
    expect(back.tags[1].key, tags[1].key);
    expect(back.tags[1].value, tags[1].value);
    assert_int_equal(back.transitive_count, 1);
    expect(back.source_identity, session.source_identity);
    expect(back.federated_provider, session.federated_provider);
    assert_true(back.is_chained);
}

static void makes_keys_of_the_right_form(void **state)
{
    (void)state;
    struct iam_session first = example();
    struct iam_session second = example();
    assert_int_equal(first.access_key_id.size, IAM_SESSION_ACCESS_KEY_BYTES);
    assert_true(slice_starts_with(first.access_key_id, SLICE("ASIA")));
    assert_int_equal(first.secret.size, IAM_SESSION_SECRET_BYTES);
    assert_false(slice_equal(first.access_key_id, second.access_key_id));
    assert_false(slice_equal(first.secret, second.secret));
}

static void refuses_what_it_did_not_make(void **state)
{
    (void)state;
    static const struct auth_seal_key other = {{8}};
    struct iam_session session = example();
    struct iam_session back;
    struct slice token;
    struct slice sealed;
    bool valid = true;
    assert_null(iam_session_seal(&arena, &key, &session, &token));
    assert_null(iam_session_unseal(&arena, &other, token, &back, &valid));
    assert_false(valid);
    const struct slice texts[] = {SLICE(""), SLICE("!"), SLICE("AAAA"),
                                  slice_of(token.data, token.size - 4), slice_after(token, 4)};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        valid = true;
        assert_null(iam_session_unseal(&arena, &key, texts[i], &back, &valid));
        assert_false(valid);
    }
    /* sealed with the key, but by another program */
    const struct slice records[] = {SLICE(""), SLICE("\0"), SLICE("\x01\x09\0"), SLICE("\x7f")};
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        assert_null(auth_seal(&arena, &key, AUTH_SEAL_SESSION, SLICE_ABSENT, records[i], &sealed));
        uint8_t text[256];
        base64_encode(sealed, text);
        valid = true;
        assert_null(iam_session_unseal(
            &arena, &key, slice_of(text, base64_encoded_size(sealed.size)), &back, &valid));
        assert_false(valid);
    }
}

static void has_room_for_so_much_and_no_more(void **state)
{
    (void)state;
    static const uint8_t zeros[IAM_SESSION_PACKED_BYTES_MAX + 1];
    struct iam_session session = example();
    struct slice token;
    assert_int_equal(iam_session_packed_percent(&session), 0);
    session.policy = slice_of(zeros, 41);
    assert_int_equal(iam_session_packed_percent(&session), 2);
    session.policy = slice_of(zeros, IAM_SESSION_PACKED_BYTES_MAX);
    assert_int_equal(iam_session_packed_percent(&session), 100);
    assert_null(iam_session_seal(&arena, &key, &session, &token));
    assert_true(token.size <= 8192);
    session.policy = slice_of(zeros, IAM_SESSION_PACKED_BYTES_MAX + 1);
    const struct error *error = iam_session_seal(&arena, &key, &session, &token);
    assert_int_equal(error->kind, ERROR_PACKED_POLICY_TOO_LARGE);
    expect(error->message,
           SLICE("Packed policy consumes 101% of allotted space, please use smaller policy."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_as_it_was, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(makes_keys_of_the_right_form, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_what_it_did_not_make, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(has_room_for_so_much_and_no_more, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
