#ifndef HASHRANGE_MODEL_PATTERN_H
#define HASHRANGE_MODEL_PATTERN_H

/* The few regular expressions of the service model, each as a check of its own: one pass over the
 * text, no engine that hostile input could drive into the ground. Inside the model layer only. */

#include "model/shape_table.h"

/* Does the whole text match? PATTERN_NONE matches everything. */
bool pattern_matches(enum shape_pattern pattern, struct slice text);

#endif
