/* What policy.h and decide.h promise beyond single verdicts; those are cases in
 * tests/spec/policies.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "auth/decide.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static const char *const allow_get =
    "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": "
    "\"dynamodb:GetItem\", \"Resource\": \"arn:aws:dynamodb:*:111122223333:table/Books*\"}}";

static const struct auth_policy *read_policy(struct arena *arena, const char *json)
{
    const struct auth_policy *policy = NULL;
    const struct error *error =
        auth_policy_read(arena, AUTH_POLICY_IDENTITY, slice_of_cstring(json), &policy);
    if (error != NULL)
        fail_msg("%.*s", SLICE_PRINT(error->message));
    return policy;
}

static struct auth_principal user_with(const struct auth_attachment *attachment)
{
    return (struct auth_principal){
        .kind = AUTH_USER,
        .account = SLICE("111122223333"),
        .arn = SLICE("arn:aws:iam::111122223333:user/ann"),
        .user_id = SLICE("AIDAEXAMPLEEXAMPLE01"),
        .user_name = SLICE("ann"),
        .identity = {attachment, 1},
    };
}

static struct auth_question get_item(const struct auth_principal *principal)
{
    return (struct auth_question){
        .principal = principal,
        .action = SLICE("dynamodb:GetItem"),
        .resource = SLICE("arn:aws:dynamodb:eu-west-1:111122223333:table/Books"),
    };
}

static void test_a_policy_outlives_its_json(void **state)
{
    static const char json[] =
        "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": "
        "\"dynamodb:G\\u0065tItem\", \"Resource\": [\"arn:aws:dynamodb:*:*:table/${aws:username}\","
        "\"arn:aws:dynamodb:*:*:table/Books\"], \"Condition\": {\"StringEquals\": "
        "{\"aws:username\": [\"ann\", \"b\\u006fb\"]}, \"Null\": {\"aws:TokenIssueTime\": true}}}}";
    struct arena arena;
    struct arena scratch;
    char *copy = malloc(sizeof(json));
    const struct auth_policy *policy;
    (void)state;
    assert_non_null(copy);
    memcpy(copy, json, sizeof(json));
    arena_init(&arena, ARENA_BYTES);
    arena_init(&scratch, ARENA_BYTES);
    policy = read_policy(&arena, copy);
    memset(copy, 'x', sizeof(json));
    free(copy);
    struct auth_attachment attachment = {SLICE("inline"), policy};
    struct auth_principal principal = user_with(&attachment);
    struct auth_question question = get_item(&principal);
    struct auth_decision decision;
    assert_null(auth_decide(&question, &scratch, &decision));
    assert_int_equal(decision.reason, AUTH_ALLOWED);
    assert_true(slice_equal(decision.policy, SLICE("inline")));
    arena_fini(&scratch);
    arena_fini(&arena);
}

static void test_a_decision_without_conditions_takes_no_memory(void **state)
{
    struct arena arena;
    struct arena nothing;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    arena_init(&nothing, 0);
    struct auth_attachment attachment = {SLICE("inline"), read_policy(&arena, allow_get)};
    struct auth_principal principal = user_with(&attachment);
    struct auth_question question = get_item(&principal);
    struct auth_decision decision;
    assert_null(auth_decide(&question, &nothing, &decision));
    assert_int_equal(decision.reason, AUTH_ALLOWED);
    question.action = SLICE("dynamodb:PutItem");
    assert_null(auth_decide(&question, &nothing, &decision));
    assert_int_equal(decision.reason, AUTH_NO_IDENTITY_POLICY);
    assert_false(slice_present(decision.policy));
    arena_fini(&nothing);
    arena_fini(&arena);
}

static const struct error *no_answer(void *context, struct arena *arena, struct slice key,
                                     struct auth_values *ret_values, bool *ret_present)
{
    int *count = context;
    (void)key;
    (void)ret_values;
    (void)ret_present;
    ++*count;
    return error_make(arena, ERROR_INTERNAL, "the answer is lost");
}

static void test_a_look_up_that_fails_is_no_verdict(void **state)
{
    struct arena arena;
    int count = 0;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    struct auth_attachment attachment = {
        SLICE("inline"),
        read_policy(&arena,
                    "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"dynamodb:GetItem\", "
                    "\"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"a:b\": \"c\"}}}}")};
    struct auth_principal principal = user_with(&attachment);
    struct auth_question question = get_item(&principal);
    struct auth_decision decision = {.reason = AUTH_NO_BOUNDARY};
    question.look_up = no_answer;
    question.context = &count;
    const struct error *error = auth_decide(&question, &arena, &decision);
    assert_non_null(error);
    assert_true(slice_equal(error->message, SLICE("the answer is lost")));
    assert_int_equal(decision.reason, AUTH_NO_BOUNDARY);
    assert_int_equal(count, 1);
    /* Of another action nobody asks for the key. */
    question.action = SLICE("dynamodb:PutItem");
    assert_null(auth_decide(&question, &arena, &decision));
    assert_int_equal(count, 1);
    arena_fini(&arena);
}

