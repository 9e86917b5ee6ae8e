#include "card/card.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "card/container.h"

#include <sodium.h>
#include <string.h>

/* A member that was set. */
struct change {
    struct change *next;
    char *member;
    char *text; /* NULL: a list */
    char **values;
    size_t n;
};

struct card {
    enum card_version version;
    enum card_container container;
    char *json; /* as it came */
    size_t json_len;
    yyjson_doc *doc;
    yyjson_val *data; /* the object with the members: "data", in V1 the root */
    char *picture;    /* the PNG it came in */
    size_t picture_len;
    struct card_asset *assets;
    size_t n_assets;
    struct change *changes;
};

/* The members of V1, which V2 and V3 have, too. */
static const char *const v1_members[] = {
    "name", "description", "personality", "scenario", "first_mes", "mes_example"
};
static const struct {
    const char *name;
    bool list, v3;
} text_members[] = {
    { "creator_notes", false, false },
    { "system_prompt", false, false },
    { "post_history_instructions", false, false },
    { "alternate_greetings", true, false },
    { "tags", true, false },
    { "creator", false, false },
    { "character_version", false, false },
    { "group_only_greetings", true, true },
};
#define N_TEXT_MEMBERS (sizeof(text_members) / sizeof(text_members[0]))

/* ---- reading ---- */

static void free_changes(struct change *c)
{
    struct change *next;
    for (; c; c = next) {
        next = c->next;
        for (size_t i = 0; i < c->n; i++)
            mem_free(c->values[i]);
        mem_free(c->values);
        mem_free(c->text);
        mem_free(c->member);
        mem_free(c);
    }
}

void card_free(struct card *c)
{
    if (!c)
        return;
    free_changes(c->changes);
    charx_free_assets(c->assets, c->n_assets);
    yyjson_doc_free(c->doc);
    mem_free(c->json);
    mem_free(c->picture);
    mem_free(c);
}

static int check_texts(yyjson_val *data, anima_error *err)
{
    for (size_t i = 0; i < 6; i++) {
        yyjson_val *v = yyjson_obj_get(data, v1_members[i]);
        if (v && !yyjson_is_str(v) && !yyjson_is_null(v))
            return err_set(err, ANIMA_E_INVALID, "the card's \"%s\" is no text", v1_members[i]);
    }
    for (size_t i = 0; i < N_TEXT_MEMBERS; i++) {
        yyjson_val *v = yyjson_obj_get(data, text_members[i].name);
        if (v && !yyjson_is_null(v) && (text_members[i].list ? !yyjson_is_arr(v) : !yyjson_is_str(v)))
            return err_set(err, ANIMA_E_INVALID, "the card's \"%s\" is no %s", text_members[i].name,
                           text_members[i].list ? "list" : "text");
    }
    yyjson_val *book = yyjson_obj_get(data, "character_book");
    if (book && !yyjson_is_null(book) && !yyjson_is_obj(book))
        return err_set(err, ANIMA_E_INVALID, "the card's \"character_book\" is no object");
    return ANIMA_OK;
}

/* Nothing is ever read or fetched for a card; one that asks for a file of this machine is up to no good. Addresses of the
 * network are allowed by the specification, and left alone. */
static int check_assets(yyjson_val *data, anima_error *err)
{
    size_t i, n;
    yyjson_val *asset;
    yyjson_arr_foreach (yyjson_obj_get(data, "assets"), i, n, asset) {
        const char *uri = json_str(asset, "uri", "");
        if (strncasecmp(uri, "file:", 5) == 0 || *uri == '/' || *uri == '\\' || strstr(uri, "../"))
            return err_set(err, ANIMA_E_FORBIDDEN, "the card asks for a file outside of it: \"%.100s\"", uri);
    }
    return ANIMA_OK;
}

