#include "memory/class.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "memory/class_private.h"

#include <string.h>

#define FRAMES 4   /* "Oh, by the way, I read that …" */
#define SENTENCE 3 /* words of three letters or more, or characters, that say something at all */
#define TELLS 3    /* words or characters with content that make a telling of their own, beside the request */

/* ---- patterns ---- */

/* A few expressions at a time: all at once would be larger than PCRE2 takes. */
static int compile(struct class_patterns *out, const char *const *list, anima_error *err)
{
    int rc = ANIMA_OK;
    while (*list && !rc) {
        const char *few[CLASS_EXPRESSIONS + 1] = { NULL };
        for (size_t i = 0; i < CLASS_EXPRESSIONS && *list; i++)
            few[i] = *list++;
        rc = out->n < CLASS_MAX_PATTERNS ? pattern_create_any(few, PATTERN_CASELESS, &out->patterns[out->n], err)
                                         : err_set(err, ANIMA_E_LIMIT, "too many patterns in a list of the memory");
        out->n += !rc;
    }
    return rc;
}

int classifier_create(struct classifier **out, anima_error *err)
{
    static const struct class_words *const languages[CLASS_LANGUAGES] = {
        [CLASS_EN] = &class_words_en, [CLASS_ZH] = &class_words_zh
    };
    struct classifier *c = *out = mem_zero(1, sizeof(*c));
    int rc = c ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the patterns of the memory");
    for (int l = 0; l < CLASS_LANGUAGES && !rc; l++) {
        const struct class_words *w = languages[l];
        const char *const *const lists[CLASS_LISTS] = {
            [LIST_IDIOM] = w->idiom,       [LIST_CONDITION] = w->condition, [LIST_LIFT] = w->lift,
            [LIST_LIFT_ALL] = w->lift_all, [LIST_SILENCE] = w->silence,     [LIST_ANNOUNCE] = w->announce,
            [LIST_FILLER] = w->filler,     [LIST_DELICATE] = w->delicate,   [LIST_FRAME] = w->frame,
            [LIST_PERSON] = w->person,     [LIST_WORLD] = w->world,         [LIST_ASIDE] = w->aside,
            [LIST_CHANGE] = w->change,     [LIST_POINTING] = w->pointing,   [LIST_TRAVEL] = w->travel,
            [LIST_SERVICE] = w->service,   [LIST_TRADESMAN] = w->tradesman, [LIST_ANCHOR] = w->anchor,
            [LIST_TIP] = w->tip,           [LIST_GENERIC] = w->generic,     [LIST_OWN] = w->own,
        };
        for (int i = 0; i < CLASS_LISTS && !rc; i++)
            rc = compile(&c->lists[l][i], lists[i], err);
    }
    if (rc) {
        classifier_destroy(c);
        *out = NULL;
    }
    return rc;
}

void classifier_destroy(struct classifier *c)
{
    for (int l = 0; c && l < CLASS_LANGUAGES; l++)
        for (int i = 0; i < CLASS_LISTS; i++)
            for (size_t k = 0; k < CLASS_MAX_PATTERNS; k++)
                pattern_destroy(c->lists[l][i].patterns[k]);
    mem_free(c);
}

/* Whether there is anything of the language's script: without, its patterns have nothing to find. */
static bool writes(int language, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)s[i];
        if (language == CLASS_ZH ? byte >= 0xE3 : (byte | 32) >= 'a' && (byte | 32) <= 'z')
            return true;
    }
    return false;
}

bool class_find(struct classifier *c, int language, enum class_list list, const char *s, size_t n, size_t *start,
                size_t *end)
{
    const struct class_patterns *all = &c->lists[language][list];
    bool any = false;
    for (size_t k = 0; writes(language, s, n) && k < all->n && !any; k++)
        any = pattern_find(all->patterns[k], s, n, 0, start, end);
    return any;
}

