#ifndef HASHRANGE_IAM_SERVICE_H
#define HASHRANGE_IAM_SERVICE_H

/*
 * The services IAM (2010-05-08) and STS (2011-06-15): from a form to the body of an answer. Which
 * actions there are stands in actions.def; each is a function in a file of its own.
 *
 * iam_run is the only way in. It holds the caller against the row of the action, asks the policies
 * and only then calls the function: none can forget it.
 *
 * Threads: all functions may be called by many at once. IAM_... calls may wait for the store: run
 * them on a worker.
 */

#include "auth/audit.h"
#include "auth/auth.h"
#include "auth/decide.h"
#include "auth/seal.h"
#include "http/form.h"
#include "query/answer.h"

struct iam_directory;    /* iam/directory.h */
struct iam_trusted_slot; /* iam/trusted.h */

/* What all calls share. Outlives them. */
struct iam {
    struct iam_directory *directory;
    const struct auth_seal_key *key;
    struct slice account;             /* twelve digits */
    struct iam_trusted_slot *trusted; /* who else may vouch; NULL: nobody */
    /* Signatures are not verified and policies not asked: callers have no principal. */
    bool development;
};

struct iam_action;

struct iam_call {
    const struct iam *iam;
    struct arena *arena;
    const struct http_request *request;
    const struct http_form *form;
    const struct auth_identity *identity; /* zeroed when nobody signed */
    int64_t now_ms;
    struct slice request_id;
    struct xml_writer *out;
    struct auth_audit *audit; /* NULL: none */

    /* Set by iam_run. */
    const struct iam_action *action;
    /* Who calls; NULL in development mode, and of actions that nobody signs. */
    const struct auth_principal *principal;
    /* What it is about, from the row's resource function; "*" when it is nothing in particular. */
    struct slice resource;
    struct slice resource_words; /* what messages call it, as "user bob"; absent: as it is */
    const struct auth_tag *resource_tags; /* aws:ResourceTag/... */
    size_t resource_tag_count;
    struct slice resource_boundary; /* iam:PermissionsBoundary of a user or role, or absent */
};

/* INVALID_ACTION: "Could not find operation X for version Y". */
MUST_USE const struct error *iam_action_find(struct arena *arena, const struct http_form *form,
                                             const struct iam_action **ret_action);
enum auth_service iam_action_auth_service(const struct iam_action *action);
/* Is it proven by something else than a signature? */
bool iam_action_is_unsigned(const struct iam_action *action);

/* Writes to the audit log that it is not proven who sends the request. */
void iam_audit_unproven(const struct iam_call *call, const struct error *error);

/* Writes the whole body of a success to call->out; after an error what is there is of no use.
 * The members above "Set by iam_run" are the caller's. */
MUST_USE const struct error *iam_run(struct iam_call *call, const struct iam_action *action);

#endif
