/* score.c — requests for scores: written and sent like those for words (job.c), with candidates behind; answered once. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <math.h>
#include <string.h>

static int write_candidates(struct engine_job *job, const char *const *candidates, size_t n, anima_error *err)
{
    struct jw w = { .out = &job->tail, .comma = true };
    jw_arr(&w, "candidates");
    for (size_t i = 0; i < n; i++) {
        if (!*candidates[i] || !utf8_valid(candidates[i], strlen(candidates[i])))
            return err_set(err, ANIMA_E_INVALID, "candidate %zu is empty, or not valid UTF-8", i);
        jw_str(&w, NULL, candidates[i]);
    }
    jw_end_arr(&w);
    job->n_candidates = n;
    return job->tail.failed ? err_set(err, job->tail.failed, "the candidates are larger than an engine accepts")
                            : ANIMA_OK;
}

int engine_score(struct engine_set *set, const char *model, const struct engine_request *request,
                 const char *const *candidates, size_t n, engine_scores_cb *cb, void *ctx, struct engine_job **out,
                 anima_error *err)
{
    *out = NULL;
    if (!n || n > ENGINE_MAX_CANDIDATES)
        return err_set(err, ANIMA_E_INVALID, "1 to %d candidates at once, not %zu", ENGINE_MAX_CANDIDATES, n);
    anima_error why = { 0 };
    struct engine_job *job = engine_job_new(request, &why);
    if (!job)
        return err_set(err, why.code, "%s", why.message);
    int rc = write_candidates(job, candidates, n, err);
    job->scores = cb;
    if (!rc)
        rc = engine_job_start(set, model, job, ctx, err);
    if (rc)
        job_free(job);
    else
        *out = job;
    return rc;
}

static bool read_scores(yyjson_val *list, size_t n, struct engine_score *out)
{
    size_t i, max;
    yyjson_val *one;
    if (yyjson_arr_size(list) != n)
        return false;
    yyjson_arr_foreach (list, i, max, one) {
        out[i].logprob = json_num(one, "logprob", NAN);
        out[i].tokens = (int)json_int(one, "tokens", 0);
        if (!(out[i].logprob <= 1e-3) || out[i].tokens < 1 || out[i].tokens > ENGINE_MAX_SCORED)
            return false;
    }
    return true;
}

const char *score_answer(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    struct engine_score scores[ENGINE_MAX_CANDIDATES];
    struct engine_job *job = answer_find(e, json_int(head, "id", 0));
    if (!job || !job->n_candidates)
        return "it names a request for scores that it was not given";
    if (!read_scores(yyjson_obj_get(head, "scores"), job->n_candidates, scores))
        return "it sent other scores than it was asked for";
    e->n_deaths = 0;
    e->in_flight--;
    engine_scores_cb *cb = job->scores;
    job->ending = true; /* whatever the owner does to it now has no effect */
    answer_counts(job, head);
    if (cb)
        cb(job->ctx, ANIMA_OK, scores, job->n_candidates, &job->usage, "");
    job_unlink(job);
    job_free(job);
    engine_job_left(e);
    return NULL;
}
