/*
 * Holds an input against the limits of its shapes: required members, lengths, ranges, patterns and
 * enums. What is wrong is gathered in the order of the members in src/model/dynamodb.model, at most
 * ten times, and told in one message; finding.c knows the words and which findings are told alone.
 *
 * Some operations on tables look at their TableName before all that: see prechecks below.
 */

#include "base/check.h"
#include "model/container.h"
#include "model/finding.h"
#include "model/pattern.h"
#include "model/shape_value.h"

enum {
    FINDINGS_MAX = 10,
    MESSAGE_BYTES_MAX = 4 * 1024 * 1024,
    ARN_LENGTH_MAX = 1024, /* service model, "TableArn" */
    /* Observed: a condition value of 62 maps within each other passes, one of 63 does not. */
    NEW_JSON_DEPTH_MAX = 127,
};

struct gathering {
    enum model_operation operation;
    enum model_validation validation;
    struct buf joined; /* the words of all findings so far */
    unsigned count;
    bool misses_member; /* a required one */
    bool exhausted;
    const struct wording *alone; /* the first of the rows that are told alone, with its words */
    struct buf alone_words;
    struct buf giving_way; /* the words of a finding that gives way to all others */
};

static void validate_shape(struct gathering *gathering, const struct place *place,
                           const struct shape *shape, const void *at);

/* ---- Findings ----------------------------------------------------------------------------------
 */

static bool is_full(const struct gathering *gathering)
{
    return gathering->count >= FINDINGS_MAX || gathering->exhausted;
}

static void report(struct gathering *gathering, const struct place *place,
                   enum constraint constraint, const struct shape *shape, const void *value)
{
    if (is_full(gathering))
        return;
    struct finding finding = {place, constraint, shape, value};
    const struct wording *wording =
        finding_wording(gathering->operation, gathering->validation, place, constraint);
    unsigned manner = wording == NULL ? 0 : wording->manner;
    struct buf *out = &gathering->joined;
    if ((manner & MANNER_ALONE) != 0) {
        if (gathering->alone != NULL && gathering->alone <= wording)
            return;
        gathering->alone = wording;
        buf_clear(&gathering->alone_words);
        out = &gathering->alone_words;
    } else if ((manner & MANNER_GIVES_WAY) != 0) {
        out = &gathering->giving_way;
        buf_clear(out);
    } else {
        if (gathering->count++ > 0)
            buf_append(out, SLICE("; "));
    }
    gathering->misses_member |= constraint == CONSTRAINT_NOT_NULL;
    if (!finding_to_text(gathering->operation, &finding, wording, out))
        gathering->exhausted = true;
}

/* ---- Single values -----------------------------------------------------------------------------
 */

/* Length as the service counts it: in UTF-16 code units. */
static int64_t text_length(struct slice text)
{
    int64_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            length++;
        if (text.data[i] >= 0xf0)
            length++;
    }
    return length;
}

static bool is_arn(struct slice text)
{
    return slice_starts_with(text, SLICE("arn:"));
}

/* The limits a string breaks, as a set of 1 << constraint. */
static unsigned broken_by_text(const struct shape *shape, struct slice text)
{
    unsigned broken = 0;
    int64_t length = text_length(text);
    if (shape->or_arn && is_arn(text))
        return length > ARN_LENGTH_MAX ? 1U << CONSTRAINT_LENGTH_MAX : 0;
    /* Where one character is enough, an empty name is only too short. */
    bool is_only_short = shape->or_arn && shape->min == 1 && length == 0;
    if (!is_only_short && !pattern_matches(shape->pattern, text))
        broken |= 1U << CONSTRAINT_PATTERN;
    if (shape->has_min && length < shape->min)
        broken |= 1U << CONSTRAINT_LENGTH_MIN;
    if (shape->has_max && length > shape->max)
        broken |= 1U << CONSTRAINT_LENGTH_MAX;
    return broken;
}

