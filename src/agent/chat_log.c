#include "agent/chat_log.h"

#include "agent/state.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define MEMORY_MAX (256u << 20)

struct reading {
    struct chat_log *log;
    int64_t line, when_ms; /* the last date that was seen */
    enum { UNKNOWN, OURS, TAVERN } form;
    anima_error *err;
};

/* ---- pieces ---- */

static int wrong(struct reading *r, int code, const char *what)
{
    return err_set(r->err, code, "line %lld: %s", (long long)r->line, what);
}

/* A text member, copied; absent or of another type: "". NULL: refused. */
static const char *take_text(struct reading *r, yyjson_val *v, size_t most)
{
    size_t n = yyjson_is_str(v) ? yyjson_get_len(v) : 0;
    const char *s = n ? yyjson_get_str(v) : "";
    if (n > most) {
        wrong(r, ANIMA_E_LIMIT, "a text is too long");
        return NULL;
    }
    if (strlen(s) != n) {
        wrong(r, ANIMA_E_INVALID, "a text has a NUL character");
        return NULL;
    }
    char *copy = arena_strndup(&r->log->arena, s, n);
    if (!copy)
        wrong(r, ANIMA_E_NOMEM, "out of memory");
    return copy;
}

/* A short one that matters less: cut where it is too long, and without control characters. */
static const char *take_label(struct reading *r, yyjson_val *v, size_t most)
{
    const char *s = yyjson_is_str(v) ? yyjson_get_str(v) : "";
    while (*s == ' ')
        s++;
    size_t n = utf8_cut(s, strlen(s), most);
    while (n && s[n - 1] == ' ')
        n--;
    char *copy = arena_strndup(&r->log->arena, s, n);
    for (char *p = copy; p && *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            *p = '_';
    if (!copy)
        wrong(r, ANIMA_E_NOMEM, "out of memory");
    return copy;
}

static int64_t take_date(struct reading *r, yyjson_val *v)
{
    char number[32];
    int64_t ms = -1;
    if (yyjson_is_str(v)) {
        ms = date_parse(yyjson_get_str(v));
    } else if (yyjson_is_num(v) && yyjson_get_num(v) > 0 && yyjson_get_num(v) < 1e15) {
        snprintf(number, sizeof(number), "%.0f", yyjson_get_num(v));
        ms = date_parse(number);
    }
    return ms < 0 ? r->when_ms : ms;
}

static int bounded(yyjson_val *obj, const char *key, int most)
{
    int64_t n = json_int(obj, key, 0);
    return n < 0 ? 0 : n > most ? most : (int)n;
}

/* Room for one more turn or alternative; NULL: refused. */
static anima_turn *one_more(struct reading *r, anima_turn **list, size_t *n, size_t *room)
{
    if (*n == CHAT_LOG_LINES) {
        wrong(r, ANIMA_E_LIMIT, "too many turns or alternatives");
        return NULL;
    }
    if (*n == *room) {
        size_t more = *room ? *room * 2 : 64;
        anima_turn *bigger = mem_realloc(*list, more * sizeof(*bigger));
        if (!bigger) {
            wrong(r, ANIMA_E_NOMEM, "out of memory");
            return NULL;
        }
        *list = bigger;
        *room = more;
    }
    anima_turn *t = &(*list)[(*n)++];
    *t = (anima_turn){ .role = ANIMA_ROLE_CHARACTER,
                       .state = ANIMA_TURN_DONE,
                       .text = "",
                       .person_name = "",
                       .client_id = "",
                       .model = "",
                       .finish = "",
                       .error = "",
                       .variants = 1 };
    return t;
}

static anima_turn *new_turn(struct reading *r)
{
    struct chat_log *l = r->log;
    anima_turn *t = one_more(r, &l->log.turns, &l->log.n_turns, &l->turns_room);
    if (t)
        t->seq = (int64_t)l->log.n_turns;
    return t;
}

/* An alternative of the last turn. Their numbers are 0, 1, … without the turn's own. */
static anima_turn *new_variant(struct reading *r)
{
    struct chat_log *l = r->log;
    anima_turn *of = &l->log.turns[l->log.n_turns - 1];
    if (of->variants == MAX_VARIANTS) {
        wrong(r, ANIMA_E_LIMIT, "a turn has too many alternatives");
        return NULL;
    }
    anima_turn *t = one_more(r, &l->log.variants, &l->log.n_variants, &l->variants_room);
    if (t) {
        t->seq = of->seq;
        t->variant = of->variants - 1;
        of->variants++;
    }
    return t;
}

/* The turn shows number shown; those from there on move up by one. */
static void number_variants(struct reading *r, int shown)
{
    struct store_log *l = &r->log->log;
    anima_turn *turn = &l->turns[l->n_turns - 1];
    turn->variant = shown < 0 ? 0 : shown >= turn->variants ? turn->variants - 1 : shown;
    for (size_t i = l->n_variants; i > 0 && l->variants[i - 1].seq == turn->seq; i--)
        if (l->variants[i - 1].variant >= turn->variant)
            l->variants[i - 1].variant++;
}

/* ---- anima's own ---- */

static anima_turn_state state_of(const char *name)
{
    return strcmp(name, "failed") == 0 ? ANIMA_TURN_FAILED
           : strcmp(name, "done") == 0 ? ANIMA_TURN_DONE
                                       : ANIMA_TURN_CANCELLED; /* what was under way stays as it was */
}

static const char *known_finish(const char *name)
{
    static const char *const known[] = { "stop", "length", "cancelled", "error" };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(name, known[i]) == 0)
            return known[i];
    return "";
}

