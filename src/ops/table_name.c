#include "ops/table_name.h"

#include "ops/validation_error.h"

enum { NAME_MIN = 3, NAME_MAX = 255 };

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

static bool is_name(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_name_byte(text.data[i]))
            return false;
    return text.size > 0;
}

/* Takes what stands before the separator. */
static bool take_field(struct slice *at, char separator, struct slice *ret_field)
{
    const uint8_t *end = memchr(at->data, separator, at->size);
    if (end == NULL)
        return false;
    *ret_field = slice_of(at->data, (size_t)(end - at->data));
    *at = slice_after(*at, ret_field->size + 1);
    return true;
}

/* What an ARN of a resource is made of, whatever that is. */
struct arn {
    struct slice partition;
    struct slice service;
    struct slice region;
    struct slice account;
    struct slice resource_type;
    struct slice resource_name;
};

static bool read_arn(struct slice text, struct arn *ret_arn)
{
    struct slice rest = text, scheme;
    if (!take_field(&rest, ':', &scheme) || !slice_equal(scheme, SLICE("arn")) ||
        !take_field(&rest, ':', &ret_arn->partition) ||
        !take_field(&rest, ':', &ret_arn->service) || !take_field(&rest, ':', &ret_arn->region) ||
        !take_field(&rest, ':', &ret_arn->account) ||
        !take_field(&rest, '/', &ret_arn->resource_type))
        return false;
    ret_arn->resource_name = rest;
    return true;
}

bool op_table_arn_read(struct slice arn, struct op_table_name *ret_name)
{
    struct arn parts;
    if (!read_arn(arn, &parts))
        return false;
    struct slice name = parts.resource_name;
    if (!slice_starts_with(parts.partition, SLICE("aws")) ||
        !slice_equal(parts.service, SLICE("dynamodb")) ||
        !slice_equal(parts.resource_type, SLICE("table")))
        return false;
    if (parts.region.size == 0 || parts.account.size == 0 || name.size < NAME_MIN ||
        name.size > NAME_MAX || !is_name(name))
        return false;
    *ret_name = (struct op_table_name){arn, parts.account, parts.region, name};
    return true;
}

bool op_table_arn_make(struct arena *arena, const struct db_table *table, const char *resource,
                       struct slice name, struct slice *ret_arn)
{
    struct buf arn;
    buf_init(&arn, arena, 2048);
    buf_append_format(&arn, "arn:aws:dynamodb:%.*s:%.*s:table/%.*s", SLICE_PRINT(table->region),
                      SLICE_PRINT(table->account), SLICE_PRINT(table->name));
    if (resource != NULL)
        buf_append_format(&arn, "/%s/%.*s", resource, SLICE_PRINT(name));
    if (arn.failed)
        return false;
    *ret_arn = buf_slice(&arn);
    return true;
}

static const struct error *invalid_part(const struct op_call *call, const char *part,
                                        struct slice arn)
{
    return op_validation_error(call, "1 validation error detected: Invalid %s in '%.*s'", part,
                               SLICE_PRINT(arn));
}

/* Observed, but for the words about the format, which another implementation reports. */
static const struct error *invalid_arn(const struct op_call *call, struct slice arn)
{
    struct arn parts = {0};
    bool is_arn = read_arn(arn, &parts) && slice_equal(parts.service, SLICE("dynamodb"));
    if (is_arn && !slice_starts_with(parts.partition, SLICE("aws")))
        return invalid_part(call, "AWS partition", arn);
    if (is_arn && !slice_equal(parts.resource_type, SLICE("table")))
        return invalid_part(call, "resource type", arn);
    return op_validation_error(
        call,
        "1 validation error detected: Value '%.*s' at 'tableName' failed to satisfy constraint: "
        "Valid ARN format is 'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/"
        "resourceName', where Resource name must have length less than or equal to %d, Resource "
        "name must have length greater than or equal to %d, Resource name must satisfy regular "
        "expression pattern: [a-zA-Z0-9_.-]+",
        SLICE_PRINT(arn), NAME_MAX, NAME_MIN);
}

/* The model has checked names; of ARNs only that they begin like one. */
const struct error *op_table_name_read(const struct op_call *call, struct slice given,
                                       struct op_table_name *ret_name)
{
    struct op_table_name name = {given, call->environment->account, call->region, given};
    if (slice_starts_with(given, SLICE("arn:"))) {
        if (!op_table_arn_read(given, &name))
            return invalid_arn(call, given);
        if (!db_regions_share(call->environment->db, name.region, call->region))
            return invalid_part(call, "AWS region", given);
    }
    *ret_name = name;
    return NULL;
}

/* Observed of what belongs to another account, there or not. */
static const struct error *access_denied(const struct op_call *call)
{
    return error_make(call->arena, ERROR_ACCESS_DENIED, "Access is denied");
}

static bool is_foreign(const struct op_call *call, const struct op_table_name *name)
{
    return !slice_equal(name->account, call->environment->account);
}

static const struct db_table *acquire(const struct op_call *call, const struct op_table_name *name)
{
    return db_table_acquire(call->environment->db, name->account, name->region, name->name,
                            call->now_ms);
}

const struct error *op_table_for_items(const struct op_call *call, const struct op_table_name *name,
                                       const struct db_table **ret_table)
{
    /* Of statements nobody has looked at the region yet. */
    if (!db_regions_share(call->environment->db, name->region, call->region))
        return invalid_part(call, "AWS region", name->given);
    const struct db_table *table = acquire(call, name);
    if (table != NULL &&
        (table->status == DB_STATUS_CREATING || table->status == DB_STATUS_DELETING)) {
        op_table_release(call, table);
        table = NULL;
    }
    if (table == NULL && is_foreign(call, name))
        return access_denied(call);
    if (table == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    *ret_table = table;
    return NULL;
}

const struct error *op_table_for_control(const struct op_call *call,
                                         const struct op_table_name *name,
                                         const struct db_table **ret_table)
{
    const struct db_table *table = acquire(call, name);
    if (table == NULL && is_foreign(call, name))
        return access_denied(call);
    if (table == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Table: %.*s not found",
                          SLICE_PRINT(name->name));
    *ret_table = table;
    return NULL;
}
