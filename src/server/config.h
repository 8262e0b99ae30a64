#ifndef HASHRANGE_SERVER_CONFIG_H
#define HASHRANGE_SERVER_CONFIG_H

/* The command line: hashrange [serve] [--name value | --name=value | DynamoDB Local's -name
 * value]... */

#include "base/options.h"

struct config {
#define OPTION(type, member, name, alias, argument, default_text, help) OPTIONS_TYPE_##type member;
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