/* What a turn and an alternative have in common. */
static int fill_ours(struct reading *r, yyjson_val *v, anima_turn *t)
{
    t->text = take_text(r, yyjson_obj_get(v, "text"), t->role == ANIMA_ROLE_PERSON ? MAX_MESSAGE : MAX_REPLY);
    t->model = t->text ? take_label(r, yyjson_obj_get(v, "model"), 95) : NULL;
    t->error = t->model ? take_label(r, yyjson_obj_get(v, "error"), 500) : NULL;
    if (!t->error)
        return r->err->code;
    const char *state = json_str(v, "state", "done");
    t->state = !*t->text && strcmp(state, "forgotten") == 0 ? ANIMA_TURN_FORGOTTEN
               : t->role == ANIMA_ROLE_PERSON               ? ANIMA_TURN_DONE
                                                            : state_of(state);
    t->finish = known_finish(json_str(v, "finish", ""));
    t->error_code = t->state == ANIMA_TURN_FAILED ? err_code(json_str(v, "error_code", "engine")) : 0;
    t->prompt_tokens = bounded(v, "prompt_tokens", 1 << 30);
    t->completion_tokens = bounded(v, "completion_tokens", 1 << 30);
    t->ttft_ms = json_num(v, "ttft_ms", 0);
    t->tokens_per_s = json_num(v, "tokens_per_s", 0);
    t->created_ms = r->when_ms = take_date(r, yyjson_obj_get(v, "created_ms"));
    t->edited = json_bool(v, "edited", false);
    return ANIMA_OK;
}

static int read_ours(struct reading *r, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *one, *others = yyjson_obj_get(v, "alternatives");
    anima_turn *t = new_turn(r);
    if (!t)
        return r->err->code;
    t->role = strcmp(json_str(v, "role", ""), "person") == 0 ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER;
    t->person_name = take_label(r, yyjson_obj_get(v, "person"), 64);
    t->client_id = t->person_name ? take_label(r, yyjson_obj_get(v, "client_id"), 64) : NULL;
    if (!t->client_id || fill_ours(r, v, t))
        return r->err->code;
    if (t->role == ANIMA_ROLE_PERSON && !*t->text && t->state != ANIMA_TURN_FORGOTTEN)
        return wrong(r, ANIMA_E_INVALID, "a message has no text");
    t->revision = bounded(v, "revision", 1 << 30);
    yyjson_arr_foreach (others, i, max, one) {
        anima_turn *variant = new_variant(r);
        if (!variant || fill_ours(r, one, variant))
            return r->err->code;
    }
    number_variants(r, bounded(v, "variant", MAX_VARIANTS));
    return ANIMA_OK;
}

