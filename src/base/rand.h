#ifndef HASHRANGE_BASE_RAND_H
#define HASHRANGE_BASE_RAND_H

/* Random bytes from the operating system, fit for secrets. Any thread may call. */

#include <stddef.h>

enum { RAND_UUID_CHARS = 36 };

void rand_bytes(void *ret_bytes, size_t size);

/* A version 4 UUID (RFC 9562) in lower case, e.g. 3f2b8c6e-51b0-4c7e-9d0a-6a1c2e4f8b90; no NUL. */
void rand_uuid(char ret_text[RAND_UUID_CHARS]);

#endif
