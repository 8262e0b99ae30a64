/* Every file in cases/, each as one test, in the format of ops/case_runner.h: a name that begins
 * with "2011." is an operation of API version 2011-12-05, others are of the current version. */

#include "v2011/older_call.h"

static bool older(struct case_runner *runner, char sign, struct slice name, struct slice json)
{
    unsigned depth = 0;
    struct v2011_request *request = NULL;
    struct case_call call;
    void *answer = NULL;
    if (!slice_starts_with(name, SLICE("2011.")))
        return false;
    enum model_operation operation = older_operation(slice_after(name, 5));
    if (operation == MODEL_OPERATION_NONE || !json_measure(json, 512, &depth))
        fail_msg("%s:%u: no such operation, or not JSON", runner->path, runner->line);
    runner->validation =
        model_validation_of_request(operation, runner->environment.validation, depth);
    case_make_call(runner, MODEL_OPERATION_NONE, NULL, &call);
    const struct error *error = older_translate(&call, operation, json, &request);
    if (error == NULL)
        error = sign == '?' ? case_show_accesses(runner, &call.call)
                            : older_run(&call, request, &answer);
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
    return case_files_run(TESTS_DIR "/unit/v2011/cases/*.cases", run_file, NULL);
}
