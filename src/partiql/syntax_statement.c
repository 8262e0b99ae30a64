/* SELECT, INSERT, UPDATE, DELETE, and FROM with the change behind it. */

#include "partiql/syntax_reader.h"

static bool begins_alias(const struct token *token)
{
    return token->word == WORD_AS || token->word == WORD_AT || token->word == WORD_BY ||
           token->kind == TOKEN_NAME || token->kind == TOKEN_QUOTED_NAME;
}

/* [AS] name, AT name, BY name: taken, to be refused by name later. */
static bool take_aliases(struct syntax_reader *reader, bool *ret_aliased)
{
    *ret_aliased = false;
    while (begins_alias(reader->at)) {
        *ret_aliased = true;
        if (reader->at->kind == TOKEN_WORD) {
            reader->at++;
            if (reader->at->kind != TOKEN_NAME && reader->at->kind != TOKEN_QUOTED_NAME) {
                syntax_fail(reader, "Expected identifier for alias");
                return false;
            }
        }
        reader->at++;
    }
    return true;
}

static bool read_where(struct syntax_reader *reader, const struct syntax **ret_where)
{
    *ret_where = NULL;
    if (!syntax_take_word(reader, WORD_WHERE))
        return true;
    *ret_where = syntax_read_clause(reader);
    return *ret_where != NULL;
}

/* --- SELECT --- */

static bool read_columns(struct syntax_reader *reader, struct syntax_select *select)
{
    if (reader->at->word == WORD_STAR && reader->at[1].kind != TOKEN_COMMA) {
        reader->at++;
        select->all = true;
        return true;
    }
    struct syntax *last = NULL;
    do {
        if (reader->at->word == WORD_STAR) {
            syntax_fail(reader, "Other expressions may not be present in the select list when '*' "
                                "is used without dot notation.");
            return false;
        }
        struct syntax *column = syntax_read_any(reader);
        bool aliased;
        if (column == NULL || !take_aliases(reader, &aliased))
            return false;
        select->column_alias |= aliased;
        if (last == NULL)
            select->columns = column;
        else
            last->next = column;
        last = column;
    } while (syntax_take(reader, TOKEN_COMMA));
    return true;
}

static bool read_orders(struct syntax_reader *reader, struct syntax_select *select)
{
    if (!syntax_take_word(reader, WORD_ORDER))
        return true;
    if (!syntax_take_word(reader, WORD_BY)) {
        syntax_fail(reader, "Expected BY after ORDER");
        return false;
    }
    struct syntax_order *last = NULL;
    do {
        struct syntax_order *order = ARENA_NEW(reader->arena, struct syntax_order);
        if (order == NULL) {
            reader->error = error_exhausted();
            return false;
        }
        order->key = syntax_read_clause(reader);
        if (order->key == NULL)
            return false;
        order->descending = syntax_take_word(reader, WORD_DESC);
        if (!order->descending)
            (void)syntax_take_word(reader, WORD_ASC);
        if (last == NULL)
            select->orders = order;
        else
            last->next = order;
        last = order;
    } while (syntax_take(reader, TOKEN_COMMA));
    return true;
}

/* The first clause that the dialect does not have is remembered; all are read. */
static bool read_other_clauses(struct syntax_reader *reader, struct syntax_select *select,
                               const enum word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct token *clause = reader->at;
        if (!syntax_take_word(reader, words[i]))
            continue;
        if (words[i] == WORD_GROUP && !syntax_take_word(reader, WORD_BY)) {
            syntax_fail(reader, "Expected BY after GROUP");
            return false;
        }
        const struct syntax *value = NULL;
        do {
            struct syntax *part = syntax_read_clause(reader);
            if (part == NULL)
                return false;
            value = value == NULL ? part : value;
        } while (words[i] == WORD_GROUP && syntax_take(reader, TOKEN_COMMA));
        if (select->clause == NULL) {
            select->clause = clause;
            select->clause_value = value;
        }
    }
    return true;
}

static bool read_select_parts(struct syntax_reader *reader, struct syntax_select *select)
{
    select->distinct = syntax_take_word(reader, WORD_DISTINCT);
    if (!select->distinct)
        (void)syntax_take_word(reader, WORD_ALL);
    select->whole_value = syntax_take_word(reader, WORD_VALUE);
    if (!read_columns(reader, select))
        return false;
    if (!syntax_take_word(reader, WORD_FROM)) {
        syntax_fail(reader, "Expected FROM after SELECT list");
        return false;
    }
    select->source = syntax_read_clause(reader);
    static const enum word grouping[] = {WORD_GROUP, WORD_HAVING};
    static const enum word limiting[] = {WORD_LIMIT, WORD_OFFSET};
    return select->source != NULL && take_aliases(reader, &select->aliased) &&
           read_where(reader, &select->where) &&
           read_other_clauses(reader, select, grouping, COUNT_OF(grouping)) &&
           read_orders(reader, select) &&
           read_other_clauses(reader, select, limiting, COUNT_OF(limiting));
}

struct syntax *syntax_read_select(struct syntax_reader *reader)
{
    struct syntax *node = syntax_new(reader, SYNTAX_SELECT, reader->at++);
    struct syntax_select *select = ARENA_NEW(reader->arena, struct syntax_select);
    if (node == NULL || select == NULL) {
        reader->error = error_exhausted();
        return NULL;
    }
    node->select = select;
    return read_select_parts(reader, select) ? node : NULL;
}

/* --- changes --- */

