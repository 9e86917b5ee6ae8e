#include "host/lora.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "host/lora_file.h"
#include "host/lora_math.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <ggml-backend.h>
#include <ggml.h>

#define MAX_FILE ((size_t)2 << 30)

struct lora_adapter {
    struct lora_adapter *next;
    char name[LORA_NAME_MAX]; /* of the file it was read from last */
    struct stat file;         /* that file then */
    uint64_t hash;            /* of its content */
    int refs;
    int64_t used_us;
    struct lora_parts parts;
};

/* Rows of the batch with the same adapter at the same scale: `n` of them from `first` on in order. */
struct group {
    struct lora_row with;
    int first, n;
};

/* Whose weight a product's first operand is; libllama's tensors of weights live as long as the model. */
struct known {
    const struct ggml_tensor *tensor;
    int weight;
};

struct lora {
    struct lora_weights weights;
    char folder[512];
    size_t budget;
    struct lora_adapter *adapters;
    struct lora_stats stats;
    struct known *known; /* open addressing, n_known places, a power of two */
    size_t n_known;
    struct llama_context *context; /* NULL, or with threads of its own: lora_attach */
    ggml_threadpool_t pool;
    bool attached;
    /* of the batch */
    const struct llama_batch *batch;
    struct group *groups;
    int n_groups; /* 0: the callback has nothing to do */
    int *order;   /* rows, group by group */
    int *place;   /* of each row among those whose logits are wanted; -1: it is not */
    int n_outputs;
    bool *wanted;  /* weights that any adapter of the batch changes */
    bool in_order; /* the graph's tokens were seen, and are the batch's */
    const char *trouble;
    const float **x; /* of a product's rows that one group changes */
    float **y;
};

/* ---- the folder ---- */

int lora_create(const char *model, const char *folder, size_t bytes, int max_rows, struct lora **out, anima_error *err)
{
    struct lora *l = *out = mem_zero(1, sizeof(*l));
    if (!l)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    snprintf(l->folder, sizeof(l->folder), "%s", folder);
    l->budget = bytes;
    int rc = lora_weights_read(model, &l->weights, err);
    if (rc)
        return rc;
    for (l->n_known = 64; l->n_known < 4 * (size_t)l->weights.n;)
        l->n_known *= 2;
    size_t rows = (size_t)max_rows;
    l->known = mem_zero(l->n_known, sizeof(*l->known));
    l->groups = mem_zero(rows, sizeof(*l->groups));
    l->order = mem_zero(rows, sizeof(*l->order));
    l->place = mem_zero(rows, sizeof(*l->place));
    l->wanted = mem_zero((size_t)l->weights.n, sizeof(*l->wanted));
    l->x = mem_zero(rows, sizeof(*l->x));
    l->y = mem_zero(rows, sizeof(*l->y));
    if (!l->known || !l->groups || !l->order || !l->place || !l->wanted || !l->x || !l->y)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    return ANIMA_OK;
}

static void unload(struct lora *l, struct lora_adapter *a)
{
    struct lora_adapter **p = &l->adapters;
    while (*p != a)
        p = &(*p)->next;
    *p = a->next;
    l->stats.adapters--;
    l->stats.bytes -= a->parts.bytes;
    lora_parts_free(&a->parts);
    mem_free(a);
}

/* ---- threads ---- */

#define POLL 1 /* of 100: for some milliseconds a thread spins for the next piece, then it sleeps */

/* Of the CPU's part of ggml, which is not linked but loaded. */
static void *cpu_function(const char *name)
{
    ggml_backend_dev_t device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    return device ? ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), name) : NULL;
}

int lora_attach(struct lora *l, struct llama_context *context, int threads, anima_error *err)
{
    ggml_threadpool_t (*make)(struct ggml_threadpool_params *);
    void *function = cpu_function("ggml_threadpool_new");
    struct ggml_threadpool_params params = ggml_threadpool_params_default(threads);
    params.poll = POLL;
    memcpy(&make, &function, sizeof(make));
    if (!make || !(l->pool = make(&params)))
        return err_set(err, ANIMA_E_UNSUPPORTED, "this llama.cpp has no threads for adapters");
    l->context = context;
    return ANIMA_OK;
}

