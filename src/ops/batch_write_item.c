/*
 * BatchWriteItem:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 *
 * The service promises no atomicity between the items of a batch. Here all of them are one atomic
 * write: that keeps the promise and costs one commit instead of 25. Unprocessed is what is
 * throttled or meets a transaction that is under way: of conflicts the service model knows nothing
 * here, and nothing public tells what the service does.
 */

#include "item/value_size.h"
#include "ops/capacity.h"
#include "ops/item_collection.h"
#include "ops/table_name.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

enum { REQUESTS_MAX = 25, REQUEST_BYTES_MAX = 16 * 1024 * 1024 };

/* One table's part of the request. */
struct part {
    struct op_table_name name;
    const struct model_list_write_requests *requests;
    const struct db_table *table;
    struct op_capacity capacity;
    struct model_item_collection_metrics *metrics;
    size_t metric_count;
};

struct batch_write {
    struct op_call *call;
    const struct model_batch_write_item_input *input;
    struct part *parts;
    size_t part_count;
    struct db_write_set set;
    struct db_write writes[REQUESTS_MAX];
    size_t part_of[REQUESTS_MAX];                             /* the part each write belongs to */
    const struct model_write_request *requests[REQUESTS_MAX]; /* what each write comes from */
    struct slice puts[REQUESTS_MAX]; /* the item of each write; SLICE_ABSENT: a delete */
    const struct error *throttled[REQUESTS_MAX]; /* why it is not written now; NULL: it is */
    bool is_admitted[REQUESTS_MAX];              /* its throughput is taken */
    const struct error *refusal;                 /* why nothing was written; NULL: it was */
};

/* The one item or key that a request is about. */
static const struct item_reading *subject(const struct model_write_request *request)
{
    return request->put_request != NULL ? &request->put_request->item
                                        : &request->delete_request->key;
}

static const struct error *check_request(const struct op_call *call,
                                         const struct model_write_request *request, size_t *bytes)
{
    bool put = request->put_request != NULL;
    if (put == (request->delete_request != NULL))
        return op_validation_error(call,
                                   "Supplied AttributeValue has more than one datatypes set, must "
                                   "contain exactly one of the supported datatypes");
    const struct item_reading *reading = subject(request);
    const struct error *problem = op_item_problem(call, reading);
    if (problem != NULL)
        return problem;
    size_t item_bytes = item_size_bytes(reading->item);
    if (put && item_bytes > ITEM_SIZE_MAX)
        return op_validation_error(call, "Item size has exceeded the maximum allowed size");
    *bytes += item_bytes;
    return NULL;
}

/* Everything that needs no data. */
static const struct error *check(struct batch_write *batch)
{
    const struct op_call *call = batch->call;
    size_t bytes = 0, count = 0;
    for (size_t i = 0; i < batch->part_count; i++) {
        struct part *part = &batch->parts[i];
        const struct error *error =
            op_table_name_read(call, batch->input->request_items.entries[i].key, &part->name);
        if (error != NULL)
            return error;
        count += part->requests->count;
    }
    if (count > REQUESTS_MAX)
        return op_validation_error(call, "Too many items requested for the BatchWriteItem call");
    for (size_t i = 0; i < batch->part_count; i++)
        for (size_t j = 0; j < batch->parts[i].requests->count; j++) {
            const struct error *error =
                check_request(call, &batch->parts[i].requests->items[j], &bytes);
            if (error != NULL)
                return error;
        }
    if (bytes > REQUEST_BYTES_MAX)
        return op_validation_error(call, "Item collection too large: aggregate size of items in "
                                         "BatchWriteItem exceeds 16MB limit");
    return NULL;
}

static const struct error *add_write(struct batch_write *batch, size_t part_index,
                                     const struct model_write_request *request)
{
    const struct op_call *call = batch->call;
    const struct db_table *table = batch->parts[part_index].table;
    struct slice item = subject(request)->item;
    struct db_write write = {.table = table, .key = item};
    const struct error *error;
    if (request->put_request != NULL) {
        error = db_table_check_item_worded(table, call->arena, item, DB_CHECK_BATCH_PUT);
        if (error == NULL)
            error = db_table_key_of_item(table, call->arena, item, &write.key);
    } else {
        error = db_table_check_key(table, call->arena, item);
    }
    if (error != NULL)
        return error;
    for (size_t i = 0; i < batch->set.count; i++)
        if (batch->writes[i].table->id == table->id && slice_equal(batch->writes[i].key, write.key))
            return op_validation_error(call, "Provided list of item keys contains duplicates");
    size_t position = batch->set.count++;
    batch->writes[position] = write;
    batch->part_of[position] = part_index;
    batch->requests[position] = request;
    batch->puts[position] = request->put_request != NULL ? item : SLICE_ABSENT;
    return NULL;
}

