/* Every file in cases/, each as one test. case_runner.h has the format. */

#include "iam/case_runner.h"

#include <glob.h>

static void run(void **state)
{
    case_run_file(*state);
}

int main(void)
{
    glob_t files;
    if (glob(TESTS_DIR "/unit/iam/cases/*.cases", 0, NULL, &files) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(files.gl_pathc, sizeof(*tests));
    if (tests == NULL)
        return 1;
    for (size_t i = 0; i < files.gl_pathc; i++)
        tests[i] = (struct CMUnitTest){
            .name = files.gl_pathv[i], .test_func = run, .initial_state = files.gl_pathv[i]};
    int failed = _cmocka_run_group_tests("cases", tests, files.gl_pathc, NULL, NULL);
    free(tests);
    globfree(&files);
    return failed;
}
