#include "agent/reading.h"

#include "agent/guess.h"
#include "agent/state.h"
#include "agent/summary.h"
#include "mind/prompt.h"
#include "mind/summary.h"
#include "mind/working_ask.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define START 0.60
#define END 0.80
#define KEEP 0.35
#define ANSWER 0.25 /* of the context, is the engine's for the answer */
#define BESIDE 300  /* tokens that are told beside a message */
#define LEAST_ROOM 200.0

void reading_name(char out[READING_NAME], const char *conversation, const char *language, int64_t first)
{
    char behind[24] = "";
    if (first > 1)
        snprintf(behind, sizeof(behind), "-%lld", (long long)first);
    snprintf(out, READING_NAME, "c-%s-%s%s", conversation, language, behind);
}

void reading_candidate_name(char out[READING_NAME], const char *conversation, const char *language, int way)
{
    snprintf(out, READING_NAME, "c-%s-%s-k%d", conversation, language, way);
}

/* ---- the window ---- */

/* Tokens that turns may have. */
static double room(const struct prompt_input *in, long context)
{
    double left = (double)context * (1 - ANSWER) - prompt_persona_tokens(in->persona) - BESIDE - SUMMARY_TOKENS;
    return left > LEAST_ROOM ? left : LEAST_ROOM;
}

/* The first of the turns begin .. n-1, from their end, with which they have no more than so many tokens; if even the last
 * message has more, that one. A window does not begin with a reply. */
static size_t from_end(const struct prompt_input *in, size_t begin, size_t n, double tokens)
{
    size_t first = begin;
    double sum = 0;
    for (size_t i = n; i-- > begin;) {
        sum += prompt_message_tokens(in->turns[i].text);
        if (sum > tokens && first > begin)
            break;
        first = in->turns[i].speaker ? i : first;
    }
    return first;
}

void reading_window(const struct prompt_input *in, size_t from, long context, struct reading_window *out)
{
    double most = room(in, context), used = 0;
    *out = (struct reading_window){ .first = from };
    for (size_t i = from; i < in->n_turns; i++) {
        used += prompt_message_tokens(in->turns[i].text);
        if (used > START * most && !out->next) {
            size_t next = from_end(in, out->first, i + 1, KEEP * most);
            out->next = next > out->first ? next : 0;
        }
        if (used <= END * most || !out->next)
            continue;
        i = out->next - 1; /* the successor is looked at as if it had been there from the beginning */
        *out = (struct reading_window){ .first = out->next };
        used = 0;
    }
}

long reading_context(const anima_conversation *c)
{
    const struct character *who = cast_find(&c->home->cast, c->info.character);
    int known = who && c->home->engines ? engine_context(c->home->engines, character_model(c->home, who)) : 0;
    return known > 0 ? known : settings_int(c->home->settings, "engine.context");
}

/* ---- forgetting ---- */

/* MODEL.STREAM.SERIAL.kv: see src/host/kv_file.h. */
static bool is_of(const char *file, const char *start)
{
    const char *stream = strchr(file, '.');
    return stream && strncmp(stream + 1, start, strlen(start)) == 0;
}

static void remove_files(const anima_home *home, const char *start)
{
    DIR *dir = home->kv_folder ? opendir(home->kv_folder) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (is_of(e->d_name, start))
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
}

/* The streams of what is asked about a message: the last one there may be what goes. */
static void forget_questions(anima_home *home)
{
    reading_forget_all(home, WORKING_STREAMS);
    reading_forget_all(home, GUESS_STREAM);
}

void reading_forget(anima_home *home, const char *conversation)
{
    char start[READING_NAME];
    snprintf(start, sizeof(start), "c-%s-", conversation);
    reading_forget_all(home, start);
    forget_questions(home);
}

void reading_forget_all(anima_home *home, const char *start)
{
    if (home->engines)
        engine_drop(home->engines, start);
    remove_files(home, start);
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
    if (!c->home->engines)
        return;
    if (!utterance_settle(c)) {
        reading_forget(c->home, c->info.id);
        return;
    }
    /* The stream it goes on with is cut. Those of other languages, windows and models are not: at least no file has the words. */
    char start[READING_NAME];
    snprintf(start, sizeof(start), "c-%s-", c->info.id);
    remove_files(c->home, start);
    forget_questions(c->home);
}