static int read_our_head(struct reading *r, yyjson_val *v)
{
    anima_conversation_info *info = &r->log->log.info;
    yyjson_val *parent = yyjson_obj_get(v, "parent");
    if (json_int(v, "anima", 0) != 1)
        return wrong(r, ANIMA_E_UNSUPPORTED, "written by a newer anima: install that one");
    const char *title = take_label(r, yyjson_obj_get(v, "title"), sizeof(info->title) - 1);
    const char *from = title ? take_label(r, yyjson_obj_get(parent, "id"), sizeof(info->parent) - 1) : NULL;
    const char *who = from ? take_label(r, yyjson_obj_get(v, "character"), sizeof(info->character) - 1) : NULL;
    if (!who)
        return r->err->code;
    snprintf(info->title, sizeof(info->title), "%s", title);
    snprintf(info->parent, sizeof(info->parent), "%s", from);
    snprintf(info->character, sizeof(info->character), "%s", who);
    info->parent_seq = *from ? bounded(parent, "seq", 1 << 30) : 0;
    info->created_ms = r->when_ms = take_date(r, yyjson_obj_get(v, "created_ms"));
    info->updated_ms = take_date(r, yyjson_obj_get(v, "updated_ms"));
    return ANIMA_OK;
}

/* ---- SillyTavern's ---- */

static int read_swipes(struct reading *r, yyjson_val *v, anima_turn *t)
{
    size_t i, max;
    yyjson_val *one, *swipes = yyjson_obj_get(v, "swipes"), *infos = yyjson_obj_get(v, "swipe_info");
    size_t n = yyjson_is_arr(swipes) ? yyjson_arr_size(swipes) : 0, shown = (size_t)bounded(v, "swipe_id", 1 << 20);
    if (t->role == ANIMA_ROLE_PERSON || n < 2 || shown >= n)
        return ANIMA_OK;
    int64_t when_ms = r->when_ms;
    int number = 0, place = 0;
    yyjson_arr_foreach (swipes, i, max, one) {
        if (i == shown) {
            place = number;
            continue;
        }
        if (!yyjson_is_str(one) || !yyjson_get_len(one))
            continue;
        anima_turn *variant = new_variant(r);
        yyjson_val *info = variant ? yyjson_arr_get(infos, i) : NULL;
        if (!variant)
            return r->err->code;
        variant->text = take_text(r, one, MAX_REPLY);
        variant->model = take_label(r, yyjson_obj_get(yyjson_obj_get(info, "extra"), "model"), 95);
        if (!variant->text || !variant->model)
            return r->err->code;
        variant->finish = "stop";
        variant->created_ms = take_date(r, yyjson_obj_get(info, "send_date"));
        number++;
    }
    r->when_ms = when_ms;
    number_variants(r, place);
    return ANIMA_OK;
}

static int read_tavern(struct reading *r, yyjson_val *v)
{
    yyjson_val *mes = yyjson_obj_get(v, "mes");
    r->when_ms = take_date(r, yyjson_obj_get(v, "send_date"));
    if (!yyjson_is_str(mes) || !yyjson_get_len(mes) || json_bool(v, "is_system", false))
        return ANIMA_OK;
    anima_turn *t = new_turn(r);
    if (!t)
        return r->err->code;
    bool user = json_bool(v, "is_user", false);
    t->role = user ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER;
    t->text = take_text(r, mes, user ? MAX_MESSAGE : MAX_REPLY);
    t->person_name = user ? take_label(r, yyjson_obj_get(v, "name"), 64) : "";
    t->model = user ? "" : take_label(r, yyjson_obj_get(yyjson_obj_get(v, "extra"), "model"), 95);
    if (!t->text || !t->person_name || !t->model)
        return r->err->code;
    t->finish = user ? "" : "stop";
    t->created_ms = r->when_ms;
    size_t at = r->log->log.n_turns - 1;
    return read_swipes(r, v, &r->log->log.turns[at]);
}

/* ---- lines ---- */