static const struct error *find(struct batch_write *batch)
{
    const struct op_call *call = batch->call;
    for (size_t i = 0; i < batch->part_count; i++) {
        struct part *part = &batch->parts[i];
        const struct error *error = op_table_for_items(call, &part->name, &part->table);
        if (error == NULL)
            error = op_capacity_init(&part->capacity, call->arena, part->name.given, part->table);
        for (size_t j = 0; error == NULL && j < part->requests->count; j++)
            error = add_write(batch, i, &part->requests->items[j]);
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* One entry for each partition key that is written. */
static const struct error *measure_part(struct batch_write *batch, size_t part_index)
{
    struct part *part = &batch->parts[part_index];
    struct slice name = part->table->key.partition[0].name;
    part->metrics = ARENA_NEW_ARRAY(batch->call->arena, struct model_item_collection_metrics,
                                    part->requests->count);
    if (part->metrics == NULL)
        return error_exhausted();
    for (size_t i = 0; i < batch->set.count; i++) {
        if (batch->part_of[i] != part_index)
            continue;
        struct value partition = value_map_find(value_of_item(batch->writes[i].key), name);
        bool known = false;
        for (size_t j = 0; j < part->metric_count; j++)
            known |= value_equal(
                value_map_find(value_of_item(part->metrics[j].item_collection_key.item), name),
                partition);
        struct model_item_collection_metrics *metrics = NULL;
        const struct error *error = NULL;
        if (!known)
            error = op_item_collection_measure(batch->call, part->table, batch->writes[i].key,
                                               &metrics);
        if (error != NULL)
            return error;
        if (metrics != NULL)
            part->metrics[part->metric_count++] = *metrics;
    }
    return NULL;
}

static const struct error *measure(struct batch_write *batch)
{
    if (batch->input->return_item_collection_metrics.value !=
        MODEL_RETURN_ITEM_COLLECTION_METRICS_SIZE)
        return NULL;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < batch->part_count; i++)
        error = measure_part(batch, i);
    return error;
}

/* Another time: it is throttled, or meets a transaction. */
static bool is_left(const struct batch_write *batch, size_t position)
{
    return batch->writes[position].conflicts || batch->throttled[position] != NULL;
}

static bool decide(void *context, struct db_write_set *set)
{
    struct batch_write *batch = context;
    for (size_t i = 0; i < set->count; i++) {
        struct db_write *write = &set->writes[i];
        if (is_left(batch, i)) {
            write->action = DB_KEEP;
        } else if (slice_present(batch->puts[i])) {
            write->action = DB_PUT;
            write->new_item = batch->puts[i];
        } else {
            write->action = slice_present(write->old_item) ? DB_DELETE : DB_KEEP;
        }
    }
    return true;
}

/* Nothing at all can be written now: the error (API reference). */
static const struct error *all_throttled(const struct batch_write *batch)
{
    for (size_t i = 0; i < batch->set.count; i++)
        if (batch->throttled[i] == NULL)
            return NULL;
    return batch->throttled[0];
}

/* With throughput enforced: what is on tables that have nothing left. */
static const struct error *throttle(struct batch_write *batch)
{
    for (size_t i = 0; i < batch->set.count; i++)
        batch->throttled[i] = op_throttle_check(batch->call, batch->writes[i].table, NULL, true);
    return all_throttled(batch);
}

static const struct error *take_throughput(const struct batch_write *batch, size_t position)
{
    const struct part *part = &batch->parts[batch->part_of[position]];
    struct op_capacity capacity;
    const struct error *error =
        op_capacity_init(&capacity, batch->call->arena, part->name.given, part->table);
    if (error != NULL)
        return error;
    op_capacity_add_write(&capacity, &batch->writes[position]);
    return op_throttle_write(batch->call, &capacity, 1);
}

/* With throughput enforced: item by item. What is refused is left, and the rest decided again. */
static enum db_admission admit(void *context, struct db_write_set *set, const struct error *problem)
{
    struct batch_write *batch = context;
    enum db_admission admission = problem == NULL ? DB_ADMIT : DB_REFUSE;
    for (size_t i = 0; problem == NULL && i < set->count; i++) {
        if (is_left(batch, i) || batch->is_admitted[i])
            continue;
        const struct error *error = take_throughput(batch, i);
        if (error != NULL && error->kind == ERROR_INTERNAL) {
            batch->refusal = error;
            return DB_REFUSE;
        }
        batch->throttled[i] = error;
        batch->is_admitted[i] = error == NULL;
        if (error != NULL)
            admission = DB_DECIDE_AGAIN;
    }
    return admission;
}

static const struct error *show_capacity(struct batch_write *batch,
                                         struct model_batch_write_item_output *output)
{
    struct model_enum mode = batch->input->return_consumed_capacity;
    if (!op_capacity_wanted(mode))
        return NULL;
    for (size_t i = 0; i < batch->set.count; i++)
        if (!is_left(batch, i))
            op_capacity_add_write(&batch->parts[batch->part_of[i]].capacity, &batch->writes[i]);
    struct model_consumed_capacity *consumed =
        ARENA_NEW_ARRAY(batch->call->arena, struct model_consumed_capacity, batch->part_count);
    if (consumed == NULL)
        return error_exhausted();
    for (size_t i = 0; i < batch->part_count; i++) {
        const struct error *error =
            op_capacity_fill(&batch->parts[i].capacity, batch->call->arena,
                             mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES, &consumed[i]);
        if (error != NULL)
            return error;
    }
    output->consumed_capacity.present = true;
    output->consumed_capacity.count = batch->part_count;
    output->consumed_capacity.items = consumed;
    return NULL;
}

static const struct error *show_metrics(const struct batch_write *batch,
                                        struct model_batch_write_item_output *output)
{
    struct model_entry_item_collection_metrics_per_table *entries =
        ARENA_NEW_ARRAY(batch->call->arena, struct model_entry_item_collection_metrics_per_table,
                        batch->part_count);
    if (entries == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < batch->part_count; i++) {
        const struct part *part = &batch->parts[i];
        if (part->metric_count == 0)
            continue;
        entries[count].key = part->name.given;
        entries[count].value.present = true;
        entries[count].value.count = part->metric_count;
        entries[count].value.items = part->metrics;
        count++;
    }
    output->item_collection_metrics.present = count > 0;
    output->item_collection_metrics.count = count;
    output->item_collection_metrics.entries = entries;
    return NULL;
}

/* The requests of a part that are left. */
static const struct error *collect_left(const struct batch_write *batch, size_t part_index,
                                        struct model_list_write_requests *ret_left)
{
    struct model_write_request *left = ARENA_NEW_ARRAY(
        batch->call->arena, struct model_write_request, batch->parts[part_index].requests->count);
    if (left == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < batch->set.count; i++)
        if (batch->part_of[i] == part_index && is_left(batch, i))
            left[count++] = *batch->requests[i];
    *ret_left = (struct model_list_write_requests){count > 0, count, left};
    return NULL;
}

static const struct error *show_left(const struct batch_write *batch,
                                     struct model_batch_write_item_output *output)
{
    struct model_entry_batch_write_item_request_map *entries = ARENA_NEW_ARRAY(
        batch->call->arena, struct model_entry_batch_write_item_request_map, batch->part_count);
    if (entries == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < batch->part_count; i++) {
        entries[count].key = batch->parts[i].name.given;
        const struct error *error = collect_left(batch, i, &entries[count].value);
        if (error != NULL)
            return error;
        count += entries[count].value.present;
    }
    output->unprocessed_items.present = true;
    output->unprocessed_items.count = count;
    output->unprocessed_items.entries = entries;
    return NULL;
}

static void end(struct batch_write *batch, const struct error *error)
{
    struct op_call *call = batch->call;
    struct model_batch_write_item_output *output = NULL;
    if (error == NULL) {
        output = ARENA_NEW(call->arena, struct model_batch_write_item_output);
        error = output == NULL ? error_exhausted() : show_capacity(batch, output);
    }
    if (error == NULL)
        error = show_metrics(batch, output);
    if (error == NULL)
        error = show_left(batch, output);
    for (size_t i = 0; i < batch->part_count; i++)
        if (batch->parts[i].table != NULL)
            op_table_release(call, batch->parts[i].table);
    op_finish(call, error, output);
}

static void done(void *context, const struct error *error)
{
    struct batch_write *batch = context;
    if (error != NULL)
        error = op_error_copy(batch->call, error);
    else if (batch->refusal != NULL)
        error = batch->refusal;
    else
        error = all_throttled(batch);
    end(batch, error);
}

static const struct error *init(struct batch_write *batch, struct op_call *call)
{
    batch->call = call;
    batch->input = call->input;
    size_t count = batch->input->request_items.count;
    if (count == 0)
        return op_validation_error(call,
                                   "The requestItems parameter is required for BatchWriteItem");
    batch->parts = ARENA_NEW_ARRAY(call->arena, struct part, count);
    if (batch->parts == NULL)
        return error_exhausted();
    batch->part_count = count;
    for (size_t i = 0; i < count; i++)
        batch->parts[i].requests = &batch->input->request_items.entries[i].value;
    batch->set = (struct db_write_set){
        .arena = call->arena,
        .writes = batch->writes,
        .decide = decide,
        .admit = call->environment->throttle != NULL ? admit : NULL,
        .done = done,
        .context = batch,
        .conflicts = DB_CONFLICTS_TELL,
    };
    return NULL;
}

void op_batch_write_item(struct op_call *call)
{
    struct batch_write *batch = ARENA_NEW(call->arena, struct batch_write);
    if (batch == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    call->private = batch;
    const struct error *error = init(batch, call);
    if (error == NULL)
        error = check(batch);
    if (error == NULL)
        error = find(batch);
    if (error == NULL)
        error = throttle(batch);
    if (error == NULL)
        error = measure(batch);
    if (error != NULL)
        end(batch, error);
    else
        db_write_items(call->environment->db, &batch->set);
}
