#include "base/hash.h"

static const uint8_t placement_key[HASH_KEY_BYTES] = {
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
};

struct sip_state {
    uint64_t v0, v1, v2, v3;
};

/* Byte by byte, so that the hash is the same on every machine; compilers make one load of it. */
static uint64_t read_little_endian(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static uint64_t rotate_left(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 = rotate_left(s->v2, 32);
}

static void compress(struct sip_state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

uint64_t hash_bytes_keyed(const uint8_t key[HASH_KEY_BYTES], struct slice bytes)
{
    uint64_t k0 = read_little_endian(key);
    uint64_t k1 = read_little_endian(key + 8);
    /* "somepseudorandomlygeneratedbytes", section 2.2 of the paper. */
    struct sip_state s = {
        k0 ^ 0x736f6d6570736575,
        k1 ^ 0x646f72616e646f6d,
        k0 ^ 0x6c7967656e657261,
        k1 ^ 0x7465646279746573,
    };

    size_t at = 0;
    for (; bytes.size - at >= 8; at += 8)
        compress(&s, read_little_endian(bytes.data + at));

    uint64_t last = (uint64_t)bytes.size << 56;
    for (unsigned i = 0; at + i < bytes.size; i++)
        last |= (uint64_t)bytes.data[at + i] << (8 * i);
    compress(&s, last);

    s.v2 ^= 0xff;
    for (unsigned i = 0; i < 4; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_bytes(struct slice bytes)
{
    return hash_bytes_keyed(placement_key, bytes);
}
