#include "auth/statement.h"

static bool names_account(struct slice arn, struct slice account)
{
    struct auth_arn parts;
    return auth_arn_read(arn, &parts) && slice_equal(parts.parts[AUTH_ARN_ACCOUNT], account) &&
           slice_equal(parts.parts[AUTH_ARN_RESOURCE], SLICE("root"));
}

static bool starts_with_id(struct slice user_id, struct slice id)
{
    return slice_starts_with(user_id, id) &&
           (user_id.size == id.size || user_id.data[id.size] == ':');
}

static enum auth_naming names_principal(const struct auth_party *party,
                                        const struct auth_principal *principal)
{
    switch (party->kind) {
    case AUTH_PARTY_ACCOUNT:
        return slice_equal(party->value, principal->account) ? AUTH_NAMED_BY_ACCOUNT
                                                             : AUTH_NAMED_NOT;
    case AUTH_PARTY_ARN:
        if (slice_equal(party->value, principal->arn))
            return principal->kind == AUTH_ROOT ? AUTH_NAMED_BY_ACCOUNT : AUTH_NAMED_DIRECTLY;
        if (slice_equal(party->value, principal->role_arn) ||
            slice_equal(party->value, principal->user_arn))
            return AUTH_NAMED_BY_ORIGIN;
        return names_account(party->value, principal->account) ? AUTH_NAMED_BY_ACCOUNT
                                                               : AUTH_NAMED_NOT;
    case AUTH_PARTY_ID:
        if (slice_equal(principal->user_id, party->value))
            return AUTH_NAMED_DIRECTLY;
        return starts_with_id(principal->user_id, party->value) ? AUTH_NAMED_BY_ORIGIN
                                                                : AUTH_NAMED_NOT;
    default:
        return AUTH_NAMED_NOT;
    }
}

static enum auth_naming names(const struct auth_party *party, const struct auth_request *request)
{
    switch (party->kind) {
    case AUTH_PARTY_ANYONE:
        return AUTH_NAMED_DIRECTLY;
    case AUTH_PARTY_SERVICE:
        return slice_present(request->service) && slice_equal(party->value, request->service)
                   ? AUTH_NAMED_DIRECTLY
                   : AUTH_NAMED_NOT;
    case AUTH_PARTY_FEDERATED:
        return slice_present(request->federated) && slice_equal(party->value, request->federated)
                   ? AUTH_NAMED_DIRECTLY
                   : AUTH_NAMED_NOT;
    default:
        return request->principal == NULL ? AUTH_NAMED_NOT
                                          : names_principal(party, request->principal);
    }
}

/* Whoever has a permissions boundary is always denied by NotPrincipal, named there or not (IAM user
 * guide, "IAM JSON policy elements: NotPrincipal"). */
static bool is_always_denied(const struct auth_statement *statement,
                             const struct auth_request *request)
{
    return statement->denies && request->principal != NULL && request->principal->boundary != NULL;
}

enum auth_naming auth_statement_names(const struct auth_statement *statement,
                                      const struct auth_request *request)
{
    const struct auth_parties *parties = &statement->parties;
    enum auth_naming naming = AUTH_NAMED_NOT;
    for (size_t i = 0; i < parties->count && naming != AUTH_NAMED_DIRECTLY; i++) {
        enum auth_naming other = names(&parties->items[i], request);
        naming = other > naming ? other : naming;
    }
    if (!parties->is_inverted)
        return naming;
    return naming == AUTH_NAMED_NOT || is_always_denied(statement, request) ? AUTH_NAMED_DIRECTLY
                                                                            : AUTH_NAMED_NOT;
}

static bool has_action(const struct auth_actions *actions, struct slice action)
{
    bool found = false;
    for (size_t i = 0; i < actions->count && !found; i++)
        found = auth_pattern_matches(&actions->items[i], action);
    return found != actions->is_inverted;
}

/* if_unknown: the answer when a variable has no value. */
static const struct error *matches(const struct auth_resource *resource,
                                   const struct auth_request *request, bool if_unknown,
                                   bool *ret_matches)
{
    if (resource->is_any || !request->is_arn) {
        *ret_matches = resource->is_any;
        return NULL;
    }
    const struct auth_arn_pattern *pattern = &resource->arn;
    struct auth_arn_pattern filled;
    if (pattern->has_variables) {
        bool is_known;
        const struct error *error =
            auth_arn_pattern_fill(pattern, request->scope.arena, auth_scope_variable,
                                  (void *)(uintptr_t)&request->scope, &filled, &is_known);
        if (error != NULL)
            return error;
        if (!is_known) {
            *ret_matches = if_unknown;
            return NULL;
        }
        pattern = &filled;
    }
    *ret_matches = auth_arn_pattern_matches(pattern, &request->arn);
    return NULL;
}

/* A variable without a value makes a resource that nothing is; but what NotResource leaves out then
 * nobody knows, and so it allows nothing and denies all. */
static const struct error *has_resource(const struct auth_statement *statement,
                                        const struct auth_request *request, bool *ret_has)
{
    const struct auth_resources *resources = &statement->resources;
    bool if_unknown = resources->is_inverted && !statement->denies;
    bool found = false;
    for (size_t i = 0; i < resources->count && !found; i++) {
        const struct error *error = matches(&resources->items[i], request, if_unknown, &found);
        if (error != NULL)
            return error;
    }
    /* Trust policies speak of no resource: they belong to one. */
    *ret_has = resources->count == 0 || found != resources->is_inverted;
    return NULL;
}

const struct error *auth_statement_applies(const struct auth_statement *statement,
                                           const struct auth_request *request, bool *ret_applies)
{
    *ret_applies = false;
    if (!has_action(&statement->actions, request->action))
        return NULL;
    bool applies;
    const struct error *error = has_resource(statement, request, &applies);
    for (size_t i = 0; error == NULL && applies && i < statement->condition_count; i++)
        error = auth_condition_holds(&statement->conditions[i], &request->scope, &applies);
    if (error == NULL)
        *ret_applies = applies;
    return error;
}
