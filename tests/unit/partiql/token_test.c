/* Tokens: what they are, where they lie, and that nothing outside them is read. */

#include "partiql_fixture.h"

#include "partiql/token.h"

static void keywords_are_sorted(void **state)
{
    (void)state;
    static const char *const keywords[] = {
#define KEYWORD(id, text) text,
#include "partiql/keywords.def"
#undef KEYWORD
    };
    for (size_t i = 1; i < COUNT_OF(keywords); i++)
        assert_true(strcmp(keywords[i - 1], keywords[i]) < 0);
    /* each is found, whatever its letters look like */
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        char upper[32];
        size_t size = strlen(keywords[i]);
        assert_true(size < sizeof(upper));
        for (size_t j = 0; j <= size; j++) {
            bool letter = keywords[i][j] >= 'a' && keywords[i][j] <= 'z';
            upper[j] = (char)(letter ? keywords[i][j] & ~0x20 : keywords[i][j]);
        }
        const struct token *lower_tokens, *upper_tokens;
        assert_null(
            statement_tokens_read(&fixture_arena, slice_of_cstring(keywords[i]), &lower_tokens));
        assert_null(statement_tokens_read(&fixture_arena, slice_of(upper, size), &upper_tokens));
        assert_int_not_equal(lower_tokens->word, WORD_NONE);
        assert_int_equal(lower_tokens->word, upper_tokens->word);
        assert_int_not_equal(lower_tokens->kind, TOKEN_NAME);
    }
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum token_kind kind;
        const char *value; /* NULL: none */
    } cases[] = {
        {"'it''s'", TOKEN_STRING, "it's"},
        {"''", TOKEN_STRING, ""},
        {"'\xc3\xa9\n'", TOKEN_STRING, "\xc3\xa9\n"},
        {"\"a \"\"b\"\"\"", TOKEN_QUOTED_NAME, "a \"b\""},
        {"_a$1", TOKEN_NAME, "_a$1"},
        {"only", TOKEN_NAME, "only"},
        {"selects", TOKEN_NAME, "selects"},
        {"0", TOKEN_NUMBER, NULL},
        {"1.", TOKEN_NUMBER, NULL},
        {".5", TOKEN_NUMBER, NULL},
        {"1.50E+05", TOKEN_NUMBER, NULL},
        {"1e2147483647", TOKEN_NUMBER, NULL},
        {"true", TOKEN_TRUE, NULL},
        {"Missing", TOKEN_MISSING, NULL},
        {"null", TOKEN_NULL, NULL},
        {"select", TOKEN_WORD, NULL},
        {"and", TOKEN_OPERATOR, NULL},
        {"<=", TOKEN_OPERATOR, NULL},
        {"<<", TOKEN_OPEN_BAG, NULL},
        {">>", TOKEN_CLOSE_BAG, NULL},
        {"?", TOKEN_PARAMETER, NULL},
        {"not\n IN", TOKEN_OPERATOR, NULL},
        {"Is /* really */ Not", TOKEN_OPERATOR, NULL},
        {"insert into", TOKEN_WORD, NULL},
        {"modified -- all of it\n new", TOKEN_WORD, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct token *tokens;
        struct slice text = slice_of_cstring(cases[i].text);
        assert_null(statement_tokens_read(&fixture_arena, text, &tokens));
        assert_int_equal(tokens[0].kind, cases[i].kind);
        assert_int_equal(tokens[1].kind, TOKEN_END);
        assert_true(slice_equal(tokens[0].text, text));
        if (cases[i].value != NULL)
            assert_true(slice_equal(tokens[0].value, slice_of_cstring(cases[i].value)));
    }
}

static void no_tokens(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "'a",
        "'a''",
        "\"a",
        "/* a",
        "/*/",
        "#",
        "a & b",
        "1e",
        "1e+",
        "1a",
        "1e2147483648",
        "1.5e99999999",
        "!",
        "|",
        "\x01",
        "1e-214748364800",
        "`a`",
        "\xc3\xa9",
        "1.1e-2147483648",
        "~1",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct token *tokens;
        const struct error *error =
            statement_tokens_read(&fixture_arena, slice_of_cstring(texts[i]), &tokens);
        if (strcmp(texts[i], "1.5e99999999") == 0) { /* far away, but still an exponent */
            assert_null(error);
            continue;
        }
        assert_non_null(error);
        assert_true(slice_equal(error->message,
                                SLICE("Statement wasn't well formed, can't be processed: ")));
    }
}

/* Each beginning of a statement, copied so that reading behind it is seen. */
static void beginnings(void **state)
{
    (void)state;
    static const char text[] =
        "SELECT a.\"b c\"[1], x FROM t.\"i\" -- why\nWHERE a = 'it''s' AND NOT b IN (1.5e-3, ?) /* "
        "** */ OR c IS NOT MISSING AND d <= <<1, 2>> ORDER BY e DESC;";
    for (size_t size = 0; size < sizeof(text); size++) {
        uint8_t *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, text, size);
        struct slice statement = slice_of(copy, size);
        const struct token *token;
        if (statement_tokens_read(&fixture_arena, statement, &token) == NULL) {
            const uint8_t *from = copy;
            for (; token->kind != TOKEN_END; token++) {
                assert_true(token->text.data >= from);
                assert_true(token->text.size > 0);
                from = token->text.data + token->text.size;
            }
            assert_ptr_equal(token->text.data, copy + size);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_sorted),
        cmocka_unit_test(kinds),
        cmocka_unit_test(no_tokens),
        cmocka_unit_test(beginnings),
    };
    return cmocka_run_group_tests_name("token", tests, fixture_open, fixture_close);
}
