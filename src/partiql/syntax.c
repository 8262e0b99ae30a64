#include "partiql/syntax.h"

#include "partiql/problem.h"
#include "partiql/syntax_reader.h"

/* --- what all parts need --- */

struct syntax *syntax_fail(struct syntax_reader *reader, const char *detail)
{
    if (reader->error == NULL)
        reader->error = problem_not_well_formed(reader->arena, detail);
    return NULL;
}

struct syntax *syntax_new(struct syntax_reader *reader, enum syntax_kind kind,
                          const struct token *token)
{
    struct syntax *node = ARENA_NEW(reader->arena, struct syntax);
    if (node == NULL) {
        reader->error = reader->error == NULL ? error_exhausted() : reader->error;
        return NULL;
    }
    node->kind = kind;
    node->token = token;
    return node;
}

struct syntax *syntax_add(struct syntax_reader *reader, struct syntax *node, struct syntax *part)
{
    if (node == NULL || part == NULL)
        return NULL;
    if (part->depth >= SYNTAX_DEPTH_MAX)
        return syntax_fail(reader, "");
    if (node->last == NULL)
        node->first = part;
    else
        node->last->next = part;
    node->last = part;
    node->count++;
    if (node->depth <= part->depth)
        node->depth = part->depth + 1;
    return node;
}

/* --- precedence --- */

enum {
    PRECEDENCE_ANY = -1,
    PRECEDENCE_SET = 5,
    PRECEDENCE_OR = 10,
    PRECEDENCE_AND = 20,
    PRECEDENCE_NOT = 30,
    PRECEDENCE_EQUALITY = 40,
    PRECEDENCE_COMPARISON = 50,
    PRECEDENCE_ADDITION = 60,
    PRECEDENCE_MULTIPLICATION = 70,
};

/* 0: no operator between two operands. */
static int precedence_of(const struct token *token)
{
    if (token->kind != TOKEN_OPERATOR)
        return 0;
    switch (token->word) {
    case WORD_UNION:
    case WORD_EXCEPT:
    case WORD_INTERSECT:
        return PRECEDENCE_SET;
    case WORD_OR:
        return PRECEDENCE_OR;
    case WORD_AND:
        return PRECEDENCE_AND;
    case WORD_EQUAL:
    case WORD_NOT_EQUAL:
    case WORD_IS:
    case WORD_IS_NOT:
    case WORD_IN:
    case WORD_NOT_IN:
        return PRECEDENCE_EQUALITY;
    case WORD_LESS:
    case WORD_LESS_OR_EQUAL:
    case WORD_GREATER:
    case WORD_GREATER_OR_EQUAL:
    case WORD_BETWEEN:
    case WORD_NOT_BETWEEN:
    case WORD_LIKE:
    case WORD_NOT_LIKE:
        return PRECEDENCE_COMPARISON;
    case WORD_PLUS:
    case WORD_MINUS:
    case WORD_CONCATENATE:
        return PRECEDENCE_ADDITION;
    case WORD_STAR:
    case WORD_SLASH:
    case WORD_PERCENT:
        return PRECEDENCE_MULTIPLICATION;
    default:
        return 0;
    }
}

/* --- types, after IS --- */

static bool is_type(const struct token *token)
{
    if (token->kind == TOKEN_NULL || token->kind == TOKEN_MISSING)
        return true;
    switch (token->word) {
    case WORD_BOOL:
    case WORD_BOOLEAN:
    case WORD_SMALLINT:
    case WORD_INT:
    case WORD_INT2:
    case WORD_INT4:
    case WORD_INT8:
    case WORD_INTEGER:
    case WORD_BIGINT:
    case WORD_FLOAT:
    case WORD_REAL:
    case WORD_DOUBLE_PRECISION:
    case WORD_DEC:
    case WORD_DECIMAL:
    case WORD_NUMERIC:
    case WORD_TIMESTAMP:
    case WORD_DATE:
    case WORD_TIME:
    case WORD_CHAR:
    case WORD_CHARACTER:
    case WORD_CHARACTER_VARYING:
    case WORD_VARCHAR:
    case WORD_STRING:
    case WORD_SYMBOL:
    case WORD_CLOB:
    case WORD_BLOB:
    case WORD_STRUCT:
    case WORD_TUPLE:
    case WORD_LIST:
    case WORD_SEXP:
    case WORD_BAG:
        return true;
    default:
        return false;
    }
}

