#include "cli/top_view.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR 10
#define MAX_LINE 1000 /* columns */

static const char *const order_names[TOP_ORDERS] = { "activity", "tokens", "bytes", "use", "name" };

const char *top_order_name(size_t order) { return order < TOP_ORDERS ? order_names[order] : NULL; }

/* ---- text that fits ---- */

/* Appends as much of text as fits into so many columns, blanks behind it if pad; what would command the terminal is left out. */
static void fit(struct buf *out, const char *text, size_t columns, bool pad)
{
    size_t used = 0, len, n = strlen(text), whole = utf8_width(text, n);
    for (size_t i = 0; columns && i < n; i += len) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        size_t width = utf8_width(text + i, len);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            continue;
        if (used + width > columns - (whole > columns)) /* room for the mark that it is cut */
            break;
        buf_append(out, text + i, len);
        used += width;
    }
    if (whole > columns && used < columns) {
        buf_puts(out, "…");
        used++;
    }
    for (; pad && used < columns; used++)
        buf_puts(out, " ");
}

/* A line of its own, cut to the terminal's width, between the escapes of a colour. */
static void line(const struct top_view *v, struct buf *out, const char *escape, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void line(const struct top_view *v, struct buf *out, const char *escape, const char *fmt, ...)
{
    char text[4 * MAX_LINE], clean[4 * MAX_LINE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    utf8_clean(text, strlen(text), clean, sizeof(clean)); /* vsnprintf may have cut a character */
    buf_puts(out, v->color ? escape : "");
    fit(out, clean, v->columns, false);
    buf_puts(out, v->color && *escape ? "\033[0m\n" : "\n");
}

static const char *bar(double share, char out[3 * BAR + 1])
{
    int full = share > 0 ? (int)(share * BAR + 0.5) : 0;
    out[0] = '\0';
    for (int i = 0; i < BAR; i++)
        strcat(out, i < full ? "█" : "░");
    return out;
}

static double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

/* "8 s", "5 min", "3 h", "2 d" */
static const char *time_text(double s, char *out, size_t size)
{
    static const struct {
        double most, of;
        const char *unit;
    } units[] = { { 100, 1, "s" }, { 6000, 60, "min" }, { 172800, 3600, "h" }, { 1e18, 86400, "d" } };
    size_t i = 0;
    while (s >= units[i].most && i < 3)
        i++;
    snprintf(out, size, "%.0f %s", s / units[i].of, units[i].unit);
    return out;
}

/* ---- engines ---- */

static void put_memory(const struct top_view *v, struct buf *out, yyjson_val *kv)
{
    char cells[3 * BAR + 1], ram[3 * BAR + 1], disk[3 * BAR + 1], sizes[4][24];
    int64_t used = json_int(kv, "cells_used", 0), all = json_int(kv, "cells", 0);
    int64_t n_ram = json_int(kv, "ram_bytes", 0), ram_limit = json_int(kv, "ram_limit", 0);
    int64_t n_disk = json_int(kv, "disk_bytes", 0), disk_limit = json_int(kv, "disk_limit", 0);
    if (!all)
        return;
    line(v, out, "", "  cells %s %lld of %lld   RAM %s %s of %s   disk %s %s of %s   seats %lld of %lld",
         bar(share_of((double)used, (double)all), cells), (long long)used, (long long)all,
         bar(share_of((double)n_ram, (double)ram_limit), ram), cli_size(n_ram, sizes[0], sizeof(sizes[0])),
         cli_size(ram_limit, sizes[1], sizeof(sizes[1])), bar(share_of((double)n_disk, (double)disk_limit), disk),
         cli_size(n_disk, sizes[2], sizeof(sizes[2])), cli_size(disk_limit, sizes[3], sizeof(sizes[3])),
         (long long)json_int(kv, "seated", 0), (long long)json_int(kv, "seats", 0));
    line(v, out, "\033[2m",
         "  %lld streams   brought back %lld   sent away %lld   shared %lld   damaged %lld   moving %.1f s",
         (long long)json_int(kv, "streams", 0), (long long)json_int(kv, "restored", 0),
         (long long)json_int(kv, "evicted", 0), (long long)json_int(kv, "shared", 0),
         (long long)json_int(kv, "damaged", 0), json_num(kv, "moved_s", 0));
}

static void put_engine(const struct top_view *v, struct buf *out, yyjson_val *report)
{
    char busy[3 * BAR + 1], late[48] = "", prefill[48] = "";
    yyjson_val *engine = yyjson_obj_get(report, "engine");
    double share = json_num(report, "busy", 0), age = json_num(report, "age_s", -1);
    const char *message = json_str(engine, "message", "");
    line(v, out, "\033[1m", "%s  %s%s%s", json_str(engine, "model", ""), json_str(engine, "state", ""),
         *message ? ": " : "", message);
    if (age < 0)
        return;
    if (age > 3)
        snprintf(late, sizeof(late), "   (%.0f s ago: it is in a long step)", age);
    if (json_num(report, "prefill_per_s", 0) > 0)
        snprintf(prefill, sizeof(prefill), " (%.0f while reading)", json_num(report, "prefill_per_s", 0));
    line(v, out, "", "  busy %s %.0f %%   threads %lld   reads %.1f/s%s   says %.1f/s   running %lld, waiting %lld%s",
         bar(share, busy), share * 100, (long long)json_int(report, "threads", 0), json_num(report, "read_per_s", 0),
         prefill, json_num(report, "said_per_s", 0), (long long)json_int(engine, "running", 0),
         (long long)json_int(engine, "waiting", 0), late);
    put_memory(v, out, yyjson_obj_get(report, "kv"));
}

/* ---- streams ---- */

struct row {
    yyjson_val *stream;
    const char *model;
    int activity; /* speaking first */
    double rest_s;
    int64_t tokens, bytes;
    const char *name;
};

/* What people call it: the title, or else the engine's name for it. */
static const char *title_of(yyjson_val *stream)
{
    const char *title = json_str(stream, "title", "");
    return *title ? title : json_str(stream, "name", "");
}

static int activity_of(const char *state)
{
    static const char *const states[] = { "speaking", "reading", "scoring", "waiting" };
    int i = 0;
    while (i < 4 && strcmp(state, states[i]) != 0)
        i++;
    return i;
}

static int by_activity(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->activity != y->activity)
        return x->activity - y->activity;
    return x->rest_s != y->rest_s ? (x->rest_s > y->rest_s) - (x->rest_s < y->rest_s) : strcmp(x->name, y->name);
}

static int by_tokens(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->tokens != y->tokens ? (x->tokens < y->tokens) - (x->tokens > y->tokens) : by_activity(a, b);
}

static int by_bytes(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes < y->bytes) - (x->bytes > y->bytes) : by_activity(a, b);
}

