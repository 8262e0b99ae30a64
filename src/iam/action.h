#ifndef HASHRANGE_IAM_ACTION_H
#define HASHRANGE_IAM_ACTION_H

/* What a row of actions.def becomes. Private to iam/. */

#include "iam/service.h"

enum iam_flags {
    IAM_NO_RESULT = 1,
    IAM_NEEDS_NOTHING = 2,
    IAM_DECIDES = 4,
    IAM_UNSIGNED = 8,
};

/* Kinds of credentials. */
enum iam_callers {
    IAM_BY_ROOT = 1,
    IAM_BY_USER = 2,
    IAM_BY_ROLE = 4,
    IAM_BY_SESSION = 8, /* GetSessionToken's, of a user or of root */
    IAM_BY_FEDERATED = 16,
    IAM_BY_LONG_LIVED = IAM_BY_ROOT | IAM_BY_USER,
    IAM_BY_OWNER = IAM_BY_LONG_LIVED | IAM_BY_ROLE,
    IAM_BY_ANYONE = 31,
};

struct iam_kind; /* iam/kind.h */

struct iam_action {
    const struct query_service *service;
    const char *name;
    const struct iam_kind *kind; /* of the identities it is about; NULL: none in particular */
    const struct error *(*run)(struct iam_call *call);
    const struct error *(*resource)(struct iam_call *call);
    unsigned flags;
    unsigned callers;
};

#define IAM_ACTION(name, kind, function, resource, flags)                                          \
    const struct error *function(struct iam_call *call);                                           \
    const struct error *resource(struct iam_call *call);
#define STS_ACTION(name, function, resource, flags, callers)                                       \
    IAM_ACTION(name, NULL, function, resource, flags)
#include "iam/actions.def"
#undef STS_ACTION
#undef IAM_ACTION

/* What is known of a request, for conditions: its own parameters by table, the tags it sends, those
 * of what it is about, the moment and where it comes from. context is the call. */
auth_context iam_look_up;

/* Writes what was decided to the audit log. */
void iam_audit(const struct iam_call *call, struct slice action, struct slice resource,
               const struct auth_decision *decision);

/* The same of a caller whom no policy was asked about: its credentials are not for the action. */
void iam_audit_refused(const struct iam_call *call, const struct error *error);

/* ACCESS_DENIED, unless the caller may do `action` ("iam:PassRole") to `resource`. Development mode
 * allows everything. */
MUST_USE const struct error *iam_authorize(struct iam_call *call, struct slice action,
                                           struct slice resource);

#endif
