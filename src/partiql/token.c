#include "partiql/token.h"

#include <stdlib.h>

#include "base/buf.h"
#include "partiql/problem.h"

struct reader {
    struct arena *arena;
    const uint8_t *at;
    const uint8_t *end;
    struct token *tokens;
    size_t count;
};

/* --- characters --- */

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool begins_name(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return (letter >= 'a' && letter <= 'z') || byte == '_' || byte == '$';
}

static uint8_t peek(const struct reader *reader, size_t distance)
{
    return (size_t)(reader->end - reader->at) > distance ? reader->at[distance] : 0;
}

/* --- words --- */

static const struct keyword {
    const char *text;
    enum word word;
} keywords[] = {
#define KEYWORD(id, text) {text, WORD_##id},
#include "partiql/keywords.def"
#undef KEYWORD
};

enum { KEYWORD_BYTES_MAX = 32 };

static int compare_keyword(const void *text, const void *keyword)
{
    return strcmp((const char *)text, ((const struct keyword *)keyword)->text);
}

static enum word word_of(struct slice text)
{
    char lower[KEYWORD_BYTES_MAX];
    if (text.size >= sizeof(lower))
        return WORD_NONE;
    for (size_t i = 0; i < text.size; i++) {
        bool upper = text.data[i] >= 'A' && text.data[i] <= 'Z';
        lower[i] = (char)(upper ? text.data[i] | 0x20 : text.data[i]);
    }
    lower[text.size] = '\0';
    const struct keyword *keyword =
        bsearch(lower, keywords, COUNT_OF(keywords), sizeof(keywords[0]), compare_keyword);
    return keyword == NULL ? WORD_NONE : keyword->word;
}

static enum token_kind kind_of_word(enum word word)
{
    switch (word) {
    case WORD_NONE:
        return TOKEN_NAME;
    case WORD_TRUE:
        return TOKEN_TRUE;
    case WORD_FALSE:
        return TOKEN_FALSE;
    case WORD_NULL:
        return TOKEN_NULL;
    case WORD_MISSING:
        return TOKEN_MISSING;
    case WORD_AND:
    case WORD_OR:
    case WORD_NOT:
    case WORD_IN:
    case WORD_IS:
    case WORD_BETWEEN:
    case WORD_LIKE:
    case WORD_UNION:
    case WORD_EXCEPT:
    case WORD_INTERSECT:
        return TOKEN_OPERATOR;
    default:
        return TOKEN_WORD;
    }
}

static const struct pair {
    enum word first, second, joined;
    enum token_kind kind;
} pairs[] = {
    {WORD_NOT, WORD_IN, WORD_NOT_IN, TOKEN_OPERATOR},
    {WORD_IS, WORD_NOT, WORD_IS_NOT, TOKEN_OPERATOR},
    {WORD_NOT, WORD_BETWEEN, WORD_NOT_BETWEEN, TOKEN_OPERATOR},
    {WORD_NOT, WORD_LIKE, WORD_NOT_LIKE, TOKEN_OPERATOR},
    {WORD_INSERT, WORD_INTO, WORD_INSERT_INTO, TOKEN_WORD},
    {WORD_ALL, WORD_OLD, WORD_ALL_OLD, TOKEN_WORD},
    {WORD_ALL, WORD_NEW, WORD_ALL_NEW, TOKEN_WORD},
    {WORD_MODIFIED, WORD_OLD, WORD_MODIFIED_OLD, TOKEN_WORD},
    {WORD_MODIFIED, WORD_NEW, WORD_MODIFIED_NEW, TOKEN_WORD},
    {WORD_DOUBLE, WORD_PRECISION, WORD_DOUBLE_PRECISION, TOKEN_WORD},
    {WORD_CHARACTER, WORD_VARYING, WORD_CHARACTER_VARYING, TOKEN_WORD},
};

