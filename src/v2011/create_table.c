/*
 * CreateTable of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_CreateTable_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/table_description.h"

/* KeySchema and the AttributeDefinitions that it implies. */
static const struct error *read_key(struct arena *arena,
                                    const struct model_v2011_key_schema *schema,
                                    struct model_create_table_input *input)
{
    const struct model_v2011_key_schema_element *elements[] = {schema->hash_key_element,
                                                               schema->range_key_element};
    const struct model_enum types[] = {{MODEL_KEY_TYPE_HASH, SLICE("HASH")},
                                       {MODEL_KEY_TYPE_RANGE, SLICE("RANGE")}};
    struct model_key_schema_element *key =
        ARENA_NEW_ARRAY(arena, struct model_key_schema_element, 2);
    struct model_attribute_definition *attributes =
        ARENA_NEW_ARRAY(arena, struct model_attribute_definition, 2);
    if (key == NULL || attributes == NULL)
        return error_exhausted();
    size_t count = elements[1] == NULL ? 1 : 2;
    for (size_t i = 0; i < count; i++) {
        key[i] = (struct model_key_schema_element){elements[i]->attribute_name, types[i]};
        attributes[i] = (struct model_attribute_definition){elements[i]->attribute_name,
                                                            elements[i]->attribute_type};
    }
    input->key_schema = (struct model_list_key_schema){true, count, key};
    input->attribute_definitions =
        (struct model_list_attribute_definitions){true, count, attributes};
    return NULL;
}

const struct error *v2011_create_table_input(struct v2011_request *request, void *asked,
                                             void **ret_input)
{
    const struct model_v2011_create_table_input *create = asked;
    struct arena *arena = request->call->arena;
    struct model_create_table_input *input = ARENA_NEW(arena, struct model_create_table_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = read_key(arena, create->key_schema, input);
    if (error == NULL)
        error = v2011_throughput_translate(arena, create->provisioned_throughput,
                                           &input->provisioned_throughput);
    if (error != NULL)
        return error;
    input->table_name = create->table_name;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_create_table_output(const struct v2011_request *request,
                                              const void *output, void **ret_answer)
{
    const struct model_create_table_output *created = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_create_table_output *answer =
        ARENA_NEW(arena, struct model_v2011_create_table_output);
    if (answer == NULL)
        return error_exhausted();
    const struct error *error = v2011_table_describe(arena, created->table_description, false, NULL,
                                                     &answer->table_description);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
