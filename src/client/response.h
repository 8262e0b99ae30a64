#ifndef HASHRANGE_CLIENT_RESPONSE_H
#define HASHRANGE_CLIENT_RESPONSE_H

/*
 * Reads responses of HTTP/1.1 one after another from pieces of any size, as far as a client that
 * measures needs them: the status and how the body begins. Bodies have a Content-Length or come in
 * chunks (RFC 9112, 6.3).
 */

#include "base/slice.h"

enum { CLIENT_HEAD_BYTES_MAX = 16 * 1024, CLIENT_BODY_KEPT_BYTES = 4096 };

enum client_response_state {
    CLIENT_RESPONSE_MORE, /* goes on */
    CLIENT_RESPONSE_COMPLETE,
    CLIENT_RESPONSE_BROKEN, /* none that this client understands; the connection is of no more use
                             */
};

struct client_response {
    int status;
    bool close; /* the connection ends with it */
    size_t body_bytes;
    size_t kept;
    uint8_t body[CLIENT_BODY_KEPT_BYTES]; /* its first `kept` bytes */

    /* private */
    enum { CLIENT_IN_HEAD, CLIENT_IN_BODY, CLIENT_IN_CHUNK_LINE, CLIENT_IN_TRAILER } part;
    bool chunked;
    bool last_chunk;
    size_t rest; /* of the body or chunk */
    size_t head_size;
    uint8_t head[CLIENT_HEAD_BYTES_MAX]; /* also the line of a chunk */
};

/* Before each response. */
void client_response_begin(struct client_response *response);
/* Takes bytes from the front of *bytes, never beyond the end of the response. */
enum client_response_state client_response_feed(struct client_response *response,
                                                struct slice *bytes);

#endif
