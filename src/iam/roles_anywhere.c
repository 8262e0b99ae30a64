#include "iam/roles_anywhere.h"

#include "auth/policy.h"
#include "auth/x509_claim.h"
#include "json/json_reader.h"

enum {
    ENTRIES_MAX = 100,
    ROLES_MAX = 250, /* of a profile (Roles Anywhere API reference, CreateProfile) */
    DEPTH_MAX = 32,
    SECONDS_MIN = 900,
    SECONDS_MAX = 43200,
    SECONDS_DEFAULT = 3600,
};

struct iam_anywhere {
    struct iam_anchor anchors[ENTRIES_MAX];
    size_t anchor_count;
    struct iam_profile profiles[ENTRIES_MAX];
    size_t profile_count;
};

struct file {
    struct arena *arena;
    struct json_reader json;
    iam_read_file *read_file;
    void *context;
};

/* --- members by table --- */

enum member_type { MEMBER_TEXT, MEMBER_TEXTS, MEMBER_SECONDS, MEMBER_YES, MEMBER_NOT, MEMBER_JSON };

struct member {
    const char *name;
    enum member_type type;
    size_t at;
    size_t count_at; /* of texts */
};

static const struct member anchor_members[] = {
    {"trustAnchorArn", MEMBER_TEXT, offsetof(struct iam_anchor, arn), 0},
    {"certificates", MEMBER_TEXT, offsetof(struct iam_anchor, certificates), 0},
    {"enabled", MEMBER_NOT, offsetof(struct iam_anchor, disabled), 0},
};
static const struct member profile_members[] = {
    {"profileArn", MEMBER_TEXT, offsetof(struct iam_profile, arn), 0},
    {"roleArns", MEMBER_TEXTS, offsetof(struct iam_profile, role_arns),
     offsetof(struct iam_profile, role_arn_count)},
    {"durationSeconds", MEMBER_SECONDS, offsetof(struct iam_profile, seconds), 0},
    {"sessionPolicy", MEMBER_JSON, offsetof(struct iam_profile, session_policy), 0},
    {"managedPolicyArns", MEMBER_TEXTS, offsetof(struct iam_profile, policy_arns),
     offsetof(struct iam_profile, policy_arn_count)},
    {"acceptRoleSessionName", MEMBER_YES, offsetof(struct iam_profile, accepts_session_name), 0},
    {"enabled", MEMBER_NOT, offsetof(struct iam_profile, disabled), 0},
};

static const struct error *wrong(const struct file *file, const char *name, const char *should)
{
    return error_make(file->arena, ERROR_VALIDATION, "\"%s\" is %s", name, should);
}

/* Not borrowed from the text of the file. */
static const struct error *read_text(struct file *file, const char *name, struct slice *ret_text)
{
    if (json_peek(&file->json) != JSON_STRING)
        return wrong(file, name, "no string");
    return arena_copy(file->arena, json_read_string(&file->json), ret_text) ? NULL
                                                                            : error_exhausted();
}

static const struct error *read_texts(struct file *file, const struct member *member, void *target)
{
    if (json_peek(&file->json) != JSON_ARRAY)
        return wrong(file, member->name, "no list of strings");
    struct slice *texts = ARENA_NEW_ARRAY(file->arena, struct slice, ROLES_MAX);
    size_t count = 0;
    const struct error *error = texts == NULL ? error_exhausted() : NULL;
    json_enter_array(&file->json);
    while (error == NULL && json_next_element(&file->json)) {
        if (count == ROLES_MAX)
            return wrong(file, member->name, "too long");
        error = read_text(file, member->name, &texts[count++]);
    }
    const struct slice *items = texts;
    memcpy((char *)target + member->at, &items, sizeof(items));
    memcpy((char *)target + member->count_at, &count, sizeof(count));
    return error;
}