/* The limits of its own that a value of any kind breaks, not those of what is inside it. */
static unsigned broken_by(const struct shape *shape, const void *at)
{
    switch (shape->kind) {
    case SHAPE_STRING:
        return broken_by_text(shape, *(const struct slice *)at);
    case SHAPE_ENUM:
        return ((const struct model_enum *)at)->value < 0 ? 1U << CONSTRAINT_ENUM : 0;
    case SHAPE_INTEGER:
    case SHAPE_LONG: {
        int64_t value = ((const struct model_integer *)at)->value;
        if (shape->has_min && value < shape->min)
            return 1U << CONSTRAINT_VALUE_MIN;
        if (shape->has_max && value > shape->max)
            return 1U << CONSTRAINT_VALUE_MAX;
        return 0;
    }
    case SHAPE_LIST:
    case SHAPE_MAP: {
        int64_t count = (int64_t)container_load(at).count;
        if (shape->has_min && count < shape->min)
            return 1U << CONSTRAINT_LENGTH_MIN;
        if (shape->has_max && count > shape->max)
            return 1U << CONSTRAINT_LENGTH_MAX;
        return 0;
    }
    default:
        return 0;
    }
}

static void report_broken(struct gathering *gathering, const struct place *place,
                          const struct shape *shape, const void *at, unsigned broken)
{
    for (unsigned constraint = 0; broken >> constraint != 0; constraint++)
        if ((broken & 1U << constraint) != 0)
            report(gathering, place, (enum constraint)constraint, shape, at);
}

/* ---- Containers --------------------------------------------------------------------------------
 */

static bool has_inside(const struct shape *shape)
{
    return shape->kind == SHAPE_STRUCTURE || shape->kind == SHAPE_LIST || shape->kind == SHAPE_MAP;
}

static void validate_structure(struct gathering *gathering, const struct place *parent,
                               const struct shape *shape, const void *structure)
{
    for (unsigned i = 0; i < shape->member_count && !is_full(gathering); i++) {
        const struct shape_member *member = &shape->members[i];
        struct place place = {.parent = parent, .kind = PLACE_OF_MEMBER, .name = member->name};
        const void *at = shape_member_at(member, structure);
        if (at != NULL)
            validate_shape(gathering, &place, member->shape, at);
        else if (member->required)
            report(gathering, &place, CONSTRAINT_NOT_NULL, member->shape, NULL);
    }
}

static void validate_list(struct gathering *gathering, const struct place *parent,
                          const struct shape *shape, const void *at)
{
    struct container list = container_load(at);
    bool has_broken_elements = false;
    for (size_t i = 0; i < list.count && !is_full(gathering); i++) {
        const void *element = list.elements + i * shape->element->bytes;
        if (has_inside(shape->element)) {
            struct place place = {.parent = parent, .kind = PLACE_OF_ELEMENT, .index = i + 1};
            validate_shape(gathering, &place, shape->element, element);
        } else if (broken_by(shape->element, element) != 0) {
            has_broken_elements = true;
        }
    }
    if (has_broken_elements)
        report(gathering, parent, CONSTRAINT_ELEMENTS, shape, at);
}

/* A map's value breaks limits of its own: told of the map, unless there are words for the value. */
static bool report_value_itself(struct gathering *gathering, const struct place *place,
                                const struct shape *shape, const void *at, unsigned broken)
{
    for (unsigned constraint = 0; broken >> constraint != 0; constraint++) {
        if ((broken & 1U << constraint) != 0 &&
            finding_wording(gathering->operation, gathering->validation, place,
                            (enum constraint)constraint) != NULL) {
            report(gathering, place, (enum constraint)constraint, shape, at);
            return true;
        }
    }
    return false;
}

/* What is inside a value whose own limits are already dealt with. */
static void validate_inside(struct gathering *gathering, const struct place *place,
                            const struct shape *shape, const void *at);