/* Makes one token of the last two when they belong together. */
static void join_words(struct reader *reader)
{
    if (reader->count < 2)
        return;
    struct token *first = &reader->tokens[reader->count - 2];
    const struct token *second = &first[1];
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (pairs[i].first != first->word || pairs[i].second != second->word)
            continue;
        first->kind = pairs[i].kind;
        first->word = pairs[i].joined;
        first->text.size = (size_t)(second->text.data + second->text.size - first->text.data);
        reader->count--;
        return;
    }
}

/* --- tokens --- */

static struct token *add(struct reader *reader, enum token_kind kind, size_t size)
{
    struct token *token = &reader->tokens[reader->count++];
    token->kind = kind;
    token->text = slice_of(reader->at, size);
    reader->at += size;
    return token;
}

static void read_word(struct reader *reader)
{
    size_t size = 1;
    while (begins_name(peek(reader, size)) || is_digit(peek(reader, size)))
        size++;
    enum word word = word_of(slice_of(reader->at, size));
    struct token *token = add(reader, kind_of_word(word), size);
    token->word = word;
    token->value = token->text;
    join_words(reader);
}

/* Between quotes, where two quotes stand for one. */
static const struct error *read_quoted(struct reader *reader, uint8_t quote, enum token_kind kind)
{
    struct buf value;
    buf_init(&value, reader->arena, SIZE_MAX);
    size_t size = 1;
    for (;; size++) {
        if (reader->at + size >= reader->end)
            return problem_not_well_formed(reader->arena, "");
        if (reader->at[size] == quote) {
            if (peek(reader, size + 1) != quote)
                break;
            size++;
        }
        buf_append_byte(&value, reader->at[size]);
    }
    if (value.failed)
        return error_exhausted();
    add(reader, kind, size + 1)->value = buf_slice(&value);
    return NULL;
}

static size_t digits_from(const struct reader *reader, size_t from)
{
    size_t size = 0;
    while (is_digit(peek(reader, from + size)))
        size++;
    return size;
}

/* The exponent, and it less the digits behind the point, fit 32 bits: else the service cannot read
 * the number (observed). */
static bool exponent_fits(struct slice digits, bool negative, size_t fraction_digits)
{
    int64_t exponent = 0;
    for (size_t i = 0; i < digits.size && exponent <= INT32_MAX; i++)
        exponent = exponent * 10 + (digits.data[i] - '0');
    if (exponent > INT32_MAX)
        return false;
    int64_t scale = (int64_t)fraction_digits + (negative ? exponent : -exponent);
    return scale >= INT32_MIN && scale <= INT32_MAX;
}

static const struct error *read_number(struct reader *reader)
{
    size_t size = digits_from(reader, 0);
    size_t fraction_digits = 0;
    if (peek(reader, size) == '.') {
        fraction_digits = digits_from(reader, size + 1);
        size += 1 + fraction_digits;
    }
    if ((peek(reader, size) | 0x20) == 'e') {
        uint8_t sign = peek(reader, size + 1);
        size_t from = size + (sign == '+' || sign == '-' ? 2 : 1);
        size_t count = digits_from(reader, from);
        if (count == 0 ||
            !exponent_fits(slice_of(reader->at + from, count), sign == '-', fraction_digits))
            return problem_not_well_formed(reader->arena, "");
        size = from + count;
    }
    if (begins_name(peek(reader, size)))
        return problem_not_well_formed(reader->arena, "");
    add(reader, TOKEN_NUMBER, size);
    return NULL;
}

