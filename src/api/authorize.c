#include "api/authorize.h"

#include "auth/decide.h"
#include "auth/request_context.h"
#include "iam/principals.h"
#include "iam/service.h"
#include "ops/access.h"

/* A question about one access, and what can be looked up for it. */
struct asking {
    const struct api_authorization *authorization;
    const struct op_call *op;
    const struct op_access *access;
    struct auth_request_context request;
};

/* DynamoDB's own keys first, then those of every request. */
static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    struct asking *asking = context;
    struct op_access_values values;
    const struct error *error =
        op_access_look_up(asking->op, asking->access, key, &values, ret_present);
    if (error != NULL)
        return error;
    *ret_values = (struct auth_values){values.items, values.count};
    if (*ret_present)
        return NULL;
    return auth_request_context_look_up(&asking->request, arena, key, ret_values, ret_present);
}

/* The policy of the table that an access is about, or of its stream; NULL: none. It was checked
 * when it was put. */
static const struct error *read_resource_policy(const struct op_call *op,
                                                const struct op_access *access,
                                                const struct auth_policy **ret_policy)
{
    *ret_policy = NULL;
    const struct op_table_name *name = &access->table;
    if (!slice_present(name->name))
        return NULL;
    const struct db_table *table =
        db_table_acquire(op->environment->db, name->account, name->region, name->name, op->now_ms);
    if (table == NULL)
        return NULL;
    struct slice text = table->policy;
    if (slice_present(access->stream_label))
        text = slice_equal(access->stream_label, table->stream_label) ? table->stream_policy
                                                                      : SLICE_ABSENT;
    const struct error *error = NULL;
    if (slice_present(text))
        error = auth_policy_read(op->arena, AUTH_POLICY_RESOURCE, text, ret_policy);
    db_table_release(op->environment->db, table);
    return error;
}

static void audit(const struct asking *asking, const struct auth_decision *decision)
{
    const struct api_authorization *authorization = asking->authorization;
    const struct auth_identity *identity = &authorization->identity;
    const struct auth_audit_entry entry = {
        .time_ms = asking->op->now_ms,
        .request_id = authorization->request_id,
        .source_ip = authorization->request->peer_address,
        .access_key_id = identity->access_key_id,
        .principal = &identity->credential->principal,
        .action = asking->access->action,
        .resource = asking->access->resource,
        .decision = decision,
    };
    auth_audit_write(authorization->options->audit, &entry);
}

static struct auth_question question_of(struct asking *asking, const struct auth_policy *policy)
{
    return (struct auth_question){
        .principal = &asking->authorization->identity.credential->principal,
        .action = asking->access->action,
        .resource = asking->access->resource,
        .resource_policy = policy,
        .look_up = look_up,
        .context = asking,
    };
}

static const struct error *decide(struct asking *asking)
{
    const struct op_call *op = asking->op;
    const struct auth_policy *policy;
    const struct error *error = read_resource_policy(op, asking->access, &policy);
    if (error != NULL)
        return error;
    struct auth_question question = question_of(asking, policy);
    struct auth_decision decision;
    error = auth_decide(&question, op->arena, &decision);
    if (error != NULL)
        return error;
    audit(asking, &decision);
    return decision.reason == AUTH_ALLOWED ? NULL : auth_denial(op->arena, &question, &decision);
}

static struct asking asking_of(const struct api_authorization *authorization,
                               const struct op_call *op)
{
    return (struct asking){
        .authorization = authorization,
        .op = op,
        .request = {.request = authorization->request,
                    .now_ms = op->now_ms,
                    .region = op->region,
                    .account = op->environment->account},
    };
}

/* A statement that is refused leaves the others of its batch alone. */
static const struct error *refuse_statement(struct op_call *op, const struct op_access *access,
                                            const struct error *refusal)
{
    const struct model_batch_execute_statement_input *input = op->input;
    const struct error **refused = (const struct error **)op->refused;
    if (refused == NULL) {
        refused = ARENA_NEW_ARRAY(op->arena, const struct error *, input->statements.count);
        if (refused == NULL)
            return error_exhausted();
        op->refused = refused;
    }
    refused[access->statement] = refusal;
    return NULL;
}

const struct error *api_authorize(const struct api_authorization *authorization, struct op_call *op)
{
    if (authorization->identity.credential == NULL)
        return NULL;
    struct op_accesses accesses;
    const struct error *error = op_access_list(op, &accesses);
    struct asking asking = asking_of(authorization, op);
    for (size_t i = 0; error == NULL && i < accesses.count; i++) {
        asking.access = &accesses.items[i];
        error = decide(&asking);
        if (error != NULL && error->kind == ERROR_ACCESS_DENIED && asking.access->is_apart)
            error = refuse_statement(op, asking.access, error);
    }
    return error;
}

