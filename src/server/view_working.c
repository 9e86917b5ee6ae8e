/* view_working.c — what is on a character's mind of somebody, as JSON. */
#include "server/view.h"

void view_working(struct jw *w, const char *key, const anima_working *part)
{
    jw_obj(w, key);
    jw_str(w, "part", part->part);
    jw_int(w, "id", part->id);
    jw_str(w, "value", part->value);
    jw_num(w, "amount", part->amount);
    jw_num(w, "confidence", part->confidence);
    jw_int(w, "since_ms", part->since_ms);
    jw_int(w, "from_ms", part->from_ms);
    jw_int(w, "to_ms", part->to_ms);
    jw_bool(w, "own", part->own);
    jw_str(w, "state", part->state);
    jw_bool(w, "by_hand", part->by_hand);
    if (part->cause)
        view_memory(w, "cause", part->cause);
    else
        jw_null(w, "cause");
    jw_end_obj(w);
}
