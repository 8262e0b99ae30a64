#include "auth/decide.h"

#include "auth/letters.h"
#include "auth/statement.h"
#include "base/check.h"

enum { ACTION_BYTES_USUAL = 64 };

/* What policies of one sort say together. */
struct opinion {
    bool denies;
    enum auth_naming allows; /* AUTH_NAMED_NOT: no statement does */
    struct slice denied_by;  /* the attachment that denies, or absent */
    struct slice allowed_by; /* the first one that allows, or absent */
};

/* Asks one policy. Statements that could only say what is known already are not asked. */
static const struct error *ask(const struct auth_policy *policy, struct slice name,
                               const struct auth_request *request, struct opinion *opinion)
{
    bool names_parties = policy->kind == AUTH_POLICY_RESOURCE || policy->kind == AUTH_POLICY_TRUST;
    for (size_t i = 0; i < policy->statement_count && !opinion->denies; i++) {
        const struct auth_statement *statement = &policy->statements[i];
        enum auth_naming naming =
            names_parties ? auth_statement_names(statement, request) : AUTH_NAMED_DIRECTLY;
        if (naming == AUTH_NAMED_NOT || (!statement->denies && naming <= opinion->allows))
            continue;
        bool applies;
        const struct error *error = auth_statement_applies(statement, request, &applies);
        if (error != NULL)
            return error;
        if (!applies)
            continue;
        if (statement->denies) {
            opinion->denies = true;
            opinion->denied_by = name;
        } else {
            opinion->allows = naming;
            opinion->allowed_by = name;
        }
    }
    return NULL;
}

static const struct error *ask_all(struct auth_attachments attachments,
                                   const struct auth_request *request, struct opinion *opinion)
{
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < attachments.count && !opinion->denies; i++)
        error = ask(attachments.items[i].policy, attachments.items[i].name, request, opinion);
    return error;
}

/* The action in small letters; in usual when it fits. false: the arena is exhausted. */
static bool take_action(struct arena *arena, struct slice action, uint8_t usual[ACTION_BYTES_USUAL],
                        struct slice *ret_action)
{
    uint8_t *small =
        action.size <= ACTION_BYTES_USUAL ? usual : arena_alloc_bytes(arena, action.size);
    if (small == NULL)
        return false;
    for (size_t i = 0; i < action.size; i++)
        small[i] = auth_lower(action.data[i]);
    *ret_action = slice_of(small, action.size);
    return true;
}

/* What each sort of policy says of a question. */
struct opinions {
    struct opinion identity;
    struct opinion boundary;
    struct opinion session;
    struct opinion resource;
};

static const struct error *ask_everyone(const struct auth_question *question,
                                        const struct auth_request *request,
                                        struct opinions *opinions)
{
    const struct auth_principal *principal = question->principal;
    const struct error *error = NULL;
    if (principal->kind != AUTH_ROOT) {
        error = ask_all(principal->identity, request, &opinions->identity);
        if (error == NULL && principal->boundary != NULL)
            error =
                ask(principal->boundary, principal->boundary_name, request, &opinions->boundary);
        if (error == NULL)
            error = ask_all(principal->session, request, &opinions->session);
    }
    if (error == NULL && question->resource_policy != NULL)
        error = ask(question->resource_policy, SLICE_ABSENT, request, &opinions->resource);
    return error;
}

static struct auth_decision refuse(enum auth_reason reason, struct slice policy)
{
    return (struct auth_decision){reason, policy};
}

/* Do boundary and session, where there are any, allow as well? */
static struct auth_decision allow_within_limits(const struct auth_principal *principal,
                                                const struct opinions *opinions,
                                                struct slice allowed_by)
{
    if (principal->boundary != NULL && opinions->boundary.allows == AUTH_NAMED_NOT)
        return refuse(AUTH_NO_BOUNDARY, principal->boundary_name);
    /* Who is federated has no more than session policies give (API reference of STS,
     * "GetFederationToken"), also when there are none. */
    bool has_session = principal->has_session_policies || principal->kind == AUTH_FEDERATED_USER;
    if (has_session && opinions->session.allows == AUTH_NAMED_NOT)
        return refuse(AUTH_NO_SESSION_POLICY, SLICE_ABSENT);
    return (struct auth_decision){AUTH_ALLOWED, allowed_by};
}

/* IAM user guide, "How AWS enforcement code logic evaluates requests to allow or deny access". */
static struct auth_decision weigh(const struct auth_question *question,
                                  const struct opinions *opinions)
{
    const struct auth_principal *principal = question->principal;
    bool is_trust =
        question->resource_policy != NULL && question->resource_policy->kind == AUTH_POLICY_TRUST;
    enum auth_naming naming = opinions->resource.allows;
    if (opinions->identity.denies)
        return refuse(AUTH_DENIED_BY_IDENTITY_POLICY, opinions->identity.denied_by);
    if (opinions->boundary.denies)
        return refuse(AUTH_DENIED_BY_BOUNDARY, opinions->boundary.denied_by);
    if (opinions->session.denies)
        return refuse(AUTH_DENIED_BY_SESSION_POLICY, opinions->session.denied_by);
    if (opinions->resource.denies)
        return refuse(AUTH_DENIED_BY_RESOURCE_POLICY, SLICE_ABSENT);
    if (is_trust && naming == AUTH_NAMED_NOT)
        return refuse(AUTH_NO_RESOURCE_POLICY, SLICE_ABSENT);
    if (principal->kind == AUTH_ROOT || naming == AUTH_NAMED_DIRECTLY)
        return (struct auth_decision){AUTH_ALLOWED, SLICE_ABSENT};
    if (naming == AUTH_NAMED_BY_ORIGIN)
        return allow_within_limits(principal, opinions, SLICE_ABSENT);
    if (opinions->identity.allows == AUTH_NAMED_NOT)
        return refuse(AUTH_NO_IDENTITY_POLICY, SLICE_ABSENT);
    return allow_within_limits(principal, opinions, opinions->identity.allowed_by);
}

