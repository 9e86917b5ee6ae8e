/* notes.c — what people asked of a character: noticed in their words (mind/wish.h), kept in them, shown, edited, undone, and
 * put before the model with every reply. All of a home's notes are in memory; the store has the same. Loop thread. */
#include "agent/notes.h"

#include "agent/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mind/unsay.h"
#include "mind/wish.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_TEXT 400
#define MAX_NOTES 5000
#define MAX_RULES 16    /* of one person, in a prompt: the newest */
#define MAX_REMINDERS 3 /* behind the message */

struct notes {
    anima_home *home;
    struct wishes *wishes;
    struct store_note **all; /* strings owned; ordered by id */
    size_t n;
};

/* ---- memory ---- */

static void forget(struct notes *s, size_t i)
{
    struct store_note *note = s->all[i];
    memmove(s->all + i, s->all + i + 1, (s->n - i - 1) * sizeof(*s->all));
    s->n--;
    mem_free((char *)note->character);
    mem_free((char *)note->text);
    mem_free((char *)note->said);
    mem_free((char *)note->conversation);
    mem_free(note);
}

static int keep(void *ctx, const struct store_note *note)
{
    struct notes *s = ctx;
    struct store_note **all = mem_realloc(s->all, (s->n + 1) * sizeof(*all)), *copy = mem_alloc(sizeof(*copy));
    if (all)
        s->all = all;
    if (!all || !copy) {
        mem_free(copy);
        return ANIMA_E_NOMEM;
    }
    *copy = *note;
    copy->character = mem_strdup(note->character);
    copy->text = mem_strdup(note->text);
    copy->said = mem_strdup(note->said);
    copy->conversation = mem_strdup(note->conversation);
    s->all[s->n++] = copy;
    if (copy->character && copy->text && copy->said && copy->conversation)
        return 0;
    forget(s, s->n - 1);
    return ANIMA_E_NOMEM;
}

int notes_open(anima_home *home, struct notes **out, anima_error *err)
{
    struct notes *s = *out = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the notes");
    s->home = home;
    int rc = wishes_create(&s->wishes, err);
    return rc ? rc : store_note_list(home->store, keep, s, err);
}

void notes_free(struct notes *s)
{
    if (!s)
        return;
    while (s->n)
        forget(s, s->n - 1);
    mem_free(s->all);
    wishes_destroy(s->wishes);
    mem_free(s);
}

static void describe(const struct notes *s, const struct store_note *n, anima_note *out)
{
    *out = (anima_note){ n->id,         n->character, n->person,       home_person_name(s->home, n->person),
                         n->text,       n->said,      n->conversation, n->seq > 0 ? n->seq : 0,
                         n->created_ms, n->active };
}

static void announce(struct notes *s, const struct store_note *n, anima_event_type type)
{
    anima_note note;
    describe(s, n, &note);
    anima_event event = { .type = type, .note = &note };
    event_emit(s->home, NULL, &event);
}

static int put(struct notes *s, const struct store_note *n, anima_error *err)
{
    int rc = store_note_put(s->home->store, n, err);
    if (!rc)
        announce(s, n, ANIMA_EVENT_NOTE_CHANGED);
    return rc;
}

static int64_t next_id(const struct notes *s) { return s->n ? s->all[s->n - 1]->id + 1 : 1; }

static int add(struct notes *s, const struct store_note *n, anima_error *err)
{
    if (s->n == MAX_NOTES)
        return err_set(err, ANIMA_E_LIMIT, "%d notes are kept; delete some", MAX_NOTES);
    if (keep(s, n))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the note");
    return put(s, s->all[s->n - 1], err);
}

static void set_active(struct notes *s, struct store_note *n, bool active)
{
    if (n->active == active)
        return;
    n->active = active;
    put(s, n, NULL);
}

/* ---- noticing ---- */

static bool is_of(const struct store_note *n, const char *character, int64_t person)
{
    return n->person == person && strcmp(n->character, character) == 0;
}

