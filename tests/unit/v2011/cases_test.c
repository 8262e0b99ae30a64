/* Every file in cases/, each as one test, in the format of ops/case_runner.h: a name that begins
 * with "2011." is an operation of API version 2011-12-05, others are of the current version. */

#include "ops/case_runner.h"

#include <glob.h>

#include "v2011/v2011.h"

#define PREFIX "DynamoDB_20111205."

/* As api/ does it. */
static const struct error *translate(struct case_runner *runner, enum model_operation operation,
                                     struct slice json, struct op_call *call,
                                     struct v2011_request **ret_request)
{
    void *asked = NULL;
    const struct error *error = model_decode_input(&runner->arena, operation, json, &asked);
    if (error == NULL)
        error = model_validate_input(&runner->arena, operation, call->validation, asked);
    if (error == NULL)
        error = v2011_translate_input(call, operation, asked, ret_request);
    return error;
}

static const struct error *run(struct case_call *call, const struct v2011_request *request,
                               void **ret_answer)
{
    const struct error *error = v2011_check(request);
    if (error != NULL)
        return error;
    op_row(call->call.operation)->run(&call->call);
    case_await_call(call);
    if (call->call.error != NULL)
        return v2011_translate_error(request, call->call.error);
    return v2011_translate_output(request, call->call.output, ret_answer);
}

static bool older(struct case_runner *runner, char sign, struct slice name, struct slice json)
{
    char target[64];
    unsigned depth;
    struct v2011_request *request = NULL;
    struct case_call call;
    void *answer = NULL;
    if (!slice_starts_with(name, SLICE("2011.")))
        return false;
    snprintf(target, sizeof(target), PREFIX "%.*s", SLICE_PRINT(slice_after(name, 5)));
    enum model_operation operation = model_operation_of_target(slice_of_cstring(target));
    if (operation == MODEL_OPERATION_NONE || !json_measure(json, 512, &depth))
        fail_msg("%s:%u: no such operation, or not JSON", runner->path, runner->line);
    runner->validation =
        model_validation_of_request(operation, runner->environment.validation, depth);
    case_make_call(runner, MODEL_OPERATION_NONE, NULL, &call);
    const struct error *error = translate(runner, operation, json, &call.call, &request);
    if (error == NULL)
        error = sign == '?' ? case_show_accesses(runner, &call.call) : run(&call, request, &answer);
    if (error != NULL || sign == '>')
        case_answer(runner, operation, error, answer);
    runner->expected = false;
    runner->requests++;
    return true;
}

static void run_file(void **state)
{
    case_run_file(*state, older);
}

int main(void)
{
    glob_t files;
    if (glob(TESTS_DIR "/unit/v2011/cases/*.cases", 0, NULL, &files) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(files.gl_pathc, sizeof(*tests));
    if (tests == NULL)
        return 1;
    for (size_t i = 0; i < files.gl_pathc; i++)
        tests[i] = (struct CMUnitTest){
            .name = files.gl_pathv[i], .test_func = run_file, .initial_state = files.gl_pathv[i]};
    int failed = _cmocka_run_group_tests("cases", tests, files.gl_pathc, NULL, NULL);
    free(tests);
    globfree(&files);
    return failed;
}
