#include "auth/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "json/json_writer.h"

enum { LINE_BYTES_MAX = 64 * 1024, TEXT_BYTES_MAX = 4096, FILE_MODE = 0600, TIME_BYTES = 40 };

struct auth_audit {
    char *path;
    int file; /* always the same number, whichever file that is */
    atomic_bool is_failing;
};

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
}

const struct error *auth_audit_open(struct arena *arena, const char *path,
                                    struct auth_audit **ret_audit)
{
    int file = open_file(path);
    if (file < 0)
        return error_make(arena, ERROR_INTERNAL, "Cannot write the audit log %s: %s", path,
                          strerror(errno));
    struct auth_audit *audit = calloc(1, sizeof(*audit));
    char *copy = strdup(path);
    if (audit == NULL || copy == NULL) {
        close(file);
        free(audit);
        free(copy);
        return error_exhausted();
    }
    audit->path = copy;
    audit->file = file;
    *ret_audit = audit;
    return NULL;
}

void auth_audit_reopen(struct auth_audit *audit)
{
    int file = open_file(audit->path);
    if (file < 0) {
        log_write(LOG_ERROR, "cannot open the audit log %s again: %s", audit->path,
                  strerror(errno));
        return;
    }
    /* In the place of the old one, under its number: somebody may be writing to it just now. */
    int taken = dup3(file, audit->file, O_CLOEXEC);
    if (taken < 0)
        log_write(LOG_ERROR, "cannot open the audit log %s again: %s", audit->path,
                  strerror(errno));
    close(file);
}

void auth_audit_close(struct auth_audit *audit)
{
    if (audit == NULL)
        return;
    close(audit->file);
    free(audit->path);
    free(audit);
}

static void write_text(struct json_writer *writer, struct slice name, struct slice text)
{
    if (!slice_present(text))
        return;
    json_name(writer, name);
    json_string(writer, text);
}

static void write_time(struct json_writer *writer, int64_t time_ms)
{
    char text[TIME_BYTES];
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm moment;
    gmtime_r(&seconds, &moment);
    size_t size = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &moment);
    size += (size_t)snprintf(text + size, sizeof(text) - size, ".%03dZ", (int)(time_ms % 1000));
    write_text(writer, SLICE("time"), slice_of(text, size));
}

static const char *reason_word(enum auth_reason reason)
{
    static const char *const words[] = {
        [AUTH_NO_IDENTITY_POLICY] = "no identity-based policy allows",
        [AUTH_NO_BOUNDARY] = "no permissions boundary allows",
        [AUTH_NO_SESSION_POLICY] = "no session policy allows",
        [AUTH_NO_RESOURCE_POLICY] = "no resource-based policy allows",
        [AUTH_DENIED_BY_IDENTITY_POLICY] = "denied by an identity-based policy",
        [AUTH_DENIED_BY_BOUNDARY] = "denied by a permissions boundary",
        [AUTH_DENIED_BY_SESSION_POLICY] = "denied by a session policy",
        [AUTH_DENIED_BY_RESOURCE_POLICY] = "denied by a resource-based policy",
    };
    return words[reason];
}

/* Names and ARNs from outside may be any bytes, and any number of them; JSON is text. */
static struct slice printable(struct arena *arena, struct slice text)
{
    if (text.size > TEXT_BYTES_MAX)
        text.size = TEXT_BYTES_MAX;
    uint8_t *copy = slice_present(text) ? arena_alloc_bytes(arena, text.size) : NULL;
    if (copy == NULL)
        return SLICE_ABSENT;
    for (size_t i = 0; i < text.size; i++)
        copy[i] = text.data[i] >= ' ' && text.data[i] < 0x7f ? text.data[i] : '?';
    return slice_of(copy, text.size);
}

static void write_verdict(struct json_writer *writer, struct arena *arena,
                          const struct auth_audit_entry *entry)
{
    const struct auth_decision *decision = entry->decision;
    bool allowed = decision != NULL && decision->reason == AUTH_ALLOWED;
    write_text(writer, SLICE("verdict"), allowed ? SLICE("allowed") : SLICE("refused"));
    if (decision != NULL && !allowed)
        write_text(writer, SLICE("reason"), slice_of_cstring(reason_word(decision->reason)));
    if (decision != NULL)
        write_text(writer, SLICE("policy"), printable(arena, decision->policy));
    if (entry->error != NULL)
        write_text(writer, SLICE("error"), slice_of_cstring(error_kind_name(entry->error->kind)));
}

static void write_line(struct buf *line, struct arena *arena, const struct auth_audit_entry *entry)
{
    struct json_writer writer;
    json_writer_init(&writer, line);
    json_object_begin(&writer);
    write_time(&writer, entry->time_ms);
    write_text(&writer, SLICE("requestId"), entry->request_id);
    write_text(&writer, SLICE("sourceIp"), entry->source_ip);
    write_text(&writer, SLICE("accessKeyId"), printable(arena, entry->access_key_id));
    if (entry->principal != NULL)
        write_text(&writer, SLICE("principal"), printable(arena, entry->principal->arn));
    write_text(&writer, SLICE("action"), printable(arena, entry->action));
    write_text(&writer, SLICE("resource"), printable(arena, entry->resource));
    write_verdict(&writer, arena, entry);
    json_object_end(&writer);
    buf_append_byte(line, '\n');
}

void auth_audit_write(struct auth_audit *audit, const struct auth_audit_entry *entry)
{
    if (audit == NULL)
        return;
    struct arena arena;
    struct buf line;
    arena_init(&arena, 4 * LINE_BYTES_MAX);
    buf_init(&line, &arena, LINE_BYTES_MAX);
    write_line(&line, &arena, entry);
    ssize_t written = -1;
    if (!line.failed)
        written = write(audit->file, line.data, line.size);
    bool failed = written < 0 || (size_t)written != line.size;
    if (failed != atomic_exchange(&audit->is_failing, failed) && failed)
        log_write(LOG_ERROR, "cannot write the audit log %s: %s", audit->path,
                  line.failed ? "a line is too long" : strerror(errno));
    arena_fini(&arena);
}