static bool gave_up(const struct class_patterns *all)
{
    for (size_t k = 0; k < all->n; k++)
        if (pattern_gave_up(all->patterns[k]))
            return true;
    return false;
}

bool class_matches(struct classifier *c, enum class_list list, const char *s, size_t n)
{
    for (int l = 0; l < CLASS_LANGUAGES; l++)
        if (class_find(c, l, list, s, n, NULL, NULL) || gave_up(&c->lists[l][list]))
            return true;
    return false;
}

/* "Only Ben knows", "confessed to Ben": whoever is named there is no one to keep it from. */
static bool names_the_knowing(const char *s, size_t n)
{
    static const char *const heads[] = { "only",   "just",      "the only", "told",  "tell only",  "confess",
                                         "confid", "opened up", "came",     "owned", "shared",     "只",
                                         "就",     "仅",        "唯",       "除",    "you're the", "you are the" };
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        size_t len = strlen(heads[i]);
        if (len <= n && strncasecmp(s, heads[i], len) == 0)
            return true;
    }
    return false;
}

bool class_take_out(struct classifier *c, enum class_list list, char *s, size_t n, const struct class_known *known,
                    struct class_people *people)
{
    bool any = false;
    for (int l = 0; l < CLASS_LANGUAGES; l++) {
        const struct class_patterns *all = &c->lists[l][list];
        if (!writes(l, s, n))
            continue;
        for (size_t k = 0; k < all->n; k++)
            for (size_t from = 0, start, end; pattern_find(all->patterns[k], s, n, from, &start, &end); any = true) {
                if (people && !names_the_knowing(s + start, end - start))
                    class_names_from(s, n, start, end, known, people);
                memset(s + start, CLASS_BLANK, end - start);
                from = end > from ? end : from + 1; /* an empty match must not hold us up */
                while (from < n && ((unsigned char)s[from] & 0xC0) == 0x80)
                    from++;
            }
        any |= gave_up(all);
    }
    return any;
}

/* ---- silence ---- */

struct reading {
    struct classifier *c;
    const struct class_known *known;
    bool by_character;
    struct class_found *out;
    bool silence, announces;
    size_t content; /* of what is told beside the requests */
    bool knowledge, neutral_only, tip;
};

/* A lift counts outside quotes and without a condition; with one it is a silence that has not ended. */
static void read_lift(struct reading *r, char *s, size_t n)
{
    char plain[CLASS_SENTENCE + 8];
    struct class_people named = { .n = 0 };
    memcpy(plain, s, n);
    class_unquote(plain, n);
    if (!class_matches(r->c, LIST_LIFT, plain, n))
        return;
    if (class_matches(r->c, LIST_CONDITION, plain, n)) {
        r->silence = true;
        return;
    }
    bool all = class_matches(r->c, LIST_LIFT_ALL, plain, n);
    class_take_out(r->c, LIST_LIFT, plain, n, r->known, &named);
    for (size_t i = 0; i < n; i++) /* what lifts must not be read as a request: "no secret any more" */
        s[i] = plain[i] == CLASS_BLANK && s[i] != '"' ? CLASS_BLANK : s[i];
    if (named.n)
        all = false; /* "Ben can tell everyone": the narrower reading */
    if (r->by_character || named.full || named.vague || (!all && !named.n))
        return;
    r->out->lifts = true;
    r->out->lifts_all |= all;
    for (size_t i = 0; i < named.n; i++)
        class_people_add(&r->out->told_to, named.ids[i]);
}

static void read_silence(struct reading *r, const char *sentence, size_t n)
{
    char s[CLASS_SENTENCE + 8];
    memcpy(s, sentence, n);
    read_lift(r, s, n);
    class_take_out(r->c, LIST_IDIOM, s, n, NULL, NULL);
    bool announces = class_matches(r->c, LIST_ANNOUNCE, s, n);
    r->silence |= class_take_out(r->c, LIST_SILENCE, s, n, r->known, &r->out->kept_from);
    r->announces |= announces;
    class_take_out(r->c, LIST_ANNOUNCE, s, n, NULL, NULL);
    class_take_out(r->c, LIST_FILLER, s, n, NULL, NULL);
    r->content += class_topic_units(s, n, NULL);
}

