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
    size_t request_id_chars;
    bool has_checksum;      /* x-amz-crc32: only DynamoDB sends it */
    struct api_event event; /* service NULL: it is nothing that anybody counts */
    int64_t begun_ns;
    int64_t ended_ns; /* the operation; 0: there was none */
};

/* With a new request id. */
void api_reply_init(struct api_reply *reply, struct api *api, struct http_exchange *exchange);
/* As other services answer: a UUID as request id, and no checksum. */
void api_reply_make_plain(struct api_reply *reply);
struct slice api_reply_request_id(const struct api_reply *reply);
/* Fills exchange->response. body lives in the exchange's arena or is static. When memory is
 * exhausted it is a bare 500, or 503 when others have the memory. */
void api_reply_send(struct api_reply *reply, int status, struct slice body);
/* What a client may see of an error: INTERNAL ones are logged, with their words, and told without;
 * error_exhausted is SERVICE_UNAVAILABLE when others have the memory. */
const struct error *api_reply_public_error(const struct api_reply *reply,
                                           const struct error *error);
/* The error, as far as it is public, as a JSON body. */
void api_reply_error(struct api_reply *reply, const struct error *error);
/* Once, when the response is there: tells whoever observes. */
void api_reply_observe(const struct api_reply *reply);
/* To a browser that asks before it sends (Fetch standard, CORS preflight). */
void api_reply_preflight(struct api_reply *reply);

#endif