static void test_what_a_policy_asks_for(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    const struct auth_policy *policy = read_policy(
        &arena,
        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", "
        "\"Resource\": \"arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}\"}, {\"Effect\": "
        "\"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": {\"StringNotEquals\": "
        "{\"dynamodb:LeadingKeys\": \"${www.amazon.com:user_id, 'none'}\"}, \"ArnLike\": "
        "{\"aws:SourceArn\": \"arn:aws:iam::${aws:PrincipalAccount}:*\"}}}]}");
    assert_true(auth_policy_asks_for(policy, SLICE("dynamodb:")));
    assert_true(auth_policy_asks_for(policy, SLICE("DYNAMODB:leading")));
    assert_true(auth_policy_asks_for(policy, SLICE("aws:PrincipalTag/")));
    assert_true(auth_policy_asks_for(policy, SLICE("aws:PrincipalAccount")));
    assert_true(auth_policy_asks_for(policy, SLICE("www.amazon.com:user_id")));
    assert_true(auth_policy_asks_for(policy, SLICE("aws:SourceArn")));
    assert_true(auth_policy_asks_for(policy, SLICE("")));
    assert_false(auth_policy_asks_for(policy, SLICE("aws:ResourceTag/")));
    assert_false(auth_policy_asks_for(policy, SLICE("dynamodb:LeadingKeys2")));
    policy = read_policy(&arena, allow_get);
    assert_false(auth_policy_asks_for(policy, SLICE("")));
    arena_fini(&arena);
}

static void test_length(void **state)
{
    struct arena arena;
    const struct auth_policy *policy;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(auth_policy_characters(SLICE("{ \"a\"\t:\r\n\"\xc3\xa4\" }")), 9);
    assert_int_equal(auth_policy_characters(SLICE("")), 0);
    char *json = malloc(AUTH_POLICY_BYTES_MAX + 1);
    assert_non_null(json);
    /* White space is free, up to a point. */
    memset(json, ' ', AUTH_POLICY_BYTES_MAX + 1);
    memcpy(json, allow_get, strlen(allow_get));
    assert_null(auth_policy_read(&arena, AUTH_POLICY_IDENTITY,
                                 slice_of(json, AUTH_POLICY_BYTES_MAX), &policy));
    assert_non_null(auth_policy_read(&arena, AUTH_POLICY_IDENTITY,
                                     slice_of(json, AUTH_POLICY_BYTES_MAX + 1), &policy));
    /* {"Id":"xxx...","Statement":...} */
    memset(json, 'x', AUTH_POLICY_BYTES_MAX);
    memcpy(json, "{\"Id\":\"", 7);
    static const char rest[] =
        "\",\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}";
    size_t rest_size = sizeof(rest) - 1;
    memcpy(json + AUTH_POLICY_CHARACTERS_MAX - rest_size, rest, rest_size);
    assert_null(auth_policy_read(&arena, AUTH_POLICY_IDENTITY,
                                 slice_of(json, AUTH_POLICY_CHARACTERS_MAX), &policy));
    memcpy(json + AUTH_POLICY_CHARACTERS_MAX - rest_size, "xxxx", 4);
    memcpy(json + AUTH_POLICY_CHARACTERS_MAX + 1 - rest_size, rest, rest_size);
    assert_non_null(auth_policy_read(&arena, AUTH_POLICY_IDENTITY,
                                     slice_of(json, AUTH_POLICY_CHARACTERS_MAX + 1), &policy));
    free(json);
    arena_fini(&arena);
}

static void test_an_action_that_is_long(void **state)
{
    enum { SIZE = 1000 };
    struct arena arena;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    struct auth_attachment attachment = {
        SLICE("inline"), read_policy(&arena, "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": "
                                             "\"x:*y\", \"Resource\": \"*\"}}")};
    struct auth_principal principal = user_with(&attachment);
    struct auth_question question = get_item(&principal);
    struct auth_decision decision;
    uint8_t action[SIZE];
    memset(action, 'A', SIZE);
    memcpy(action, "X:", 2);
    action[SIZE - 1] = 'Y';
    question.action = slice_of(action, SIZE);
    assert_null(auth_decide(&question, &arena, &decision));
    assert_int_equal(decision.reason, AUTH_ALLOWED);
    arena_fini(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_policy_outlives_its_json),
        cmocka_unit_test(test_a_decision_without_conditions_takes_no_memory),
        cmocka_unit_test(test_a_look_up_that_fails_is_no_verdict),
        cmocka_unit_test(test_what_a_policy_asks_for),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_an_action_that_is_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
