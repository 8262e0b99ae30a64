#include "ops/encryption.h"

#include "base/hash.h"
#include "ops/validation_error.h"

#define WORDS_INVALID "One or more parameter values were invalid: "

/* A type without Enabled asks for a key too (observed). */
static bool asks_for_key(const struct model_sse_specification *given)
{
    return given->enabled.present ? given->enabled.value : given->sse_type.value != 0;
}

static const struct error *invalid(const struct op_call *call, const char *words)
{
    return op_validation_error(call, WORDS_INVALID "%s", words);
}

const struct error *op_sse_check(const struct op_call *call,
                                 const struct model_sse_specification *given)
{
    if (given == NULL)
        return NULL;
    bool has_key = slice_present(given->kms_master_key_id);
    bool is_refused = given->enabled.present && !given->enabled.value;
    if (is_refused && given->sse_type.value != 0)
        return invalid(call, "SSEType can not be specified if Enabled is false");
    if (is_refused && has_key)
        return invalid(call, "KMSMasterKeyId can not be specified if Enabled is false");
    if (given->sse_type.value == MODEL_SSE_TYPE_AES256)
        return invalid(call, "SSEType AES256 is not supported");
    if (has_key && given->sse_type.value == 0)
        return invalid(call, "SSEType KMS is required if KMSMasterKeyId is specified");
    return NULL;
}

const struct error *op_sse_change_check(const struct op_call *call,
                                        const struct model_sse_specification *given,
                                        const struct db_table *table)
{
    if (given == NULL)
        return NULL;
    if (!asks_for_key(given) && !table->sse_present)
        return invalid(call, "Table is already encrypted by default");
    if (table->sse_present && slice_present(given->kms_master_key_id) &&
        slice_equal(given->kms_master_key_id, table->sse_key_arn))
        return invalid(call, "Table is already encrypted with given KMSMasterKeyId. Use "
                             "KMSMasterKeyId parameter if you want to change Master Key");
    return NULL;
}

/*
 * The key that the service itself would use when none is named: one for each account and region,
 * always the same, so that descriptions do not change between two reads.
 */
static const struct error *managed_key_arn(struct arena *arena, const struct db_table *table,
                                           struct slice *ret_arn)
{
    struct buf seed;
    buf_init(&seed, arena, 1024);
    buf_append_format(&seed, "aws/dynamodb %.*s %.*s", SLICE_PRINT(table->account),
                      SLICE_PRINT(table->region));
    uint64_t low = hash_bytes(buf_slice(&seed));
    buf_append_byte(&seed, ' ');
    uint64_t high = hash_bytes(buf_slice(&seed));
    struct buf arn;
    buf_init(&arn, arena, 1024);
    buf_append_format(&arn, "arn:aws:kms:%.*s:%.*s:key/%08x-%04x-4%03x-a%03x-%012llx",
                      SLICE_PRINT(table->region), SLICE_PRINT(table->account),
                      (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffffU,
                      (unsigned)high & 0xfffU, (unsigned)(low >> 52) & 0xfffU,
                      (unsigned long long)(low & UINT64_C(0xffffffffffff)));
    if (seed.failed || arn.failed)
        return error_exhausted();
    *ret_arn = buf_slice(&arn);
    return NULL;
}

const struct error *op_sse_apply(const struct op_call *call,
                                 const struct model_sse_specification *given,
                                 struct db_table *setting)
{
    if (given == NULL)
        return NULL;
    setting->sse_present = asks_for_key(given);
    setting->sse_kms = setting->sse_present;
    setting->sse_key_arn = SLICE_ABSENT;
    if (!setting->sse_present)
        return NULL;
    if (!slice_present(given->kms_master_key_id) ||
        slice_equal(given->kms_master_key_id, SLICE("alias/aws/dynamodb")))
        return managed_key_arn(call->arena, setting, &setting->sse_key_arn);
    if (slice_starts_with(given->kms_master_key_id, SLICE("arn:"))) {
        setting->sse_key_arn = given->kms_master_key_id;
        return NULL;
    }
    struct buf arn;
    buf_init(&arn, call->arena, SIZE_MAX);
    buf_append_format(&arn, "arn:aws:kms:%.*s:%.*s:key/", SLICE_PRINT(setting->region),
                      SLICE_PRINT(setting->account));
    buf_append(&arn, given->kms_master_key_id);
    if (arn.failed)
        return error_exhausted();
    setting->sse_key_arn = buf_slice(&arn);
    return NULL;
}
