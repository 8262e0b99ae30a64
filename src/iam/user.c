/* CreateUser, GetUser, DeleteUser (IAM API reference). */

#include "iam/caller.h"
#include "iam/identity.h"
#include "iam/trust.h"

const struct error *iam_create_user(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_NAME(name, "UserName", QUERY_REQUIRED, 64),
        IAM_PATH,
        IAM_BOUNDARY(QUERY_OPTIONAL),
    };
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME | IAM_TAKES_TAGS,
                           iam_create_identity);
}

/* --- GetUser --- */

static const struct error *get_user(void *context, struct iam_directory *directory)
{
    struct iam_entity *user;
    const struct error *error = iam_find_caller_or(context, directory, &user);
    if (error == NULL)
        iam_task_write(context, directory, user);
    return error;
}

const struct error *iam_get_user(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_USER_NAME(QUERY_OPTIONAL)};
    return iam_task_look(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, get_user);
}

/* --- DeleteUser --- */

/* What has to go before; the order in which the service looks (observed for some). */
static const char *why_user_stays(const struct db_identity *user)
{
    if (user->key_count > 0)
        return "Cannot delete entity, must delete access keys first.";
    if (user->inline_count > 0)
        return "Cannot delete entity, must delete policies first.";
    if (user->attached_count > 0)
        return "Cannot delete entity, must detach all policies first.";
    if (user->group_count > 0)
        return "Cannot delete entity, must remove users from group first.";
    return NULL;
}

static const struct error *delete_user(void *context, struct iam_change *change)
{
    struct iam_entity *user;
    const struct error *error = iam_task_find(context, change->directory, &user);
    if (error == NULL)
        error = iam_delete_conflict(context, why_user_stays(&user->record));
    if (error == NULL)
        error = iam_trust_follow(change, NULL, user->arn, user->record.id);
    return error != NULL ? error : iam_change_remove(change, user);
}

const struct error *iam_delete_user(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_user);
}
