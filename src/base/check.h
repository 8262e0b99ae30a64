#ifndef HASHRANGE_BASE_CHECK_H
#define HASHRANGE_BASE_CHECK_H

/*
 * CHECK(condition): an assertion that stays on in release builds. It states what our own code
 * promised; bytes from outside are never CHECKed, they are answered with an error.
 */

_Noreturn void check_failed(const char *file, int line, const char *condition);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#endif
