#include "cli/workload.h"

#include <stdatomic.h>

#include "base/check.h"

enum { LOAD_BATCH = 25 };

static const unsigned char percents[][WORKLOAD_OPERATION_COUNT] = {
#define WORKLOAD(name, ...) {__VA_ARGS__},
#include "cli/workloads.def"
#undef WORKLOAD
};

static const struct {
    const char *name;
    const char *target;
} operations[WORKLOAD_OPERATION_COUNT] = {
    [WORKLOAD_GET] = {"GetItem", "DynamoDB_20120810.GetItem"},
    [WORKLOAD_PUT] = {"PutItem", "DynamoDB_20120810.PutItem"},
    [WORKLOAD_UPDATE] = {"UpdateItem", "DynamoDB_20120810.UpdateItem"},
    [WORKLOAD_INSERT] = {"PutItem (new)", "DynamoDB_20120810.PutItem"},
    [WORKLOAD_READ_MODIFY_WRITE] = {"UpdateItem (if)", "DynamoDB_20120810.UpdateItem"},
    [WORKLOAD_QUERY] = {"Query", "DynamoDB_20120810.Query"},
    [WORKLOAD_SCAN] = {"Scan", "DynamoDB_20120810.Scan"},
    [WORKLOAD_BATCH_GET] = {"BatchGetItem", "DynamoDB_20120810.BatchGetItem"},
    [WORKLOAD_BATCH_WRITE] = {"BatchWriteItem", "DynamoDB_20120810.BatchWriteItem"},
    [WORKLOAD_TRANSACT_WRITE] = {"TransactWriteItems", "DynamoDB_20120810.TransactWriteItems"},
};

const unsigned char *workload_percent(int64_t number)
{
    CHECK(number >= 0 && (size_t)number < COUNT_OF(percents));
    return percents[number];
}

enum workload_operation workload_choose(const struct workload *workload, struct key_chance *chance)
{
    uint64_t at = key_chance_below(chance, 100);
    for (int i = 0; i < WORKLOAD_OPERATION_COUNT; i++) {
        if (at < workload->percent[i])
            return (enum workload_operation)i;
        at -= workload->percent[i];
    }
    return WORKLOAD_GET;
}

struct slice workload_target(enum workload_operation operation)
{
    return slice_of_cstring(operations[operation].target);
}

const char *workload_operation_name(enum workload_operation operation)
{
    return operations[operation].name;
}

/* --- the parts of bodies --- */

static void append_text(struct buf *out, const char *text)
{
    buf_append(out, slice_of_cstring(text));
}

static void append_key(struct buf *out, uint64_t item)
{
    append_text(out, "\"pk\":{\"S\":\"item");
    buf_append_decimal(out, item, 12);
    append_text(out, "\"},\"sk\":{\"S\":\"000000\"}");
}

static void append_group_key(struct buf *out, uint64_t member)
{
    append_text(out, "\"pk\":{\"S\":\"group");
    buf_append_decimal(out, member / WORKLOAD_GROUP_ITEMS, 8);
    append_text(out, "\"},\"sk\":{\"S\":\"");
    buf_append_decimal(out, member % WORKLOAD_GROUP_ITEMS, 6);
    append_text(out, "\"}");
}

/* Letters that change from value to value: what compresses too well would flatter a disk. */
static void append_value(struct buf *out, uint64_t bytes, struct key_chance *chance)
{
    static const char letters[64] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";
    enum { KEY_BYTES = 27 }; /* names, pk and sk */
    uint64_t size = bytes > KEY_BYTES ? bytes - KEY_BYTES : 1;
    append_text(out, ",\"v\":{\"S\":\"");
    uint8_t *at = buf_extend(out, size);
    uint64_t bits = 0;
    for (uint64_t i = 0; at != NULL && i < size; i++) {
        if (i % 10 == 0)
            bits = key_chance_below(chance, UINT64_MAX);
        at[i] = (uint8_t)letters[bits & 63];
        bits >>= 6;
    }
    append_text(out, "\"}");
}

static void append_table(const struct workload *workload, struct buf *out)
{
    append_text(out, "{\"TableName\":\"");
    append_text(out, workload->table);
    append_text(out, "\"");
}

static void append_item(struct workload *workload, uint64_t item, struct key_chance *chance,
                        struct buf *out)
{
    append_text(out, "\"Item\":{");
    append_key(out, item);
    append_value(out, workload->item_bytes, chance);
    append_text(out, "}");
}

static void append_batch_get(struct workload *workload, struct key_chance *chance, struct buf *out)
{
    /* Neighbours, since a batch must not name an item twice. */
    uint64_t count = workload->batch < workload->items ? workload->batch : workload->items;
    uint64_t first = key_choose(&workload->keys, chance);
    buf_append_format(out, "{\"RequestItems\":{\"%s\":{\"Keys\":[", workload->table);
    for (uint64_t i = 0; i < count; i++) {
        append_text(out, i == 0 ? "{" : ",{");
        append_key(out, (first + i) % workload->items);
        append_text(out, "}");
    }
    append_text(out, "]}}}");
}

static void append_batch_write(struct workload *workload, struct key_chance *chance,
                               struct buf *out)
{
    uint64_t count = workload->batch < LOAD_BATCH ? workload->batch : LOAD_BATCH;
    if (count > workload->items)
        count = workload->items;
    uint64_t first = key_choose(&workload->keys, chance);
    buf_append_format(out, "{\"RequestItems\":{\"%s\":[", workload->table);
    for (uint64_t i = 0; i < count; i++) {
        append_text(out, i == 0 ? "{\"PutRequest\":{" : ",{\"PutRequest\":{");
        append_item(workload, (first + i) % workload->items, chance, out);
        append_text(out, "}}");
    }
    append_text(out, "]}}");
}

