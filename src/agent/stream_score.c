/* stream_score.c — how likely a model finds texts as what comes next in a stream, which stays as it is. */
#include "agent/complete.h"
#include "agent/streams.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>

#define REQUEST_ARENA (16u << 20)

struct anima_scoring_job {
    struct anima_scoring_job *next; /* of its stream */
    anima_stream *stream;           /* held open */
    struct engine_job *job;
    anima_scores *done;
    void *ctx;
    struct store_cost cost;
};

static void leave(anima_scoring_job *j)
{
    anima_scoring_job **p = &j->stream->scorings;
    while (*p != j)
        p = &(*p)->next;
    *p = j->next;
    mem_free(j);
}

static void on_scores(void *ctx, int code, const struct engine_score *scores, size_t n, const anima_usage *usage,
                      const char *message)
{
    anima_scoring_job *j = ctx;
    anima_stream *s = j->stream;
    anima_scores *done = j->done;
    void *user = j->ctx;
    anima_score list[ENGINE_MAX_CANDIDATES];
    for (size_t i = 0; i < n && scores; i++)
        list[i] = (anima_score){ scores[i].logprob, scores[i].tokens };
    completion_book(s->home, usage, &j->cost);
    leave(j);
    done(user, code, code ? NULL : list, n, usage, message);
    anima_stream_close(s);
}

static int ask(anima_scoring_job *j, const anima_scoring *wanted, anima_error *err)
{
    anima_stream *s = j->stream;
    const struct character *who;
    struct arena arena;
    char name[STREAM_NAME];
    struct engine_request request = { .prefix = wanted->prefix, .logprobs = -1 };
    arena_init(&arena, REQUEST_ARENA);
    anima_sampling_default(&request.sampling);
    stream_name(name, s->info.id);
    /* Under its name only what is part of it, so that this is kept. */
    if (!wanted->n_append && !wanted->instructions && !s->generation && s->made)
        request.stream = name;
    int rc = stream_character(s, &who, err);
    if (!rc)
        rc = generation_into(wanted->into, &request.into, err);
    if (!rc)
        rc = stream_check_room(s, wanted->append, wanted->n_append, err);
    if (!rc)
        rc = stream_messages(s, s->n, wanted->instructions, wanted->append, wanted->n_append, &arena, &request, err);
    if (!rc && !request.n_messages)
        rc = err_set(err, ANIMA_E_INVALID, "the stream is empty: append something first");
    if (!rc)
        rc = completion_messages(&arena, who, false, &request, err);
    if (!rc)
        rc = engine_score(s->home->engines, s->info.model, &request, wanted->candidates, wanted->n_candidates,
                          on_scores, j, &j->job, err);
    arena_finish(&arena);
    return rc;
}

int anima_stream_score(anima_stream *s, const anima_scoring *wanted, anima_scores *done, void *ctx,
                       anima_scoring_job **out, anima_error *err)
{
    *out = NULL;
    if (!s->home->engines)
        return home_looked_at_only(err);
    if (s->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the stream was deleted");
    anima_scoring_job *j = mem_zero(1, sizeof(*j));
    if (!j)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the scores");
    *j = (anima_scoring_job){ .next = s->scorings, .stream = s, .done = done, .ctx = ctx };
    s->scorings = j;
    snprintf(j->cost.conversation, sizeof(j->cost.conversation), "%s", s->info.id);
    snprintf(j->cost.character, sizeof(j->cost.character), "%s", s->info.character);
    snprintf(j->cost.model, sizeof(j->cost.model), "%s", s->info.model);
    int rc = ask(j, wanted, err);
    if (rc) {
        leave(j);
        return rc;
    }
    s->refs++;
    *out = j;
    return ANIMA_OK;
}

void anima_scoring_abandon(anima_scoring_job *j)
{
    if (!j)
        return;
    anima_stream *s = j->stream;
    engine_abandon(j->job);
    leave(j);
    anima_stream_close(s);
}

void scorings_free(anima_stream *s)
{
    while (s->scorings) {
        engine_abandon(s->scorings->job);
        leave(s->scorings);
    }
}
