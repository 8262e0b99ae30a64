#include "expr/parser.h"

#include <stdio.h>

#include "base/buf.h"
#include "expr/token.h"

/* Deeper nesting of parentheses and calls is refused while it is read, so that the text cannot
 * choose the depth of the stack. What keeps within the limit of operators does not come near. */
enum { NESTING_MAX = 640 };

struct parser {
    const struct source *source;
    struct arena *arena;
    struct slice text;
    const struct token *first;
    const struct token *at; /* the next token */
    unsigned nesting;
    const struct error *error; /* sticky: functions return NULL once it is set */
};

void source_begin_error(const struct source *source, struct buf *message)
{
    if (source->parameter != EXPR_STATEMENT)
        buf_append_format(message, "Invalid %s: ", expr_parameter_name(source->parameter));
}

const struct error *source_error(const struct source *source, const char *format, ...)
{
    struct arena *arena = source->scope->arena;
    struct buf message;
    buf_init(&message, arena, SIZE_MAX);
    source_begin_error(source, &message);
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = (char *)buf_extend(&message, (size_t)size + 1);
    if (room == NULL)
        return error_exhausted();
    va_start(arguments, format);
    vsnprintf(room, (size_t)size + 1, format, arguments);
    va_end(arguments);
    message.size--;
    return error_make_slice(arena, ERROR_VALIDATION, buf_slice(&message));
}

/* --- errors --- */

static struct node *fail(struct parser *parser, const struct error *error)
{
    if (parser->error == NULL)
        parser->error = error;
    return NULL;
}

/* The token where reading stopped, and the text from the token before it to the one behind it. */
static struct node *fail_syntax(struct parser *parser)
{
    const struct token *at = parser->at;
    const uint8_t *from = at > parser->first ? at[-1].text.data : parser->text.data;
    const struct token *last = at->kind == TOKEN_END ? at : at + 1;
    const uint8_t *to = last->text.data + last->text.size;
    struct slice token = at->kind == TOKEN_END ? SLICE("<EOF>") : at->text;
    return fail(parser,
                source_error(parser->source, "Syntax error; token: \"%.*s\", near: \"%.*s\"",
                             SLICE_PRINT(token), (int)(to - from), (const char *)from));
}

static struct node *fail_redundant(struct parser *parser)
{
    return fail(parser, source_error(parser->source, "The expression has redundant parentheses;"));
}

/* So deep without one operator too many is possible only with parentheses that do nothing. */
static bool descend(struct parser *parser)
{
    if (parser->nesting < NESTING_MAX) {
        parser->nesting++;
        return true;
    }
    fail_redundant(parser);
    return false;
}

static void ascend(struct parser *parser)
{
    parser->nesting--;
}

/* --- tokens --- */

static bool next_is(const struct parser *parser, enum token_kind kind)
{
    return parser->at->kind == kind;
}

static bool take_if(struct parser *parser, enum token_kind kind)
{
    if (!next_is(parser, kind))
        return false;
    parser->at++;
    return true;
}

static bool expect(struct parser *parser, enum token_kind kind)
{
    if (take_if(parser, kind))
        return true;
    fail_syntax(parser);
    return false;
}

/* --- nodes --- */

static struct node *new_node(struct parser *parser, enum node_kind kind, struct slice text)
{
    struct node *node = node_new(parser->arena, kind);
    if (node == NULL)
        return fail(parser, error_exhausted());
    node->text = text;
    return node;
}

static struct node *new_node_over(struct parser *parser, enum node_kind kind, struct slice text,
                                  struct node *const *operands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (operands[i] == NULL)
            return NULL;
    struct node *node = node_new_over(parser->arena, kind, count);
    if (node == NULL)
        return fail(parser, error_exhausted());
    node->text = text;
    memcpy(node->operands, operands, count * sizeof(*operands));
    return node;
}

static struct node *new_binary(struct parser *parser, enum node_kind kind, struct slice text,
                               struct node *left, struct node *right)
{
    struct node *const operands[] = {left, right};
    return new_node_over(parser, kind, text, operands, 2);
}

/* Takes the closing parenthesis of a group. */
static struct node *close_group(struct parser *parser, struct node *inner)
{
    ascend(parser);
    if (inner == NULL || !expect(parser, TOKEN_CLOSE))
        return NULL;
    if (inner->parenthesized)
        return fail_redundant(parser);
    inner->parenthesized = true;
    return inner;
}

