#ifndef HASHRANGE_SERVER_IDENTITIES_H
#define HASHRANGE_SERVER_IDENTITIES_H

/*
 * IAM and STS as the command line wants them.
 *
 * With --auth identities lie in the database, secrets under the key file. Development mode has a
 * directory of its own in memory: there everybody may make users and roles, and none of them must
 * be there when the same data is opened with --auth.
 */

#include "db/database.h"
#include "iam/service.h"
#include "iam/trusted.h"
#include "server/config.h"

struct identities {
    struct iam iam; /* what the API needs */
    struct auth_seal_key key;
    /* The root access key, with --auth: made just now, or absent. In the arena. */
    struct slice new_root_id;
    struct slice new_root_secret;
    struct iam_trusted_slot trusted;
    /* of development mode, else NULL */
    struct store *own_store;
    struct db *own_db;
};

/* db outlives it. After an error some of it may be open: close. */
MUST_USE const struct error *identities_open(struct arena *arena, const struct config *config,
                                             struct db *db, struct identities *identities);
/* When no request is under way any more. Accepts a zeroed one. */
void identities_close(struct identities *identities);

#endif
