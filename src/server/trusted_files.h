#ifndef HASHRANGE_SERVER_TRUSTED_FILES_H
#define HASHRANGE_SERVER_TRUSTED_FILES_H

/* The files of --oidc-keys and --roles-anywhere, with the PEM files that the second one names. */

#include "iam/trusted.h"
#include "server/config.h"

/* Does the command line name any? */
bool trusted_files_are_named(const struct config *config);

/* Reads those that are named; all of them are right, or nothing changes. Error, in arena:
 * VALIDATION, which says what is wrong with which file. */
MUST_USE const struct error *trusted_files_read(struct arena *arena, const struct config *config,
                                                struct iam_trusted_slot *slot);

#endif
