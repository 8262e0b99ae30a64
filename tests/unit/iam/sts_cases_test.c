/* Every file in sts/, each as one test. sts_runner.h has the format. */

#include "base/case_files.h"
#include "iam/sts_runner.h"

static void run(void **state)
{
    sts_run_file(*state);
}

int main(void)
{
    return case_files_run(TESTS_DIR "/unit/iam/sts/*.cases", run, jwt_forget_keys);
}
