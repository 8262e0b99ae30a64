/* The command line, from arguments to values. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>

#include "server/config.h"

enum { ARENA_BYTES = 64 * 1024, ARGUMENTS_MAX = 16 };

static struct arena arena;

/* The arguments are words of one text, as a shell would split it. */
static const struct error *read(const char *words, struct config *ret_config)
{
    const char *arguments[ARGUMENTS_MAX] = {"hashrange"};
    int count = 1;
    struct slice copy;
    assert_true(arena_copy(&arena, slice_of(words, strlen(words) + 1), &copy));
    char *rest = (char *)copy.data;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        assert_true(count < ARGUMENTS_MAX);
        if (*word != '\0')
            arguments[count++] = word;
    }
    return config_read(&arena, count, arguments, ret_config);
}

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static void without_arguments_everything_has_its_default(void **state)
{
    (void)state;
    struct config config;
    assert_null(read("", &config));
    assert_int_equal(config.port, 8000);
    assert_string_equal(config.bind, "127.0.0.1,::1");
    assert_string_equal(config.data, "hashrange-data");
    assert_false(config.in_memory);
    assert_false(config.shared_db);
    assert_false(config.enforce_throughput);
    assert_int_equal(config.durability, CONFIG_SYNC);
    assert_int_equal(config.validation, CONFIG_NEW);
    assert_int_equal(config.log_level, 1);
    assert_false(config.help);
    assert_null(config.tls_cert);
    assert_null(config.tls_client_ca);
    assert_int_equal(config.tls_port, OPTIONS_ABSENT);
    assert_int_equal(config.tls_client_certificate, CONFIG_REQUIRED);
    assert_false(config.auth);
    assert_null(config.key_file);
    assert_string_equal(config.account_id, "000000000000");
}

static void all_ways_to_write_an_option_are_the_same(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "serve --port 9000 --data x --shared-db --delay-transient-statuses --enforce-throughput "
        "--cors a,b",
        "--port=9000 --data=x --shared-db --delay-transient-statuses --enforce-throughput "
        "--cors=a,b",
        "-port 9000 -dbPath x -sharedDb -delayTransientStatuses --enforce-throughput -cors a,b",
        ("--port 1 --port 9000 --data y --data x -sharedDb -delayTransientStatuses "
         "--enforce-throughput --cors a,b"),
    };
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct config config;
        assert_null(read(ways[i], &config));
        assert_int_equal(config.port, 9000);
        assert_true(config.shared_db);
        assert_true(config.delay_transient_statuses);
        assert_true(config.enforce_throughput);
        assert_string_equal(config.data, "x");
        assert_string_equal(config.cors, "a,b");
    }
}

static void choices_are_read_by_word(void **state)
{
    (void)state;
    struct config config;
    assert_null(read("--durability interval --validation classic --log-level error", &config));
    assert_int_equal(config.durability, CONFIG_INTERVAL);
    assert_int_equal(config.validation, CONFIG_CLASSIC);
    assert_int_equal(config.log_level, 3);
    assert_null(read("-inMemory", &config));
    assert_true(config.in_memory);
    assert_null(read("--durability none --sync-interval-ms 60000", &config));
    assert_int_equal(config.durability, CONFIG_NONE);
    assert_int_equal(config.sync_interval_ms, 60000);
}

static void a_wrong_command_line_is_explained(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        const char *message;
    } cases[] = {
        {"--prot 1", "unknown argument '--prot'"},
        {"port", "unknown argument 'port'"},
        {"--port8000", "unknown argument '--port8000'"},
        {"-p 8000", "unknown argument '-p'"},
        {"--port serve serve", "--port needs a number from 0 to 65535, not 'serve'"},
        {"--port", "--port needs a value"},
        {"-port", "--port needs a value"},
        {"--port 65536", "--port needs a number from 0 to 65535, not '65536'"},
        {"--port -1", "--port needs a number from 0 to 65535, not '-1'"},
        {"--port +1", "--port needs a number from 0 to 65535, not '+1'"},
        {"--port 80x", "--port needs a number from 0 to 65535, not '80x'"},
        {"--port 99999999999999999999", "--port needs a number from 0 to 65535, not "
                                        "'99999999999999999999'"},
        {"--port=", "--port needs a number from 0 to 65535, not ''"},
        {"--data=", "--data needs a value that is not empty"},
        {"--durability", "--durability needs a value"},
        {"--durability syn", "--durability is one of sync|interval|none, not 'syn'"},
        {"--durability sync|interval",
         "--durability is one of sync|interval|none, not 'sync|interval'"},
        {"--in-memory=yes", "--in-memory takes no value"},
        {"--data x --in-memory", "--in-memory and --data contradict each other: choose one"},
        {"-inMemory -dbPath x", "--in-memory and --data contradict each other: choose one"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config config = {.port = 77};
        const struct error *error = read(cases[i].words, &config);
        assert_non_null(error);
        assert_true(slice_equal(error->message, slice_of_cstring(cases[i].message)));
        assert_int_equal(config.port, 77);
    }
}

