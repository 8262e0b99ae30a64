/*
 * SimulatePrincipalPolicy, SimulateCustomPolicy: what would be allowed, by the same decision that
 * requests meet. What is not taken: PolicyExclusionList, policies of organizations, scenarios of
 * EC2; whoever sends one of these is told so.
 */

#include "iam/credential.h"
#include "iam/kind.h"
#include "iam/page.h"

enum {
    POLICIES_MAX = 20,
    ACTIONS_MAX = 512,
    RESOURCES_MAX = 512,
    ENTRIES_MAX = 256,
    VALUES_MAX = 256,
    MISSING_MAX = 64,
};

struct context_entry {
    struct slice key;
    struct slice type;
    const struct slice *values;
    size_t value_count;
};

struct simulation {
    struct iam_task task; /* first */
    struct slice source;  /* PolicySourceArn */
    struct slice caller;
    struct slice resource_policy_json;
    const struct slice *policies;
    size_t policy_count;
    const struct slice *boundaries;
    size_t boundary_count;
    const struct slice *actions;
    size_t action_count;
    const struct slice *resources;
    size_t resource_count;
    struct context_entry *entries;
    size_t entry_count;

    struct iam_credential *credential; /* whose principal is asked about */
    const struct auth_policy *resource_policy;
    /* of the decision under way: keys that were asked for and not given */
    struct slice missing[MISSING_MAX];
    size_t missing_count;
};

#define TEXT(member, name, presence, smallest, largest, pattern)                                   \
    QUERY_TEXT_MEMBER(struct simulation, member, name, presence, smallest, largest, pattern)

/* --- the request --- */

static const struct query_member document_list[] = {
    TEXT(source, "PolicyInputList", QUERY_REQUIRED, 1, 131072, &query_pattern_policy),
    TEXT(source, "PermissionsBoundaryPolicyInputList", QUERY_REQUIRED, 1, 131072,
         &query_pattern_policy),
};
static const struct query_member action_list =
    TEXT(source, "ActionNames", QUERY_REQUIRED, 3, 128, NULL);
static const struct query_member resource_list =
    TEXT(source, "ResourceArns", QUERY_REQUIRED, 1, 2048, NULL);
static const struct query_member value_list =
    TEXT(source, "ContextKeyValues", QUERY_REQUIRED, 0, 0, NULL);
static const struct query_member entry_members[] = {
    QUERY_TEXT_MEMBER(struct context_entry, key, "ContextKeyName", QUERY_REQUIRED, 5, 256, NULL),
    QUERY_WORD_MEMBER(struct context_entry, type, "ContextKeyType", QUERY_OPTIONAL,
                      "string|stringList|numeric|numericList|boolean|booleanList|ip|ipList|binary|"
                      "binaryList|date|dateList"),
};

static void read_lists(struct query_reader *reader, struct simulation *simulation)
{
    simulation->policies = query_read_texts(reader, QUERY_TOP, &document_list[0], POLICIES_MAX,
                                            &simulation->policy_count);
    simulation->boundaries =
        query_read_texts(reader, QUERY_TOP, &document_list[1], 1, &simulation->boundary_count);
    simulation->actions =
        query_read_texts(reader, QUERY_TOP, &action_list, ACTIONS_MAX, &simulation->action_count);
    simulation->resources = query_read_texts(reader, QUERY_TOP, &resource_list, RESOURCES_MAX,
                                             &simulation->resource_count);
    simulation->entries = query_read_list(reader, QUERY_TOP, "ContextEntries", ENTRIES_MAX,
                                          entry_members, COUNT_OF(entry_members),
                                          sizeof(struct context_entry), &simulation->entry_count);
    for (size_t i = 0; i < simulation->entry_count; i++) {
        struct context_entry *entry = &simulation->entries[i];
        entry->values =
            query_read_texts(reader, query_list_place(reader, QUERY_TOP, "ContextEntries", i),
                             &value_list, VALUES_MAX, &entry->value_count);
    }
}

/* Something that would change the outcome must not be passed over. */
static const struct error *refuse_unknown(const struct iam_call *call)
{
    static const char *const lists[] = {
        "PolicyExclusionList.", "OrderedOrganizationPolicyInputList.", "ResourceHandlingOption"};
    for (size_t i = 0; i < call->form->count; i++) {
        for (size_t j = 0; j < COUNT_OF(lists); j++) {
            if (slice_starts_with(call->form->pairs[i].name, slice_of_cstring(lists[j])))
                return error_make(call->arena, ERROR_INVALID_INPUT, "%.*s is not supported",
                                  SLICE_PRINT(call->form->pairs[i].name));
        }
    }
    return NULL;
}

