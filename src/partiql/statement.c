#include "partiql/statement.h"

#include "base/buf.h"
#include "partiql/builder.h"
#include "partiql/problem.h"

/* --- what a statement is about --- */

static const struct error *read_source(struct arena *arena, struct partiql_parsed *parsed,
                                       const struct syntax *source)
{
    const struct syntax *table = source->kind == SYNTAX_PATH ? source->first : source;
    const struct syntax *index = source->kind == SYNTAX_PATH ? table->next : NULL;
    if (table->kind != SYNTAX_NAME || (index != NULL && index->kind != SYNTAX_NAME))
        return problem_at(arena, parsed->text, source->token->text, "Unexpected from source");
    if (table->value.size == 0 || (index != NULL && index->value.size == 0))
        return problem(arena, "Path component cannot be an empty string");
    if (index != NULL && index->next != NULL)
        return problem(arena, "A path may contain at most 2 components in the FROM clause");
    parsed->table = table->value;
    parsed->index = index != NULL ? index->value : SLICE_ABSENT;
    return NULL;
}

static const struct error *check_alias(struct arena *arena, bool aliased)
{
    return aliased ? problem(arena, "Aliasing is not supported") : NULL;
}

static const struct error *parse_select(struct arena *arena, struct partiql_parsed *parsed,
                                        const struct syntax_select *select)
{
    const struct error *error = check_alias(arena, select->aliased);
    return error != NULL ? error : read_source(arena, parsed, select->source);
}

static const struct error *parse_change(struct arena *arena, struct partiql_parsed *parsed,
                                        const struct syntax_change *change)
{
    static const enum partiql_kind kinds[] = {
        [SYNTAX_INSERT] = PARTIQL_INSERT,
        [SYNTAX_UPDATE] = PARTIQL_UPDATE,
        [SYNTAX_DELETE] = PARTIQL_DELETE,
    };
    parsed->kind = kinds[change->kind];
    if (change->source == NULL)
        return problem(arena, "A table must be named before SET and REMOVE");
    const struct error *error = check_alias(arena, change->aliased);
    if (error == NULL)
        error = read_source(arena, parsed, change->source);
    if (error == NULL && change->kind == SYNTAX_INSERT && slice_present(parsed->index))
        error = problem_at(arena, parsed->text, change->source->token->text,
                           "FROM clause may only contain a single table name in data manipulation "
                           "statements");
    return error;
}

static bool is_exists(const struct syntax *root)
{
    return root->kind == SYNTAX_CALL && root->word == WORD_EXISTS && root->count == 1 &&
           root->first->kind == SYNTAX_SELECT;
}

const struct error *partiql_parse(struct arena *arena, struct slice text,
                                  struct partiql_parsed *ret_parsed)
{
    struct partiql_parsed parsed = {.kind = PARTIQL_SELECT, .text = text};
    const struct error *error = syntax_read(arena, text, &parsed.root);
    if (error != NULL)
        return error;
    const struct syntax *root = parsed.root;
    const struct builder builder = {.arena = arena, .text = text};
    if (root->kind == SYNTAX_CHANGE) {
        error = parse_change(arena, &parsed, root->change);
    } else if (root->kind == SYNTAX_SELECT) {
        error = parse_select(arena, &parsed, root->select);
    } else if (is_exists(root)) {
        parsed.kind = PARTIQL_EXISTS;
        error = parse_select(arena, &parsed, root->first->select);
    } else {
        error = unsupported_operation(&builder, root);
    }
    if (error == NULL)
        *ret_parsed = parsed;
    return error;
}

/* --- SELECT --- */

/* A path is called what its last name is, with the indexes behind it: a.b[0] is b[0] (observed). */
static struct slice name_column(struct arena *arena, struct path path)
{
    uint32_t last = path.count - 1;
    while (last > 0 && path.elements[last].is_index)
        last--;
    if (last == path.count - 1)
        return path.elements[last].name;
    struct buf name;
    buf_init(&name, arena, SIZE_MAX);
    buf_append(&name, path.elements[last].name);
    for (uint32_t i = last + 1; i < path.count; i++)
        buf_append_format(&name, "[%u]", path.elements[i].index);
    return name.failed ? SLICE_ABSENT : buf_slice(&name);
}

