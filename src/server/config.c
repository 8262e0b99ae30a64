#include "server/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "server/addresses.h"

enum option_type { FLAG, TEXT, NUMBER, CHOICE };

struct option {
    enum option_type type;
    int64_t smallest;
    int64_t largest;
    const char *words;
    size_t member;
    const char *name;
    const char *alias;
    const char *argument;
    const char *default_text;
    const char *help;
};

#define TYPE_FLAG FLAG, 0, 0, NULL
#define TYPE_TEXT TEXT, 0, 0, NULL
#define TYPE_NUMBER(smallest, largest) NUMBER, smallest, largest, NULL
#define TYPE_CHOICE(words) CHOICE, 0, 0, words

static const struct option options[] = {
#define OPTION(type, member, name, alias, argument, default_text, help)                            \
    {TYPE_##type, offsetof(struct config, member), name, alias, argument, default_text, help},
#include "server/options.def"
#undef OPTION
};

/* The index of a word in "a|b|c", -1 when it is none of them. */
static int64_t find_word(const char *words, const char *word)
{
    size_t size = strlen(word);
    for (int64_t index = 0;; index++) {
        size_t word_size = strcspn(words, "|");
        if (word_size == size && memcmp(words, word, size) == 0)
            return index;
        if (words[word_size] == '\0')
            return -1;
        words += word_size + 1;
    }
}

static bool read_number(const char *text, int64_t *ret_number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false; /* strtoll would take spaces and signs */
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0)
        return false;
    *ret_number = number;
    return true;
}

static const struct error *set_value(struct arena *arena, const struct option *option,
                                     const char *text, struct config *config)
{
    void *member = (char *)config + option->member;
    int64_t number = 0;
    switch (option->type) {
    case FLAG:
        *(bool *)member = strcmp(text, "yes") == 0;
        return NULL;
    case TEXT:
        if (*text == '\0')
            return error_make(arena, ERROR_VALIDATION, "--%s needs a value that is not empty",
                              option->name);
        *(const char **)member = text;
        return NULL;
    case NUMBER:
        if (!read_number(text, &number) || number < option->smallest || number > option->largest)
            return error_make(arena, ERROR_VALIDATION,
                              "--%s needs a number from %lld to %lld, not '%s'", option->name,
                              (long long)option->smallest, (long long)option->largest, text);
        break;
    case CHOICE:
        number = find_word(option->words, text);
        if (number < 0)
            return error_make(arena, ERROR_VALIDATION, "--%s is one of %s, not '%s'", option->name,
                              option->words, text);
        break;
    }
    *(int64_t *)member = number;
    return NULL;
}

/* --name, --name=value, or DynamoDB Local's -name; *ret_value is what stands behind '=', else NULL.
 */
static const struct option *find_option(const char *argument, const char **ret_value)
{
    *ret_value = NULL;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *option = &options[i];
        size_t size = strlen(option->name);
        if (strncmp(argument, "--", 2) == 0 && strncmp(argument + 2, option->name, size) == 0 &&
            (argument[2 + size] == '\0' || argument[2 + size] == '=')) {
            if (argument[2 + size] == '=')
                *ret_value = argument + 2 + size + 1;
            return option;
        }
        if (option->alias[0] != '\0' && strcmp(argument, option->alias) == 0)
            return option;
    }
    return NULL;
}

static const struct error *refuse(struct arena *arena, const char *sentence)
{
    return error_make(arena, ERROR_VALIDATION, "%s", sentence);
}

static const struct error *check_tls(struct arena *arena, const struct config *config)
{
    bool has_tls = config->tls_cert != NULL;
    if (has_tls && config->tls_key == NULL)
        return refuse(arena, "--tls-cert needs --tls-key, the certificate's private key");
    if (!has_tls && config->tls_key != NULL)
        return refuse(arena, "--tls-key needs --tls-cert, the certificate it belongs to");
    if (!has_tls && config->tls_port != CONFIG_ABSENT)
        return refuse(arena, "--tls-port needs --tls-cert and --tls-key");
    if (!has_tls && config->tls_client_ca != NULL)
        return refuse(arena, "--tls-client-ca needs --tls-cert and --tls-key");
    if (config->tls_client_ca == NULL && config->tls_client_certificate == CONFIG_OPTIONAL)
        return refuse(arena, "--tls-client-certificate needs --tls-client-ca");
    if (config->tls_port == config->port && config->port != 0)
        return refuse(arena, "--port and --tls-port are the same: without --tls-port all of --port "
                             "is TLS");
    return NULL;
}

static bool is_account_id(const char *text)
{
    enum { DIGITS = 12 };
    return strspn(text, "0123456789") == DIGITS && text[DIGITS] == '\0';
}