static int by_use(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->rest_s != y->rest_s ? (x->rest_s > y->rest_s) - (x->rest_s < y->rest_s) : by_activity(a, b);
}

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(title_of(x->stream), title_of(y->stream));
    return order ? order : by_activity(a, b);
}

/* All streams of all engines, in order. Yours to mem_free; NULL: none, or out of memory. */
static struct row *rows_of(yyjson_val *reports, enum top_order order, size_t *n)
{
    static int (*const compare[TOP_ORDERS])(const void *, const void *) = { by_activity, by_tokens, by_bytes, by_use,
                                                                            by_name };
    struct row *rows = NULL;
    size_t max = 0, i, k, count;
    yyjson_val *report, *stream;
    *n = 0;
    yyjson_arr_foreach (reports, i, count, report) {
        size_t streams;
        yyjson_arr_foreach (yyjson_obj_get(report, "engine_streams"), k, streams, stream) {
            struct row *more = mem_grow(rows, *n, &max, sizeof(*rows));
            if (!more)
                continue;
            rows = more;
            rows[(*n)++] = (struct row){ .stream = stream,
                                         .model = json_str(yyjson_obj_get(report, "engine"), "model", ""),
                                         .activity = activity_of(json_str(stream, "state", "")),
                                         .rest_s = json_num(stream, "rest_s", 0),
                                         .tokens = json_int(stream, "tokens", 0),
                                         .bytes = json_int(stream, "bytes", 0),
                                         .name = json_str(stream, "name", "") };
        }
    }
    if (rows)
        qsort(rows, *n, sizeof(*rows), compare[order]);
    return rows;
}

/* How far it is: of the prompt, of the answer, or how long it rests. */
static const char *progress_of(yyjson_val *stream, char *out, size_t size)
{
    const char *state = json_str(stream, "state", "");
    double read = json_num(stream, "read", 0), want = json_num(stream, "want", 0);
    double deadline = json_num(stream, "deadline_s", 0);
    if (strcmp(state, "scoring") == 0)
        snprintf(out, size, "of %.0f", want);
    else if (strcmp(state, "speaking") == 0)
        snprintf(out, size, "%lld said", (long long)json_int(stream, "said", 0));
    else if (strcmp(state, "reading") == 0)
        snprintf(out, size, "%.0f %% of %.0f", share_of(read, want) * 100, want);
    else if (strcmp(state, "waiting") == 0)
        snprintf(out, size, deadline < 0 ? "late %.1f s" : "due %.1f s", deadline < 0 ? -deadline : deadline);
    else
        return time_text(json_num(stream, "rest_s", 0), out, size);
    return out;
}

