/* view_forget.c — what was forgotten, rules, what was not told, as JSON. */
#include "server/view.h"

static void put_word(struct jw *w, const char *key, const char *word) { jw_str(w, key, *word ? word : NULL); }

static void put_turn(struct jw *w, const anima_forgotten_turn *t)
{
    jw_obj(w, NULL);
    jw_str(w, "conversation", t->conversation);
    jw_int(w, "seq", t->seq);
    if (t->variant < 0)
        jw_null(w, "variant");
    else
        jw_int(w, "variant", t->variant);
    jw_str(w, "character", t->character);
    put_word(w, "person", t->person_name);
    jw_int(w, "at_ms", t->at_ms);
    jw_str(w, "text", t->text);
    jw_str(w, "why", t->why);
    jw_end_obj(w);
}

void view_forgotten(struct jw *w, const anima_forgotten *what, bool done, bool purged)
{
    jw_arr(w, "items");
    for (size_t i = 0; i < what->n; i++)
        put_turn(w, &what->turns[i]);
    jw_end_arr(w);
    jw_int(w, "said", what->said);
    jw_int(w, "replies", what->replies);
    jw_bool(w, "forgotten", done);
    jw_bool(w, "purged", done && purged);
}

void view_rule(struct jw *w, const anima_rule *rule)
{
    jw_obj(w, NULL);
    jw_int(w, "id", rule->id);
    jw_str(w, "person", rule->person);
    put_word(w, "character", rule->character);
    put_word(w, "other", rule->other);
    jw_int(w, "at_ms", rule->at_ms);
    jw_end_obj(w);
}

void view_refusals(struct jw *w, const anima_refusals *found)
{
    jw_bool(w, "by_meaning", found->by_meaning);
    jw_arr(w, "items");
    for (size_t i = 0; i < found->n; i++) {
        const anima_refused *item = &found->items[i];
        jw_obj(w, NULL);
        view_memory(w, "memory", &item->memory);
        jw_num(w, "score", item->memory.score);
        jw_str(w, "reason", item->reason);
        jw_str(w, "why_en", item->why_en);
        jw_str(w, "why_zh", item->why_zh);
        put_word(w, "person", item->person_name);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}
