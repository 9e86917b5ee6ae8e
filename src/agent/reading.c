#include "agent/reading.h"

#include "agent/state.h"
#include "mind/prompt.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define START 0.60
#define END 0.80
#define KEEP 0.35
#define ANSWER 0.25        /* of the context, is the engine's for the answer */
#define BESIDE 300         /* tokens that are told beside a message */
#define TOKENS_A_MESSAGE 6 /* of the template */
#define LEAST_ROOM 200.0

void reading_name(char out[READING_NAME], const char *conversation, const char *language, int generation)
{
    char behind[16] = "";
    if (generation)
        snprintf(behind, sizeof(behind), "-%d", generation);
    snprintf(out, READING_NAME, "c-%s-%s%s", conversation, language, behind);
}

void reading_candidate_name(char out[READING_NAME], const char *conversation, const char *language, int way)
{
    snprintf(out, READING_NAME, "c-%s-%s-k%d", conversation, language, way);
}

/* ---- the window ---- */

static int tokens_of(const char *text) { return prompt_tokens(text, strlen(text)) + TOKENS_A_MESSAGE; }

/* Tokens that turns may have. */
static double room(const struct prompt_input *in, long context)
{
    double left = (double)context * (1 - ANSWER) - tokens_of(in->persona->text) - BESIDE;
    for (size_t i = 0; i < in->persona->n_examples; i++)
        left -= tokens_of(in->persona->examples[i].text);
    return left > LEAST_ROOM ? left : LEAST_ROOM;
}

/* The first of n turns, from their end, with which they have no more than so many tokens. A reply does not come first. */
static size_t from_end(const struct prompt_input *in, size_t n, double tokens)
{
    size_t first = n - 1, i = n;
    for (double sum = 0; i > 0 && (sum += tokens_of(in->turns[i - 1].text)) <= tokens; i--)
        first = in->turns[i - 1].speaker ? i - 1 : first;
    return first;
}

void reading_window(const struct prompt_input *in, long context, struct reading_window *out)
{
    double most = room(in, context), used = 0;
    *out = (struct reading_window){ 0 };
    for (size_t i = 0; i < in->n_turns; i++) {
        used += tokens_of(in->turns[i].text);
        if (used > START * most && !out->next)
            out->next = from_end(in, i + 1, KEEP * most);
        if (used <= END * most)
            continue;
        out->first = out->next > out->first ? out->next : i;
        out->next = 0;
        out->generation++;
        used = 0;
        for (size_t k = out->first; k <= i; k++)
            used += tokens_of(in->turns[k].text);
    }
}

long reading_context(const anima_conversation *c)
{
    return c->context_size > 0 ? c->context_size : settings_int(c->home->settings, "engine.context");
}

/* ---- forgetting ---- */

/* MODEL.STREAM.SERIAL.kv: see src/host/kv_file.h. */
static bool is_of(const char *file, const char *start)
{
    const char *stream = strchr(file, '.');
    return stream && strncmp(stream + 1, start, strlen(start)) == 0;
}

void reading_forget(anima_home *home, const char *conversation)
{
    char start[READING_NAME];
    snprintf(start, sizeof(start), "c-%s-", conversation);
    reading_forget_all(home, start);
}

void reading_forget_all(anima_home *home, const char *start)
{
    if (home->engines)
        engine_drop(home->engines, start);
    DIR *dir = home->kv_folder ? opendir(home->kv_folder) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (is_of(e->d_name, start))
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
}

void reading_drop_candidates(anima_conversation *c)
{
    char start[READING_NAME];
    const struct character *who = cast_find(&c->home->cast, c->info.character);
    for (size_t i = 0; c->home->engines && who && i < who->n_personas; i++) {
        snprintf(start, sizeof(start), "c-%s-%s-k", c->info.id, who->personas[i].language);
        engine_drop(c->home->engines, start);
    }
}

void reading_changed(anima_conversation *c)
{
    if (c->home->engines && !utterance_settle(c))
        reading_forget(c->home, c->info.id);
}