/* A newer name, or language, takes the place of the one before; the same wish again is not noted twice. */
static bool replace(struct notes *s, const struct store_note *new, bool forbids)
{
    struct arena a;
    bool there = false;
    arena_init(&a, 65536);
    for (size_t i = 0; i < s->n; i++) {
        struct store_note *old = s->all[i];
        if (!is_of(old, new->character, new->person) || !old->active)
            continue;
        there |= strcmp(old->text, new->text) == 0;
        if (old->kind == new->kind && strcmp(old->text, new->text) != 0 &&
            (new->kind == WISH_LANGUAGE ||
             (new->kind == WISH_NAME && !forbids && !wish_forbids(s->wishes, &a, old->text))))
            set_active(s, old, false);
    }
    arena_finish(&a);
    return there;
}

static void undo_last(struct notes *s, const char *character, int64_t person)
{
    for (size_t i = s->n; i-- > 0;)
        if (s->all[i]->active && is_of(s->all[i], character, person)) {
            set_active(s, s->all[i], false);
            return;
        }
}

static bool wants_unsaid(const anima_home *home, struct arena *a, const char *message)
{
    struct unsay unsay;
    return !unsay_find(home->unsays, a, message, &unsay) && unsay.what != UNSAY_NOT;
}

/* "Forget that" behind a wish means the wish; else what they said (forget_wish.c), and an older wish stays. */
static bool is_of_last(const struct notes *s, const char *character, const char *conversation, int64_t seq,
                       int64_t person)
{
    const anima_conversation *c = conversation_find(s->home, conversation);
    int64_t last = 0;
    for (size_t i = 0; c && i < c->n_said && c->said[i].seq < seq; i++)
        last = c->said[i].person == person ? c->said[i].seq : last;
    for (size_t i = s->n; i-- > 0;)
        if (s->all[i]->active && is_of(s->all[i], character, person))
            return strcmp(s->all[i]->conversation, conversation) == 0 && s->all[i]->seq == (last ? last : seq - 2);
    return false;
}

/* again: by a run that does not know whether an earlier one has undone what the message undoes. */
static void notice(anima_home *home, const char *character, const char *conversation, int64_t seq, int64_t person,
                   const char *message, bool again)
{
    struct notes *s = home->notes;
    struct arena a;
    const char *text;
    arena_init(&a, 1u << 20);
    enum wish_kind kind = wish_find(s->wishes, &a, message, &text);
    const struct store_note note = { next_id(s),   character, person,          kind, text, text,
                                     conversation, seq,       clock_wall_ms(), true };
    bool unsaid = wants_unsaid(home, &a, message);
    if (kind == WISH_FORGET && !again && (!unsaid || is_of_last(s, character, conversation, seq, person)))
        undo_last(s, character, person);
    else if (kind != WISH_NONE && kind != WISH_FORGET && !unsaid &&
             !replace(s, &note, wish_forbids(s->wishes, &a, text)))
        add(s, &note, NULL); /* what cannot be noted is still said */
    arena_finish(&a);
}

void notes_notice(anima_home *home, const char *character, const char *conversation, int64_t seq, int64_t person,
                  const char *message)
{
    notice(home, character, conversation, seq, person, message, false);
}

void notes_taken_up(anima_home *home, const char *character, const char *conversation, int64_t seq, int64_t person,
                    const char *message)
{
    for (size_t i = 0; i < home->notes->n; i++)
        if (home->notes->all[i]->seq == seq && strcmp(home->notes->all[i]->conversation, conversation) == 0)
            return;
    notice(home, character, conversation, seq, person, message, true);
}

void notes_gone(anima_home *home, const char *conversation, int64_t seq)
{
    struct notes *s = home->notes;
    for (size_t i = s->n; i-- > 0;)
        if (strcmp(s->all[i]->conversation, conversation) == 0 && s->all[i]->seq >= seq) {
            announce(s, s->all[i], ANIMA_EVENT_NOTE_REMOVED);
            forget(s, i);
        }
}

void notes_gone_at(anima_home *home, const char *conversation, int64_t seq)
{
    struct notes *s = home->notes;
    for (size_t i = s->n; i-- > 0;)
        if (strcmp(s->all[i]->conversation, conversation) == 0 && s->all[i]->seq == seq) {
            announce(s, s->all[i], ANIMA_EVENT_NOTE_REMOVED);
            forget(s, i);
        }
}

