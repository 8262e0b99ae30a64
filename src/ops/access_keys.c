/*
 * DynamoDB's condition keys (developer guide, "Specifying conditions: using condition keys";
 * service authorization reference, "Condition keys for Amazon DynamoDB").
 */

#include <strings.h>

#include "ops/access_part.h"

/* One question and what answers it. */
struct look_up {
    const struct op_call *call;
    const struct op_access *access;
    struct slice rest; /* of the key, behind the row's name when that ends with '/' */
    size_t number;
    struct op_access_list *list;
    bool present;
};

typedef const struct error *answer(struct look_up *look);

static const struct error *partition_values(struct look_up *look)
{
    const struct op_access *access = look->access;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < access->part_count; i++)
        error = op_access_partition_values(look->call, access, &access->parts[i], look->number,
                                           look->list);
    look->present = look->list->count > 0;
    return error;
}

static const struct error *attributes(struct look_up *look)
{
    const struct op_access *access = look->access;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < access->part_count; i++)
        error = op_access_attributes(look->call, &access->parts[i], look->list);
    look->present = look->list->count > 0;
    return error;
}

static void say(struct look_up *look, struct slice text)
{
    op_access_add(look->list, text);
    look->present = true;
}

/* API reference of Query, "Select": what it is when it is not said. */
static struct slice implied_select(const struct op_access *access,
                                   const struct op_access_part *part)
{
    bool chooses = slice_present(part->projection) ||
                   (part->attributes_to_get != NULL && part->attributes_to_get->present);
    if (chooses)
        return SLICE("SPECIFIC_ATTRIBUTES");
    return slice_present(access->index) ? SLICE("ALL_PROJECTED_ATTRIBUTES")
                                        : SLICE("ALL_ATTRIBUTES");
}

static const struct error *select_value(struct look_up *look)
{
    const struct op_access *access = look->access;
    if (access->part_count == 0 || !access->parts[0].reads)
        return NULL;
    const struct op_access_part *part = &access->parts[0];
    bool chooses = false;
    if (part->statement != NULL) {
        const struct error *error = op_access_chooses(look->call, part, &chooses);
        if (error != NULL)
            return error;
    }
    if (chooses)
        say(look, SLICE("SPECIFIC_ATTRIBUTES"));
    else if (part->select != NULL && part->select->value != 0)
        say(look, part->select->text);
    else
        say(look, implied_select(access, part));
    return NULL;
}

/* ReturnValuesOnConditionCheckFailure shows the whole item as ReturnValues does, to whoever makes a
 * condition fail. It has no condition key of its own (AWS does not say what the service does then),
 * so the wider of the two is what is returned. */
static const struct error *return_values(struct look_up *look)
{
    const struct op_access *access = look->access;
    if (access->part_count == 0)
        return NULL;
    const struct op_access_part *part = &access->parts[0];
    const struct model_enum *failure = part->return_values_on_failure;
    bool shows_old =
        failure != NULL && failure->value == MODEL_RETURN_VALUES_ON_CONDITION_CHECK_FAILURE_ALL_OLD;
    if (!part->has_return && !shows_old)
        return NULL;
    struct slice said = SLICE("NONE");
    const struct error *error = NULL;
    if (part->statement != NULL && part->has_return)
        error = op_access_returning(look->call, part, &said);
    else if (part->return_values != NULL && part->return_values->value != 0)
        said = part->return_values->text;
    if (shows_old && !slice_equal(said, SLICE("ALL_NEW")))
        said = SLICE("ALL_OLD");
    if (error == NULL)
        say(look, said);
    return error;
}

static const struct error *return_consumed_capacity(struct look_up *look)
{
    const struct op_access *access = look->access;
    if (access->part_count == 0)
        return NULL;
    const struct model_enum *given = access->parts[0].return_consumed_capacity;
    say(look, given != NULL && given->value != 0 ? given->text : SLICE("NONE"));
    return NULL;
}

static const struct error *enclosing_operation(struct look_up *look)
{
    if (slice_present(look->access->enclosing))
        say(look, look->access->enclosing);
    return NULL;
}

static const struct error *full_table_scan(struct look_up *look)
{
    const struct op_access *access = look->access;
    if (access->part_count == 0 || access->parts[0].statement == NULL || !access->parts[0].reads)
        return NULL;
    bool scans;
    const struct error *error = op_access_scans(look->call, &access->parts[0], &scans);
    if (error == NULL)
        say(look, scans ? SLICE("true") : SLICE("false"));
    return error;
}

/* --- tags --- */

