#include "base/base64.h"

#include "base/check.h"

static const uint8_t alphabet[64] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P',
    'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/',
};

/* The six bits of a character plus 1; 0 for a character outside the alphabet. */
static const uint8_t sextet_plus_1[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

void base64_encode(struct slice bytes, uint8_t *out)
{
    const uint8_t *at = bytes.data;
    size_t left = bytes.size;
    for (; left >= 3; left -= 3, at += 3, out += 4) {
        uint32_t group = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = alphabet[group >> 6 & 63];
        out[3] = alphabet[group & 63];
    }
    if (left > 0) {
        uint32_t group = (uint32_t)at[0] << 16 | (left == 2 ? (uint32_t)at[1] << 8 : 0);
        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = left == 2 ? alphabet[group >> 6 & 63] : '=';
        out[3] = '=';
    }
}

/* Four characters, of which the last `padding` are taken as zero bits; false for a bad one. */
static bool read_group(const uint8_t *text, unsigned padding, uint32_t *ret_group)
{
    uint32_t group = 0;
    for (unsigned i = 0; i < 4 - padding; i++) {
        uint8_t plus_1 = sextet_plus_1[text[i]];
        if (plus_1 == 0)
            return false;
        group |= (uint32_t)(plus_1 - 1) << (18 - 6 * i);
    }
    *ret_group = group;
    return true;
}

bool base64_decode(struct slice text, uint8_t *out, size_t *ret_size)
{
    if (text.size % 4 != 0)
        return false;
    if (text.size == 0) {
        *ret_size = 0;
        return true;
    }
    const uint8_t *at = text.data;
    const uint8_t *last = text.data + text.size - 4;
    unsigned padding = last[3] != '=' ? 0 : last[2] != '=' ? 1 : 2;

    uint8_t *start = out;
    uint32_t group;
    for (; at < last; at += 4, out += 3) {
        if (!read_group(at, 0, &group))
            return false;
        out[0] = (uint8_t)(group >> 16);
        out[1] = (uint8_t)(group >> 8);
        out[2] = (uint8_t)group;
    }
    if (!read_group(last, padding, &group))
        return false;
    if (padding > 0 && (group & (padding == 1 ? 0xffu : 0xffffu)) != 0)
        return false;
    for (unsigned i = 0; i < 3 - padding; i++)
        *out++ = (uint8_t)(group >> (16 - 8 * i));
    CHECK((size_t)(out - start) <= base64_decoded_size_max(text.size));
    *ret_size = (size_t)(out - start);
    return true;
}
