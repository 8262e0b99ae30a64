#include "auth/policy.h"

#include "auth/letters.h"
#include "auth/policy_check.h"
#include "auth/statement.h"

enum {
    DOCUMENT_ARENA_BYTES = 16 * 1024 * 1024, /* of what is forgotten when the policy is read */
    FEATURES_2008 = 0,
    FEATURES_2012 = AUTH_PATTERN_VARIABLES,
};

/* Makes a policy of a document that has been checked. */
struct maker {
    struct arena *arena;
    unsigned features; /* of the policy's version */
};

/* In small letters: actions are compared without regard to case. */
static bool make_small(struct arena *arena, struct slice text, struct slice *ret_small)
{
    uint8_t *small = arena_alloc_bytes(arena, text.size);
    if (small == NULL)
        return false;
    for (size_t i = 0; i < text.size; i++)
        small[i] = auth_lower(text.data[i]);
    *ret_small = slice_of(small, text.size);
    return true;
}

static const struct error *make_actions(const struct maker *maker,
                                        const struct document_statement *from,
                                        struct auth_actions *ret_actions)
{
    bool is_inverted = from->action.items == NULL;
    const struct policy_texts *texts = is_inverted ? &from->not_action : &from->action;
    struct auth_pattern *items = ARENA_NEW_ARRAY(maker->arena, struct auth_pattern, texts->count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < texts->count; i++) {
        struct slice small;
        if (!make_small(maker->arena, texts->items[i], &small))
            return error_exhausted();
        const struct error *error =
            auth_pattern_read(maker->arena, small, AUTH_PATTERN_WILDCARDS, &items[i]);
        if (error != NULL)
            return error;
    }
    *ret_actions = (struct auth_actions){items, texts->count, is_inverted};
    return NULL;
}

static const struct error *make_resources(const struct maker *maker,
                                          const struct document_statement *from,
                                          struct auth_resources *ret_resources)
{
    bool is_inverted = from->resource.items == NULL;
    const struct policy_texts *texts = is_inverted ? &from->not_resource : &from->resource;
    struct auth_resource *items = ARENA_NEW_ARRAY(maker->arena, struct auth_resource, texts->count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < texts->count; i++) {
        items[i].is_any = slice_equal(texts->items[i], SLICE("*"));
        if (items[i].is_any)
            continue;
        const struct error *error =
            auth_arn_pattern_read(maker->arena, texts->items[i], true,
                                  maker->features | AUTH_PATTERN_WILDCARDS, &items[i].arn);
        if (error != NULL)
            return error;
    }
    *ret_resources = (struct auth_resources){items, texts->count, is_inverted};
    return NULL;
}

static enum auth_party_kind party_kind(const struct document_principal *from)
{
    if (slice_equal(from->type, SLICE("Service")))
        return AUTH_PARTY_SERVICE;
    if (slice_equal(from->type, SLICE("Federated")))
        return AUTH_PARTY_FEDERATED;
    if (slice_equal(from->type, SLICE("CanonicalUser")))
        return AUTH_PARTY_CANONICAL_USER;
    if (slice_equal(from->value, SLICE("*")))
        return AUTH_PARTY_ANYONE;
    if (slice_starts_with(from->value, SLICE("arn:")))
        return AUTH_PARTY_ARN;
    return from->value.data[0] == 'A' ? AUTH_PARTY_ID : AUTH_PARTY_ACCOUNT;
}

static const struct error *make_parties(const struct maker *maker,
                                        const struct document_statement *from,
                                        struct auth_parties *ret_parties)
{
    bool is_inverted = from->not_principal.is_present;
    const struct document_principals *principals =
        is_inverted ? &from->not_principal : &from->principal;
    struct auth_party *items = ARENA_NEW_ARRAY(maker->arena, struct auth_party, principals->count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < principals->count; i++) {
        items[i].kind = party_kind(&principals->items[i]);
        if (!arena_copy(maker->arena, principals->items[i].value, &items[i].value))
            return error_exhausted();
    }
    *ret_parties = (struct auth_parties){items, principals->count, is_inverted};
    return NULL;
}

