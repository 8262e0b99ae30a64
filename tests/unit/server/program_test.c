/* The program itself: its ready line, its exit statuses, its orderly and its forced stop. Waiting
 * ends with what is awaited; the alarm ends a test that waits in vain. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temporary.h"

enum { ALARM_S = 60, ARGUMENTS_MAX = 12, TEXT_BYTES = 4096 };

struct program {
    pid_t pid;
    FILE *out;
    FILE *err;
};

/* Runs the program with the arguments, which are words of one text. */
static struct program run(const char *words)
{
    static char name[] = "hashrange";
    static char copy[TEXT_BYTES];
    char *arguments[ARGUMENTS_MAX + 1] = {name};
    int count = 1;
    int out[2];
    int err[2];
    snprintf(copy, sizeof(copy), "%s", words);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        assert_true(count < ARGUMENTS_MAX);
        arguments[count++] = word;
    }
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(err), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(err[0]);
        execv(BUILD_DIR "/hashrange", arguments);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    return (struct program){pid, fdopen(out[0], "r"), fdopen(err[0], "r")};
}

static int wait_for(struct program *program)
{
    int status;
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    fclose(program->out);
    fclose(program->err);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Reads the ready line and returns the port in it. */
static int port_of(struct program *program, const char *expected_rest)
{
    char line[TEXT_BYTES];
    char rest[TEXT_BYTES];
    int port = 0;
    assert_non_null(fgets(line, sizeof(line), program->out));
    assert_int_equal(sscanf(line, "hashrange %*s ready on http://127.0.0.1:%d %[^\n]", &port, rest),
                     2);
    assert_string_equal(rest, expected_rest);
    return port;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void expect_healthy(int port)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    char text[TEXT_BYTES];
    size_t size = 0;
    int fd = connect_to(port);
    assert_int_equal(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
    for (ssize_t got; (got = recv(fd, text + size, sizeof(text) - 1 - size, 0)) > 0;)
        size += (size_t)got;
    text[size] = '\0';
    assert_non_null(strstr(text, "\r\n\r\nhealthy: dynamodb."));
    close(fd);
}

static char folder[TEMPORARY_PATH_BYTES];

static int make_folder(void **state)
{
    (void)state;
    temporary_folder("program", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[2 * TEMPORARY_PATH_BYTES];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static int set_up(void **state)
{
    (void)state;
    alarm(ALARM_S);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alarm(0);
    return 0;
}

static void a_signal_stops_it_in_order(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        struct program program = run("serve --port 0 --in-memory");
        expect_healthy(port_of(&program, "(in memory)"));
        kill(program.pid, signals[i]);
        assert_int_equal(wait_for(&program), 0);
    }
}

/* A forced stop leaves threads unjoined, on purpose: ThreadSanitizer need not report it. */
static void allow_threads_to_be_left(void)
{
    char options[TEXT_BYTES];
    const char *given = getenv("TSAN_OPTIONS");
    snprintf(options, sizeof(options), "%s:report_thread_leaks=0", given != NULL ? given : "");
    assert_int_equal(setenv("TSAN_OPTIONS", options, 1), 0);
}

static void a_second_signal_cuts_the_stop_short(void **state)
{
    (void)state;
    allow_threads_to_be_left();
    struct program program = run("--port 0 --in-memory --log-level info");
    int fd = connect_to(port_of(&program, "(in memory)"));
    char line[TEXT_BYTES];
    /* Half a request keeps the first stop waiting. */
    assert_int_equal(send(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET ", 31, MSG_NOSIGNAL), 31);
    assert_true(recv(fd, line, sizeof(line), 0) > 0);
    kill(program.pid, SIGTERM);
    assert_non_null(fgets(line, sizeof(line), program.err));
    assert_non_null(strstr(line, "stopping on"));
    kill(program.pid, SIGTERM);
    assert_int_equal(wait_for(&program), 1);
    close(fd);
}

static void data_is_kept_from_one_run_to_the_next(void **state)
{
    (void)state;
    char arguments[TEXT_BYTES];
    char expected[TEXT_BYTES];
    snprintf(arguments, sizeof(arguments), "--port 0 --durability none --data %s", folder);
    snprintf(expected, sizeof(expected), "(data in %s, durability none)", folder);
    for (int i = 0; i < 2; i++) {
        struct program program = run(arguments);
        expect_healthy(port_of(&program, expected));
        /* A second server cannot have the same folder. */
        struct program second = run(arguments);
        char line[TEXT_BYTES];
        assert_non_null(fgets(line, sizeof(line), second.err));
        assert_memory_equal(line, "hashrange: ", 11);
        assert_int_equal(wait_for(&second), 1);
        kill(program.pid, SIGTERM);
        assert_int_equal(wait_for(&program), 0);
    }
}

static void a_port_in_use_is_an_error(void **state)
{
    (void)state;
    char arguments[TEXT_BYTES];
    char line[TEXT_BYTES];
    char expected[TEXT_BYTES];
    struct program program = run("--port 0 --in-memory");
    int port = port_of(&program, "(in memory)");
    snprintf(arguments, sizeof(arguments), "--in-memory --port %d", port);
    snprintf(expected, sizeof(expected),
             "hashrange: Cannot listen on 127.0.0.1 port %d: the port is already in use\n", port);
    struct program second = run(arguments);
    assert_non_null(fgets(line, sizeof(line), second.err));
    assert_string_equal(line, expected);
    assert_int_equal(wait_for(&second), 1);
    kill(program.pid, SIGTERM);
    assert_int_equal(wait_for(&program), 0);
}

static void a_wrong_command_line_ends_with_2(void **state)
{
    (void)state;
    char line[TEXT_BYTES];
    struct program program = run("--prot 8000");
    assert_non_null(fgets(line, sizeof(line), program.err));
    assert_string_equal(line, "hashrange: unknown argument '--prot'\n");
    assert_int_equal(wait_for(&program), 2);
}

static void help_and_version_end_with_0(void **state)
{
    (void)state;
    static const char *const words[] = {"--help", "-help", "--version"};
    for (size_t i = 0; i < 3; i++) {
        char line[TEXT_BYTES];
        struct program program = run(words[i]);
        assert_non_null(fgets(line, sizeof(line), program.out));
        assert_memory_equal(line, "hashrange ", 10);
        while (fgets(line, sizeof(line), program.out) != NULL)
            ;
        assert_int_equal(wait_for(&program), 0);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signal_stops_it_in_order),
        TEST(data_is_kept_from_one_run_to_the_next),
        TEST(a_port_in_use_is_an_error),
        TEST(a_wrong_command_line_ends_with_2),
        TEST(help_and_version_end_with_0),
        TEST(a_second_signal_cuts_the_stop_short), /* last: it changes what is reported */
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
