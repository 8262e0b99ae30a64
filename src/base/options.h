#ifndef HASHRANGE_BASE_OPTIONS_H
#define HASHRANGE_BASE_OPTIONS_H

/*
 * A command line, read by a table: --name VALUE, --name=VALUE, --flag, and short or foreign
 * spellings as aliases. The rows say where in a struct each value goes, its default and its help.
 *
 * A program writes its options as rows OPTION(type, member, name, alias, argument, default, help)
 * in a file of their own and includes it twice: for the struct, with OPTIONS_TYPE_<type> as the
 * type of each member, and for the table, with OPTIONS_ROW. types     FLAG; TEXT; NUMBER(smallest,
 * largest); CHOICE(its words, separated by |) alias     another spelling, with its dashes; "" for
 * none default   as it is written on the command line; for flags "no"; "": a text that is NULL, a
 *             number that is OPTIONS_ABSENT
 */

#include <stdio.h>

#include "base/error.h"

#define OPTIONS_ABSENT INT64_MIN

/* Numbers and choices are int64_t (a choice is the index of its word), texts C strings of the
 * command line. */
#define OPTIONS_TYPE_FLAG bool
#define OPTIONS_TYPE_TEXT const char *
#define OPTIONS_TYPE_NUMBER(smallest, largest) int64_t
#define OPTIONS_TYPE_CHOICE(words) int64_t

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_CHOICE };

struct option_row {
    enum option_type type;
    int64_t smallest;
    int64_t largest;
    const char *words;
    size_t member; /* its offset */
    const char *name;
    const char *alias;
    const char *argument;
    const char *default_text;
    const char *help;
};

#define OPTIONS_KIND_FLAG OPTION_FLAG, 0, 0, NULL
#define OPTIONS_KIND_TEXT OPTION_TEXT, 0, 0, NULL
#define OPTIONS_KIND_NUMBER(smallest, largest) OPTION_NUMBER, smallest, largest, NULL
#define OPTIONS_KIND_CHOICE(words) OPTION_CHOICE, 0, 0, words
#define OPTIONS_ROW(owner, type, member, name, alias, argument, default_text, help)                \
    {                                                                                              \
        OPTIONS_KIND_##type, offsetof(owner, member), name, alias, argument, default_text, help    \
    }

void options_set_defaults(const struct option_row *rows, size_t count, void *ret_values);
/* The arguments in order; of two values for one option the last counts. VALIDATION: says which
 * argument is wrong and what would be right. */
MUST_USE const struct error *options_read(struct arena *arena, const struct option_row *rows,
                                          size_t count, int argument_count,
                                          const char *const *arguments, void *values);
/* One entry for each row: its spelling, its default, its help. */
void options_write_help(FILE *file, const struct option_row *rows, size_t count);

#endif