static const struct error *make_condition(const struct maker *maker,
                                          const struct document_condition *from,
                                          struct auth_condition *condition)
{
    if (!auth_condition_read_operator(from->comparison, condition))
        return error_exhausted(); /* not after policy_check */
    struct auth_operand *operands =
        ARENA_NEW_ARRAY(maker->arena, struct auth_operand, from->values.count);
    if (operands == NULL || !arena_copy(maker->arena, from->key, &condition->key))
        return error_exhausted();
    for (size_t i = 0; i < from->values.count; i++) {
        const struct error *error = auth_condition_read_operand(
            maker->arena, condition, from->values.items[i], maker->features, &operands[i]);
        if (error != NULL)
            return error;
        size_t count;
        const struct auth_pattern *patterns =
            auth_condition_patterns(condition, &operands[i], &count);
        for (size_t k = 0; k < count; k++)
            condition->has_variables |= patterns[k].has_variables;
    }
    condition->operands = operands;
    condition->operand_count = from->values.count;
    return NULL;
}

static const struct error *make_statement(const struct maker *maker,
                                          const struct document_statement *from,
                                          struct auth_statement *statement)
{
    statement->denies = slice_equal(from->effect, SLICE("Deny"));
    const struct error *error = make_actions(maker, from, &statement->actions);
    if (error == NULL)
        error = make_resources(maker, from, &statement->resources);
    if (error == NULL)
        error = make_parties(maker, from, &statement->parties);
    if (error != NULL)
        return error;
    struct auth_condition *conditions =
        ARENA_NEW_ARRAY(maker->arena, struct auth_condition, from->condition_count);
    if (conditions == NULL)
        return error_exhausted();
    for (size_t i = 0; error == NULL && i < from->condition_count; i++)
        error = make_condition(maker, &from->conditions[i], &conditions[i]);
    statement->conditions = conditions;
    statement->condition_count = from->condition_count;
    return error;
}

/* Calls back for every key that the statement asks for. */
typedef void visit_key(struct slice key, void *context);

static void visit_patterns(const struct auth_pattern *patterns, size_t count, visit_key *visit,
                           void *context)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < patterns[i].count && patterns[i].has_variables; k++) {
            if (patterns[i].pieces[k].kind == AUTH_PIECE_VARIABLE)
                visit(patterns[i].pieces[k].text, context);
        }
    }
}

static void visit_keys(const struct auth_statement *statement, visit_key *visit, void *context)
{
    for (size_t i = 0; i < statement->resources.count; i++) {
        const struct auth_arn_pattern *resource = &statement->resources.items[i].arn;
        visit_patterns(resource->parts, AUTH_ARN_PARTS, visit, context);
    }
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct auth_condition *condition = &statement->conditions[i];
        visit(condition->key, context);
        for (size_t k = 0; k < condition->operand_count; k++) {
            size_t count;
            const struct auth_pattern *patterns =
                auth_condition_patterns(condition, &condition->operands[k], &count);
            visit_patterns(patterns, count, visit, context);
        }
    }
}

static void count_key(struct slice key, void *context)
{
    (void)key;
    size_t *count = context;
    ++*count;
}

struct keys {
    struct slice *items;
    size_t count;
};

static void add_key(struct slice key, void *context)
{
    struct keys *keys = context;
    for (size_t i = 0; i < keys->count; i++) {
        if (auth_equal_ignoring_case(keys->items[i], key))
            return;
    }
    keys->items[keys->count++] = key;
}

static bool collect_keys(struct arena *arena, struct auth_policy *policy)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->statement_count; i++)
        visit_keys(&policy->statements[i], count_key, &count);
    struct keys keys = {ARENA_NEW_ARRAY(arena, struct slice, count), 0};
    if (keys.items == NULL)
        return false;
    for (size_t i = 0; i < policy->statement_count; i++)
        visit_keys(&policy->statements[i], add_key, &keys);
    policy->keys = keys.items;
    policy->key_count = keys.count;
    return true;
}

