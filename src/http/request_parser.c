#include "http/request_parser.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/buf.h"
#include "base/check.h"

/*
 * The two libraries are siblings: the same callbacks, flags apart. This part makes them one:
 * engine_begin, engine_feed, engine_method.
 */
#ifdef HAVE_LLHTTP
#include <llhttp.h>
typedef llhttp_t parser_engine;
#else
#include <http_parser.h>
typedef http_parser parser_engine;
#endif

enum {
    SMALL_BODY_BYTES = 8 * 1024, /* fits into an arena's first block, with the headers */
    BODY_GROWTH = 4,
};

struct span {
    uint32_t at; /* in `text` */
    uint32_t size;
};

struct http_request_parser {
    parser_engine engine;
    struct arena *arena;
    struct http_request *request;
    struct buf text; /* heap, kept across requests: target, names and values of this request */
    struct span target;
    struct {
        struct span name;
        struct span value;
    } headers[HTTP_HEADERS_MAX];
    size_t header_count;
    bool in_value; /* the newest piece of a header was of its value */
    size_t header_bytes;
    size_t trailer_bytes;
    size_t body_size; /* as announced, or the most it may be */
    uint8_t *body;    /* what has come of it, in the arena */
    size_t body_room;
    bool expects_continue;
    bool keep_alive;
    bool is_1_0;
    bool complete;
    enum http_parse_phase phase;
    int refusal_status;
};

static int on_message_begin(parser_engine *engine);
static int on_url(parser_engine *engine, const char *at, size_t size);
static int on_header_field(parser_engine *engine, const char *at, size_t size);
static int on_header_value(parser_engine *engine, const char *at, size_t size);
static int on_headers_complete(parser_engine *engine);
static int on_body(parser_engine *engine, const char *at, size_t size);
static int on_message_complete(parser_engine *engine);

#ifdef HAVE_LLHTTP

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

enum { PAUSE = HPE_PAUSED };

static void engine_begin(parser_engine *engine, void *data)
{
    llhttp_init(engine, HTTP_REQUEST, &settings);
    engine->data = data;
}

/* Feeds until the end or the pause at a request's end; false on malformed input. */
static bool engine_feed(parser_engine *engine, struct slice bytes, size_t *ret_taken)
{
    const char *start = (const char *)bytes.data;
    llhttp_errno_t problem = llhttp_execute(engine, start, bytes.size);
    *ret_taken = bytes.size;
    if (problem == HPE_OK)
        return true;
    if (problem != HPE_PAUSED)
        return false;
    *ret_taken = (size_t)(llhttp_get_error_pos(engine) - start);
    return true;
}

static const char *engine_method(const parser_engine *engine)
{
    return llhttp_method_name((llhttp_method_t)engine->method);
}

static bool engine_keep_alive(const parser_engine *engine)
{
    return llhttp_should_keep_alive(engine) != 0;
}

#else

static const http_parser_settings settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

enum { PAUSE = 0 };

static void engine_begin(parser_engine *engine, void *data)
{
    http_parser_init(engine, HTTP_REQUEST);
    engine->data = data;
}

static bool engine_feed(parser_engine *engine, struct slice bytes, size_t *ret_taken)
{
    *ret_taken = http_parser_execute(engine, &settings, (const char *)bytes.data, bytes.size);
    enum http_errno problem = HTTP_PARSER_ERRNO(engine);
    return problem == HPE_OK || problem == HPE_PAUSED;
}

static const char *engine_method(const parser_engine *engine)
{
    return http_method_str((enum http_method)engine->method);
}

static bool engine_keep_alive(const parser_engine *engine)
{
    return http_should_keep_alive(engine) != 0;
}

#endif

/* For callbacks: stops the engine. */
static int refuse(struct http_request_parser *parser, int status)
{
    if (parser->refusal_status == 0)
        parser->refusal_status = status;
    return -1;
}

static int on_message_begin(parser_engine *engine)
{
    struct http_request_parser *parser = engine->data;
    parser->phase = HTTP_PHASE_HEADER;
    return 0;
}

/* Appends a piece to what may be the end of `span`. Header bytes are counted and limited in feed,
 * so this cannot outgrow text's limit. */
static int append_piece(struct http_request_parser *parser, struct span *span, const char *at,
                        size_t size)
{
    buf_append(&parser->text, slice_of(at, size));
    if (parser->text.failed)
        return refuse(parser, 503);
    span->size += (uint32_t)size;
    CHECK(span->at + span->size == parser->text.size);
    return 0;
}

