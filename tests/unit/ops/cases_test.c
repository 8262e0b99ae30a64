/* Every file in cases/, each as one test. case_runner.h has the format. */

#include "ops/case_runner.h"

static void run(void **state)
{
    case_run_file(*state, NULL);
}

int main(void)
{
    return case_files_run(TESTS_DIR "/unit/ops/cases/*.cases", run, NULL);
}
