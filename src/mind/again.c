#include "mind/again.h"

#include "base/err.h"
#include "base/utf8.h"
#include "mind/phrase.h"

#include <string.h>

#define ASKED_ALIKE 0.8
#define MAX_PHRASES 12
#define AT_LEAST 3 /* letters of a question */
#define BRIEF 4    /* letters of an answer that need not become fewer */
#define QUOTE 200  /* bytes of what was answered, in the note */
/* Letters that the model needs to answer at all. */
#define ROOM_ZH 4
#define ROOM_EN 12

static size_t letters(const char *text, size_t n)
{
    struct phrase p;
    phrase_read(&p, text, n);
    return p.n;
}

void again_read(const struct prompt_turn *turns, size_t n, const char *message, struct again *out)
{
    struct phrase now, then;
    *out = (struct again){ .said = "" };
    phrase_read(&now, message, strlen(message));
    for (size_t i = 0; now.n >= AT_LEAST && i + 1 < n; i++) {
        if (!turns[i].speaker)
            continue;
        phrase_read(&then, turns[i].text, strlen(turns[i].text));
        if (phrase_alike(&now, &then) < ASKED_ALIKE)
            continue;
        out->times++;
        out->said = turns[i + 1].speaker ? out->said : turns[i + 1].text;
    }
    size_t last = letters(out->said, strlen(out->said));
    out->letters = last > BRIEF ? last - 1 : last;
}

/* The next of manner's phrases, "" at the end. */
static char *next_phrase(struct arena *a, const char **manner)
{
    size_t n = strcspn(*manner, "|");
    const char *at = *manner;
    *manner += n + (at[n] == '|');
    while (n && *at == ' ')
        at++, n--;
    while (n && at[n - 1] == ' ')
        n--;
    return arena_strndup(a, at, n);
}

static bool goes_on(const char *phrase)
{
    size_t n = strlen(phrase);
    return (n >= 3 && strcmp(phrase + n - 3, "，") == 0) || (n && phrase[n - 1] == ',');
}

static bool begun_with(const char *phrase, const char *const *said, size_t n_said)
{
    size_t n = strlen(phrase);
    for (size_t i = 0; i < n_said; i++)
        if (strncmp(said[i], phrase, n) == 0)
            return true;
    return false;
}

int again_open(struct arena *a, const char *manner, const char *language, const char *const *said, size_t n_said,
               struct again *out)
{
    bool zh = strcmp(language, "zh") == 0;
    while (manner && *manner && !out->opening) {
        char *phrase = next_phrase(a, &manner);
        if (!phrase)
            return ANIMA_E_NOMEM;
        size_t n = letters(phrase, strlen(phrase)), room = goes_on(phrase) ? (zh ? ROOM_ZH : ROOM_EN) : 0;
        if (!*phrase || n + room > out->letters || begun_with(phrase, said, n_said))
            continue;
        out->whole = !room;
        out->opening = room && !zh ? arena_printf(a, "%s ", phrase) : phrase;
        if (!out->opening)
            return ANIMA_E_NOMEM;
    }
    return ANIMA_OK;
}

const char *const *again_last_resorts(struct arena *a, const char *manner, const struct again *again)
{
    const char **all = arena_alloc(a, (MAX_PHRASES + 2) * sizeof(*all));
    size_t n = 0;
    while (all && manner && *manner && n < MAX_PHRASES) {
        char *phrase = next_phrase(a, &manner);
        if (!phrase)
            return NULL;
        if (*phrase && !goes_on(phrase) && letters(phrase, strlen(phrase)) <= again->letters)
            all[n++] = phrase;
    }
    if (all) {
        all[n++] = "…";
        all[n] = NULL;
    }
    return all;
}

const char *again_note(struct arena *a, const struct again *again, const char *language)
{
    int n = (int)utf8_cut(again->said, strlen(again->said), QUOTE);
    if (strcmp(language, "zh") == 0)
        return arena_printf(a, "这话问第%zu遍了，上一次你答的是“%.*s”。你有点烦，换个说法，几个字就够。",
                            again->times + 1, n, again->said);
    /* A figure would be read out. */
    return arena_printf(a,
                        "They have asked this %s; last time you said \"%.*s\". You are a little tired of it: say it "
                        "differently, in a few words.",
                        again->times > 1 ? "again and again" : "before", n, again->said);
}