static const struct error *read_seconds(struct file *file, const char *name, int64_t *ret_seconds)
{
    if (json_peek(&file->json) != JSON_NUMBER)
        return wrong(file, name, "no number");
    struct slice digits = json_read_number(&file->json);
    int64_t seconds = 0;
    for (size_t i = 0; i < digits.size && seconds <= SECONDS_MAX; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return wrong(file, name, "no whole number");
        seconds = seconds * 10 + (digits.data[i] - '0');
    }
    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
        return wrong(file, name, "not between 900 and 43200");
    *ret_seconds = seconds;
    return NULL;
}

static const struct error *read_flag(struct file *file, const char *name, bool *ret_flag)
{
    enum json_type type = json_peek(&file->json);
    if (type != JSON_TRUE && type != JSON_FALSE)
        return wrong(file, name, "neither true nor false");
    json_read_literal(&file->json);
    *ret_flag = type == JSON_TRUE;
    return NULL;
}

/* A document as an object, or as the text of one. */
static const struct error *read_json(struct file *file, const char *name, struct slice *ret_text)
{
    if (json_peek(&file->json) == JSON_STRING)
        return read_text(file, name, ret_text);
    if (json_peek(&file->json) != JSON_OBJECT)
        return wrong(file, name, "no object");
    const uint8_t *begin = file->json.at; /* the bracket that was just seen */
    json_skip(&file->json);
    struct slice text = slice_of(begin, (size_t)(file->json.at - begin));
    return arena_copy(file->arena, text, ret_text) ? NULL : error_exhausted();
}

static const struct error *read_member(struct file *file, const struct member *member, void *object)
{
    void *target = (char *)object + member->at;
    const struct error *error = NULL;
    switch (member->type) {
    case MEMBER_TEXT:
        return read_text(file, member->name, target);
    case MEMBER_TEXTS:
        return read_texts(file, member, object);
    case MEMBER_SECONDS:
        return read_seconds(file, member->name, target);
    case MEMBER_JSON:
        return read_json(file, member->name, target);
    case MEMBER_YES:
        return read_flag(file, member->name, target);
    case MEMBER_NOT:
        error = read_flag(file, member->name, target);
        *(bool *)target = !*(bool *)target;
        return error;
    }
    return error;
}

static const struct error *read_object(struct file *file, const struct member *members,
                                       size_t count, void *object)
{
    struct slice name;
    const struct error *error = NULL;
    json_enter_object(&file->json);
    while (error == NULL && json_next_member(&file->json, &name)) {
        const struct member *member = NULL;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(name, slice_of_cstring(members[i].name)))
                member = &members[i];
        }
        if (member == NULL) /* what the service tells besides, such as names and dates */
            json_skip(&file->json);
        else
            error = read_member(file, member, object);
    }
    return error;
}

/* --- entries --- */

static const struct error *read_anchor(struct file *file, struct iam_anywhere *anywhere)
{
    struct iam_anchor *anchor = &anywhere->anchors[anywhere->anchor_count];
    const struct error *error = read_object(file, anchor_members, COUNT_OF(anchor_members), anchor);
    if (error != NULL)
        return error;
    if (anchor->arn.size == 0 || anchor->certificates.size == 0)
        return error_make(file->arena, ERROR_VALIDATION,
                          "a trust anchor has no \"trustAnchorArn\" or no \"certificates\"");
    error =
        file->read_file(file->context, file->arena, anchor->certificates, &anchor->certificates);
    if (error != NULL)
        return error;
    if (!auth_x509_is_anchor(anchor->certificates))
        return error_make(file->arena, ERROR_VALIDATION,
                          "the certificates of %.*s are no authorities", SLICE_PRINT(anchor->arn));
    anywhere->anchor_count++;
    return NULL;
}

