#ifndef HASHRANGE_OPS_TAGS_H
#define HASHRANGE_OPS_TAGS_H

/*
 * Tags of tables: what a tag may be, and which table a ResourceArn is about. Developer guide,
 * "Tagging restrictions in DynamoDB"; words and order from public measurements of the service
 * (October 2026). All of it is refused before anything is changed.
 */

#include "ops/operation.h"
#include "ops/table_name.h"

enum { OP_TAGS_MAX = 50 };

/* Of CreateTable and TagResource: each tag, and no key twice. An empty list is fine here. */
MUST_USE const struct error *op_tags_check(const struct op_call *call,
                                           const struct model_list_tag_list *tags);
MUST_USE const struct error *op_tag_keys_check(const struct op_call *call,
                                               const struct model_list_tag_key_list *keys);
/* "Number of Tags exceed the current limit for the provided ResourceArn". In arena. */
MUST_USE const struct error *op_tags_check_count(struct arena *arena, size_t count);

/* What needs no data: the ARN of a table, in this account. */
MUST_USE const struct error *op_tags_arn_read(const struct op_call *call, struct slice arn,
                                              struct op_table_name *ret_name);
/* The table, with a reference; ResourceNotFoundException when it is not there. Listing its tags is
 * AccessDeniedException then in account 000000000000 (observed). */
MUST_USE const struct error *op_tags_table(const struct op_call *call,
                                           const struct op_table_name *name,
                                           const struct db_table **ret_table);

#endif
