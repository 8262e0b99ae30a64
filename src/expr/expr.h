#ifndef HASHRANGE_EXPR_EXPR_H
#define HASHRANGE_EXPR_EXPR_H

/*
 * DynamoDB's expressions: parsed once per request into a tree in the request's arena, with every
 * check that needs no data (syntax, reserved words, placeholders, operand types, limits,
 * overlapping paths), then evaluated against stored items in place. Grammar: developer guide,
 * "Condition and filter expressions, operators, and functions", "Update expressions", "Projection
 * expressions", "Key condition expressions".
 *
 * Error texts are complete ("Invalid ConditionExpression: ..."), kind ERROR_VALIDATION.
 * The legacy parameters become the same trees: expr/legacy.h. PartiQL builds them without text:
 * expr/build.h.
 */

#include "base/error.h"
#include "item/path.h"
#include "item/value.h"

/* One entry of ExpressionAttributeNames. */
struct expr_name {
    struct slice placeholder; /* with its # */
    struct slice name;
};

struct expr_placeholder;

/* Developer guide, "Service, account, and table quotas", "Expression parameters". */
enum {
    EXPR_TEXT_BYTES_MAX = 4096,
    EXPR_OPERATORS_MAX = 300,
    EXPR_IN_OPERANDS_MAX = 100,
    EXPR_PLACEHOLDER_BYTES_MAX = 255,
    /* of all names with their placeholders, and of all values with theirs (developer guide,
     * "Service quotas", "Expression parameters") */
    EXPR_NAMES_BYTES_MAX = 2 * 1024 * 1024,
    EXPR_VALUES_BYTES_MAX = 2 * 1024 * 1024,
};

/* What all expressions of one request share: placeholders and which of them were used. */
struct expr_scope {
    struct arena *arena;
    const struct expr_name *names; /* NULL: not given */
    size_t name_count;
    struct value values; /* a map with keys ":v"; VALUE_NONE: not given */
    /* filled by expr_scope_init: sorted by placeholder, with marks of what was used */
    struct expr_placeholder *by_name;
    struct expr_placeholder *by_value;
    size_t value_count;
    /* To be set between expr_scope_init and the first expression: the error about a text that is
     * too long ends before "expression size: 4097", whatever the expression. */
    bool omits_text_size;
};

/* Checks the placeholders themselves, in the service's order: names and then values must not be
 * empty, all names together at most EXPR_NAMES_BYTES_MAX, all values EXPR_VALUES_BYTES_MAX, each
 * placeholder at most 255 bytes and of the right form, each name not empty. An empty list of names
 * is names != NULL with name_count 0. */
MUST_USE const struct error *expr_scope_init(struct expr_scope *scope, struct arena *arena,
                                             const struct expr_name *names, size_t name_count,
                                             struct value values);
/* After all expressions are parsed: "Value provided in ExpressionAttributeValues unused in
 * expressions: keys: {:v}" and the same for names. */
MUST_USE const struct error *expr_scope_check_all_used(const struct expr_scope *scope);

/* The parameter an expression came in, for the words of its errors. */
enum expr_parameter {
    EXPR_CONDITION_EXPRESSION,
    EXPR_FILTER_EXPRESSION,
    EXPR_KEY_CONDITION_EXPRESSION,
    EXPR_PROJECTION_EXPRESSION,
    EXPR_UPDATE_EXPRESSION,
    EXPR_STATEMENT, /* a part of a PartiQL statement, whose errors name no parameter */
};
/* "ConditionExpression", ... Static. */
const char *expr_parameter_name(enum expr_parameter parameter);

/* --- conditions and filters --- */
struct expr_condition;
MUST_USE const struct error *expr_condition_parse(struct expr_scope *scope,
                                                  enum expr_parameter parameter, struct slice text,
                                                  const struct expr_condition **ret_condition);
/* Takes no memory. A NULL condition holds. An absent item is ITEM_EMPTY. */
bool expr_condition_holds(const struct expr_condition *condition, struct slice item);
/* Every document path an expression reads, in order of mention, until visit returns false: for the
 * rules that a filter must not use key attributes and that nothing looks inside a key attribute
 * ("Key attributes must be scalars; ..."), and for authorization. A NULL condition has none. */