const struct error *auth_decide(const struct auth_question *question, struct arena *arena,
                                struct auth_decision *ret_decision)
{
    uint8_t usual[ACTION_BYTES_USUAL];
    struct auth_request request = {
        .principal = question->principal,
        .resource = question->resource,
        .scope = {question->principal, question->look_up, question->context, arena},
    };
    if (!take_action(arena, question->action, usual, &request.action))
        return error_exhausted();
    request.is_arn = auth_arn_read(question->resource, &request.arn);
    struct opinions opinions = {0};
    const struct error *error = ask_everyone(question, &request, &opinions);
    if (error == NULL)
        *ret_decision = weigh(question, &opinions);
    return error;
}

const struct error *auth_decide_trust(const struct auth_trust_question *question,
                                      struct arena *arena, enum auth_trust *ret_trust)
{
    static const enum auth_trust trusts[] = {
        [AUTH_NAMED_NOT] = AUTH_TRUST_NONE,
        [AUTH_NAMED_BY_ACCOUNT] = AUTH_TRUST_OF_ACCOUNT,
        [AUTH_NAMED_BY_ORIGIN] = AUTH_TRUST_OF_PRINCIPAL,
        [AUTH_NAMED_DIRECTLY] = AUTH_TRUST_OF_PRINCIPAL,
    };
    uint8_t usual[ACTION_BYTES_USUAL];
    struct auth_request request = {
        .principal = question->principal,
        .federated = question->federated,
        .service = question->service,
        .scope = {question->principal, question->look_up, question->context, arena},
    };
    if (!take_action(arena, question->action, usual, &request.action))
        return error_exhausted();
    struct opinion opinion = {0};
    const struct error *error = ask(question->trust, SLICE_ABSENT, &request, &opinion);
    if (error == NULL)
        *ret_trust = opinion.denies ? AUTH_TRUST_DENIED : trusts[opinion.allows];
    return error;
}

/* The end of the message. "explicit deny" is followed by the ARN of a managed policy (AWS security
 * blog, "Enhanced access denied error messages with policy ARNs"). Wording: IAM user guide,
 * "Troubleshoot access denied error messages"; all of them also observed. */
struct denial_row {
    const char *before_action; /* "because no ... policy allows the" ACTION "action", or NULL */
    const char *denied;        /* "with an explicit deny in ..." */
};

static const struct denial_row denials[] = {
    [AUTH_NO_IDENTITY_POLICY] = {"because no identity-based policy allows the", NULL},
    [AUTH_NO_BOUNDARY] = {"because no permissions boundary allows the", NULL},
    [AUTH_NO_SESSION_POLICY] = {"because no session policy allows the", NULL},
    [AUTH_NO_RESOURCE_POLICY] = {"because no resource-based policy allows the", NULL},
    [AUTH_DENIED_BY_IDENTITY_POLICY] = {NULL, "with an explicit deny in an identity-based policy"},
    [AUTH_DENIED_BY_BOUNDARY] = {NULL, "with an explicit deny in a permissions boundary"},
    [AUTH_DENIED_BY_SESSION_POLICY] = {NULL, "with an explicit deny in a session policy"},
    [AUTH_DENIED_BY_RESOURCE_POLICY] = {NULL, "with an explicit deny in a resource-based policy"},
};

const struct error *auth_denial(struct arena *arena, const struct auth_question *question,
                                const struct auth_decision *decision)
{
    CHECK(decision->reason != AUTH_ALLOWED && (size_t)decision->reason < COUNT_OF(denials));
    const struct denial_row *row = &denials[decision->reason];
    struct slice user = question->principal->arn;
    struct slice action = question->action;
    struct slice resource = question->resource;
    /* Of roles that may not be assumed STS does not say why (observed). */
    if (question->resource_policy != NULL && question->resource_policy->kind == AUTH_POLICY_TRUST)
        return error_make(arena, ERROR_ACCESS_DENIED,
                          "User: %.*s is not authorized to perform: %.*s on resource: %.*s",
                          SLICE_PRINT(user), SLICE_PRINT(action), SLICE_PRINT(resource));
    const char *on = slice_present(resource) ? " on resource: " : "";
    if (row->before_action != NULL)
        return error_make(arena, ERROR_ACCESS_DENIED,
                          "User: %.*s is not authorized to perform: %.*s%s%.*s %s %.*s action",
                          SLICE_PRINT(user), SLICE_PRINT(action), on, SLICE_PRINT(resource),
                          row->before_action, SLICE_PRINT(action));
    bool has_arn = slice_starts_with(decision->policy, SLICE("arn:"));
    struct slice policy = has_arn ? decision->policy : SLICE("");
    return error_make(arena, ERROR_ACCESS_DENIED,
                      "User: %.*s is not authorized to perform: %.*s%s%.*s %s%s%.*s",
                      SLICE_PRINT(user), SLICE_PRINT(action), on, SLICE_PRINT(resource),
                      row->denied, has_arn ? ": " : "", SLICE_PRINT(policy));
}
