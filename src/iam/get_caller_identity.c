/* sts:GetCallerIdentity: who am I? Needs no permission, not even that which a policy denies. */

#include "iam/action.h"

const struct error *iam_get_caller_identity(struct iam_call *call)
{
    const struct auth_principal *principal = call->principal;
    struct xml_writer *out = call->out;
    if (principal != NULL) {
        xml_text(out, "Arn", principal->arn);
        xml_text(out, "UserId", principal->user_id);
        xml_text(out, "Account", principal->account);
        return NULL;
    }
    /* Development mode: whoever signs is the account itself. */
    struct buf arn;
    buf_init(&arn, call->arena, 128);
    buf_append_format(&arn, "arn:aws:iam::%.*s:root", SLICE_PRINT(call->iam->account));
    if (arn.failed)
        return error_exhausted();
    xml_text(out, "Arn", buf_slice(&arn));
    xml_text(out, "UserId", call->iam->account);
    xml_text(out, "Account", call->iam->account);
    return NULL;
}
