/* fuzz: hr_v2011 hr_store_mem */
/* about: v2011/ expr/legacy_*.c */

/* A request of API version 2011-12-05: the first byte picks the operation, the rest is its input.
 * It is read, translated into the current version with a look at two tables that are there, and put
 * to what policies ask; what only reads is run, and its answer written. */

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "ops/access.h"
#include "store/mem/mem_store.h"
#include "v2011/v2011.h"
#include "json/json_reader.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, DEPTH_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena process;
static struct op_environment environment = {.account = SLICE_INIT("000000000000")};

struct fuzz_call {
    struct op_call op; /* first */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_ended;
};

static void finish(struct op_call *op)
{
    struct fuzz_call *call = (struct fuzz_call *)op;
    pthread_mutex_lock(&call->mutex);
    call->is_ended = true;
    pthread_cond_signal(&call->ended);
    pthread_mutex_unlock(&call->mutex);
}

static void run(struct fuzz_call *call)
{
    op_row(call->op.operation)->run(&call->op);
    pthread_mutex_lock(&call->mutex);
    while (!call->is_ended)
        pthread_cond_wait(&call->ended, &call->mutex);
    pthread_mutex_unlock(&call->mutex);
}

static struct fuzz_call begin(struct arena *arena)
{
    return (struct fuzz_call){
        .op = {.environment = &environment,
               .arena = arena,
               .region = SLICE("eu-west-1"),
               .caller = SLICE("arn:aws:iam::000000000000:root"),
               .now_ms = INT64_C(1700000000000),
               .finish = finish},
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .ended = PTHREAD_COND_INITIALIZER,
    };
}

static const struct error *translate(struct fuzz_call *call, enum model_operation operation,
                                     struct slice json, struct v2011_request **ret_request)
{
    void *asked;
    struct op_call *op = &call->op;
    const struct error *error = model_decode_input(op->arena, operation, json, &asked);
    if (error != NULL)
        return error;
    op->validation = model_validation_of_request(operation, MODEL_VALIDATION_NEW, 1);
    error = model_validate_input(op->arena, operation, op->validation, asked);
    if (error == NULL)
        error = v2011_translate_input(op, operation, asked, ret_request);
    return error;
}

static void prepare(enum model_operation operation, struct slice json)
{
    struct v2011_request *request;
    struct fuzz_call call = begin(&process);
    CHECK(translate(&call, operation, json, &request) == NULL);
    run(&call);
    CHECK(call.op.error == NULL);
}

static void open_once(void)
{
    struct store *store;
    if (environment.db != NULL)
        return;
    arena_init(&process, ARENA_BYTES);
    CHECK(mem_store_open(&process, &store) == NULL);
    struct db_options options = {.store = store};
    CHECK(db_open(&process, &options, &environment.db) == NULL);
    prepare(MODEL_OPERATION_V2011_CREATE_TABLE,
            SLICE("{\"TableName\":\"both\",\"KeySchema\":{\"HashKeyElement\":{\"AttributeName\":"
                  "\"h\",\"AttributeType\":\"S\"},\"RangeKeyElement\":{\"AttributeName\":\"r\","
                  "\"AttributeType\":\"N\"}},\"ProvisionedThroughput\":{\"ReadCapacityUnits\":1,"
                  "\"WriteCapacityUnits\":1}}"));
    prepare(MODEL_OPERATION_V2011_CREATE_TABLE,
            SLICE("{\"TableName\":\"hash\",\"KeySchema\":{\"HashKeyElement\":{\"AttributeName\":"
                  "\"RangeKeyElement\",\"AttributeType\":\"B\"}},\"ProvisionedThroughput\":{"
                  "\"ReadCapacityUnits\":1,\"WriteCapacityUnits\":1}}"));
    prepare(MODEL_OPERATION_V2011_BATCH_WRITE_ITEM,
            SLICE("{\"RequestItems\":{\"both\":[{\"PutRequest\":{\"Item\":{\"h\":{\"S\":\"a\"},"
                  "\"r\":{\"N\":\"1\"}}}},{\"PutRequest\":{\"Item\":{\"h\":{\"S\":\"a\"},"
                  "\"r\":{\"N\":\"2\"}}}}],\"hash\":[{\"PutRequest\":{\"Item\":{"
                  "\"RangeKeyElement\":{\"B\":\"AQ==\"}}}}]}}"));
}

static bool only_reads(enum model_operation operation)
{
    return operation == MODEL_OPERATION_GET_ITEM || operation == MODEL_OPERATION_QUERY ||
           operation == MODEL_OPERATION_SCAN || operation == MODEL_OPERATION_BATCH_GET_ITEM ||
           operation == MODEL_OPERATION_DESCRIBE_TABLE || operation == MODEL_OPERATION_LIST_TABLES;
}

/* The answer or the error, which must be JSON. */
static void write_answer(struct fuzz_call *call, enum model_operation operation,
                         const struct v2011_request *request, const struct error *error)
{
    struct buf body;
    struct json_writer writer;
    void *answer = NULL;
    buf_init(&body, call->op.arena, ARENA_BYTES);
    json_writer_init(&writer, &body);
    if (error == NULL)
        error = v2011_translate_output(request, call->op.output, &answer);
    else if (request != NULL)
        error = v2011_translate_error(request, error);
    if (error == NULL)
        model_encode_output(operation, answer, &writer);
    else
        model_encode_error(model_operation_service(operation), error, &writer);
    CHECK(body.failed || json_check(buf_slice(&body), DEPTH_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { OPERATIONS = MODEL_OPERATION_ALL_COUNT - MODEL_OPERATION_COUNT };
    struct arena arena;
    struct v2011_request *request = NULL;
    struct op_accesses accesses = {.count = 0};
    open_once();
    if (size == 0 || !json_check(slice_of(data + 1, size - 1), DEPTH_MAX))
        return 0;
    enum model_operation operation =
        (enum model_operation)(MODEL_OPERATION_COUNT + data[0] % OPERATIONS);
    arena_init(&arena, ARENA_BYTES);
    struct fuzz_call call = begin(&arena);
    const struct error *error = translate(&call, operation, slice_of(data + 1, size - 1), &request);
    if (error == NULL)
        error = op_access_list(&call.op, &accesses);
    if (error == NULL)
        error = v2011_check(request);
    if (error == NULL && only_reads(call.op.operation)) {
        run(&call);
        error = call.op.error;
    }
    if (error != NULL || call.is_ended)
        write_answer(&call, operation, request, error);
    arena_fini(&arena);
    return 0;
}
