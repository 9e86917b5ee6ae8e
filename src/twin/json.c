/* json.c — JSON finds its reader. */
#include "base/err.h"
#include "twin/read_private.h"

#include <string.h>

const char *twin_string(yyjson_val *obj, const char *key, size_t *n)
{
    yyjson_val *v = yyjson_obj_get(obj, key);
    const char *s = yyjson_get_str(v);
    *n = s ? yyjson_get_len(v) : 0;
    return s ? s : "";
}

/* Telegram writes control characters as "\x1F", which is no JSON: they become blanks. */
static bool mend(char *text, size_t n)
{
    bool mended = false;
    for (size_t i = 0; i + 3 < n; i++) {
        if (text[i] != '\\')
            continue;
        if (text[i + 1] == 'x') {
            memset(text + i, ' ', 4);
            mended = true;
        }
        i++;
    }
    return mended;
}

/* Sets trouble if it is no JSON. */
static yyjson_doc *parse(struct twin_reading *r, char *text, size_t n)
{
    yyjson_doc *doc = NULL;
    anima_error err = { 0 };
    int rc = json_parse(text, n, TWIN_MAX_FILE, "it", &doc, &err);
    if (rc == ANIMA_E_INVALID && mend(text, n))
        rc = json_parse(text, n, TWIN_MAX_FILE, "it", &doc, &err);
    if (rc == ANIMA_E_NOMEM)
        r->rc = rc;
    else if (rc)
        twin_trouble(r, "%s", err.message);
    return doc;
}

static void dispatch(struct twin_reading *r, yyjson_val *root)
{
    static const struct {
        const char *format;
        bool (*is)(yyjson_val *root);
        void (*read)(struct twin_reading *r, yyjson_val *root);
    } forms[] = {
        { "telegram", twin_is_telegram, twin_read_telegram },
        { "discord", twin_is_discord, twin_read_discord },
        { "meta", twin_is_meta, twin_read_meta },
        { "slack", twin_is_slack, twin_read_slack },
        { "mastodon", twin_is_mastodon, twin_read_mastodon },
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].is(root)) {
            r->file->format = forms[i].format;
            forms[i].read(r, root);
            return;
        }
    twin_trouble(r, "JSON in a form that is not known here");
}

void twin_read_json(struct twin_reading *r, char *text, size_t n)
{
    static const char twitter[] = "window.YTD.";
    size_t name = 0, from = 0;
    bool is_twitter = twin_begins(text, n, twitter);
    if (is_twitter) {
        name = strcspn(text + strlen(twitter), ".= \n");
        from = strcspn(text, "[{");
    }
    yyjson_doc *doc = parse(r, text + from, n - from);
    if (doc && is_twitter)
        twin_read_twitter(r, text + strlen(twitter), name, yyjson_doc_get_root(doc));
    else if (doc)
        dispatch(r, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
}
