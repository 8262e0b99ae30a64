/* OpenID Connect providers: Create, Get, List, Delete, UpdateOpenIDConnectProviderThumbprint,
 * AddClientIDToOpenIDConnectProvider, RemoveClientIDFromOpenIDConnectProvider. What STS does with
 * them: AssumeRoleWithWebIdentity. */

#include "iam/kind.h"

static const struct slice scheme = SLICE_INIT("https://");

/* --- the lists of a provider --- */

static const struct error *texts_of(struct arena *arena, const struct slice *texts, size_t count,
                                    struct db_identity_text **ret_texts)
{
    struct db_identity_text *copy = ARENA_NEW_ARRAY(arena, struct db_identity_text, count);
    if (copy == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        copy[i].text = texts[i];
    *ret_texts = copy;
    return NULL;
}

static const struct error *set_thumbprints(const struct iam_task *task, struct db_identity *record)
{
    const struct iam_input *input = &task->input;
    if (input->thumbprint_count > IAM_THUMBPRINTS_MAX)
        return error_make(task->call->arena, ERROR_INVALID_INPUT,
                          "Thumbprint list must contain fewer than 5 entries.");
    record->thumbprint_count = input->thumbprint_count;
    return texts_of(task->call->arena, input->thumbprints, input->thumbprint_count,
                    &record->thumbprints);
}

static const struct error *set_client_ids(const struct iam_task *task, struct db_identity *record)
{
    const struct iam_input *input = &task->input;
    if (input->client_id_count > IAM_CLIENT_IDS_MAX)
        return iam_over_quota(task->call->arena, "ClientIdsPerOpenIdConnectProvider",
                              IAM_CLIENT_IDS_MAX);
    record->client_id_count = input->client_id_count;
    return texts_of(task->call->arena, input->client_ids, input->client_id_count,
                    &record->client_ids);
}

/* --- CreateOpenIDConnectProvider --- */

/* A host, maybe a path, without user, port, query and fragment. */
static bool is_issuer(struct slice url)
{
    if (!slice_starts_with(url, scheme) || url.size == scheme.size || url.data[scheme.size] == '/')
        return false;
    for (size_t i = scheme.size; i < url.size; i++) {
        uint8_t byte = url.data[i];
        if (byte <= ' ' || byte >= 0x7f || strchr("?#@:\\\"<>", byte) != NULL)
            return false;
    }
    return true;
}

static const struct error *create_provider(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    if (!is_issuer(task->input.url))
        return error_make(task->call->arena, ERROR_QUERY_VALIDATION,
                          "Invalid Open ID Connect Provider URL");
    struct slice name = slice_after(task->input.url, scheme.size);
    struct db_identity record;
    struct iam_entity *provider = NULL;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, name);
    if (error == NULL)
        error = iam_new_record(task, name, &record);
    if (error == NULL)
        error = set_thumbprints(task, &record);
    if (error == NULL)
        error = set_client_ids(task, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &provider);
    if (error != NULL)
        return error;
    xml_text(task->call->out, "OpenIDConnectProviderArn", provider->arn);
    if (provider->record.tag_count > 0)
        iam_write_tags(task->call->out, &provider->record);
    return NULL;
}

const struct error *iam_create_openid_connect_provider(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_TEXT(url, "Url", QUERY_REQUIRED, 1, 255, NULL)};
    return iam_task_change(call, members, COUNT_OF(members),
                           IAM_TAKES_NO_NAME | IAM_TAKES_TAGS | IAM_TAKES_CLIENT_IDS |
                               IAM_TAKES_THUMBPRINTS,
                           create_provider);
}

/* --- GetOpenIDConnectProvider, ListOpenIDConnectProviders --- */

static void write_texts(struct xml_writer *out, const char *name,
                        const struct db_identity_text *texts, size_t count)
{
    xml_begin(out, name);
    for (size_t i = 0; i < count; i++)
        xml_text(out, "member", texts[i].text);
    xml_end(out, name);
}

