/* What users of AWS may have and nobody has here: passwords, MFA devices, certificates, SSH keys,
 * service specific credentials. None can be made, so that the lists are empty and whatever is asked
 * for is not there. Tools that keep users ask before they delete one. */

#include "iam/caller.h"
#include "iam/page.h"

static const struct query_member page_members[] = {IAM_USER_NAME(QUERY_OPTIONAL), IAM_PAGE};

struct listing {
    struct iam_task task; /* first */
    const char *list;
};

static const struct error *list_nothing(void *context, struct iam_directory *directory)
{
    struct listing *listing = context;
    struct xml_writer *out = listing->task.call->out;
    struct iam_entity *user;
    const struct error *error = iam_find_caller_or(&listing->task, directory, &user);
    if (error != NULL)
        return error;
    xml_begin(out, listing->list);
    xml_end(out, listing->list);
    xml_boolean(out, "IsTruncated", false);
    return NULL;
}

static const struct error *list(struct iam_call *call, const char *name)
{
    struct listing listing = {.list = name};
    const struct error *error = iam_task_begin(&listing.task, call, page_members,
                                               COUNT_OF(page_members), IAM_TAKES_NO_NAME);
    return error != NULL ? error : iam_directory_look(call->iam->directory, list_nothing, &listing);
}

const struct error *iam_list_mfa_devices(struct iam_call *call)
{
    return list(call, "MFADevices");
}

const struct error *iam_list_signing_certificates(struct iam_call *call)
{
    return list(call, "Certificates");
}

const struct error *iam_list_ssh_public_keys(struct iam_call *call)
{
    return list(call, "SSHPublicKeys");
}

const struct error *iam_list_service_specific_credentials(struct iam_call *call)
{
    return list(call, "ServiceSpecificCredentials");
}

/* --- login profiles --- */

static const struct error *find_login_profile(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct iam_entity *user;
    const struct error *error = iam_find_caller_or(task, directory, &user);
    if (error != NULL)
        return error;
    return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                      "Login Profile for User %.*s cannot be found.",
                      SLICE_PRINT(user->record.name));
}

/* GetLoginProfile, DeleteLoginProfile */
const struct error *iam_find_login_profile(struct iam_call *call)
{
    return iam_task_look(call, page_members, 1, IAM_TAKES_NO_NAME, find_login_profile);
}

/* --- what accounts may have --- */

static const struct error *list_none_of_account(struct iam_call *call, const char *name)
{
    struct iam_input input;
    const struct error *error = iam_input_read(call, page_members + 1, 2, 0, &input);
    if (error != NULL)
        return error;
    xml_begin(call->out, name);
    xml_end(call->out, name);
    xml_boolean(call->out, "IsTruncated", false);
    return NULL;
}

const struct error *iam_list_virtual_mfa_devices(struct iam_call *call)
{
    return list_none_of_account(call, "VirtualMFADevices");
}

const struct error *iam_list_server_certificates(struct iam_call *call)
{
    return list_none_of_account(call, "ServerCertificateMetadataList");
}

const struct error *iam_list_saml_providers(struct iam_call *call)
{
    xml_begin(call->out, "SAMLProviderList");
    xml_end(call->out, "SAMLProviderList");
    return NULL;
}
