#include <stdlib.h>

#include "model_cases.h"

#define MUST " failed to satisfy constraint: Member must "
#define NAME_TOO_SHORT_1 MUST "have length greater than or equal to 1"
#define NAME_PATTERN MUST "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
#define ONE "1 validation error detected: "
#define TWO "2 validation errors detected: "
#define RCC_ENUM                                                                                   \
    "Value 'BOGUS' at 'returnConsumedCapacity'" MUST                                               \
    "satisfy enum value set: [INDEXES, TOTAL, NONE]"
#define RICM_ENUM                                                                                  \
    "Value 'BOGUS' at 'returnItemCollectionMetrics'" MUST "satisfy enum value set: [SIZE, NONE]"
#define RV_CLASSIC                                                                                 \
    "Value 'BOGUS' at 'returnValues'" MUST                                                         \
    "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
#define RV_NEW                                                                                     \
    "Failed to satisfy constraint: Member must satisfy enum value set: "                           \
    "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
#define KEYS_MUST                                                                                  \
    " failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length "   \
    "less than or equal to 255, Member must have length greater than or equal to 3, Member must "  \
    "satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
#define VALUES_MUST                                                                                \
    " failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "  \
    "less than or equal to 25, Member must have length greater than or equal to 1]"
#define ITEM "\"Item\":{\"pk\":{\"S\":\"a\"}}"
#define KEY "\"Key\":{\"pk\":{\"S\":\"a\"}}"
#define GET "{\"Get\":{\"TableName\":\"abc\"," KEY "}}"
#define OK "(accepted)"

