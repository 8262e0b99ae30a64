#include "base/file.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"

enum { PIECE_BYTES = 16 * 1024 };

/* errno is set when it fails. */
static bool read_all(FILE *file, struct buf *bytes)
{
    uint8_t piece[PIECE_BYTES];
    size_t size;
    while ((size = fread(piece, 1, sizeof(piece), file)) > 0 && !bytes->failed)
        buf_append(bytes, slice_of(piece, size));
    if (ferror(file))
        return false;
    errno = EFBIG;
    return !bytes->failed;
}

const struct error *file_read(struct arena *arena, const char *path, size_t bytes_max,
                              struct slice *ret_bytes)
{
    struct buf bytes;
    buf_init(&bytes, arena, bytes_max);
    FILE *file = fopen(path, "rbe");
    bool complete = file != NULL && read_all(file, &bytes);
    const struct error *error =
        complete ? NULL
                 : error_make(arena, ERROR_VALIDATION, "Cannot read %s: %s", path, strerror(errno));
    if (file != NULL)
        fclose(file);
    if (error == NULL)
        *ret_bytes = buf_slice(&bytes);
    return error;
}
