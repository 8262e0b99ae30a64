#ifndef HASHRANGE_IAM_LISTING_H
#define HASHRANGE_IAM_LISTING_H

/*
 * Answers that are a list, page by page (iam/page.h): of identities, and of what belongs to one.
 * What lists differ in is data. Private to iam/.
 */

#include "iam/kind.h"

/* Identities of a kind, of which all have the task's PathPrefix, if it has any. */
struct iam_list {
    const struct iam_kind *kind;
    const struct iam_index *index; /* NULL: in the order of their names */
    /* Which of them; NULL: all. */
    bool (*has)(const struct iam_task *task, const struct iam_entity *owner,
                const struct iam_entity *entity);
    const struct iam_entity *owner; /* of the list, where it has one */
};
/* QUERY_VALIDATION "Invalid Marker.", and so does the next. */
MUST_USE const struct error *iam_list_write(const struct iam_task *task,
                                            const struct iam_directory *directory,
                                            const struct iam_list *list);

/* What belongs to one identity, in an order of its own. */
struct iam_parts {
    const char *list; /* element of the list: "Tags" */
    size_t count;
    /* Is it shown? NULL: all are. */
    bool (*has)(const struct iam_task *task, const struct iam_directory *directory,
                const struct iam_entity *owner, size_t at);
    /* The whole <member>. */
    void (*write)(struct xml_writer *out, const struct iam_directory *directory,
                  const struct iam_entity *owner, size_t at);
};
MUST_USE const struct error *iam_parts_write(const struct iam_task *task,
                                             const struct iam_directory *directory,
                                             const struct iam_entity *owner,
                                             const struct iam_parts *parts);

#endif
