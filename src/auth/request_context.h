#ifndef HASHRANGE_AUTH_REQUEST_CONTEXT_H
#define HASHRANGE_AUTH_REQUEST_CONTEXT_H

/*
 * The condition keys that follow from the request as such, whatever it asks for (IAM user guide,
 * "AWS global condition context keys"), shared by all services of the port:
 *
 *   aws:SourceIp  aws:SecureTransport  aws:CurrentTime  aws:EpochTime  aws:UserAgent  aws:Referer
 *   aws:RequestedRegion  aws:ResourceAccount  aws:ViaAWSService
 */

#include "auth/decide.h"
#include "http/exchange.h"

struct auth_request_context {
    const struct http_request *request;
    int64_t now_ms;
    struct slice region;  /* that the signature is for */
    struct slice account; /* that owns everything here */
};

/* An auth_context whose context is a struct auth_request_context. A service with keys of its own
 * answers those and passes all others on to this. The values lie in request, context or arena. */
MUST_USE const struct error *auth_request_context_look_up(void *context, struct arena *arena,
                                                          struct slice key,
                                                          struct auth_values *ret_values,
                                                          bool *ret_present);

#endif
