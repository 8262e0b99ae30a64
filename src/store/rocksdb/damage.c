#include "store/rocksdb/damage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/rocksdb/log_reader.h"

static bool path_in(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    int size = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
    return size > 0 && size < PATH_MAX;
}

/* Fills the block as far as the file goes; -1 and errno. */
static ssize_t read_block(int fd, uint8_t block[LOG_BLOCK_BYTES])
{
    size_t size = 0;
    while (size < LOG_BLOCK_BYTES) {
        ssize_t got = read(fd, block + size, LOG_BLOCK_BYTES - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    return (ssize_t)size;
}

/* false: it cannot be read, which RocksDB will tell better. */
static bool read_log(int fd, struct log_reader *reader)
{
    uint8_t block[LOG_BLOCK_BYTES];
    ssize_t size;
    do {
        size = read_block(fd, block);
        if (size < 0)
            return false;
        log_reader_take(reader, slice_of(block, (size_t)size));
    } while (size == LOG_BLOCK_BYTES);
    return true;
}

static bool read_log_named(const char *folder, const char *name, struct log_reader *reader)
{
    char path[PATH_MAX];
    if (!path_in(folder, name, path))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    *reader = (struct log_reader){.log_number = (uint32_t)strtoul(name, NULL, 10)};
    bool is_read = read_log(fd, reader);
    close(fd);
    return is_read;
}

static const struct error *check_log(struct arena *arena, const char *folder, const char *name,
                                     bool syncs)
{
    struct log_reader reader;
    if (!read_log_named(folder, name, &reader) || !reader.is_damaged || !reader.goes_on)
        return NULL;
    unsigned long long from = reader.whole_bytes;
    if (!syncs) {
        log_write(LOG_WARNING,
                  "The log %s in %s is damaged from byte %llu on, though not to its end; "
                  "writes from there on are lost",
                  name, folder, from);
        return NULL;
    }
    return error_make(arena, ERROR_INTERNAL,
                      "The data in %s is damaged and was left as it is: the log %s is broken from "
                      "byte %llu on, and acknowledged writes come behind. Look at the disk, then "
                      "restore the folder from a backup; or start once with --durability "
                      "interval, which gives these writes up",
                      folder, name, from);
}

const struct error *damage_check_logs(struct arena *arena, const char *folder, bool syncs)
{
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return NULL; /* RocksDB will tell why */
    const struct error *error = NULL;
    for (const struct dirent *entry; error == NULL && (entry = readdir(listing)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if (size > 4 && strcmp(entry->d_name + size - 4, ".log") == 0)
            error = check_log(arena, folder, entry->d_name, syncs);
    }
    closedir(listing);
    return error;
}

/* The folder's lock, as RocksDB takes it: nobody else changes the folder. -1: it is in use. */
static int lock_folder(const char *folder)
{
    char path[PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!path_in(folder, "LOCK", path))
        return -1;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The manifest's path, by the file CURRENT. */
static bool find_manifest(const char *folder, char ret_path[PATH_MAX])
{
    char name[NAME_MAX + 1] = "";
    if (!path_in(folder, "CURRENT", ret_path))
        return false;
    int fd = open(ret_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, name, sizeof(name) - 1);
    close(fd);
    char *end = size > 0 ? memchr(name, '\n', (size_t)size) : NULL;
    if (end == NULL)
        return false;
    *end = '\0';
    return strncmp(name, "MANIFEST-", 9) == 0 && strchr(name, '/') == NULL &&
           path_in(folder, name, ret_path);
}

/* LEB128. false: it does not end in time. */
static bool read_varint(struct slice *at, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; at->size > 0 && shift < 64; shift += 7) {
        uint8_t byte = at->data[0];
        *at = slice_after(*at, 1);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

/* A record of the manifest says with its first fields, where it says it at all, which log is the
 * oldest that is needed from then on (RocksDB's db/version_edit.h has the tags). */
static void note_oldest_log(void *context, struct slice head)
{
    enum { COMPARATOR = 1, LOG_NUMBER = 2, DATABASE_ID = 8193 };
    uint64_t *oldest_log = context;
    uint64_t tag;
    uint64_t value;
    while (read_varint(&head, &tag) && read_varint(&head, &value)) {
        if (tag == LOG_NUMBER)
            *oldest_log = value;
        if ((tag != COMPARATOR && tag != DATABASE_ID) || value > head.size)
            return;
        head = slice_after(head, value); /* the value of these is a size, and bytes */
    }
}

static bool has_log(const char *folder, uint64_t number)
{
    char name[32];
    char path[PATH_MAX];
    snprintf(name, sizeof(name), "%06llu.log", (unsigned long long)number);
    return path_in(folder, name, path) && access(path, F_OK) == 0;
}

/* The oldest log that is needed after the whole records of a manifest. RocksDB has taken in all
 * that came before when it opened the database; it then made a log, and right after that the
 * manifest. */
static uint64_t oldest_log_after(const char *manifest, uint64_t oldest_log)
{
    uint64_t number = strtoull(strrchr(manifest, '-') + 1, NULL, 10);
    return number != 0 && number - 1 > oldest_log ? number - 1 : oldest_log;
}

static bool cut_torn_end(const char *folder, const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    uint64_t oldest_log = 0;
    struct log_reader reader = {.record = note_oldest_log, .context = &oldest_log};
    bool can_cut = read_log(fd, &reader) && reader.is_damaged && reader.whole_bytes > 0 &&
                   has_log(folder, oldest_log_after(path, oldest_log));
    bool is_cut = can_cut && ftruncate(fd, (off_t)reader.whole_bytes) == 0 && fsync(fd) == 0;
    close(fd);
    return is_cut;
}

bool damage_cut_manifest(const char *folder)
{
    char path[PATH_MAX];
    int lock = lock_folder(folder);
    if (lock < 0)
        return false;
    bool is_cut = find_manifest(folder, path) && cut_torn_end(folder, path);
    close(lock);
    return is_cut;
}
