#ifndef HASHRANGE_IAM_KEYRING_H
#define HASHRANGE_IAM_KEYRING_H

/*
 * The credentials behind iam_directory_keyring: made when a key is first used, kept until anything
 * in the directory changes, the ones used longest ago given up beyond a limit. Private to iam/.
 *
 * Threads: any, many at once, but open and close.
 */

#include "iam/model.h"

struct iam_keyring;

MUST_USE const struct error *iam_keyring_open(struct arena *arena, struct iam_directory *directory,
                                              struct iam_keyring **ret_keyring);
/* All credentials are released by now. Accepts NULL. */
void iam_keyring_close(struct iam_keyring *keyring);
const struct auth_keyring *iam_keyring_interface(const struct iam_keyring *keyring);

#endif