static const struct sign {
    const char *text;
    enum token_kind kind;
    enum word word;
} signs[] = {
    /* two characters before one */
    {"<<", TOKEN_OPEN_BAG, WORD_NONE},
    {">>", TOKEN_CLOSE_BAG, WORD_NONE},
    {"<>", TOKEN_OPERATOR, WORD_NOT_EQUAL},
    {"!=", TOKEN_OPERATOR, WORD_NOT_EQUAL},
    {"<=", TOKEN_OPERATOR, WORD_LESS_OR_EQUAL},
    {">=", TOKEN_OPERATOR, WORD_GREATER_OR_EQUAL},
    {"||", TOKEN_OPERATOR, WORD_CONCATENATE},
    {"=", TOKEN_OPERATOR, WORD_EQUAL},
    {"<", TOKEN_OPERATOR, WORD_LESS},
    {">", TOKEN_OPERATOR, WORD_GREATER},
    {"+", TOKEN_OPERATOR, WORD_PLUS},
    {"-", TOKEN_OPERATOR, WORD_MINUS},
    {"*", TOKEN_OPERATOR, WORD_STAR},
    {"/", TOKEN_OPERATOR, WORD_SLASH},
    {"%", TOKEN_OPERATOR, WORD_PERCENT},
    {"@", TOKEN_OPERATOR, WORD_AT_SIGN},
    {"?", TOKEN_PARAMETER, WORD_NONE},
    {".", TOKEN_DOT, WORD_NONE},
    {",", TOKEN_COMMA, WORD_NONE},
    {":", TOKEN_COLON, WORD_NONE},
    {";", TOKEN_SEMICOLON, WORD_NONE},
    {"(", TOKEN_OPEN, WORD_NONE},
    {")", TOKEN_CLOSE, WORD_NONE},
    {"[", TOKEN_OPEN_BRACKET, WORD_NONE},
    {"]", TOKEN_CLOSE_BRACKET, WORD_NONE},
    {"{", TOKEN_OPEN_BRACE, WORD_NONE},
    {"}", TOKEN_CLOSE_BRACE, WORD_NONE},
};

static const struct error *read_sign(struct reader *reader)
{
    struct slice rest = slice_of(reader->at, (size_t)(reader->end - reader->at));
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        struct slice text = slice_of_cstring(signs[i].text);
        if (!slice_starts_with(rest, text))
            continue;
        add(reader, signs[i].kind, text.size)->word = signs[i].word;
        return NULL;
    }
    return problem_not_well_formed(reader->arena, "");
}

static const struct error *read_token(struct reader *reader)
{
    uint8_t byte = *reader->at;
    if (byte == '\'')
        return read_quoted(reader, byte, TOKEN_STRING);
    if (byte == '"')
        return read_quoted(reader, byte, TOKEN_QUOTED_NAME);
    if (is_digit(byte) || (byte == '.' && is_digit(peek(reader, 1))))
        return read_number(reader);
    if (!begins_name(byte))
        return read_sign(reader);
    read_word(reader);
    return NULL;
}

/* false: a comment that does not end. */
static bool skip_space(struct reader *reader)
{
    for (;;) {
        while (reader->at < reader->end && is_space(*reader->at))
            reader->at++;
        if (peek(reader, 0) == '-' && peek(reader, 1) == '-') {
            while (reader->at < reader->end && *reader->at != '\n' && *reader->at != '\r')
                reader->at++;
            continue;
        }
        if (peek(reader, 0) != '/' || peek(reader, 1) != '*')
            return true;
        reader->at += 2;
        while (peek(reader, 0) != '*' || peek(reader, 1) != '/')
            if (++reader->at >= reader->end)
                return false;
        reader->at += 2;
    }
}

const struct error *statement_tokens_read(struct arena *arena, struct slice statement,
                                          const struct token **ret_tokens)
{
    struct reader reader = {
        .arena = arena,
        .at = statement.data,
        .end = statement.data + statement.size,
        .tokens = ARENA_NEW_ARRAY(arena, struct token, statement.size + 1),
    };
    if (reader.tokens == NULL)
        return error_exhausted();
    for (;;) {
        if (!skip_space(&reader))
            return problem_not_well_formed(arena, "");
        if (reader.at == reader.end)
            break;
        const struct error *error = read_token(&reader);
        if (error != NULL)
            return error;
    }
    add(&reader, TOKEN_END, 0);
    *ret_tokens = reader.tokens;
    return NULL;
}
