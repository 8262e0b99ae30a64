#include "auth/pattern.h"

/* Gathers the pieces of a pattern, for which there is room. */
struct builder {
    struct auth_piece *pieces;
    size_t count;
    uint8_t *text; /* where the next byte of text goes */
    bool has_variables;
};

static void add_text(struct builder *builder, struct slice text)
{
    if (text.size == 0)
        return;
    memcpy(builder->text, text.data, text.size);
    struct auth_piece *last = builder->count > 0 ? &builder->pieces[builder->count - 1] : NULL;
    if (last != NULL && last->kind == AUTH_PIECE_TEXT)
        last->text.size += text.size;
    else
        builder->pieces[builder->count++] =
            (struct auth_piece){AUTH_PIECE_TEXT, slice_of(builder->text, text.size), SLICE_ABSENT};
    builder->text += text.size;
}

/* A copy that belongs to no piece of text. */
static struct slice keep(struct builder *builder, struct slice text)
{
    if (!slice_present(text))
        return SLICE_ABSENT;
    uint8_t *at = builder->text;
    memcpy(at, text.data, text.size);
    builder->text += text.size;
    return slice_of(at, text.size);
}

static void add_wildcard(struct builder *builder, enum auth_piece_kind kind)
{
    if (kind == AUTH_PIECE_ANY && builder->count > 0 &&
        builder->pieces[builder->count - 1].kind == AUTH_PIECE_ANY)
        return;
    builder->pieces[builder->count++] = (struct auth_piece){.kind = kind};
}

static struct slice trim(struct slice text)
{
    while (text.size > 0 && text.data[0] == ' ')
        text = slice_after(text, 1);
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* inside is what stands between ${ and }. */
static void add_variable(struct builder *builder, struct slice inside)
{
    if (inside.size == 1 && memchr("*?$", inside.data[0], 3) != NULL) {
        add_text(builder, inside);
        return;
    }
    struct slice key = inside;
    struct slice fallback = SLICE_ABSENT;
    const uint8_t *comma = inside.size > 0 ? memchr(inside.data, ',', inside.size) : NULL;
    if (comma != NULL) {
        size_t at = (size_t)(comma - inside.data);
        struct slice quoted = trim(slice_after(inside, at + 1));
        if (quoted.size >= 2 && quoted.data[0] == '\'' && quoted.data[quoted.size - 1] == '\'') {
            key.size = at;
            fallback = slice_of(quoted.data + 1, quoted.size - 2);
        }
    }
    builder->has_variables = true;
    struct auth_piece piece = {
        .kind = AUTH_PIECE_VARIABLE,
        .text = keep(builder, trim(key)),
        .fallback = keep(builder, fallback),
    };
    builder->pieces[builder->count++] = piece;
}

/* How many bytes of source from `at` on are one variable; 0: none begins there. */
static size_t variable_size(struct slice source, size_t at)
{
    if (source.size - at < 3 || source.data[at] != '$' || source.data[at + 1] != '{')
        return 0;
    const uint8_t *end = memchr(source.data + at + 2, '}', source.size - at - 2);
    return end == NULL ? 0 : (size_t)(end - (source.data + at)) + 1;
}

bool auth_pattern_is_bounded(struct slice source)
{
    bool is_between = false; /* has there been a * ? */
    size_t ones = 0;
    for (size_t i = 0; i < source.size; i++) {
        ones += source.data[i] == '?';
        if (source.data[i] != '*')
            continue;
        if (is_between && ones > AUTH_PATTERN_ONES_MAX)
            return false;
        is_between = true;
        ones = 0;
    }
    return true;
}

/* At most: what is special, and a text before, between and behind. */
static size_t piece_count_max(struct slice source)
{
    size_t specials = 0;
    for (size_t i = 0; i < source.size; i++)
        specials += memchr("*?$", source.data[i], 3) != NULL;
    return 2 * specials + 1;
}

static bool builder_init(struct builder *builder, struct arena *arena, size_t piece_count,
                         size_t text_size)
{
    *builder = (struct builder){
        .pieces = ARENA_NEW_ARRAY(arena, struct auth_piece, piece_count),
        .text = arena_alloc_bytes(arena, text_size),
    };
    return builder->pieces != NULL && builder->text != NULL;
}

const struct error *auth_pattern_read(struct arena *arena, struct slice source, unsigned features,
                                      struct auth_pattern *ret_pattern)
{
    struct builder builder;
    if (!builder_init(&builder, arena, piece_count_max(source), source.size))
        return error_exhausted();
    bool closed = true; /* is there a } behind? Asked once, so that ${${${ stays linear */
    for (size_t i = 0; i < source.size;) {
        uint8_t byte = source.data[i];
        size_t size = 0;
        if (byte == '$' && closed && (features & AUTH_PATTERN_VARIABLES) != 0) {
            size = variable_size(source, i);
            closed = size > 0 || i + 1 >= source.size || source.data[i + 1] != '{';
        }
        if (size > 0)
            add_variable(&builder, slice_of(source.data + i + 2, size - 3));
        else if ((byte == '*' || byte == '?') && (features & AUTH_PATTERN_WILDCARDS) != 0)
            add_wildcard(&builder, byte == '*' ? AUTH_PIECE_ANY : AUTH_PIECE_ONE);
        else
            add_text(&builder, slice_of(&source.data[i], 1));
        i += size > 0 ? size : 1;
    }
    *ret_pattern = (struct auth_pattern){builder.pieces, builder.count, builder.has_variables};
    return NULL;
}

/* The value of a variable, or its fallback, or an absent slice. */
static const struct error *value_of(const struct auth_piece *piece, auth_variable *variable,
                                    void *context, struct slice *ret_value)
{
    struct slice value = SLICE_ABSENT;
    const struct error *error = variable(context, piece->text, &value);
    if (error != NULL)
        return error;
    *ret_value = slice_present(value) ? value : piece->fallback;
    return NULL;
}

const struct error *auth_pattern_fill(const struct auth_pattern *pattern, struct arena *arena,
                                      auth_variable *variable, void *context,
                                      struct auth_pattern *ret_filled, bool *ret_is_known)
{
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, pattern->count);
    if (values == NULL)
        return error_exhausted();
    size_t text_size = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        values[i] = pattern->pieces[i].text;
        if (pattern->pieces[i].kind == AUTH_PIECE_VARIABLE) {
            const struct error *error =
                value_of(&pattern->pieces[i], variable, context, &values[i]);
            if (error != NULL)
                return error;
            if (!slice_present(values[i])) {
                *ret_is_known = false;
                return NULL;
            }
        }
        text_size += values[i].size;
    }
    struct builder builder;
    if (!builder_init(&builder, arena, pattern->count, text_size))
        return error_exhausted();
    for (size_t i = 0; i < pattern->count; i++) {
        enum auth_piece_kind kind = pattern->pieces[i].kind;
        if (kind == AUTH_PIECE_ONE || kind == AUTH_PIECE_ANY)
            add_wildcard(&builder, kind);
        else
            add_text(&builder, values[i]);
    }
    *ret_filled = (struct auth_pattern){builder.pieces, builder.count, false};
    *ret_is_known = true;
    return NULL;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The size of the UTF-8 character that text, which is not empty, begins with. Whatever is no UTF-8
 * counts as characters all the same. */