static struct syntax *read_type_test(struct syntax_reader *reader, struct syntax *left)
{
    const struct token *operator= reader->at++;
    const struct token *type = reader->at;
    if (!is_type(type))
        return syntax_fail(reader, "Expected type name");
    reader->at++;
    struct syntax *node = syntax_new(reader, SYNTAX_IS, operator);
    if (node == NULL)
        return NULL;
    node->word = type->word;
    node->negated = operator->word == WORD_IS_NOT;
    if (syntax_take(reader, TOKEN_OPEN)) {
        struct syntax arguments = {0};
        if (!syntax_read_list(reader, &arguments, TOKEN_CLOSE))
            return NULL;
    }
    return syntax_add(reader, node, left);
}

/* --- operators --- */

static bool ends_after_operator(const struct syntax_reader *reader)
{
    return reader->at[1].kind == TOKEN_END;
}

static struct syntax *read_right(struct syntax_reader *reader, int precedence)
{
    if (ends_after_operator(reader))
        return syntax_fail(reader, "Missing right-hand side expression of infix operator");
    reader->at++;
    return syntax_read_expression(reader, precedence);
}

static struct syntax *read_between(struct syntax_reader *reader, struct syntax *left)
{
    const struct token *operator= reader->at;
    struct syntax *low = read_right(reader, PRECEDENCE_COMPARISON);
    if (low == NULL)
        return NULL;
    if (reader->at->word != WORD_AND)
        return syntax_fail(reader, "Expected AND after BETWEEN");
    if (ends_after_operator(reader))
        return syntax_fail(reader, "Expected expression after AND");
    reader->at++;
    struct syntax *high = syntax_read_expression(reader, PRECEDENCE_COMPARISON);
    struct syntax *node = syntax_new(reader, SYNTAX_BETWEEN, operator);
    if (node == NULL)
        return NULL;
    node->negated = operator->word == WORD_NOT_BETWEEN;
    return syntax_add(reader, syntax_add(reader, syntax_add(reader, node, left), low), high);
}

/* In (a, b) the parentheses hold a list; in (SELECT ...) one expression. */
static struct syntax *read_in_right(struct syntax_reader *reader)
{
    const struct token *next = reader->at + 1;
    if (next->kind != TOKEN_OPEN || next[1].word == WORD_SELECT || next[1].word == WORD_VALUES)
        return read_right(reader, PRECEDENCE_EQUALITY);
    reader->at += 2;
    struct syntax *list = syntax_new(reader, SYNTAX_LIST, next);
    return list != NULL && syntax_read_list(reader, list, TOKEN_CLOSE) ? list : NULL;
}

static struct syntax *read_in(struct syntax_reader *reader, struct syntax *left)
{
    const struct token *operator= reader->at;
    struct syntax *right = read_in_right(reader);
    struct syntax *node = syntax_new(reader, SYNTAX_IN, operator);
    if (node == NULL)
        return NULL;
    node->negated = operator->word == WORD_NOT_IN;
    return syntax_add(reader, syntax_add(reader, node, left), right);
}

/* a AND b AND c is one node over three. */
static struct syntax *read_joint(struct syntax_reader *reader, struct syntax *left, int precedence)
{
    const struct token *operator= reader->at;
    enum syntax_kind kind = operator->word == WORD_AND ? SYNTAX_AND : SYNTAX_OR;
    struct syntax *right = read_right(reader, precedence);
    if (left->kind == kind && !left->grouped)
        return syntax_add(reader, left, right);
    struct syntax *node = syntax_new(reader, kind, operator);
    return syntax_add(reader, syntax_add(reader, node, left), right);
}

