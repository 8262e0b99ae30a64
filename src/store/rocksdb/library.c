#include "store/rocksdb/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "base/check.h"

struct rocksdb_library librocksdb;

static const struct {
    const char *name;
    void *function; /* where the pointer to it goes */
} functions[] = {
#define FUNCTION(name) {"rocksdb_" #name, &librocksdb.name},
#include "store/rocksdb/library.def"
#undef FUNCTION
};

static char failure[256]; /* empty: it is loaded */

static void load(void)
{
    /* Never closed: it has threads and thread-local state of its own. */
    void *library = dlopen(ROCKSDB_SONAME, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(failure, sizeof(failure), "%s", dlerror());
        return;
    }
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        void *function = dlsym(library, functions[i].name);
        if (function == NULL) {
            snprintf(failure, sizeof(failure), "%s", dlerror());
            return;
        }
        memcpy(functions[i].function, &function, sizeof(function));
    }
}

const struct error *rocksdb_library_load(struct arena *arena)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CHECK(pthread_once(&once, load) == 0);
    if (failure[0] == '\0')
        return NULL;
    return error_make(arena, ERROR_INTERNAL,
                      "RocksDB, which keeps data in folders, cannot be loaded (%s). Install %s, or "
                      "keep data in memory only",
                      failure, ROCKSDB_SONAME);
}
