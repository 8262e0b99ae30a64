#ifndef HASHRANGE_V2011_TABLE_DESCRIPTION_H
#define HASHRANGE_V2011_TABLE_DESCRIPTION_H

/* What that version says of a table, and how it is told what throughput one is to have. It knows
 * neither indexes nor streams nor billing modes: of a table that has them it tells the rest, and an
 * on-demand table has a throughput of 0. Private to v2011/. */

#include "v2011/table_keys.h"

/* with_totals: ItemCount and TableSizeBytes, which only DescribeTable answers with (developer
 * guide, the samples of that version's operations). known: the table of which DeleteTable says less
 * in the current version than in that one; else NULL. */
MUST_USE const struct error *
v2011_table_describe(struct arena *arena, const struct model_table_description *description,
                     bool with_totals, const struct v2011_table *known,
                     struct model_v2011_table_description **ret_description);

MUST_USE const struct error *
v2011_throughput_translate(struct arena *arena,
                           const struct model_v2011_provisioned_throughput *asked,
                           struct model_provisioned_throughput **ret_throughput);

#endif