static void append_transact_write(struct workload *workload, struct key_chance *chance,
                                  struct buf *out)
{
    uint64_t first = key_choose(&workload->keys, chance);
    append_text(out, "{\"TransactItems\":[");
    for (uint64_t i = 0; i < WORKLOAD_TRANSACT_ITEMS; i++) {
        append_text(out, i == 0 ? "{\"Put\":" : ",{\"Put\":");
        append_table(workload, out);
        append_text(out, ",");
        append_item(workload,
                    (first + i * (workload->items / WORKLOAD_TRANSACT_ITEMS + 1)) %
                        (workload->items + WORKLOAD_TRANSACT_ITEMS),
                    chance, out);
        append_text(out, "}}");
    }
    append_text(out, "]}");
}

static void append_update(struct workload *workload, bool reads, struct key_chance *chance,
                          struct buf *out)
{
    append_table(workload, out);
    append_text(out, ",\"Key\":{");
    append_key(out, key_choose(&workload->keys, chance));
    append_text(out, reads ? "},\"UpdateExpression\":\"SET v = :v\",\"ConditionExpression\":"
                             "\"attribute_exists(v)\",\"ReturnValues\":\"ALL_OLD\","
                             "\"ExpressionAttributeValues\":{\":v\":{\"S\":\""
                           : "},\"UpdateExpression\":\"SET v = :v\","
                             "\"ExpressionAttributeValues\":{\":v\":{\"S\":\"");
    for (uint64_t i = 0; i + 16 <= workload->item_bytes; i += 16)
        buf_append_format(out, "%016llx", (unsigned long long)key_chance_below(chance, UINT64_MAX));
    append_text(out, "\"}}}");
}

static void append_get(struct workload *workload, struct key_chance *chance, struct buf *out)
{
    append_table(workload, out);
    append_text(out, ",\"Key\":{");
    append_key(out, key_choose(&workload->keys, chance));
    append_text(out, workload->consistent ? "},\"ConsistentRead\":true}" : "}}");
}

static void append_put(struct workload *workload, uint64_t item, struct key_chance *chance,
                       struct buf *out)
{
    append_table(workload, out);
    append_text(out, ",");
    append_item(workload, item, chance, out);
    append_text(out, "}");
}

static void append_query(struct workload *workload, struct key_chance *chance, struct buf *out)
{
    append_table(workload, out);
    append_text(out, ",\"KeyConditionExpression\":\"pk = :p\",\"ExpressionAttributeValues\":"
                     "{\":p\":{\"S\":\"group");
    buf_append_decimal(out, key_choose(&workload->groups, chance), 8);
    append_text(out, "\"}}}");
}

void workload_body(struct workload *workload, enum workload_operation operation,
                   struct key_chance *chance, struct buf *out)
{
    switch (operation) {
    case WORKLOAD_GET:
        append_get(workload, chance, out);
        break;
    case WORKLOAD_PUT:
        append_put(workload, key_choose(&workload->keys, chance), chance, out);
        break;
    case WORKLOAD_INSERT:
        append_put(workload, workload->items + atomic_fetch_add(&workload->inserted, 1), chance,
                   out);
        break;
    case WORKLOAD_UPDATE:
    case WORKLOAD_READ_MODIFY_WRITE:
        append_update(workload, operation == WORKLOAD_READ_MODIFY_WRITE, chance, out);
        break;
    case WORKLOAD_QUERY:
        append_query(workload, chance, out);
        break;
    case WORKLOAD_SCAN:
        append_table(workload, out);
        append_text(out, "}");
        break;
    case WORKLOAD_BATCH_GET:
        append_batch_get(workload, chance, out);
        break;
    case WORKLOAD_BATCH_WRITE:
        append_batch_write(workload, chance, out);
        break;
    case WORKLOAD_TRANSACT_WRITE:
        append_transact_write(workload, chance, out);
        break;
    case WORKLOAD_OPERATION_COUNT:
        CHECK(false);
    }
}

/* --- making the table --- */

void workload_create_table_body(const struct workload *workload, struct buf *out)
{
    append_table(workload, out);
    append_text(out,
                ",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},"
                "{\"AttributeName\":\"sk\",\"AttributeType\":\"S\"}],\"KeySchema\":["
                "{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
                "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}],"
                "\"BillingMode\":\"PAY_PER_REQUEST\"}");
}

/* Groups are there only for those who query. */
static uint64_t group_count(const struct workload *workload)
{
    return workload->percent[WORKLOAD_QUERY] > 0 ? workload->groups.items : 0;
}

uint64_t workload_load_count(const struct workload *workload)
{
    return workload->items + group_count(workload) * WORKLOAD_GROUP_ITEMS;
}

uint64_t workload_load_body(const struct workload *workload, uint64_t first, struct buf *out)
{
    struct key_chance chance = {first + 1};
    uint64_t end = workload_load_count(workload);
    uint64_t count = end > first ? end - first : 0;
    if (count > LOAD_BATCH)
        count = LOAD_BATCH;
    if (count == 0)
        return 0;
    buf_append_format(out, "{\"RequestItems\":{\"%s\":[", workload->table);
    for (uint64_t i = first; i < first + count; i++) {
        append_text(out,
                    i == first ? "{\"PutRequest\":{\"Item\":{" : ",{\"PutRequest\":{\"Item\":{");
        if (i < workload->items)
            append_key(out, i);
        else
            append_group_key(out, i - workload->items);
        append_value(out, workload->item_bytes, &chance);
        append_text(out, "}}}");
    }
    append_text(out, "]}}");
    return count;
}
