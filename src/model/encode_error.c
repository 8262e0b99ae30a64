/*
 * An error as the service sends it: {"__type":"<namespace>#<name>","message":"..."}, with "Message"
 * or none at all for some kinds (all observed). In version 2011-12-05 it has no other members
 * (service model).
 */

#include "base/buf.h"
#include "base/check.h"
#include "item/value_json.h"
#include "model/model.h"

/* The first two observed; of the others the service model says so. */
static bool has_capital_message(enum error_kind kind)
{
    return kind == ERROR_SERIALIZATION || kind == ERROR_ACCESS_DENIED ||
           kind == ERROR_TRANSACTION_CANCELED || kind == ERROR_TRANSACTION_IN_PROGRESS ||
           kind == ERROR_IDEMPOTENT_MISMATCH;
}

/* API reference, TransactWriteItems, "TransactionCanceledException". */
const char *model_reason_code(const struct error *reason)
{
    if (reason == NULL)
        return "None";
    switch (reason->kind) {
    case ERROR_CONDITIONAL_CHECK_FAILED:
        return "ConditionalCheckFailed";
    case ERROR_ITEM_COLLECTION_SIZE_LIMIT:
        return "ItemCollectionSizeLimitExceeded";
    case ERROR_TRANSACTION_CONFLICT:
        return "TransactionConflict";
    case ERROR_PROVISIONED_THROUGHPUT:
        return "ProvisionedThroughputExceeded";
    case ERROR_REQUEST_LIMIT_EXCEEDED:
    case ERROR_THROTTLING:
        return "ThrottlingError";
    case ERROR_DUPLICATE_ITEM:
        return "DuplicateItem";
    case ERROR_RESOURCE_NOT_FOUND:
        return "ResourceNotFound";
    default:
        return "ValidationError";
    }
}

static void encode_item(const struct error *error, struct json_writer *writer)
{
    if (!slice_present(error->item))
        return;
    json_name(writer, SLICE("Item"));
    item_to_json(writer, error->item);
}

static void encode_reasons(const struct error *error, struct json_writer *writer)
{
    json_name(writer, SLICE("CancellationReasons"));
    json_array_begin(writer);
    for (size_t i = 0; i < error->reason_count; i++) {
        const struct error *reason = error->reasons[i];
        json_object_begin(writer);
        json_name(writer, SLICE("Code"));
        json_string(writer, slice_of_cstring(model_reason_code(reason)));
        if (reason != NULL) {
            encode_item(reason, writer);
            json_name(writer, SLICE("Message"));
            json_string(writer, reason->message);
        }
        json_object_end(writer);
    }
    json_array_end(writer);
}

/* ThrottlingException has the list in lower case (service model). */
static void encode_throttles(const struct error *error, struct json_writer *writer)
{
    json_name(writer, error->kind == ERROR_THROTTLING ? SLICE("throttlingReasons")
                                                      : SLICE("ThrottlingReasons"));
    json_array_begin(writer);
    for (size_t i = 0; i < error->throttle_count; i++) {
        json_object_begin(writer);
        json_name(writer, SLICE("reason"));
        json_string(writer, error->throttles[i].reason);
        json_name(writer, SLICE("resource"));
        json_string(writer, error->throttles[i].resource);
        json_object_end(writer);
    }
    json_array_end(writer);
}

/* Only the errors of the service's own model know its version (observed: 2011-12-05 says
 * com.amazonaws.dynamodb.v20111205#ConditionalCheckFailedException, but
 * com.amazon.coral.validate#ValidationException). */
static struct slice namespace_of(enum error_kind kind, enum model_service service)
{
    struct slice namespace = slice_of_cstring(error_kind_namespace(kind));
    bool is_modeled = slice_equal(namespace, SLICE("com.amazonaws.dynamodb.v20120810#"));
    if (is_modeled && service == MODEL_SERVICE_V2011_DYNAMODB)
        return SLICE("com.amazonaws.dynamodb.v20111205#");
    return namespace;
}

static void encode_type(enum error_kind kind, enum model_service service,
                        struct json_writer *writer)
{
    char type[128];
    struct slice namespace = namespace_of(kind, service);
    struct slice name = slice_of_cstring(error_kind_name(kind));
    CHECK(namespace.size + name.size <= sizeof(type));
    memcpy(type, namespace.data, namespace.size);
    memcpy(type + namespace.size, name.data, name.size);
    json_name(writer, SLICE("__type"));
    json_string(writer, slice_of(type, namespace.size + name.size));
}

static void encode_more(const struct error *error, struct json_writer *writer)
{
    if (error->kind == ERROR_CONDITIONAL_CHECK_FAILED)
        encode_item(error, writer);
    if (error->kind == ERROR_TRANSACTION_CANCELED)
        encode_reasons(error, writer);
    if (error->throttle_count > 0)
        encode_throttles(error, writer);
}

void model_encode_error(enum model_service service, const struct error *error,
                        struct json_writer *writer)
{
    json_object_begin(writer);
    encode_type(error->kind, service, writer);
    bool is_mute = error->kind == ERROR_UNKNOWN_OPERATION ||
                   (error->kind == ERROR_SERIALIZATION && error->message.size == 0);
    if (!is_mute) {
        json_name(writer, has_capital_message(error->kind) ? SLICE("Message") : SLICE("message"));
        json_string(writer, error->message);
    }
    if (service != MODEL_SERVICE_V2011_DYNAMODB)
        encode_more(error, writer);
    json_object_end(writer);
}
