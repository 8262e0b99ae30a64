/*
 * Preloaded into a server under test: stands between it and the C library's calls on files of the
 * data folder, lets those fail that the control page names, and keeps the journal. RocksDB, the
 * engine and everything else in the process go through these calls; what they do elsewhere
 * (sockets, standard error, libraries) passes untouched.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "control.h"
#include "journal.h"

/* The C library's own function of that name and type; by way of an integer, since ISO C knows no
 * conversion from objects to functions. */
#define REAL(name) ((__typeof__(&(name)))real_function(&real_##name, #name))
#define REAL_SLOT(name) static void *real_##name
static uintptr_t real_function(void **slot, const char *name);

REAL_SLOT(open);
REAL_SLOT(close);
REAL_SLOT(write);
REAL_SLOT(pwrite);
REAL_SLOT(read);
REAL_SLOT(pread);
REAL_SLOT(fsync);
REAL_SLOT(fdatasync);
REAL_SLOT(ftruncate);
REAL_SLOT(fallocate);
REAL_SLOT(posix_fallocate);
REAL_SLOT(rename);
REAL_SLOT(link);
REAL_SLOT(unlink);
REAL_SLOT(dlopen);

/* Threads may race to look it up; they find the same. */
static uintptr_t real_function(void **slot, const char *name)
{
    void *function = __atomic_load_n(slot, __ATOMIC_RELAXED);
    if (function == NULL) {
        function = dlsym(RTLD_NEXT, name);
        __atomic_store_n(slot, function, __ATOMIC_RELAXED);
    }
    return (uintptr_t)function;
}

/* ---- which files are meant ---- */

enum { WATCHED_FDS = 65536, WATCHED_NAME_BYTES = 64 };

struct watched {
    bool is_watched;
    uint32_t handle; /* in the journal; 0: the folder itself */
    char name[WATCHED_NAME_BYTES];
};
static struct watched watched_fds[WATCHED_FDS];

/* The name within the data folder, "" for the folder itself, NULL for all that is elsewhere. */
static const char *name_in_folder(const char *path)
{
    static const char *folder;
    if (folder == NULL && (folder = getenv("SOAK_FOLDER")) == NULL)
        return NULL;
    size_t size = strlen(folder);
    if (strncmp(path, folder, size) != 0)
        return NULL;
    const char *name = path + size;
    if (*name == '\0')
        return name;
    if (*name != '/')
        return NULL;
    while (*name == '/')
        name++;
    return strcmp(name, "..") == 0 || strlen(name) >= WATCHED_NAME_BYTES ? NULL : name;
}

static struct watched *watched_fd(int fd)
{
    if (fd < 0 || fd >= WATCHED_FDS || !watched_fds[fd].is_watched)
        return NULL;
    return &watched_fds[fd];
}

static int fail(int error_number)
{
    errno = error_number;
    return -1;
}

/* ---- names ---- */

static int open_watched(const char *path, const char *name, int flags, mode_t mode)
{
    bool may_make = (flags & O_CREAT) != 0;
    int fault = may_make ? control_fault(CONTROL_OPEN, name) : 0;
    if (fault != 0)
        return fail(fault);
    journal_lock();
    bool was_there = access(path, F_OK) == 0;
    int fd = REAL(open)(path, flags, mode);
    if (fd >= 0 && fd < WATCHED_FDS) {
        struct watched *watched = &watched_fds[fd];
        *watched = (struct watched){.is_watched = true};
        snprintf(watched->name, sizeof(watched->name), "%s", name);
        if (*name != '\0') {
            watched->handle = journal_new_handle();
            uint64_t how = !was_there ? 1 : (flags & O_TRUNC) != 0 ? 2 : 0;
            journal_append(JOURNAL_OPEN, watched->handle, how, name, strlen(name));
        }
    }
    journal_unlock();
    return fd;
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    const char *name = name_in_folder(path);
    return name == NULL ? REAL(open)(path, flags, mode) : open_watched(path, name, flags, mode);
}