/* Finds out the version, and checks what later code relies on. */
static int look(struct card *c, anima_error *err)
{
    yyjson_val *root = yyjson_doc_get_root(c->doc);
    const char *spec = json_str(root, "spec", "");
    if (!yyjson_is_obj(root))
        return err_set(err, ANIMA_E_INVALID, "a card is a JSON object");
    if (strcmp(spec, "chara_card_v3") == 0)
        c->version = CARD_V3;
    else if (strcmp(spec, "chara_card_v2") == 0)
        c->version = CARD_V2;
    else if (!*spec)
        c->version = CARD_V1;
    else
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "this is a card of another kind (\"%.60s\"); V1, V2 and V3 can be read", spec);
    c->data = c->version == CARD_V1 ? root : yyjson_obj_get(root, "data");
    if (!yyjson_is_obj(c->data))
        return err_set(err, ANIMA_E_INVALID, "the card has no \"data\"");
    if (!yyjson_is_str(yyjson_obj_get(c->data, "name")) || !*json_str(c->data, "name", ""))
        return err_set(err, ANIMA_E_INVALID, "the card has no name: it is no character card");
    int rc = check_texts(c->data, err);
    return rc ? rc : check_assets(c->data, err);
}

/* Takes json over. */
static int take_json(struct card *c, char *json, size_t n, anima_error *err)
{
    c->json = json;
    c->json_len = n;
    if (n >= 3 && memcmp(json, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        memmove(json, json + 3, n - 2);
        c->json_len -= 3;
    }
    int rc = json_parse(c->json, c->json_len, CARD_MAX_JSON, "the card", &c->doc, err);
    return rc ? rc : look(c, err);
}

static int from_base64(struct card *c, const char *text, size_t n, anima_error *err)
{
    char *json = n <= CARD_MAX_JSON / 3 * 4 ? mem_alloc(n / 4 * 3 + 4) : NULL;
    size_t len;
    const char *end;
    if (!json)
        return n > CARD_MAX_JSON / 3 * 4
                   ? err_set(err, ANIMA_E_LIMIT, "the card in the picture is larger than %u MB", CARD_MAX_JSON >> 20)
                   : err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    bool good = sodium_base642bin((unsigned char *)json, n / 4 * 3 + 3, text, n, " \r\n\t", &len, &end,
                                  sodium_base64_VARIANT_ORIGINAL) == 0 &&
                end == text + n;
    if (!good) /* some writers leave the padding out */
        good = sodium_base642bin((unsigned char *)json, n / 4 * 3 + 3, text, n, " \r\n\t", &len, &end,
                                 sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
               end == text + n;
    if (!good) {
        mem_free(json);
        return err_set(err, ANIMA_E_INVALID, "the card in the picture is no base64");
    }
    json[len] = '\0';
    return take_json(c, json, len, err);
}

static int from_png(struct card *c, const void *data, size_t n, anima_error *err)
{
    const char *text;
    size_t len;
    int rc = png_find(data, n, "ccv3", &text, &len, err);
    if (rc == ANIMA_E_NOT_FOUND)
        rc = png_find(data, n, "chara", &text, &len, err);
    if (rc)
        return rc;
    c->picture = mem_alloc(n);
    if (!c->picture)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the picture");
    memcpy(c->picture, data, n);
    c->picture_len = n;
    return from_base64(c, text, len, err);
}

static int from_charx(struct card *c, const void *data, size_t n, anima_error *err)
{
    char *json;
    size_t len;
    int rc = charx_read(data, n, &json, &len, &c->assets, &c->n_assets, err);
    return rc ? rc : take_json(c, json, len, err);
}

static int from_json(struct card *c, const void *data, size_t n, anima_error *err)
{
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    memcpy(copy, data, n);
    copy[n] = '\0';
    return take_json(c, copy, n, err);
}

int card_read(const void *data, size_t n, struct card **out, anima_error *err)
{
    *out = NULL;
    if (n > CARD_MAX_FILE)
        return err_set(err, ANIMA_E_LIMIT, "a card has at most %u MB", CARD_MAX_FILE >> 20);
    struct card *c = mem_zero(1, sizeof(*c));
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    c->container = png_is(data, n) ? CARD_PNG : charx_is(data, n) ? CARD_CHARX : CARD_JSON;
    int rc = c->container == CARD_PNG     ? from_png(c, data, n, err)
             : c->container == CARD_CHARX ? from_charx(c, data, n, err)
                                          : from_json(c, data, n, err);
    if (rc)
        card_free(c);
    else
        *out = c;
    return rc;
}

int card_new(const char *name, struct card **out, anima_error *err)
{
    static const char empty[] =
        "{\"spec\":\"chara_card_v3\",\"spec_version\":\"3.0\",\"data\":{\"name\":\"?\",\"extensions\":{}}}";
    int rc = card_read(empty, sizeof(empty) - 1, out, err);
    if (!rc)
        rc = card_set(*out, "name", name, err);
    if (rc) {
        card_free(*out);
        *out = NULL;
    }
    return rc;
}

/* ---- asking ---- */

enum card_version card_version(const struct card *c) { return c->version; }
enum card_container card_container(const struct card *c) { return c->container; }

static struct change *find_change(const struct card *c, const char *member)
{
    struct change *found = c->changes;
    while (found && strcmp(found->member, member) != 0)
        found = found->next;
    return found;
}

const char *card_text(const struct card *c, const char *member)
{
    const struct change *change = find_change(c, member);
    return change && change->text ? change->text : json_str(c->data, member, "");
}

yyjson_val *card_member(const struct card *c, const char *member) { return yyjson_obj_get(c->data, member); }

/* What "embeded://path" (as the specification spells it) of the main icon names; "": nothing. */
static const char *icon_path(const struct card *c)
{
    const char *wanted = "";
    size_t i, n;
    yyjson_val *asset;
    yyjson_arr_foreach (yyjson_obj_get(c->data, "assets"), i, n, asset) {
        const char *uri = json_str(asset, "uri", "");
        bool icon = strcmp(json_str(asset, "type", ""), "icon") == 0;
        if (icon && strncmp(uri, "embeded://", 10) == 0 &&
            (!*wanted || strcmp(json_str(asset, "name", ""), "main") == 0))
            wanted = uri + 10;
    }
    return wanted;
}

/* What it points to; else the first picture. */
static const struct card_asset *main_icon(const struct card *c, const char **type)
{
    static const struct {
        const char *ending, *type;
    } types[] = { { ".png", "png" }, { ".jpg", "jpg" }, { ".jpeg", "jpg" }, { ".webp", "webp" } };
    const char *wanted = icon_path(c);
    const struct card_asset *first = NULL;
    for (size_t a = 0; a < c->n_assets; a++)
        for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
            const char *path = c->assets[a].path;
            size_t len = strlen(path), ending = strlen(types[t].ending);
            bool is = len > ending && strcasecmp(path + len - ending, types[t].ending) == 0;
            if (is && (!first || strcmp(path, wanted) == 0)) {
                first = &c->assets[a];
                *type = types[t].type;
            }
        }
    return first;
}

const char *card_picture(const struct card *c, size_t *n, const char **type)
{
    if (c->picture) {
        *type = "png";
        *n = c->picture_len;
        return c->picture;
    }
    const struct card_asset *icon = main_icon(c, type);
    if (!icon)
        return NULL;
    *n = icon->n;
    return icon->data;
}

/* ---- changing ---- */

static struct change *change_of(struct card *c, const char *member)
{
    struct change *change = find_change(c, member);
    if (change)
        return change;
    change = mem_zero(1, sizeof(*change));
    if (change && !(change->member = mem_strdup(member))) {
        mem_free(change);
        change = NULL;
    }
    if (change) {
        change->next = c->changes;
        c->changes = change;
    }
    return change;
}

int card_set(struct card *c, const char *member, const char *text, anima_error *err)
{
    if (!find_change(c, member) && yyjson_is_str(yyjson_obj_get(c->data, member)) &&
        strcmp(json_str(c->data, member, ""), text) == 0)
        return ANIMA_OK;
    struct change *change = change_of(c, member);
    char *copy = mem_strdup(text);
    if (!change || !copy) {
        mem_free(copy);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    }
    mem_free(change->text);
    change->text = copy;
    return ANIMA_OK;
}

static bool same_list(yyjson_val *have, const char *const *values, size_t n)
{
    size_t i, all;
    yyjson_val *v;
    if (!yyjson_is_arr(have) || yyjson_arr_size(have) != n)
        return false;
    yyjson_arr_foreach (have, i, all, v)
        if (!yyjson_is_str(v) || strcmp(yyjson_get_str(v), values[i]) != 0)
            return false;
    return true;
}

int card_set_list(struct card *c, const char *member, const char *const *values, size_t n, anima_error *err)
{
    if (!find_change(c, member) && same_list(yyjson_obj_get(c->data, member), values, n))
        return ANIMA_OK;
    struct change *change = change_of(c, member);
    char **copy = mem_zero(n + 1, sizeof(*copy));
    bool failed = !change || !copy;
    for (size_t i = 0; i < n && !failed; i++)
        failed = !(copy[i] = mem_strdup(values[i]));
    if (failed) {
        for (size_t i = 0; copy && i < n; i++)
            mem_free(copy[i]);
        mem_free(copy);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    }
    for (size_t i = 0; i < change->n; i++)
        mem_free(change->values[i]);
    mem_free(change->values);
    change->values = copy;
    change->n = n;
    return ANIMA_OK;
}

/* ---- writing ---- */

static void apply_changes(const struct card *c, yyjson_mut_doc *doc, yyjson_mut_val *data)
{
    for (const struct change *change = c->changes; change; change = change->next) {
        yyjson_mut_val *value = change->text ? yyjson_mut_strcpy(doc, change->text) : yyjson_mut_arr(doc);
        for (size_t i = 0; !change->text && i < change->n; i++)
            yyjson_mut_arr_add_strcpy(doc, value, change->values[i]);
        yyjson_mut_val *key = yyjson_mut_strcpy(doc, change->member);
        if (!yyjson_mut_obj_replace(data, key, value))
            yyjson_mut_obj_add(data, key, value);
    }
}

/* What a version demands and another one does not. */
static void complete(yyjson_mut_doc *doc, yyjson_mut_val *data, enum card_version version)
{
    for (size_t i = 0; i < 6; i++)
        if (!yyjson_mut_obj_get(data, v1_members[i]))
            yyjson_mut_obj_add_str(doc, data, v1_members[i], "");
    for (size_t i = 0; i < N_TEXT_MEMBERS && version > CARD_V1; i++) {
        if (yyjson_mut_obj_get(data, text_members[i].name) || (text_members[i].v3 && version < CARD_V3))
            continue;
        if (text_members[i].list)
            yyjson_mut_obj_add_arr(doc, data, text_members[i].name);
        else
            yyjson_mut_obj_add_str(doc, data, text_members[i].name, "");
    }
    if (version > CARD_V1 && !yyjson_mut_obj_get(data, "extensions"))
        yyjson_mut_obj_add_obj(doc, data, "extensions");
}

/* The card as a document of that version. V1 keeps what it does not know: its readers pass over it. */
static yyjson_mut_val *convert(const struct card *c, yyjson_mut_doc *doc, yyjson_val *root, enum card_version version)
{
    yyjson_val *inner = c->version == CARD_V1 ? root : yyjson_obj_get(root, "data");
    if (version == c->version) {
        yyjson_mut_val *all = yyjson_val_mut_copy(doc, root);
        apply_changes(c, doc, c->version == CARD_V1 ? all : yyjson_mut_obj_get(all, "data"));
        return all;
    }
    yyjson_mut_val *data = yyjson_val_mut_copy(doc, inner);
    apply_changes(c, doc, data);
    complete(doc, data, version);
    if (version == CARD_V1)
        return data;
    yyjson_mut_val *all = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_str(doc, all, "spec", version == CARD_V3 ? "chara_card_v3" : "chara_card_v2");
    yyjson_mut_obj_add_str(doc, all, "spec_version", version == CARD_V3 ? "3.0" : "2.0");
    yyjson_mut_obj_add_val(doc, all, "data", data);
    return all;
}

static int to_json(const struct card *c, enum card_version version, struct buf *out, anima_error *err)
{
    if (version == c->version && !c->changes) {
        buf_append(out, c->json, c->json_len);
        return out->failed ? err_set(err, out->failed, "the card does not fit into memory") : ANIMA_OK;
    }
    /* Numbers stay text, so that they come out digit by digit. */
    yyjson_doc *doc = yyjson_read(c->json, c->json_len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_mut_doc *mut = doc ? yyjson_mut_doc_new(NULL) : NULL;
    size_t n = 0;
    char *text = NULL;
    if (mut) {
        yyjson_mut_doc_set_root(mut, convert(c, mut, yyjson_doc_get_root(doc), version));
        text = yyjson_mut_write(mut, YYJSON_WRITE_NOFLAG, &n);
    }
    if (text)
        buf_append(out, text, n);
    bool good = text && !out->failed;
    free(text);
    yyjson_mut_doc_free(mut);
    yyjson_doc_free(doc);
    return good ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "the card does not fit into memory");
}

static int to_base64(const struct card *c, enum card_version version, struct buf *out, anima_error *err)
{
    struct buf json;
    buf_init(&json, 2 * CARD_MAX_JSON);
    int rc = to_json(c, version, &json, err);
    size_t size = sodium_base64_encoded_len(json.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = rc ? NULL : mem_alloc(size);
    if (text)
        buf_puts(out, sodium_bin2base64(text, size, (const unsigned char *)json.data, json.len,
                                        sodium_base64_VARIANT_ORIGINAL));
    if (!rc && (!text || out->failed))
        rc = err_set(err, ANIMA_E_NOMEM, "the card does not fit into memory");
    mem_free(text);
    buf_finish(&json);
    return rc;
}

static int to_png(const struct card *c, enum card_version version, const void *picture, size_t n, struct buf *out,
                  anima_error *err)
{
    struct buf v2, v3, blank;
    buf_init(&v2, 3 * CARD_MAX_JSON);
    buf_init(&v3, 3 * CARD_MAX_JSON);
    buf_init(&blank, CARD_MAX_FILE);
    int rc = ANIMA_OK;
    if (!picture && c->picture) {
        picture = c->picture;
        n = c->picture_len;
    } else if (!picture) {
        const char *type = "";
        picture = card_picture(c, &n, &type);
        if (!picture || strcmp(type, "png") != 0) {
            rc = png_blank(512, &blank, err);
            picture = blank.data;
            n = blank.len;
        }
    }
    if (!rc)
        rc = to_base64(c, version == CARD_V1 ? CARD_V1 : CARD_V2, &v2, err);
    if (!rc && version == CARD_V3)
        rc = to_base64(c, CARD_V3, &v3, err);
    const struct png_text texts[] = { { "chara", v2.data, v2.len }, { "ccv3", v3.data, v3.len } };
    if (!rc)
        rc = png_write(picture, n, texts, version == CARD_V3 ? 2 : 1, out, err);
    buf_finish(&v2);
    buf_finish(&v3);
    buf_finish(&blank);
    return rc;
}

int card_write(const struct card *c, enum card_container container, enum card_version version, const void *picture,
               size_t n_picture, struct buf *out, anima_error *err)
{
    version = version ? version : c->version;
    if (container == CARD_JSON)
        return to_json(c, version, out, err);
    if (container == CARD_PNG)
        return to_png(c, version, picture, n_picture, out, err);
    struct buf json;
    buf_init(&json, 2 * CARD_MAX_JSON);
    int rc = to_json(c, CARD_V3, &json, err); /* CHARX knows V3 only */
    /* Out of a folder: the archive that it came in is gone, the picture is there. */
    const char *path = icon_path(c), *ending = strrchr(path, '.');
    bool named = charx_path_ok(path) && ending && strcasecmp(ending, ".png") == 0, alone = picture && !c->n_assets;
    const struct card_asset icon = { (char *)(uintptr_t)(named ? path : "assets/icon/images/main.png"),
                                     (char *)(uintptr_t)picture, n_picture };
    if (!rc)
        rc = charx_write(json.data, json.len, alone ? &icon : c->assets, alone ? 1 : c->n_assets, out, err);
    buf_finish(&json);
    return rc;
}
