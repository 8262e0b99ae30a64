#ifndef HASHRANGE_MODEL_FINDING_H
#define HASHRANGE_MODEL_FINDING_H

/*
 * One thing that is wrong with an input, and its words. Inside the model layer only.
 *
 * The service has a classic wording, and a newer front end that words some problems of some
 * operations anew; both are described at the table in finding.c.
 */

#include "base/buf.h"
#include "model/model.h"
#include "model/shape_table.h"

enum constraint {
    CONSTRAINT_NOT_NULL,
    CONSTRAINT_ENUM,
    CONSTRAINT_PATTERN,
    CONSTRAINT_LENGTH_MIN,
    CONSTRAINT_LENGTH_MAX,
    CONSTRAINT_VALUE_MIN,
    CONSTRAINT_VALUE_MAX,
    CONSTRAINT_ELEMENTS, /* an element of a list of scalars breaks its own limits */
    CONSTRAINT_KEYS,     /* a key of a map does */
    CONSTRAINT_VALUES,   /* a value of a map does */
};

/* Where in the input: a chain from the inside out, the operation's input being NULL. */
struct place {
    const struct place *parent;
    enum {
        PLACE_OF_MEMBER,
        PLACE_OF_ELEMENT,
        PLACE_OF_ENTRY,
    } kind;
    struct slice name; /* of the member, or the key of the entry */
    size_t index;      /* of the element, from 1 */
};

struct finding {
    const struct place *place;
    enum constraint constraint;
    const struct shape *shape;
    const void *value; /* NULL when absent */
};

/* How one finding is told otherwise than in the classic way. */
struct wording {
    enum model_operation operation;
    enum constraint constraint;
    const char *path; /* keys are *: "RequestItems.*.member.Keys" */
    unsigned cohorts;
    unsigned manner;
    const char *words; /* NULL: those of the constraint */
};

enum {
    COHORT_NEW = 1 << MODEL_VALIDATION_NEW,
    COHORT_CLASSIC = 1 << MODEL_VALIDATION_CLASSIC,
    COHORT_BOTH = COHORT_NEW | COHORT_CLASSIC,
};

enum {
    MANNER_NAMED = 0,      /* Value at 'TableName' failed to satisfy constraint: <words> */
    MANNER_NAMELESS = 1,   /* Failed to satisfy constraint: <words> */
    MANNER_SENTENCE = 2,   /* <words> */
    MANNER_CLASSIC = 4,    /* as if there were no row; for the two below */
    MANNER_ALONE = 8,      /* nothing else is told; of several, the row that stands first */
    MANNER_UNCOUNTED = 16, /* without "1 validation error detected: " */
    MANNER_GIVES_WAY = 32, /* told only when nothing else is wrong */
};

/* The row for a finding, NULL: the classic way. */
const struct wording *finding_wording(enum model_operation operation,
                                      enum model_validation validation, const struct place *place,
                                      enum constraint constraint);

/* Appends the words of a finding. False: no memory. */
MUST_USE bool finding_to_text(enum model_operation operation, const struct finding *finding,
                              const struct wording *wording, struct buf *out);

#endif
