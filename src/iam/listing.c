#include "iam/listing.h"

#include "iam/page.h"

static bool is_in_list(const struct iam_task *task, const struct iam_list *list,
                       const struct iam_entity *entity)
{
    return entity->record.kind == list->kind->kind &&
           (list->has == NULL || list->has(task, list->owner, entity)) &&
           iam_has_path(entity, task->input.path_prefix);
}

const struct error *iam_list_write(const struct iam_task *task,
                                   const struct iam_directory *directory,
                                   const struct iam_list *list)
{
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct iam_index *index =
        list->index != NULL ? list->index : &directory->by_name[list->kind->kind];
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    xml_begin(out, list->kind->list);
    for (size_t i = 0; i < index->count; i++) {
        const struct iam_index_entry *entry = &index->entries[i];
        if (!is_in_list(task, list, entry->entity) || !iam_page_takes(&page, entry->text))
            continue;
        xml_begin(out, "member");
        list->kind->write(out, directory, entry->entity, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, list->kind->list);
    iam_page_end(&page, out);
    return NULL;
}

const struct error *iam_parts_write(const struct iam_task *task,
                                    const struct iam_directory *directory,
                                    const struct iam_entity *owner, const struct iam_parts *parts)
{
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    xml_begin(out, parts->list);
    for (size_t i = 0; i < parts->count; i++) {
        bool is_shown = parts->has == NULL || parts->has(task, directory, owner, i);
        if (is_shown && iam_page_takes_position(&page, i))
            parts->write(out, directory, owner, i);
    }
    xml_end(out, parts->list);
    iam_page_end(&page, out);
    return NULL;
}
