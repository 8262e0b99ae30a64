#ifndef HASHRANGE_API_AUTHORIZE_H
#define HASHRANGE_API_AUTHORIZE_H

/*
 * May the caller do what its request wants? ops/access.h says what that is, auth/decide.h decides.
 * In the order of checks this comes after the parameters by themselves and before anything of the
 * data is looked at, so that who may nothing learns nothing. Private to api/.
 */

#include "api/api.h"

struct api_authorization {
    const struct api_options *options;
    const struct http_request *request;
    struct slice request_id;
    struct auth_identity identity; /* credential NULL: development mode, everybody may everything */
};

/* Of a decoded and validated call. ACCESS_DENIED with the service's words; statements of a batch
 * are refused one by one, in op->refused. Writes the audit log. */
MUST_USE const struct error *api_authorize(const struct api_authorization *authorization,
                                           struct op_call *op);

/* op_call.check_policy and op_call.show_policy. Also in development mode a policy must be one, but
 * it may name users and roles that are not there. */
MUST_USE const struct error *api_check_policy(const struct api_authorization *authorization,
                                              struct op_call *op, struct slice arn,
                                              struct slice policy, bool confirmed,
                                              struct slice *ret_kept);
MUST_USE const struct error *api_show_policy(const struct api_authorization *authorization,
                                             struct op_call *op, struct slice kept,
                                             struct slice *ret_policy);

/* Who the request turned out not to be proven to come from. */
void api_audit_unproven(const struct api_authorization *authorization, int64_t now_ms,
                        const struct error *error);

#endif
