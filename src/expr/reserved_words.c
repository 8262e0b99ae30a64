#include "expr/expr.h"

#include <stdlib.h>

#define WORD(word) #word,
static const char *const words[] = {
#include "expr/reserved_words.def"
};
#undef WORD

enum { WORD_BYTES_MAX = 16 };

static int compare_word(const void *key, const void *member)
{
    return strcmp(key, *(const char *const *)member);
}

bool expr_is_reserved_word(struct slice word)
{
    char upper[WORD_BYTES_MAX];
    if (word.size >= sizeof(upper))
        return false;
    for (size_t i = 0; i < word.size; i++) {
        uint8_t byte = word.data[i];
        upper[i] = (char)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
    }
    upper[word.size] = '\0';
    return bsearch(upper, words, COUNT_OF(words), sizeof(words[0]), compare_word) != NULL;
}
