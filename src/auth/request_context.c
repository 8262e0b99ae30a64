#include "auth/request_context.h"

#include <stdio.h>

#include "auth/letters.h"
#include "auth/operand.h"

enum { TEXT_BYTES = 32 };

/* An absent slice: the request has no such key. text is room for what has to be written. */
typedef struct slice answer(const struct auth_request_context *context, char text[TEXT_BYTES]);

static struct slice source_ip(const struct auth_request_context *context, char text[TEXT_BYTES])
{
    (void)text;
    return context->request->peer_address;
}

static struct slice secure_transport(const struct auth_request_context *context,
                                     char text[TEXT_BYTES])
{
    (void)text;
    return context->request->secure ? SLICE("true") : SLICE("false");
}

static struct slice current_time(const struct auth_request_context *context, char text[TEXT_BYTES])
{
    return slice_of(text, auth_write_date(context->now_ms, text, TEXT_BYTES));
}

static struct slice epoch_time(const struct auth_request_context *context, char text[TEXT_BYTES])
{
    int size = snprintf(text, TEXT_BYTES, "%lld", (long long)(context->now_ms / 1000));
    return slice_of(text, (size_t)size);
}

static struct slice user_agent(const struct auth_request_context *context, char text[TEXT_BYTES])
{
    (void)text;
    return http_request_header(context->request, SLICE("User-Agent"));
}

static struct slice referer(const struct auth_request_context *context, char text[TEXT_BYTES])
{
    (void)text;
    return http_request_header(context->request, SLICE("Referer"));
}

static struct slice requested_region(const struct auth_request_context *context,
                                     char text[TEXT_BYTES])
{
    (void)text;
    return context->region;
}

static struct slice resource_account(const struct auth_request_context *context,
                                     char text[TEXT_BYTES])
{
    (void)text;
    return context->account;
}

/* No service asks here in the name of somebody else. */
static struct slice via_aws_service(const struct auth_request_context *context,
                                    char text[TEXT_BYTES])
{
    (void)context;
    (void)text;
    return SLICE("false");
}

static const struct {
    struct slice name;
    answer *answer;
} keys[] = {
    {SLICE_INIT("aws:SourceIp"), source_ip},
    {SLICE_INIT("aws:SecureTransport"), secure_transport},
    {SLICE_INIT("aws:CurrentTime"), current_time},
    {SLICE_INIT("aws:EpochTime"), epoch_time},
    {SLICE_INIT("aws:UserAgent"), user_agent},
    {SLICE_INIT("aws:Referer"), referer},
    {SLICE_INIT("aws:RequestedRegion"), requested_region},
    {SLICE_INIT("aws:ResourceAccount"), resource_account},
    {SLICE_INIT("aws:ViaAWSService"), via_aws_service},
};

const struct error *auth_request_context_look_up(void *context, struct arena *arena,
                                                 struct slice key, struct auth_values *ret_values,
                                                 bool *ret_present)
{
    *ret_present = false;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!auth_equal_ignoring_case(keys[i].name, key))
            continue;
        char text[TEXT_BYTES];
        struct slice value = keys[i].answer(context, text);
        struct slice *item = ARENA_NEW(arena, struct slice);
        if (item == NULL)
            return error_exhausted();
        if (!slice_present(value))
            return NULL;
        *item = value;
        if (value.data == (const uint8_t *)text && !arena_copy(arena, value, item))
            return error_exhausted();
        *ret_values = (struct auth_values){item, 1};
        *ret_present = true;
        return NULL;
    }
    return NULL;
}