static int read_head(struct reading *r, yyjson_val *v)
{
    if (yyjson_obj_get(v, "anima")) {
        r->form = OURS;
        return read_our_head(r, v);
    }
    if (!yyjson_obj_get(v, "mes") && !yyjson_obj_get(v, "user_name") && !yyjson_obj_get(v, "chat_metadata") &&
        !yyjson_obj_get(v, "character_name"))
        return wrong(r, ANIMA_E_INVALID, "this is neither anima's nor SillyTavern's chat");
    r->form = TAVERN;
    if (yyjson_obj_get(v, "mes"))
        return read_tavern(r, v);
    r->when_ms = take_date(r, yyjson_obj_get(v, "create_date"));
    return ANIMA_OK;
}

static int read_line(struct reading *r, const char *line, size_t n)
{
    char what[40];
    yyjson_doc *doc;
    snprintf(what, sizeof(what), "line %lld", (long long)r->line);
    int rc = json_parse(line, n, CHAT_LOG_MAX, what, &doc, r->err);
    if (rc)
        return rc;
    yyjson_val *v = yyjson_doc_get_root(doc);
    rc = !yyjson_is_obj(v)    ? wrong(r, ANIMA_E_INVALID, "this is not a JSON object")
         : r->form == UNKNOWN ? read_head(r, v)
         : r->form == OURS    ? read_ours(r, v)
                              : read_tavern(r, v);
    yyjson_doc_free(doc);
    return rc;
}

static int read_lines(struct reading *r, const char *data, size_t n)
{
    const char *end = data + n;
    int rc = ANIMA_OK;
    if (n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        data += 3;
    while (data < end && !rc) {
        const char *eol = memchr(data, '\n', (size_t)(end - data));
        size_t len = (size_t)((eol ? eol : end) - data);
        size_t blank = 0;
        while (blank < len && (data[blank] == ' ' || data[blank] == '\r' || data[blank] == '\t'))
            blank++;
        if (++r->line > CHAT_LOG_LINES)
            return err_set(r->err, ANIMA_E_LIMIT, "a chat has at most %d lines", CHAT_LOG_LINES);
        if (blank < len)
            rc = read_line(r, data, len);
        data += len + (eol != NULL);
    }
    return rc;
}

/* Its title is how the first message begins, as in a new conversation; its times are those of its turns. */
static void complete(struct store_log *l)
{
    anima_conversation_info *info = &l->info;
    for (size_t i = 0; i < l->n_turns && !*info->title; i++) {
        const char *text = l->turns[i].text;
        if (l->turns[i].role == ANIMA_ROLE_PERSON)
            snprintf(info->title, sizeof(info->title), "%.*s", (int)utf8_cut(text, strcspn(text, "\r\n"), 72), text);
    }
    if (!info->created_ms)
        info->created_ms = l->turns[0].created_ms;
    for (size_t i = 0; i < l->n_turns; i++)
        if (l->turns[i].created_ms > info->updated_ms)
            info->updated_ms = l->turns[i].created_ms;
}

void chat_log_free(void *chat_log)
{
    struct chat_log *l = chat_log;
    if (!l)
        return;
    arena_finish(&l->arena);
    mem_free(l->log.turns);
    mem_free(l->log.variants);
    mem_free(l);
}

int chat_log_parse(const char *data, size_t n, int64_t now_ms, struct chat_log **out, anima_error *err)
{
    anima_error unused;
    *out = NULL;
    err = err ? err : &unused;
    if (n > CHAT_LOG_MAX)
        return err_set(err, ANIMA_E_LIMIT, "a chat has at most %u MiB", CHAT_LOG_MAX >> 20);
    struct chat_log *l = mem_zero(1, sizeof(*l));
    if (!l)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the chat");
    arena_init(&l->arena, MEMORY_MAX);
    l->log.owner = l;
    l->log.release = chat_log_free;
    struct reading r = { .log = l, .when_ms = now_ms, .err = err };
    int rc = read_lines(&r, data, n);
    if (!rc && !l->log.n_turns)
        rc = err_set(err, ANIMA_E_INVALID, "there is nothing said in this file");
    if (rc) {
        chat_log_free(l);
        return rc;
    }
    complete(&l->log);
    *out = l;
    return ANIMA_OK;
}
