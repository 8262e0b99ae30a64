/* Every file in cases/, each as one test. case_runner.h has the format. */

#include "iam/case_runner.h"

static void run(void **state)
{
    case_run_file(*state);
}

int main(void)
{
    return case_files_run(TESTS_DIR "/unit/iam/cases/*.cases", run, NULL);
}
