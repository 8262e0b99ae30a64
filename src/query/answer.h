#ifndef HASHRANGE_QUERY_ANSWER_H
#define HASHRANGE_QUERY_ANSWER_H

/*
 * What surrounds an answer of the AWS Query protocol, and its errors (IAM API reference, "Making
 * query requests"; STS API reference, "Common errors").
 *
 *   <XResponse xmlns="..."><XResult>...</XResult>
 *     <ResponseMetadata><RequestId>...</RequestId></ResponseMetadata></XResponse>
 *   <ErrorResponse xmlns="..."><Error><Type>Sender</Type><Code>...</Code><Message>...</Message>
 *     </Error><RequestId>...</RequestId></ErrorResponse>
 */

#include "base/error.h"
#include "query/xml_writer.h"

struct query_service {
    const char *name;      /* in the scope of signatures, and before the colon of actions */
    const char *version;   /* what requests ask for */
    const char *namespace; /* of the answers' elements */
};

extern const struct query_service query_sts;
extern const struct query_service query_iam;

/* has_result: the action has an output, if an empty one; without, it has no <XResult>. */
void query_answer_begin(struct xml_writer *writer, const struct query_service *service,
                        const char *action, bool has_result);
void query_answer_end(struct xml_writer *writer, const char *action, bool has_result,
                      struct slice request_id);

/* How the Query protocol calls an error, and its HTTP status. */
struct query_failure {
    const char *code;
    int status;
};
struct query_failure query_failure_of(enum error_kind kind);
/* The whole body. The words of INTERNAL errors are not for clients: pass another message. */
void query_answer_error(struct xml_writer *writer, const struct query_service *service,
                        const struct error *error, struct slice request_id);

#endif