static const struct error *check_columns(const struct builder *builder,
                                         const struct partiql_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(columns[i].name, columns[j].name))
                return problem(builder->arena, "Duplicate identifiers in select clause: %.*s",
                               SLICE_PRINT(columns[i].name));
    return NULL;
}

static const struct error *build_columns(const struct builder *builder,
                                         const struct syntax_select *select,
                                         struct partiql_statement *statement)
{
    if (select->all)
        return NULL;
    size_t count = 0;
    for (const struct syntax *node = select->columns; node != NULL; node = node->next)
        count++;
    struct partiql_column *columns = ARENA_NEW_ARRAY(builder->arena, struct partiql_column, count);
    if (columns == NULL)
        return error_exhausted();
    struct partiql_column *column = columns;
    for (const struct syntax *node = select->columns; node != NULL; node = node->next, column++) {
        if (!is_path(node))
            return problem_at(builder->arena, builder->text, node->token->text,
                              "Unexpected path component");
        const struct error *error = build_path(builder, node, &column->path);
        if (error != NULL)
            return error;
        if (column->path.count > PATH_DEPTH_MAX)
            return problem(builder->arena,
                           "The document path has too many nesting levels; nesting levels: %u",
                           column->path.count);
        column->name = name_column(builder->arena, column->path);
        if (!slice_present(column->name))
            return error_exhausted();
    }
    statement->columns = columns;
    statement->column_count = count;
    return check_columns(builder, columns, count);
}

static const struct error *build_orders(const struct builder *builder,
                                        const struct syntax_select *select,
                                        struct partiql_statement *statement)
{
    size_t count = 0;
    for (const struct syntax_order *at = select->orders; at != NULL; at = at->next)
        count++;
    struct partiql_order *orders = ARENA_NEW_ARRAY(builder->arena, struct partiql_order, count);
    if (orders == NULL)
        return error_exhausted();
    struct partiql_order *order = orders;
    for (const struct syntax_order *at = select->orders; at != NULL; at = at->next, order++) {
        if (at->key->kind != SYNTAX_NAME)
            return problem_at(builder->arena, builder->text, at->key->token->text,
                              "Only attributes may stand in an ORDER BY clause");
        *order = (struct partiql_order){at->key->value, at->descending};
    }
    statement->orders = orders;
    statement->order_count = count;
    return NULL;
}

static const struct error *check_clauses(const struct builder *builder,
                                         const struct syntax_select *select)
{
    struct arena *arena = builder->arena;
    if (select->distinct)
        return problem(arena, "Unsupported clause: DISTINCT");
    if (select->whole_value)
        return problem(arena, "Unsupported clause: VALUE");
    if (select->column_alias)
        return check_alias(arena, true);
    if (select->clause == NULL)
        return NULL;
    const char *name = select->clause->word == WORD_LIMIT    ? "LIMIT"
                       : select->clause->word == WORD_OFFSET ? "OFFSET"
                       : select->clause->word == WORD_GROUP  ? "GROUP BY"
                                                             : "HAVING";
    return problem_at(arena, builder->text, select->clause_value->token->text,
                      "Unsupported clause: %s", name);
}

static const struct error *build_select(const struct builder *builder,
                                        const struct syntax_select *select,
                                        struct partiql_statement *statement)
{
    const struct error *error = check_clauses(builder, select);
    if (error == NULL)
        error = build_columns(builder, select, statement);
    if (error == NULL)
        error = build_where(builder, select->where, &statement->where);
    if (error == NULL)
        error = build_orders(builder, select, statement);
    return error;
}

/* --- INSERT --- */

static const struct error *build_item(const struct builder *builder, const struct syntax *literal,
                                      struct slice *ret_item)
{
    struct value map = VALUE_NONE;
    const struct error *error = NULL;
    if (literal->kind == SYNTAX_PARAMETER)
        error = build_parameter(builder, literal, &map);
    else if (literal->kind == SYNTAX_STRUCT)
        error = build_item_map(builder, literal, &map);
    if (error != NULL)
        return error;
    if (map.type != VALUE_MAP)
        return problem(builder->arena, "INSERT takes one item: VALUE {'name': value, ...}");
    *ret_item = map.body;
    return NULL;
}

