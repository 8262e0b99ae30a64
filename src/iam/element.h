#ifndef HASHRANGE_IAM_ELEMENT_H
#define HASHRANGE_IAM_ELEMENT_H

/* Identities as XML (IAM API reference, "Data types"). Each writes the members of its data type,
 * not the element around them. Private to iam/. */

#include "iam/model.h"
#include "query/xml_writer.h"

/* How much of an identity is told: lists leave out tags, boundaries and more, as the reference says
 * of each. */
enum iam_detail { IAM_LISTED, IAM_WHOLE };

void iam_write_user(struct xml_writer *out, const struct iam_entity *user, enum iam_detail detail);
void iam_write_group(struct xml_writer *out, const struct iam_entity *group);
void iam_write_role(struct xml_writer *out, const struct iam_entity *role, enum iam_detail detail);
void iam_write_policy(struct xml_writer *out, const struct iam_entity *policy,
                      enum iam_detail detail);
/* The document only of IAM_WHOLE. */
void iam_write_version(struct xml_writer *out, const struct iam_entity *policy,
                       const struct db_identity_version *version, enum iam_detail detail);
void iam_write_profile(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *profile, enum iam_detail detail);
/* <Tags>, also an empty one. */
void iam_write_tags(struct xml_writer *out, const struct db_identity *record);
/* An element with a policy document in it, percent-encoded (RFC 3986) as IAM answers. */
void iam_write_document(struct xml_writer *out, const char *name, struct slice document);
/* <AttachedPolicies> of those with the path. */
void iam_write_attached(struct xml_writer *out, const struct iam_entity *policy);

#endif