static const struct error *make_policy(struct arena *arena, enum auth_policy_kind kind,
                                       const struct policy_document *document,
                                       const struct auth_policy **ret_policy)
{
    bool is_2012 = slice_equal(document->version, SLICE("2012-10-17"));
    struct maker maker = {arena, is_2012 ? FEATURES_2012 : FEATURES_2008};
    struct auth_policy *policy = ARENA_NEW(arena, struct auth_policy);
    struct auth_statement *statements =
        ARENA_NEW_ARRAY(arena, struct auth_statement, document->statement_count);
    if (policy == NULL || statements == NULL)
        return error_exhausted();
    for (size_t i = 0; i < document->statement_count; i++) {
        const struct error *error =
            make_statement(&maker, &document->statements[i], &statements[i]);
        if (error != NULL)
            return error;
    }
    policy->kind = kind;
    policy->statements = statements;
    policy->statement_count = document->statement_count;
    if (!collect_keys(arena, policy))
        return error_exhausted();
    *ret_policy = policy;
    return NULL;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

size_t auth_policy_characters(struct slice json)
{
    size_t count = 0;
    for (size_t i = 0; i < json.size; i++)
        count += !is_space(json.data[i]) && (json.data[i] & 0xc0) != 0x80;
    return count;
}

const struct error *auth_policy_read(struct arena *arena, enum auth_policy_kind kind,
                                     struct slice json, const struct auth_policy **ret_policy)
{
    if (json.size > AUTH_POLICY_BYTES_MAX ||
        auth_policy_characters(json) > AUTH_POLICY_CHARACTERS_MAX)
        return policy_problem_error(arena, kind, POLICY_DOCUMENT_NOT_JSON);
    struct arena document_arena;
    arena_init(&document_arena, DOCUMENT_ARENA_BYTES);
    struct policy_document document;
    enum policy_document_problem problem = policy_document_read(&document_arena, json, &document);
    const struct error *error = problem == POLICY_DOCUMENT_GOOD
                                    ? policy_check(arena, kind, &document)
                                    : policy_problem_error(arena, kind, problem);
    if (error == NULL)
        error = make_policy(arena, kind, &document, ret_policy);
    arena_fini(&document_arena);
    return error;
}

bool auth_policy_asks_for(const struct auth_policy *policy, struct slice key_prefix)
{
    for (size_t i = 0; i < policy->key_count; i++) {
        if (auth_starts_with_ignoring_case(policy->keys[i], key_prefix))
            return true;
    }
    return false;
}

/* Names are compared without regard to case, as actions are. */
static const struct error *is_any_meant(struct arena *arena, struct slice action,
                                        const struct slice *names, size_t count, bool *ret_is_meant)
{
    struct auth_pattern pattern;
    struct slice small;
    const struct error *error = NULL;
    *ret_is_meant = false;
    if (!make_small(arena, action, &small))
        return error_exhausted();
    error = auth_pattern_read(arena, small, AUTH_PATTERN_WILDCARDS, &pattern);
    for (size_t i = 0; error == NULL && i < count && !*ret_is_meant; i++) {
        if (!make_small(arena, names[i], &small))
            return error_exhausted();
        *ret_is_meant = auth_pattern_matches(&pattern, small);
    }
    return error;
}

const struct error *auth_policy_visit_actions(struct arena *arena, struct slice json,
                                              const struct slice *names, size_t count,
                                              auth_visit_action *visit, void *context)
{
    struct policy_document document;
    if (policy_document_read(arena, json, &document) != POLICY_DOCUMENT_GOOD)
        return error_exhausted(); /* all other problems were told before */
    for (size_t i = 0; i < document.statement_count; i++) {
        const struct document_statement *statement = &document.statements[i];
        const struct policy_texts *texts =
            statement->action.items == NULL ? &statement->not_action : &statement->action;
        for (size_t k = 0; k < texts->count; k++) {
            bool is_meant;
            const struct error *error =
                is_any_meant(arena, texts->items[k], names, count, &is_meant);
            if (error != NULL)
                return error;
            visit(context, texts->items[k], is_meant);
        }
    }
    return NULL;
}
