#include "auth/policy_check.h"

#include "auth/condition.h"
#include "auth/letters.h"

/*
 * IAM reads policies with two readers, which tell the same faults in different words: one for what
 * is attached to an identity, one for what names principals (observed, in public bug reports and in
 * tests that were held against the service).
 */
enum word {
    WORD_JSON,
    WORD_NULL,
    WORD_SYNTAX,
    WORD_VERSION,
    WORD_EMPTY,
    WORD_SID,
    WORD_ACTION,
    WORD_RESOURCE,
    WORD_COUNT,
};

static const char *const identity_words[WORD_COUNT] = {
    [WORD_JSON] = "Syntax errors in policy.",
    [WORD_NULL] = "Syntax errors in policy.",
    [WORD_SYNTAX] = "Syntax errors in policy.",
    [WORD_VERSION] = "Syntax errors in policy.",
    [WORD_EMPTY] = "Syntax errors in policy.",
    [WORD_SID] = "Statement IDs (SID) in a single policy must be unique.",
    [WORD_ACTION] = "Policy statement must contain actions.",
    [WORD_RESOURCE] = "Policy statement must contain resources.",
};

static const char *const principal_words[WORD_COUNT] = {
    [WORD_JSON] = "This policy contains invalid Json",
    [WORD_NULL] = "This text appears not to be a policy",
    [WORD_SYNTAX] = "Syntax error in policy.",
    [WORD_VERSION] = "The policy must contain a valid version string",
    [WORD_EMPTY] = "Could not parse the policy: Statement is empty!",
    [WORD_SID] = "The Statement Ids in the policy are not unique",
    [WORD_ACTION] = "Missing required field Action",
    [WORD_RESOURCE] = "Missing required field Resource",
};

struct check {
    struct arena *arena;
    enum auth_policy_kind kind;
    const struct policy_document *document;
};

static bool is_of_identity(enum auth_policy_kind kind)
{
    return kind == AUTH_POLICY_IDENTITY || kind == AUTH_POLICY_MANAGED;
}

static const struct error *malformed(struct arena *arena, const char *format, ...)
    PRINTF_LIKE(2, 3);
static const struct error *malformed(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *error =
        error_make_va(arena, ERROR_MALFORMED_POLICY_DOCUMENT, format, arguments);
    va_end(arguments);
    return error;
}

static const struct error *say(const struct check *check, enum word word)
{
    const char *const *words = is_of_identity(check->kind) ? identity_words : principal_words;
    return malformed(check->arena, "%s", words[word]);
}

const struct error *policy_problem_error(struct arena *arena, enum auth_policy_kind kind,
                                         enum policy_document_problem problem)
{
    struct check check = {.arena = arena, .kind = kind};
    switch (problem) {
    case POLICY_DOCUMENT_EXHAUSTED:
        return error_exhausted();
    case POLICY_DOCUMENT_NULL:
        return say(&check, WORD_NULL);
    case POLICY_DOCUMENT_SYNTAX:
        return say(&check, WORD_SYNTAX);
    default:
        return say(&check, WORD_JSON);
    }
}

/* One rule for each statement. NULL: it is met. */
typedef const struct error *rule(const struct check *check,
                                 const struct document_statement *statement);

static bool is_effect(struct slice effect)
{
    return slice_equal(effect, SLICE("Allow")) || slice_equal(effect, SLICE("Deny"));
}

static const struct error *check_effect(const struct check *check,
                                        const struct document_statement *statement)
{
    struct slice effect = statement->effect;
    if (is_effect(effect))
        return NULL;
    if (!is_of_identity(check->kind))
        return slice_present(effect)
                   ? malformed(check->arena, "Invalid effect: %.*s", SLICE_PRINT(effect))
                   : malformed(check->arena, "Missing required field Effect");
    /* "allow" is found out only later, by check_legacy. */
    bool is_known = auth_equal_ignoring_case(effect, SLICE("Allow")) ||
                    auth_equal_ignoring_case(effect, SLICE("Deny"));
    return slice_present(effect) && is_known ? NULL : say(check, WORD_SYNTAX);
}

