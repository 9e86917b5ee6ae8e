/* json.h — reading foreign JSON under limits (yyjson), and writing JSON straight into a buffer.
 * Reading: json_parse checks size, depth and UTF-8, then yyjson's own getters are used on the result.
 * Writing: struct jw puts the commas; strings are escaped; NaN and infinity become null. One owner, no locking. */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include "anima/anima.h"
#include "base/buf.h"
#include <yyjson.h>

#define JSON_MAX_DEPTH 64

/* Parses n bytes. Refuses more than max bytes (ANIMA_E_LIMIT), nesting over JSON_MAX_DEPTH (ANIMA_E_LIMIT) and bad
 * JSON (ANIMA_E_INVALID, with the byte position). what names the input in messages. Free with yyjson_doc_free. */
int json_parse(const char *data, size_t n, size_t max, const char *what, yyjson_doc **out, anima_error *err);

/* Members of an object with a default; NULL obj or a wrong type gives the default. */
const char *json_str(yyjson_val *obj, const char *key, const char *otherwise);
int64_t json_int(yyjson_val *obj, const char *key, int64_t otherwise);
double json_num(yyjson_val *obj, const char *key, double otherwise);
bool json_bool(yyjson_val *obj, const char *key, bool otherwise);

struct jw {
    struct buf *out;
    bool comma; /* the next value needs one in front */
};

void jw_init(struct jw *w, struct buf *out);
void jw_obj(struct jw *w, const char *key); /* key NULL inside arrays and at the top */
void jw_arr(struct jw *w, const char *key);
void jw_end_obj(struct jw *w);
void jw_end_arr(struct jw *w);
void jw_str(struct jw *w, const char *key, const char *value); /* NULL value: null */
void jw_strn(struct jw *w, const char *key, const char *value, size_t n);
void jw_int(struct jw *w, const char *key, int64_t value);
void jw_num(struct jw *w, const char *key, double value); /* six significant digits, whole numbers in full */
void jw_bool(struct jw *w, const char *key, bool value);
void jw_null(struct jw *w, const char *key);
void jw_raw(struct jw *w, const char *key, const char *json, size_t n); /* JSON text as it is */
#endif
