/* fuzz: hr_auth hr_json hr_base */
/* about: auth/arn.c auth/condition.c auth/decide.c auth/operand.c auth/pattern.c auth/policy*.c
 * auth/scope.c auth/statement.c */

/* The input is read as a policy of each kind; what is one is asked questions by several principals.
 * Behind a vertical tab, which no JSON has, stands the text that conditions then find. */

#include <stdint.h>

#include "auth/decide.h"
#include "auth/policy_principals.h"
#include "base/check.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, INPUT_BYTES_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct looked_up {
    struct slice items[3];
};

/* Keys that end in an even letter have one value, others three, some none. */
static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    const struct looked_up *values = context;
    (void)arena;
    uint8_t last = key.size == 0 ? 0 : key.data[key.size - 1];
    *ret_present = last % 8 != 0;
    if (*ret_present)
        *ret_values = (struct auth_values){values->items, last % 2 == 0 ? 1 : 3};
    return NULL;
}

static const struct slice resources[] = {
    SLICE_INIT("*"),
    SLICE_INIT("arn:aws:dynamodb:us-east-1:111122223333:table/Books"),
    SLICE_INIT("arn:aws:dynamodb:us-east-1:111122223333:table/Books/index/aaaaaaaaaaaaaaaaaaaaab"),
    SLICE_INIT("no arn"),
};

static const struct slice actions[] = {
    SLICE_INIT("dynamodb:GetItem"),
    SLICE_INIT("sts:AssumeRole"),
    SLICE_INIT(""),
};

static void ask(const struct auth_policy *policy, enum auth_policy_kind kind,
                struct auth_principal *principal, struct looked_up *values, struct arena *arena)
{
    bool is_of_resource = kind == AUTH_POLICY_RESOURCE || kind == AUTH_POLICY_TRUST;
    struct auth_attachment attachment = {SLICE("arn:aws:iam::111122223333:policy/p"), policy};
    if (!is_of_resource) {
        principal->identity = (struct auth_attachments){&attachment, 1};
        principal->session = (struct auth_attachments){&attachment, 1};
        principal->boundary = policy;
    }
    for (size_t i = 0; i < COUNT_OF(resources) * COUNT_OF(actions); i++) {
        struct auth_question question = {
            .principal = principal,
            .action = actions[i % COUNT_OF(actions)],
            .resource = resources[i / COUNT_OF(actions)],
            .resource_policy = is_of_resource ? policy : NULL,
            .look_up = look_up,
            .context = values,
        };
        struct auth_decision decision;
        const struct error *error = auth_decide(&question, arena, &decision);
        if (error == NULL && decision.reason != AUTH_ALLOWED)
            error = auth_denial(arena, &question, &decision);
        CHECK(error == NULL || error->message.size > 0);
    }
    if (kind != AUTH_POLICY_TRUST)
        return;
    struct auth_trust_question question = {
        .trust = policy,
        .action = SLICE("sts:AssumeRoleWithWebIdentity"),
        .federated = values->items[0],
        .service = SLICE("rolesanywhere.amazonaws.com"),
        .look_up = look_up,
        .context = values,
    };
    enum auth_trust trust;
    const struct error *error = auth_decide_trust(&question, arena, &trust);
    CHECK(error == NULL ? trust <= AUTH_TRUST_OF_PRINCIPAL : error->message.size > 0);
}

static const struct slice unique_id = SLICE_INIT("AIDAEXAMPLEEXAMPLE01");

static const struct error *rename_long(void *context, struct slice *name)
{
    if (name->size >= unique_id.size)
        *name = *(const struct slice *)context;
    return NULL;
}

/* Under names that are not longer a policy stays one. */
static void rename_principals(struct arena *arena, enum auth_policy_kind kind, struct slice json,
                              bool is_policy)
{
    struct slice id = unique_id;
    struct slice odd = SLICE("arn:aws:iam::111122223333:user/\"\\/ann");
    struct slice renamed;
    const struct auth_policy *policy;
    CHECK(auth_policy_rename(arena, json, rename_long, &odd, &renamed) == NULL);
    CHECK(auth_policy_rename(arena, renamed, rename_long, &id, &renamed) == NULL);
    if (is_policy)
        CHECK(auth_policy_read(arena, kind, renamed, &policy) == NULL);
}

static void run(enum auth_policy_kind kind, struct slice json, struct looked_up *values)
{
    static const struct auth_tag tags[] = {
        {SLICE_INIT("team"), SLICE_INIT("blue")},
        {SLICE_INIT("a"), SLICE_INIT("*")},
    };
    struct auth_principal user = {
        .kind = AUTH_USER,
        .account = SLICE("111122223333"),
        .arn = SLICE("arn:aws:iam::111122223333:user/ann"),
        .user_id = SLICE("AIDAEXAMPLEEXAMPLE01"),
        .user_name = SLICE("ann"),
    };
    struct auth_principal session = {
        .kind = AUTH_ROLE_SESSION,
        .account = SLICE("111122223333"),
        .arn = SLICE("arn:aws:sts::111122223333:assumed-role/app/one"),
        .role_arn = SLICE("arn:aws:iam::111122223333:role/app"),
        .user_id = SLICE("AROAEXAMPLEEXAMPLE02:one"),
        .tags = tags,
        .tag_count = COUNT_OF(tags),
        .has_session_policies = true,
        .token_issued_ms = 1769860800000,
    };
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    const struct auth_policy *policy;
    const struct error *error = auth_policy_read(&arena, kind, json, &policy);
    CHECK(error == NULL || error->message.size > 0);
    rename_principals(&arena, kind, json, error == NULL);
    if (error == NULL) {
        (void)auth_policy_asks_for(policy, SLICE("dynamodb:"));
        ask(policy, kind, &user, values, &arena);
        ask(policy, kind, &session, values, &arena);
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum auth_policy_kind kinds[] = {AUTH_POLICY_IDENTITY, AUTH_POLICY_RESOURCE,
                                                  AUTH_POLICY_TRUST, AUTH_POLICY_MANAGED};
    if (size > INPUT_BYTES_MAX)
        return 0;
    struct slice json = slice_of(data, size);
    struct slice value = SLICE("a");
    const uint8_t *separator = size == 0 ? NULL : memchr(data, 0x0b, size);
    if (separator != NULL) {
        json.size = (size_t)(separator - data);
        value = slice_after(slice_of(data, size), json.size + 1);
    }
    struct looked_up values = {{value, SLICE("true"), SLICE("2026-01-31T12:00:00Z")}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        run(kinds[i], json, &values);
    return 0;
}
