#include "host/stats.h"

void stats_stream(struct jw *w, const struct stats_stream *s)
{
    const struct request *r = s->request;
    jw_obj(w, NULL);
    jw_str(w, "name", s->name);
    jw_str(w, "place", s->place);
    jw_str(w, "state", s->state);
    jw_str(w, "adapter", r ? r->adapter : s->adapter);
    jw_int(w, "tokens", s->tokens);
    jw_int(w, "bytes", s->bytes);
    if (r) {
        jw_str(w, "class", request_class_name(r->class));
        jw_int(w, "read", s->read);
        jw_int(w, "want", s->want);
        jw_int(w, "said", s->said);
        jw_int(w, "deadline_ms", s->deadline_ms);
    } else {
        jw_int(w, "rest_ms", s->rest_ms);
    }
    jw_end_obj(w);
}

void stats_meter(struct jw *w, const struct meter *m, int64_t now_us)
{
    struct meter_rate rate;
    meter_rate(m, now_us, &rate);
    jw_int(w, "steps", m->steps);
    jw_int(w, "read_tokens", m->read);
    jw_int(w, "said_tokens", m->said);
    jw_num(w, "busy", rate.busy);
    jw_num(w, "read_per_s", rate.read_per_s);
    jw_num(w, "said_per_s", rate.said_per_s);
}
