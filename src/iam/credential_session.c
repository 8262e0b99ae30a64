/*
 * Credentials of sessions: what their token says, and what their role or user may do by now (IAM
 * user guide, "Session policies", "Passing session tags").
 */

#include <string.h>

#include "iam/credential.h"
#include "iam/session.h"

/* A session policy has no name of its own; audit logs call it so. */
static const struct slice policy_name = SLICE_INIT("session policy");

static struct slice compose(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Absent when the arena is exhausted. */
static struct slice compose(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *text = error_make_va(arena, ERROR_INTERNAL, format, arguments);
    va_end(arguments);
    return text == error_exhausted() ? SLICE_ABSENT : text->message;
}

/* --- who it is --- */

static bool name_role_session(struct auth_principal *principal, struct arena *arena,
                              const struct iam_session *session, const struct iam_entity *role)
{
    principal->arn =
        compose(arena, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s", SLICE_PRINT(principal->account),
                SLICE_PRINT(role->record.name), SLICE_PRINT(session->name));
    principal->user_id =
        compose(arena, "%.*s:%.*s", SLICE_PRINT(role->record.id), SLICE_PRINT(session->name));
    principal->role_arn = role->arn;
    return slice_present(principal->arn) && slice_present(principal->user_id);
}

static bool name_federated_user(struct auth_principal *principal, struct arena *arena,
                                const struct iam_session *session, const struct iam_entity *user)
{
    principal->user_arn = user->arn;
    principal->arn = compose(arena, "arn:aws:sts::%.*s:federated-user/%.*s",
                             SLICE_PRINT(principal->account), SLICE_PRINT(session->name));
    principal->user_id =
        compose(arena, "%.*s:%.*s", SLICE_PRINT(principal->account), SLICE_PRINT(session->name));
    return slice_present(principal->arn) && slice_present(principal->user_id);
}

static bool name_subject(struct auth_principal *principal, struct arena *arena,
                         const struct iam_session *session, const struct iam_entity *subject)
{
    switch (session->kind) {
    case IAM_SESSION_ROLE:
        principal->kind = AUTH_ROLE_SESSION;
        return name_role_session(principal, arena, session, subject);
    case IAM_SESSION_FEDERATED:
    case IAM_SESSION_ROOT_FEDERATED:
        principal->kind = AUTH_FEDERATED_USER;
        return name_federated_user(principal, arena, session, subject);
    case IAM_SESSION_USER:
        principal->kind = AUTH_USER;
        principal->user_name = subject->record.name;
        break;
    case IAM_SESSION_ROOT:
        principal->kind = AUTH_ROOT;
        break;
    }
    principal->arn = subject->arn;
    principal->user_id = subject->record.id;
    return true;
}

static enum db_identity_kind subject_kind(enum iam_session_kind kind)
{
    switch (kind) {
    case IAM_SESSION_ROLE:
        return DB_IDENTITY_ROLE;
    case IAM_SESSION_USER:
    case IAM_SESSION_FEDERATED:
        return DB_IDENTITY_USER;
    case IAM_SESSION_ROOT:
    case IAM_SESSION_ROOT_FEDERATED:
        break;
    }
    return DB_IDENTITY_ACCOUNT;
}

/* --- what it may do --- */

/* What root may do, within which a federated user's policies allow. */
static const struct error *allow_everything(struct iam_credential *credential)
{
    struct auth_attachment *all = ARENA_NEW(&credential->arena, struct auth_attachment);
    if (all == NULL)
        return error_exhausted();
    all->name = SLICE("root");
    credential->credential.principal.identity = (struct auth_attachments){all, 1};
    return auth_policy_read(&credential->arena, AUTH_POLICY_IDENTITY,
                            SLICE("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                  "\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"),
                            &all->policy);
}

/* A managed policy that is gone allows nothing; that there are session policies still holds. */
static const struct error *take_session_policies(struct iam_credential *credential,
                                                 const struct iam_directory *directory,
                                                 const struct iam_session *session)
{
    struct auth_principal *principal = &credential->credential.principal;
    struct auth_attachment *policies =
        ARENA_NEW_ARRAY(&credential->arena, struct auth_attachment, session->policy_arn_count + 1);
    if (policies == NULL)
        return error_exhausted();
    size_t count = 0;
    const struct error *error = NULL;
    if (slice_present(session->policy)) {
        policies[count].name = policy_name;
        error = auth_policy_read(&credential->arena, AUTH_POLICY_MANAGED, session->policy,
                                 &policies[count++].policy);
    }
    for (size_t i = 0; error == NULL && i < session->policy_arn_count; i++) {
        struct iam_entity *policy = iam_find_policy(directory, session->policy_arns[i].text);
        if (policy != NULL)
            error = iam_credential_attach(credential, policy, &policies[count++]);
    }
    principal->session = (struct auth_attachments){policies, count};
    /* A federated user's session policies are all that it has of the user's rights. */
    principal->has_session_policies = slice_present(session->policy) ||
                                      session->policy_arn_count > 0 ||
                                      principal->kind == AUTH_FEDERATED_USER;
    return error;
}

static bool has_tag(const struct iam_session *session, struct slice key)
{
    for (size_t i = 0; i < session->tag_count; i++) {
        struct slice other = session->tags[i].key;
        if (other.size == key.size &&
            strncasecmp((const char *)other.data, (const char *)key.data, key.size) == 0)
            return true;
    }
    return false;
}

/* Those of the session, then those of the role or user that it does not replace. */
static const struct error *take_session_tags(struct iam_credential *credential,
                                             const struct iam_session *session)
{
    struct auth_principal *principal = &credential->credential.principal;
    struct auth_tag *tags = ARENA_NEW_ARRAY(&credential->arena, struct auth_tag,
                                            session->tag_count + principal->tag_count);
    if (tags == NULL)
        return error_exhausted();
    size_t count = 0;
    for (; count < session->tag_count; count++)
        tags[count] = session->tags[count];
    for (size_t i = 0; i < principal->tag_count; i++) {
        if (!has_tag(session, principal->tags[i].key))
            tags[count++] = principal->tags[i];
    }
    principal->tags = tags;
    principal->tag_count = count;
    return NULL;
}

/* The lock is held. */
static const struct error *take_subject(struct iam_credential *credential, struct arena *arena,
                                        const struct iam_directory *directory,
                                        const struct iam_session *session)
{
    struct auth_principal *principal = &credential->credential.principal;
    struct iam_entity *subject = iam_find_id(directory, session->subject_id);
    if (subject == NULL || subject->record.kind != subject_kind(session->kind))
        return iam_unknown_client(arena);
    credential->generation = directory->generation;
    const struct error *error = iam_credential_take_policies(credential, directory, subject);
    if (error == NULL && session->kind == IAM_SESSION_ROOT_FEDERATED)
        error = allow_everything(credential);
    if (error != NULL)
        return error;
    principal->account = directory->options.account;
    principal->source_identity = session->source_identity;
    principal->federated_provider = session->federated_provider;
    principal->token_issued_ms = session->issued_ms;
    if (!name_subject(principal, &credential->arena, session, subject))
        return error_exhausted();
    error = take_session_policies(credential, directory, session);
    return error != NULL ? error : take_session_tags(credential, session);
}

/* --- making it --- */

/* All of the session lies in the credential's arena. */
static const struct error *fill(struct iam_credential *credential, struct iam_directory *directory,
                                struct arena *arena, struct slice access_key_id,
                                struct slice session_token)
{
    struct iam_session session = {0};
    bool is_valid;
    const struct error *error = iam_session_unseal(&credential->arena, directory->options.key,
                                                   session_token, &session, &is_valid);
    if (error != NULL)
        return error;
    if (!is_valid)
        return iam_unknown_client(arena);
    error = iam_credential_set_secret(credential, session.access_key_id, session.secret);
    explicit_bzero((void *)(uintptr_t)session.secret.data, session.secret.size);
    if (error != NULL)
        return error;
    if (!slice_equal(session.access_key_id, access_key_id) ||
        !slice_equal(session.account, directory->options.account))
        return iam_unknown_client(arena);
    credential->credential.expires_ms = session.expires_ms;
    if (!arena_copy(&credential->arena, session_token, &credential->token))
        return error_exhausted();
    pthread_rwlock_rdlock(&directory->lock);
    error = take_subject(credential, arena, directory, &session);
    pthread_rwlock_unlock(&directory->lock);
    return error;
}

const struct error *iam_credential_of_session(struct iam_directory *directory, struct arena *arena,
                                              struct slice access_key_id,
                                              struct slice session_token,
                                              struct iam_credential **ret_credential)
{
    struct iam_credential *credential = iam_credential_new();
    if (credential == NULL)
        return error_exhausted();
    const struct error *error = fill(credential, directory, arena, access_key_id, session_token);
    if (error == NULL) {
        *ret_credential = credential;
        return NULL;
    }
    struct slice message; /* some are made in the credential's arena */
    error = arena_copy(arena, error->message, &message)
                ? error_make_slice(arena, error->kind, message)
                : error_exhausted();
    iam_credential_release(credential);
    return error;
}
