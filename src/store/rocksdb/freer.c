#include "store/rocksdb/freer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"

enum {
    SMALL_BYTES = 1024 * 1024, /* removed at once */
    STEP_BYTES = 512 * 1024,
    STEP_MS = 5,
    STEPS_MAX = 200, /* for all that waits: no more than a second's worth */
    EVENT_BYTES = 16 * 1024,
};

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t end_size = strlen(end);
    return size > end_size && strcmp(name + size - end_size, end) == 0;
}

static bool is_large_kind(const char *name)
{
    return strlen(name) < FREER_NAME_BYTES && (ends_with(name, ".log") || ends_with(name, ".sst"));
}

/* --- the queue --- */

static bool reserve(struct freer *freer)
{
    if (freer->queue_count < freer->queue_capacity)
        return true;
    size_t capacity = freer->queue_capacity == 0 ? 16 : freer->queue_capacity * 2;
    struct freer_file *queue = calloc(capacity, sizeof(*queue));
    if (queue == NULL)
        return false;
    for (size_t i = 0; i < freer->queue_count; i++)
        queue[i] = freer->queue[(freer->queue_first + i) % freer->queue_capacity];
    free(freer->queue);
    freer->queue = queue;
    freer->queue_first = 0;
    freer->queue_capacity = capacity;
    return true;
}

static void pop(struct freer *freer)
{
    freer->queue_bytes -= freer->queue[freer->queue_first].bytes;
    freer->queue_first = (freer->queue_first + 1) % freer->queue_capacity;
    freer->queue_count--;
}

/* A second name whose first may be gone. */
static void consider(struct freer *freer, const char *name)
{
    struct stat status;
    if (fstatat(freer->freeing_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode))
        return;
    bool has_first = faccessat(freer->folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (has_first && status.st_nlink > 1)
        return;
    if (status.st_nlink > 1 || status.st_size <= SMALL_BYTES || !reserve(freer)) {
        unlinkat(freer->freeing_fd, name, 0);
        return;
    }
    struct freer_file *file =
        &freer->queue[(freer->queue_first + freer->queue_count) % freer->queue_capacity];
    memcpy(file->name, name, strlen(name) + 1); /* is_large_kind has looked at its size */
    file->bytes = status.st_size;
    freer->queue_bytes += file->bytes;
    freer->queue_count++;
}

/* --- cutting --- */

static int64_t step_bytes(const struct freer *freer)
{
    int64_t share = freer->queue_bytes / STEPS_MAX;
    return share > STEP_BYTES ? share : STEP_BYTES;
}

/* Cuts a step off the file at the front, or removes it when there is nothing more to cut. */
static void free_step(struct freer *freer)
{
    struct freer_file *file = &freer->queue[freer->queue_first];
    int64_t step = step_bytes(freer);
    struct stat status;
    int fd = openat(freer->freeing_fd, file->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    bool is_last_name = fd >= 0 && fstat(fd, &status) == 0 && status.st_nlink == 1;
    bool is_cut =
        is_last_name && status.st_size > step && ftruncate(fd, status.st_size - step) == 0;
    if (fd >= 0)
        close(fd);
    if (is_cut) {
        int64_t rest = status.st_size - step;
        freer->queue_bytes -= file->bytes - rest;
        file->bytes = rest;
        return;
    }
    unlinkat(freer->freeing_fd, file->name, 0);
    pop(freer);
}

/* --- names --- */

static void give_second_name(struct freer *freer, const char *name)
{
    if (linkat(freer->folder_fd, name, freer->freeing_fd, name, 0) != 0 && errno == EEXIST)
        consider(freer, name); /* of an older file that had this name */
}

static void for_each_file(int folder_fd, void (*visit)(struct freer *, const char *),
                          struct freer *freer)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (listing == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (is_large_kind(entry->d_name))
            visit(freer, entry->d_name);
    }
    closedir(listing);
}

/* At the start, and when changes were missed. */
static void look_at_all(struct freer *freer)
{
    freer->queue_count = 0;
    freer->queue_bytes = 0;
    for_each_file(freer->freeing_fd, consider, freer);
    for_each_file(freer->folder_fd, give_second_name, freer);
}

static void read_events(struct freer *freer)
{
    alignas(struct inotify_event) char bytes[EVENT_BYTES];
    ssize_t size = read(freer->watch_fd, bytes, sizeof(bytes));
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event =
            (const struct inotify_event *)(const void *)(bytes + at);
        at += (ssize_t)(sizeof(*event) + event->len);
        if ((event->mask & IN_Q_OVERFLOW) != 0) {
            look_at_all(freer);
            return;
        }
        if (event->len == 0 || !is_large_kind(event->name))
            continue;
        if ((event->mask & IN_CREATE) != 0)
            give_second_name(freer, event->name);
        else
            consider(freer, event->name);
    }
}

static void *run(void *context)
{
    struct freer *freer = context;
    look_at_all(freer);
    for (;;) {
        struct pollfd files[2] = {{.fd = freer->stop_fd, .events = POLLIN},
                                  {.fd = freer->watch_fd, .events = POLLIN}};
        int ready = poll(files, COUNT_OF(files), freer->queue_count > 0 ? STEP_MS : -1);
        if (files[0].revents != 0)
            return NULL;
        if (ready > 0)
            read_events(freer);
        else if (freer->queue_count > 0)
            free_step(freer);
    }
}

/* --- life --- */

static void close_all(struct freer *freer)
{
    int files[] = {freer->folder_fd, freer->freeing_fd, freer->watch_fd, freer->stop_fd};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (files[i] >= 0)
            close(files[i]);
    }
    free(freer->queue);
    free(freer->folder);
    *freer = (struct freer){0};
}

static bool open_all(struct freer *freer)
{
    freer->folder_fd = open(freer->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (freer->folder_fd < 0 ||
        (mkdirat(freer->folder_fd, FREER_SUBFOLDER, 0700) != 0 && errno != EEXIST))
        return false;
    freer->freeing_fd =
        openat(freer->folder_fd, FREER_SUBFOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    freer->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    freer->stop_fd = eventfd(0, EFD_CLOEXEC);
    return freer->freeing_fd >= 0 && freer->watch_fd >= 0 && freer->stop_fd >= 0 &&
           inotify_add_watch(freer->watch_fd, freer->folder, IN_CREATE | IN_DELETE) >= 0;
}

void freer_start(struct freer *freer, const char *folder)
{
    *freer = (struct freer){
        .folder = strdup(folder),
        .folder_fd = -1,
        .freeing_fd = -1,
        .watch_fd = -1,
        .stop_fd = -1,
    };
    if (freer->folder != NULL && open_all(freer) &&
        pthread_create(&freer->thread, NULL, run, freer) == 0) {
        freer->running = true;
        return;
    }
    log_write(LOG_DEBUG, "files in %s are removed at once: %s", folder, strerror(errno));
    close_all(freer);
}

void freer_stop(struct freer *freer)
{
    if (!freer->running)
        return;
    uint64_t one = 1;
    CHECK(write(freer->stop_fd, &one, sizeof(one)) == sizeof(one));
    CHECK(pthread_join(freer->thread, NULL) == 0);
    close_all(freer);
}
