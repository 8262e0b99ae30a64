#ifndef HASHRANGE_API_API_H
#define HASHRANGE_API_API_H

/*
 * The DynamoDB protocol over HTTP exchanges: from X-Amz-Target and JSON to an operation and back.
 * Needs no socket: net/, the library, tests and fuzzers all enter through api_handle.
 *
 * The order of checks is the service's (observed):
 *   method, path and content type      404 <UnknownOperationException/>
 *   content coding                     413, 415, SerializationException
 *   JSON                               SerializationException without a message
 *   target and operation               UnknownOperationException; also for what is not built
 *   who sends it                       auth/auth.h
 *   member types, then constraints     model/model.h, in the version that the target names
 *   whether the sender may             api/authorize.h
 *   the operation                      ops/operation.h
 *
 * Threads: api_handle and api_is_long may be called from any thread, many at once.
 */

#include <stdatomic.h>

#include "auth/audit.h"
#include "auth/auth.h"
#include "http/exchange.h"
#include "ops/operation.h"

struct iam; /* iam/service.h */

/* A request that was answered, for metrics and logs. What it points to lives during the call. */
struct api_event {
    const char *service;    /* "dynamodb", "sts", "iam", "rolesanywhere"; static */
    struct slice operation; /* "GetItem"; absent: none that there is */
    struct slice table;     /* the name; absent: none, or several */
    struct slice request_id;
    struct slice caller;  /* the ARN; absent: not proven */
    int status;           /* of HTTP */
    const char *error;    /* its name, NULL: success; static */
    int64_t waited_ns;    /* from the last byte received until somebody had time for it */
    int64_t worked_ns;    /* from there to the operation's end: reading, waiting for commits */
    int64_t answered_ns;  /* from there until the response was built */
    size_t request_bytes; /* bodies, as sent */
    size_t response_bytes;
};

struct api_observer {
    void (*observe)(void *context, const struct api_event *event); /* NULL: nobody. Any thread */
    void *context;
};

enum { API_ROOT_ARN_BYTES = 64 };

struct api_options {
    const struct op_environment *environment; /* outlives the api */
    struct slice account;                     /* the environment's; outlives the api */
    struct auth_options auth;                 /* its keyring outlives the api */
    const struct iam *iam;    /* NULL: IAM and STS are not there. Outlives the api */
    struct auth_audit *audit; /* NULL: none. Outlives the api */
    struct api_observer observer;
    /* Origins that browsers may call from: "*", or a comma-separated list. Outlives the api. */
    struct slice cors_origins;
};

struct api {
    struct api_options options;
    char root_arn[API_ROOT_ARN_BYTES]; /* who everybody is in development mode */
    size_t root_arn_size;
    uint64_t request_id_seed;
    _Atomic uint64_t requests;
};

void api_init(struct api *api, const struct api_options *options);
/* The two functions below with the api as their context. */
struct http_handler api_handler(struct api *api);

/* Fills the response and calls http_exchange_finish, at once or later, on any thread; see
 * http/exchange.h. */
void api_handle(void *api, struct http_exchange *exchange);
/* Operations that read a lot, bodies that take long to parse or decode. */
bool api_is_long(void *api, const struct http_request *request);

#endif
