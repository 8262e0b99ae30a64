#include "query/xml_writer.h"

#include <inttypes.h>
#include <time.h>

void xml_writer_init(struct xml_writer *writer, struct buf *out)
{
    *writer = (struct xml_writer){.out = out};
}

void xml_begin_suffixed(struct xml_writer *writer, const char *name, const char *suffix,
                        const char *namespace)
{
    if (namespace == NULL)
        buf_append_format(writer->out, "<%s%s>", name, suffix);
    else
        buf_append_format(writer->out, "<%s%s xmlns=\"%s\">", name, suffix, namespace);
}

void xml_end_suffixed(struct xml_writer *writer, const char *name, const char *suffix)
{
    buf_append_format(writer->out, "</%s%s>", name, suffix);
}

void xml_begin(struct xml_writer *writer, const char *name)
{
    xml_begin_suffixed(writer, name, "", NULL);
}

void xml_end(struct xml_writer *writer, const char *name)
{
    xml_end_suffixed(writer, name, "");
}

/* How many bytes the UTF-8 form at the front of text has; 0 when there is none (RFC 3629: no
 * overlong forms, no surrogates, nothing beyond U+10FFFF). */
static size_t character_size(struct slice text, uint32_t *ret_character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.data[0];
    size_t size = first < 0x80             ? 1
                  : (first & 0xe0) == 0xc0 ? 2
                  : (first & 0xf0) == 0xe0 ? 3
                  : (first & 0xf8) == 0xf0 ? 4
                                           : 0;
    if (size == 0 || size > text.size)
        return 0;
    uint32_t character = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (text.data[i] & 0x3f);
    }
    if (character < smallest[size] || character > 0x10ffff)
        return 0;
    *ret_character = character;
    return size;
}

/* XML 1.0, production 2, Char. */
static bool is_xml_character(uint32_t character)
{
    if (character < 0x20)
        return character == '\t' || character == '\n' || character == '\r';
    return (character < 0xd800 || character > 0xdfff) && character != 0xfffe && character != 0xffff;
}

static const char *escape_of(uint32_t character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#xD;"; /* a reader would take it for a line break */
    default:
        return NULL;
    }
}

static void append_escaped(struct buf *out, struct slice text)
{
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = character_size(text, &character);
        const char *escape = size == 1 ? escape_of(character) : NULL;
        if (escape != NULL)
            buf_append(out, slice_of_cstring(escape));
        else if (size > 0 && is_xml_character(character))
            buf_append(out, slice_of(text.data, size));
        text = slice_after(text, size > 0 ? size : 1);
    }
}

void xml_text(struct xml_writer *writer, const char *name, struct slice text)
{
    if (!slice_present(text))
        return;
    xml_begin(writer, name);
    append_escaped(writer->out, text);
    xml_end(writer, name);
}

void xml_integer(struct xml_writer *writer, const char *name, int64_t value)
{
    buf_append_format(writer->out, "<%s>%" PRId64 "</%s>", name, value, name);
}

void xml_boolean(struct xml_writer *writer, const char *name, bool value)
{
    xml_text(writer, name, value ? SLICE("true") : SLICE("false"));
}

void xml_date(struct xml_writer *writer, const char *name, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000 - (epoch_ms % 1000 < 0));
    struct tm moment;
    char text[64];
    if (gmtime_r(&seconds, &moment) == NULL)
        return;
    size_t size = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &moment);
    xml_text(writer, name, slice_of(text, size));
}
