/* schema_gbnf.h — a JSON schema as a GBNF grammar for llama.cpp. The subset that answers need: type (also a list of types),
 * properties, required, additionalProperties, items, minItems, maxItems, enum, const, anyOf, oneOf, allOf of one, $ref into
 * #/$defs or #/definitions, minLength, maxLength. What is not known and would change what is valid (pattern, not, if …) is
 * refused, so that nobody is promised more than is kept; titles, descriptions and ranges of numbers are passed over.
 * Grammar syntax: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md */
#ifndef HOST_SCHEMA_GBNF_H
#define HOST_SCHEMA_GBNF_H
#include "anima/anima.h"
#include "base/json.h"

/* Appends the grammar (root rule "root") to out. ANIMA_E_UNSUPPORTED names the keyword. */
int schema_to_gbnf(yyjson_val *schema, struct buf *out, anima_error *err);
#endif
