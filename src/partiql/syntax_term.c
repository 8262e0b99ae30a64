/* Literals, names, paths, calls, collections. */

#include "partiql/syntax_reader.h"

static struct syntax *read_literal(struct syntax_reader *reader, enum syntax_kind kind)
{
    const struct token *token = reader->at++;
    struct syntax *node = syntax_new(reader, kind, token);
    if (node == NULL)
        return NULL;
    node->value = kind == SYNTAX_NUMBER ? token->text : token->value;
    node->quoted = token->kind == TOKEN_QUOTED_NAME;
    if (kind == SYNTAX_PARAMETER)
        node->position = reader->parameters++;
    return node;
}

bool syntax_read_list(struct syntax_reader *reader, struct syntax *node, enum token_kind close)
{
    do {
        if (syntax_add(reader, node, syntax_read_any(reader)) == NULL)
            return false;
    } while (syntax_take(reader, TOKEN_COMMA));
    if (syntax_take(reader, close))
        return true;
    const char *expected = close == TOKEN_CLOSE           ? "Expected RIGHT_PAREN"
                           : close == TOKEN_CLOSE_BRACKET ? "Expected RIGHT_BRACKET"
                                                          : "Expected RIGHT_DOUBLE_ANGLE_BRACKET";
    syntax_fail(reader, expected);
    return false;
}

static struct syntax *read_collection(struct syntax_reader *reader, enum syntax_kind kind,
                                      enum token_kind close)
{
    struct syntax *node = syntax_new(reader, kind, reader->at++);
    if (node == NULL || syntax_take(reader, close))
        return node;
    return syntax_read_list(reader, node, close) ? node : NULL;
}

static struct syntax *read_struct(struct syntax_reader *reader)
{
    struct syntax *node = syntax_new(reader, SYNTAX_STRUCT, reader->at++);
    if (node == NULL || syntax_take(reader, TOKEN_CLOSE_BRACE))
        return node;
    do {
        if (syntax_add(reader, node, syntax_read_any(reader)) == NULL)
            return NULL;
        if (!syntax_take(reader, TOKEN_COLON))
            return syntax_fail(reader, "Expected COLON");
        if (syntax_add(reader, node, syntax_read_any(reader)) == NULL)
            return NULL;
    } while (syntax_take(reader, TOKEN_COMMA));
    return syntax_take(reader, TOKEN_CLOSE_BRACE) ? node
                                                  : syntax_fail(reader, "Expected RIGHT_CURLY");
}

/* (a) groups, (a, b) is a list. */
static struct syntax *read_group(struct syntax_reader *reader)
{
    const struct token *open = reader->at++;
    if (reader->at->kind == TOKEN_CLOSE)
        return syntax_fail(reader, "Expression group cannot be empty");
    struct syntax *list = syntax_new(reader, SYNTAX_LIST, open);
    if (list == NULL || !syntax_read_list(reader, list, TOKEN_CLOSE))
        return NULL;
    if (list->count > 1)
        return list;
    list->first->grouped = true;
    return list->first;
}

static struct syntax *read_call(struct syntax_reader *reader)
{
    const struct token *name = reader->at;
    reader->at += 2;
    struct syntax *node = syntax_new(reader, SYNTAX_CALL, name);
    if (node == NULL)
        return NULL;
    node->value = name->value;
    node->word = name->word;
    if (syntax_take(reader, TOKEN_CLOSE))
        return node;
    if (name->word == WORD_COUNT && reader->at->word == WORD_STAR) {
        reader->at++;
        return syntax_take(reader, TOKEN_CLOSE) ? node
                                                : syntax_fail(reader, "Expected RIGHT_PAREN");
    }
    return syntax_read_list(reader, node, TOKEN_CLOSE) ? node : NULL;
}

/* Reserved words that name functions. */
static bool names_function(enum word word)
{
    switch (word) {
    case WORD_EXISTS:
    case WORD_COUNT:
    case WORD_AVG:
    case WORD_MAX:
    case WORD_MIN:
    case WORD_SUM:
    case WORD_CHAR_LENGTH:
    case WORD_CHARACTER_LENGTH:
    case WORD_OCTET_LENGTH:
    case WORD_BIT_LENGTH:
    case WORD_UPPER:
    case WORD_LOWER:
    case WORD_SIZE:
    case WORD_NULLIF:
    case WORD_COALESCE:
    case WORD_SUBSTRING:
    case WORD_SEXP:
    case WORD_LIST:
    case WORD_BAG:
        return true;
    default:
        return false;
    }
}

