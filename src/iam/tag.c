/* Tag, Untag and List of tags: TagUser, UntagRole, ListPolicyTags and the like. */

#include "iam/listing.h"
#include "iam/tags.h"

/* --- Tag, Untag --- */

static const struct error *add_tags(const struct iam_task *task,
                                    const struct iam_directory *directory,
                                    struct db_identity *record)
{
    (void)directory;
    return iam_tags_add(task, record);
}

static const struct error *remove_tags(const struct iam_task *task,
                                       const struct iam_directory *directory,
                                       struct db_identity *record)
{
    (void)directory;
    return iam_tags_remove(task, record);
}

const struct error *iam_tag(struct iam_call *call)
{
    return iam_task_edit(call, NULL, 0, IAM_TAKES_TAGS, add_tags);
}

const struct error *iam_untag(struct iam_call *call)
{
    return iam_task_edit(call, NULL, 0, IAM_TAKES_TAG_KEYS, remove_tags);
}

/* --- List --- */

static void write_tag(struct xml_writer *out, const struct iam_directory *directory,
                      const struct iam_entity *entity, size_t at)
{
    (void)directory;
    iam_write_tag(out, &entity->record.tags[at]);
}

static const struct error *list_tags(void *context, struct iam_directory *directory)
{
    struct iam_entity *entity;
    const struct error *error = iam_task_find(context, directory, &entity);
    if (error != NULL)
        return error;
    const struct iam_parts parts = {
        .list = "Tags", .count = entity->record.tag_count, .write = write_tag};
    return iam_parts_write(context, directory, entity, &parts);
}

const struct error *iam_list_tags(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, list_tags);
}