static const struct error *read_request(struct simulation *simulation, struct iam_call *call,
                                        enum query_presence source)
{
    const struct query_member page_members[] = {IAM_PAGE};
    const struct query_member members[] = {
        TEXT(source, "PolicySourceArn", source, 20, 2048, NULL),
        TEXT(caller, "CallerArn", QUERY_OPTIONAL, 1, 2048, NULL),
        TEXT(resource_policy_json, "ResourcePolicy", QUERY_OPTIONAL, 1, 131072,
             &query_pattern_policy),
    };
    struct query_reader reader;
    simulation->task.call = call;
    const struct error *error =
        iam_input_read(call, page_members, COUNT_OF(page_members), 0, &simulation->task.input);
    if (error == NULL)
        error = refuse_unknown(call);
    if (error != NULL)
        return error;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), simulation);
    read_lists(&reader, simulation);
    if (simulation->action_count == 0)
        query_find(&reader, SLICE("actionNames"), SLICE_ABSENT, "Member must not be null");
    if (source == QUERY_OPTIONAL && simulation->policy_count == 0)
        query_find(&reader, SLICE("policyInputList"), SLICE_ABSENT, "Member must not be null");
    return query_reader_end(&reader);
}

/* --- who is asked about --- */

static const struct error *take_source(void *context, struct iam_directory *directory)
{
    struct simulation *simulation = context;
    struct arena *arena = simulation->task.call->arena;
    struct iam_credential *credential = simulation->credential;
    struct auth_principal *principal = &credential->credential.principal;
    struct iam_entity *source = iam_find_arn(directory, simulation->source);
    if (source == NULL)
        return error_make(arena, ERROR_NO_SUCH_ENTITY, "%.*s cannot be found.",
                          SLICE_PRINT(simulation->source));
    enum db_identity_kind kind = source->record.kind;
    if (kind != DB_IDENTITY_USER && kind != DB_IDENTITY_GROUP && kind != DB_IDENTITY_ROLE)
        return error_make(arena, ERROR_INVALID_INPUT,
                          "Invalid Entity Arn: %.*s does not clearly define entity type and name.",
                          SLICE_PRINT(simulation->source));
    principal->kind = kind == DB_IDENTITY_ROLE ? AUTH_ROLE_SESSION : AUTH_USER;
    principal->arn = source->arn;
    principal->user_id = source->record.id;
    if (kind == DB_IDENTITY_USER)
        principal->user_name = source->record.name;
    if (kind == DB_IDENTITY_ROLE)
        principal->role_arn = source->arn;
    return iam_credential_take_policies(credential, directory, source);
}

/* Policies of the request, beside those it has. */
static const struct error *add_policies(struct simulation *simulation)
{
    struct arena *arena = simulation->task.call->arena;
    struct auth_principal *principal = &simulation->credential->credential.principal;
    size_t count = principal->identity.count;
    struct auth_attachment *all =
        ARENA_NEW_ARRAY(arena, struct auth_attachment, count + simulation->policy_count);
    if (all == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        all[i] = principal->identity.items[i];
    for (size_t i = 0; i < simulation->policy_count; i++) {
        const struct error *error = error_make(arena, ERROR_INTERNAL, "PolicyInputList.%zu", i + 1);
        all[count].name = error->message;
        error = auth_policy_read(arena, AUTH_POLICY_IDENTITY, simulation->policies[i],
                                 &all[count++].policy);
        if (error != NULL)
            return error_make_slice(arena, ERROR_INVALID_INPUT, error->message);
    }
    principal->identity = (struct auth_attachments){all, count};
    return NULL;
}

static const struct error *read_policies(struct simulation *simulation)
{
    struct arena *arena = simulation->task.call->arena;
    struct auth_principal *principal = &simulation->credential->credential.principal;
    const struct error *error = add_policies(simulation);
    if (error == NULL && simulation->boundary_count > 0)
        error = auth_policy_read(arena, AUTH_POLICY_IDENTITY, simulation->boundaries[0],
                                 &principal->boundary);
    if (error == NULL && slice_present(simulation->resource_policy_json)) {
        if (!slice_present(principal->arn))
            return error_make(arena, ERROR_INVALID_INPUT,
                              "A CallerArn is needed when there is a ResourcePolicy");
        error = auth_policy_read(arena, AUTH_POLICY_RESOURCE, simulation->resource_policy_json,
                                 &simulation->resource_policy);
    }
    return error == NULL || error->kind != ERROR_MALFORMED_POLICY_DOCUMENT
               ? error
               : error_make_slice(arena, ERROR_INVALID_INPUT, error->message);
}

/* --- one decision --- */

static void note_missing(struct simulation *simulation, struct slice key)
{
    for (size_t i = 0; i < simulation->missing_count; i++) {
        if (slice_equal(simulation->missing[i], key))
            return;
    }
    if (simulation->missing_count < MISSING_MAX)
        simulation->missing[simulation->missing_count++] = key;
}

static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    struct simulation *simulation = context;
    struct slice kept;
    for (size_t i = 0; i < simulation->entry_count; i++) {
        const struct context_entry *entry = &simulation->entries[i];
        if (http_name_equal(entry->key, key)) {
            *ret_values = (struct auth_values){entry->values, entry->value_count};
            *ret_present = true;
            return NULL;
        }
    }
    *ret_present = false;
    if (!arena_copy(arena, key, &kept))
        return error_exhausted();
    note_missing(simulation, kept);
    return NULL;
}