/* An element and its negation are never both there. */
static const struct error *check_pairs(const struct check *check,
                                       const struct document_statement *statement)
{
    bool both = (statement->action.items != NULL && statement->not_action.items != NULL) ||
                (statement->resource.items != NULL && statement->not_resource.items != NULL) ||
                (statement->principal.is_present && statement->not_principal.is_present);
    return both ? say(check, WORD_SYNTAX) : NULL;
}

static const struct error *check_operators(const struct check *check,
                                           const struct document_statement *statement)
{
    struct auth_condition ignored;
    for (size_t i = 0; i < statement->condition_count; i++) {
        if (!auth_condition_read_operator(statement->conditions[i].comparison, &ignored))
            return say(check, WORD_SYNTAX);
    }
    return NULL;
}

static bool are_dates_good(const struct document_statement *statement)
{
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct document_condition *condition = &statement->conditions[i];
        struct auth_condition read;
        if (!auth_condition_read_operator(condition->comparison, &read) ||
            !auth_condition_compares_dates(&read))
            continue;
        for (size_t k = 0; k < condition->values.count; k++) {
            int64_t ms;
            if (!auth_read_date(condition->values.items[k], &ms))
                return false;
        }
    }
    return true;
}

static bool are_bounded(const struct policy_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (!auth_pattern_is_bounded(texts->items[i]))
            return false;
    }
    return true;
}

/* No rule of IAM's, but nobody needs more, and questions come with every request. */
static const struct error *check_bounds(const struct check *check,
                                        const struct document_statement *statement)
{
    bool is_good = are_bounded(&statement->action) && are_bounded(&statement->not_action) &&
                   are_bounded(&statement->resource) && are_bounded(&statement->not_resource);
    for (size_t i = 0; is_good && i < statement->condition_count; i++) {
        const struct document_condition *condition = &statement->conditions[i];
        struct auth_condition read;
        if (auth_condition_read_operator(condition->comparison, &read) &&
            auth_condition_has_wildcards(&read))
            is_good = are_bounded(&condition->values);
    }
    return is_good ? NULL : say(check, WORD_SYNTAX);
}

static size_t count_byte(struct slice text, uint8_t byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == byte;
    return count;
}

/* An ARN may end early, but not after it has left a part empty. */
static bool is_cut_off(struct slice resource)
{
    if (count_byte(resource, ':') >= AUTH_ARN_PARTS)
        return false;
    for (size_t i = 0; i + 1 < resource.size; i++) {
        if (resource.data[i] == ':' && resource.data[i + 1] == ':')
            return true;
    }
    return false;
}

static const struct error *check_legacy(const struct check *check,
                                        const struct document_statement *statement)
{
    bool is_good = is_effect(statement->effect) && are_dates_good(statement);
    const struct policy_texts *lists[] = {&statement->resource, &statement->not_resource};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (size_t k = 0; is_good && k < lists[i]->count; k++)
            is_good = !is_cut_off(lists[i]->items[k]);
    }
    return is_good ? NULL : malformed(check->arena, "The policy failed legacy parsing");
}

static const struct error *check_dates(const struct check *check,
                                       const struct document_statement *statement)
{
    return are_dates_good(statement) ? NULL : say(check, WORD_SYNTAX);
}

static const struct error *check_no_principal(const struct check *check,
                                              const struct document_statement *statement)
{
    if (!statement->principal.is_present && !statement->not_principal.is_present)
        return NULL;
    return malformed(check->arena, "Policy document should not specify a principal.");
}

static bool is_digits(struct slice text, size_t count)
{
    bool is_good = text.size == count;
    for (size_t i = 0; is_good && i < count; i++)
        is_good = text.data[i] >= '0' && text.data[i] <= '9';
    return is_good;
}

