#include "auth/arn.h"

enum { FIELDS = AUTH_ARN_PARTS + 1 }; /* "arn" comes first */

/* The next colon that stands in no variable. */
static size_t find_colon(struct slice text, bool has_variables)
{
    bool inside = false;
    if (!has_variables) {
        const uint8_t *colon = text.size == 0 ? NULL : memchr(text.data, ':', text.size);
        return colon == NULL ? text.size : (size_t)(colon - text.data);
    }
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '$' && i + 1 < text.size && text.data[i + 1] == '{')
            inside = true;
        else if (byte == '}')
            inside = false;
        else if (byte == ':' && !inside)
            return i;
    }
    return text.size;
}

/* How many fields there are, the last of which takes all the rest. */
static size_t split(struct slice text, bool has_variables, struct slice fields[FIELDS])
{
    size_t count = 0;
    while (count < FIELDS - 1) {
        size_t end = find_colon(text, has_variables);
        fields[count++] = slice_of(text.data, end);
        if (end == text.size)
            return count;
        text = slice_after(text, end + 1);
    }
    fields[count++] = text;
    return count;
}

bool auth_arn_read(struct slice text, struct auth_arn *ret_arn)
{
    struct slice fields[FIELDS];
    if (split(text, false, fields) != FIELDS || !slice_equal(fields[0], SLICE("arn")))
        return false;
    memcpy(ret_arn->parts, fields + 1, sizeof(ret_arn->parts));
    return true;
}

const struct error *auth_arn_pattern_read(struct arena *arena, struct slice source,
                                          bool is_short_good, unsigned features,
                                          struct auth_arn_pattern *ret_pattern)
{
    struct slice fields[FIELDS];
    size_t count = split(source, (features & AUTH_PATTERN_VARIABLES) != 0, fields);
    *ret_pattern = (struct auth_arn_pattern){0};
    if (!slice_equal(fields[0], SLICE("arn")) || (count < FIELDS && !is_short_good))
        return NULL;
    for (size_t i = 1; i < FIELDS; i++) {
        const struct error *error = auth_pattern_read(arena, i < count ? fields[i] : SLICE("*"),
                                                      features, &ret_pattern->parts[i - 1]);
        if (error != NULL)
            return error;
        ret_pattern->has_variables |= ret_pattern->parts[i - 1].has_variables;
    }
    ret_pattern->is_arn = true;
    return NULL;
}

const struct error *auth_arn_pattern_fill(const struct auth_arn_pattern *pattern,
                                          struct arena *arena, auth_variable *variable,
                                          void *context, struct auth_arn_pattern *ret_filled,
                                          bool *ret_is_known)
{
    struct auth_arn_pattern filled = {.is_arn = pattern->is_arn};
    bool is_known = true;
    for (size_t i = 0; i < AUTH_ARN_PARTS && is_known; i++) {
        const struct error *error = auth_pattern_fill(&pattern->parts[i], arena, variable, context,
                                                      &filled.parts[i], &is_known);
        if (error != NULL)
            return error;
    }
    *ret_filled = filled;
    *ret_is_known = is_known;
    return NULL;
}

bool auth_arn_pattern_matches(const struct auth_arn_pattern *pattern, const struct auth_arn *arn)
{
    if (!pattern->is_arn)
        return false;
    for (size_t i = AUTH_ARN_PARTS; i-- > 0;) { /* from the back: there they differ most */
        if (!auth_pattern_matches(&pattern->parts[i], arn->parts[i]))
            return false;
    }
    return true;
}
