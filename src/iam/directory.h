#ifndef HASHRANGE_IAM_DIRECTORY_H
#define HASHRANGE_IAM_DIRECTORY_H

/*
 * Who there is: all identities of the account in memory, and the keyring that verification asks.
 *
 * Every change is durable before it is seen by anybody; changes come one at a time
 * (iam/change.h), and whoever reads sees all of a change or nothing of it. Credentials that have
 * been handed out stay as they were; the next request gets new ones.
 *
 * Secrets of access keys are kept sealed under the key file (auth/seal.h), in memory as in the
 * store, with the id of the access key as associated data. They are open in the credentials that
 * are in use, and wiped with them.
 *
 * Threads: everything here may be called from any thread, many at once, but open and close.
 */

#include "auth/credentials.h"
#include "auth/policy.h"
#include "auth/seal.h"
#include "base/error.h"

struct db;
struct iam_directory;

enum {
    IAM_ACCESS_KEY_ID_BYTES = 20, /* AKIA or ASIA and 16 of base32 */
    IAM_SECRET_BYTES = 40,
    IAM_UNIQUE_ID_BYTES = 21, /* AIDA, AROA, ... and 17 of base32 */
};

struct iam_directory_options {
    struct db *db;        /* outlives the directory */
    struct slice account; /* twelve digits; outlives it */
    const struct auth_seal_key *key;
    /* Where the key comes from, for the message when it is the wrong one, or absent. */
    struct slice key_name;
};

/* Loads everything. INTERNAL: a record is corrupt; or the key is not the one that the secrets were
 * sealed with: "The key file ... is not the one that this data was written with". */
MUST_USE const struct error *iam_directory_open(struct arena *arena,
                                                const struct iam_directory_options *options,
                                                struct iam_directory **ret_directory);
/* All credentials are released by now. Writes down when keys were last used. Accepts NULL. */
void iam_directory_close(struct iam_directory *directory);

/* --- credentials --- */

/* Long-lived access keys from the store, temporary ones by their session token. Lives as long as
 * the directory. */
const struct auth_keyring *iam_directory_keyring(struct iam_directory *directory);

/* The access key of the root. The first call makes one, renew makes another one in its place: then
 * *ret_created, and id and secret in arena, to be shown once. Else only the id of one that it has,
 * or none when all were deleted. Waits for I/O. */
MUST_USE const struct error *iam_directory_root_key(struct iam_directory *directory,
                                                    struct arena *arena, bool renew, int64_t now_ms,
                                                    bool *ret_created, struct slice *ret_id,
                                                    struct slice *ret_secret);

/* The key was used, as the keyring hears: what GetAccessKeyLastUsed tells. Kept in memory and
 * written down with the next change of the key's owner and at the end; what was used since is lost
 * with a crash. Unknown keys are ignored. */
void iam_directory_note_use(struct iam_directory *directory, struct slice access_key_id,
                            struct slice service, struct slice region, int64_t now_ms);

/* --- what STS needs to know; everything is copied into arena --- */

struct iam_role {
    struct slice id; /* AROA... */
    struct slice arn;
    struct slice name;
    struct slice path;
    const struct auth_policy *trust;
    int64_t max_session_seconds;
    const struct auth_tag *tags;
    size_t tag_count;
};
/* By the whole ARN. *ret_found false: there is none. */
MUST_USE const struct error *iam_directory_role(struct iam_directory *directory,
                                                struct arena *arena, struct slice arn,
                                                struct iam_role *ret_role, bool *ret_found);

struct iam_user {
    struct slice id; /* AIDA... */
    struct slice arn;
    struct slice name;
    struct slice path;
    const struct auth_tag *tags;
    size_t tag_count;
};
MUST_USE const struct error *iam_directory_user(struct iam_directory *directory,
                                                struct arena *arena, struct slice unique_id,
                                                struct iam_user *ret_user, bool *ret_found);

/* The default version of a managed policy, customer's or AWS's, as its document. */
MUST_USE const struct error *iam_directory_policy(struct iam_directory *directory,
                                                  struct arena *arena, struct slice arn,
                                                  struct slice *ret_document, bool *ret_found);

struct iam_provider {
    struct slice arn;
    struct slice url; /* without the scheme, as in the ARN */
    const struct slice *client_ids;
    size_t client_id_count;
    const struct slice *thumbprints; /* 40 hex digits each */
    size_t thumbprint_count;
};
/* url with or without "https://". */
MUST_USE const struct error *iam_directory_provider(struct iam_directory *directory,
                                                    struct arena *arena, struct slice url,
                                                    struct iam_provider *ret_provider,
                                                    bool *ret_found);

/* Which user, role or account an access key belongs to (sts:GetAccessKeyInfo). Only the account is
 * told, and only of keys that are known. */
bool iam_directory_knows_key(struct iam_directory *directory, struct slice access_key_id);

#endif
