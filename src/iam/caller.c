#include "iam/caller.h"

const struct error *iam_find_caller_or(const struct iam_task *task,
                                       const struct iam_directory *directory,
                                       struct iam_entity **ret_user)
{
    const struct auth_principal *principal = task->call->principal;
    if (slice_present(task->input.name))
        return iam_task_find(task, directory, ret_user);
    bool is_root = principal == NULL || principal->kind == AUTH_ROOT;
    if (!is_root && principal->kind != AUTH_USER)
        return error_make(task->call->arena, ERROR_QUERY_VALIDATION,
                          "Must specify userName when calling with non-User credentials");
    struct slice id = is_root ? directory->options.account : principal->user_id;
    struct iam_entity *user = iam_find_id(directory, id);
    if (user == NULL) /* deleted since the request was let in */
        return iam_no_such(task->call->arena, task->kind, principal->user_name);
    *ret_user = user;
    return NULL;
}
