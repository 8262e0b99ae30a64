#ifndef HASHRANGE_API_QUERY_H
#define HASHRANGE_API_QUERY_H

/*
 * IAM and STS over HTTP: POST / with a form, or GET / with one in the query string (presigned
 * GetCallerIdentity). They share the port with DynamoDB: what a request speaks is told by its
 * content type. Private to api/.
 */

#include "api/reply.h"

/* Does it speak the Query protocol? Looks at the head only. */
bool api_query_is_meant(const struct http_request *request);
/* Fills the response. May wait for the store. api->options.iam is there. */
void api_query_handle(struct api_reply *reply);

#endif