static void validate_map(struct gathering *gathering, const struct place *parent,
                         const struct shape *shape, const void *at)
{
    struct container map = container_load(at);
    bool has_broken_keys = false;
    bool has_broken_values = false;
    for (size_t i = 0; i < map.count; i++) {
        const uint8_t *entry = map.elements + i * shape->entry_bytes;
        struct slice key = *(const struct slice *)(const void *)entry;
        const void *value = entry + shape->entry_value_offset;
        struct place place = {.parent = parent, .kind = PLACE_OF_ENTRY, .name = key};
        if (broken_by_text(shape->key, key) != 0)
            has_broken_keys = true;
        unsigned broken = broken_by(shape->element, value);
        if (broken != 0 && !report_value_itself(gathering, &place, shape->element, value, broken))
            has_broken_values = true;
    }
    if (has_broken_keys)
        report(gathering, parent, CONSTRAINT_KEYS, shape, at);
    if (has_broken_values)
        report(gathering, parent, CONSTRAINT_VALUES, shape, at);
    for (size_t i = 0; i < map.count && !is_full(gathering); i++) {
        const uint8_t *entry = map.elements + i * shape->entry_bytes;
        struct place place = {.parent = parent,
                              .kind = PLACE_OF_ENTRY,
                              .name = *(const struct slice *)(const void *)entry};
        validate_inside(gathering, &place, shape->element, entry + shape->entry_value_offset);
    }
}

static void validate_inside(struct gathering *gathering, const struct place *place,
                            const struct shape *shape, const void *at)
{
    if (shape->kind == SHAPE_STRUCTURE)
        validate_structure(gathering, place, shape, at);
    else if (shape->kind == SHAPE_LIST)
        validate_list(gathering, place, shape, at);
    else if (shape->kind == SHAPE_MAP)
        validate_map(gathering, place, shape, at);
}

static void validate_shape(struct gathering *gathering, const struct place *place,
                           const struct shape *shape, const void *at)
{
    report_broken(gathering, place, shape, at, broken_by(shape, at));
    validate_inside(gathering, place, shape, at);
}

/* ---- Checks that come first --------------------------------------------------------------------
 */

typedef const struct error *precheck(struct arena *arena, struct slice table_name);

static const struct error *table_name_given(struct arena *arena, struct slice table_name)
{
    if (slice_present(table_name))
        return NULL;
    return error_make(arena, ERROR_VALIDATION, "%s",
                      "The parameter 'TableName' is required but was not present in the request");
}

static const struct error *table_name_length(struct arena *arena, struct slice table_name)
{
    int64_t length = text_length(table_name);
    if (is_arn(table_name) || (length >= 3 && length <= 255))
        return NULL;
    return error_make(
        arena, ERROR_VALIDATION, "%s",
        "TableName must be at least 3 characters long and at most 255 characters long");
}

/* In the order of checking. Observed; CreateTable leaves the length to the table of limits. */
static const struct {
    enum model_operation operation;
    precheck *check;
} prechecks[] = {
    {MODEL_OPERATION_CREATE_TABLE, table_name_given},
    {MODEL_OPERATION_DELETE_TABLE, table_name_given},
    {MODEL_OPERATION_DELETE_TABLE, table_name_length},
    {MODEL_OPERATION_DESCRIBE_TABLE, table_name_given},
    {MODEL_OPERATION_DESCRIBE_TABLE, table_name_length},
    {MODEL_OPERATION_DESCRIBE_TIME_TO_LIVE, table_name_given},
    {MODEL_OPERATION_DESCRIBE_TIME_TO_LIVE, table_name_length},
    {MODEL_OPERATION_UPDATE_TABLE, table_name_given},
    {MODEL_OPERATION_UPDATE_TABLE, table_name_length},
};

