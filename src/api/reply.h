#ifndef HASHRANGE_API_REPLY_H
#define HASHRANGE_API_REPLY_H

/* What all responses of the API have in common: request id, checksum, CORS, compression. Private to
 * api/. */

#include "api/api.h"

enum { API_REQUEST_ID_CHARS = 52 };

struct api_reply {
    const struct api *api;
    struct http_exchange *exchange;
    struct slice content_type;  /* absent: none */
    enum model_service service; /* whose errors are told */
    char request_id[API_REQUEST_ID_CHARS];
};

/* With a new request id. */
void api_reply_init(struct api_reply *reply, struct api *api, struct http_exchange *exchange);
/* Fills exchange->response. body lives in the exchange's arena or is static. When memory is
 * exhausted it is a bare 500, or 503 when others have the memory. */
void api_reply_send(struct api_reply *reply, int status, struct slice body);
/* The error as a JSON body. INTERNAL ones are logged, with their words, and told to the client
 * without; error_exhausted is SERVICE_UNAVAILABLE when others have the memory. */
void api_reply_error(struct api_reply *reply, const struct error *error);
/* To a browser that asks before it sends (Fetch standard, CORS preflight). */
void api_reply_preflight(struct api_reply *reply);

#endif
