#include "server/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

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

/* Options that contradict each other; DynamoDB Local refuses the same pair. */
static const struct error *check_together(struct arena *arena, const struct config *config,
                                          const struct config *defaults)
{
    if (config->in_memory && config->data != defaults->data)
        return error_make(arena, ERROR_VALIDATION,
                          "--in-memory and --data contradict each other: choose one");
    return NULL;
}

const struct error *config_read(struct arena *arena, int argument_count,
                                const char *const *arguments, struct config *ret_config)
{
    struct config config;
    memset(&config, 0, sizeof(config));
    for (size_t i = 0; i < COUNT_OF(options); i++)
        CHECK(set_value(arena, &options[i], options[i].default_text, &config) == NULL);
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
        if (option->type != FLAG)
            fprintf(file, "   default: %s", option->default_text);
        fputc('\n', file);
        write_wrapped(file, option->help);
    }
}
