#include "auth/scope.h"

#include "auth/letters.h"
#include "auth/operand.h"

/* The value of a key, or an absent slice where this principal has no such key. rest is what follows
 * the name in the table: the name of a tag. */
typedef const struct error *answer(const struct auth_principal *principal, struct slice rest,
                                   struct arena *arena, struct slice *ret_value);

/* Of who assumed a role, the role is the principal. */
static const struct error *principal_arn(const struct auth_principal *principal, struct slice rest,
                                         struct arena *arena, struct slice *ret_value)
{
    (void)rest;
    (void)arena;
    *ret_value = principal->kind == AUTH_ROLE_SESSION ? principal->role_arn : principal->arn;
    return NULL;
}

static const struct error *principal_type(const struct auth_principal *principal, struct slice rest,
                                          struct arena *arena, struct slice *ret_value)
{
    static const struct slice types[] = {
        [AUTH_ROOT] = SLICE_INIT("Account"),
        [AUTH_USER] = SLICE_INIT("User"),
        [AUTH_ROLE_SESSION] = SLICE_INIT("AssumedRole"),
        [AUTH_FEDERATED_USER] = SLICE_INIT("FederatedUser"),
    };
    (void)rest;
    (void)arena;
    *ret_value = types[principal->kind];
    return NULL;
}

/* Names of tags, being part of a key, are compared without regard to case. */
static const struct error *principal_tag(const struct auth_principal *principal, struct slice rest,
                                         struct arena *arena, struct slice *ret_value)
{
    (void)arena;
    for (size_t i = 0; i < principal->tag_count; i++) {
        const struct auth_tag *tag = &principal->tags[i];
        if (!auth_equal_ignoring_case(tag->key, rest))
            continue;
        *ret_value = slice_present(tag->value) ? tag->value : SLICE("");
        return NULL;
    }
    return NULL;
}

static const struct error *is_aws_service(const struct auth_principal *principal, struct slice rest,
                                          struct arena *arena, struct slice *ret_value)
{
    (void)principal;
    (void)rest;
    (void)arena;
    *ret_value = SLICE("false");
    return NULL;
}

static const struct error *token_issue_time(const struct auth_principal *principal,
                                            struct slice rest, struct arena *arena,
                                            struct slice *ret_value)
{
    (void)rest;
    if (principal->token_issued_ms == 0)
        return NULL;
    char text[32];
    size_t size = auth_write_date(principal->token_issued_ms, text, sizeof(text));
    return arena_copy(arena, slice_of(text, size), ret_value) ? NULL : error_exhausted();
}

/* Long-lived keys do not have it; nobody proves a second factor here, so tokens say false. */
static const struct error *multi_factor_auth(const struct auth_principal *principal,
                                             struct slice rest, struct arena *arena,
                                             struct slice *ret_value)
{
    (void)rest;
    (void)arena;
    if (principal->token_issued_ms != 0)
        *ret_value = SLICE("false");
    return NULL;
}

struct key_row {
    struct slice name; /* one that ends in '/' is the beginning of a key */
    answer *answer;    /* NULL: the value is this member of the principal */
    size_t member;
};

static const struct key_row key_rows[] = {
    {SLICE_INIT("aws:username"), NULL, offsetof(struct auth_principal, user_name)},
    {SLICE_INIT("aws:userid"), NULL, offsetof(struct auth_principal, user_id)},
    {SLICE_INIT("aws:PrincipalArn"), principal_arn, 0},
    {SLICE_INIT("aws:PrincipalAccount"), NULL, offsetof(struct auth_principal, account)},
    {SLICE_INIT("aws:PrincipalType"), principal_type, 0},
    {SLICE_INIT("aws:PrincipalTag/"), principal_tag, 0},
    {SLICE_INIT("aws:PrincipalIsAWSService"), is_aws_service, 0},
    {SLICE_INIT("aws:SourceIdentity"), NULL, offsetof(struct auth_principal, source_identity)},
    {SLICE_INIT("aws:TokenIssueTime"), token_issue_time, 0},
    {SLICE_INIT("aws:FederatedProvider"), NULL,
     offsetof(struct auth_principal, federated_provider)},
    {SLICE_INIT("aws:MultiFactorAuthPresent"), multi_factor_auth, 0},
};

static const struct key_row *find_row(struct slice key)
{
    for (size_t i = 0; i < COUNT_OF(key_rows); i++) {
        struct slice name = key_rows[i].name;
        bool is_prefix = name.data[name.size - 1] == '/';
        if (is_prefix ? auth_starts_with_ignoring_case(key, name)
                      : auth_equal_ignoring_case(key, name))
            return &key_rows[i];
    }
    return NULL;
}

static const struct error *answer_from_principal(const struct auth_scope *scope,
                                                 const struct key_row *row, struct slice key,
                                                 struct auth_values *ret_values)
{
    struct slice value = SLICE_ABSENT;
    if (row->answer == NULL) {
        memcpy(&value, (const uint8_t *)scope->principal + row->member, sizeof(value));
    } else {
        struct slice rest = slice_after(key, row->name.size);
        const struct error *error = row->answer(scope->principal, rest, scope->arena, &value);
        if (error != NULL)
            return error;
    }
    *ret_values = (struct auth_values){0};
    if (!slice_present(value))
        return NULL;
    struct slice *item = ARENA_NEW(scope->arena, struct slice);
    if (item == NULL)
        return error_exhausted();
    *item = value;
    *ret_values = (struct auth_values){item, 1};
    return NULL;
}

const struct error *auth_scope_find(const struct auth_scope *scope, struct slice key,
                                    struct auth_values *ret_values)
{
    const struct key_row *row = scope->principal == NULL ? NULL : find_row(key);
    if (row != NULL)
        return answer_from_principal(scope, row, key, ret_values);
    struct auth_values values = {0};
    bool is_present = false;
    if (scope->look_up != NULL) {
        const struct error *error =
            scope->look_up(scope->context, scope->arena, key, &values, &is_present);
        if (error != NULL)
            return error;
    }
    *ret_values = is_present ? values : (struct auth_values){0};
    return NULL;
}

const struct error *auth_scope_variable(void *context, struct slice key, struct slice *ret_value)
{
    const struct auth_scope *scope = context;
    struct auth_values values;
    const struct error *error = auth_scope_find(scope, key, &values);
    if (error != NULL)
        return error;
    *ret_value = values.count == 1 ? values.items[0] : SLICE_ABSENT;
    return NULL;
}