static bool same_tag_key(struct slice left, struct slice right)
{
    return left.size == right.size &&
           strncasecmp((const char *)left.data, (const char *)right.data, left.size) == 0;
}

static const struct error *resource_tag(struct look_up *look)
{
    const struct op_table_name *name = &look->access->table;
    if (!slice_present(name->name))
        return NULL;
    const struct db_table *table = db_table_acquire(look->call->environment->db, name->account,
                                                    name->region, name->name, look->call->now_ms);
    for (size_t i = 0; table != NULL && i < table->tag_count; i++) {
        struct slice value;
        if (!same_tag_key(table->tags[i].key, look->rest))
            continue;
        if (arena_copy(look->call->arena, table->tags[i].value, &value))
            say(look, value);
        else
            look->list->failed = true;
    }
    if (table != NULL)
        op_table_release(look->call, table);
    return NULL;
}

/* The tags that a request brings. */
static const struct model_list_tag_list *tags_of_request(const struct op_call *call)
{
    if (call->operation == MODEL_OPERATION_CREATE_TABLE)
        return &((const struct model_create_table_input *)call->input)->tags;
    if (call->operation == MODEL_OPERATION_TAG_RESOURCE)
        return &((const struct model_tag_resource_input *)call->input)->tags;
    return NULL;
}

static const struct error *request_tag(struct look_up *look)
{
    const struct model_list_tag_list *tags = tags_of_request(look->call);
    for (size_t i = 0; tags != NULL && i < tags->count; i++) {
        if (slice_present(tags->items[i].value) && same_tag_key(tags->items[i].key, look->rest))
            say(look, tags->items[i].value);
    }
    return NULL;
}

static const struct error *tag_keys(struct look_up *look)
{
    const struct op_call *call = look->call;
    const struct model_list_tag_list *tags = tags_of_request(call);
    for (size_t i = 0; tags != NULL && i < tags->count; i++)
        say(look, tags->items[i].key);
    if (call->operation == MODEL_OPERATION_UNTAG_RESOURCE) {
        const struct model_untag_resource_input *input = call->input;
        for (size_t i = 0; i < input->tag_keys.count; i++)
            say(look, input->tag_keys.items[i]);
    }
    return NULL;
}

/* A name that ends with '/' is the beginning of keys. */
static const struct row {
    struct slice name;
    answer *answer;
    size_t number;
} rows[] = {
    {SLICE_INIT("dynamodb:LeadingKeys"), partition_values, 0},
    {SLICE_INIT("dynamodb:FirstPartitionKeyValues"), partition_values, 0},
    {SLICE_INIT("dynamodb:SecondPartitionKeyValues"), partition_values, 1},
    {SLICE_INIT("dynamodb:ThirdPartitionKeyValues"), partition_values, 2},
    {SLICE_INIT("dynamodb:FourthPartitionKeyValues"), partition_values, 3},
    {SLICE_INIT("dynamodb:Attributes"), attributes, 0},
    {SLICE_INIT("dynamodb:Select"), select_value, 0},
    {SLICE_INIT("dynamodb:ReturnValues"), return_values, 0},
    {SLICE_INIT("dynamodb:ReturnConsumedCapacity"), return_consumed_capacity, 0},
    {SLICE_INIT("dynamodb:EnclosingOperation"), enclosing_operation, 0},
    {SLICE_INIT("dynamodb:FullTableScan"), full_table_scan, 0},
    {SLICE_INIT("aws:ResourceTag/"), resource_tag, 0},
    {SLICE_INIT("aws:RequestTag/"), request_tag, 0},
    {SLICE_INIT("aws:TagKeys"), tag_keys, 0},
};

static bool row_has(const struct row *row, struct slice key)
{
    bool begins = row->name.data[row->name.size - 1] == '/';
    if (begins ? key.size < row->name.size : key.size != row->name.size)
        return false;
    return strncasecmp((const char *)key.data, (const char *)row->name.data, row->name.size) == 0;
}

const struct error *op_access_look_up(const struct op_call *call, const struct op_access *access,
                                      struct slice key, struct op_access_values *ret_values,
                                      bool *ret_present)
{
    struct op_access_list list = {.arena = call->arena};
    struct look_up look = {.call = call, .access = access, .list = &list};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!row_has(&rows[i], key))
            continue;
        look.rest = slice_after(key, rows[i].name.size);
        look.number = rows[i].number;
        const struct error *error = rows[i].answer(&look);
        if (error == NULL && list.failed)
            error = error_exhausted();
        if (error != NULL)
            return error;
        break;
    }
    *ret_values = (struct op_access_values){list.items, list.count};
    *ret_present = look.present;
    return NULL;
}
