/* Who an access key is, and what that may do, from one request to the next. */

#include "iam/one_directory.h"
#include "iam/session.h"

static struct slice make_user_with_key(void)
{
    ask("CreateUser", "UserName=bob&Tags.member.1.Key=team&Tags.member.1.Value=blue");
    ask("CreateAccessKey", "UserName=bob");
    return keep("AccessKeyId");
}

static const struct auth_credential *acquire(struct slice id, struct slice token)
{
    const struct auth_credential *credential;
    assert_ok(iam_fixture_acquire(&fixture, id, token, &credential));
    return credential;
}

static void assert_unknown(struct slice id, struct slice token)
{
    const struct auth_credential *credential = NULL;
    const struct error *error = iam_fixture_acquire(&fixture, id, token, &credential);
    assert_non_null(error);
    assert_null(credential);
    assert_int_equal(error->kind, ERROR_UNRECOGNIZED_CLIENT);
    assert_true(slice_equal(error->message,
                            SLICE("The security token included in the request is invalid.")));
}

static bool may(const struct auth_credential *credential, const char *action)
{
    struct auth_question question = {
        .principal = &credential->principal,
        .action = slice_of_cstring(action),
        .resource = SLICE("arn:aws:dynamodb:us-east-1:123456789012:table/t"),
    };
    struct auth_decision decision;
    assert_ok(auth_decide(&question, &fixture.arena, &decision));
    return decision.reason == AUTH_ALLOWED;
}

static bool may_now(struct slice id, struct slice token, const char *action)
{
    const struct auth_credential *credential = acquire(id, token);
    bool is_allowed = may(credential, action);
    iam_fixture_drop(&fixture, credential);
    return is_allowed;
}

#define ALLOW(actions)                                                                             \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":" actions         \
    ",\"Resource\":\"*\"}]}"

/* --- long-lived keys --- */

static void a_user_is_who_it_is(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    const struct auth_credential *credential = acquire(id, SLICE_ABSENT);
    const struct auth_principal *principal = &credential->principal;
    assert_int_equal(principal->kind, AUTH_USER);
    assert_true(slice_equal(principal->arn, SLICE("arn:aws:iam::123456789012:user/bob")));
    assert_true(slice_equal(principal->user_name, SLICE("bob")));
    assert_true(slice_equal(principal->account, SLICE("123456789012")));
    assert_true(slice_starts_with(principal->user_id, SLICE("AIDA")));
    assert_int_equal(principal->tag_count, 1);
    assert_true(slice_equal(principal->tags[0].key, SLICE("team")));
    assert_int_equal(credential->expires_ms, 0);
    assert_int_equal(principal->token_issued_ms, 0);
    assert_false(may(credential, "dynamodb:GetItem"));
    iam_fixture_drop(&fixture, credential);
}

static void keys_that_are_none(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    assert_unknown(SLICE("AKIAAAAAAAAAAAAAAAAA"), SLICE_ABSENT);
    assert_unknown(SLICE(""), SLICE_ABSENT);
    assert_unknown(SLICE("local"), SLICE_ABSENT);
    assert_unknown(id, SLICE("token")); /* a long-lived one has none */
    assert_unknown(SLICE("ASIAAAAAAAAAAAAAAAAA"), SLICE_ABSENT);
    assert_unknown(SLICE("ASIAAAAAAAAAAAAAAAAA"), SLICE("token"));
}

static void a_key_counts_until_it_is_inactive_or_gone(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    char parameters[128];
    snprintf(parameters, sizeof(parameters), "UserName=bob&AccessKeyId=%.*s&Status=Inactive",
             SLICE_PRINT(id));
    const struct auth_credential *before = acquire(id, SLICE_ABSENT);
    ask("UpdateAccessKey", parameters);
    assert_unknown(id, SLICE_ABSENT);
    /* what has begun may end */
    assert_true(slice_equal(before->principal.user_name, SLICE("bob")));
    iam_fixture_drop(&fixture, before);
    snprintf(parameters, sizeof(parameters), "UserName=bob&AccessKeyId=%.*s&Status=Active",
             SLICE_PRINT(id));
    ask("UpdateAccessKey", parameters);
    iam_fixture_drop(&fixture, acquire(id, SLICE_ABSENT));
    snprintf(parameters, sizeof(parameters), "UserName=bob&AccessKeyId=%.*s", SLICE_PRINT(id));
    ask("DeleteAccessKey", parameters);
    assert_unknown(id, SLICE_ABSENT);
}