/* --- all changes --- */

static enum partiql_returning returning_of(enum word word)
{
    switch (word) {
    case WORD_ALL_OLD:
        return PARTIQL_RETURNING_ALL_OLD;
    case WORD_ALL_NEW:
        return PARTIQL_RETURNING_ALL_NEW;
    case WORD_MODIFIED_OLD:
        return PARTIQL_RETURNING_MODIFIED_OLD;
    case WORD_MODIFIED_NEW:
        return PARTIQL_RETURNING_MODIFIED_NEW;
    default:
        return PARTIQL_RETURNING_NOTHING;
    }
}

static const struct error *build_returning(const struct builder *builder,
                                           const struct syntax_change *change,
                                           struct partiql_statement *statement)
{
    static const char *const words[] = {
        [PARTIQL_RETURNING_NOTHING] = "",
        [PARTIQL_RETURNING_ALL_OLD] = "ALL OLD",
        [PARTIQL_RETURNING_ALL_NEW] = "ALL NEW",
        [PARTIQL_RETURNING_MODIFIED_OLD] = "MODIFIED OLD",
        [PARTIQL_RETURNING_MODIFIED_NEW] = "MODIFIED NEW",
    };
    statement->returning = returning_of(change->returning);
    if (change->returning_other)
        return problem(builder->arena,
                       "Invalid returning clause: exactly one of ALL OLD *, ALL NEW *, MODIFIED "
                       "OLD * and MODIFIED NEW * is allowed");
    if (change->kind != SYNTAX_DELETE || statement->returning == PARTIQL_RETURNING_NOTHING ||
        statement->returning == PARTIQL_RETURNING_ALL_OLD)
        return NULL;
    return problem(builder->arena,
                   "Invalid returning clause: RETURNING %s *. Only RETURNING ALL OLD * is allowed "
                   "in DELETE statements.",
                   words[statement->returning]);
}

static const struct error *build_change(const struct builder *builder,
                                        const struct syntax_change *change, bool on_index,
                                        struct partiql_statement *statement)
{
    if (on_index)
        return problem(builder->arena, "This operation is not supported on an index");
    if (change->kind == SYNTAX_INSERT) {
        if (change->plain_insert)
            return problem(builder->arena, "INSERT takes one item: VALUE {'name': value, ...}");
        return build_item(builder, change->value, &statement->item);
    }
    const struct error *error = build_returning(builder, change, statement);
    if (error == NULL && change->kind == SYNTAX_UPDATE)
        error = build_update(builder, change->actions, &statement->update);
    if (error == NULL)
        error = build_where(builder, change->where, &statement->where);
    return error;
}

const struct error *partiql_build(struct arena *arena, const struct partiql_parsed *parsed,
                                  const struct value *parameters, size_t parameter_count,
                                  struct partiql_statement *ret_statement)
{
    const struct builder builder = {
        .arena = arena,
        .text = parsed->text,
        .parameters = parameters,
        .parameter_count = parameter_count,
    };
    struct partiql_statement statement = {.kind = parsed->kind, .item = SLICE_ABSENT};
    const struct syntax *root = parsed->root;
    const struct error *error;
    if (root->kind == SYNTAX_CHANGE)
        error = build_change(&builder, root->change, slice_present(parsed->index), &statement);
    else if (root->kind == SYNTAX_SELECT)
        error = build_select(&builder, root->select, &statement);
    else
        error = build_select(&builder, root->first->select, &statement);
    if (error == NULL)
        *ret_statement = statement;
    return error;
}

bool partiql_project(struct arena *arena, struct slice item, const struct partiql_column *columns,
                     size_t count, struct slice *ret_item)
{
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, count);
    if (members == NULL)
        return false;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        struct value value = item_find(item, columns[i].path);
        if (value_present(value))
            members[filled++] = (struct value_member){columns[i].name, value};
    }
    struct value map;
    if (!value_build_map(arena, members, filled, &map))
        return false;
    *ret_item = map.body;
    return true;
}
