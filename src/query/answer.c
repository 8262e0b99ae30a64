#include "query/answer.h"

const struct query_service query_sts = {
    .name = "sts",
    .version = "2011-06-15",
    .namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
};
const struct query_service query_iam = {
    .name = "iam",
    .version = "2010-05-08",
    .namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
};

void query_answer_begin(struct xml_writer *writer, const struct query_service *service,
                        const char *action, bool has_result)
{
    xml_begin_suffixed(writer, action, "Response", service->namespace);
    if (has_result)
        xml_begin_suffixed(writer, action, "Result", NULL);
}

void query_answer_end(struct xml_writer *writer, const char *action, bool has_result,
                      struct slice request_id)
{
    if (has_result)
        xml_end_suffixed(writer, action, "Result");
    xml_begin(writer, "ResponseMetadata");
    xml_text(writer, "RequestId", request_id);
    xml_end(writer, "ResponseMetadata");
    xml_end_suffixed(writer, action, "Response");
}

/* Kinds that DynamoDB calls otherwise (STS API reference, "Common errors"; statuses observed). All
 * others have the name and status of errors.def. */
static const struct query_failure renamed[ERROR_KIND_COUNT] = {
    [ERROR_VALIDATION] = {"ValidationError", 400},
    [ERROR_ACCESS_DENIED] = {"AccessDenied", 403},
    [ERROR_UNRECOGNIZED_CLIENT] = {"InvalidClientTokenId", 403},
    [ERROR_INVALID_SIGNATURE] = {"SignatureDoesNotMatch", 403},
    [ERROR_INCOMPLETE_SIGNATURE] = {"IncompleteSignature", 400},
    [ERROR_MISSING_AUTHENTICATION_TOKEN] = {"MissingAuthenticationToken", 403},
    [ERROR_EXPIRED_TOKEN] = {"ExpiredToken", 403},
    [ERROR_THROTTLING] = {"Throttling", 400},
    [ERROR_INTERNAL] = {"InternalFailure", 500},
    [ERROR_SERVICE_UNAVAILABLE] = {"ServiceUnavailable", 503},
};

struct query_failure query_failure_of(enum error_kind kind)
{
    if (renamed[kind].code != NULL)
        return renamed[kind];
    return (struct query_failure){error_kind_name(kind), error_kind_http_status(kind)};
}

void query_answer_error(struct xml_writer *writer, const struct query_service *service,
                        const struct error *error, struct slice request_id)
{
    struct query_failure failure = query_failure_of(error->kind);
    xml_begin_suffixed(writer, "ErrorResponse", "", service->namespace);
    xml_begin(writer, "Error");
    xml_text(writer, "Type", failure.status < 500 ? SLICE("Sender") : SLICE("Receiver"));
    xml_text(writer, "Code", slice_of_cstring(failure.code));
    xml_text(writer, "Message", error->message);
    xml_end(writer, "Error");
    xml_text(writer, "RequestId", request_id);
    xml_end(writer, "ErrorResponse");
}
