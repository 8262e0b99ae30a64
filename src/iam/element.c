#include "iam/element.h"

#include <inttypes.h>
#include <stdio.h>

static void write_head(struct xml_writer *out, const struct iam_entity *entity,
                       const char *name_element, const char *id_element)
{
    xml_text(out, "Path", entity->record.path);
    xml_text(out, name_element, entity->record.name);
    xml_text(out, id_element, entity->record.id);
    xml_text(out, "Arn", entity->arn);
    xml_date(out, "CreateDate", entity->record.created_ms);
}

static void write_boundary(struct xml_writer *out, const struct db_identity *record)
{
    if (!slice_present(record->boundary))
        return;
    xml_begin(out, "PermissionsBoundary");
    /* not the word of the service model, but what the service says (observed) */
    xml_text(out, "PermissionsBoundaryType", SLICE("Policy"));
    xml_text(out, "PermissionsBoundaryArn", record->boundary);
    xml_end(out, "PermissionsBoundary");
}

void iam_write_tag(struct xml_writer *out, const struct db_identity_tag *tag)
{
    xml_begin(out, "member");
    xml_text(out, "Key", tag->key);
    xml_text(out, "Value", tag->value);
    xml_end(out, "member");
}

void iam_write_tags(struct xml_writer *out, const struct db_identity *record)
{
    xml_begin(out, "Tags");
    for (size_t i = 0; i < record->tag_count; i++)
        iam_write_tag(out, &record->tags[i]);
    xml_end(out, "Tags");
}

static void write_some_tags(struct xml_writer *out, const struct db_identity *record)
{
    if (record->tag_count > 0)
        iam_write_tags(out, record);
}

static bool is_unreserved(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'z') || byte == '-' ||
           byte == '.' || byte == '_' || byte == '~';
}

void iam_write_document(struct xml_writer *out, const char *name, struct slice document)
{
    static const char digits[] = "0123456789ABCDEF";
    xml_begin(out, name);
    for (size_t i = 0; i < document.size; i++) {
        uint8_t byte = document.data[i];
        if (is_unreserved(byte)) {
            buf_append_byte(out->out, byte);
            continue;
        }
        buf_append_byte(out->out, '%');
        buf_append_byte(out->out, (uint8_t)digits[byte >> 4]);
        buf_append_byte(out->out, (uint8_t)digits[byte & 15]);
    }
    xml_end(out, name);
}

/* Root has neither a name nor a path. */
void iam_write_user(struct xml_writer *out, const struct iam_directory *directory,
                    const struct iam_entity *user, enum iam_detail detail)
{
    (void)directory;
    if (user->record.kind == DB_IDENTITY_ACCOUNT) {
        xml_text(out, "UserId", user->record.id);
        xml_text(out, "Arn", user->arn);
        xml_date(out, "CreateDate", user->record.created_ms);
        return;
    }
    write_head(out, user, "UserName", "UserId");
    if (detail == IAM_LISTED)
        return;
    write_boundary(out, &user->record);
    write_some_tags(out, &user->record);
}

void iam_write_group(struct xml_writer *out, const struct iam_directory *directory,
                     const struct iam_entity *group, enum iam_detail detail)
{
    (void)directory;
    (void)detail;
    write_head(out, group, "GroupName", "GroupId");
}

void iam_write_role(struct xml_writer *out, const struct iam_directory *directory,
                    const struct iam_entity *role, enum iam_detail detail)
{
    (void)directory;
    const struct db_identity *record = &role->record;
    write_head(out, role, "RoleName", "RoleId");
    iam_write_document(out, "AssumeRolePolicyDocument", record->trust);
    xml_text(out, "Description", record->description);
    xml_integer(out, "MaxSessionDuration", (int64_t)record->max_session_seconds);
    if (detail == IAM_LISTED)
        return;
    write_boundary(out, record);
    write_some_tags(out, record);
}

static void write_version_id(struct xml_writer *out, const char *name, uint64_t number)
{
    char text[24];
    int size = snprintf(text, sizeof(text), "v%" PRIu64, number);
    xml_text(out, name, slice_of(text, (size_t)size));
}

void iam_write_policy(struct xml_writer *out, const struct iam_directory *directory,
                      const struct iam_entity *policy, enum iam_detail detail)
{
    (void)directory;
    const struct db_identity *record = &policy->record;
    xml_text(out, "PolicyName", record->name);
    xml_text(out, "PolicyId", record->id);
    xml_text(out, "Arn", policy->arn);
    xml_text(out, "Path", record->path);
    write_version_id(out, "DefaultVersionId", record->default_version);
    xml_integer(out, "AttachmentCount", (int64_t)policy->attachments);
    xml_integer(out, "PermissionsBoundaryUsageCount", (int64_t)policy->boundaries);
    xml_boolean(out, "IsAttachable", true);
    if (detail == IAM_WHOLE)
        xml_text(out, "Description", record->description);
    xml_date(out, "CreateDate", record->created_ms);
    xml_date(out, "UpdateDate", record->updated_ms);
    if (detail == IAM_WHOLE)
        write_some_tags(out, record);
}

void iam_write_version(struct xml_writer *out, const struct iam_entity *policy,
                       const struct db_identity_version *version, enum iam_detail detail)
{
    if (detail == IAM_WHOLE)
        iam_write_document(out, "Document", version->document);
    write_version_id(out, "VersionId", version->number);
    xml_boolean(out, "IsDefaultVersion", version->number == policy->record.default_version);
    xml_date(out, "CreateDate", version->created_ms);
}

void iam_write_profile(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *profile, enum iam_detail detail)
{
    write_head(out, profile, "InstanceProfileName", "InstanceProfileId");
    xml_begin(out, "Roles");
    for (size_t i = 0; i < profile->record.role_count; i++) {
        const struct iam_entity *role = iam_find_id(directory, profile->record.roles[i].text);
        if (role == NULL)
            continue;
        xml_begin(out, "member");
        iam_write_role(out, directory, role, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "Roles");
    if (detail == IAM_WHOLE)
        write_some_tags(out, &profile->record);
}

void iam_write_attached(struct xml_writer *out, const struct iam_entity *policy)
{
    xml_text(out, "PolicyName", policy->record.name);
    xml_text(out, "PolicyArn", policy->arn);
}
