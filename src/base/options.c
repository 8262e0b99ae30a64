#include "base/options.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

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

static const struct error *set_value(struct arena *arena, const struct option_row *row,
                                     const char *text, void *values)
{
    void *member = (char *)values + row->member;
    int64_t number = 0;
    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)member = strcmp(text, "yes") == 0;
        return NULL;
    case OPTION_TEXT:
        if (*text == '\0')
            return error_make(arena, ERROR_VALIDATION, "--%s needs a value that is not empty",
                              row->name);
        *(const char **)member = text;
        return NULL;
    case OPTION_NUMBER:
        if (!read_number(text, &number) || number < row->smallest || number > row->largest)
            return error_make(arena, ERROR_VALIDATION,
                              "--%s needs a number from %lld to %lld, not '%s'", row->name,
                              (long long)row->smallest, (long long)row->largest, text);
        break;
    case OPTION_CHOICE:
        number = find_word(row->words, text);
        if (number < 0)
            return error_make(arena, ERROR_VALIDATION, "--%s is one of %s, not '%s'", row->name,
                              row->words, text);
        break;
    }
    *(int64_t *)member = number;
    return NULL;
}

void options_set_defaults(const struct option_row *rows, size_t count, void *ret_values)
{
    for (size_t i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        void *member = (char *)ret_values + row->member;
        if (row->default_text[0] != '\0')
            CHECK(set_value(NULL, row, row->default_text, ret_values) == NULL);
        else if (row->type == OPTION_NUMBER)
            *(int64_t *)member = OPTIONS_ABSENT;
        else
            *(const char **)member = NULL;
    }
}

/* *ret_value is what stands behind '=', else NULL. */
static const struct option_row *find_row(const struct option_row *rows, size_t count,
                                         const char *argument, const char **ret_value)
{
    *ret_value = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        size_t size = strlen(row->name);
        if (strncmp(argument, "--", 2) == 0 && strncmp(argument + 2, row->name, size) == 0 &&
            (argument[2 + size] == '\0' || argument[2 + size] == '=')) {
            if (argument[2 + size] == '=')
                *ret_value = argument + 2 + size + 1;
            return row;
        }
        if (row->alias[0] != '\0' && strcmp(argument, row->alias) == 0)
            return row;
    }
    return NULL;
}

const struct error *options_read(struct arena *arena, const struct option_row *rows, size_t count,
                                 int argument_count, const char *const *arguments, void *values)
{
    for (int at = 0; at < argument_count; at++) {
        const char *value;
        const struct option_row *row = find_row(rows, count, arguments[at], &value);
        if (row == NULL)
            return error_make(arena, ERROR_VALIDATION, "unknown argument '%s'", arguments[at]);
        if (row->type == OPTION_FLAG) {
            if (value != NULL)
                return error_make(arena, ERROR_VALIDATION, "--%s takes no value", row->name);
            value = "yes";
        } else if (value == NULL) {
            if (at + 1 == argument_count)
                return error_make(arena, ERROR_VALIDATION, "--%s needs a value", row->name);
            value = arguments[++at];
        }
        const struct error *error = set_value(arena, row, value, values);
        if (error != NULL)
            return error;
    }
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

void options_write_help(FILE *file, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        fprintf(file, "  --%s", row->name);
        if (row->argument[0] != '\0')
            fprintf(file, " %s", row->words != NULL ? row->words : row->argument);
        if (row->alias[0] != '\0')
            fprintf(file, "   (also %s)", row->alias);
        if (row->type != OPTION_FLAG && row->default_text[0] != '\0')
            fprintf(file, "   default: %s", row->default_text);
        fputc('\n', file);
        write_wrapped(file, row->help);
    }
}