static void free_pool(struct lora *l)
{
    void (*release)(ggml_threadpool_t);
    void *function = l->pool ? cpu_function("ggml_threadpool_free") : NULL;
    memcpy(&release, &function, sizeof(release));
    if (release)
        release(l->pool);
}

/* The threads are for batches with adapters only. */
static void use_pool(struct lora *l, bool on)
{
    if (!l->pool || l->attached == on)
        return;
    l->attached = on;
    if (on)
        llama_attach_threadpool(l->context, l->pool, l->pool);
    else
        llama_detach_threadpool(l->context);
}

void lora_destroy(struct lora *l)
{
    if (!l)
        return;
    free_pool(l);
    while (l->adapters)
        unload(l, l->adapters);
    lora_weights_free(&l->weights);
    mem_free(l->known);
    mem_free(l->groups);
    mem_free(l->order);
    mem_free(l->place);
    mem_free(l->wanted);
    mem_free(l->x);
    mem_free(l->y);
    mem_free(l);
}

bool lora_name_valid(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < LORA_NAME_MAX && name[0] != '.' && !strchr(name, '/');
}

/* The file, open; *st: what it is now. */
static int open_file(const struct lora *l, const char *name, int *fd, struct stat *st, anima_error *err)
{
    char path[sizeof(l->folder) + LORA_NAME_MAX];
    if (!lora_name_valid(name))
        return err_set(err, ANIMA_E_INVALID, "\"%.100s\" is not the name of an adapter: a file's name without a path",
                       name);
    snprintf(path, sizeof(path), "%s/%s", l->folder, name);
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 && errno != ENOENT)
        return err_errno(err, errno, "cannot open the adapter %s", path);
    if (*fd < 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no adapter %s in %s", name, l->folder);
    if (fstat(*fd, st) || !S_ISREG(st->st_mode) || st->st_size <= 0 || (uint64_t)st->st_size > MAX_FILE) {
        close(*fd);
        return err_set(err, ANIMA_E_MODEL, "the adapter %s is no file, an empty one, or larger than %zu MiB", name,
                       MAX_FILE >> 20);
    }
    return ANIMA_OK;
}

static int read_file(int fd, const char *name, size_t n, unsigned char **out, anima_error *err)
{
    unsigned char *data = *out = mem_alloc(n);
    if (!data)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the adapter %s", name);
    for (size_t got = 0; got < n;) {
        ssize_t k = read(fd, data + got, n - got);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set(err, ANIMA_E_IO, "the adapter %s cannot be read: %s", name,
                           k ? strerror(errno) : "it became shorter meanwhile");
        got += (size_t)k;
    }
    return ANIMA_OK;
}

/* ---- adapters ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Lets go of those that nobody uses, the longest unused first, until they fit the budget. */
static void trim(struct lora *l)
{
    for (;;) {
        size_t idle = 0;
        struct lora_adapter *oldest = NULL;
        for (struct lora_adapter *a = l->adapters; a; a = a->next) {
            if (a->refs)
                continue;
            idle += a->parts.bytes;
            oldest = !oldest || a->used_us < oldest->used_us ? a : oldest;
        }
        if (idle <= l->budget)
            return;
        unload(l, oldest);
    }
}