static const struct {
    enum model_operation operation;
    const char *json;
    const char *message_new;
    const char *message_classic; /* NULL: the same */
} cases[] = {
    /* ---- names of tables ---- */
    {MODEL_OPERATION_PUT_ITEM, "{\"TableName\":\"abc\"," ITEM "}", OK, NULL},
    {MODEL_OPERATION_PUT_ITEM, "{\"TableName\":\"a\"," ITEM "}", OK, NULL},
    {MODEL_OPERATION_PUT_ITEM,
     "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\"," ITEM "}", OK, NULL},
    {MODEL_OPERATION_PUT_ITEM, "{" ITEM "}", ONE "Value null at 'tableName'" MUST "not be null",
     NULL},
    {MODEL_OPERATION_PUT_ITEM, "{\"TableName\":\"\"," ITEM "}",
     ONE "Value at 'TableName'" NAME_TOO_SHORT_1, ONE "Value '' at 'tableName'" NAME_TOO_SHORT_1},
    {MODEL_OPERATION_PUT_ITEM, "{\"TableName\":\"bad table!@#\"," ITEM "}",
     ONE "Value 'bad table!@#' at 'tableName'" NAME_PATTERN, NULL},
    {MODEL_OPERATION_CREATE_TABLE, "{}",
     "The parameter 'TableName' is required but was not present in the request", NULL},
    {MODEL_OPERATION_CREATE_TABLE,
     "{\"TableName\":\"ab\",\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],"
     "\"AttributeDefinitions\":[{\"AttributeName\":\"a\",\"AttributeType\":\"S\"}]}",
     ONE "Value 'ab' at 'tableName'" MUST "have length greater than or equal to 3", NULL},
    {MODEL_OPERATION_DESCRIBE_TABLE, "{\"TableName\":\"ab\"}",
     "TableName must be at least 3 characters long and at most 255 characters long", NULL},
    {MODEL_OPERATION_DELETE_TABLE, "{\"TableName\":null}",
     "The parameter 'TableName' is required but was not present in the request", NULL},
    {MODEL_OPERATION_DELETE_TABLE, "{\"TableName\":\"abc;\"}",
     ONE "Value 'abc;' at 'tableName'" NAME_PATTERN, NULL},
    {MODEL_OPERATION_LIST_TABLES, "{\"ExclusiveStartTableName\":\"a;\",\"Limit\":500}",
     "3 validation errors detected: Value 'a;' at 'exclusiveStartTableName'" NAME_PATTERN
     "; Value 'a;' at 'exclusiveStartTableName'" MUST "have length greater than or equal to 3"
     "; Value '500' at 'limit'" MUST "have value less than or equal to 100",
     NULL},

    /* ---- the newer front end tells some alone, some in other words ---- */
    {MODEL_OPERATION_PUT_ITEM, "{\"TableName\":\"\",\"ReturnValues\":\"BOGUS\"," ITEM "}",
     ONE "Value at 'TableName'" NAME_TOO_SHORT_1,
     TWO RV_CLASSIC "; Value '' at 'tableName'" NAME_TOO_SHORT_1},
    {MODEL_OPERATION_PUT_ITEM,
     "{\"TableName\":\"abc\"," ITEM ",\"ReturnConsumedCapacity\":\"BOGUS\","
     "\"ReturnItemCollectionMetrics\":\"BOGUS\",\"ReturnValues\":\"BOGUS\"}",
     "3 validation errors detected: " RCC_ENUM "; " RV_NEW "; " RICM_ENUM,
     "3 validation errors detected: " RCC_ENUM "; " RV_CLASSIC "; " RICM_ENUM},
    {MODEL_OPERATION_DELETE_ITEM,
     "{\"TableName\":\"abc\"," KEY ",\"ReturnConsumedCapacity\":\"BOGUS\","
     "\"ReturnValues\":\"BOGUS\"}",
     TWO RCC_ENUM "; " RV_NEW, TWO RCC_ENUM "; " RV_CLASSIC},
    {MODEL_OPERATION_UPDATE_ITEM,
     "{\"TableName\":\"abc\"," KEY ",\"ReturnConsumedCapacity\":\"BOGUS\","
     "\"ReturnValues\":\"BOGUS\"}",
     ONE RV_NEW, TWO RCC_ENUM "; " RV_CLASSIC},
    {MODEL_OPERATION_UPDATE_ITEM,
     "{\"TableName\":\"abc\"," KEY ",\"ReturnValues\":\"UPDATED_NEW\"}", OK, NULL},
    {MODEL_OPERATION_QUERY, "{\"TableName\":\"abc\",\"Limit\":0}",
     ONE "Value at 'Limit'" MUST "have value greater than or equal to 1", NULL},
    {MODEL_OPERATION_SCAN, "{\"TableName\":\"abc\",\"Limit\":0}",
     ONE "Value '0' at 'limit'" MUST "have value greater than or equal to 1", NULL},
    {MODEL_OPERATION_QUERY,
     "{\"TableName\":\"abc\",\"ConditionalOperator\":\"XOR\",\"Select\":\"BOGUS\"}",
     "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]",
     TWO "Value 'BOGUS' at 'select'" MUST
         "satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, "
         "ALL_PROJECTED_ATTRIBUTES]; Value 'XOR' at 'conditionalOperator'" MUST
         "satisfy enum value set: [OR, AND]"},

    /* ---- a missing member leaves all to the classic wording ---- */
    {MODEL_OPERATION_UPDATE_ITEM,
     "{\"TableName\":\"\",\"ReturnConsumedCapacity\":\"BOGUS\",\"ReturnValues\":\"BOGUS\"}",
     "4 validation errors detected: " RCC_ENUM "; Value '' at 'tableName'" NAME_TOO_SHORT_1
     "; " RV_CLASSIC "; Value null at 'key'" MUST "not be null",
     NULL},
    {MODEL_OPERATION_UPDATE_ITEM, "{\"TableName\":\"abc\",\"ConditionalOperator\":\"XOR\"}",
     TWO "Value 'XOR' at 'conditionalOperator'" MUST
         "satisfy enum value set: [OR, AND]; Value null at 'key'" MUST "not be null",
     NULL},

    /* ---- batches and transactions ---- */
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":{}}",
     ONE "Value at 'RequestItems'" NAME_TOO_SHORT_1,
     "The requestItems parameter is required for BatchGetItem"},
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":{\"abc\":{\"Keys\":[]}}}",
     ONE "Value at 'RequestItems.abc.member.Keys'" NAME_TOO_SHORT_1, NULL},
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":{\"abc\":{}}}",
     ONE "Value null at 'requestItems.abc.member.keys'" MUST "not be null", NULL},
    {MODEL_OPERATION_BATCH_GET_ITEM,
     "{\"RequestItems\":{\"bad!name\":{\"Keys\":[{\"pk\":{\"S\":\"a\"}}]}},"
     "\"ReturnConsumedCapacity\":\"BOGUS\"}",
     TWO "Value '{\"bad!name\":{\"Keys\":[{\"pk\":{\"S\":\"a\"}}]}}' at 'requestItems'" KEYS_MUST
         "; " RCC_ENUM,
     NULL},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{}}",
     ONE "Value at 'RequestItems'" NAME_TOO_SHORT_1,
     "The requestItems parameter is required for BatchWriteItem"},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"abc\":[]}}",
     ONE "Value '{abc=[]}' at 'requestItems'" VALUES_MUST, NULL},
    {MODEL_OPERATION_BATCH_WRITE_ITEM,
     "{\"RequestItems\":{\"bad!\":[{\"PutRequest\":{\"Item\":{\"pk\":{\"N\":\"5\"}}}}]}}",
     ONE "Value '{bad!=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(s=null, n=5, "
         "b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, "
         "dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)}, "
         "workloadProfileName=null), "
         "deleteRequest=null)]}' at 'requestItems'" KEYS_MUST,
     NULL},
    {MODEL_OPERATION_BATCH_WRITE_ITEM,
     "{\"RequestItems\":{\"b!\":[{\"PutRequest\":{" ITEM "}}]},"
     "\"ReturnConsumedCapacity\":\"BOGUS\",\"ReturnItemCollectionMetrics\":\"SIZE\"}",
     ONE RCC_ENUM,
     TWO RCC_ENUM
     "; Value '{b!=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(s=a, n=null, "
     "b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, "
     "dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)}, "
     "workloadProfileName=null), "
     "deleteRequest=null)]}' at 'requestItems'" KEYS_MUST},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"abc\":[{\"PutRequest\":{}}]}}",
     ONE "Value null at 'requestItems.abc.member.1.member.putRequest.item'" MUST "not be null",
     NULL},
    {MODEL_OPERATION_TRANSACT_WRITE_ITEMS, "{\"TransactItems\":[]}",
     ONE "Value at 'TransactItems'" NAME_TOO_SHORT_1,
     ONE "Value '[]' at 'transactItems'" NAME_TOO_SHORT_1},
    {MODEL_OPERATION_TRANSACT_WRITE_ITEMS,
     "{\"TransactItems\":[{\"Put\":{\"TableName\":\"abc\"," ITEM "}}],"
     "\"ReturnConsumedCapacity\":\"BOGUS\",\"ReturnItemCollectionMetrics\":\"BOGUS\"}",
     TWO RCC_ENUM "; " RICM_ENUM, NULL},
    {MODEL_OPERATION_TRANSACT_WRITE_ITEMS,
     "{\"TransactItems\":[{\"Put\":{\"TableName\":\"abc\"," ITEM "}}],"
     "\"ReturnConsumedCapacity\":\"BOGUS\","
     "\"ClientRequestToken\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
     ONE "Value at 'ClientRequestToken'" MUST "have length less than or equal to 36",
     TWO "Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'clientRequestToken'" MUST
         "have length less than or equal to 36; " RCC_ENUM},
    {MODEL_OPERATION_TRANSACT_GET_ITEMS, "{\"TransactItems\":[]}",
     ONE "Value at 'TransactItems'" NAME_TOO_SHORT_1,
     ONE "Value '[]' at 'transactItems'" NAME_TOO_SHORT_1},

    /* ---- tables ---- */
    {MODEL_OPERATION_CREATE_TABLE,
     "{\"TableName\":\"abc\",\"AttributeDefinitions\":[{\"AttributeName\":\"a\","
     "\"AttributeType\":\"INVALID\"}],\"KeySchema\":[{\"AttributeName\":\"a\","
     "\"KeyType\":\"INVALID\"}]}",
     TWO "Value 'INVALID' at 'attributeDefinitions.1.member.attributeType'" MUST
         "satisfy enum value set: [B, N, S]; Value 'INVALID' at 'keySchema.1.member.keyType'" MUST
         "satisfy enum value set: [HASH, RANGE]",
     NULL},
    {MODEL_OPERATION_CREATE_TABLE,
     "{\"TableName\":\"abc\",\"AttributeDefinitions\":[],"
     "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
     "\"LocalSecondaryIndexes\":[{\"IndexName\":\"l1\",\"Projection\":{},\"KeySchema\":["
     "{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}],"
     "\"GlobalSecondaryIndexes\":[{\"IndexName\":\"g1\",\"Projection\":{},\"KeySchema\":["
     "{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}]}",
     TWO "Value 'g1' at 'globalSecondaryIndexes.1.member.indexName'" MUST
         "have length greater than or equal to 3; "
         "Value 'l1' at 'localSecondaryIndexes.1.member.indexName'" MUST
         "have length greater than or equal to 3",
     NULL},
    {MODEL_OPERATION_UPDATE_TABLE,
     "{\"TableName\":\"abc\",\"ProvisionedThroughput\":{\"ReadCapacityUnits\":-1}}",
     TWO "Value null at 'provisionedThroughput.writeCapacityUnits'" MUST
         "not be null; Value '-1' at 'provisionedThroughput.readCapacityUnits'" MUST
         "have value greater than or equal to 1",
     NULL},
    {MODEL_OPERATION_UPDATE_TIME_TO_LIVE,
     "{\"TableName\":\"abc\",\"TimeToLiveSpecification\":{\"Enabled\":true,"
     "\"AttributeName\":\"\"}}",
     ONE "Value '' at 'timeToLiveSpecification.attributeName'" NAME_TOO_SHORT_1, NULL},
    {MODEL_OPERATION_TAG_RESOURCE, "{\"ResourceArn\":\"arn:x\"}",
     ONE "Value null at 'tags'" MUST "not be null", NULL},
    {MODEL_OPERATION_UNTAG_RESOURCE, "{\"ResourceArn\":\"arn:x\"}",
     ONE "Value null at 'tagKeys'" MUST "not be null", NULL},

    /* ---- the rest ---- */
    {MODEL_OPERATION_GET_ITEM,
     "{\"TableName\":\"abc;\",\"ReturnConsumedCapacity\":\"BOGUS\",\"AttributesToGet\":[]}",
     "4 validation errors detected: Value '[]' at 'attributesToGet'" NAME_TOO_SHORT_1 "; " RCC_ENUM
     "; Value null at 'key'" MUST "not be null; Value 'abc;' at 'tableName'" NAME_PATTERN,
     NULL},
    {MODEL_OPERATION_QUERY,
     "{\"TableName\":\"abc\",\"QueryFilter\":{\"a\":{},\"b\":"
     "{\"ComparisonOperator\":\"\"}}}",
     TWO "Value null at 'queryFilter.a.member.comparisonOperator'" MUST
         "not be null; Value '' at 'queryFilter.b.member.comparisonOperator'" MUST
         "satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, "
         "BEGINS_WITH, GE, CONTAINS]",
     NULL},
    {MODEL_OPERATION_SEARCH_VECTORS,
     "{\"TableName\":\"abc\",\"IndexName\":\"ab\",\"SearchVector\":[{\"N\":\"1\"}],\"TopK\":1}",
     ONE "Value at 'IndexName'" MUST "have length greater than or equal to 3", NULL},
    {MODEL_OPERATION_DESCRIBE_STREAM,
     "{\"StreamArn\":\"short\",\"ExclusiveStartShardId\":\"short\"}",
     ONE "Value 'short' at 'exclusiveStartShardId'" MUST "have length greater than or equal to 28",
     NULL},
    {MODEL_OPERATION_DESCRIBE_LIMITS, "{}", OK, NULL},

    /* ---- version 2011-12-05 ---- */
    {MODEL_OPERATION_V2011_GET_ITEM, "{\"TableName\":\"ab\",\"Key\":{}}",
     TWO "Value 'ab' at 'tableName'" MUST
         "have length greater than or equal to 3; Value null at 'key.hashKeyElement'" MUST
         "not be null",
     NULL},
    {MODEL_OPERATION_V2011_QUERY,
     "{\"TableName\":\"abc\",\"Limit\":0,\"HashKeyValue\":{\"S\":\"h\"}}",
     ONE "Value '0' at 'limit'" MUST "have value greater than or equal to 1", NULL},
    {MODEL_OPERATION_V2011_BATCH_GET_ITEM, "{\"RequestItems\":{}}",
     "The requestItems parameter is required for BatchGetItem", NULL},
};