static size_t character_size(struct slice text)
{
    size_t size = 1;
    while (size < text.size && size < 4 && is_continuation(text.data[size]))
        size++;
    return size;
}

/* Takes pieces, none of which is *, from the front of text. */
static bool take_front(const struct auth_piece *pieces, size_t count, struct slice *text)
{
    struct slice rest = *text;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].kind == AUTH_PIECE_TEXT ? !slice_starts_with(rest, pieces[i].text)
                                              : rest.size == 0)
            return false;
        rest = slice_after(rest, pieces[i].kind == AUTH_PIECE_TEXT ? pieces[i].text.size
                                                                   : character_size(rest));
    }
    *text = rest;
    return true;
}

/* The same from the back. */
static bool take_back(const struct auth_piece *pieces, size_t count, struct slice *text)
{
    struct slice rest = *text;
    for (size_t i = count; i-- > 0;) {
        struct slice piece = pieces[i].text;
        if (pieces[i].kind == AUTH_PIECE_TEXT) {
            if (rest.size < piece.size ||
                memcmp(rest.data + rest.size - piece.size, piece.data, piece.size) != 0)
                return false;
            rest.size -= piece.size;
        } else {
            if (rest.size == 0)
                return false;
            size_t size = 1;
            while (size < rest.size && size < 4 && is_continuation(rest.data[rest.size - size]))
                size++;
            rest.size -= size;
        }
    }
    *text = rest;
    return true;
}

/* Finds the leftmost place where the pieces match and takes the text up to behind it. Leftmost is
 * enough: a * follows, which takes whatever another place would have left. */
static bool take_anywhere(const struct auth_piece *pieces, size_t count, struct slice *text)
{
    struct slice first = pieces[0].kind == AUTH_PIECE_TEXT ? pieces[0].text : SLICE("");
    struct slice rest = *text;
    for (;;) {
        const uint8_t *found = rest.data;
        if (first.size > 0)
            found = memmem(rest.data, rest.size, first.data, first.size);
        if (found == NULL)
            return false;
        rest = slice_after(rest, (size_t)(found - rest.data));
        *text = rest;
        if (take_front(pieces, count, text))
            return true;
        if (rest.size == 0)
            return false;
        rest = slice_after(rest, character_size(rest));
    }
}

bool auth_pattern_matches(const struct auth_pattern *pattern, struct slice text)
{
    const struct auth_piece *pieces = pattern->pieces;
    size_t count = pattern->count;
    if (!slice_present(text))
        text = SLICE("");
    size_t head = 0;
    while (head < count && pieces[head].kind != AUTH_PIECE_ANY)
        head++;
    if (!take_front(pieces, head, &text))
        return false;
    if (head == count)
        return text.size == 0;
    size_t tail = count;
    while (pieces[tail - 1].kind != AUTH_PIECE_ANY)
        tail--;
    if (!take_back(pieces + tail, count - tail, &text))
        return false;
    /* Between head and tail: * run * run ... * */
    for (size_t i = head + 1; i < tail;) {
        size_t end = i;
        while (pieces[end].kind != AUTH_PIECE_ANY)
            end++;
        if (!take_anywhere(pieces + i, end - i, &text))
            return false;
        i = end + 1;
    }
    return true;
}