static const char *word_of(enum auth_reason reason)
{
    switch (reason) {
    case AUTH_ALLOWED:
        return "allowed";
    case AUTH_DENIED_BY_IDENTITY_POLICY:
    case AUTH_DENIED_BY_BOUNDARY:
    case AUTH_DENIED_BY_SESSION_POLICY:
    case AUTH_DENIED_BY_RESOURCE_POLICY:
        return "explicitDeny";
    case AUTH_NO_IDENTITY_POLICY:
    case AUTH_NO_BOUNDARY:
    case AUTH_NO_SESSION_POLICY:
    case AUTH_NO_RESOURCE_POLICY:
        break;
    }
    return "implicitDeny";
}

static void write_decision(const struct simulation *simulation, struct slice action,
                           struct slice resource, const struct auth_decision *decision)
{
    struct xml_writer *out = simulation->task.call->out;
    xml_begin(out, "member");
    xml_text(out, "EvalActionName", action);
    xml_text(out, "EvalResourceName", resource);
    xml_text(out, "EvalDecision", slice_of_cstring(word_of(decision->reason)));
    xml_begin(out, "MatchedStatements");
    if (slice_present(decision->policy)) {
        xml_begin(out, "member");
        xml_text(out, "SourcePolicyId", decision->policy);
        xml_end(out, "member");
    }
    xml_end(out, "MatchedStatements");
    xml_begin(out, "MissingContextValues");
    for (size_t i = 0; i < simulation->missing_count; i++)
        xml_text(out, "member", simulation->missing[i]);
    xml_end(out, "MissingContextValues");
    if (simulation->credential->credential.principal.boundary != NULL) {
        bool is_within =
            decision->reason != AUTH_NO_BOUNDARY && decision->reason != AUTH_DENIED_BY_BOUNDARY;
        xml_begin(out, "PermissionsBoundaryDecisionDetail");
        xml_boolean(out, "AllowedByPermissionsBoundary", is_within);
        xml_end(out, "PermissionsBoundaryDecisionDetail");
    }
    xml_end(out, "member");
}

static const struct error *decide_one(struct simulation *simulation, struct slice action,
                                      struct slice resource)
{
    struct auth_question question = {
        .principal = &simulation->credential->credential.principal,
        .action = action,
        .resource = resource,
        .resource_policy = simulation->resource_policy,
        .look_up = look_up,
        .context = simulation,
    };
    struct auth_decision decision;
    simulation->missing_count = 0;
    const struct error *error = auth_decide(&question, simulation->task.call->arena, &decision);
    if (error == NULL)
        write_decision(simulation, action, resource, &decision);
    return error;
}

/* --- all of them --- */

/* Every action on every resource, or on all of them when none is named. */
static const struct error *decide_all(struct simulation *simulation)
{
    struct xml_writer *out = simulation->task.call->out;
    struct iam_page page;
    const struct error *error =
        iam_page_begin(simulation->task.call, &simulation->task.input, &page);
    size_t resources = simulation->resource_count > 0 ? simulation->resource_count : 1;
    xml_begin(out, "EvaluationResults");
    for (size_t i = 0; error == NULL && i < simulation->action_count * resources; i++) {
        struct slice resource =
            simulation->resource_count > 0 ? simulation->resources[i % resources] : SLICE("*");
        if (iam_page_takes_position(&page, i))
            error = decide_one(simulation, simulation->actions[i / resources], resource);
    }
    if (error != NULL)
        return error;
    xml_end(out, "EvaluationResults");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *simulate(struct iam_call *call, enum query_presence source)
{
    struct simulation *simulation = ARENA_NEW(call->arena, struct simulation);
    if (simulation == NULL)
        return error_exhausted();
    const struct error *error = read_request(simulation, call, source);
    if (error != NULL)
        return error;
    simulation->credential = iam_credential_new();
    if (simulation->credential == NULL)
        return error_exhausted();
    struct auth_principal *principal = &simulation->credential->credential.principal;
    principal->kind = AUTH_USER;
    principal->account = call->iam->account;
    if (source == QUERY_REQUIRED)
        error = iam_directory_look(call->iam->directory, take_source, simulation);
    if (error == NULL && slice_present(simulation->caller))
        principal->arn = simulation->caller;
    if (error == NULL)
        error = read_policies(simulation);
    if (error == NULL)
        error = decide_all(simulation);
    iam_credential_release(simulation->credential);
    return error;
}

const struct error *iam_simulate_principal_policy(struct iam_call *call)
{
    return simulate(call, QUERY_REQUIRED);
}

const struct error *iam_simulate_custom_policy(struct iam_call *call)
{
    return simulate(call, QUERY_OPTIONAL);
}
