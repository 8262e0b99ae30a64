#ifndef HASHRANGE_API_ASKED_H
#define HASHRANGE_API_ASKED_H

/*
 * What a request asks for, in the version of the API that its target names. Between
 * api_asked_read and api_asked_check stands an op_call of the current version, whatever was asked:
 * there it is decided who may do it. Private to api/.
 */

#include "v2011/v2011.h"

struct api_asked {
    enum model_operation operation; /* in its own version */
    struct v2011_request *older;    /* API version 2011-12-05; NULL: the current one */
};

/* The operation to be run for an X-Amz-Target; NONE when there is none, or it is not built. */
enum model_operation api_asked_of_target(struct slice target, struct api_asked *ret_asked);

/* Decodes and validates the body: operation, input and validation of the call, which has all that
 * comes before them. */
MUST_USE const struct error *api_asked_read(struct api_asked *asked, struct op_call *call,
                                            struct slice json, unsigned json_depth);

/* What only the version asked for refuses. The call may be run then. */
MUST_USE const struct error *api_asked_check(const struct api_asked *asked);

/* The body of the answer to a call that has succeeded. */
MUST_USE const struct error *api_asked_write(const struct api_asked *asked,
                                             const struct op_call *call,
                                             struct json_writer *writer);

/* An error of the call as the version asked for has it. */
const struct error *api_asked_error(const struct api_asked *asked, const struct error *error);

#endif
