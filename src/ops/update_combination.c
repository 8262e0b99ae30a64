#include "ops/update_combination.h"

#include "ops/validation_error.h"

/* What an UpdateTable is about. */
enum {
    CHANGE_ENCRYPTION = 1 << 0,
    CHANGE_CLASS = 1 << 1,
    CHANGE_PROTECTION = 1 << 2,
    CHANGE_WARM = 1 << 3,
    CHANGE_ON_DEMAND = 1 << 4,
    CHANGE_THROUGHPUT = 1 << 5,
    CHANGE_TO_PROVISIONED = 1 << 6,
    CHANGE_TO_ON_DEMAND = 1 << 7,
    CHANGE_STREAM = 1 << 8,
    CHANGE_INDEXES = 1 << 9,           /* one is to be created or deleted */
    CHANGE_INDEX_THROUGHPUT = 1 << 10, /* they stay */
    CHANGE_ANYTHING = (1 << 11) - 1,
};

/* In the order of checking: a change, what must not stand beside it, and the words. */
static const struct {
    unsigned change;
    unsigned refused;
    const char *words;
} rules[] = {
    {CHANGE_ENCRYPTION, CHANGE_ANYTHING,
     "Server-Side Encryption modification must be the only operation in the request"},
    {CHANGE_CLASS, CHANGE_ANYTHING,
     "TableClass modification must be the only operation in the request"},
    {CHANGE_PROTECTION, CHANGE_ANYTHING,
     "DeletionProtection modification must be the only operation in the request"},
    {CHANGE_INDEXES, CHANGE_WARM,
     "Create global secondary index cannot be specified when updating WarmThroughput"},
    {CHANGE_INDEXES, CHANGE_THROUGHPUT,
     "You cannot create or delete index while updating table IOPS"},
    {CHANGE_INDEXES, CHANGE_STREAM,
     "You cannot create or delete index while changing stream status"},
    {CHANGE_ON_DEMAND, CHANGE_WARM | CHANGE_THROUGHPUT | CHANGE_STREAM | CHANGE_INDEXES,
     "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"},
    {CHANGE_WARM, CHANGE_ANYTHING & ~CHANGE_INDEX_THROUGHPUT,
     "WarmThroughput must be the only operation in the request"},
    {CHANGE_STREAM, CHANGE_THROUGHPUT | CHANGE_TO_PROVISIONED,
     "You cannot modify stream status while updating table IOPS"},
};

static unsigned index_changes(const struct model_list_global_secondary_index_update_list *updates)
{
    unsigned changes = 0;
    for (size_t i = 0; i < updates->count; i++)
        changes |= updates->items[i].update != NULL ? CHANGE_INDEX_THROUGHPUT : CHANGE_INDEXES;
    return changes;
}

static unsigned changes_of(const struct model_update_table_input *input)
{
    unsigned changes = index_changes(&input->global_secondary_index_updates);
    if (input->sse_specification != NULL)
        changes |= CHANGE_ENCRYPTION;
    if (input->table_class.value != 0)
        changes |= CHANGE_CLASS;
    if (input->deletion_protection_enabled.present)
        changes |= CHANGE_PROTECTION;
    if (input->warm_throughput != NULL)
        changes |= CHANGE_WARM;
    if (input->on_demand_throughput != NULL)
        changes |= CHANGE_ON_DEMAND;
    if (input->provisioned_throughput != NULL)
        changes |= CHANGE_THROUGHPUT;
    if (input->billing_mode.value == MODEL_BILLING_MODE_PROVISIONED)
        changes |= CHANGE_TO_PROVISIONED;
    if (input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST)
        changes |= CHANGE_TO_ON_DEMAND;
    if (input->stream_specification != NULL)
        changes |= CHANGE_STREAM;
    return changes;
}

const struct error *op_update_combination_check(const struct op_call *call,
                                                const struct model_update_table_input *input)
{
    unsigned changes = changes_of(input);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        unsigned beside = changes & ~rules[i].change;
        if ((changes & rules[i].change) != 0 && (beside & rules[i].refused) != 0)
            return op_validation_error(call, "One or more parameter values were invalid: %s",
                                       rules[i].words);
    }
    return NULL;
}