static struct syntax *new_change(struct syntax_reader *reader, enum syntax_change_kind kind,
                                 struct syntax_change **ret_change)
{
    struct syntax *node = syntax_new(reader, SYNTAX_CHANGE, reader->at);
    struct syntax_change *change = ARENA_NEW(reader->arena, struct syntax_change);
    if (node == NULL || change == NULL) {
        reader->error = error_exhausted();
        return NULL;
    }
    change->kind = kind;
    node->change = change;
    *ret_change = change;
    return node;
}

static bool read_source(struct syntax_reader *reader, struct syntax_change *change)
{
    change->source = syntax_read_simple_path(reader);
    return change->source != NULL && take_aliases(reader, &change->aliased);
}

static bool read_assignment(struct syntax_reader *reader, struct syntax_action *action)
{
    action->path = syntax_read_simple_path(reader);
    if (action->path == NULL)
        return false;
    if (!syntax_take_word(reader, WORD_EQUAL)) {
        syntax_fail(reader, "Expected '='");
        return false;
    }
    action->value = syntax_read_any(reader);
    return action->value != NULL;
}

static bool read_action(struct syntax_reader *reader, bool removes, struct syntax_change *change,
                        struct syntax_action **last)
{
    struct syntax_action *action = ARENA_NEW(reader->arena, struct syntax_action);
    if (action == NULL) {
        reader->error = error_exhausted();
        return false;
    }
    action->removes = removes;
    if (removes)
        action->path = syntax_read_simple_path(reader);
    else if (!read_assignment(reader, action))
        return false;
    if (action->path == NULL)
        return false;
    if (*last == NULL)
        change->actions = action;
    else
        (*last)->next = action;
    *last = action;
    return true;
}

/* SET a = 1, b = 2 SET c = 3 REMOVE d: one or more. */
static bool read_actions(struct syntax_reader *reader, struct syntax_change *change)
{
    struct syntax_action *last = NULL;
    for (;;) {
        if (syntax_take_word(reader, WORD_SET)) {
            do {
                if (!read_action(reader, false, change, &last))
                    return false;
            } while (syntax_take(reader, TOKEN_COMMA));
        } else if (syntax_take_word(reader, WORD_REMOVE)) {
            if (!read_action(reader, true, change, &last))
                return false;
        } else {
            break;
        }
    }
    if (last == NULL)
        syntax_fail(reader, "Expected data manipulation");
    return last != NULL;
}

static bool read_returning_part(struct syntax_reader *reader, struct syntax_change *change)
{
    switch (reader->at->word) {
    case WORD_ALL_OLD:
    case WORD_ALL_NEW:
    case WORD_MODIFIED_OLD:
    case WORD_MODIFIED_NEW:
        change->returning_other |= change->returning != WORD_NONE;
        change->returning = reader->at->word;
        reader->at++;
        break;
    default:
        syntax_fail(reader, "Expected ALL OLD, ALL NEW, MODIFIED OLD or MODIFIED NEW after "
                            "RETURNING");
        return false;
    }
    if (syntax_take_word(reader, WORD_STAR))
        return true;
    change->returning_other = true;
    return syntax_read_clause(reader) != NULL;
}

static bool read_returning(struct syntax_reader *reader, struct syntax_change *change)
{
    if (!syntax_take_word(reader, WORD_RETURNING))
        return true;
    do {
        if (!read_returning_part(reader, change))
            return false;
    } while (syntax_take(reader, TOKEN_COMMA));
    return true;
}

struct syntax *syntax_read_insert(struct syntax_reader *reader)
{
    struct syntax_change *change = NULL;
    struct syntax *node = new_change(reader, SYNTAX_INSERT, &change);
    if (node == NULL)
        return NULL;
    reader->at++;
    change->source = syntax_read_simple_path(reader);
    if (change->source == NULL)
        return NULL;
    change->plain_insert = !syntax_take_word(reader, WORD_VALUE);
    change->value = syntax_read_any(reader);
    return change->value != NULL ? node : NULL;
}

struct syntax *syntax_read_update(struct syntax_reader *reader)
{
    struct syntax_change *change = NULL;
    struct syntax *node = new_change(reader, SYNTAX_UPDATE, &change);
    if (node == NULL)
        return NULL;
    reader->at++;
    bool complete = read_source(reader, change) && read_actions(reader, change) &&
                    read_where(reader, &change->where) && read_returning(reader, change);
    return complete ? node : NULL;
}

struct syntax *syntax_read_delete(struct syntax_reader *reader)
{
    struct syntax_change *change = NULL;
    struct syntax *node = new_change(reader, SYNTAX_DELETE, &change);
    if (node == NULL)
        return NULL;
    reader->at++;
    if (!syntax_take_word(reader, WORD_FROM))
        return syntax_fail(reader, "Expected FROM after DELETE");
    bool complete = read_source(reader, change) && read_where(reader, &change->where) &&
                    read_returning(reader, change);
    return complete ? node : NULL;
}

struct syntax *syntax_read_from(struct syntax_reader *reader)
{
    struct syntax_change *change = NULL;
    struct syntax *node = new_change(reader, SYNTAX_UPDATE, &change);
    if (node == NULL)
        return NULL;
    reader->at++;
    change->source = syntax_read_any(reader);
    bool complete = change->source != NULL && take_aliases(reader, &change->aliased) &&
                    read_where(reader, &change->where) && read_actions(reader, change) &&
                    read_returning(reader, change);
    return complete ? node : NULL;
}

struct syntax *syntax_read_bare_actions(struct syntax_reader *reader)
{
    struct syntax_change *change = NULL;
    struct syntax *node = new_change(reader, SYNTAX_UPDATE, &change);
    if (node == NULL)
        return NULL;
    return read_actions(reader, change) ? node : NULL;
}