static int on_url(parser_engine *engine, const char *at, size_t size)
{
    struct http_request_parser *parser = engine->data;
    return append_piece(parser, &parser->target, at, size);
}

/* Trailers (RFC 9110 6.5) say nothing to us: counted and dropped. Names and values are counted, so
 * that the sum does not depend on the pieces they come in; every trailer has a name. */
static int drop_trailer(struct http_request_parser *parser, size_t size)
{
    parser->trailer_bytes += size;
    return parser->trailer_bytes <= HTTP_TRAILER_BYTES_MAX ? 0 : refuse(parser, 400);
}

static int on_header_field(parser_engine *engine, const char *at, size_t size)
{
    struct http_request_parser *parser = engine->data;
    if (parser->phase == HTTP_PHASE_BODY)
        return drop_trailer(parser, size);
    if (parser->in_value || parser->header_count == 0) {
        if (parser->header_count == HTTP_HEADERS_MAX)
            return refuse(parser, 400);
        uint32_t here = (uint32_t)parser->text.size;
        parser->headers[parser->header_count].name = (struct span){here, 0};
        parser->headers[parser->header_count].value = (struct span){here, 0};
        parser->header_count++;
        parser->in_value = false;
    }
    return append_piece(parser, &parser->headers[parser->header_count - 1].name, at, size);
}

static int on_header_value(parser_engine *engine, const char *at, size_t size)
{
    struct http_request_parser *parser = engine->data;
    if (parser->phase == HTTP_PHASE_BODY)
        return drop_trailer(parser, size);
    if (parser->header_count == 0)
        return refuse(parser, 400);
    struct span *value = &parser->headers[parser->header_count - 1].value;
    if (!parser->in_value) {
        value->at = (uint32_t)parser->text.size;
        parser->in_value = true;
    }
    return append_piece(parser, value, at, size);
}

static struct slice without_space_behind(struct slice value)
{
    while (value.size > 0 &&
           (value.data[value.size - 1] == ' ' || value.data[value.size - 1] == '\t'))
        value.size--;
    return value;
}

/* The bytes of tokens, RFC 9110 5.6.2. */
/* clang-format off */
static const bool token_bytes[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,
    ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1,
    ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1,
    ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
    ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
    ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};
/* clang-format on */

/* A space before the colon, above all, must not pass: proxies differ about it. */
static bool is_token(struct slice name)
{
    bool good = name.size > 0;
    for (size_t i = 0; i < name.size; i++)
        good &= token_bytes[name.data[i]];
    return good;
}

/* No control characters but the tab. */
static bool is_text(struct slice value)
{
    size_t at = 0;
#ifdef __SSE2__
    const __m128i last_control = _mm_set1_epi8(0x1f);
    const __m128i tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7f);
    for (; value.size - at >= 16; at += 16) {
        __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)(value.data + at));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, last_control), chunk);
        __m128i refused = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(chunk, tab), control),
                                       _mm_cmpeq_epi8(chunk, del));
        if (_mm_movemask_epi8(refused) != 0)
            return false;
    }
#endif
    for (; at < value.size; at++) {
        uint8_t byte = value.data[at];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static bool headers_are_well_formed(const struct http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_token(request->headers[i].name) || !is_text(request->headers[i].value))
            return false;
    }
    return true;
}

static size_t scheme_size(struct slice target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        struct slice scheme = slice_of_cstring(schemes[i]);
        if (target.size >= scheme.size &&
            http_name_equal(slice_of(target.data, scheme.size), scheme))
            return scheme.size;
    }
    return 0;
}

/* The path and query of a target; of one in absolute form, which every server must take (RFC 9112
 * 3.2.2), without scheme and authority. SLICE_ABSENT when the arena is exhausted. */
static struct slice path_and_query(struct arena *arena, struct slice target)
{
    size_t at = scheme_size(target);
    if (at == 0)
        return target;
    while (at < target.size && target.data[at] != '/' && target.data[at] != '?')
        at++;
    struct slice rest = slice_after(target, at);
    if (rest.size > 0 && rest.data[0] == '/')
        return rest;
    /* The path may be left out: "http://host?query". */
    uint8_t *path = arena_alloc_bytes(arena, 1 + rest.size);
    if (path == NULL)
        return SLICE_ABSENT;
    path[0] = '/';
    if (rest.size > 0)
        memcpy(path + 1, rest.data, rest.size);
    return slice_of(path, 1 + rest.size);
}

