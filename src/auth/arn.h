#ifndef HASHRANGE_AUTH_ARN_H
#define HASHRANGE_AUTH_ARN_H

/*
 * Amazon Resource Names, arn:partition:service:region:account:resource, and patterns of them (IAM
 * user guide, "IAM ARNs" and "ARN condition operators"). Each part is compared with its own; a
 * wildcard does not reach over the colon behind its part, except in the last, which may hold colons
 * itself.
 */

#include "auth/pattern.h"

enum auth_arn_part {
    AUTH_ARN_PARTITION,
    AUTH_ARN_SERVICE,
    AUTH_ARN_REGION,
    AUTH_ARN_ACCOUNT,
    AUTH_ARN_RESOURCE,
    AUTH_ARN_PARTS,
};

struct auth_arn {
    struct slice parts[AUTH_ARN_PARTS]; /* may be empty */
};

/* The parts lie in text. false: it is no ARN. */
MUST_USE bool auth_arn_read(struct slice text, struct auth_arn *ret_arn);

struct auth_arn_pattern {
    bool is_arn; /* false: it matches nothing */
    bool has_variables;
    struct auth_pattern parts[AUTH_ARN_PARTS];
};

/* is_short_good: an ARN that ends early has * for what it lacks ("arn:aws:dynamodb:*"). features as
 * for auth_pattern_read. A colon in a variable separates nothing. */
MUST_USE const struct error *auth_arn_pattern_read(struct arena *arena, struct slice source,
                                                   bool is_short_good, unsigned features,
                                                   struct auth_arn_pattern *ret_pattern);

/* As auth_pattern_fill. */
MUST_USE const struct error *auth_arn_pattern_fill(const struct auth_arn_pattern *pattern,
                                                   struct arena *arena, auth_variable *variable,
                                                   void *context,
                                                   struct auth_arn_pattern *ret_filled,
                                                   bool *ret_is_known);

/* The pattern has no variables. */
bool auth_arn_pattern_matches(const struct auth_arn_pattern *pattern, const struct auth_arn *arn);

#endif