static struct syntax *read_word(struct syntax_reader *reader)
{
    switch (reader->at->word) {
    case WORD_SELECT:
        return syntax_read_select(reader);
    case WORD_INSERT_INTO:
        return syntax_read_insert(reader);
    case WORD_UPDATE:
        return syntax_read_update(reader);
    case WORD_DELETE:
        return syntax_read_delete(reader);
    case WORD_FROM:
        return syntax_read_from(reader);
    case WORD_SET:
    case WORD_REMOVE:
        return syntax_read_bare_actions(reader);
    default:
        if (names_function(reader->at->word) && reader->at[1].kind == TOKEN_OPEN)
            return read_call(reader);
        return syntax_fail(reader, "Unexpected keyword");
    }
}

static struct syntax *read_term(struct syntax_reader *reader)
{
    switch (reader->at->kind) {
    case TOKEN_STRING:
        return read_literal(reader, SYNTAX_STRING);
    case TOKEN_NUMBER:
        return read_literal(reader, SYNTAX_NUMBER);
    case TOKEN_TRUE:
        return read_literal(reader, SYNTAX_TRUE);
    case TOKEN_FALSE:
        return read_literal(reader, SYNTAX_FALSE);
    case TOKEN_NULL:
        return read_literal(reader, SYNTAX_NULL);
    case TOKEN_MISSING:
        return read_literal(reader, SYNTAX_MISSING);
    case TOKEN_PARAMETER:
        return read_literal(reader, SYNTAX_PARAMETER);
    case TOKEN_NAME:
    case TOKEN_QUOTED_NAME:
        if (reader->at[1].kind == TOKEN_OPEN)
            return read_call(reader);
        return read_literal(reader, SYNTAX_NAME);
    case TOKEN_OPEN:
        return read_group(reader);
    case TOKEN_OPEN_BRACKET:
        return read_collection(reader, SYNTAX_LIST, TOKEN_CLOSE_BRACKET);
    case TOKEN_OPEN_BAG:
        return read_collection(reader, SYNTAX_BAG, TOKEN_CLOSE_BAG);
    case TOKEN_OPEN_BRACE:
        return read_struct(reader);
    case TOKEN_WORD:
        return read_word(reader);
    case TOKEN_OPERATOR:
        return syntax_fail(reader, "Unexpected operator");
    default:
        return syntax_fail(reader, "Unexpected term");
    }
}

/* --- paths --- */

static struct syntax *read_dot_step(struct syntax_reader *reader)
{
    if (reader->at->kind == TOKEN_NAME || reader->at->kind == TOKEN_QUOTED_NAME)
        return read_literal(reader, SYNTAX_NAME);
    if (reader->at->word == WORD_STAR)
        return read_literal(reader, SYNTAX_STAR);
    return syntax_fail(reader, "Invalid path dot component");
}

static struct syntax *read_bracket_step(struct syntax_reader *reader)
{
    const struct token *open = reader->at - 1;
    struct syntax *inner;
    if (reader->at->word == WORD_STAR)
        inner = read_literal(reader, SYNTAX_STAR);
    else
        inner = syntax_read_any(reader);
    if (inner == NULL)
        return NULL;
    if (!syntax_take(reader, TOKEN_CLOSE_BRACKET))
        return syntax_fail(reader, "Expected RIGHT_BRACKET");
    return syntax_add(reader, syntax_new(reader, SYNTAX_INDEX, open), inner);
}

static struct syntax *read_steps(struct syntax_reader *reader, struct syntax *root)
{
    struct syntax *path = NULL;
    for (;;) {
        bool dot = root != NULL && syntax_take(reader, TOKEN_DOT);
        if (!dot && (root == NULL || !syntax_take(reader, TOKEN_OPEN_BRACKET)))
            break;
        if (path == NULL)
            path = syntax_add(reader, syntax_new(reader, SYNTAX_PATH, root->token), root);
        if (syntax_add(reader, path, dot ? read_dot_step(reader) : read_bracket_step(reader)) ==
            NULL)
            return NULL;
    }
    return path != NULL ? path : root;
}

struct syntax *syntax_read_path(struct syntax_reader *reader)
{
    return read_steps(reader, read_term(reader));
}

struct syntax *syntax_read_simple_path(struct syntax_reader *reader)
{
    if (reader->at->kind != TOKEN_NAME && reader->at->kind != TOKEN_QUOTED_NAME)
        return syntax_fail(reader, "Expected identifier for simple path");
    return read_steps(reader, read_literal(reader, SYNTAX_NAME));
}
