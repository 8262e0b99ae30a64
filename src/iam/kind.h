#ifndef HASHRANGE_IAM_KIND_H
#define HASHRANGE_IAM_KIND_H

/*
 * What kinds of identities differ in, as data, so that an action that users, groups and roles have
 * alike is written once; and what actions on them begin with. Private to iam/.
 */

#include "iam/change.h"
#include "iam/element.h"
#include "iam/input.h"

struct iam_task;

typedef const struct error *iam_find(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct iam_entity **ret_entity);

struct iam_kind {
    enum db_identity_kind kind;
    const char *noun;         /* "user": in messages */
    const char *element;      /* "User" */
    const char *list;         /* "Users": element of a list of them */
    const char *name_element; /* "UserName": parameter and element */
    const char *id_element;   /* "UserId" */
    const char *id_prefix;    /* "AIDA" (IAM user guide, "Unique identifiers") */
    /* The parameter that names one that is there, and how it is found then. */
    const struct query_member *naming;
    iam_find *find;
    struct query_member new_name; /* "NewUserName", of those that can be renamed */
    iam_write *write;
    /* Quotas (IAM user guide, "IAM and AWS STS quotas") */
    size_t count_max;
    const char *count_quota; /* as messages call it */
    size_t inline_max;       /* characters of all inline policies that are no white space */
    const char *attached_quota;
};

extern const struct iam_kind iam_users;
extern const struct iam_kind iam_groups;
extern const struct iam_kind iam_roles;
extern const struct iam_kind iam_policies;
extern const struct iam_kind iam_profiles;
extern const struct iam_kind iam_providers;

enum {
    IAM_ATTACHED_MAX = 10, /* managed policies of a user, group or role */
    IAM_GROUPS_PER_USER_MAX = 10,
    IAM_VERSIONS_MAX = 5,
    IAM_POLICY_CHARACTERS_MAX = 6144,
    IAM_TRUST_CHARACTERS_MAX = 2048,
    IAM_CLIENT_IDS_MAX = 100,
    IAM_THUMBPRINTS_MAX = 5,
};

/* One action on an identity, or on all of a kind, while it is carried out. */
struct iam_task {
    struct iam_call *call;
    const struct iam_kind *kind; /* the action's */
    struct iam_input input;
};

/* Reads what names one of the action's kind, unless IAM_TAKES_NO_NAME, and the members and lists
 * (enum iam_takes). */
MUST_USE const struct error *iam_task_begin(struct iam_task *task, struct iam_call *call,
                                            const struct query_member *members, size_t count,
                                            unsigned takes);
/* The same, and then looks or changes, with the task as the context. */
MUST_USE const struct error *iam_task_look(struct iam_call *call,
                                           const struct query_member *members, size_t count,
                                           unsigned takes, iam_look *look);
MUST_USE const struct error *iam_task_change(struct iam_call *call,
                                             const struct query_member *members, size_t count,
                                             unsigned takes, iam_decide *decide);

/* Where all that happens is that the record of one identity, which can be changed, becomes another:
 * edit gets a copy of it, in which it puts what lives until the end of the call. */
typedef const struct error *iam_edit(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct db_identity *record);
MUST_USE const struct error *iam_task_edit(struct iam_call *call,
                                           const struct query_member *members, size_t count,
                                           unsigned takes, iam_edit *edit);

/* The identity that the task names; NO_SUCH_ENTITY, of a policy also INVALID_INPUT. */
iam_find iam_task_find;
/* One that can be changed: policies of AWS cannot. ACCESS_DENIED as well. */
iam_find iam_task_find_own;
/* The identity, under the name of its kind. */
void iam_task_write(struct iam_task *task, const struct iam_directory *directory,
                    const struct iam_entity *entity);
MUST_USE const struct error *iam_no_such(struct arena *arena, const struct iam_kind *kind,
                                         struct slice name);
MUST_USE const struct error *iam_over_quota(struct arena *arena, const char *quota, size_t most);
/* ENTITY_ALREADY_EXISTS or IDENTITY_LIMIT_EXCEEDED, when no one of that name can be added. */
MUST_USE const struct error *iam_check_new(struct arena *arena,
                                           const struct iam_directory *directory,
                                           const struct iam_kind *kind, struct slice name);
/* What one that is new begins with: kind, id, name, path, when, tags. */
MUST_USE const struct error *iam_new_record(const struct iam_task *task, struct slice name,
                                            struct db_identity *ret_record);

/* Characters that are no white space: what quotas of documents count. */
size_t iam_characters(struct slice document);
/* Does it begin with the path? */
bool iam_has_path(const struct iam_entity *entity, struct slice path_prefix);

#endif