/* --- paths --- */

/* How many tokens from here on can belong to a path: an upper bound of its elements. */
static size_t path_room(const struct parser *parser)
{
    size_t room = 1;
    for (const struct token *at = parser->at + 1;
         at->kind == TOKEN_DOT || at->kind == TOKEN_OPEN_BRACKET; room++) {
        at++;
        while (at->kind == TOKEN_IDENTIFIER || at->kind == TOKEN_NAME || at->kind == TOKEN_INDEX ||
               at->kind == TOKEN_CLOSE_BRACKET)
            at++;
    }
    return room;
}

static bool read_name_element(struct parser *parser, struct path_element *ret_element)
{
    if (!next_is(parser, TOKEN_IDENTIFIER) && !next_is(parser, TOKEN_NAME)) {
        fail_syntax(parser);
        return false;
    }
    *ret_element = (struct path_element){.name = parser->at->text};
    parser->at++;
    return true;
}

/* Larger indexes than uint32_t holds are refused later by their digits. */
static uint32_t index_of_digits(struct slice digits)
{
    uint64_t index = 0;
    for (size_t i = 0; i < digits.size && index <= UINT32_MAX; i++)
        index = index * 10 + (digits.data[i] - '0');
    return index <= UINT32_MAX ? (uint32_t)index : UINT32_MAX;
}

static bool read_index_element(struct parser *parser, struct path_element *ret_element)
{
    struct slice digits = parser->at->text;
    if (!expect(parser, TOKEN_INDEX) || !expect(parser, TOKEN_CLOSE_BRACKET))
        return false;
    *ret_element = (struct path_element){true, index_of_digits(digits), digits};
    return true;
}

static struct node *parse_path(struct parser *parser)
{
    struct node *node = new_node(parser, NODE_PATH, parser->at->text);
    if (node == NULL)
        return NULL;
    if (next_is(parser, TOKEN_END))
        return fail_syntax(parser);
    node->elements = ARENA_NEW_ARRAY(parser->arena, struct path_element, path_room(parser));
    if (node->elements == NULL)
        return fail(parser, error_exhausted());
    if (!read_name_element(parser, &node->elements[0]))
        return NULL;
    uint32_t count = 1;
    for (;;) {
        bool read;
        if (take_if(parser, TOKEN_DOT))
            read = read_name_element(parser, &node->elements[count]);
        else if (take_if(parser, TOKEN_OPEN_BRACKET))
            read = read_index_element(parser, &node->elements[count]);
        else
            break;
        if (!read)
            return NULL;
        count++;
    }
    node->path = (struct path){node->elements, count};
    return node;
}

/* --- operands --- */

static struct node *parse_operand(struct parser *parser);

/* One operand or more, separated by commas, behind room for `before` others; then ")". */
static struct node *parse_list(struct parser *parser, enum node_kind kind, struct slice text,
                               struct node *before)
{
    struct buf list;
    buf_init(&list, parser->arena, SIZE_MAX);
    if (before != NULL)
        buf_append(&list, slice_of(&before, sizeof(before)));
    do {
        struct node *operand = parse_operand(parser);
        if (operand == NULL)
            return NULL;
        buf_append(&list, slice_of(&operand, sizeof(operand)));
    } while (take_if(parser, TOKEN_COMMA));
    if (!expect(parser, TOKEN_CLOSE))
        return NULL;
    struct node *node = list.failed ? NULL : node_new(parser->arena, kind);
    struct node **operands = (struct node **)arena_alloc(parser->arena, list.size);
    if (node == NULL || operands == NULL)
        return fail(parser, error_exhausted());
    memcpy(operands, list.data, list.size);
    node->text = text;
    node->operands = operands;
    node->operand_count = (uint32_t)(list.size / sizeof(*operands));
    return node;
}

static struct node *parse_call(struct parser *parser)
{
    struct slice name = parser->at->text;
    parser->at += 2;
    if (!descend(parser))
        return NULL;
    struct node *node = parse_list(parser, NODE_CALL, name, NULL);
    ascend(parser);
    if (node != NULL)
        node->function = function_of_name(name);
    return node;
}

/* operand [(+ | -) operand], in SET only */
static struct node *parse_set_value(struct parser *parser)
{
    struct node *left = parse_operand(parser);
    if (left == NULL)
        return NULL;
    struct slice sign = parser->at->text;
    if (take_if(parser, TOKEN_PLUS))
        return new_binary(parser, NODE_PLUS, sign, left, parse_operand(parser));
    if (take_if(parser, TOKEN_MINUS))
        return new_binary(parser, NODE_MINUS, sign, left, parse_operand(parser));
    return left;
}

