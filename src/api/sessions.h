#ifndef HASHRANGE_API_SESSIONS_H
#define HASHRANGE_API_SESSIONS_H

/* CreateSession of IAM Roles Anywhere over HTTP: POST /sessions (iam/create_session.h). Private to
 * api/. */

#include "api/reply.h"

/* Is it for that path? Looks at the head only. */
bool api_sessions_is_meant(const struct http_request *request);
/* Fills the response. May wait for the store. api->options.iam is there. */
void api_sessions_handle(struct api_reply *reply);

#endif
