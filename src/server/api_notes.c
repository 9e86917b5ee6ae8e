/* api_notes.c — what people asked of a character, and what is switched on. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX (16u << 20)

static int put_note(void *ctx, const anima_note *note)
{
    view_note(ctx, NULL, note);
    return 0;
}

void api_notes(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    if (!anima_character_find(call->server->home, call->id)) {
        err_set(&err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", call->id);
        reply_code(call, &err);
        return;
    }
    list_begin(&answer, ANSWER_MAX, "notes");
    anima_note_list(call->server->home, call->id, put_note, &answer.w);
    list_end(call, &answer, ANIMA_OK, NULL);
}

static void reply_note(const struct call *call, int rc, int status, const anima_note *note, const anima_error *err)
{
    struct object_reply answer;
    if (rc) {
        reply_code(call, err);
        return;
    }
    object_begin(&answer, ANSWER_MAX);
    view_note(&answer.w, "note", note);
    object_end(call, &answer, status);
}

void api_note_new(const struct call *call)
{
    anima_error err;
    anima_note note;
    int rc = anima_note_add(call->server->home, call->id, json_str(call->body, "person", NULL),
                            json_str(call->body, "text", ""), &note, &err);
    reply_note(call, rc, 201, &note, &err);
}

void api_note_change(const struct call *call)
{
    anima_error err;
    anima_note note;
    yyjson_val *active = yyjson_obj_get(call->body, "active");
    int rc = anima_note_change(call->server->home, call_number(call), json_str(call->body, "text", NULL),
                               yyjson_is_bool(active) ? yyjson_get_bool(active) : -1, &note, &err);
    reply_note(call, rc, 200, &note, &err);
}

void api_note_remove(const struct call *call)
{
    anima_error err;
    if (anima_note_remove(call->server->home, call_number(call), &err)) {
        reply_code(call, &err);
        return;
    }
    reply_true(call, 200, "deleted");
}

void api_abilities(const struct call *call)
{
    struct list_reply answer;
    anima_ability a;
    list_begin(&answer, ANSWER_MAX, "abilities");
    for (size_t i = 0; anima_ability_at(call->server->home, i, &a); i++) {
        jw_obj(&answer.w, NULL);
        jw_str(&answer.w, "id", a.id);
        jw_bool(&answer.w, "on", a.on);
        jw_str(&answer.w, "zh", a.zh);
        jw_str(&answer.w, "en", a.en);
        jw_str(&answer.w, "why_zh", a.why_zh);
        jw_str(&answer.w, "why_en", a.why_en);
        jw_end_obj(&answer.w);
    }
    list_end(call, &answer, ANIMA_OK, NULL);
}
