/* CreateAccessKey, DeleteAccessKey, UpdateAccessKey, ListAccessKeys, GetAccessKeyLastUsed. */

#include "iam/caller.h"
#include "iam/listing.h"

static const struct query_member key_id =
    IAM_TEXT(access_key_id, "AccessKeyId", QUERY_REQUIRED, 16, 128, &query_pattern_word);

static struct slice status_of(const struct db_identity_key *key)
{
    return key->inactive ? SLICE("Inactive") : SLICE("Active");
}

/* Root's access keys are shown without a user. */
static void write_key(struct xml_writer *out, const struct db_identity *owner,
                      const struct db_identity_key *key)
{
    if (owner->kind == DB_IDENTITY_USER)
        xml_text(out, "UserName", owner->name);
    xml_text(out, "AccessKeyId", key->id);
    xml_text(out, "Status", status_of(key));
}

/* --- CreateAccessKey --- */

/* The only time that the secret is told. */
static void write_new_key(struct xml_writer *out, const struct db_identity *owner,
                          const struct db_identity_key *key, struct slice secret)
{
    xml_begin(out, "AccessKey");
    write_key(out, owner, key);
    xml_text(out, "SecretAccessKey", secret);
    xml_date(out, "CreateDate", key->created_ms);
    xml_end(out, "AccessKey");
}

static const struct error *create_access_key(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct arena *arena = task->call->arena;
    struct iam_entity *owner;
    const struct error *error = iam_find_caller_or(task, change->directory, &owner);
    if (error != NULL)
        return error;
    struct db_identity record = owner->record;
    if (record.key_count >= IAM_KEYS_PER_OWNER_MAX)
        return iam_over_quota(arena, "AccessKeysPerUser", IAM_KEYS_PER_OWNER_MAX);
    struct db_identity_key keys[IAM_KEYS_PER_OWNER_MAX] = {0};
    for (size_t i = 0; i < record.key_count; i++)
        keys[i] = record.keys[i];
    struct db_identity_key *key = &keys[record.key_count];
    struct slice secret = iam_make_secret(arena);
    key->id = iam_make_id(arena, "AKIA", IAM_ACCESS_KEY_ID_BYTES);
    key->created_ms = task->call->now_ms / 1000 * 1000;
    if (!slice_present(key->id) || !slice_present(secret))
        return error_exhausted();
    error = auth_seal(arena, change->directory->options.key, AUTH_SEAL_SECRET, key->id, secret,
                      &key->sealed);
    if (error != NULL)
        return error;
    record.keys = keys;
    record.key_count++;
    error = iam_change_put(change, &record, NULL);
    if (error == NULL)
        write_new_key(task->call->out, &record, key, secret);
    return error;
}

const struct error *iam_create_access_key(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_USER_NAME(QUERY_OPTIONAL)};
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, create_access_key);
}

/* --- UpdateAccessKey, DeleteAccessKey --- */

static const struct error *find_key(const struct iam_task *task,
                                    const struct iam_directory *directory,
                                    struct iam_entity **ret_owner, size_t *ret_at)
{
    const struct error *error = iam_find_caller_or(task, directory, ret_owner);
    if (error != NULL)
        return error;
    size_t at;
    struct slice id = task->input.access_key_id;
    if (iam_find_key_owner(directory, id, &at) != *ret_owner)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                          "The Access Key with id %.*s cannot be found.", SLICE_PRINT(id));
    *ret_at = at;
    return NULL;
}

/* The others stay, one is changed or goes. */
static const struct error *change_key(const struct iam_task *task, struct iam_change *change,
                                      bool goes)
{
    struct iam_entity *owner;
    size_t at = 0;
    const struct error *error = find_key(task, change->directory, &owner, &at);
    if (error != NULL)
        return error;
    struct db_identity record = owner->record;
    struct db_identity_key keys[IAM_KEYS_PER_OWNER_MAX];
    record.keys = keys;
    record.key_count = 0;
    for (size_t i = 0; i < owner->record.key_count; i++) {
        if (i == at && goes)
            continue;
        keys[record.key_count] = owner->record.keys[i];
        if (i == at)
            keys[record.key_count].inactive = slice_equal(task->input.status, SLICE("Inactive"));
        record.key_count++;
    }
    return iam_change_put(change, &record, NULL);
}

static const struct error *update_access_key(void *context, struct iam_change *change)
{
    return change_key(context, change, false);
}

static const struct error *delete_access_key(void *context, struct iam_change *change)
{
    return change_key(context, change, true);
}

const struct error *iam_update_access_key(struct iam_call *call)
{
    const struct query_member members[] = {
        IAM_USER_NAME(QUERY_OPTIONAL),
        key_id,
        QUERY_WORD_MEMBER(struct iam_input, status, "Status", QUERY_REQUIRED, "Active|Inactive"),
    };
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, update_access_key);
}

const struct error *iam_delete_access_key(struct iam_call *call)
{
    const struct query_member members[] = {IAM_USER_NAME(QUERY_OPTIONAL), key_id};
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, delete_access_key);
}

/* --- ListAccessKeys --- */

static void write_listed_key(struct xml_writer *out, const struct iam_directory *directory,
                             const struct iam_entity *owner, size_t at)
{
    (void)directory;
    xml_begin(out, "member");
    write_key(out, &owner->record, &owner->record.keys[at]);
    xml_date(out, "CreateDate", owner->record.keys[at].created_ms);
    xml_end(out, "member");
}

static const struct error *list_access_keys(void *context, struct iam_directory *directory)
{
    struct iam_entity *owner;
    const struct error *error = iam_find_caller_or(context, directory, &owner);
    if (error != NULL)
        return error;
    const struct iam_parts parts = {
        .list = "AccessKeyMetadata", .count = owner->record.key_count, .write = write_listed_key};
    return iam_parts_write(context, directory, owner, &parts);
}

const struct error *iam_list_access_keys(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_USER_NAME(QUERY_OPTIONAL), IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, list_access_keys);
}

/* --- GetAccessKeyLastUsed --- */

/* A key that was never used: no date, and "N/A" for the rest (IAM API reference,
 * "AccessKeyLastUsed"). */
static void write_last_use(struct xml_writer *out, const struct iam_use *use)
{
    bool is_used = use->ms != 0;
    xml_begin(out, "AccessKeyLastUsed");
    if (is_used)
        xml_date(out, "LastUsedDate", use->ms);
    xml_text(out, "ServiceName",
             is_used ? slice_of(use->service, use->service_size) : SLICE("N/A"));
    xml_text(out, "Region", is_used ? slice_of(use->region, use->region_size) : SLICE("N/A"));
    xml_end(out, "AccessKeyLastUsed");
}

static const struct error *get_last_used(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct slice id = task->input.access_key_id;
    size_t at;
    const struct iam_entity *owner = iam_find_key_owner(directory, id, &at);
    if (owner == NULL)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                          "The Access Key with id %.*s cannot be found.", SLICE_PRINT(id));
    struct iam_use use = iam_last_use(directory, owner, at);
    if (owner->record.kind == DB_IDENTITY_USER)
        xml_text(task->call->out, "UserName", owner->record.name);
    write_last_use(task->call->out, &use);
    return NULL;
}

const struct error *iam_get_access_key_last_used(struct iam_call *call)
{
    return iam_task_look(call, &key_id, 1, IAM_TAKES_NO_NAME, get_last_used);
}
