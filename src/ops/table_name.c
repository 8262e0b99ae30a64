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

bool op_table_arn_read(struct slice arn, struct op_table_name *ret_name)
{
    struct slice rest = arn, scheme, partition, service, region, account, resource;
    if (!take_field(&rest, ':', &scheme) || !take_field(&rest, ':', &partition) ||
        !take_field(&rest, ':', &service) || !take_field(&rest, ':', &region) ||
        !take_field(&rest, ':', &account) || !take_field(&rest, '/', &resource))
        return false;
    if (!slice_equal(scheme, SLICE("arn")) || !slice_starts_with(partition, SLICE("aws")) ||
        !slice_equal(service, SLICE("dynamodb")) || !slice_equal(resource, SLICE("table")))
        return false;
    if (region.size == 0 || account.size == 0 || rest.size < NAME_MIN || rest.size > NAME_MAX ||
        !is_name(rest))
        return false;
    *ret_name = (struct op_table_name){arn, account, region, rest};
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

/* The model has checked names; of ARNs only that they begin like one. */
const struct error *op_table_name_read(const struct op_call *call, struct slice given,
                                       struct op_table_name *ret_name)
{
    if (!slice_starts_with(given, SLICE("arn:"))) {
        *ret_name = (struct op_table_name){given, call->environment->account, call->region, given};
        return NULL;
    }
    if (op_table_arn_read(given, ret_name))
        return NULL;
    return op_validation_error(call,
                               "1 validation error detected: Value '%.*s' at 'tableName' failed "
                               "to satisfy constraint: Member must satisfy regular expression "
                               "pattern: [a-zA-Z0-9_.-]+",
                               SLICE_PRINT(given));
}

static const struct db_table *acquire(const struct op_call *call, const struct op_table_name *name)
{
    return db_table_acquire(call->environment->db, name->account, name->region, name->name,
                            call->now_ms);
}

const struct error *op_table_for_items(const struct op_call *call, const struct op_table_name *name,
                                       const struct db_table **ret_table)
{
    const struct db_table *table = acquire(call, name);
    if (table != NULL &&
        (table->status == DB_STATUS_CREATING || table->status == DB_STATUS_DELETING)) {
        op_table_release(call, table);
        table = NULL;
    }
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
    if (table == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Table: %.*s not found",
                          SLICE_PRINT(name->name));
    *ret_table = table;
    return NULL;
}
