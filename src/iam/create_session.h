#ifndef HASHRANGE_IAM_CREATE_SESSION_H
#define HASHRANGE_IAM_CREATE_SESSION_H

/*
 * CreateSession of IAM Roles Anywhere (its user guide, "CreateSession API"): a request signed with
 * the key of a certificate becomes a role's session. REST with JSON, at POST /sessions; parameters
 * stand in the query string or in the body.
 */

#include "iam/service.h"
#include "json/json_writer.h"

/*
 * call->form is the query string. Writes the body of a success (201).
 *   ACCESS_DENIED       the certificate leads to no anchor, or the profile, the role or its trust
 *                       says no
 *   RESOURCE_NOT_FOUND  no such trust anchor or profile
 *   VALIDATION          parameters
 *   and those of signatures
 */
MUST_USE const struct error *iam_create_session(struct iam_call *call, struct json_writer *out);

/* Its errors are named otherwise than DynamoDB's; the status is set. */
const char *iam_create_session_error(const struct error *error, int *ret_status);

#endif