#define OPEN_TO_ALL                                                                                \
    " would let everyone who reaches this machine read and change all data: add --auth to verify " \
    "who they are, or --i-know-this-is-open"

static void options_that_do_not_fit_together_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        const char *message; /* NULL: they fit */
    } cases[] = {
        {"--tls-cert c", "--tls-cert needs --tls-key, the certificate's private key"},
        {"--tls-key k", "--tls-key needs --tls-cert, the certificate it belongs to"},
        {"--tls-port 8443", "--tls-port needs --tls-cert and --tls-key"},
        {"--tls-port 0", "--tls-port needs --tls-cert and --tls-key"},
        {"--tls-client-ca a", "--tls-client-ca needs --tls-cert and --tls-key"},
        {"--tls-cert c --tls-key k --tls-client-certificate optional",
         "--tls-client-certificate needs --tls-client-ca"},
        {"--tls-cert c --tls-key k --tls-port 8000",
         "--port and --tls-port are the same: without --tls-port all of --port is TLS"},
        {"--tls-cert c --tls-key k --tls-port 0 --port 0", NULL},
        {"--tls-cert c --tls-key k --tls-port 8443 --tls-client-ca a", NULL},
        {"--tls-cert c --tls-key k --tls-client-ca a --tls-client-certificate optional", NULL},
        {"--key-file k", "--key-file needs --auth: without it no secrets are stored"},
        {"--new-root-key", "--new-root-key needs --auth: without it there are no access keys"},
        {"--audit-log l", "--audit-log needs --auth: without it nobody knows who asks"},
        {"--auth --in-memory --key-file k",
         "--in-memory and --key-file contradict each other: in memory no secrets are stored"},
        {"--auth --key-file k --new-root-key --audit-log l", NULL},
        {"--account-id 12345678901", "--account-id needs 12 digits, not '12345678901'"},
        {"--account-id 1234567890123", "--account-id needs 12 digits, not '1234567890123'"},
        {"--account-id 12345678901x", "--account-id needs 12 digits, not '12345678901x'"},
        {"--account-id 123456789012", NULL},
        {"--bind localhost",
         "--bind takes numeric addresses, like 127.0.0.1 or ::1, not 'localhost'"},
        {"--bind 0.0.0.0", "--bind 0.0.0.0" OPEN_TO_ALL},
        {"--bind ::", "--bind ::" OPEN_TO_ALL},
        {"--bind 127.0.0.1,192.0.2.1", "--bind 192.0.2.1" OPEN_TO_ALL},
        {"--bind 0.0.0.0 --tls-cert c --tls-key k", "--bind 0.0.0.0" OPEN_TO_ALL},
        {"--bind 0.0.0.0 --i-know-this-is-open", NULL},
        {"--bind 0.0.0.0,:: --auth", NULL},
        {"--bind 127.0.0.2,::1", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config config = {.port = 77};
        const struct error *error = read(cases[i].words, &config);
        if (cases[i].message == NULL) {
            assert_null(error);
            continue;
        }
        assert_non_null(error);
        assert_true(slice_equal(error->message, slice_of_cstring(cases[i].message)));
        assert_int_equal(config.port, 77);
    }
}

static void the_help_names_every_option(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    config_write_help(file);
    fclose(file);
#define OPTION(type, member, name, alias, argument, default_text, help)                            \
    assert_non_null(strstr(text, "--" name));                                                      \
    assert_non_null(strstr(text, alias));
#include "server/options.def"
#undef OPTION
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= 100);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_arguments_everything_has_its_default),
        cmocka_unit_test(all_ways_to_write_an_option_are_the_same),
        cmocka_unit_test(choices_are_read_by_word),
        cmocka_unit_test(a_wrong_command_line_is_explained),
        cmocka_unit_test(options_that_do_not_fit_together_are_explained),
        cmocka_unit_test(the_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
