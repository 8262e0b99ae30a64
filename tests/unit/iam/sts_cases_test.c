/* Every file in sts/, each as one test. sts_runner.h has the format. */

#include "iam/sts_runner.h"

#include <glob.h>

static void run(void **state)
{
    sts_run_file(*state);
}

static int forget_keys(void **state)
{
    (void)state;
    jwt_forget_keys();
    return 0;
}

int main(void)
{
    glob_t files;
    if (glob(TESTS_DIR "/unit/iam/sts/*.cases", 0, NULL, &files) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(files.gl_pathc, sizeof(*tests));
    if (tests == NULL)
        return 1;
    for (size_t i = 0; i < files.gl_pathc; i++)
        tests[i] = (struct CMUnitTest){
            .name = files.gl_pathv[i], .test_func = run, .initial_state = files.gl_pathv[i]};
    int failed = _cmocka_run_group_tests("sts", tests, files.gl_pathc, NULL, forget_keys);
    free(tests);
    globfree(&files);
    return failed;
}
