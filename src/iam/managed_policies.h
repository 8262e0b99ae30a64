#ifndef HASHRANGE_IAM_MANAGED_POLICIES_H
#define HASHRANGE_IAM_MANAGED_POLICIES_H

/*
 * Policies that AWS manages, as it publishes them (AWS managed policy reference guide), of those
 * that users of DynamoDB attach. Only the newest version of each is known. They are the files in
 * managed_policies/, made into this table when the program is built. ReadOnlyAccess and
 * SecurityAudit, which have thousands of actions, have those of services that matter here.
 */

#include "base/slice.h"

struct iam_managed_policy {
    struct slice name;
    struct slice path;
    struct slice id;
    struct slice description;
    struct slice document;
    uint64_t version;
    int64_t created_ms;
    int64_t updated_ms;
};

extern const struct iam_managed_policy iam_managed_policies[];
extern const size_t iam_managed_policy_count;

#endif
