#include "iam/assume.h"

#include "base/hash.h"
#include "iam/action.h"

enum { NAME_BYTES_MAX = 4096 };

static const struct error *denied(const struct iam_call *call, struct slice action,
                                  struct slice role_arn)
{
    /* Who has no principal has proven who they are by something else (words: observed). */
    if (call->principal == NULL)
        return error_make(call->arena, ERROR_ACCESS_DENIED, "Not authorized to perform %.*s",
                          SLICE_PRINT(action));
    return error_make(call->arena, ERROR_ACCESS_DENIED,
                      "User: %.*s is not authorized to perform: %.*s on resource: %.*s",
                      SLICE_PRINT(call->principal->arn), SLICE_PRINT(action),
                      SLICE_PRINT(role_arn));
}

/* --- does the role trust, and may the caller? --- */

struct look_up {
    struct iam_call *call;
    const struct iam_assumption *assumption;
};

/* Tags and names can come with more than a form: what is asked for is the same. */
static const struct slice *requested(const struct iam_assumption *assumption, struct slice key)
{
    static const char request_tag[] = "aws:RequestTag/";
    const struct iam_session_request *request = &assumption->request;
    struct slice prefix = slice_of(request_tag, sizeof(request_tag) - 1);
    bool is_tag =
        key.size > prefix.size && http_name_equal(slice_of(key.data, prefix.size), prefix);
    for (size_t i = 0; is_tag && i < request->tag_count; i++) {
        if (http_name_equal(request->tags[i].key, slice_after(key, prefix.size)))
            return &request->tags[i].value;
    }
    if (http_name_equal(key, SLICE("sts:RoleSessionName")))
        return &assumption->session_name;
    if (http_name_equal(key, SLICE("sts:SourceIdentity")) &&
        slice_present(request->source_identity))
        return &request->source_identity;
    return NULL;
}

/* aws:TagKeys and sts:TransitiveTagKeys, if it is one of them and there are any. */
static const struct error *requested_keys(const struct iam_assumption *assumption,
                                          struct arena *arena, struct slice key,
                                          struct auth_values *ret_values, bool *ret_found)
{
    const struct iam_session_request *request = &assumption->request;
    if (http_name_equal(key, SLICE("sts:TransitiveTagKeys"))) {
        *ret_values = (struct auth_values){request->transitive_keys, request->transitive_count};
        *ret_found = request->transitive_count > 0;
        return NULL;
    }
    size_t count = request->tag_count;
    if (count == 0 || !http_name_equal(key, SLICE("aws:TagKeys")))
        return NULL;
    struct slice *keys = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (keys == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        keys[i] = request->tags[i].key;
    *ret_values = (struct auth_values){keys, count};
    *ret_found = true;
    return NULL;
}

static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    struct look_up *both = context;
    const struct iam_assumption *assumption = both->assumption;
    bool found = false;
    const struct error *error = NULL;
    if (assumption->extra != NULL)
        error = assumption->extra(assumption->extra_context, arena, key, ret_values, &found);
    const struct slice *value = found ? NULL : requested(assumption, key);
    if (error == NULL && !found)
        error = requested_keys(assumption, arena, key, ret_values, &found);
    if (error != NULL)
        return error;
    if (!found && value == NULL)
        return iam_look_up(both->call, arena, key, ret_values, ret_present);
    if (value != NULL)
        *ret_values = (struct auth_values){value, 1};
    *ret_present = true;
    return NULL;
}

/* Of this account: the trust policy can allow the caller alone, when it names the user or role, or
 * leave it to the caller's own policies, when it names the account. */
static const struct error *ask_caller(struct look_up *both, const struct iam_role *role,
                                      struct slice action)
{
    struct arena *arena = both->call->arena;
    struct auth_question question = {
        .principal = both->call->principal,
        .action = action,
        .resource = role->arn,
        .resource_policy = role->trust,
        .look_up = look_up,
        .context = both,
    };
    struct auth_decision decision;
    const struct error *error = auth_decide(&question, arena, &decision);
    if (error != NULL)
        return error;
    iam_audit(both->call, action, role->arn, &decision);
    return decision.reason == AUTH_ALLOWED ? NULL : auth_denial(arena, &question, &decision);
}