bool notes_is_wish(anima_home *home, const char *conversation, int64_t seq)
{
    const struct notes *s = home->notes;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i]->conversation, conversation) == 0 && s->all[i]->seq == seq)
            return s->all[i]->kind != WISH_REMEMBER;
    return false;
}

void notes_edited(anima_home *home, const char *conversation, int64_t seq, const char *text)
{
    struct notes *s = home->notes;
    for (size_t i = s->n; i-- > 0;)
        if (s->all[i]->seq == seq && strcmp(s->all[i]->conversation, conversation) == 0 &&
            !strstr(text, s->all[i]->said) && !store_note_remove(home->store, s->all[i]->id, NULL, NULL, NULL)) {
            announce(s, s->all[i], ANIMA_EVENT_NOTE_REMOVED);
            forget(s, i);
        }
}

void notes_freed(anima_home *home, const char *conversation)
{
    struct notes *s = home->notes;
    for (size_t i = 0; i < s->n; i++) {
        struct store_note *n = s->all[i];
        if (strcmp(n->conversation, conversation) != 0)
            continue;
        *(char *)n->conversation = *(char *)n->said = '\0'; /* both are ours (keep) */
        n->seq = -1; /* who heard it, and whether it was a secret, went with the conversation */
        announce(s, n, ANIMA_EVENT_NOTE_CHANGED);
    }
}

/* ---- before the model ---- */

static const char *rule_line(struct arena *a, const struct store_note *n, bool zh)
{
    time_t t = (time_t)(n->created_ms / 1000);
    struct tm day;
    char date[32];
    localtime_r(&t, &day);
    strftime(date, sizeof(date), "%Y-%m-%d", &day);
    return arena_printf(a, zh ? "\n- %s（%s）" : "\n- %s (%s)", n->text, date);
}

int notes_tell(anima_home *home, struct arena *a, const char *character, const int64_t *people, size_t n_people,
               const char *message, const char *language, struct notes_told *out)
{
    struct notes *s = home->notes;
    bool zh = strcmp(language, "zh") == 0;
    size_t found = 0, reminded = 0;
    const char *rules = "", *reminder = "";
    *out = (struct notes_told){ .rules = NULL };
    for (size_t i = s->n; i-- > 0 && found < MAX_RULES && rules && reminder;) {
        const struct store_note *n = s->all[i];
        if (!n->active || !is_of(n, character, *people) || !notes_may_be_told(home, n, people, n_people))
            continue;
        found++;
        const char *line = rule_line(a, n, zh), *word = wish_forbids(s->wishes, a, n->text);
        rules = line ? arena_printf(a, "%s%s", line, rules) : NULL;
        bool told = n->kind == WISH_REMEMBER || (n->kind == WISH_NAME && wish_introduces(s->wishes, n->text));
        if (!told && reminded < MAX_REMINDERS && !strstr(message, n->text)) {
            reminded++;
            reminder = arena_printf(a, "%s%s%s", n->text, *reminder ? zh ? "；" : "; " : "", reminder);
        }
        bool exclamation = word && strcmp(word, WISH_EXCLAMATION) == 0;
        out->no_exclamation |= exclamation;
        if (word && !exclamation && out->n_banned < NOTES_MAX_BANNED)
            out->banned[out->n_banned++] = word;
        out->required = out->required ? out->required : wish_requires(s->wishes, a, n->text);
    }
    if (!rules || !reminder)
        return ANIMA_E_NOMEM;
    if (*rules)
        out->rules = arena_printf(a, zh ? "%s 请你照做、记住：%s" : "What %s asked of you; keep to it:%s",
                                  home_person_name(home, *people), rules);
    if (*reminder)
        out->reminder = arena_printf(a, zh ? "记得我要求过：%s" : "Remember what I asked: %s", reminder);
    return (*rules && !out->rules) || (*reminder && !out->reminder) ? ANIMA_E_NOMEM : ANIMA_OK;
}