static struct node *parse_operand(struct parser *parser)
{
    if (take_if(parser, TOKEN_OPEN)) {
        if (!descend(parser))
            return NULL;
        bool in_update = parser->source->parameter == EXPR_UPDATE_EXPRESSION;
        return close_group(parser, in_update ? parse_set_value(parser) : parse_operand(parser));
    }
    if (next_is(parser, TOKEN_VALUE)) {
        parser->at++;
        return new_node(parser, NODE_VALUE, parser->at[-1].text);
    }
    if (next_is(parser, TOKEN_IDENTIFIER) && parser->at[1].kind == TOKEN_OPEN)
        return parse_call(parser);
    return parse_path(parser);
}

/* --- conditions --- */

/* What a group holds, an operand or a condition, shows only behind it. So an operand may stand for
 * a condition until its place is known; a call is both. */
static bool require_condition(struct parser *parser, const struct node *node)
{
    if (node == NULL)
        return false;
    if (!node_is_operand(node) || node->kind == NODE_CALL)
        return true;
    fail_syntax(parser);
    return false;
}

static struct node *parse_or(struct parser *parser);

static struct node *parse_between(struct parser *parser, struct slice text, struct node *left)
{
    struct node *low = parse_operand(parser);
    if (low == NULL || !expect(parser, TOKEN_AND))
        return NULL;
    struct node *const operands[] = {left, low, parse_operand(parser)};
    return new_node_over(parser, NODE_BETWEEN, text, operands, 3);
}

/* What may follow the first operand of a condition. Without any of it the operand comes back alone.
 */
static struct node *parse_rest_of_condition(struct parser *parser, struct node *left)
{
    const struct token *sign = parser->at;
    if (sign->kind >= TOKEN_EQUAL && sign->kind <= TOKEN_GREATER_OR_EQUAL) {
        parser->at++;
        enum node_kind kind = (enum node_kind)(NODE_EQUAL + (sign->kind - TOKEN_EQUAL));
        return new_binary(parser, kind, sign->text, left, parse_operand(parser));
    }
    if (take_if(parser, TOKEN_BETWEEN))
        return parse_between(parser, SLICE("BETWEEN"), left);
    if (take_if(parser, TOKEN_IN))
        return expect(parser, TOKEN_OPEN) ? parse_list(parser, NODE_IN, SLICE("IN"), left) : NULL;
    return left;
}

static struct node *parse_term(struct parser *parser)
{
    struct node *node;
    if (take_if(parser, TOKEN_OPEN)) {
        if (!descend(parser))
            return NULL;
        node = close_group(parser, parse_or(parser));
    } else {
        node = parse_operand(parser);
    }
    if (node == NULL || !node_is_operand(node))
        return node;
    return parse_rest_of_condition(parser, node);
}

static struct node *parse_not(struct parser *parser)
{
    size_t count = 0;
    while (take_if(parser, TOKEN_NOT))
        count++;
    struct node *node = parse_term(parser);
    if (count > 0 && !require_condition(parser, node))
        return NULL;
    /* One more than is allowed shows that there are too many; the tree must not be deeper. */
    for (size_t i = 0; i < count && i <= EXPR_OPERATORS_MAX && node != NULL; i++)
        node = new_node_over(parser, NODE_NOT, SLICE("NOT"), &node, 1);
    return node;
}

static struct node *parse_chain(struct parser *parser, enum token_kind sign, enum node_kind kind,
                                struct slice text, struct node *(*parse_part)(struct parser *))
{
    struct node *left = parse_part(parser);
    while (left != NULL && next_is(parser, sign)) {
        if (!require_condition(parser, left))
            return NULL;
        parser->at++;
        struct node *right = parse_part(parser);
        if (!require_condition(parser, right))
            return NULL;
        left = new_binary(parser, kind, text, left, right);
    }
    return left;
}

static struct node *parse_and(struct parser *parser)
{
    return parse_chain(parser, TOKEN_AND, NODE_AND, SLICE("AND"), parse_not);
}

static struct node *parse_or(struct parser *parser)
{
    return parse_chain(parser, TOKEN_OR, NODE_OR, SLICE("OR"), parse_and);
}

