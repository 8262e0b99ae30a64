#ifndef HASHRANGE_QUERY_PARAMETERS_H
#define HASHRANGE_QUERY_PARAMETERS_H

/*
 * The parameters of a Query request ("RoleName=x", "Tags.member.1.Key=y"), read from a form into a
 * struct by a table of its members, and held against the constraints of the service model with the
 * words of its validation (observed):
 *
 *   2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must
 *   not be null; Value 'x' at 'tags.1.member.key' failed to satisfy constraint: ...
 *
 *     static const struct query_member members[] = {
 *         QUERY_TEXT_MEMBER(struct input, role_name, "RoleName", QUERY_REQUIRED, 1, 64,
 *                           &query_pattern_name),
 *     };
 *     query_reader_init(&reader, arena, form);
 *     query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
 *     const struct error *error = query_reader_end(&reader);
 *
 * Whatever is wrong is collected; query_reader_end tells it. Lengths are counted in characters.
 * Texts lie where those of the form do.
 */

#include "base/buf.h"
#include "base/error.h"
#include "http/form.h"

struct query_reader {
    struct arena *arena;
    const struct http_form *form;
    struct buf findings;
    size_t finding_count;
    bool malformed; /* a number or boolean that is none */
    bool exhausted;
};

/* A constraint on the characters of a text, and how the service writes it. */
struct query_pattern {
    const char *text;
    bool (*accepts)(uint32_t character);
    bool (*accepts_whole)(struct slice text); /* instead, where more than characters count */
};
extern const struct query_pattern query_pattern_name;   /* [\w+=,.@-]+ */
extern const struct query_pattern query_pattern_token;  /* [\w+=,.@:\/-]*: external ids */
extern const struct query_pattern query_pattern_policy; /* policy documents */
extern const struct query_pattern query_pattern_text;   /* ARNs and URLs: what is no control */
extern const struct query_pattern query_pattern_tag;    /* keys and values of tags */
extern const struct query_pattern query_pattern_word;   /* [\w]* */
extern const struct query_pattern query_pattern_digits; /* [\d]* */

enum query_type { QUERY_TEXT, QUERY_INTEGER, QUERY_BOOLEAN };
enum query_presence { QUERY_OPTIONAL, QUERY_REQUIRED };

struct query_member {
    const char *name;
    enum query_type type;
    enum query_presence presence;
    int64_t smallest;                    /* length of a text, value of an integer */
    int64_t largest;                     /* the same; 0: no limit */
    const struct query_pattern *pattern; /* of a text; NULL: any */
    const char *words;                   /* of a text: "Active|Inactive"; NULL: any */
    size_t offset;
};
/* struct slice, int64_t or bool. What the form does not have stays as it was. */
#define QUERY_TEXT_MEMBER(type, member, name, presence, smallest, largest, pattern)                \
    {                                                                                              \
        name, QUERY_TEXT, presence, smallest, largest, pattern, NULL, offsetof(type, member)       \
    }
#define QUERY_WORD_MEMBER(type, member, name, presence, words)                                     \
    {                                                                                              \
        name, QUERY_TEXT, presence, 0, 0, NULL, words, offsetof(type, member)                      \
    }
#define QUERY_INTEGER_MEMBER(type, member, name, presence, smallest, largest)                      \
    {                                                                                              \
        name, QUERY_INTEGER, presence, smallest, largest, NULL, NULL, offsetof(type, member)       \
    }
#define QUERY_BOOLEAN_MEMBER(type, member, name, presence)                                         \
    {                                                                                              \
        name, QUERY_BOOLEAN, presence, 0, 0, NULL, NULL, offsetof(type, member)                    \
    }

/* Where in the form a struct begins, and how messages call that place. */
struct query_place {
    struct slice prefix;   /* "Tags.member.1.", empty at the top */
    struct slice location; /* "tags.1.member." */
};
#define QUERY_TOP ((struct query_place){SLICE(""), SLICE("")})

void query_reader_init(struct query_reader *reader, struct arena *arena,
                       const struct http_form *form);
void query_read(struct query_reader *reader, struct query_place place,
                const struct query_member *members, size_t count, void *ret_struct);

/* The list "name.member.N": how long it is, which is the greatest N; more than items_max is a
 * finding, and then it is 0. */
size_t query_list_size(struct query_reader *reader, struct query_place place, const char *name,
                       size_t items_max);
/* The place of its struct of that index, which counts from 0. */
struct query_place query_list_place(struct query_reader *reader, struct query_place place,
                                    const char *name, size_t index);
/* A list of structs of size_bytes each, read by members; NULL and 0 when there are none or too
 * many. */
void *query_read_list(struct query_reader *reader, struct query_place place, const char *name,
                      size_t items_max, const struct query_member *members, size_t member_count,
                      size_t size_bytes, size_t *ret_count);
/* A list of texts: item's name is the list's, its constraints hold for each; it is QUERY_REQUIRED
 * for each, whatever it says. */
const struct slice *query_read_texts(struct query_reader *reader, struct query_place place,
                                     const struct query_member *item, size_t items_max,
                                     size_t *ret_count);

/* For constraints that no table knows: value absent is shown as null. */
void query_find(struct query_reader *reader, struct slice location, struct slice value,
                const char *constraint, ...) PRINTF_LIKE(4, 5);

/* NULL when nothing was wrong; QUERY_VALIDATION, MALFORMED_INPUT. */
MUST_USE const struct error *query_reader_end(struct query_reader *reader);

#endif
