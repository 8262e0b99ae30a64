#ifndef HASHRANGE_SERVER_CONFIG_H
#define HASHRANGE_SERVER_CONFIG_H

/* The command line: hashrange [serve] [--name value | --name=value | DynamoDB Local's -name
 * value]... */

#include <stdio.h>

#include "base/error.h"

enum { CONFIG_ABSENT = -1 };

/* Numbers and choices are int64_t (a choice is the index of its word), flags bool, texts C strings
 * of the command line. */
#define CONFIG_TYPE_FLAG bool
#define CONFIG_TYPE_TEXT const char *
#define CONFIG_TYPE_NUMBER(smallest, largest) int64_t
#define CONFIG_TYPE_CHOICE(words) int64_t

struct config {
#define OPTION(type, member, name, alias, argument, default_text, help) CONFIG_TYPE_##type member;
#include "server/options.def"
#undef OPTION
};

/* The two loopback addresses. */
#define CONFIG_BIND_DEFAULT "127.0.0.1,::1"

enum config_durability { CONFIG_SYNC, CONFIG_INTERVAL, CONFIG_NONE };
enum config_validation { CONFIG_NEW, CONFIG_CLASSIC };
enum config_tls_client_certificate { CONFIG_REQUIRED, CONFIG_OPTIONAL };

/* Defaults first, then the arguments in order; of two values for one option the last counts. An
 * error says which argument is wrong and what would be right. What is returned fits together: no
 * option without those that it needs, and nothing open to a network unless that was asked for. */
MUST_USE const struct error *config_read(struct arena *arena, int argument_count,
                                         const char *const *arguments, struct config *ret_config);

void config_write_help(FILE *file);

#endif