/* --- whole expressions --- */

/* The service says less of updates and projections (observed). */
static const struct error *fail_text_size(const struct source *source, size_t size)
{
    static const char message[] = "Expression size has exceeded the maximum allowed size;";
    if (source->scope->omits_text_size || source->parameter == EXPR_UPDATE_EXPRESSION ||
        source->parameter == EXPR_PROJECTION_EXPRESSION)
        return source_error(source, "%s", message);
    return source_error(source, "%s expression size: %zu", message, size);
}

static const struct error *begin(struct parser *parser, const struct source *source,
                                 struct slice text)
{
    *parser = (struct parser){.source = source, .arena = source->scope->arena, .text = text};
    if (text.size == 0)
        return source_error(source, "The expression can not be empty;");
    if (text.size > EXPR_TEXT_BYTES_MAX)
        return fail_text_size(source, text.size);
    parser->first = parser->at = tokens_read(parser->arena, text);
    return parser->first == NULL ? error_exhausted() : NULL;
}

const struct error *parse_condition(const struct source *source, struct slice text,
                                    struct node **ret_condition)
{
    struct parser parser;
    const struct error *error = begin(&parser, source, text);
    if (error != NULL)
        return error;
    struct node *node = parse_or(&parser);
    if (node != NULL && require_condition(&parser, node) && expect(&parser, TOKEN_END))
        *ret_condition = node;
    return parser.error;
}

const struct error *parse_projection(const struct source *source, struct slice text,
                                     struct node ***ret_paths, size_t *ret_count)
{
    struct parser parser;
    const struct error *error = begin(&parser, source, text);
    if (error != NULL)
        return error;
    /* Two paths have a comma between them. */
    struct node **paths = ARENA_NEW_ARRAY(parser.arena, struct node *, text.size / 2 + 1);
    if (paths == NULL)
        return error_exhausted();
    size_t count = 0;
    do {
        paths[count] = parse_path(&parser);
        if (paths[count++] == NULL)
            return parser.error;
    } while (take_if(&parser, TOKEN_COMMA));
    if (!expect(&parser, TOKEN_END))
        return parser.error;
    *ret_paths = paths;
    *ret_count = count;
    return NULL;
}

/* --- updates --- */

static bool read_set(struct parser *parser, struct action *action)
{
    action->path = parse_path(parser);
    if (action->path == NULL || !expect(parser, TOKEN_EQUAL))
        return false;
    action->operand = parse_set_value(parser);
    return action->operand != NULL;
}

static bool read_remove(struct parser *parser, struct action *action)
{
    action->path = parse_path(parser);
    return action->path != NULL;
}

/* ADD and DELETE */
static bool read_path_and_value(struct parser *parser, struct action *action)
{
    action->path = parse_path(parser);
    struct slice placeholder = parser->at->text;
    if (action->path == NULL || !expect(parser, TOKEN_VALUE))
        return false;
    action->operand = new_node(parser, NODE_VALUE, placeholder);
    return action->operand != NULL;
}

static bool (*const action_readers[ACTION_KIND_COUNT])(struct parser *, struct action *) = {
    [ACTION_SET] = read_set,
    [ACTION_REMOVE] = read_remove,
    [ACTION_ADD] = read_path_and_value,
    [ACTION_DELETE] = read_path_and_value,
};

const struct error *parse_update(const struct source *source, struct slice text,
                                 struct expr_update *ret_update)
{
    struct parser parser;
    const struct error *error = begin(&parser, source, text);
    if (error != NULL)
        return error;
    struct expr_update update = {0};
    /* An action takes a path and what separates it from the next one. */
    update.actions = ARENA_NEW_ARRAY(parser.arena, struct action, text.size / 2 + 1);
    if (update.actions == NULL)
        return error_exhausted();
    do {
        int kind = (int)parser.at->kind - TOKEN_SET;
        if (kind < 0 || kind >= ACTION_KIND_COUNT) {
            fail_syntax(&parser);
            return parser.error;
        }
        parser.at++;
        do {
            struct action *action = &update.actions[update.action_count++];
            action->kind = kind;
            action->clause = update.clause_count;
            if (!action_readers[kind](&parser, action))
                return parser.error;
        } while (take_if(&parser, TOKEN_COMMA));
        update.clause_count++;
    } while (!next_is(&parser, TOKEN_END));
    *ret_update = update;
    return NULL;
}