/* ---- knowledge ---- */

static bool one_of(const char *word, size_t len, const char *list)
{
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ') {
        size_t n = strcspn(at, " ");
        if (n == len && strncasecmp(at, word, n) == 0)
            return true;
    }
    return false;
}

/* Words behind which a capital is most likely a place's; on the way to and from somewhere it is, too. */
static bool before_place(const char *word, size_t len, bool travels)
{
    return one_of(word, len,
                  "in at on near the of behind opposite around between old mount lake cape port new north south east "
                  "west great") ||
           (travels && one_of(word, len, "to from via and"));
}

/* Capitals of the language, not of a name. */
static bool is_calendar(const char *word, size_t len)
{
    return one_of(
        word, len,
        "january february march april may june july august september october november december monday tuesday "
        "wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
        "sundays christmas easter english chinese french german italian spanish japanese korean thai indian "
        "greek roman american british european there's it's that's here's what's wi fi");
}

static size_t letters_at(const char *s, size_t n)
{
    size_t len = 0;
    while (len < n && (((s[len] | 32) >= 'a' && (s[len] | 32) <= 'z') || (len && s[len] == '\'')))
        len++;
    return len;
}

/* A word with a capital that no place explains: somebody's name, for all we know. */
static bool looks_named(struct reading *r, const char *s, size_t n)
{
    bool first = true, fits = false, travels = class_matches(r->c, LIST_TRAVEL, s, n);
    for (size_t i = 0, len; i < n; i += len ? len : 1) {
        len = letters_at(s + i, n - i);
        if (!len)
            continue;
        bool capital = len > 1 && s[i] >= 'A' && s[i] <= 'Z' && s[i + 1] >= 'a';
        bool owner = capital && len > 2 && s[i + len - 2] == '\'' && s[i + len - 1] == 's';
        if (capital && !is_calendar(s + i, len) && (owner || (!first && !fits)))
            return true;
        fits = (capital && !first) || before_place(s + i, len, travels); /* "Mill Road" */
        first = false;
    }
    return false;
}

/* "Did you know that …?", 你知道吗: no question about what is said. */
static bool asks_whether_known(const char *s, size_t n)
{
    static const char *const asks[] = { "id you know ", "o you know that ", "知道吗", "知道吗?", "你知不知道" };
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
        if (memmem(s, n, asks[i], strlen(asks[i])))
            return true;
    return false;
}

static bool means_somebody(struct reading *r, const char *s, size_t n)
{
    return class_matches(r->c, LIST_PERSON, s, n) || looks_named(r, s, n);
}

/* Somebody is meant, but as one who does for anybody what is asked of them, in a place that everybody knows. */
static bool about_service(struct reading *r, const char *s, size_t n)
{
    char rest[CLASS_SENTENCE + 8];
    if (!class_matches(r->c, LIST_SERVICE, s, n))
        return false;
    memcpy(rest, s, n);
    class_take_out(r->c, LIST_TRADESMAN, rest, n, NULL, NULL);
    return !means_somebody(r, rest, n);
}

/* Whoever reads it is advised, on what is open to all or in every house. skip: bytes of frames. */
static bool about_tip(struct reading *r, const char *s, size_t n, size_t skip)
{
    char rest[CLASS_SENTENCE + 8];
    if (!class_matches(r->c, LIST_ANCHOR, s, n) ||
        (!class_matches(r->c, LIST_TIP, s, n) && !class_matches(r->c, LIST_TIP, s + skip, n - skip)))
        return false;
    memcpy(rest, s, n);
    class_take_out(r->c, LIST_GENERIC, rest, n, NULL, NULL);
    return !means_somebody(r, rest, n);
}

