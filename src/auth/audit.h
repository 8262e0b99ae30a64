#ifndef HASHRANGE_AUTH_AUDIT_H
#define HASHRANGE_AUTH_AUDIT_H

/*
 * The audit log: one line of JSON for every action that was asked for, allowed or not, and for
 * every request whose sender could not be proven. Says who, what, which resource and the verdict;
 * never keys, values or expressions of items, never secrets.
 *
 *   {"time":"2026-10-07T09:30:00.123Z","requestId":"...","sourceIp":"10.0.0.7","accessKeyId":"AKIA...",
 *    "principal":"arn:aws:iam::000000000000:user/ann","action":"dynamodb:GetItem",
 *    "resource":"arn:aws:dynamodb:us-east-1:000000000000:table/Music","verdict":"allowed"}
 *
 * A refusal has "reason", and "policy" where one decided; a request whose sender is not proven has
 * "error", the name of what was wrong, in the place of principal, action and resource.
 *
 * A line is written with one write(2) to a file that is open for appending, so lines of several
 * threads or processes do not mix. The file may be renamed; auth_audit_reopen starts a new one.
 *
 * Threads: many may write at once.
 */

#include "auth/decide.h"

struct auth_audit;

/* path is used, not kept beyond auth_audit_close. The error is for the one who started the program:
 * "Cannot write the audit log ...". */
MUST_USE const struct error *auth_audit_open(struct arena *arena, const char *path,
                                             struct auth_audit **ret_audit);
/* Under the same name, for log rotation. When that fails the old file stays. */
void auth_audit_reopen(struct auth_audit *audit);
/* Accepts NULL. */
void auth_audit_close(struct auth_audit *audit);

struct auth_audit_entry {
    int64_t time_ms;
    struct slice request_id;
    struct slice source_ip;                 /* absent: unknown */
    struct slice access_key_id;             /* absent: none was sent */
    const struct auth_principal *principal; /* NULL: not proven, or nobody needed to be */
    struct slice action;                    /* absent: it did not come to that */
    struct slice resource;
    const struct auth_decision *decision; /* NULL: `error` says what was wrong */
    const struct error *error;
};

/* audit NULL: nobody wants to know. A line that cannot be written is told to the log, once until
 * one can be written again: what was decided stays decided. */
void auth_audit_write(struct auth_audit *audit, const struct auth_audit_entry *entry);

#endif
