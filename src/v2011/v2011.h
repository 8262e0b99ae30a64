#ifndef HASHRANGE_V2011_V2011_H
#define HASHRANGE_V2011_V2011_H

/*
 * API version 2011-12-05, "maintained for backward compatibility with existing applications"
 * (developer guide, "Previous low-level API version (2011-12-05)"): its 13 operations, translated
 * into those of the current version. Nothing below knows that there are two versions.
 *
 *   asked input ─ v2011_translate_input ─▶ op_call with the current operation and input
 *                                          (who may do it is decided here)
 *                 v2011_check              what only that version refuses
 *                 op_row(...)->run         the operation
 *   answer      ◀─ v2011_translate_output ─ its output; errors through v2011_translate_error
 *
 * That version names a key's values by their place, HashKeyElement and RangeKeyElement, where the
 * current one names attributes: the translation looks at the table for the names. Nothing that it
 * sees there is told before v2011_check. docs/decisions/0015-an-older-version-is-translated.md has
 * what the versions do otherwise.
 *
 * Threads: a request belongs to its call.
 */

#include "ops/operation.h"

/* One request of that version, from its translation to its answer. In the call's arena. */
struct v2011_request;

bool v2011_is_operation(enum model_operation operation);
/* What an operation of that version is translated into; others are themselves. */
enum model_operation v2011_current_operation(enum model_operation operation);

/* asked is the input of an operation of that version, decoded and validated by table; it is used
 * up. Sets operation and input of the call, which has its environment, arena, region and time. */
MUST_USE const struct error *v2011_translate_input(struct op_call *call,
                                                   enum model_operation operation, void *asked,
                                                   struct v2011_request **ret_request);

MUST_USE const struct error *v2011_check(const struct v2011_request *request);

/* output: what the current operation answered; *ret_answer: the struct of the one asked for. */
MUST_USE const struct error *v2011_translate_output(const struct v2011_request *request,
                                                    const void *output, void **ret_answer);

/* An error in the words of that version. */
const struct error *v2011_translate_error(const struct v2011_request *request,
                                          const struct error *error);

#endif
