#include "host/schema_gbnf.h"

#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RULES 2000
#define MAX_DEPTH 40
#define MAX_PROPERTIES 24 /* optional ones: each may be there or not */
#define MAX_REPEAT 1000

struct writer {
    yyjson_val *root;
    struct buf *out;
    int rules;
    anima_error *err;
    yyjson_val *refs[64]; /* definitions that have a rule, and its number */
    int ref_rules[64];
    size_t n_refs;
};

/* What every grammar may use. Strings keep to JSON's escapes; white space is short, so that it cannot run on. */
static const char *const basics =
    "ws ::= | \" \" | \"\\n\" [ \\t]{0,20}\n"
    "char ::= [^\"\\\\\\x7F\\x00-\\x1F] | [\\\\] ([\"\\\\/bfnrt] | \"u\" [0-9a-fA-F]{4})\n"
    "string ::= \"\\\"\" char* \"\\\"\"\n"
    "integer ::= \"-\"? (\"0\" | [1-9] [0-9]{0,15})\n"
    "number ::= integer (\".\" [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?\n"
    "boolean ::= \"true\" | \"false\"\n"
    "null ::= \"null\"\n"
    "value ::= object | array | string | number | boolean | null\n"
    "object ::= \"{\" ws (string \":\" ws value (\",\" ws string \":\" ws value)*)? ws \"}\"\n"
    "array ::= \"[\" ws (value (\",\" ws value)*)? ws \"]\"\n";

static int rule(struct writer *w, yyjson_val *schema, int depth, int *out);

static int refuse(struct writer *w, const char *what)
{
    return err_set(w->err, ANIMA_E_UNSUPPORTED, "the JSON schema uses %s, which answers cannot be bound to here", what);
}

static int invalid(struct writer *w, const char *what)
{
    return err_set(w->err, ANIMA_E_INVALID, "the JSON schema is not valid: %s", what);
}

/* A JSON text as a GBNF literal. */
static void literal(struct buf *out, const char *json, size_t n)
{
    buf_puts(out, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)json[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_puts(out, "\\n");
        else
            buf_append(out, &json[i], 1);
    }
    buf_puts(out, "\"");
}

static int literal_value(struct writer *w, struct buf *out, yyjson_val *value)
{
    size_t n;
    char *json = yyjson_val_write(value, 0, &n);
    if (!json)
        return err_set(w->err, ANIMA_E_NOMEM, "out of memory for the JSON schema");
    literal(out, json, n);
    free(json); /* yyjson's own allocator */
    return ANIMA_OK;
}