static void messages_are_exact_in_both_wordings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const void *input = decoded(cases[i].operation, cases[i].json);
        assert_string_equal(message_of(model_validate_input(&arena, cases[i].operation,
                                                            MODEL_VALIDATION_NEW, input)),
                            cases[i].message_new);
        const char *classic =
            cases[i].message_classic != NULL ? cases[i].message_classic : cases[i].message_new;
        assert_string_equal(message_of(model_validate_input(&arena, cases[i].operation,
                                                            MODEL_VALIDATION_CLASSIC, input)),
                            classic);
    }
}

/* before, then the character `times` times, then after. */
static const char *request_with(const char *before, const char *character, size_t times,
                                const char *after)
{
    static char json[400000];
    size_t size = (size_t)snprintf(json, sizeof(json), "%s", before);
    for (size_t i = 0; i < times; i++)
        size += (size_t)snprintf(json + size, sizeof(json) - size, "%s", character);
    snprintf(json + size, sizeof(json) - size, "%s", after);
    return json;
}

static const struct error *validated(enum model_operation operation, const char *json)
{
    return model_validate_input(&arena, operation, MODEL_VALIDATION_NEW, decoded(operation, json));
}

static void names_end_at_255_and_arns_at_1024(void **state)
{
    (void)state;
    const char *before = "{" KEY ",\"TableName\":\"";
    assert_null(validated(MODEL_OPERATION_GET_ITEM, request_with(before, "a", 255, "\"}")));
    const struct error *error =
        validated(MODEL_OPERATION_GET_ITEM, request_with(before, "a", 256, "\"}"));
    assert_non_null(strstr(message_of(error), "Value 'aaaa"));
    assert_non_null(strstr(message_of(error),
                           "aaaa' at 'tableName'" MUST "have length less than or equal to 255"));
    before = "{" KEY ",\"TableName\":\"arn:";
    assert_null(validated(MODEL_OPERATION_GET_ITEM, request_with(before, "/", 1020, "\"}")));
    assert_non_null(validated(MODEL_OPERATION_GET_ITEM, request_with(before, "/", 1021, "\"}")));
}

