#include "control.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct control *page;

/* Before main: later there are threads. */
__attribute__((constructor)) static void map_page(void)
{
    const char *path = getenv("SOAK_CONTROL");
    if (path == NULL)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        abort();
    void *mapped = mmap(NULL, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        abort();
    page = mapped;
}

struct control *control_page(void)
{
    return page;
}

int64_t control_clock_offset_ns(void)
{
    return page == NULL ? 0 : atomic_load_explicit(&page->clock_offset_ns, memory_order_relaxed);
}

int control_fault(enum control_call call, const char *name)
{
    if (page == NULL || (atomic_load(&page->failing) & call) == 0)
        return 0;
    char part[CONTROL_NAME_BYTES];
    memcpy(part, page->name_part, sizeof(part));
    part[sizeof(part) - 1] = '\0';
    if (strstr(name, part) == NULL)
        return 0;
    uint32_t one_in = atomic_load(&page->one_in);
    if (one_in > 1 && atomic_fetch_add(&page->candidates, 1) % one_in != 0)
        return 0;
    atomic_fetch_add(&page->failed, 1);
    return (int)atomic_load(&page->error_number);
}

size_t control_take_space(size_t size)
{
    if (page == NULL || atomic_load(&page->space_limited) == 0)
        return size;
    int64_t left = atomic_fetch_sub(&page->space_bytes, (int64_t)size);
    if (left >= (int64_t)size)
        return size;
    atomic_fetch_add(&page->failed, 1);
    return left > 0 ? (size_t)left : 0;
}