enum { STATE, CLASS, PLACE, TOKENS, SIZE, PROGRESS, LANGUAGE, CHARACTER, ADAPTER, MODEL, TITLE, CELLS };

/* Columns of the table; those with a `least` vanish on a narrower terminal, the model where there is one only. */
static const struct {
    const char *head;
    size_t width, least;
} cells[CELLS] = {
    [STATE] = { "state", 8, 0 },     [CLASS] = { "class", 10, 76 },      [PLACE] = { "where", 6, 40 },
    [TOKENS] = { " tokens", 7, 50 }, [SIZE] = { "size", 7, 60 },         [PROGRESS] = { "progress", 13, 70 },
    [LANGUAGE] = { "lang", 4, 96 },  [CHARACTER] = { "who", 12, 84 },    [ADAPTER] = { "adapter", 12, 130 },
    [MODEL] = { "model", 20, 112 },  [TITLE] = { "conversation", 0, 0 },
};

static void put_row(const struct top_view *v, struct buf *out, const char *const text[CELLS], const char *escape)
{
    size_t left = v->columns;
    buf_puts(out, v->color ? escape : "");
    for (int i = 0; i < CELLS; i++) {
        if (cells[i].least > v->columns || (i == MODEL && v->reports < 2))
            continue;
        size_t width = i == TITLE ? left : cells[i].width;
        fit(out, text[i], width < left ? width : left, i != TITLE);
        left -= width < left ? width : left;
        if (left)
            buf_puts(out, i != TITLE ? " " : "");
        left -= left > 0;
    }
    buf_puts(out, v->color && *escape ? "\033[0m\n" : "\n");
}

static void put_stream(const struct top_view *v, struct buf *out, const struct row *r)
{
    static const char *const colors[] = { "\033[32m", "\033[33m", "\033[33m", "\033[36m", "\033[2m" };
    char tokens[24], size[24], progress[48];
    snprintf(tokens, sizeof(tokens), "%7lld", (long long)r->tokens);
    const char *const text[CELLS] = {
        [STATE] = json_str(r->stream, "state", ""),
        [CLASS] = json_str(r->stream, "class", ""),
        [PLACE] = json_str(r->stream, "place", ""),
        [TOKENS] = tokens,
        [SIZE] = cli_size(r->bytes, size, sizeof(size)),
        [PROGRESS] = progress_of(r->stream, progress, sizeof(progress)),
        [LANGUAGE] = json_str(r->stream, "language", ""),
        [CHARACTER] = json_str(r->stream, "character", ""),
        [ADAPTER] = json_str(r->stream, "adapter", ""),
        [MODEL] = r->model,
        [TITLE] = title_of(r->stream),
    };
    put_row(v, out, text, colors[r->activity]);
}

static size_t lines_of(const struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < out->len; i++)
        n += out->data[i] == '\n';
    return n;
}

static void put_streams(struct top_view *v, struct buf *out, yyjson_val *reports)
{
    const char *heads[CELLS];
    for (int i = 0; i < CELLS; i++)
        heads[i] = cells[i].head;
    struct row *rows = rows_of(reports, v->order, &v->streams);
    size_t above = lines_of(out) + 1 + v->keys;
    v->page = !v->rows ? v->streams : v->rows > above ? v->rows - above : 0;
    if (v->first + v->page > v->streams)
        v->first = v->streams > v->page ? v->streams - v->page : 0;
    put_row(v, out, heads, "\033[7m");
    for (size_t i = v->first; i < v->streams && i < v->first + v->page; i++)
        put_stream(v, out, &rows[i]);
    if (v->keys)
        line(v, out, "\033[2m", "q leaves   ↑ ↓ PgUp PgDn   s: order (%s)   %zu-%zu of %zu", order_names[v->order],
             v->streams ? v->first + 1 : 0, v->first + v->page < v->streams ? v->first + v->page : v->streams,
             v->streams);
    mem_free(rows);
}

void top_render(yyjson_val *answer, struct top_view *v, struct buf *out)
{
    yyjson_val *reports = yyjson_obj_get(answer, "reports"), *one;
    size_t i, n;
    v->columns = v->columns < MAX_LINE ? v->columns : MAX_LINE;
    v->reports = yyjson_arr_size(reports);
    if (!v->reports)
        line(v, out, "", "No engine runs: the first message starts one.");
    yyjson_arr_foreach (reports, i, n, one)
        put_engine(v, out, one);
    put_streams(v, out, reports);
}
