#include "journal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "control.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;

__attribute__((constructor)) static void open_journal(void)
{
    const char *path = getenv("SOAK_JOURNAL");
    if (path == NULL)
        return;
    journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0)
        abort();
}

void journal_lock(void)
{
    pthread_mutex_lock(&lock);
}

void journal_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

uint64_t journal_append(enum journal_kind kind, uint32_t handle, uint64_t argument,
                        const void *bytes, size_t size)
{
    struct control *control = control_page();
    if (journal < 0 || control == NULL)
        return 0;
    struct journal_header header = {
        .kind = kind, .handle = handle, .argument = argument, .size = size};
    struct iovec parts[2] = {{&header, sizeof(header)}, {(void *)(uintptr_t)bytes, size}};
    if (writev(journal, parts, size > 0 ? 2 : 1) != (ssize_t)(sizeof(header) + size))
        abort(); /* a journal with a gap would prove nothing */
    return atomic_fetch_add(&control->records, 1) + 1;
}

void journal_append_names(enum journal_kind kind, const char *from, const char *to)
{
    char names[512];
    size_t from_size = strlen(from) + 1;
    size_t to_size = strlen(to);
    if (from_size + to_size > sizeof(names))
        abort();
    memcpy(names, from, from_size);
    memcpy(names + from_size, to, to_size);
    journal_append(kind, 0, 0, names, from_size + to_size);
}

uint32_t journal_new_handle(void)
{
    struct control *control = control_page();
    return control == NULL ? 1 : (uint32_t)atomic_fetch_add(&control->handles, 1) + 1;
}
