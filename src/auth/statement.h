#ifndef HASHRANGE_AUTH_STATEMENT_H
#define HASHRANGE_AUTH_STATEMENT_H

/*
 * What a policy is once it is read, private to auth/: statements, each with who, what and where it
 * speaks of (IAM user guide, "IAM JSON policy elements reference").
 */

#include "auth/condition.h"

/* How a statement's Principal speaks of who asks; the further down the directer. What each means is
 * in decide.h. */
enum auth_naming {
    AUTH_NAMED_NOT,
    AUTH_NAMED_BY_ACCOUNT, /* the account, or its :root */
    AUTH_NAMED_BY_ORIGIN,  /* the role of a session, the user of a federated user */
    AUTH_NAMED_DIRECTLY,   /* the user, the session, the provider, everyone */
};

enum auth_party_kind {
    AUTH_PARTY_ANYONE,
    AUTH_PARTY_ACCOUNT, /* 123456789012 */
    AUTH_PARTY_ARN,     /* a user's, role's, session's or federated user's */
    AUTH_PARTY_ID,      /* AIDA..., AROA...: a user or role, whatever it is called */
    AUTH_PARTY_SERVICE,
    AUTH_PARTY_FEDERATED,
    AUTH_PARTY_CANONICAL_USER, /* of S3: nobody here */
};

/* One value of a Principal. */
struct auth_party {
    enum auth_party_kind kind;
    struct slice value;
};

struct auth_parties {
    const struct auth_party *items;
    size_t count;
    bool is_inverted; /* NotPrincipal; the same for the others */
};

struct auth_actions {
    const struct auth_pattern *items; /* in small letters */
    size_t count;
    bool is_inverted;
};

struct auth_resource {
    bool is_any; /* "*" */
    struct auth_arn_pattern arn;
};
struct auth_resources {
    const struct auth_resource *items;
    size_t count;
    bool is_inverted;
};

struct auth_statement {
    bool denies;
    struct auth_parties parties;     /* of AUTH_POLICY_RESOURCE and AUTH_POLICY_TRUST */
    struct auth_actions actions;     /* never empty */
    struct auth_resources resources; /* none in AUTH_POLICY_TRUST */
    const struct auth_condition *conditions;
    size_t condition_count;
};

struct auth_policy {
    enum auth_policy_kind kind;
    const struct auth_statement *statements;
    size_t statement_count;
    /* All that its conditions and variables ask for, each once. */
    const struct slice *keys;
    size_t key_count;
};

/* Who asks what, taken apart once for all statements. */
struct auth_request {
    const struct auth_principal *principal; /* NULL: none of this account */
    struct slice federated;                 /* absent, or the identity provider */
    struct slice service;                   /* absent, or the service */
    struct slice action;                    /* in small letters */
    struct slice resource;
    bool is_arn;
    struct auth_arn arn; /* of the resource */
    struct auth_scope scope;
};

/* How the statement speaks of who asks. Policies without parties speak of whoever has them. */
enum auth_naming auth_statement_names(const struct auth_statement *statement,
                                      const struct auth_request *request);

/* Does it speak of this action on this resource, and do its conditions hold? */
MUST_USE const struct error *auth_statement_applies(const struct auth_statement *statement,
                                                    const struct auth_request *request,
                                                    bool *ret_applies);

#endif