typedef bool expr_visit_path(void *context, struct path path);
void expr_condition_visit_paths(const struct expr_condition *condition, expr_visit_path *visit,
                                void *context);

/* --- projections --- */
struct expr_projection {
    const struct path *paths; /* as they were given */
    size_t count;
    struct path_set set; /* the same, for item_project */
};
MUST_USE const struct error *expr_projection_parse(struct expr_scope *scope, struct slice text,
                                                   struct expr_projection *ret_projection);

/* --- key conditions --- */
enum expr_key_operator {
    EXPR_KEY_EQUAL,
    EXPR_KEY_LESS,
    EXPR_KEY_LESS_OR_EQUAL,
    EXPR_KEY_GREATER,
    EXPR_KEY_GREATER_OR_EQUAL,
    EXPR_KEY_BETWEEN, /* operand[0] <= key <= operand[1] */
    EXPR_KEY_BEGINS_WITH,
    EXPR_KEY_NOT_INDEXABLE, /* only of KeyConditions: no operand is set */
};
struct expr_key_term {
    struct slice name;
    enum expr_key_operator operator;
    struct value operand[2];
};
/* The terms as written: at most one per attribute, joined by AND, at least one. Whether there are
 * too many, which attributes must be there, with which operators and types is the schema's
 * business. Errors about the shape ("Invalid operator used in KeyConditionExpression: OR") have no
 * prefix. */
struct expr_key_condition {
    struct expr_key_term *terms;
    size_t count;
};
MUST_USE const struct error *expr_key_condition_parse(struct expr_scope *scope, struct slice text,
                                                      struct expr_key_condition *ret_condition);
/* Its second half: condition is what expr_condition_parse made of the text. The service looks at
 * the shape when it has parsed the other expressions of the request (observed). */
MUST_USE const struct error *expr_key_condition_of(struct arena *arena,
                                                   const struct expr_condition *condition,
                                                   struct expr_key_condition *ret_condition);

/* --- updates --- */
struct expr_update;
MUST_USE const struct error *expr_update_parse(struct expr_scope *scope, struct slice text,
                                               const struct expr_update **ret_update);
/* The new item. old is ITEM_EMPTY or the stored one, with the key attributes already in it. The
 * error, if any, is a ValidationException in arena ("The provided expression refers to an attribute
 * that does not exist in the item", ...). */
MUST_USE const struct error *expr_update_apply(const struct expr_update *update,
                                               struct arena *arena, struct slice old,
                                               struct slice *ret_new);
/* The paths an update writes or removes, for UPDATED_OLD / UPDATED_NEW and the rule that keys must
 * not be updated. Pairwise apart. */
void expr_update_paths(const struct expr_update *update, const struct path **ret_paths,
                       size_t *ret_count);

/* The type an attribute of the item gets, as far as that is known without an item: of a value, a
 * sum, a joined list; VALUE_ABSENT for what is copied, computed from what is there, or not written.
 */
enum value_type expr_update_known_type(const struct expr_update *update, struct slice name);

/* The paths its values read, as expr_condition_visit_paths. */
void expr_update_visit_paths(const struct expr_update *update, expr_visit_path *visit,
                             void *context);
/* Has it only actions that clear, REMOVE and DELETE? The service does nothing at all with such an
 * update when there is no item, be its paths good or not (observed). */
bool expr_update_only_clears(const struct expr_update *update);
/* The bytes an update is charged for what it says, whatever the item: the paths it writes, the
 * operands it writes there and a fixed cost for each action, operator and path element. The service
 * holds them against the limit of an item's size. Observed; expr/update_charge.c has the costs. Not
 * for updates from AttributeUpdates, which are not charged. */
size_t expr_update_charge_bytes(const struct expr_update *update);

/* The service lists names as a Java HashSet of so many strings holds them: by slot of its table,
 * those of one slot as they came (observed). */
uint32_t expr_hash_slot(struct slice text, size_t key_count);

/* Is it one of DynamoDB's reserved words (any case)? */
bool expr_is_reserved_word(struct slice word);

#endif