/* Not of this account: somebody else vouches for whoever it is. */
static const struct error *ask_trust(struct look_up *both, const struct iam_role *role,
                                     struct slice action)
{
    /* Nobody has an account of its own that could allow it. */
    static const enum auth_reason reasons[] = {
        [AUTH_TRUST_NONE] = AUTH_NO_RESOURCE_POLICY,
        [AUTH_TRUST_DENIED] = AUTH_DENIED_BY_RESOURCE_POLICY,
        [AUTH_TRUST_OF_ACCOUNT] = AUTH_NO_RESOURCE_POLICY,
        [AUTH_TRUST_OF_PRINCIPAL] = AUTH_ALLOWED,
    };
    const struct iam_call *call = both->call;
    struct auth_trust_question question = {
        .trust = role->trust,
        .action = action,
        .federated = both->assumption->federated,
        .service = both->assumption->service,
        .look_up = look_up,
        .context = both,
    };
    enum auth_trust trust;
    const struct error *error = auth_decide_trust(&question, call->arena, &trust);
    if (error != NULL)
        return error;
    struct auth_decision decision = {.reason = reasons[trust]};
    iam_audit(call, action, role->arn, &decision);
    return decision.reason == AUTH_ALLOWED ? NULL : denied(call, action, role->arn);
}

static const struct error *ask(struct iam_call *call, const struct iam_assumption *assumption,
                               const struct iam_role *role, const char *action)
{
    struct look_up both = {call, assumption};
    struct slice name = slice_of_cstring(action);
    return call->principal != NULL ? ask_caller(&both, role, name) : ask_trust(&both, role, name);
}

/* Tags and a source identity are granted by actions of their own (IAM user guide, "Passing session
 * tags in AWS STS", "Monitor and control actions taken with assumed roles"). */
static const struct error *ask_for_all(struct iam_call *call,
                                       const struct iam_assumption *assumption,
                                       const struct iam_role *role,
                                       const struct iam_session *session)
{
    const struct error *error = ask(call, assumption, role, assumption->action);
    if (error == NULL && session->tag_count > 0)
        error = ask(call, assumption, role, "sts:TagSession");
    if (error == NULL && slice_present(session->source_identity))
        error = ask(call, assumption, role, "sts:SetSourceIdentity");
    return error;
}

/* --- the role --- */

/* "role/" and what follows it in arn:aws:iam::A:role/path/name */
static bool split_role_arn(struct slice arn, struct slice *ret_path_and_name)
{
    struct slice rest = arn;
    for (int colons = 0; colons < 5; colons++) {
        const uint8_t *colon = rest.size == 0 ? NULL : memchr(rest.data, ':', rest.size);
        if (colon == NULL)
            return false;
        rest = slice_after(rest, (size_t)(colon - rest.data) + 1);
    }
    if (!slice_starts_with(arn, SLICE("arn:")) || !slice_starts_with(rest, SLICE("role/")) ||
        rest.size == sizeof("role/") - 1)
        return false;
    *ret_path_and_name = slice_after(rest, sizeof("role/") - 1);
    return true;
}

static struct slice last_part(struct slice path)
{
    for (size_t i = path.size; i > 0; i--) {
        if (path.data[i - 1] == '/')
            return slice_after(path, i);
    }
    return path;
}

/* The role that development mode takes a name for: its id follows from the ARN, so that it is the
 * same each time. */
static const struct error *imagine_role(const struct iam_call *call, struct slice arn,
                                        struct slice path_and_name, struct iam_role *ret_role)
{
    enum { PREFIX = 4, DIGITS_PER_WORD = 12 };
    static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t *id = arena_alloc_bytes(call->arena, IAM_UNIQUE_ID_BYTES);
    if (id == NULL)
        return error_exhausted();
    uint64_t word = hash_bytes(arn);
    memcpy(id, "AROA", PREFIX);
    for (size_t i = PREFIX; i < IAM_UNIQUE_ID_BYTES; i++) {
        id[i] = (uint8_t)base32[word & 31];
        word = i == DIGITS_PER_WORD ? hash_bytes(slice_of(id, i)) : word >> 5;
    }
    *ret_role = (struct iam_role){
        .id = slice_of(id, IAM_UNIQUE_ID_BYTES),
        .arn = arn,
        .name = last_part(path_and_name),
        .max_session_seconds = IAM_ROLE_SECONDS_MAX,
    };
    return NULL;
}