int close(int fd)
{
    struct watched *watched = watched_fd(fd);
    if (watched != NULL)
        watched->is_watched = false;
    return REAL(close)(fd);
}

int rename(const char *from, const char *to)
{
    const char *from_name = name_in_folder(from);
    const char *to_name = name_in_folder(to);
    if (from_name == NULL || to_name == NULL)
        return REAL(rename)(from, to);
    int fault = control_fault(CONTROL_RENAME, to_name);
    if (fault != 0)
        return fail(fault);
    journal_lock();
    int status = REAL(rename)(from, to);
    if (status == 0)
        journal_append_names(JOURNAL_RENAME, from_name, to_name);
    journal_unlock();
    return status;
}

int link(const char *from, const char *to)
{
    const char *from_name = name_in_folder(from);
    const char *to_name = name_in_folder(to);
    if (from_name == NULL || to_name == NULL)
        return REAL(link)(from, to);
    journal_lock();
    int status = REAL(link)(from, to);
    if (status == 0)
        journal_append_names(JOURNAL_LINK, from_name, to_name);
    journal_unlock();
    return status;
}

int unlink(const char *path)
{
    const char *name = name_in_folder(path);
    if (name == NULL)
        return REAL(unlink)(path);
    journal_lock();
    int status = REAL(unlink)(path);
    if (status == 0)
        journal_append(JOURNAL_UNLINK, 0, 0, name, strlen(name));
    journal_unlock();
    return status;
}

/* ---- bytes ---- */

/* Journals what was written before `offset_after`. */
static void note_write(const struct watched *watched, const void *bytes, ssize_t written,
                       off_t offset)
{
    if (written > 0)
        journal_append(JOURNAL_WRITE, watched->handle, (uint64_t)offset, bytes, (size_t)written);
}

/* How much of a write happens before it fails: all when no fault is due. */
static size_t size_to_write(const struct watched *watched, size_t size, int *ret_fault)
{
    *ret_fault = control_fault(CONTROL_WRITE, watched->name);
    if (*ret_fault != 0)
        return atomic_load(&control_page()->half_written) != 0 ? size / 2 : 0;
    size_t fits = control_take_space(size);
    if (fits < size)
        *ret_fault = ENOSPC;
    return fits;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    const struct watched *watched = watched_fd(fd);
    if (watched == NULL)
        return REAL(write)(fd, bytes, size);
    int fault;
    size_t part = size_to_write(watched, size, &fault);
    journal_lock();
    ssize_t written = part > 0 || fault == 0 ? REAL(write)(fd, bytes, part) : 0;
    note_write(watched, bytes, written, lseek(fd, 0, SEEK_CUR) - written);
    journal_unlock();
    /* A full disk takes what fits, says so, and fails at the next call. */
    return fault != 0 && (fault != ENOSPC || written == 0) ? fail(fault) : written;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    const struct watched *watched = watched_fd(fd);
    if (watched == NULL)
        return REAL(pwrite)(fd, bytes, size, offset);
    int fault;
    size_t part = size_to_write(watched, size, &fault);
    journal_lock();
    ssize_t written = part > 0 || fault == 0 ? REAL(pwrite)(fd, bytes, part, offset) : 0;
    note_write(watched, bytes, written, offset);
    journal_unlock();
    return fault != 0 && (fault != ENOSPC || written == 0) ? fail(fault) : written;
}

ssize_t read(int fd, void *ret_bytes, size_t size)
{
    const struct watched *watched = watched_fd(fd);
    int fault = watched == NULL ? 0 : control_fault(CONTROL_READ, watched->name);
    return fault != 0 ? fail(fault) : REAL(read)(fd, ret_bytes, size);
}

ssize_t pread(int fd, void *ret_bytes, size_t size, off_t offset)
{
    const struct watched *watched = watched_fd(fd);
    int fault = watched == NULL ? 0 : control_fault(CONTROL_READ, watched->name);
    return fault != 0 ? fail(fault) : REAL(pread)(fd, ret_bytes, size, offset);
}