static int choices(struct writer *w, struct buf *body, yyjson_val *list)
{
    size_t i, n;
    yyjson_val *one;
    if (yyjson_arr_size(list) == 0 || yyjson_arr_size(list) > 500)
        return invalid(w, "enum needs 1 to 500 values");
    yyjson_arr_foreach (list, i, n, one) {
        if (i)
            buf_puts(body, " | ");
        int rc = literal_value(w, body, one);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

static int alternatives(struct writer *w, struct buf *body, yyjson_val *list, int depth)
{
    size_t i, n;
    yyjson_val *one;
    if (yyjson_arr_size(list) == 0)
        return invalid(w, "anyOf and oneOf need a list");
    yyjson_arr_foreach (list, i, n, one) {
        int r, rc = rule(w, one, depth + 1, &r);
        if (rc)
            return rc;
        buf_printf(body, "%sr%d", i ? " | " : "", r);
    }
    return ANIMA_OK;
}

/* ---- objects ---- */

struct property {
    yyjson_val *key;
    int rule;
    bool required;
};

static bool is_required(yyjson_val *required, yyjson_val *key)
{
    size_t i, n;
    yyjson_val *one;
    yyjson_arr_foreach (required, i, n, one) {
        if (yyjson_equals(one, key))
            return true;
    }
    return false;
}

static int put_property(struct writer *w, struct buf *body, const struct property *p)
{
    int rc = literal_value(w, body, p->key);
    buf_printf(body, " \":\" ws r%d", p->rule);
    return rc;
}

/* Members come in the order of the schema. A member behind the first one present has a comma in front of it; which one is
 * first is open as long as all before it are optional. rest(i) = what may follow once something is there. */
static int put_members(struct writer *w, struct buf *body, const struct property *p, size_t n, const char *extra)
{
    size_t first_required = 0;
    while (first_required < n && !p[first_required].required)
        first_required++;
    bool can_be_empty = first_required == n;
    size_t starts = can_be_empty ? n : first_required + 1;
    buf_puts(body, "(");
    for (size_t s = 0; s < starts; s++) {
        if (s)
            buf_puts(body, " | ");
        int rc = put_property(w, body, &p[s]);
        for (size_t i = s + 1; i < n && !rc; i++) {
            buf_puts(body, p[i].required ? " \",\" ws " : " (\",\" ws ");
            rc = put_property(w, body, &p[i]);
            buf_puts(body, p[i].required ? "" : ")?");
        }
        if (rc)
            return rc;
        if (extra)
            buf_printf(body, " (\",\" ws string \":\" ws %s)*", extra);
    }
    if (can_be_empty && extra)
        buf_printf(body, "%sstring \":\" ws %s (\",\" ws string \":\" ws %s)*", n ? " | " : "", extra, extra);
    buf_puts(body, can_be_empty ? ")?" : ")");
    return ANIMA_OK;
}

static int object(struct writer *w, struct buf *body, yyjson_val *schema, int depth)
{
    yyjson_val *properties = yyjson_obj_get(schema, "properties"), *required = yyjson_obj_get(schema, "required");
    yyjson_val *more = yyjson_obj_get(schema, "additionalProperties"), *key, *value;
    struct property list[128];
    size_t n = 0, optional = 0, i, max;
    char extra[16] = "value";
    static const char *const counts[] = { "minProperties", "maxProperties", "propertyNames" };
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++)
        if (yyjson_obj_get(schema, counts[k]))
            return refuse(w, counts[k]);
    yyjson_arr_foreach (required, i, max, value) {
        if (!yyjson_is_str(value) || !yyjson_obj_get(properties, yyjson_get_str(value)))
            return refuse(w, "required names that are not among its properties");
    }
    if (!properties && !more) {
        buf_puts(body, "object");
        return ANIMA_OK;
    }
    yyjson_obj_iter each = yyjson_obj_iter_with(properties); /* of none, where there are no properties */
    while ((key = yyjson_obj_iter_next(&each))) {
        if (n == 128)
            return refuse(w, "more than 128 properties");
        list[n] = (struct property){ key, 0, is_required(required, key) };
        optional += !list[n].required;
        int rc = rule(w, yyjson_obj_iter_get_val(key), depth + 1, &list[n].rule);
        if (rc)
            return rc;
        n++;
    }
    if (optional > MAX_PROPERTIES)
        return refuse(w, "more than 24 optional properties");
    buf_puts(body, "\"{\" ws ");
    /* Free members only where the schema asks for them: a model that may invent some does so for ever. */
    bool free_members = yyjson_is_true(more) || yyjson_is_obj(more);
    int r, rc = yyjson_is_obj(more) ? rule(w, more, depth + 1, &r) : ANIMA_OK;
    if (yyjson_is_obj(more))
        snprintf(extra, sizeof(extra), "r%d", r);
    if (!rc && (n || free_members))
        rc = put_members(w, body, list, n, free_members ? extra : NULL);
    buf_puts(body, " ws \"}\"");
    return rc;
}

/* ---- arrays and strings ---- */

static int between(struct writer *w, yyjson_val *schema, const char *least_key, const char *most_key, int64_t *least,
                   int64_t *most)
{
    *least = json_int(schema, least_key, 0);
    *most = json_int(schema, most_key, -1);
    if (*least < 0 || *least > MAX_REPEAT || *most > MAX_REPEAT)
        return refuse(w, "a length over 1000");
    return *most >= 0 && *most < *least ? invalid(w, "a largest length below the smallest") : ANIMA_OK;
}

static int array(struct writer *w, struct buf *body, yyjson_val *schema, int depth)
{
    yyjson_val *items = yyjson_obj_get(schema, "items");
    char element[16] = "value";
    int64_t least, most;
    static const char *const unknown[] = { "prefixItems", "uniqueItems", "contains" };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        if (yyjson_obj_get(schema, unknown[i]) && !yyjson_is_false(yyjson_obj_get(schema, unknown[i])))
            return refuse(w, unknown[i]);
    if (items && !yyjson_is_obj(items) && !yyjson_is_true(items))
        return refuse(w, "items that are no schema");
    int r, rc = between(w, schema, "minItems", "maxItems", &least, &most);
    if (!rc && yyjson_is_obj(items) && !(rc = rule(w, items, depth + 1, &r)))
        snprintf(element, sizeof(element), "r%d", r);
    if (rc)
        return rc;
    if (most == 0) {
        buf_puts(body, "\"[\" ws \"]\"");
        return ANIMA_OK;
    }
    buf_printf(body, "\"[\" ws (%s (\",\" ws %s)", element, element);
    if (most < 0)
        buf_printf(body, "{%lld,}", (long long)(least ? least - 1 : 0));
    else
        buf_printf(body, "{%lld,%lld}", (long long)(least ? least - 1 : 0), (long long)most - 1);
    buf_printf(body, ")%s ws \"]\"", least ? "" : "?");
    return ANIMA_OK;
}

static int text(struct writer *w, struct buf *body, yyjson_val *schema)
{
    int64_t least, most;
    if (yyjson_obj_get(schema, "pattern"))
        return refuse(w, "pattern");
    int rc = between(w, schema, "minLength", "maxLength", &least, &most);
    if (rc)
        return rc;
    if (!least && most < 0)
        buf_puts(body, "string");
    else if (most < 0)
        buf_printf(body, "\"\\\"\" char{%lld,} \"\\\"\"", (long long)least);
    else
        buf_printf(body, "\"\\\"\" char{%lld,%lld} \"\\\"\"", (long long)least, (long long)most);
    return ANIMA_OK;
}

/* ---- references ---- */

static yyjson_val *resolve(struct writer *w, const char *ref)
{
    return strncmp(ref, "#/", 2) == 0 ? yyjson_ptr_get(w->root, ref + 1) : strcmp(ref, "#") == 0 ? w->root : NULL;
}

static int reference(struct writer *w, struct buf *body, const char *ref, int depth)
{
    yyjson_val *target = resolve(w, ref);
    if (!target)
        return invalid(w, "a $ref leads nowhere (only places inside the schema can be meant)");
    for (size_t i = 0; i < w->n_refs; i++)
        if (w->refs[i] == target) {
            buf_printf(body, "r%d", w->ref_rules[i]);
            return ANIMA_OK;
        }
    if (w->n_refs == 64)
        return refuse(w, "more than 64 definitions");
    /* The number is known before the rule is written, so that a definition may contain itself. */
    size_t at = w->n_refs++;
    w->refs[at] = target;
    w->ref_rules[at] = w->rules;
    int r, rc = rule(w, target, depth + 1, &r);
    buf_printf(body, "r%d", r);
    return rc;
}

/* ---- one schema, one rule ---- */

static int by_type(struct writer *w, struct buf *body, yyjson_val *schema, const char *type, int depth)
{
    if (strcmp(type, "object") == 0)
        return object(w, body, schema, depth);
    if (strcmp(type, "array") == 0)
        return array(w, body, schema, depth);
    if (strcmp(type, "string") == 0)
        return text(w, body, schema);
    static const char *const plain[] = { "integer", "number", "boolean", "null" };
    for (size_t i = 0; i < 4; i++)
        if (strcmp(type, plain[i]) == 0) {
            buf_puts(body, type);
            return ANIMA_OK;
        }
    return invalid(w, "an unknown type");
}

static int by_types(struct writer *w, struct buf *body, yyjson_val *schema, yyjson_val *types, int depth)
{
    size_t i, n;
    yyjson_val *type;
    yyjson_arr_foreach (types, i, n, type) {
        const char *name = yyjson_get_str(type);
        if (i)
            buf_puts(body, " | ");
        int rc = name ? by_type(w, body, schema, name, depth) : invalid(w, "a type that is no string");
        if (rc)
            return rc;
    }
    return n ? ANIMA_OK : invalid(w, "an empty list of types");
}

static int body_of(struct writer *w, struct buf *body, yyjson_val *schema, int depth)
{
    static const char *const unknown[] = { "not", "if", "patternProperties", "dependentSchemas",
                                           "unevaluatedProperties" };
    yyjson_val *v;
    if (yyjson_is_true(schema)) {
        buf_puts(body, "value");
        return ANIMA_OK;
    }
    if (!yyjson_is_obj(schema))
        return invalid(w, "a schema is an object");
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        if (yyjson_obj_get(schema, unknown[i]))
            return refuse(w, unknown[i]);
    if ((v = yyjson_obj_get(schema, "$ref")))
        return reference(w, body, yyjson_is_str(v) ? yyjson_get_str(v) : "", depth);
    if ((v = yyjson_obj_get(schema, "enum")))
        return choices(w, body, v);
    if ((v = yyjson_obj_get(schema, "const")))
        return literal_value(w, body, v);
    if ((v = yyjson_obj_get(schema, "anyOf")) || (v = yyjson_obj_get(schema, "oneOf")))
        return yyjson_obj_get(schema, "properties") || yyjson_obj_get(schema, "required") ||
                       yyjson_obj_get(schema, "items")
                   ? refuse(w, "anyOf or oneOf beside other rules")
                   : alternatives(w, body, v, depth);
    if ((v = yyjson_obj_get(schema, "allOf")))
        return yyjson_arr_size(v) == 1 ? alternatives(w, body, v, depth) : refuse(w, "allOf of more than one");
    v = yyjson_obj_get(schema, "type");
    if (yyjson_is_str(v))
        return by_type(w, body, schema, yyjson_get_str(v), depth);
    if (yyjson_is_arr(v))
        return by_types(w, body, schema, v, depth);
    /* Without a type, the words that only one type has say which is meant. */
    if (yyjson_obj_get(schema, "properties") || yyjson_obj_get(schema, "additionalProperties") ||
        yyjson_obj_get(schema, "required"))
        return object(w, body, schema, depth);
    if (yyjson_obj_get(schema, "items") || yyjson_obj_get(schema, "prefixItems"))
        return array(w, body, schema, depth);
    if (yyjson_obj_get(schema, "pattern"))
        return refuse(w, "pattern");
    buf_puts(body, "value");
    return ANIMA_OK;
}

static int rule(struct writer *w, yyjson_val *schema, int depth, int *out)
{
    struct buf body;
    *out = w->rules++;
    if (w->rules > MAX_RULES || depth > MAX_DEPTH)
        return err_set(w->err, ANIMA_E_LIMIT, "the JSON schema is too large or too deep");
    buf_init(&body, 1u << 20);
    int rc = body_of(w, &body, schema, depth);
    if (!rc && body.failed)
        rc = err_set(w->err, body.failed, "the JSON schema is too large");
    if (!rc)
        buf_printf(w->out, "r%d ::= %s\n", *out, buf_str(&body));
    buf_finish(&body);
    return rc;
}

int schema_to_gbnf(yyjson_val *schema, struct buf *out, anima_error *err)
{
    struct writer w = { .root = schema, .out = out, .err = err };
    int r;
    /* {} means any JSON object: what response_format json_object asks for. */
    bool any = yyjson_is_obj(schema) && yyjson_obj_size(schema) == 0;
    buf_puts(out, any ? "root ::= object\n" : "root ::= ws r0\n");
    int rc = any ? ANIMA_OK : rule(&w, schema, 0, &r);
    buf_puts(out, basics);
    if (!rc && out->failed)
        rc = err_set(err, out->failed, "the JSON schema is too large");
    return rc;
}