/* Moves the finished header block into the arena and points the request at it. */
static bool keep_headers(struct http_request_parser *parser)
{
    struct slice text;
    struct http_header *headers =
        ARENA_NEW_ARRAY(parser->arena, struct http_header, parser->header_count);
    if (headers == NULL || !arena_copy(parser->arena, buf_slice(&parser->text), &text))
        return false;
    for (size_t i = 0; i < parser->header_count; i++) {
        struct span name = parser->headers[i].name;
        struct span value = parser->headers[i].value;
        headers[i].name = slice_of(text.data + name.at, name.size);
        headers[i].value = without_space_behind(slice_of(text.data + value.at, value.size));
    }
    parser->request->method = slice_of_cstring(engine_method(&parser->engine));
    struct slice target = slice_of(text.data + parser->target.at, parser->target.size);
    parser->request->target = path_and_query(parser->arena, target);
    parser->request->headers = headers;
    parser->request->header_count = parser->header_count;
    return slice_present(parser->request->target);
}

/* Exactly one Host header, for HTTP/1.0 at most one (RFC 9112 3.2): of two, a proxy in between may
 * have believed the other. */
static bool host_is_clear(const struct http_request_parser *parser)
{
    size_t hosts = 0;
    for (size_t i = 0; i < parser->request->header_count; i++)
        hosts += http_name_equal(parser->request->headers[i].name, SLICE("Host"));
    return hosts == 1 || (hosts == 0 && parser->is_1_0);
}

/* Only digits, no sign, no list; false when it is anything else. A number beyond every limit is
 * given as SIZE_MAX. */
static bool read_length(struct slice text, size_t *ret_length)
{
    size_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, (size_t)(text.data[i] - '0'), &length))
            length = SIZE_MAX / 16; /* stays over the limit whatever follows */
    }
    if (text.size == 0)
        return false;
    *ret_length = length;
    return true;
}

/* How is the body's end found (RFC 9112 6)? Returns 0 or the status of a refusal. */
static int frame_body(struct http_request_parser *parser)
{
    size_t lengths = 0;
    size_t encodings = 0;
    size_t length = 0;
    for (size_t i = 0; i < parser->request->header_count; i++) {
        const struct http_header *header = &parser->request->headers[i];
        if (http_name_equal(header->name, SLICE("Content-Length"))) {
            lengths++;
            if (!read_length(header->value, &length))
                return 400;
        } else if (http_name_equal(header->name, SLICE("Transfer-Encoding"))) {
            encodings++;
            if (!http_name_equal(header->value, SLICE("chunked")))
                return 400;
        } else if (http_name_equal(header->name, SLICE("Expect"))) {
            parser->expects_continue =
                http_name_equal(header->value, SLICE("100-continue")) && !parser->is_1_0;
        }
    }
    if (lengths + encodings > 1 || (encodings > 0 && parser->is_1_0))
        return 400;
    if (length > HTTP_BODY_BYTES_MAX)
        return 413;
    parser->body_size = encodings > 0 ? HTTP_BODY_BYTES_MAX : length;
    if (parser->body_size == 0)
        parser->expects_continue = false;
    return 0;
}

static int on_headers_complete(parser_engine *engine)
{
    struct http_request_parser *parser = engine->data;
    parser->is_1_0 = engine->http_major == 1 && engine->http_minor == 0;
    if (engine->http_major != 1)
        return refuse(parser, 400);
    if (!keep_headers(parser))
        return refuse(parser, 503);
    if (!headers_are_well_formed(parser->request) || !host_is_clear(parser))
        return refuse(parser, 400);
    int status = frame_body(parser);
    if (status != 0)
        return refuse(parser, status);
    engine->upgrade = 0;
    parser->phase = HTTP_PHASE_BODY;
    return 0;
}

/* Room grows with what has come, so that a client that announces a large body and sends little of
 * it keeps little memory from others. */
static bool make_room(struct http_request_parser *parser, size_t least)
{
    if (least <= parser->body_room)
        return true;
    size_t room = least <= SMALL_BODY_BYTES ? SMALL_BODY_BYTES : least * BODY_GROWTH;
    if (room > parser->body_size)
        room = parser->body_size;
    if (room > SMALL_BODY_BYTES && arena_is_crowded(parser->arena))
        return false;
    uint8_t *body = arena_grow_bytes(parser->arena, parser->body, parser->body_room, room);
    if (body == NULL)
        return false;
    parser->body = body;
    parser->body_room = room;
    return true;
}

