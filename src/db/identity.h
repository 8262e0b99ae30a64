#ifndef HASHRANGE_DB_IDENTITY_H
#define HASHRANGE_DB_IDENTITY_H

/*
 * Identities as records: users, groups, roles, policies and what else IAM keeps, one record for
 * each, under its unique id. What belongs to one identity (its access keys, inline policies, tags)
 * lies in its record, so that most changes are one record; those that are several are atomic.
 * docs/format/identity.md has the fields and a worked example that is a test.
 *
 * What a record means, what may stand in it and who may change it is no matter of the db: see
 * iam/directory.h, which has all of them in memory.
 */

#include "base/error.h"
#include "store/store.h"

/* Stored, never reused. */
enum db_identity_kind {
    DB_IDENTITY_ACCOUNT = 1, /* one for each account: the root's access key */
    DB_IDENTITY_USER = 2,
    DB_IDENTITY_GROUP = 3,
    DB_IDENTITY_ROLE = 4,
    DB_IDENTITY_POLICY = 5,   /* customer managed */
    DB_IDENTITY_PROVIDER = 6, /* OpenID Connect */
    DB_IDENTITY_PROFILE = 7,  /* instance profile */
};
enum { DB_IDENTITY_KIND_MAX = DB_IDENTITY_PROFILE };

struct db_identity_text {
    struct slice text;
};

struct db_identity_tag {
    struct slice key;
    struct slice value;
};

/* An inline policy. */
struct db_identity_document {
    struct slice name;
    struct slice document; /* as it was given */
};

struct db_identity_key {
    struct slice id;     /* AKIA... */
    struct slice sealed; /* the secret, in a form that only the holder of the key file can open */
    int64_t created_ms;
    bool inactive;
    /* When it was last used, as far as it was written down; 0: never. */
    int64_t used_ms;
    struct slice used_region;
    struct slice used_service;
};

struct db_identity_version {
    uint64_t number; /* v1, v2, ... */
    struct slice document;
    int64_t created_ms;
};

struct db_identity {
    enum db_identity_kind kind;
    struct slice id;   /* AIDA..., AROA..., ...; of an account its number, of a provider its URL */
    struct slice name; /* of a provider its URL without the scheme */
    struct slice path; /* "/" or "/a/b/" */
    int64_t created_ms;
    struct slice description;
    struct db_identity_tag *tags;
    size_t tag_count;

    /* users, groups, roles */
    struct db_identity_document *inline_policies;
    size_t inline_count;
    struct db_identity_text *attached; /* ARNs of managed policies, in the order of attachment */
    size_t attached_count;
    struct slice boundary; /* the ARN of a managed policy, or absent */

    /* users and the account */
    struct db_identity_key *keys;
    size_t key_count;
    struct db_identity_text *groups; /* ids */
    size_t group_count;

    /* roles */
    struct slice trust; /* the document */
    uint64_t max_session_seconds;

    /* policies */
    struct db_identity_version *versions; /* ascending */
    size_t version_count;
    uint64_t default_version;
    uint64_t newest_version; /* the greatest number ever given; of the account: of root keys */
    int64_t updated_ms;

    /* providers */
    struct db_identity_text *client_ids;
    size_t client_id_count;
    struct db_identity_text *thumbprints;
    size_t thumbprint_count;

    /* instance profiles */
    struct db_identity_text *roles; /* ids */
    size_t role_count;

    /* the account: known words under the key file, by which a wrong one is noticed */
    struct slice sealed_words;
};

void db_identity_record_write(struct buf *out, const struct db_identity *identity);
/* All in arena, nothing borrowed from body. INTERNAL when the bytes are no identity's. */
MUST_USE const struct error *db_identity_record_read(struct arena *arena, struct slice body,
                                                     struct db_identity *ret_identity);

struct db_identity_change {
    enum db_identity_kind kind;
    struct slice id;
    const struct db_identity *identity; /* NULL: the record goes */
};
enum { DB_IDENTITY_CHANGES_MAX = 256 };

/* Writes all or nothing and waits until it is durable: not on a thread that serves short requests.
 * The caller sees to it that nobody else changes the same records meanwhile. */
MUST_USE const struct error *db_identity_write(struct store *store, struct arena *arena,
                                               struct slice account,
                                               const struct db_identity_change *changes,
                                               size_t count);

/* Visits the records of the account, in the order of kinds and ids. identity is valid
 * during the visit, which must not keep anything in arena. An error ends the scan and is returned.
 */
typedef const struct error *db_identity_visit(void *context, const struct db_identity *identity);
MUST_USE const struct error *db_identity_scan(struct store *store, struct arena *arena,
                                              struct slice account, db_identity_visit *visit,
                                              void *context);

#endif