static const struct error *read_profile(struct file *file, struct iam_anywhere *anywhere)
{
    struct iam_profile *profile = &anywhere->profiles[anywhere->profile_count];
    const struct auth_policy *policy;
    profile->seconds = SECONDS_DEFAULT;
    const struct error *error =
        read_object(file, profile_members, COUNT_OF(profile_members), profile);
    if (error != NULL)
        return error;
    if (profile->arn.size == 0 || profile->role_arn_count == 0)
        return error_make(file->arena, ERROR_VALIDATION,
                          "a profile has no \"profileArn\" or no \"roleArns\"");
    if (slice_present(profile->session_policy))
        error =
            auth_policy_read(file->arena, AUTH_POLICY_MANAGED, profile->session_policy, &policy);
    if (error != NULL && error->kind == ERROR_MALFORMED_POLICY_DOCUMENT)
        return error_make(file->arena, ERROR_VALIDATION, "the session policy of %.*s: %.*s",
                          SLICE_PRINT(profile->arn), SLICE_PRINT(error->message));
    if (error == NULL)
        anywhere->profile_count++;
    return error;
}

static const struct error *read_list(struct file *file, const char *name,
                                     const struct error *(*read)(struct file *file,
                                                                 struct iam_anywhere *anywhere),
                                     struct iam_anywhere *anywhere)
{
    const struct error *error = NULL;
    if (json_peek(&file->json) != JSON_ARRAY)
        return wrong(file, name, "no list");
    json_enter_array(&file->json);
    for (size_t count = 0; error == NULL && json_next_element(&file->json); count++) {
        if (count == ENTRIES_MAX)
            return wrong(file, name, "too long");
        if (json_peek(&file->json) != JSON_OBJECT)
            return wrong(file, name, "no list of objects");
        error = read(file, anywhere);
    }
    return error;
}

static const struct error *read_all(struct file *file, struct slice json,
                                    struct iam_anywhere *anywhere)
{
    struct slice name;
    const struct error *error = NULL;
    json_reader_init(&file->json, json, file->arena);
    if (!json_check(json, DEPTH_MAX) || json_peek(&file->json) != JSON_OBJECT)
        return error_make(file->arena, ERROR_VALIDATION, "it is no JSON object");
    json_enter_object(&file->json);
    while (error == NULL && json_next_member(&file->json, &name)) {
        /* Once each: a second list would begin behind the first one. */
        if (slice_equal(name, SLICE("trustAnchors")) && anywhere->anchor_count == 0)
            error = read_list(file, "trustAnchors", read_anchor, anywhere);
        else if (slice_equal(name, SLICE("profiles")) && anywhere->profile_count == 0)
            error = read_list(file, "profiles", read_profile, anywhere);
        else
            error = error_make(file->arena, ERROR_VALIDATION,
                               "\"%.*s\" is neither \"trustAnchors\" nor \"profiles\", or there "
                               "twice",
                               SLICE_PRINT(name));
    }
    return error == NULL && file->json.failed ? error_exhausted() : error;
}

const struct error *iam_anywhere_open(struct arena *arena, struct slice json,
                                      iam_read_file *read_file, void *context,
                                      struct iam_anywhere **ret_anywhere)
{
    struct file file = {.arena = arena, .read_file = read_file, .context = context};
    struct iam_anywhere *anywhere = ARENA_NEW(arena, struct iam_anywhere);
    if (anywhere == NULL)
        return error_exhausted();
    const struct error *error = read_all(&file, json, anywhere);
    if (error == NULL)
        *ret_anywhere = anywhere;
    return error;
}

const struct iam_anchor *iam_anywhere_anchor(const struct iam_anywhere *anywhere, struct slice arn)
{
    for (size_t i = 0; anywhere != NULL && i < anywhere->anchor_count; i++) {
        if (slice_equal(anywhere->anchors[i].arn, arn))
            return &anywhere->anchors[i];
    }
    return NULL;
}

const struct iam_profile *iam_anywhere_profile(const struct iam_anywhere *anywhere,
                                               struct slice arn)
{
    for (size_t i = 0; anywhere != NULL && i < anywhere->profile_count; i++) {
        if (slice_equal(anywhere->profiles[i].arn, arn))
            return &anywhere->profiles[i];
    }
    return NULL;
}