static int load(struct lora *l, int fd, const char *name, const struct stat *st, struct lora_adapter **out,
                anima_error *err)
{
    unsigned char *data;
    size_t n = (size_t)st->st_size;
    struct lora_adapter *a = NULL;
    int rc = read_file(fd, name, n, &data, err);
    uint64_t hash = rc ? 0 : XXH3_64bits(data, n);
    for (a = rc ? NULL : l->adapters; a && a->hash != hash;)
        a = a->next;
    if (!rc && !a) {
        a = mem_zero(1, sizeof(*a));
        rc = a ? lora_parse(data, n, name, &l->weights, &a->parts, err)
               : err_set(err, ANIMA_E_NOMEM, "out of memory for the adapter %s", name);
        if (rc) {
            mem_free(a);
        } else {
            a->hash = hash;
            a->next = l->adapters;
            l->adapters = a;
            l->stats.adapters++;
            l->stats.bytes += a->parts.bytes;
        }
    }
    mem_free(data);
    if (rc)
        return rc;
    l->stats.loaded++;
    snprintf(a->name, sizeof(a->name), "%s", name);
    a->file = *st;
    *out = a;
    return ANIMA_OK;
}

int lora_get(struct lora *l, const char *name, const struct lora_adapter **out, anima_error *err)
{
    int fd = -1;
    struct stat st;
    struct lora_adapter *a = l->adapters;
    int rc = open_file(l, name, &fd, &st, err);
    if (rc)
        return rc;
    while (a && (strcmp(a->name, name) != 0 || !same_file(&a->file, &st)))
        a = a->next;
    if (!a)
        rc = load(l, fd, name, &st, &a, err);
    close(fd);
    if (rc)
        return rc;
    a->refs++;
    *out = a;
    trim(l);
    return ANIMA_OK;
}

void lora_release(struct lora *l, const struct lora_adapter *adapter)
{
    for (struct lora_adapter *a = l ? l->adapters : NULL; a && adapter; a = a->next)
        if (a == adapter) {
            a->refs--;
            a->used_us = clock_mono_us();
            trim(l);
            return;
        }
}

uint64_t lora_identity(const struct lora_row *row)
{
    uint32_t scale;
    if (!row->adapter || row->scale == 0)
        return 0;
    memcpy(&scale, &row->scale, sizeof(scale));
    uint64_t identity = XXH3_64bits_withSeed(&row->adapter->hash, sizeof(row->adapter->hash), scale);
    return identity ? identity : 1;
}

/* ---- a batch ---- */

static struct group *group_of(struct lora *l, const struct lora_row *row)
{
    for (int g = 0; g < l->n_groups; g++)
        if (l->groups[g].with.adapter == row->adapter && l->groups[g].with.scale == row->scale)
            return &l->groups[g];
    struct group *made = &l->groups[l->n_groups++];
    *made = (struct group){ .with = *row };
    return made;
}

static bool has(const struct lora_row *row) { return row->adapter && row->scale != 0; }

void lora_batch(struct lora *l, const struct llama_batch *b, const struct lora_row *rows)
{
    l->batch = b;
    l->n_groups = l->n_outputs = 0;
    l->in_order = false;
    l->trouble = NULL;
    int any = 0;
    while (rows && any < b->n_tokens && !has(&rows[any]))
        any++;
    use_pool(l, rows && any < b->n_tokens);
    if (!rows || any == b->n_tokens)
        return;
    for (int i = 0; i < b->n_tokens; i++) {
        l->place[i] = b->logits[i] ? l->n_outputs++ : -1;
        if (has(&rows[i]))
            group_of(l, &rows[i])->n++;
    }
    memset(l->wanted, 0, (size_t)l->weights.n * sizeof(*l->wanted));
    int at = 0;
    for (int g = 0; g < l->n_groups; g++) {
        l->groups[g].first = at;
        at += l->groups[g].n;
        l->groups[g].n = 0;
        for (int w = 0; w < l->weights.n; w++)
            l->wanted[w] |= l->groups[g].with.adapter->parts.list[w].rank > 0;
    }
    for (int i = 0; i < b->n_tokens; i++)
        if (has(&rows[i])) {
            struct group *g = group_of(l, &rows[i]);
            l->order[g->first + g->n++] = i;
        }
}

const char *lora_trouble(const struct lora *l)
{
    if (l->n_groups && !l->in_order && !l->trouble)
        return "adapters cannot be used with this model: its graph does not begin with the tokens of a batch";
    return l->trouble;
}

