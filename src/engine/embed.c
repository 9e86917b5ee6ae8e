/* embed.c — requests for vectors. They live in the same lists as requests for words and survive an engine's death the same
 * way (job.c); only what is sent and what comes back is different. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <math.h>
#include <string.h>

static int write_request(struct engine_job *job, bool query, const char *const *texts, size_t n, anima_error *err)
{
    struct jw w;
    jw_init(&w, &job->request);
    jw_obj(&w, NULL);
    jw_str(&w, "type", "embed");
    jw_str(&w, "kind", query ? "query" : "passage");
    jw_arr(&w, "texts");
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(texts[i]);
        if (!utf8_valid(texts[i], len))
            return err_set(err, ANIMA_E_INVALID, "text %zu is not valid UTF-8", i);
        jw_strn(&w, NULL, texts[i], utf8_cut(texts[i], len, FRAME_MAX_TEXT));
    }
    jw_end_arr(&w);
    job->comma = w.comma;
    job->n_texts = n;
    return job->request.failed ? err_set(err, job->request.failed, "out of memory for texts") : ANIMA_OK;
}

int engine_embed(struct engine_set *set, const char *model, bool query, const char *const *texts, size_t n,
                 engine_vectors_cb *cb, void *ctx, struct engine_job **out, anima_error *err)
{
    *out = NULL;
    if (!n || n > FRAME_MAX_TEXTS)
        return err_set(err, ANIMA_E_INVALID, "1 to %d texts at once, not %zu", FRAME_MAX_TEXTS, n);
    struct engine_job *job = mem_zero(1, sizeof(*job));
    if (!job)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for texts");
    buf_init(&job->request, FRAME_MAX_HEAD);
    buf_init(&job->said, 1);
    struct engine *e = NULL;
    int rc = write_request(job, query, texts, n, err);
    if (!rc)
        rc = engine_need(set, model, &e, err);
    if (rc) {
        job_free(job);
        return rc;
    }
    job->engine = e;
    job->vectors = cb;
    job->ctx = ctx;
    job_push(&e->jobs, job);
    jobs_send(e);
    *out = job;
    return ANIMA_OK;
}

/* Numbers of length 1, nearly: whatever else an engine sends would make nonsense of every comparison. */
static bool is_unit(const float *v, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)v[i] * v[i];
    return isfinite(sum) && sum > 0.98 && sum < 1.02;
}

const char *embed_answer(struct engine *e, yyjson_val *head, const struct frame *f)
{
    struct engine_job *job = answer_find(e, json_int(head, "id", 0));
    if (!job || !job->n_texts)
        return "it names a request for vectors that it was not given";
    int64_t dim = json_int(head, "dim", 0);
    size_t n = job->n_texts;
    if (dim < 1 || dim > FRAME_MAX_DIM || json_int(head, "n", 0) != (int64_t)n ||
        f->raw_len != n * (size_t)dim * sizeof(float))
        return "it sent another number of vectors than it was asked for";
    float *vectors = mem_alloc(f->raw_len); /* aligned, which a frame's bytes need not be */
    if (vectors)
        memcpy(vectors, f->raw, f->raw_len);
    for (size_t i = 0; vectors && i < n; i++)
        if (!is_unit(vectors + i * (size_t)dim, (size_t)dim)) {
            mem_free(vectors);
            return "its vectors are none of length 1";
        }
    e->n_deaths = 0;
    e->in_flight--;
    engine_vectors_cb *cb = job->vectors;
    void *ctx = job->ctx;
    job->ending = true; /* whatever the owner does to it now has no effect */
    if (cb)
        cb(ctx, vectors ? ANIMA_OK : ANIMA_E_NOMEM, vectors, vectors ? n : 0, (size_t)dim,
           vectors ? "" : "out of memory for vectors");
    mem_free(vectors);
    job_unlink(job);
    job_free(job);
    engine_job_left(e);
    return NULL;
}