/* Bytes of the frames at the front. */
static size_t frames(struct reading *r, const char *s, size_t n)
{
    size_t end, skip = 0;
    for (int f = 0; f < FRAMES; f++)
        for (int l = 0; l < CLASS_LANGUAGES; l++)
            if (class_find(r->c, l, LIST_FRAME, s + skip, n - skip, NULL, &end))
                skip += end;
    return skip;
}

/* Behind its frames, the sentence is about the world and nobody is meant. */
static bool about_world(struct reading *r, const char *sentence, size_t n)
{
    const char *s = sentence;
    size_t skip = frames(r, s, n);
    if (class_topic_units(s, n, NULL) < SENTENCE || (memchr(s, '?', n) && !asks_whether_known(s, n)))
        return false; /* a fragment; a question that is none of "did you know" */
    if (skip == n || class_matches(r->c, LIST_OWN, s, n))
        return false;
    if (!means_somebody(r, s + skip, n - skip) && class_matches(r->c, LIST_WORLD, s + skip, n - skip))
        return true;
    return about_service(r, s + skip, n - skip) || about_tip(r, s, n, skip);
}

static void read_knowledge(struct reading *r, const char *s, size_t n)
{
    while (n && strchr(" \n", *s))
        s++, n--;
    if (!n || !r->knowledge)
        return;
    if (class_matches(r->c, LIST_DELICATE, s, n) || class_names_any(s, n, r->known)) {
        r->knowledge = false;
    } else if (!class_matches(r->c, LIST_ASIDE, s, n)) {
        r->knowledge = about_world(r, s, n);
        r->tip = r->tip && r->knowledge && about_tip(r, s, n, frames(r, s, n));
        r->neutral_only = false;
    }
}

/* ---- the turn ---- */

static void conclude(struct reading *r)
{
    struct class_found *out = r->out;
    out->class = r->knowledge && !r->neutral_only ? MEMORY_KNOWLEDGE : MEMORY_PERSONAL;
    out->tip = out->class == MEMORY_KNOWLEDGE && r->tip && !r->silence;
    if (!r->silence) {
        out->kept_from = (struct class_people){ .n = 0 };
        return;
    }
    out->class = MEMORY_SECRET;
    out->covers = CLASS_HERE;
    if (r->announces && r->content < 2 * TELLS)
        out->covers |= CLASS_AFTER;
    else if (r->content < TELLS)
        out->covers |= CLASS_BEFORE;
}

static void read_all(struct reading *r, const char *s, size_t n)
{
    for (size_t at = 0, len; at < n; at += len) {
        len = class_sentence(s + at, n - at);
        read_silence(r, s + at, len);
        read_knowledge(r, s + at, len);
        /* A sentence that was only cut is read again from a little before, lest a request stands on the cut. */
        if (len >= CLASS_SENTENCE - 4 && at + len < n)
            len = utf8_cut(s + at, len, len - CLASS_OVERLAP);
    }
}

int class_read(struct classifier *c, const char *text, size_t n, bool by_character, const struct class_known *known,
               struct class_found *out)
{
    static const struct class_known nobody = { .n = 0 };
    struct buf b;
    struct reading r = { .c = c, .known = known ? known : &nobody, .by_character = by_character, .out = out };
    *out = (struct class_found){ .class = MEMORY_SECRET, .covers = CLASS_BEFORE | CLASS_HERE | CLASS_AFTER };
    buf_init(&b, 4 * n + 16);
    if (class_fold(text, n, &b)) {
        buf_finish(&b);
        return ANIMA_E_NOMEM;
    }
    *out = (struct class_found){ .class = MEMORY_PERSONAL };
    r.knowledge = r.neutral_only = r.tip = true;
    read_all(&r, buf_str(&b), b.len);
    conclude(&r);
    if (by_character && out->class == MEMORY_KNOWLEDGE) { /* it may say again what somebody told it */
        out->class = MEMORY_PERSONAL;
        out->tip = false;
    }
    buf_finish(&b);
    return ANIMA_OK;
}
