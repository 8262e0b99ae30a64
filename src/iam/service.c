#include "iam/service.h"

#include <stdio.h>

#include "base/check.h"
#include "iam/kind.h"

enum { ACTION_NAME_BYTES_MAX = 128 };

static const struct iam_action actions[] = {
#define IAM_ACTION(name, kind, function, resource, flags)                                          \
    {&query_iam, #name, kind, function, resource, flags, IAM_BY_OWNER},
#define STS_ACTION(name, function, resource, flags, callers)                                       \
    {&query_sts, #name, NULL, function, resource, flags, callers},
#include "iam/actions.def"
#undef STS_ACTION
#undef IAM_ACTION
};

const struct error *iam_action_find(struct arena *arena, const struct http_form *form,
                                    const struct iam_action **ret_action)
{
    struct slice name = http_form_value(form, SLICE("Action"));
    struct slice version = http_form_value(form, SLICE("Version"));
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (slice_equal(name, slice_of_cstring(actions[i].name)) &&
            slice_equal(version, slice_of_cstring(actions[i].service->version))) {
            *ret_action = &actions[i];
            return NULL;
        }
    }
    if (name.size > ACTION_NAME_BYTES_MAX)
        name.size = ACTION_NAME_BYTES_MAX;
    if (version.size > ACTION_NAME_BYTES_MAX)
        version.size = ACTION_NAME_BYTES_MAX;
    /* the words when there is no version: observed */
    if (!slice_present(version))
        version = SLICE("NO_VERSION_SPECIFIED");
    return error_make(arena, ERROR_INVALID_ACTION, "Could not find operation %.*s for version %.*s",
                      SLICE_PRINT(name), SLICE_PRINT(version));
}

enum auth_service iam_action_auth_service(const struct iam_action *action)
{
    return action->service == &query_sts ? AUTH_STS : AUTH_IAM;
}

bool iam_action_is_unsigned(const struct iam_action *action)
{
    return (action->flags & IAM_UNSIGNED) != 0;
}

/* --- who may call --- */

static enum iam_callers kind_of(const struct auth_principal *principal)
{
    switch (principal->kind) {
    case AUTH_ROOT:
        return principal->token_issued_ms > 0 ? IAM_BY_SESSION : IAM_BY_ROOT;
    case AUTH_USER:
        return principal->token_issued_ms > 0 ? IAM_BY_SESSION : IAM_BY_USER;
    case AUTH_ROLE_SESSION:
        return IAM_BY_ROLE;
    case AUTH_FEDERATED_USER:
        break;
    }
    return IAM_BY_FEDERATED;
}

/* Do credentials of this kind work for the action at all? The words are the service's (observed in
 * public logs). */
static const struct error *check_caller(const struct iam_call *call)
{
    const struct iam_action *action = call->action;
    enum iam_callers kind = kind_of(call->principal);
    if ((action->callers & kind) != 0)
        return NULL;
    if (action->service == &query_iam)
        return error_make(call->arena, ERROR_UNRECOGNIZED_CLIENT,
                          "The security token included in the request is invalid");
    return error_make(call->arena, ERROR_ACCESS_DENIED, "Cannot call %s with session credentials",
                      action->name);
}

/* "sts:AssumeRole" */
static struct slice full_name(const struct iam_action *action, char text[ACTION_NAME_BYTES_MAX])
{
    int size = snprintf(text, ACTION_NAME_BYTES_MAX, "%s:%s", action->service->name, action->name);
    CHECK(size > 0 && size < ACTION_NAME_BYTES_MAX);
    return slice_of(text, (size_t)size);
}

void iam_audit(const struct iam_call *call, struct slice action, struct slice resource,
               const struct auth_decision *decision)
{
    const struct auth_audit_entry entry = {
        .time_ms = call->now_ms,
        .request_id = call->request_id,
        .source_ip = call->request->peer_address,
        .access_key_id = call->identity->access_key_id,
        .principal = call->principal,
        .action = action,
        .resource = resource,
        .decision = decision,
    };
    auth_audit_write(call->audit, &entry);
}

void iam_audit_refused(const struct iam_call *call, const struct error *error)
{
    char name[ACTION_NAME_BYTES_MAX];
    const struct auth_audit_entry entry = {
        .time_ms = call->now_ms,
        .request_id = call->request_id,
        .source_ip = call->request->peer_address,
        .access_key_id = call->identity->access_key_id,
        .principal = call->principal,
        .action = full_name(call->action, name),
        .error = error,
    };
    auth_audit_write(call->audit, &entry);
}

void iam_audit_unproven(const struct iam_call *call, const struct error *error)
{
    const struct auth_audit_entry entry = {
        .time_ms = call->now_ms,
        .request_id = call->request_id,
        .source_ip = call->request->peer_address,
        .error = error,
    };
    auth_audit_write(call->audit, &entry);
}

const struct error *iam_authorize(struct iam_call *call, struct slice action, struct slice resource)
{
    CHECK(call->principal != NULL || call->iam->development);
    if (call->principal == NULL)
        return NULL;
    struct auth_question question = {
        .principal = call->principal,
        .action = action,
        .resource = resource,
        .look_up = iam_look_up,
        .context = call,
    };
    struct auth_decision decision;
    const struct error *error = auth_decide(&question, call->arena, &decision);
    if (error != NULL)
        return error;
    iam_audit(call, action, resource, &decision);
    if (decision.reason == AUTH_ALLOWED)
        return NULL;
    if (slice_present(call->resource_words) && slice_equal(resource, call->resource))
        question.resource = call->resource_words;
    return auth_denial(call->arena, &question, &decision);
}

static const struct error *authorize_action(struct iam_call *call)
{
    static const struct auth_decision allowed = {.reason = AUTH_ALLOWED};
    const struct iam_action *action = call->action;
    char text[ACTION_NAME_BYTES_MAX];
    struct slice name = full_name(action, text);
    const struct error *error = call->principal == NULL ? NULL : check_caller(call);
    if (error != NULL)
        iam_audit_refused(call, error);
    if (error != NULL || (action->flags & (IAM_DECIDES | IAM_UNSIGNED)) != 0)
        return error;
    error = action->resource(call);
    if (error != NULL || (action->flags & IAM_NEEDS_NOTHING) == 0)
        return error != NULL ? error : iam_authorize(call, name, call->resource);
    iam_audit(call, name, call->resource, &allowed);
    return NULL;
}

const struct error *iam_run(struct iam_call *call, const struct iam_action *action)
{
    bool has_result = (action->flags & IAM_NO_RESULT) == 0;
    bool is_unsigned = iam_action_is_unsigned(action);
    call->action = action;
    call->principal = NULL;
    call->resource = SLICE("*");
    if (!is_unsigned && call->identity->credential != NULL)
        call->principal = &call->identity->credential->principal;
    CHECK(call->principal != NULL || is_unsigned || call->iam->development);
    const struct error *error = authorize_action(call);
    if (error != NULL)
        return error;
    query_answer_begin(call->out, action->service, action->name, has_result);
    error = action->run(call);
    if (error != NULL)
        return error;
    query_answer_end(call->out, action->name, has_result, call->request_id);
    return call->out->out->failed ? error_exhausted() : NULL;
}