/* --- policies that are put --- */

enum policy_place { TABLE = 1, STREAM = 2, BOTH = TABLE | STREAM };

static const struct {
    struct slice name;
    enum policy_place place;
} policy_actions[] = {
#define ACTION(name, where) {SLICE_INIT("dynamodb:" name), where},
#include "api/policy_actions.def"
#undef ACTION
};

static void note_unknown(void *context, struct slice spelled, bool is_known)
{
    struct buf *unknown = context;
    if (!is_known)
        buf_append_format(unknown, "%s\"%.*s\"", unknown->size == 0 ? "" : ", ",
                          SLICE_PRINT(spelled));
}

/* Only what can be done to a table, or to a stream, may stand in its policy (observed). */
static const struct error *check_actions(struct arena *arena, struct slice arn, struct slice policy)
{
    struct slice names[COUNT_OF(policy_actions)];
    size_t count = 0;
    bool is_stream = memmem(arn.data, arn.size, "/stream/", 8) != NULL;
    for (size_t i = 0; i < COUNT_OF(policy_actions); i++) {
        if ((policy_actions[i].place & (is_stream ? STREAM : TABLE)) != 0)
            names[count++] = policy_actions[i].name;
    }
    struct buf unknown;
    buf_init(&unknown, arena, policy.size * 2);
    const struct error *error =
        auth_policy_visit_actions(arena, policy, names, count, note_unknown, &unknown);
    if (error == NULL && unknown.failed)
        error = error_exhausted();
    if (error != NULL || unknown.size == 0)
        return error;
    return error_make(arena, ERROR_MALFORMED_POLICY_DOCUMENT,
                      "The following action names are invalid: %.*s",
                      SLICE_PRINT(buf_slice(&unknown)));
}

/* With the principals as they are kept. The words were observed. */
static const struct error *keep_principals(const struct api_authorization *authorization,
                                           struct op_call *op, struct slice policy,
                                           struct slice *ret_kept)
{
    const struct iam *iam = authorization->options->iam;
    bool is_known = true;
    *ret_kept = policy;
    if (iam == NULL)
        return NULL;
    const struct error *error =
        iam_principals_keep(iam->directory, op->arena, policy, ret_kept, &is_known);
    if (error != NULL || is_known || authorization->identity.credential == NULL)
        return error;
    return error_make(op->arena, ERROR_VALIDATION,
                      "One or more parameter values were invalid: Invalid principal in policy "
                      "document.");
}

/* May the caller, who has this policy put, put another one? */
static const struct error *check_not_locked_out(const struct api_authorization *authorization,
                                                struct op_call *op, struct slice arn,
                                                const struct auth_policy *policy)
{
    const struct op_access access = {.action = SLICE("dynamodb:PutResourcePolicy"),
                                     .resource = arn};
    struct asking asking = asking_of(authorization, op);
    asking.access = &access;
    struct auth_question question = question_of(&asking, policy);
    struct auth_decision decision;
    const struct error *error = auth_decide(&question, op->arena, &decision);
    if (error == NULL && decision.reason != AUTH_ALLOWED)
        error = error_make(op->arena, ERROR_ACCESS_DENIED,
                           "The new resource policy will not allow you to update the resource "
                           "policy in the future.");
    return error;
}

const struct error *api_check_policy(const struct api_authorization *authorization,
                                     struct op_call *op, struct slice arn, struct slice policy,
                                     bool confirmed, struct slice *ret_kept)
{
    const struct auth_policy *read;
    const struct error *error = auth_policy_read(op->arena, AUTH_POLICY_RESOURCE, policy, &read);
    if (error == NULL)
        error = check_actions(op->arena, arn, policy);
    if (error == NULL)
        error = keep_principals(authorization, op, policy, ret_kept);
    if (error != NULL || confirmed || authorization->identity.credential == NULL)
        return error;
    return check_not_locked_out(authorization, op, arn, read);
}

const struct error *api_show_policy(const struct api_authorization *authorization,
                                    struct op_call *op, struct slice kept, struct slice *ret_policy)
{
    const struct iam *iam = authorization->options->iam;
    if (iam != NULL)
        return iam_principals_show(iam->directory, op->arena, kept, ret_policy);
    *ret_policy = kept;
    return NULL;
}

void api_audit_unproven(const struct api_authorization *authorization, int64_t now_ms,
                        const struct error *error)
{
    const struct auth_audit_entry entry = {
        .time_ms = now_ms,
        .request_id = authorization->request_id,
        .source_ip = authorization->request->peer_address,
        .error = error,
    };
    auth_audit_write(authorization->options->audit, &entry);
}