static struct slice table_name_of(const struct shape *shape, const void *input)
{
    for (unsigned i = 0; i < shape->member_count; i++)
        if (slice_equal(shape->members[i].name, SLICE("TableName")))
            return *(const struct slice *)(const void *)((const uint8_t *)input +
                                                         shape->members[i].offset);
    CHECK(!"an input without a TableName");
    return SLICE_ABSENT;
}

static const struct error *run_prechecks(struct arena *arena, enum model_operation operation,
                                         const void *input)
{
    for (size_t i = 0; i < COUNT_OF(prechecks); i++) {
        if (prechecks[i].operation != operation)
            continue;
        struct slice table_name = table_name_of(operation_rows[operation].input, input);
        const struct error *error = prechecks[i].check(arena, table_name);
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static const struct error *message_of(struct arena *arena, const struct gathering *gathering)
{
    if (gathering->exhausted)
        return error_exhausted();
    struct slice words = buf_slice(&gathering->joined);
    unsigned count = gathering->count;
    if (gathering->alone != NULL)
        words = buf_slice(&gathering->alone_words);
    else if (count == 0)
        words = buf_slice(&gathering->giving_way);
    if (gathering->alone != NULL || count == 0)
        count = 1;
    if (words.size == 0)
        return NULL;
    struct buf message;
    buf_init(&message, arena, MESSAGE_BYTES_MAX);
    bool is_counted =
        gathering->alone == NULL || (gathering->alone->manner & MANNER_UNCOUNTED) == 0;
    if (is_counted)
        buf_append_format(&message, "%u validation error%s detected: ", count,
                          count == 1 ? "" : "s");
    buf_append(&message, words);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(arena, ERROR_VALIDATION, buf_slice(&message));
}

static const struct error *gather(struct arena *arena, enum model_operation operation,
                                  enum model_validation validation, const void *input,
                                  bool *ret_misses_member)
{
    struct gathering gathering = {.operation = operation, .validation = validation};
    buf_init(&gathering.joined, NULL, MESSAGE_BYTES_MAX);
    buf_init(&gathering.alone_words, NULL, MESSAGE_BYTES_MAX);
    buf_init(&gathering.giving_way, NULL, MESSAGE_BYTES_MAX);
    validate_structure(&gathering, NULL, operation_rows[operation].input, input);
    const struct error *error = message_of(arena, &gathering);
    buf_fini(&gathering.joined);
    buf_fini(&gathering.alone_words);
    buf_fini(&gathering.giving_way);
    *ret_misses_member = gathering.misses_member;
    return error;
}

enum model_validation model_validation_of_request(enum model_operation operation,
                                                  enum model_validation configured,
                                                  unsigned json_depth)
{
    if (model_operation_service(operation) == MODEL_SERVICE_V2011_DYNAMODB)
        return MODEL_VALIDATION_CLASSIC;
    if (json_depth <= NEW_JSON_DEPTH_MAX)
        return configured;
    switch (operation) {
    case MODEL_OPERATION_PUT_ITEM:
    case MODEL_OPERATION_UPDATE_ITEM:
    case MODEL_OPERATION_DELETE_ITEM:
    case MODEL_OPERATION_GET_ITEM:
        return MODEL_VALIDATION_CLASSIC;
    default:
        return configured;
    }
}

const struct error *model_validate_input(struct arena *arena, enum model_operation operation,
                                         enum model_validation validation, const void *input)
{
    CHECK(operation > MODEL_OPERATION_NONE && operation < MODEL_OPERATION_ALL_COUNT);
    const struct error *error = run_prechecks(arena, operation, input);
    if (error != NULL)
        return error;
    bool misses_member;
    error = gather(arena, operation, validation, input, &misses_member);
    /* Where a required member is missing, all is told in the classic way. */
    if (misses_member && validation != MODEL_VALIDATION_CLASSIC)
        error = gather(arena, operation, MODEL_VALIDATION_CLASSIC, input, &misses_member);
    return error;
}
