#include "store/rocksdb/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/rocksdb/freer.h"

/* ret_path has PATH_MAX bytes. */
static bool path_in(const char *folder, const char *name, char *ret_path)
{
    int size = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
    return size > 0 && size < PATH_MAX;
}

/* A new name in a folder survives a power loss only when the folder itself is synced. */
static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

static const struct error *make_folder(struct arena *arena, const char *folder)
{
    char parent[PATH_MAX];
    if (mkdir(folder, 0700) != 0)
        return error_make(arena, ERROR_INTERNAL,
                          "The data folder %s cannot be made: %s. Make its "
                          "parent, or choose another folder",
                          folder, strerror(errno));
    if (!path_in(folder, "..", parent) || !sync_folder(parent))
        return error_make(arena, ERROR_INTERNAL,
                          "The data folder %s was made, but the folder "
                          "above it cannot be synced: %s",
                          folder, strerror(errno));
    return NULL;
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static bool starts_with(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

struct contents {
    bool has_current; /* CURRENT names the manifest, which names all other parts of a database */
    bool has_data;    /* logs or tables */
    bool has_other; /* something that RocksDB does not leave behind when its first start is cut off
                     */
};

static void note_name(struct contents *contents, const char *name)
{
    static const char *const first_start[] = {"LOCK", "LOG", "IDENTITY", "MANIFEST-", "OPTIONS-"};
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0 ||
        strcmp(name, FREER_SUBFOLDER) == 0)
        return;
    if (strcmp(name, "CURRENT") == 0) {
        contents->has_current = true;
        return;
    }
    if (ends_with(name, ".log") || ends_with(name, ".sst")) {
        contents->has_data = true;
        return;
    }
    bool known = ends_with(name, ".dbtmp");
    for (size_t i = 0; i < COUNT_OF(first_start); i++)
        known = known || starts_with(name, first_start[i]);
    contents->has_other = contents->has_other || !known;
}

static const struct error *read_contents(struct arena *arena, const char *folder,
                                         struct contents *ret_contents)
{
    struct contents contents = {0};
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return error_make(arena, ERROR_INTERNAL, "The data folder %s cannot be read: %s", folder,
                          strerror(errno));
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        note_name(&contents, entry->d_name);
    closedir(listing);
    *ret_contents = contents;
    return NULL;
}

static const struct error *check_access(struct arena *arena, const char *folder)
{
    struct stat status;
    if (stat(folder, &status) != 0) {
        if (errno == ENOENT)
            return make_folder(arena, folder);
        return error_make(arena, ERROR_INTERNAL, "The data folder %s cannot be read: %s", folder,
                          strerror(errno));
    }
    if (!S_ISDIR(status.st_mode))
        return error_make(arena, ERROR_INTERNAL,
                          "%s is not a folder. The data folder must be one: "
                          "choose another path",
                          folder);
    if (access(folder, R_OK | W_OK | X_OK) != 0)
        return error_make(arena, ERROR_INTERNAL,
                          "The data folder %s is not both readable and "
                          "writable for this user: %s",
                          folder, strerror(errno));
    return NULL;
}

const struct error *folder_prepare(struct arena *arena, const char *folder, bool *ret_is_new)
{
    const struct error *error = check_access(arena, folder);
    if (error != NULL)
        return error;
    struct contents contents = {0};
    error = read_contents(arena, folder, &contents);
    if (error != NULL)
        return error;
    if (!contents.has_current && contents.has_data)
        return error_make(arena, ERROR_INTERNAL,
                          "The data in %s is damaged: the file CURRENT is "
                          "missing. Nothing was changed; restore the folder from a backup",
                          folder);
    if (!contents.has_current && contents.has_other)
        return error_make(arena, ERROR_INTERNAL,
                          "The folder %s holds other files and no data of "
                          "hashrange. Choose an empty folder",
                          folder);
    *ret_is_new = !contents.has_current;
    return NULL;
}

/* The process that holds the lock, or 0. Must not be asked while this process holds it: closing any
 * file descriptor of the lock file would give it up. */
static pid_t lock_holder(const char *folder)
{
    char path[PATH_MAX];
    if (!path_in(folder, "LOCK", path))
        return 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pid_t holder = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
    close(fd);
    return holder;
}

static const struct error *explain_lock(struct arena *arena, const char *folder, pid_t holder)
{
    char process[64] = "another process";
    if (holder == getpid())
        snprintf(process, sizeof(process), "this process");
    else if (holder > 0)
        snprintf(process, sizeof(process), "process %ld", (long)holder);
    return error_make(arena, ERROR_INTERNAL,
                      "The data folder %s is in use by %s. Stop that one "
                      "first, or choose another folder",
                      folder, process);
}

/* RocksDB has no error codes in its C interface, only words. Words that are not known here are
 * passed on as they are. */
const struct error *folder_explain(struct arena *arena, const char *folder,
                                   const char *rocksdb_words)
{
    if (strstr(rocksdb_words, "lock hold by current process") != NULL)
        return explain_lock(arena, folder, getpid());
    if (strstr(rocksdb_words, "While lock file") != NULL && strstr(rocksdb_words, "LOCK") != NULL)
        return explain_lock(arena, folder, lock_holder(folder));
    if (strstr(rocksdb_words, strerror(ENOSPC)) != NULL)
        return error_make(arena, ERROR_INTERNAL,
                          "The disk of the data folder %s is full. Make room "
                          "and start again; nothing is lost (%s)",
                          folder, rocksdb_words);
    if (starts_with(rocksdb_words, "Corruption"))
        return error_make(arena, ERROR_INTERNAL,
                          "The data in %s is damaged and was left as it is; "
                          "look at the disk, then restore the folder from a backup (%s)",
                          folder, rocksdb_words);
    return error_make(arena, ERROR_INTERNAL, "The data folder %s cannot be opened: %s", folder,
                      rocksdb_words);
}

/* Writes a file of some size, syncs it if wanted, and removes it again. 0 or an errno. */
static int try_to_write(const char *folder, bool syncs)
{
    enum { TRIAL_BYTES = 1024 * 1024 };
    static uint8_t zeros[TRIAL_BYTES]; /* not const: the program would be as much larger */
    char path[PATH_MAX];
    /* RocksDB itself removes files that end so, should we be killed before we do. */
    if (!path_in(folder, "000000.dbtmp", path))
        return ENAMETOOLONG;
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    errno = 0;
    ssize_t written = write(fd, zeros, TRIAL_BYTES);
    /* Less than all means that there is no room for more. */
    int problem = written < 0 ? errno : written < TRIAL_BYTES ? ENOSPC : 0;
    if (problem == 0 && syncs && fsync(fd) != 0)
        problem = errno;
    close(fd);
    unlink(path);
    return problem;
}

bool folder_can_write(const char *folder)
{
    return try_to_write(folder, true) == 0;
}

const struct error *folder_check_writing(struct arena *arena, const char *folder)
{
    int problem = try_to_write(folder, false); /* a sync would take most of the time of a start */
    if (problem == 0)
        return NULL;
    if (problem == ENOSPC || problem == EDQUOT)
        return error_make(arena, ERROR_INTERNAL,
                          "The disk of the data folder %s is full. Make room and start again; "
                          "nothing is lost",
                          folder);
    return error_make(arena, ERROR_INTERNAL, "The data folder %s cannot be written: %s", folder,
                      strerror(problem));
}
