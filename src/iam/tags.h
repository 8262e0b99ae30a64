#ifndef HASHRANGE_IAM_TAGS_H
#define HASHRANGE_IAM_TAGS_H

/* Tags of identities: their keys differ in more than case (IAM user guide, "Rules for tagging in
 * IAM and AWS STS"). Private to iam/. */

#include "iam/kind.h"

/* The task's tags to those the record has, in the call's arena. INVALID_INPUT: one is there twice
 * in the request; IDENTITY_LIMIT_EXCEEDED. */
MUST_USE const struct error *iam_tags_add(const struct iam_task *task, struct db_identity *record);
/* Without those that the task names; others are ignored. */
MUST_USE const struct error *iam_tags_remove(const struct iam_task *task,
                                             struct db_identity *record);

#endif