static void a_change_of_policies_counts_from_the_next_request_on(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    const struct auth_credential *before = acquire(id, SLICE_ABSENT);
    ask("PutUserPolicy", "UserName=bob&PolicyName=p&PolicyDocument=" ALLOW("[\"dynamodb:*\"]"));
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    assert_false(may(before, "dynamodb:GetItem"));
    iam_fixture_drop(&fixture, before);
    ask("DeleteUserPolicy", "UserName=bob&PolicyName=p");
    assert_false(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    ask("CreateGroup", "GroupName=g");
    ask("AttachGroupPolicy",
        "GroupName=g&PolicyArn=arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess");
    assert_false(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    ask("AddUserToGroup", "GroupName=g&UserName=bob");
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    assert_false(may_now(id, SLICE_ABSENT, "dynamodb:PutItem"));
}

static void a_new_default_version_counts_for_all_who_have_the_policy(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    ask("CreatePolicy", "PolicyName=p&PolicyDocument=" ALLOW("\"dynamodb:GetItem\""));
    ask("AttachUserPolicy", "UserName=bob&PolicyArn=arn:aws:iam::123456789012:policy/p");
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    ask("CreatePolicyVersion", "PolicyArn=arn:aws:iam::123456789012:policy/p&SetAsDefault=true"
                               "&PolicyDocument=" ALLOW("\"dynamodb:PutItem\""));
    assert_false(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:PutItem"));
    ask("SetDefaultPolicyVersion", "PolicyArn=arn:aws:iam::123456789012:policy/p&VersionId=v1");
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
}

static void a_boundary_holds_back(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    ask("AttachUserPolicy",
        "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess");
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:PutItem"));
    ask("PutUserPermissionsBoundary",
        "UserName=bob&PermissionsBoundary=arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess");
    assert_false(may_now(id, SLICE_ABSENT, "dynamodb:PutItem"));
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:GetItem"));
    ask("DeleteUserPermissionsBoundary", "UserName=bob");
    assert_true(may_now(id, SLICE_ABSENT, "dynamodb:PutItem"));
}

static void more_keys_than_are_remembered(void **state)
{
    (void)state;
    struct slice id = make_user_with_key();
    struct iam_session session = {.kind = IAM_SESSION_USER, .account = SLICE("123456789012")};
    ask("GetUser", "UserName=bob");
    session.subject_id = keep("UserId");
    for (int i = 0; i < 4200; i++) {
        struct slice token;
        arena_reset(&fixture.arena);
        assert_ok(iam_session_begin(&fixture.arena, fixture.now_ms, 900, &session));
        assert_ok(iam_session_seal(&fixture.arena, &fixture.key, &session, &token));
        iam_fixture_drop(&fixture, acquire(session.access_key_id, token));
    }
    iam_fixture_drop(&fixture, acquire(id, SLICE_ABSENT));
}

/* --- sessions --- */

struct sealed {
    struct slice id;
    struct slice token;
};

static struct sealed seal(struct iam_session *session)
{
    struct sealed sealed;
    session->account = SLICE("123456789012");
    assert_ok(iam_session_begin(&fixture.process, fixture.now_ms, 3600, session));
    assert_ok(iam_session_seal(&fixture.process, &fixture.key, session, &sealed.token));
    sealed.id = session->access_key_id;
    return sealed;
}

static struct slice make_role(void)
{
    ask("CreateRole",
        "RoleName=r&Path=/p/&AssumeRolePolicyDocument={\"Version\":\"2012-10-17\",\"Statement\":"
        "[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}"
        "&Tags.member.1.Key=Team&Tags.member.1.Value=red&Tags.member.2.Key=x&Tags.member.2.Value="
        "y");
    struct slice id = keep("RoleId");
    ask("AttachRolePolicy",
        "RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess");
    return id;
}

static void a_role_session_is_who_it_is(void **state)
{
    (void)state;
    struct auth_tag tags[] = {{SLICE("team"), SLICE("blue")}};
    struct iam_session session = {
        .kind = IAM_SESSION_ROLE,
        .subject_id = make_role(),
        .name = SLICE("s"),
        .tags = tags,
        .tag_count = 1,
        .source_identity = SLICE("ann"),
    };
    struct sealed sealed = seal(&session);
    const struct auth_credential *credential = acquire(sealed.id, sealed.token);
    const struct auth_principal *principal = &credential->principal;
    assert_int_equal(principal->kind, AUTH_ROLE_SESSION);
    assert_true(slice_equal(principal->arn, SLICE("arn:aws:sts::123456789012:assumed-role/r/s")));
    assert_true(slice_equal(principal->role_arn, SLICE("arn:aws:iam::123456789012:role/p/r")));
    assert_true(slice_equal(slice_after(principal->user_id, IAM_UNIQUE_ID_BYTES), SLICE(":s")));
    assert_true(slice_equal(principal->source_identity, SLICE("ann")));
    assert_false(slice_present(principal->user_name));
    /* the session's tag stands for the role's of that key */
    assert_int_equal(principal->tag_count, 2);
    assert_true(slice_equal(principal->tags[0].value, SLICE("blue")));
    assert_true(slice_equal(principal->tags[1].value, SLICE("y")));
    assert_int_equal(principal->token_issued_ms, fixture.now_ms);
    assert_int_equal(credential->expires_ms, fixture.now_ms + 3600 * 1000);
    assert_true(slice_equal(credential->secret, session.secret));
    assert_true(may(credential, "dynamodb:PutItem"));
    iam_fixture_drop(&fixture, credential);
}

static void a_session_ends_with_its_role(void **state)
{
    (void)state;
    struct iam_session session = {
        .kind = IAM_SESSION_ROLE, .subject_id = make_role(), .name = SLICE("s")};
    struct sealed sealed = seal(&session);
    iam_fixture_drop(&fixture, acquire(sealed.id, sealed.token));
    ask("DetachRolePolicy",
        "RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess");
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:PutItem"));
    ask("DeleteRole", "RoleName=r");
    assert_unknown(sealed.id, sealed.token);
    /* one of the same name is another one */
    make_role();
    assert_unknown(sealed.id, sealed.token);
}

static void a_session_is_held_to_its_policies(void **state)
{
    (void)state;
    struct iam_session_text arns[] = {
        {SLICE("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess")}};
    struct iam_session session = {
        .kind = IAM_SESSION_ROLE,
        .subject_id = make_role(),
        .name = SLICE("s"),
        .policy_arns = arns,
        .policy_arn_count = 1,
    };
    struct sealed sealed = seal(&session);
    assert_true(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:PutItem"));
    session.policy = SLICE(ALLOW("\"dynamodb:PutItem\""));
    session.policy_arn_count = 0;
    sealed = seal(&session);
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    assert_true(may_now(sealed.id, sealed.token, "dynamodb:PutItem"));
}

static void a_federated_user_has_only_what_its_policy_leaves(void **state)
{
    (void)state;
    make_user_with_key();
    ask("GetUser", "UserName=bob");
    struct iam_session session = {
        .kind = IAM_SESSION_FEDERATED, .subject_id = keep("UserId"), .name = SLICE("carol")};
    ask("AttachUserPolicy",
        "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess");
    struct sealed sealed = seal(&session);
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    session.policy = SLICE(ALLOW("\"*\""));
    sealed = seal(&session);
    assert_true(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    assert_false(may_now(sealed.id, sealed.token, "s3:GetObject"));
    const struct auth_credential *credential = acquire(sealed.id, sealed.token);
    assert_int_equal(credential->principal.kind, AUTH_FEDERATED_USER);
    assert_true(slice_equal(credential->principal.arn,
                            SLICE("arn:aws:sts::123456789012:federated-user/carol")));
    iam_fixture_drop(&fixture, credential);
}

static void roots_sessions(void **state)
{
    (void)state;
    struct iam_session session = {.kind = IAM_SESSION_ROOT, .subject_id = SLICE("123456789012")};
    struct sealed sealed = seal(&session);
    assert_true(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    session.kind = IAM_SESSION_ROOT_FEDERATED;
    session.name = SLICE("carol");
    sealed = seal(&session);
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    session.policy = SLICE(ALLOW("\"dynamodb:GetItem\""));
    sealed = seal(&session);
    assert_true(may_now(sealed.id, sealed.token, "dynamodb:GetItem"));
    assert_false(may_now(sealed.id, sealed.token, "dynamodb:PutItem"));
}

static void a_token_belongs_to_one_key(void **state)
{
    (void)state;
    struct iam_session session = {
        .kind = IAM_SESSION_ROLE, .subject_id = make_role(), .name = SLICE("s")};
    struct sealed first = seal(&session);
    struct sealed second = seal(&session);
    iam_fixture_drop(&fixture, acquire(first.id, first.token));
    assert_unknown(first.id, second.token);
    assert_unknown(second.id, first.token);
    assert_unknown(first.id, SLICE_ABSENT);
    /* a kind of session that the subject cannot have */
    session.kind = IAM_SESSION_USER;
    struct sealed wrong = seal(&session);
    assert_unknown(wrong.id, wrong.token);
    /* of another account */
    session.kind = IAM_SESSION_ROLE;
    session.account = SLICE("210987654321");
    struct slice token;
    assert_ok(iam_session_seal(&fixture.process, &fixture.key, &session, &token));
    assert_unknown(session.access_key_id, token);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_user_is_who_it_is),
        TEST(keys_that_are_none),
        TEST(a_key_counts_until_it_is_inactive_or_gone),
        TEST(a_change_of_policies_counts_from_the_next_request_on),
        TEST(a_new_default_version_counts_for_all_who_have_the_policy),
        TEST(a_boundary_holds_back),
        TEST(more_keys_than_are_remembered),
        TEST(a_role_session_is_who_it_is),
        TEST(a_session_ends_with_its_role),
        TEST(a_session_is_held_to_its_policies),
        TEST(a_federated_user_has_only_what_its_policy_leaves),
        TEST(roots_sessions),
        TEST(a_token_belongs_to_one_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