static void length_counts_utf16_units(void **state)
{
    (void)state;
    const char *before = "{\"TransactItems\":[{}],\"ClientRequestToken\":\"";
    enum model_operation operation = MODEL_OPERATION_TRANSACT_WRITE_ITEMS;
    assert_null(validated(operation, request_with(before, "\xc3\xa9", 36, "\"}")));
    assert_non_null(validated(operation, request_with(before, "\xc3\xa9", 37, "\"}")));
    assert_null(validated(operation, request_with(before, "\xf0\x9f\x98\x80", 18, "\"}")));
    assert_non_null(validated(operation, request_with(before, "\xf0\x9f\x98\x80", 19, "\"}")));
}

static void at_most_ten_are_told(void **state)
{
    (void)state;
    const struct error *error = validated(
        MODEL_OPERATION_QUERY,
        "{\"TableName\":\"abc\",\"QueryFilter\":{\"a\":{},\"b\":{},\"c\":{},\"d\":{},\"e\":{},"
        "\"f\":{},\"g\":{},\"h\":{},\"i\":{},\"j\":{},\"k\":{}}}");
    assert_non_null(strstr(message_of(error), "10 validation errors detected: "));
    assert_non_null(strstr(message_of(error), "'queryFilter.j.member."));
    assert_null(strstr(message_of(error), "'queryFilter.k.member."));
}