const char *notes_name(anima_home *home, struct arena *arena, const char *character, const int64_t *people,
                       size_t n_people)
{
    const struct notes *s = home->notes;
    for (size_t i = s->n; i-- > 0;) {
        const struct store_note *n = s->all[i];
        const char *name = n->active && n->kind == WISH_NAME && is_of(n, character, *people) &&
                                   notes_may_be_told(home, n, people, n_people)
                               ? wish_name(s->wishes, arena, n->text)
                               : NULL;
        if (name)
            return name;
    }
    return NULL;
}

const char *notes_language(anima_home *home, const char *character, int64_t person)
{
    const struct notes *s = home->notes;
    for (size_t i = s->n; i-- > 0;)
        if (s->all[i]->active && s->all[i]->kind == WISH_LANGUAGE && is_of(s->all[i], character, person))
            return wish_language(s->wishes, s->all[i]->text);
    return NULL;
}

/* ---- the door ---- */

static int check_text(const char *text, anima_error *err)
{
    size_t n = strlen(text);
    if (n == 0 || n > MAX_TEXT || !utf8_valid(text, n))
        return err_set(err, ANIMA_E_INVALID, "a note is UTF-8 text of 1 to %d bytes", MAX_TEXT);
    return ANIMA_OK;
}

void anima_note_list(anima_home *home, const char *character, anima_note_cb *cb, void *ctx)
{
    const struct notes *s = home->notes;
    for (size_t i = 0; i < s->n; i++) {
        anima_note note;
        describe(s, s->all[i], &note);
        if ((!character || strcmp(character, note.character) == 0) && cb(ctx, &note))
            return;
    }
}

/* What was to be remembered does not become a wish because its first word is gone. */
static enum wish_kind kind_of(struct notes *s, const char *text, enum wish_kind before)
{
    struct arena a;
    const char *same;
    arena_init(&a, 65536);
    enum wish_kind kind = wish_find(s->wishes, &a, text, &same);
    arena_finish(&a);
    if (kind == WISH_NAME || kind == WISH_LANGUAGE || kind == WISH_REMEMBER)
        return kind;
    return before == WISH_REMEMBER ? before : WISH_RULE;
}

int anima_note_add(anima_home *home, const char *character, const char *person, const char *text, anima_note *out,
                   anima_error *err)
{
    const anima_person *who;
    struct notes *s = home->notes;
    int rc = check_text(text, err);
    if (!rc && !anima_character_find(home, character))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (!rc)
        rc = anima_person_get(home, person, &who, err);
    if (rc)
        return rc;
    const struct store_note note = { next_id(s), character,       who->id, kind_of(s, text, WISH_RULE), text, "", "",
                                     0,          clock_wall_ms(), true };
    rc = add(s, &note, err);
    if (!rc)
        describe(s, s->all[s->n - 1], out);
    return rc;
}

static int find(const struct notes *s, int64_t id, size_t *i, anima_error *err)
{
    for (*i = 0; *i < s->n; (*i)++)
        if (s->all[*i]->id == id)
            return ANIMA_OK;
    return err_set(err, ANIMA_E_NOT_FOUND, "there is no note %lld", (long long)id);
}

int anima_note_change(anima_home *home, int64_t id, const char *text, int active, anima_note *out, anima_error *err)
{
    struct notes *s = home->notes;
    size_t i;
    int rc = text ? check_text(text, err) : ANIMA_OK;
    if (!rc)
        rc = find(s, id, &i, err);
    if (rc)
        return rc;
    struct store_note *n = s->all[i];
    char *copy = text ? mem_strdup(text) : NULL;
    if (text && !copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the note");
    if (copy) {
        mem_free((char *)n->text);
        n->text = copy;
        n->kind = kind_of(s, copy, (enum wish_kind)n->kind);
    }
    n->active = active < 0 ? n->active : active > 0;
    rc = put(s, n, err);
    describe(s, n, out);
    return rc;
}

int anima_note_remove(anima_home *home, int64_t id, anima_error *err)
{
    struct notes *s = home->notes;
    size_t i;
    int rc = find(s, id, &i, err);
    if (!rc)
        rc = store_note_remove(home->store, id, NULL, NULL, err);
    if (rc)
        return rc;
    announce(s, s->all[i], ANIMA_EVENT_NOTE_REMOVED);
    forget(s, i);
    return ANIMA_OK;
}