static int on_body(parser_engine *engine, const char *at, size_t size)
{
    struct http_request_parser *parser = engine->data;
    struct slice *body = &parser->request->body;
    parser->expects_continue = false;
    if (size > parser->body_size - body->size)
        return refuse(parser, 413);
    if (!make_room(parser, body->size + size))
        return refuse(parser, 503);
    memcpy(parser->body + body->size, at, size);
    *body = slice_of(parser->body, body->size + size);
    return 0;
}

static int on_message_complete(parser_engine *engine)
{
    struct http_request_parser *parser = engine->data;
    parser->keep_alive = engine_keep_alive(engine);
    parser->complete = true;
#ifndef HAVE_LLHTTP
    http_parser_pause(engine, 1);
#endif
    return PAUSE;
}

struct http_request_parser *http_request_parser_open(void)
{
    struct http_request_parser *parser = calloc(1, sizeof(*parser));
    if (parser == NULL)
        return NULL;
    buf_init(&parser->text, NULL, HTTP_HEADER_BYTES_MAX);
    return parser;
}

void http_request_parser_close(struct http_request_parser *parser)
{
    if (parser == NULL)
        return;
    buf_fini(&parser->text);
    free(parser);
}

void http_request_parser_begin(struct http_request_parser *parser, struct arena *arena,
                               struct http_request *request)
{
    /* A fresh engine per request: nothing of the last one can leak into the next. */
    engine_begin(&parser->engine, parser);
    *request = (struct http_request){.body = SLICE("")};
    parser->arena = arena;
    parser->request = request;
    buf_clear(&parser->text);
    parser->body_size = 0;
    parser->body = NULL;
    parser->body_room = 0;
    parser->target = (struct span){0, 0};
    parser->header_count = 0;
    parser->in_value = false;
    parser->header_bytes = 0;
    parser->trailer_bytes = 0;
    parser->expects_continue = false;
    parser->keep_alive = false;
    parser->is_1_0 = false;
    parser->complete = false;
    parser->phase = HTTP_PHASE_NOTHING;
    parser->refusal_status = 0;
}

/* The most that may be given to the engine now: the header limit counts bytes as sent, so not a
 * byte more than it allows goes in before the header block has ended. */
static struct slice next_piece(const struct http_request_parser *parser, struct slice bytes)
{
    size_t room = HTTP_HEADER_BYTES_MAX - parser->header_bytes;
    if (parser->phase != HTTP_PHASE_BODY && bytes.size > room)
        bytes.size = room;
    return bytes;
}

enum http_parse_status http_request_parser_feed(struct http_request_parser *parser,
                                                struct slice *bytes)
{
    CHECK(parser->request != NULL && !parser->complete && parser->refusal_status == 0);
    while (bytes->size > 0) {
        struct slice piece = next_piece(parser, *bytes);
        if (piece.size == 0) {
            parser->refusal_status = 400;
            return HTTP_PARSE_REFUSED;
        }
        bool in_header = parser->phase != HTTP_PHASE_BODY;
        size_t taken;
        if (!engine_feed(&parser->engine, piece, &taken)) {
            if (parser->refusal_status == 0)
                parser->refusal_status = 400;
            return HTTP_PARSE_REFUSED;
        }
        CHECK(taken <= piece.size);
        *bytes = slice_after(*bytes, taken);
        if (in_header)
            parser->header_bytes += taken;
        if (parser->complete)
            return HTTP_PARSE_REQUEST;
        CHECK(taken == piece.size);
    }
    return HTTP_PARSE_MORE;
}

enum http_parse_phase http_request_parser_phase(const struct http_request_parser *parser)
{
    return parser->phase;
}

bool http_request_parser_take_expectation(struct http_request_parser *parser)
{
    bool expects = parser->phase == HTTP_PHASE_BODY && parser->expects_continue &&
                   !parser->complete && parser->refusal_status == 0;
    if (expects)
        parser->expects_continue = false;
    return expects;
}

bool http_request_parser_keep_alive(const struct http_request_parser *parser)
{
    return parser->keep_alive;
}

bool http_request_parser_is_1_0(const struct http_request_parser *parser)
{
    return parser->is_1_0;
}

int http_request_parser_refusal_status(const struct http_request_parser *parser)
{
    return parser->refusal_status;
}
