#include "host/llama_stats.h"

#include "base/clock.h"
#include "host/stats.h"

#include <stdio.h>
#include <string.h>

static void put_kv(const struct kv *kv, struct jw *w)
{
    struct kv_stats s;
    uint64_t disk, disk_limit;
    kv_statistics(kv, &s);
    kv_disk(kv, &disk, &disk_limit);
    jw_obj(w, "kv");
    jw_int(w, "streams", s.streams);
    jw_int(w, "seated", s.seated);
    jw_int(w, "seats", s.seats);
    jw_int(w, "cells_used", s.cells_used);
    jw_int(w, "cells", s.cells);
    jw_int(w, "ram_bytes", (int64_t)s.ram_bytes);
    jw_int(w, "ram_limit", (int64_t)s.ram_limit);
    jw_int(w, "disk_bytes", (int64_t)disk);
    jw_int(w, "disk_limit", (int64_t)disk_limit);
    jw_int(w, "saved_bytes", (int64_t)s.saved_bytes);
    jw_int(w, "written_bytes", (int64_t)s.written_bytes);
    jw_int(w, "restored", (int64_t)s.restored);
    jw_int(w, "evicted", (int64_t)s.evicted);
    jw_int(w, "damaged", (int64_t)s.damaged);
    jw_int(w, "shared", (int64_t)s.shared);
    jw_int(w, "moved_us", s.moved_us);
    jw_end_obj(w);
}

static bool at_work(const struct task_view *v) { return strcmp(v->state, "waiting") != 0; }

/* Tasks of one stream run one after the other: the one at work stands for it, else the first. */
static bool stands_for_stream(const struct task_view *views, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (k != i && views[k].stream == views[i].stream && (at_work(&views[k]) || (k < i && !at_work(&views[i]))))
            return false;
    return true;
}

static void put_stream(const struct kv_stream *s, const struct task_view *v, uint64_t bytes_per_token, struct jw *w)
{
    int64_t now = clock_mono_us();
    size_t bytes;
    char adapter[20] = "";
    const char *place = kv_place(s, &bytes);
    if (s->adapter)
        snprintf(adapter, sizeof(adapter), "%08x", (unsigned)(s->adapter >> 32));
    struct stats_stream row = { .name = s->name,
                                .place = place,
                                .state = "rest",
                                .adapter = adapter,
                                .tokens = s->n,
                                .bytes = kv_seat_id(s) >= 0 ? (int64_t)((uint64_t)s->n * bytes_per_token)
                                                            : (int64_t)bytes,
                                .rest_ms = (now - s->used_us) / 1000 };
    if (v) {
        row.state = v->state;
        row.request = v->request;
        row.want = v->want;
        row.read = s->n < v->want ? s->n : v->want;
        row.said = v->said;
        row.deadline_ms = (v->deadline_us - now) / 1000;
    }
    stats_stream(w, &row);
}

static bool has_task(const struct task_view *views, size_t n, const struct kv_stream *s)
{
    for (size_t i = 0; i < n; i++)
        if (views[i].stream == s)
            return true;
    return false;
}

void llama_stats(const struct tasks *tasks, const struct kv *kv, uint64_t bytes_per_token, struct jw *w)
{
    struct task_view views[STATS_MAX_STREAMS];
    const struct kv_stream *recent[STATS_MAX_STREAMS];
    size_t n_views = tasks_views(tasks, views, STATS_MAX_STREAMS), n = kv_recent(kv, recent, STATS_MAX_STREAMS),
           put = 0;
    stats_meter(w, tasks_meter(tasks), clock_mono_us());
    jw_num(w, "prefill_per_s", tasks_speed(tasks));
    put_kv(kv, w);
    jw_arr(w, "streams");
    for (size_t i = 0; i < n_views; i++)
        if (stands_for_stream(views, n_views, i)) {
            put_stream(views[i].stream, &views[i], bytes_per_token, w);
            put++;
        }
    for (size_t i = 0; i < n && put < STATS_MAX_STREAMS; i++)
        if (!has_task(views, n_views, recent[i])) {
            put_stream(recent[i], NULL, bytes_per_token, w);
            put++;
        }
    jw_end_arr(w);
}