void lora_statistics(const struct lora *l, struct lora_stats *out) { *out = l->stats; }

/* ---- the callback ---- */

/* Which of the model's weights it is; -1: none. */
static int weight_of(struct lora *l, const struct ggml_tensor *t)
{
    if (t->op != GGML_OP_NONE)
        return -1; /* computed */
    size_t at = ((uintptr_t)t >> 4) * 0x9E3779B97F4A7C15ull >> 20;
    struct known *k = &l->known[at & (l->n_known - 1)];
    for (; k->tensor && k->tensor != t; k = &l->known[++at & (l->n_known - 1)])
        continue;
    if (k->tensor)
        return k->weight;
    int weight = lora_weight_find(&l->weights, t->name, strlen(t->name));
    if (weight >= 0)
        *k = (struct known){ t, weight };
    return weight;
}

/* The graph's tokens are known before it is computed: are they the batch, row by row? */
static void look_at_tokens(struct lora *l, const struct ggml_tensor *t)
{
    const struct ggml_tensor *tokens = t->src[1];
    if (!tokens || tokens->op != GGML_OP_NONE || tokens->type != GGML_TYPE_I32 ||
        strcmp(t->src[0]->name, "token_embd.weight") != 0)
        return;
    const int n = l->batch->n_tokens;
    if (tokens->ne[0] == n && memcmp(tokens->data, l->batch->token, (size_t)n * sizeof(llama_token)) == 0)
        l->in_order = true;
    else
        l->trouble = "adapters cannot be used with this model: it does not compute the rows of a batch in their order";
}

static float *row_of(const struct ggml_tensor *t, int i)
{
    return (float *)(void *)((char *)t->data + (size_t)i * t->nb[1]);
}

static bool is_rows(const struct ggml_tensor *t, int64_t width)
{
    return t->type == GGML_TYPE_F32 && t->ne[0] == width && t->ne[2] == 1 && t->ne[3] == 1 &&
           t->nb[0] == sizeof(float) && t->data;
}

static void add_group(struct lora *l, const struct group *g, const struct lora_weight *w, int weight,
                      struct ggml_tensor *t)
{
    const struct lora_part *part = &g->with.adapter->parts.list[weight];
    bool all = t->ne[1] == l->batch->n_tokens;
    int n = 0;
    for (int k = 0; k < g->n && part->rank; k++) {
        int row = l->order[g->first + k], i = all ? row : l->place[row];
        if (i < 0)
            continue;
        l->x[n] = row_of(t->src[1], i);
        l->y[n++] = row_of(t, i);
    }
    if (n)
        lora_math_add(part, g->with.scale, w->in, w->out, l->x, l->y, n);
}

static void add_all(struct lora *l, struct ggml_tensor *t)
{
    int weight = weight_of(l, t->src[0]);
    const struct lora_weight *w = &l->weights.list[weight];
    if (!l->in_order || t->ne[1] == 0)
        return;
    if (!is_rows(t, w->out) || !is_rows(t->src[1], w->in) || t->src[1]->ne[1] != t->ne[1] ||
        (t->ne[1] != l->batch->n_tokens && t->ne[1] != l->n_outputs)) {
        l->trouble = "adapters cannot be used with this model: its products have other rows than the batch";
        return;
    }
    for (int g = 0; g < l->n_groups; g++)
        add_group(l, &l->groups[g], w, weight, t);
    l->stats.products++;
}

bool lora_callback(struct ggml_tensor *t, bool ask, void *lora)
{
    struct lora *l = lora;
    if (!l->n_groups)
        return !ask;
    if (ask && t->op == GGML_OP_GET_ROWS)
        look_at_tokens(l, t);
    if (t->op != GGML_OP_MUL_MAT)
        return !ask;
    if (!ask) {
        add_all(l, t);
        return true;
    }
    int weight = weight_of(l, t->src[0]);
    return weight >= 0 && l->wanted[weight];
}
