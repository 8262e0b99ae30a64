#include "server/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rand.h"

enum { OTHERS_MAY = 077, OWNER_ONLY = 0600 };

static const struct error *failed(struct arena *arena, const char *what, const char *path)
{
    return error_make(arena, ERROR_VALIDATION, "Cannot %s the key file %s: %s", what, path,
                      strerror(errno));
}

/* Both in the arena; NULL when exhausted. */
static char *join(struct arena *arena, struct slice left, struct slice right)
{
    uint8_t *text = arena_alloc_bytes(arena, left.size + right.size + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, left.data, left.size);
    memcpy(text + left.size, right.data, right.size);
    text[left.size + right.size] = '\0';
    return (char *)text;
}

static struct slice without_slashes_behind(struct slice path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/')
        path.size--;
    return path;
}

const char *key_file_beside(struct arena *arena, const char *data)
{
    return join(arena, without_slashes_behind(slice_of_cstring(data)), SLICE(".key"));
}

/* "a/b" is b in a/, "b" is b in ./, "/" is nothing in /. */
static void split(struct slice path, struct slice *ret_folder, struct slice *ret_name)
{
    path = without_slashes_behind(path);
    size_t at = path.size;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    *ret_folder = at > 0 ? slice_of(path.data, at) : SLICE("./");
    *ret_name = slice_after(path, at);
}

/* The path without links and dots, whether or not its last part is there; NULL with errno set when
 * its folder is not. */
static char *resolve(struct arena *arena, const char *path)
{
    char whole[PATH_MAX];
    if (realpath(path, whole) != NULL)
        return join(arena, slice_of_cstring(whole), SLICE(""));
    struct slice folder;
    struct slice name;
    split(slice_of_cstring(path), &folder, &name);
    const char *folder_text = join(arena, folder, SLICE(""));
    if (errno != ENOENT || folder_text == NULL || realpath(folder_text, whole) == NULL)
        return NULL;
    if (strcmp(whole, "/") != 0)
        strncat(whole, "/", sizeof(whole) - strlen(whole) - 1);
    return join(arena, slice_of_cstring(whole), name);
}

const struct error *key_file_check_place(struct arena *arena, const char *path, const char *data)
{
    const char *key_place = resolve(arena, path);
    if (key_place == NULL)
        return failed(arena, "find a place for", path);
    const char *data_place = resolve(arena, data);
    if (data_place == NULL)
        return NULL; /* not even the folder around it is there: the key cannot be in it */
    size_t size = strlen(data_place);
    if (strncmp(key_place, data_place, size) != 0 ||
        (key_place[size] != '/' && key_place[size] != '\0' && strcmp(data_place, "/") != 0))
        return NULL;
    return error_make(arena, ERROR_VALIDATION,
                      "The key file %s is in the data folder %s: a copy of the data would give its "
                      "secrets away. Keep it elsewhere, with --key-file",
                      path, data);
}

static const struct error *sync_folder_of(struct arena *arena, const char *path)
{
    struct slice folder;
    struct slice name;
    split(slice_of_cstring(path), &folder, &name);
    const char *folder_text = join(arena, folder, SLICE(""));
    if (folder_text == NULL)
        return error_exhausted();
    int fd = open(folder_text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    const struct error *error = is_synced ? NULL : failed(arena, "sync the folder of", path);
    if (fd >= 0)
        close(fd);
    return error;
}

static bool write_new_key(int fd)
{
    uint8_t key[KEY_FILE_BYTES];
    rand_bytes(key, sizeof(key));
    ssize_t written = write(fd, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    if (written >= 0 && written < KEY_FILE_BYTES)
        errno = ENOSPC;
    return written == KEY_FILE_BYTES && fsync(fd) == 0;
}

/* Under another name first; the link fails when someone else has made the file in between. */
static const struct error *make(struct arena *arena, const char *path)
{
    const char *draft = join(arena, slice_of_cstring(path), SLICE(".new"));
    if (draft == NULL)
        return error_exhausted();
    unlink(draft); /* of a start that was cut short */
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    if (fd < 0)
        return failed(arena, "make", path);
    bool is_made = write_new_key(fd) && link(draft, path) == 0;
    const struct error *error = is_made ? NULL : failed(arena, "make", path);
    close(fd);
    unlink(draft);
    return error != NULL ? error : sync_folder_of(arena, path);
}

static const struct error *read_key(struct arena *arena, const char *path, int fd,
                                    uint8_t ret_key[KEY_FILE_BYTES])
{
    struct stat found;
    uint8_t bytes[KEY_FILE_BYTES + 1];
    if (fstat(fd, &found) != 0)
        return failed(arena, "read", path);
    if (!S_ISREG(found.st_mode))
        return error_make(arena, ERROR_VALIDATION, "The key file %s is not a file", path);
    if ((found.st_mode & OTHERS_MAY) != 0)
        return error_make(
            arena, ERROR_VALIDATION,
            "The key file %s may be read by others (mode %03o): chmod 600 it, or make "
            "a new one if somebody has",
            path, found.st_mode & 0777);
    ssize_t size = read(fd, bytes, sizeof(bytes));
    const struct error *error = NULL;
    if (size < 0)
        error = failed(arena, "read", path);
    else if (size != KEY_FILE_BYTES)
        error = error_make(arena, ERROR_VALIDATION,
                           "The key file %s must hold %d bytes: this is another file, or a damaged "
                           "one",
                           path, KEY_FILE_BYTES);
    else
        memcpy(ret_key, bytes, KEY_FILE_BYTES);
    explicit_bzero(bytes, sizeof(bytes));
    return error;
}

const struct error *key_file_load(struct arena *arena, const char *path, bool may_make,
                                  uint8_t ret_key[KEY_FILE_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT && may_make) {
        const struct error *error = make(arena, path);
        if (error != NULL)
            return error;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0)
        return failed(arena, "read", path);
    const struct error *error = read_key(arena, path, fd, ret_key);
    close(fd);
    return error;
}
