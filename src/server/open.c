#include "server/open.h"

#include <unistd.h>

#include "base/clock.h"
#include "iam/directory.h"
#include "server/addresses.h"
#include "store/mem/mem_store.h"
#include "store/rocksdb/rocksdb_store.h"

enum {
    TRANSIENT_MS =
        2000, /* --delay-transient-statuses: long enough to be seen by a client that polls */
    WORKERS_MIN = 2,
    MEBIBYTE = 1024 * 1024,
};

static unsigned processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

static const struct error *open_store(struct parts *parts)
{
    static const enum rocksdb_store_durability durabilities[] = {
        [CONFIG_SYNC] = ROCKSDB_STORE_SYNC,
        [CONFIG_INTERVAL] = ROCKSDB_STORE_INTERVAL,
        [CONFIG_NONE] = ROCKSDB_STORE_NONE,
    };
    const struct config *config = &parts->config;
    if (config->in_memory)
        return mem_store_open(&parts->arena, &parts->store);
    struct rocksdb_store_options options = {
        .folder = config->data,
        .durability = durabilities[config->durability],
        .sync_interval_ms = config->sync_interval_ms,
        .cache_bytes = (size_t)config->cache_mb * MEBIBYTE,
    };
    return rocksdb_store_open(&parts->arena, &options, &parts->store);
}

static const struct error *open_db(struct parts *parts)
{
    struct db_options options = {
        .store = parts->store,
        .shared_namespace = parts->config.shared_db,
        .transient_ms = parts->config.delay_transient_statuses ? TRANSIENT_MS : 0,
        .stream_shards = (unsigned)parts->config.stream_shards,
        .stream_roll_ms = parts->config.stream_roll_seconds * 1000,
        .expiry_sweep_ms = parts->config.ttl_interval * 1000,
    };
    return db_open(&parts->arena, &options, &parts->db);
}

/* What requests will see; the port is known by now, and no request is there yet. */
static void set_environment(struct parts *parts)
{
    parts->environment = (struct op_environment){
        .db = parts->db,
        .throttle = parts->throttle,
        .validation = parts->config.validation == CONFIG_CLASSIC ? MODEL_VALIDATION_CLASSIC
                                                                 : MODEL_VALIDATION_NEW,
        .account = slice_of_cstring(parts->config.account_id),
        .ttl_change_ms = parts->config.ttl_change_seconds * 1000,
    };
    int size = snprintf(parts->endpoint, sizeof(parts->endpoint), "localhost:%u",
                        net_server_port(parts->net));
    parts->environment.endpoint = slice_of(parts->endpoint, (size_t)size);
}

static const struct error *open_tls(struct parts *parts)
{
    const struct config *config = &parts->config;
    if (config->tls_cert == NULL)
        return NULL;
    struct net_tls_files files = {
        .certificate = config->tls_cert,
        .key = config->tls_key,
        .client_ca = config->tls_client_ca,
        .client_certificate_is_optional = config->tls_client_certificate == CONFIG_OPTIONAL,
    };
    return net_tls_open(&parts->arena, &files, &parts->tls);
}

static void observe(void *context, const struct api_event *event)
{
    struct parts *parts = context;
    if (parts->metrics != NULL)
        metrics_count(parts->metrics, event);
    if (parts->config.slow_ms > 0)
        request_log_slow(&parts->request_log, event, parts->config.slow_ms);
}

static const struct error *open_metrics(struct parts *parts)
{
    if (parts->config.metrics_port == OPTIONS_ABSENT)
        return NULL;
    parts->metrics = metrics_open();
    return parts->metrics != NULL ? NULL : error_exhausted();
}

static const struct error *open_admin(struct parts *parts)
{
    if (parts->metrics == NULL)
        return NULL;
    const struct admin_options options = {
        .port = (uint16_t)parts->config.metrics_port,
        .metrics = parts->metrics,
        .db = parts->db,
        .net = parts->net,
        .started_ms = clock_now_ms(),
    };
    return admin_open(&parts->arena, &options, &parts->admin);
}

static const struct error *open_net(struct parts *parts, const struct parts_stop *stop)
{
    const struct config *config = &parts->config;
    struct api_options api_options = {
        .environment = &parts->environment,
        .account = slice_of_cstring(config->account_id),
        .iam = &parts->identities.iam,
        .audit = parts->audit,
        .cors_origins = slice_of_cstring(config->cors),
        .observer = {observe, parts},
    };
    if (config->metrics_port == OPTIONS_ABSENT && config->slow_ms == 0)
        api_options.observer.observe = NULL;
    if (config->auth)
        api_options.auth.keyring = iam_directory_keyring(parts->identities.iam.directory);
    api_init(&parts->api, &api_options);
    struct addresses addresses;
    const struct error *error = addresses_read(&parts->arena, config->bind, &addresses);
    if (error != NULL)
        return error;
    struct net_options options = {
        .addresses = addresses.texts,
        .address_count = addresses.count,
        /* A machine without IPv6 is fine, unless someone asked for it. */
        .skip_missing_addresses = strcmp(config->bind, CONFIG_BIND_DEFAULT) == 0,
        .port = (uint16_t)config->port,
        .tls = parts->tls,
        .has_tls_port = config->tls_port != OPTIONS_ABSENT,
        .tls_port = config->tls_port != OPTIONS_ABSENT ? (uint16_t)config->tls_port : 0,
        .loops = config->threads > 0 ? (unsigned)config->threads : processors(),
        .workers = processors() > WORKERS_MIN ? processors() : WORKERS_MIN,
        .limits = net_limits_default,
        .handler = api_handler(&parts->api),
        .stopped = stop->stopped,
        .stopped_context = stop->context,
    };
    options.limits.connections_max = (size_t)config->max_connections;
    options.limits.memory_bytes_max = (size_t)config->request_memory_mb * MEBIBYTE;
    error = net_server_open(&parts->arena, &options, &parts->net);
    if (error == NULL && parts->config.enforce_throughput)
        error = op_throttle_open(clock_now_ms(), &parts->throttle);
    if (error != NULL)
        return error;
    set_environment(parts);
    return net_server_start(&parts->arena, parts->net);
}

const struct error *parts_open(struct parts *parts, const struct parts_stop *stop)
{
    const struct error *error = open_tls(parts); /* first: quickly found to be wrong */
    if (error == NULL)
        error = open_store(parts);
    if (error == NULL)
        error = open_db(parts);
    if (error == NULL)
        error = jobs_start(&parts->arena, parts->db, &parts->jobs);
    if (error == NULL)
        error = identities_open(&parts->arena, &parts->config, parts->db, &parts->identities);
    if (error == NULL && parts->config.audit_log != NULL)
        error = auth_audit_open(&parts->arena, parts->config.audit_log, &parts->audit);
    if (error == NULL)
        error = open_metrics(parts);
    if (error == NULL)
        error = open_net(parts, stop);
    return error != NULL ? error : open_admin(parts);
}

void parts_close(struct parts *parts)
{
    admin_close(parts->admin);
    net_server_close(parts->net);
    metrics_close(parts->metrics);
    net_tls_close(parts->tls);
    op_throttle_close(parts->throttle);
    jobs_stop(parts->jobs);
    auth_audit_close(parts->audit);
    identities_close(&parts->identities);
    db_close(parts->db);
    store_close(parts->store);
}