/* AIDAEXAMPLE, AROAEXAMPLE: what IAM shows instead of an ARN whose identity is gone. */
static bool is_unique_id(struct slice text)
{
    bool is_good = text.size >= 16 && text.size <= 128 && text.data[0] == 'A';
    for (size_t i = 0; is_good && i < text.size; i++) {
        uint8_t byte = text.data[i];
        is_good = (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    }
    return is_good;
}

/* Part of a name may not be a wildcard (IAM user guide, "AWS JSON policy elements: Principal"). */
static bool is_principal_arn(struct slice text)
{
    struct auth_arn arn;
    if (!auth_arn_read(text, &arn) || memchr(text.data, '*', text.size) != NULL)
        return false;
    struct slice service = arn.parts[AUTH_ARN_SERVICE];
    return (slice_equal(service, SLICE("iam")) || slice_equal(service, SLICE("sts"))) &&
           arn.parts[AUTH_ARN_REGION].size == 0 && is_digits(arn.parts[AUTH_ARN_ACCOUNT], 12) &&
           arn.parts[AUTH_ARN_RESOURCE].size > 0;
}

static bool is_principal_good(const struct document_principal *principal)
{
    struct slice value = principal->value;
    if (slice_equal(principal->type, SLICE("AWS")))
        return slice_equal(value, SLICE("*")) || is_digits(value, 12) || is_principal_arn(value) ||
               is_unique_id(value);
    if (slice_equal(principal->type, SLICE("Service")))
        return value.size > 0 && memchr(value.data, '.', value.size) != NULL;
    return value.size > 0;
}

static const struct error *check_principal(const struct check *check,
                                           const struct document_statement *statement)
{
    struct arena *arena = check->arena;
    if (statement->not_principal.is_present) {
        if (slice_equal(statement->effect, SLICE("Allow")))
            return malformed(arena, "Allow with NotPrincipal is not allowed.");
        if (check->kind == AUTH_POLICY_TRUST)
            return malformed(arena, "AssumeRole policy must not contain NotPrincipal field.");
    } else if (!statement->principal.is_present) {
        return malformed(arena, "Missing required field Principal");
    }
    const struct document_principals *principals =
        statement->not_principal.is_present ? &statement->not_principal : &statement->principal;
    if (principals->count == 0)
        return malformed(arena, "Missing required field Principal cannot be empty!");
    for (size_t i = 0; i < principals->count; i++) {
        const struct document_principal *principal = &principals->items[i];
        if (is_principal_good(principal))
            continue;
        bool is_service = slice_equal(principal->type, SLICE("Service"));
        struct slice type = is_service ? SLICE("SERVICE") : principal->type;
        return malformed(arena, "Invalid principal in policy: \"%.*s\":\"%.*s\"", SLICE_PRINT(type),
                         SLICE_PRINT(principal->value));
    }
    return NULL;
}

/* Empty ones are as good as missing. */
static const struct error *check_sid_unique(const struct check *check,
                                            const struct document_statement *statement)
{
    if (statement->sid.size == 0)
        return NULL;
    for (const struct document_statement *other = check->document->statements; other < statement;
         other++) {
        if (slice_equal(other->sid, statement->sid))
            return say(check, WORD_SID);
    }
    return NULL;
}

static const struct error *check_sid_letters(const struct check *check,
                                             const struct document_statement *statement)
{
    for (size_t i = 0; i < statement->sid.size; i++) {
        uint8_t byte = auth_lower(statement->sid.data[i]);
        if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9'))
            return malformed(check->arena,
                             "Statement IDs (SID) must be alpha-numeric. Check that your input "
                             "satisfies the regular expression [0-9A-Za-z]*");
    }
    return NULL;
}

static const struct error *check_has_action(const struct check *check,
                                            const struct document_statement *statement)
{
    return statement->action.count + statement->not_action.count > 0 ? NULL
                                                                     : say(check, WORD_ACTION);
}

static const struct error *check_has_resource(const struct check *check,
                                              const struct document_statement *statement)
{
    return statement->resource.count + statement->not_resource.count > 0
               ? NULL
               : say(check, WORD_RESOURCE);
}

static const struct error *check_no_resource(const struct check *check,
                                             const struct document_statement *statement)
{
    if (statement->resource.items != NULL)
        return malformed(check->arena, "Has prohibited field Resource");
    if (statement->not_resource.items != NULL)
        return malformed(check->arena, "AssumeRole policy must not contain resources.");
    return NULL;
}

/* aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-eusc */
static bool is_partition(struct slice text)
{
    return slice_equal(text, SLICE("aws")) || slice_starts_with(text, SLICE("aws-"));
}

/* The parts of a resource by its colons, * where there are none. */
static const struct error *say_partition(const struct check *check, struct slice resource)
{
    struct slice parts[AUTH_ARN_PARTS + 1];
    size_t count = 0;
    for (size_t start = 0, i = 0; count <= AUTH_ARN_PARTS && start <= resource.size; i++) {
        bool is_last = count == AUTH_ARN_PARTS;
        if (i < resource.size && (is_last || resource.data[i] != ':'))
            continue;
        parts[count++] = slice_of(resource.data + start, i - start);
        start = i + 1;
    }
    while (count <= AUTH_ARN_PARTS)
        parts[count++] = SLICE("*");
    return malformed(check->arena,
                     "Partition \"%.*s\" is not valid for resource "
                     "\"arn:%.*s:%.*s:%.*s:%.*s:%.*s\".",
                     SLICE_PRINT(parts[1]), SLICE_PRINT(parts[1]), SLICE_PRINT(parts[2]),
                     SLICE_PRINT(parts[3]), SLICE_PRINT(parts[4]), SLICE_PRINT(parts[5]));
}

static const struct error *check_iam_path(const struct check *check, struct slice path)
{
    static const struct slice beginnings[] = {
        SLICE_INIT("user/"),
        SLICE_INIT("federated-user/"),
        SLICE_INIT("role/"),
        SLICE_INIT("group/"),
        SLICE_INIT("instance-profile/"),
        SLICE_INIT("mfa/"),
        SLICE_INIT("server-certificate/"),
        SLICE_INIT("policy/"),
        SLICE_INIT("sms-mfa/"),
        SLICE_INIT("saml-provider/"),
        SLICE_INIT("oidc-provider/"),
        SLICE_INIT("report/"),
        SLICE_INIT("access-report/"),
    };
    bool is_good = slice_equal(path, SLICE("*"));
    for (size_t i = 0; !is_good && i < COUNT_OF(beginnings); i++)
        is_good = slice_starts_with(path, beginnings[i]);
    return is_good ? NULL
                   : malformed(check->arena,
                               "IAM resource path must either be \"*\" or start with user/, "
                               "federated-user/, role/, group/, instance-profile/, mfa/, "
                               "server-certificate/, policy/, sms-mfa/, saml-provider/, "
                               "oidc-provider/, report/, access-report/.");
}

/* Rules for the ARNs of some services. */
static const struct error *check_service(const struct check *check, struct slice resource)
{
    struct auth_arn arn;
    if (!auth_arn_read(resource, &arn))
        return NULL;
    bool has_region = arn.parts[AUTH_ARN_REGION].size > 0;
    if (slice_equal(arn.parts[AUTH_ARN_SERVICE], SLICE("s3")) && has_region)
        return malformed(check->arena, "Resource %.*s can not contain region information.",
                         SLICE_PRINT(resource));
    if (!slice_equal(arn.parts[AUTH_ARN_SERVICE], SLICE("iam")))
        return NULL;
    if (has_region)
        return malformed(check->arena, "IAM resource %.*s cannot contain region information.",
                         SLICE_PRINT(resource));
    return check_iam_path(check, arn.parts[AUTH_ARN_RESOURCE]);
}

static const struct error *check_resource(const struct check *check, struct slice resource)
{
    if (slice_equal(resource, SLICE("*")))
        return NULL;
    const uint8_t *colon = resource.size == 0 ? NULL : memchr(resource.data, ':', resource.size);
    if (colon == NULL)
        return malformed(check->arena, "Resource %.*s must be in ARN format or \"*\".",
                         SLICE_PRINT(resource));
    struct slice partition = slice_after(resource, (size_t)(colon - resource.data) + 1);
    const uint8_t *end = partition.size == 0 ? NULL : memchr(partition.data, ':', partition.size);
    if (end != NULL)
        partition.size = (size_t)(end - partition.data);
    if (!is_partition(partition) || !slice_starts_with(resource, SLICE("arn:")))
        return say_partition(check, resource);
    if (end == NULL)
        return malformed(check->arena,
                         "Resource vendor must be fully qualified and cannot contain regexes.");
    return check_service(check, resource);
}

static const struct error *check_texts(const struct check *check, const struct policy_texts *texts,
                                       const struct error *(*check_text)(const struct check *check,
                                                                         struct slice text))
{
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < texts->count; i++)
        error = check_text(check, texts->items[i]);
    return error;
}

