#ifndef HASHRANGE_IAM_INPUT_H
#define HASHRANGE_IAM_INPUT_H

/*
 * The parameters of IAM's actions. All actions share one struct: each lists the members it takes,
 * with the constraints of the service model (IAM API reference). Private to iam/.
 *
 *     static const struct query_member members[] = {IAM_USER_NAME(QUERY_REQUIRED), IAM_PATH};
 *     struct iam_input input;
 *     const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &input);
 */

#include "iam/action.h"
#include "query/parameters.h"

struct iam_input {
    struct slice name;        /* UserName, GroupName, RoleName, InstanceProfileName, PolicyName */
    struct slice group;       /* GroupName beside a UserName */
    struct slice role;        /* RoleName beside an InstanceProfileName */
    struct slice path;        /* Path, NewPath */
    struct slice new_name;    /* NewUserName, NewGroupName */
    struct slice policy_name; /* of an inline policy */
    struct slice policy_arn;
    struct slice document;
    struct slice description;
    struct slice boundary;
    struct slice access_key_id;
    struct slice status;
    struct slice version_id;
    struct slice scope;
    struct slice usage;  /* PolicyUsageFilter */
    struct slice filter; /* EntityFilter */
    struct slice path_prefix;
    struct slice marker;
    struct slice url;
    struct slice provider_arn;
    struct slice client_id;
    int64_t max_items;
    int64_t max_session_seconds;
    bool set_as_default;
    bool only_attached;
    struct auth_tag *tags;
    size_t tag_count;
    const struct slice *tag_keys;
    size_t tag_key_count;
    const struct slice *client_ids;
    size_t client_id_count;
    const struct slice *thumbprints;
    size_t thumbprint_count;
};

/* Lists, which the members cannot say. */
enum iam_takes {
    IAM_TAKES_TAGS = 1,
    IAM_TAKES_TAG_KEYS = 2,
    IAM_TAKES_CLIENT_IDS = 4,
    IAM_TAKES_THUMBPRINTS = 8,
    IAM_TAKES_NO_NAME = 16, /* iam/kind.h */
};

enum {
    IAM_TAGS_MAX = 50,
    IAM_MAX_ITEMS_DEFAULT = 100,
    IAM_SESSION_SECONDS_DEFAULT = 3600,
};

extern const struct query_pattern iam_pattern_path;        /* "/" or "/a/b/" */
extern const struct query_pattern iam_pattern_policy_path; /* the same, of fewer characters */
extern const struct query_pattern iam_pattern_path_prefix;
extern const struct query_pattern iam_pattern_version;
extern const struct query_pattern iam_pattern_description;

#define IAM_TEXT(member, name, presence, smallest, largest, pattern)                               \
    QUERY_TEXT_MEMBER(struct iam_input, member, name, presence, smallest, largest, pattern)
#define IAM_NAME(member, name, presence, largest)                                                  \
    IAM_TEXT(member, name, presence, 1, largest, &query_pattern_name)

#define IAM_USER_NAME(presence) IAM_NAME(name, "UserName", presence, 128)
#define IAM_POLICY_NAME IAM_NAME(policy_name, "PolicyName", QUERY_REQUIRED, 128)
#define IAM_POLICY_ARN IAM_TEXT(policy_arn, "PolicyArn", QUERY_REQUIRED, 20, 2048, NULL)
#define IAM_DOCUMENT(name)                                                                         \
    IAM_TEXT(document, name, QUERY_REQUIRED, 1, 131072, &query_pattern_policy)
#define IAM_PATH IAM_TEXT(path, "Path", QUERY_OPTIONAL, 1, 512, &iam_pattern_path)
#define IAM_NEW_PATH IAM_TEXT(path, "NewPath", QUERY_OPTIONAL, 1, 512, &iam_pattern_path)
#define IAM_PATH_PREFIX                                                                            \
    IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_path_prefix)
#define IAM_BOUNDARY(presence) IAM_TEXT(boundary, "PermissionsBoundary", presence, 20, 2048, NULL)
#define IAM_DESCRIPTION(presence)                                                                  \
    IAM_TEXT(description, "Description", presence, 0, 1000, &iam_pattern_description)
#define IAM_MAX_SESSION                                                                            \
    QUERY_INTEGER_MEMBER(struct iam_input, max_session_seconds, "MaxSessionDuration",              \
                         QUERY_OPTIONAL, 3600, 43200)
/* Both parts of paging. */
#define IAM_PAGE                                                                                   \
    IAM_TEXT(marker, "Marker", QUERY_OPTIONAL, 1, 8192, NULL),                                     \
        QUERY_INTEGER_MEMBER(struct iam_input, max_items, "MaxItems", QUERY_OPTIONAL, 1, 1000)

/* input is overwritten. What the form does not have is absent, 0 or false; max_items is
 * IAM_MAX_ITEMS_DEFAULT. */
MUST_USE const struct error *iam_input_read(const struct iam_call *call,
                                            const struct query_member *members, size_t count,
                                            unsigned takes, struct iam_input *input);

#endif