static const struct error *get_provider(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_entity *provider = NULL;
    const struct error *error = iam_task_find(task, directory, &provider);
    if (error != NULL)
        return error;
    const struct db_identity *record = &provider->record;
    xml_text(out, "Url", record->name); /* without the scheme (observed) */
    write_texts(out, "ClientIDList", record->client_ids, record->client_id_count);
    write_texts(out, "ThumbprintList", record->thumbprints, record->thumbprint_count);
    xml_date(out, "CreateDate", record->created_ms);
    if (record->tag_count > 0)
        iam_write_tags(out, record);
    return NULL;
}

const struct error *iam_get_openid_connect_provider(struct iam_call *call)
{
    return iam_task_look(call, NULL, 0, 0, get_provider);
}

static const struct error *list_providers(void *context, struct iam_directory *directory)
{
    struct xml_writer *out = ((struct iam_task *)context)->call->out;
    const struct iam_index *providers = &directory->by_name[DB_IDENTITY_PROVIDER];
    xml_begin(out, "OpenIDConnectProviderList");
    for (size_t i = 0; i < providers->count; i++) {
        xml_begin(out, "member");
        xml_text(out, "Arn", providers->entries[i].entity->arn);
        xml_end(out, "member");
    }
    xml_end(out, "OpenIDConnectProviderList");
    return NULL;
}

const struct error *iam_list_openid_connect_providers(struct iam_call *call)
{
    return iam_task_look(call, NULL, 0, IAM_TAKES_NO_NAME, list_providers);
}

/* --- changes --- */

/* One that is gone already is deleted (API reference). */
static const struct error *delete_provider(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *provider = iam_find_arn(change->directory, task->input.provider_arn);
    if (provider == NULL || provider->record.kind != DB_IDENTITY_PROVIDER)
        return NULL;
    return iam_change_remove(change, provider);
}

static const struct error *update_thumbprint(const struct iam_task *task,
                                             const struct iam_directory *directory,
                                             struct db_identity *record)
{
    (void)directory;
    return set_thumbprints(task, record);
}

/* Adding one that is there, or removing one that is not, changes nothing. */
static const struct error *change_client_id(struct iam_task *task, struct iam_change *change,
                                            bool stays)
{
    struct iam_entity *provider = NULL;
    const struct error *error = iam_task_find(task, change->directory, &provider);
    if (error != NULL)
        return error;
    struct db_identity record = provider->record;
    size_t count = record.client_id_count;
    size_t at = iam_find_text(record.client_ids, count, task->input.client_id);
    if ((at < count) == stays)
        return NULL;
    if (stays && count >= IAM_CLIENT_IDS_MAX)
        return iam_over_quota(task->call->arena, "ClientIdsPerOpenIdConnectProvider",
                              IAM_CLIENT_IDS_MAX);
    struct db_identity_text *ids =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_text, count + 1);
    if (ids == NULL)
        return error_exhausted();
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i != at)
            ids[kept++] = record.client_ids[i];
    }
    if (stays)
        ids[kept++].text = task->input.client_id;
    record.client_ids = ids;
    record.client_id_count = kept;
    return iam_change_put(change, &record, NULL);
}

static const struct error *add_client_id(void *context, struct iam_change *change)
{
    return change_client_id(context, change, true);
}

static const struct error *remove_client_id(void *context, struct iam_change *change)
{
    return change_client_id(context, change, false);
}

const struct error *iam_delete_openid_connect_provider(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_provider);
}

const struct error *iam_update_openid_connect_provider_thumbprint(struct iam_call *call)
{
    return iam_task_edit(call, NULL, 0, IAM_TAKES_THUMBPRINTS, update_thumbprint);
}

static const struct query_member client_id[] = {
    IAM_TEXT(client_id, "ClientID", QUERY_REQUIRED, 1, 255, NULL)};

const struct error *iam_add_client_id_to_openid_connect_provider(struct iam_call *call)
{
    return iam_task_change(call, client_id, COUNT_OF(client_id), 0, add_client_id);
}

const struct error *iam_remove_client_id_from_openid_connect_provider(struct iam_call *call)
{
    return iam_task_change(call, client_id, COUNT_OF(client_id), 0, remove_client_id);
}