static const struct error *check_resources(const struct check *check,
                                           const struct document_statement *statement)
{
    const struct error *error = check_texts(check, &statement->resource, check_resource);
    return error != NULL ? error : check_texts(check, &statement->not_resource, check_resource);
}

static bool is_vendor(struct slice text)
{
    bool is_good = text.size > 0;
    for (size_t i = 0; is_good && i < text.size; i++) {
        uint8_t byte = auth_lower(text.data[i]);
        is_good = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                  byte == '.';
    }
    return is_good || slice_equal(text, SLICE("*"));
}

static const struct error *check_action(const struct check *check, struct slice action)
{
    if (check->kind == AUTH_POLICY_TRUST)
        return auth_starts_with_ignoring_case(action, SLICE("sts:"))
                   ? NULL
                   : malformed(check->arena,
                               "AssumeRole policy may only specify STS AssumeRole actions.");
    if (slice_equal(action, SLICE("*")))
        return NULL;
    size_t colons = count_byte(action, ':');
    if (colons == 0)
        return malformed(
            check->arena,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (colons > 1)
        return malformed(check->arena, "Actions/Condition can contain only one colon.");
    struct slice vendor = action;
    vendor.size = (size_t)((const uint8_t *)memchr(action.data, ':', action.size) - action.data);
    return is_vendor(vendor)
               ? NULL
               : malformed(check->arena, "Vendor %.*s is not valid", SLICE_PRINT(vendor));
}

static const struct error *check_actions(const struct check *check,
                                         const struct document_statement *statement)
{
    const struct error *error = check_texts(check, &statement->action, check_action);
    return error != NULL ? error : check_texts(check, &statement->not_action, check_action);
}

static const struct error *check_condition_keys(const struct check *check,
                                                const struct document_statement *statement)
{
    for (size_t i = 0; i < statement->condition_count; i++) {
        if (count_byte(statement->conditions[i].key, ':') == 0)
            return malformed(
                check->arena,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    return NULL;
}

enum {
    OF_IDENTITY = 1 << AUTH_POLICY_IDENTITY | 1 << AUTH_POLICY_MANAGED,
    OF_RESOURCE = 1 << AUTH_POLICY_RESOURCE,
    OF_TRUST = 1 << AUTH_POLICY_TRUST,
    OF_ALL = OF_IDENTITY | OF_RESOURCE | OF_TRUST,
};

/* In IAM's order: of two faults it tells the one whose rule comes first, in whatever statement. */
static const struct {
    unsigned kinds;
    rule *rule;
} rules[] = {
    {OF_ALL, check_effect},
    {OF_ALL, check_pairs},
    {OF_ALL, check_operators},
    {OF_ALL, check_bounds},
    {OF_IDENTITY, check_legacy},
    {OF_RESOURCE | OF_TRUST, check_dates},
    {OF_IDENTITY, check_no_principal},
    {OF_RESOURCE | OF_TRUST, check_principal},
    {OF_ALL, check_sid_unique},
    {OF_IDENTITY | OF_TRUST, check_sid_letters},
    {OF_ALL, check_has_action},
    {OF_IDENTITY | OF_RESOURCE, check_has_resource},
    {OF_TRUST, check_no_resource},
    {OF_ALL, check_resources},
    {OF_ALL, check_actions},
    {OF_ALL, check_condition_keys},
};

const struct error *policy_check(struct arena *arena, enum auth_policy_kind kind,
                                 const struct policy_document *document)
{
    struct check check = {arena, kind, document};
    bool is_2012 = slice_equal(document->version, SLICE("2012-10-17"));
    if (slice_present(document->version) && !is_2012 &&
        !slice_equal(document->version, SLICE("2008-10-17")))
        return say(&check, WORD_VERSION);
    if (document->statement_count == 0)
        return say(&check, WORD_EMPTY);
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < COUNT_OF(rules); i++) {
        /* IAM asks for the version when the syntax is known to be good. */
        if (rules[i].rule == check_legacy && kind == AUTH_POLICY_MANAGED && !is_2012)
            return malformed(arena, "Policy document must be version 2012-10-17 or greater.");
        if ((rules[i].kinds & (1u << kind)) == 0)
            continue;
        for (size_t k = 0; error == NULL && k < document->statement_count; k++)
            error = rules[i].rule(&check, &document->statements[k]);
    }
    return error;
}