static void too_many_elements_are_refused(void **state)
{
    (void)state;
    const struct error *error =
        validated(MODEL_OPERATION_BATCH_GET_ITEM,
                  request_with("{\"RequestItems\":{\"abc\":{\"Keys\":[{}", ",{}", 100, "]}}}"));
    assert_string_equal(message_of(error), ONE "Value at 'RequestItems.abc.member.Keys'" MUST
                                               "have length less than or equal to 100");
    error = validated(MODEL_OPERATION_BATCH_WRITE_ITEM,
                      request_with("{\"RequestItems\":{\"abc\":[{}", ",{}", 25, "]}}"));
    assert_string_equal(message_of(error), ONE "Value at 'RequestItems.abc.member'" MUST
                                               "have length less than or equal to 25");
    error = validated(MODEL_OPERATION_TRANSACT_GET_ITEMS,
                      request_with("{\"TransactItems\":[" GET, "," GET, 100, "]}"));
    assert_string_equal(message_of(error), ONE "Value at 'TransactItems'" MUST
                                               "have length less than or equal to 100");
}

static void a_huge_value_is_cut_at_a_character(void **state)
{
    (void)state;
    const struct error *error =
        validated(MODEL_OPERATION_DESCRIBE_STREAM,
                  request_with("{\"StreamArn\":\"a", "\xc3\xa9", 140000, "\"}"));
    assert_non_null(error);
    assert_true(error->message.size < 270000);
    char *text = calloc(1, error->message.size + 1);
    assert_non_null(text);
    memcpy(text, error->message.data, error->message.size);
    assert_non_null(strstr(text, "\xc3\xa9...' at 'streamArn'"));
    free(text);
}