static int sync_with(int (*sync)(int), int fd)
{
    const struct watched *watched = watched_fd(fd);
    if (watched == NULL)
        return sync(fd);
    uint32_t handle = watched->handle;
    int fault = control_fault(CONTROL_SYNC, watched->name);
    journal_lock();
    if (fault != 0) {
        journal_append(JOURNAL_SYNC_FAILED, handle, 0, NULL, 0);
        journal_unlock();
        return fail(fault);
    }
    uint64_t begun = journal_append(JOURNAL_SYNC_BEGIN, handle, 0, NULL, 0);
    journal_unlock();
    int status = sync(fd);
    if (status == 0) {
        journal_lock();
        journal_append(JOURNAL_SYNC_END, handle, begun, NULL, 0);
        journal_unlock();
        if (control_page() != NULL)
            atomic_fetch_add(&control_page()->syncs, 1);
    }
    return status;
}

int fsync(int fd)
{
    return sync_with(REAL(fsync), fd);
}

int fdatasync(int fd)
{
    return sync_with(REAL(fdatasync), fd);
}

int ftruncate(int fd, off_t size)
{
    const struct watched *watched = watched_fd(fd);
    if (watched == NULL)
        return REAL(ftruncate)(fd, size);
    int fault = control_fault(CONTROL_TRUNCATE, watched->name);
    if (fault != 0)
        return fail(fault);
    journal_lock();
    int status = REAL(ftruncate)(fd, size);
    if (status == 0)
        journal_append(JOURNAL_TRUNCATE, watched->handle, (uint64_t)size, NULL, 0);
    journal_unlock();
    return status;
}

/* Room that is taken in advance changes no bytes and, as RocksDB asks for it, no size. */
int fallocate(int fd, int mode, off_t offset, off_t size)
{
    const struct watched *watched = watched_fd(fd);
    int fault = watched == NULL ? 0 : control_fault(CONTROL_ALLOCATE, watched->name);
    if (watched != NULL && fault == 0 && (mode & FALLOC_FL_KEEP_SIZE) == 0)
        return fail(EOPNOTSUPP); /* the journal has no record for it */
    return fault != 0 ? fail(fault) : REAL(fallocate)(fd, mode, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size)
{
    return watched_fd(fd) != NULL ? EOPNOTSUPP : REAL(posix_fallocate)(fd, offset, size);
}

/* The names of programs that were built for large files. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
    __attribute__((alias("pwrite")));
ssize_t pread64(int fd, void *ret_bytes, size_t size, off64_t offset)
    __attribute__((alias("pread")));
int ftruncate64(int fd, off64_t size) __attribute__((alias("ftruncate")));
int fallocate64(int fd, int mode, off64_t offset, off64_t size) __attribute__((alias("fallocate")));
int posix_fallocate64(int fd, off64_t offset, off64_t size)
    __attribute__((alias("posix_fallocate")));

/* ---- RocksDB ---- */

/* The program loads the library and looks its functions up in it. Here it is made one of those that
 * everybody sees, and the lookup goes through all of them: what is below comes first. */
void *dlopen(const char *file, int mode)
{
    if (file == NULL || strstr(file, "librocksdb") == NULL)
        return REAL(dlopen)(file, mode);
    if (REAL(dlopen)(file, RTLD_LAZY | RTLD_GLOBAL) == NULL)
        return NULL;
    return REAL(dlopen)(NULL, RTLD_LAZY);
}

typedef struct rocksdb_options_t rocksdb_options_t;
void rocksdb_options_set_write_buffer_size(rocksdb_options_t *options, size_t bytes);
REAL_SLOT(rocksdb_options_set_write_buffer_size);

void rocksdb_options_set_write_buffer_size(rocksdb_options_t *options, size_t bytes)
{
    const char *wanted = getenv("SOAK_WRITE_BUFFER");
    REAL(rocksdb_options_set_write_buffer_size)
    (options, wanted != NULL ? strtoul(wanted, NULL, 10) : bytes);
}