static struct syntax *read_binary(struct syntax_reader *reader, struct syntax *left, int precedence)
{
    const struct token *operator= reader->at;
    struct syntax *right = read_right(reader, precedence);
    struct syntax *node = syntax_new(reader, SYNTAX_BINARY, operator);
    if (node == NULL)
        return NULL;
    node->word = operator->word;
    return syntax_add(reader, syntax_add(reader, node, left), right);
}

static struct syntax *read_infix(struct syntax_reader *reader, struct syntax *left, int precedence)
{
    switch (reader->at->word) {
    case WORD_IS:
    case WORD_IS_NOT:
        return read_type_test(reader, left);
    case WORD_IN:
    case WORD_NOT_IN:
        return read_in(reader, left);
    case WORD_BETWEEN:
    case WORD_NOT_BETWEEN:
        return read_between(reader, left);
    case WORD_AND:
    case WORD_OR:
        return read_joint(reader, left, precedence);
    default:
        return read_binary(reader, left, precedence);
    }
}

/* --- signs and NOT --- */

static struct syntax *read_operand(struct syntax_reader *reader);

/* A sign before a number belongs to the number. */
static struct syntax *read_sign(struct syntax_reader *reader)
{
    const struct token *sign = reader->at++;
    struct syntax *operand = read_operand(reader);
    if (operand == NULL)
        return NULL;
    if (operand->kind == SYNTAX_NUMBER) {
        operand->negated ^= sign->word == WORD_MINUS;
        return operand;
    }
    struct syntax *node = syntax_new(reader, SYNTAX_SIGN, sign);
    if (node != NULL)
        node->word = sign->word;
    return syntax_add(reader, node, operand);
}

static struct syntax *read_not(struct syntax_reader *reader)
{
    const struct token *operator= reader->at++;
    struct syntax *operand = syntax_read_expression(reader, PRECEDENCE_NOT);
    return syntax_add(reader, syntax_new(reader, SYNTAX_NOT, operator), operand);
}

static struct syntax *read_prefixed(struct syntax_reader *reader)
{
    if (reader->at->kind != TOKEN_OPERATOR)
        return syntax_read_path(reader);
    switch (reader->at->word) {
    case WORD_PLUS:
    case WORD_MINUS:
        return read_sign(reader);
    case WORD_NOT:
        return read_not(reader);
    default:
        return syntax_read_path(reader);
    }
}

static struct syntax *read_operand(struct syntax_reader *reader)
{
    if (reader->nesting >= SYNTAX_DEPTH_MAX)
        return syntax_fail(reader, "");
    reader->nesting++;
    struct syntax *node = read_prefixed(reader);
    reader->nesting--;
    return node;
}

struct syntax *syntax_read_expression(struct syntax_reader *reader, int precedence)
{
    struct syntax *left = read_operand(reader);
    while (left != NULL) {
        int next = precedence_of(reader->at);
        if (next == 0 || precedence >= next)
            break;
        left = read_infix(reader, left, next);
    }
    return left;
}

struct syntax *syntax_read_any(struct syntax_reader *reader)
{
    return syntax_read_expression(reader, PRECEDENCE_ANY);
}

struct syntax *syntax_read_clause(struct syntax_reader *reader)
{
    return syntax_read_expression(reader, PRECEDENCE_SET + 1);
}

/* --- the whole --- */

const struct error *syntax_read(struct arena *arena, struct slice statement,
                                const struct syntax **ret_root)
{
    struct syntax_reader reader = {.arena = arena};
    const struct error *error = statement_tokens_read(arena, statement, &reader.at);
    if (error != NULL)
        return error;
    const struct syntax *root = syntax_read_any(&reader);
    if (root == NULL)
        return reader.error;
    bool semicolon = syntax_take(&reader, TOKEN_SEMICOLON);
    if (reader.at->kind != TOKEN_END)
        return problem_not_well_formed(
            arena, semicolon ? "Unexpected token after semicolon. (Only one query is allowed.)"
                             : "Unexpected token after expression");
    *ret_root = root;
    return NULL;
}