static const struct error *check_auth(struct arena *arena, const struct config *config)
{
    if (!is_account_id(config->account_id))
        return error_make(arena, ERROR_VALIDATION, "--account-id needs 12 digits, not '%s'",
                          config->account_id);
    if (!config->auth && config->key_file != NULL)
        return refuse(arena, "--key-file needs --auth: without it no secrets are stored");
    if (!config->auth && config->new_root_key)
        return refuse(arena, "--new-root-key needs --auth: without it there are no access keys");
    if (!config->auth && config->audit_log != NULL)
        return refuse(arena, "--audit-log needs --auth: without it nobody knows who asks");
    if (config->in_memory && config->key_file != NULL)
        return refuse(arena, "--in-memory and --key-file contradict each other: in memory no "
                             "secrets are stored");
    return NULL;
}

/* Who can reach the port may do everything unless signatures are verified. */
static const struct error *check_open(struct arena *arena, const struct config *config)
{
    struct addresses addresses;
    const struct error *error = addresses_read(arena, config->bind, &addresses);
    if (error != NULL || addresses.exposed == NULL || config->auth || config->i_know_this_is_open)
        return error;
    return error_make(arena, ERROR_VALIDATION,
                      "--bind %s would let everyone who reaches this machine read and change all "
                      "data: add --auth to verify who they are, or --i-know-this-is-open",
                      addresses.exposed);
}

/* Options that contradict each other, or that need others. */
static const struct error *check_together(struct arena *arena, const struct config *config,
                                          const struct config *defaults)
{
    /* DynamoDB Local refuses the same pair. */
    if (config->in_memory && config->data != defaults->data)
        return refuse(arena, "--in-memory and --data contradict each other: choose one");
    const struct error *error = check_tls(arena, config);
    if (error == NULL)
        error = check_auth(arena, config);
    return error != NULL ? error : check_open(arena, config);
}

static void set_defaults(struct arena *arena, struct config *config)
{
    memset(config, 0, sizeof(*config));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *option = &options[i];
        if (option->default_text[0] != '\0')
            CHECK(set_value(arena, option, option->default_text, config) == NULL);
        else if (option->type == NUMBER)
            *(int64_t *)((char *)config + option->member) = CONFIG_ABSENT;
        else
            CHECK(option->type == TEXT);
    }
}

const struct error *config_read(struct arena *arena, int argument_count,
                                const char *const *arguments, struct config *ret_config)
{
    struct config config;
    set_defaults(arena, &config);
    const struct config defaults = config;
    int at = 1;
    if (at < argument_count && strcmp(arguments[at], "serve") == 0)
        at++;
    for (; at < argument_count; at++) {
        const char *value;
        const struct option *option = find_option(arguments[at], &value);
        if (option == NULL)
            return error_make(arena, ERROR_VALIDATION, "unknown argument '%s'", arguments[at]);
        if (option->type == FLAG) {
            if (value != NULL)
                return error_make(arena, ERROR_VALIDATION, "--%s takes no value", option->name);
            value = "yes";
        } else if (value == NULL) {
            if (at + 1 == argument_count)
                return error_make(arena, ERROR_VALIDATION, "--%s needs a value", option->name);
            value = arguments[++at];
        }
        const struct error *error = set_value(arena, option, value, &config);
        if (error != NULL)
            return error;
    }
    const struct error *error = check_together(arena, &config, &defaults);
    if (error != NULL)
        return error;
    *ret_config = config;
    return NULL;
}

/* The help's words, wrapped and indented. */
static void write_wrapped(FILE *file, const char *text)
{
    enum { INDENT = 8, WIDTH = 88 };
    while (*text != '\0') {
        size_t size = strlen(text);
        if (size > WIDTH - INDENT) {
            size = WIDTH - INDENT;
            while (size > 0 && text[size] != ' ')
                size--;
        }
        fprintf(file, "%*s%.*s\n", INDENT, "", (int)size, text);
        text += size;
        while (*text == ' ')
            text++;
    }
}

void config_write_help(FILE *file)
{
    fputs("hashrange serves the Amazon DynamoDB API.\n\nusage: hashrange [serve] [options]\n\n",
          file);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *option = &options[i];
        fprintf(file, "  --%s", option->name);
        if (option->argument[0] != '\0')
            fprintf(file, " %s", option->words != NULL ? option->words : option->argument);
        if (option->alias[0] != '\0')
            fprintf(file, "   (also %s)", option->alias);
        if (option->type != FLAG && option->default_text[0] != '\0')
            fprintf(file, "   default: %s", option->default_text);
        fputc('\n', file);
        write_wrapped(file, option->help);
    }
}