static void deep_requests_are_left_to_the_classic_wording(void **state)
{
    (void)state;
    static const enum model_operation single[] = {
        MODEL_OPERATION_PUT_ITEM,
        MODEL_OPERATION_UPDATE_ITEM,
        MODEL_OPERATION_DELETE_ITEM,
        MODEL_OPERATION_GET_ITEM,
    };
    for (size_t i = 0; i < COUNT_OF(single); i++) {
        assert_int_equal(model_validation_of_request(single[i], MODEL_VALIDATION_NEW, 127),
                         MODEL_VALIDATION_NEW);
        assert_int_equal(model_validation_of_request(single[i], MODEL_VALIDATION_NEW, 128),
                         MODEL_VALIDATION_CLASSIC);
        assert_int_equal(model_validation_of_request(single[i], MODEL_VALIDATION_CLASSIC, 1),
                         MODEL_VALIDATION_CLASSIC);
    }
    assert_int_equal(model_validation_of_request(MODEL_OPERATION_QUERY, MODEL_VALIDATION_NEW, 500),
                     MODEL_VALIDATION_NEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(messages_are_exact_in_both_wordings),
        CASE(names_end_at_255_and_arns_at_1024),
        CASE(length_counts_utf16_units),
        CASE(at_most_ten_are_told),
        CASE(too_many_elements_are_refused),
        CASE(a_huge_value_is_cut_at_a_character),
        CASE(deep_requests_are_left_to_the_classic_wording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
