#include "store/rocksdb/own_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* RocksDB makes the file's name of the database's absolute path: it must not be too long for
     * one. */
    PATH_BYTES_MAX = 200,
};

static bool has_short_path(const char *folder)
{
    char *path = realpath(folder, NULL);
    bool is_short = path != NULL && strlen(path) <= PATH_BYTES_MAX;
    free(path);
    return is_short;
}

void own_log_begin(struct own_log *log, const char *database_folder)
{
    *log = (struct own_log){"/dev/shm/hashrange-XXXXXX"};
    if (!has_short_path(database_folder) || mkdtemp(log->folder) == NULL)
        log->folder[0] = '\0';
}

void own_log_end(struct own_log *log)
{
    DIR *folder = log->folder[0] == '\0' ? NULL : opendir(log->folder);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        (void)unlinkat(dirfd(folder), entry->d_name, 0); /* "." and ".." it leaves */
    closedir(folder);
    (void)rmdir(log->folder);
}
