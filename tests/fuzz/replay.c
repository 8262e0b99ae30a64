/* Runs every file of the folders and files named on the command line through a fuzz target, so that
 * each past finding stays an ordinary test. Fails when there is nothing to run. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    uint8_t *data = NULL;
    size_t size = 0;
    for (;;) {
        uint8_t *grown = realloc(data, size + 65536);
        if (grown == NULL) {
            fclose(file);
            free(data);
            return -1;
        }
        data = grown;
        size_t got = fread(data + size, 1, 65536, file);
        size += got;
        if (got == 0)
            break;
    }
    fclose(file);
    /* An exact copy, so that the address sanitizer sees a read past the end. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact != NULL) {
        memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(data);
    return exact == NULL ? -1 : 1;
}

static int run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(status.st_mode))
        return run_file(path);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -1;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char inside[4096];
        if (snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name) >= (int)sizeof(inside))
            continue;
        int got = run_path(inside);
        if (got < 0) {
            closedir(folder);
            return -1;
        }
        count += got;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int got = run_path(argv[i]);
        if (got < 0)
            return 1;
        total += got;
    }
    printf("%d inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