static const struct error *find_role(const struct iam_call *call,
                                     const struct iam_assumption *assumption,
                                     struct iam_role *ret_role)
{
    struct slice arn = assumption->role_arn;
    struct slice path_and_name;
    bool found = false;
    if (!split_role_arn(arn, &path_and_name))
        return error_make(call->arena, ERROR_QUERY_VALIDATION, "%.*s is invalid", SLICE_PRINT(arn));
    const struct error *error =
        iam_directory_role(call->iam->directory, call->arena, arn, ret_role, &found);
    if (error != NULL || found)
        return error;
    if (call->iam->development)
        return imagine_role(call, arn, path_and_name, ret_role);
    return denied(call, slice_of_cstring(assumption->action), arn);
}

/* --- the session --- */

static const struct error *check_duration(const struct iam_call *call, const struct iam_role *role,
                                          const struct iam_session *session, int64_t seconds)
{
    if (session->is_chained && seconds > IAM_CHAINED_SECONDS_MAX)
        return error_make(call->arena, ERROR_QUERY_VALIDATION,
                          "The requested DurationSeconds exceeds the 1 hour session limit for "
                          "roles assumed by role chaining.");
    if (seconds > role->max_session_seconds)
        return error_make(call->arena, ERROR_QUERY_VALIDATION,
                          "The requested DurationSeconds exceeds the MaxSessionDuration set for "
                          "this role.");
    return NULL;
}

const struct error *iam_assume(struct iam_call *call, const struct iam_assumption *assumption,
                               struct iam_role *ret_role, struct iam_session *session)
{
    const struct iam_session_request *request = &assumption->request;
    struct iam_role role;
    const struct error *error = find_role(call, assumption, &role);
    if (error == NULL)
        error = iam_session_request_apply(call, request, session);
    if (error == NULL && !call->iam->development)
        error = ask_for_all(call, assumption, &role, session);
    if (error == NULL)
        error = check_duration(call, &role, session, request->seconds);
    if (error != NULL)
        return error;
    session->kind = IAM_SESSION_ROLE;
    session->account = call->iam->account;
    session->subject_id = role.id;
    session->name = assumption->session_name;
    *ret_role = role;
    return iam_session_begin(call->arena, call->now_ms, request->seconds, session);
}

/* --- the answer --- */

bool iam_assumed_names(const struct iam_call *call, const struct iam_role *role,
                       const struct iam_session *session, struct slice *ret_arn,
                       struct slice *ret_id)
{
    struct buf arn;
    struct buf id;
    buf_init(&arn, call->arena, NAME_BYTES_MAX);
    buf_init(&id, call->arena, NAME_BYTES_MAX);
    buf_append_format(&arn, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s",
                      SLICE_PRINT(session->account), SLICE_PRINT(role->name),
                      SLICE_PRINT(session->name));
    buf_append_format(&id, "%.*s:%.*s", SLICE_PRINT(role->id), SLICE_PRINT(session->name));
    *ret_arn = buf_slice(&arn);
    *ret_id = buf_slice(&id);
    return !arn.failed && !id.failed;
}

const struct error *iam_assumed_write(const struct iam_call *call, const struct iam_role *role,
                                      const struct iam_session *session)
{
    struct slice arn;
    struct slice id;
    if (!iam_assumed_names(call, role, session, &arn, &id))
        return error_exhausted();
    xml_begin(call->out, "AssumedRoleUser");
    xml_text(call->out, "AssumedRoleId", id);
    xml_text(call->out, "Arn", arn);
    xml_end(call->out, "AssumedRoleUser");
    return NULL;
}
