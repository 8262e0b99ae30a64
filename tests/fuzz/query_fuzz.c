/* fuzz: hr_query */
/* about: query/ http/form.c */

/* The input as a form: its parameters are read by a table with every kind of member, and written as
 * XML. Whatever was accepted keeps its constraints, and whatever is written is XML: no markup but
 * the writer's own, no control character, UTF-8 throughout. */

#include "base/check.h"
#include "query/answer.h"
#include "query/parameters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 32 * 1024 * 1024, INPUT_BYTES_MAX = 16 * 1024, LIST_MAX = 8 };

struct pair {
    struct slice key;
    struct slice value;
};

struct input {
    struct slice name;
    struct slice policy;
    struct slice status;
    int64_t seconds;
    bool flag;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, name, "Name", QUERY_REQUIRED, 1, 64, &query_pattern_name),
    QUERY_TEXT_MEMBER(struct input, policy, "Policy", QUERY_OPTIONAL, 1, 0, &query_pattern_policy),
    QUERY_WORD_MEMBER(struct input, status, "Status", QUERY_OPTIONAL, "Active|Inactive"),
    QUERY_INTEGER_MEMBER(struct input, seconds, "DurationSeconds", QUERY_OPTIONAL, 900, 43200),
    QUERY_BOOLEAN_MEMBER(struct input, flag, "Flag", QUERY_OPTIONAL),
};
static const struct query_member pair_members[] = {
    QUERY_TEXT_MEMBER(struct pair, key, "Key", QUERY_REQUIRED, 1, 128, &query_pattern_tag),
    QUERY_TEXT_MEMBER(struct pair, value, "Value", QUERY_REQUIRED, 0, 256, &query_pattern_text),
};
static const struct query_member text_member = {"Texts", QUERY_TEXT,           QUERY_REQUIRED, 1,
                                                128,     &query_pattern_token, NULL,           0};

static void check_xml(struct slice xml)
{
    size_t depth = 0;
    for (size_t i = 0; i < xml.size; i++) {
        uint8_t byte = xml.data[i];
        CHECK(byte >= 0x20 || byte == '\t' || byte == '\n');
        if (byte != '<')
            continue;
        CHECK(i + 1 < xml.size);
        if (xml.data[i + 1] == '/')
            CHECK(depth-- > 0);
        else
            depth++;
    }
    CHECK(depth == 0);
}

static void check_accepted(const struct input *input)
{
    CHECK(input->name.size > 0 && input->name.size <= 64);
    CHECK(input->seconds == 0 || (input->seconds >= 900 && input->seconds <= 43200));
    CHECK(!slice_present(input->status) || slice_equal(input->status, SLICE("Active")) ||
          slice_equal(input->status, SLICE("Inactive")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct http_form form;
    struct query_reader reader;
    struct input input = {.seconds = 0};
    struct buf out;
    struct xml_writer writer;
    size_t pair_count;
    size_t text_count;
    if (size > INPUT_BYTES_MAX)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    if (http_form_read(&arena, slice_of(data, size), &form) == HTTP_FORM_READ) {
        query_reader_init(&reader, &arena, &form);
        query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
        const struct pair *pairs =
            query_read_list(&reader, QUERY_TOP, "Tags", LIST_MAX, pair_members,
                            COUNT_OF(pair_members), sizeof(*pairs), &pair_count);
        query_read_texts(&reader, QUERY_TOP, &text_member, LIST_MAX, &text_count);
        CHECK(pair_count <= LIST_MAX && text_count <= LIST_MAX);
        const struct error *error = query_reader_end(&reader);
        buf_init(&out, &arena, ARENA_BYTES);
        xml_writer_init(&writer, &out);
        if (error != NULL) {
            query_answer_error(&writer, &query_sts, error, SLICE("id"));
        } else {
            check_accepted(&input);
            query_answer_begin(&writer, &query_iam, "Fuzz", true);
            for (size_t i = 0; i < form.count; i++)
                xml_text(&writer, "Value", form.pairs[i].value);
            query_answer_end(&writer, "Fuzz", true, SLICE("id"));
        }
        CHECK(!out.failed);
        check_xml(buf_slice(&out));
    }
    arena_fini(&arena);
    return 0;
}
