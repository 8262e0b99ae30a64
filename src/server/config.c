#include "server/config.h"

#include "base/options.h"
#include "server/addresses.h"

static const struct option_row rows[] = {
#define OPTION(type, member, name, alias, argument, default_text, help)                            \
    OPTIONS_ROW(struct config, type, member, name, alias, argument, default_text, help),
#include "server/options.def"
#undef OPTION
};

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
    if (!has_tls && config->tls_port != OPTIONS_ABSENT)
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

const struct error *config_read(struct arena *arena, int argument_count,
                                const char *const *arguments, struct config *ret_config)
{
    struct config config;
    options_set_defaults(rows, COUNT_OF(rows), &config);
    const struct config defaults = config;
    int first = argument_count > 1 && strcmp(arguments[1], "serve") == 0 ? 2 : 1;
    const struct error *error = NULL;
    if (first < argument_count)
        error = options_read(arena, rows, COUNT_OF(rows), argument_count - first, arguments + first,
                             &config);
    if (error == NULL)
        error = check_together(arena, &config, &defaults);
    if (error == NULL)
        *ret_config = config;
    return error;
}

void config_write_help(FILE *file)
{
    fputs("hashrange serves the Amazon DynamoDB API.\n\n"
          "usage: hashrange [serve] [options]\n"
          "       hashrange bench [options]   loads a service and measures it\n\n",
          file);
    options_write_help(file, rows, COUNT_OF(rows));
}
