#ifndef HASHRANGE_IAM_ELEMENT_H
#define HASHRANGE_IAM_ELEMENT_H

/* Identities as XML (IAM API reference, "Data types"). Each writes the members of its data type,
 * not the element around them. Private to iam/. */

#include "iam/model.h"
#include "query/xml_writer.h"

/* How much of an identity is told: lists leave out tags, boundaries and more, as the reference says
 * of each. */
enum iam_detail { IAM_LISTED, IAM_WHOLE };

typedef void iam_write(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *entity, enum iam_detail detail);
iam_write iam_write_user; /* also of root */
iam_write iam_write_group;
iam_write iam_write_role;
iam_write iam_write_policy;
iam_write iam_write_profile;
/* The document only of IAM_WHOLE. */
void iam_write_version(struct xml_writer *out, const struct iam_entity *policy,
                       const struct db_identity_version *version, enum iam_detail detail);
/* <member> */
void iam_write_tag(struct xml_writer *out, const struct db_identity_tag *tag);
/* <Tags>, also an empty one. */
void iam_write_tags(struct xml_writer *out, const struct db_identity *record);
/* An element with a policy document in it, percent-encoded (RFC 3986) as IAM answers. */
void iam_write_document(struct xml_writer *out, const char *name, struct slice document);
/* <AttachedPolicies> of those with the path. */
void iam_write_attached(struct xml_writer *out, const struct iam_entity *policy);

#endif
