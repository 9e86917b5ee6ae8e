#include "agent/character.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/mem.h"
#include "card/card.h"
#include "card/lore_text.h"
#include "mind/persona.h"

#include <ctype.h>
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILE (1u << 20)
#define MAX_ARENA (8u << 20)
#define MAX_STOP 16
#define MAX_GREETINGS 200
#define MAX_TAGS 100

static const char *const languages[CHARACTER_LANGUAGES] = { "zh", "en" };

bool character_id_ok(const char *id)
{
    size_t n = 0;
    for (; id[n]; n++)
        if (n == 64 || !(isalnum((unsigned char)id[n]) || id[n] == '-' || id[n] == '_'))
            return false;
    return n > 0;
}

void character_free(struct character *c)
{
    if (!c)
        return;
    character_retire(c);
    arena_finish(&c->arena);
    mem_free(c);
}

/* ---- character.ini ---- */

/* What reading needs beyond the character itself. */
struct reader {
    struct character *c;
    const char *in_language[2][CHARACTER_LANGUAGES]; /* tagline.zh … greeting.en */
    const char *stop[MAX_STOP + 1];
    size_t n_stop;
};

static const struct {
    const char *key;
    size_t offset;
} texts[] = {
    { "name", offsetof(anima_character, name) },         { "tagline", offsetof(anima_character, tagline) },
    { "greeting", offsetof(anima_character, greeting) }, { "language", offsetof(anima_character, language) },
    { "model", offsetof(anima_character, model) },       { "creator", offsetof(anima_character, creator) },
    { "version", offsetof(anima_character, version) },
};

static const struct {
    const char *key;
    size_t offset;
} more_texts[] = {
    { "nickname", offsetof(struct character, nickname) },
    { "tags", offsetof(struct character, tags) },
};

static const char *const spoken[2] = { "tagline", "greeting" };

static const struct {
    const char *key;
    bool whole;
    size_t offset;
    double least, most;
} numbers[] = {
    { "temperature", false, offsetof(anima_sampling, temperature), 0, 2 },
    { "top_p", false, offsetof(anima_sampling, top_p), 0, 1 },
    { "min_p", false, offsetof(anima_sampling, min_p), 0, 1 },
    { "repeat_penalty", false, offsetof(anima_sampling, repeat_penalty), 0.5, 2 },
    { "frequency_penalty", false, offsetof(anima_sampling, frequency_penalty), -2, 2 },
    { "presence_penalty", false, offsetof(anima_sampling, presence_penalty), -2, 2 },
    { "dry_multiplier", false, offsetof(anima_sampling, dry_multiplier), 0, 5 },
    { "top_k", true, offsetof(anima_sampling, top_k), 0, 1000 },
    { "max_tokens", true, offsetof(anima_sampling, max_tokens), 1, 100000 },
};

static int set_text(struct reader *r, const char *key, const char *value)
{
    struct character *c = r->c;
    const char **field = NULL;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(texts[i].key, key) == 0)
            field = (const char **)(void *)((char *)&c->pub + texts[i].offset);
    for (size_t i = 0; i < sizeof(more_texts) / sizeof(more_texts[0]); i++)
        if (strcmp(more_texts[i].key, key) == 0)
            field = (const char **)(void *)((char *)c + more_texts[i].offset);
    for (size_t s = 0; s < 2; s++)
        for (size_t l = 0; l < CHARACTER_LANGUAGES; l++) {
            char full[32];
            snprintf(full, sizeof(full), "%s.%s", spoken[s], languages[l]);
            if (strcmp(full, key) == 0)
                field = &r->in_language[s][l];
        }
    if (!field)
        return ANIMA_E_NOT_FOUND;
    *field = arena_strdup(&c->arena, value);
    return *field ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int set_fact(struct character *c, const char *key, const char *value)
{
    if (c->n_facts == CHARACTER_MAX_FACTS)
        return ANIMA_E_LIMIT;
    struct character_fact *f = &c->facts[c->n_facts++];
    f->key = arena_strdup(&c->arena, key);
    f->value = arena_strdup(&c->arena, value);
    return f->key && f->value ? ANIMA_OK : ANIMA_E_NOMEM;
}

const char *character_fact(const struct character *c, const char *key, const char *language)
{
    char full[64];
    const char *found = NULL;
    snprintf(full, sizeof(full), "%.40s.%.8s", key, language);
    for (size_t i = 0; i < c->n_facts; i++) {
        if (strcmp(c->facts[i].key, full) == 0)
            return c->facts[i].value;
        if (strcmp(c->facts[i].key, key) == 0)
            found = c->facts[i].value;
    }
    return found;
}

const char *character_called(const struct character *c) { return *c->nickname ? c->nickname : c->pub.name; }

struct lore *character_lore(const struct character *c, const char *language)
{
    for (size_t l = 0; l < CHARACTER_LANGUAGES; l++)
        if (strcmp(languages[l], language) == 0)
            return c->lore[l];
    return NULL;
}

static int set_stop(struct reader *r, const char *value)
{
    if (r->n_stop == MAX_STOP)
        return ANIMA_E_LIMIT;
    const char *copy = arena_strdup(&r->c->arena, value);
    r->stop[r->n_stop++] = copy;
    return copy ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int set_sampling(struct reader *r, const char *key, const char *value)
{
    anima_sampling *s = &r->c->sampling;
    char *end;
    double x = strtod(value, &end);
    if (strcmp(key, "stop") == 0)
        return set_stop(r, value);
    if (strcmp(key, "seed") == 0) {
        s->seed = (int64_t)x;
        return *value && !*end && x >= -1 && x < 4e9 ? ANIMA_OK : ANIMA_E_INVALID;
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(numbers[i].key, key) != 0)
            continue;
        if (!*value || *end || !(x >= numbers[i].least && x <= numbers[i].most))
            return ANIMA_E_INVALID;
        char *field = (char *)s + numbers[i].offset;
        if (numbers[i].whole)
            *(int *)(void *)field = (int)x;
        else
            *(double *)(void *)field = x;
        return ANIMA_OK;
    }
    return ANIMA_E_NOT_FOUND;
}

static int set_adapter(struct character *c, const char *key, const char *value)
{
    char *end;
    if (strcmp(key, "use") == 0) {
        c->adapter_use = arena_strdup(&c->arena, *value ? value : "auto");
        return c->adapter_use ? ANIMA_OK : ANIMA_E_NOMEM;
    }
    if (strcmp(key, "scale") != 0)
        return ANIMA_E_NOT_FOUND;
    c->adapter_scale = strtod(value, &end);
    return *value && !*end && c->adapter_scale >= 0 && c->adapter_scale <= 4 ? ANIMA_OK : ANIMA_E_INVALID;
}

static int on_line(void *ctx, const char *section, const char *key, const char *value, int line, anima_error *err)
{
    struct reader *r = ctx;
    int rc = ANIMA_E_NOT_FOUND;
    if (strcmp(section, "character") == 0)
        rc = set_text(r, key, value);
    else if (strcmp(section, "sampling") == 0)
        rc = set_sampling(r, key, value);
    else if (strcmp(section, "adapter") == 0)
        rc = set_adapter(r->c, key, value);
    else if (strcmp(section, "facts") == 0 || strcmp(section, "manner") == 0)
        rc = set_fact(r->c, key, value);
    const char *id = r->c->pub.id;
    switch (rc) {
    case ANIMA_OK: return ANIMA_OK;
    case ANIMA_E_NOT_FOUND:
        return err_set(err, ANIMA_E_INVALID, "character.ini of %s, line %d: [%.40s] has no \"%.40s\"", id, line,
                       section, key);
    case ANIMA_E_INVALID:
        return err_set(err, rc, "character.ini of %s, line %d: %.40s cannot be \"%.60s\"", id, line, key, value);
    default: return err_set(err, rc, "character.ini of %s, line %d: too much", id, line);
    }
}

/* Tagline and greeting in the wanted language, else in the character's own, else as they are without a language. */
static void choose_language(struct reader *r, const char *wanted)
{
    const char *const order[] = { wanted, r->c->pub.language };
    const char **fields[2] = { &r->c->pub.tagline, &r->c->pub.greeting };
    for (size_t s = 0; s < 2; s++) {
        const char *found = NULL;
        for (size_t o = 0; o < 2 && !found; o++)
            for (size_t l = 0; l < CHARACTER_LANGUAGES; l++)
                if (strcmp(languages[l], order[o]) == 0)
                    found = r->in_language[s][l];
        if (found)
            *fields[s] = found;
    }
    r->c->pub.tagline_zh = r->in_language[0][0] ? r->in_language[0][0] : r->c->pub.tagline;
    r->c->pub.tagline_en = r->in_language[0][1] ? r->in_language[0][1] : r->c->pub.tagline;
}

static int keep_stop(struct reader *r)
{
    if (!r->n_stop)
        return ANIMA_OK;
    const char **stop = arena_alloc(&r->c->arena, (r->n_stop + 1) * sizeof(*stop));
    if (stop)
        memcpy(stop, r->stop, r->n_stop * sizeof(*stop));
    r->c->sampling.stop = stop;
    return stop ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int load_ini(struct character *c, const char *dir, const char *language, anima_error *err)
{
    struct reader r = { .c = c };
    char *file = fs_join(dir, "character.ini", (char *)NULL), *text = NULL;
    size_t n = 0;
    int rc = file ? fs_read(file, MAX_FILE, &text, &n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = ini_parse(text, n, file, on_line, &r, err);
    if (!rc && keep_stop(&r))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        choose_language(&r, language);
    mem_free(text);
    mem_free(file);
    return rc;
}

/* ---- persona.LANG.md ---- */

static int load_personas(struct character *c, const char *dir, anima_error *err)
{
    for (size_t l = 0; l < CHARACTER_LANGUAGES; l++) {
        char name[32], *text = NULL;
        snprintf(name, sizeof(name), "persona.%s.md", languages[l]);
        char *file = fs_join(dir, name, (char *)NULL);
        size_t n = 0;
        int rc = file ? fs_read(file, MAX_FILE, &text, &n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
        if (!rc)
            rc = persona_parse(&c->arena, text, n, languages[l], file, &c->personas[c->n_personas++], err);
        mem_free(text);
        mem_free(file);
        if (rc && rc != ANIMA_E_NOT_FOUND)
            return rc;
    }
    return c->n_personas ? ANIMA_OK
                         : err_set(err, ANIMA_E_NOT_FOUND, "%s has neither persona.zh.md nor persona.en.md", c->pub.id);
}

/* ---- greetings.LANG.md, lore.md, card.json: a character may have them ---- */

/* A file's text, yours to mem_free; *out NULL: there is none. */
static int read_optional(const char *dir, const char *name, size_t max, char **out, size_t *n, anima_error *err)
{
    char *file = fs_join(dir, name, (char *)NULL);
    *out = NULL;
    int rc = file ? fs_read(file, max, out, n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(file);
    return rc == ANIMA_E_NOT_FOUND ? ANIMA_OK : rc;
}

/* The same in the arena, for what the character keeps. */
static int optional(struct character *c, const char *dir, const char *name, size_t max, const char **out, size_t *n,
                    anima_error *err)
{
    char *text;
    int rc = read_optional(dir, name, max, &text, n, err);
    *out = text ? arena_strndup(&c->arena, text, *n) : NULL;
    bool failed = text && !*out;
    mem_free(text);
    return failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for %s", name) : rc;
}

/* examples.LANG.md: how it answers this and that. */
static int load_samples(struct character *c, const char *dir, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < c->n_personas && !rc; i++) {
        char name[32];
        const char *text;
        size_t n;
        snprintf(name, sizeof(name), "examples.%.8s.md", c->personas[i].language);
        rc = optional(c, dir, name, MAX_FILE, &text, &n, err);
        if (!rc && text)
            rc = persona_parse_samples(&c->arena, text, n, name, &c->personas[i], err);
    }
    return rc;
}

/* The lines that end a greeting: "---", and "--- group" before those for groups, which are not offered. */
static bool ends_greeting(const char *line, size_t n, bool *group)
{
    while (n && isspace((unsigned char)line[n - 1]))
        n--;
    *group = n == 9 && memcmp(line, "--- group", 9) == 0;
    return *group || (n == 3 && memcmp(line, "---", 3) == 0);
}

static int keep_greeting(struct character *c, const char **list, const char *text, size_t n)
{
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    if (!n || c->pub.n_greetings == MAX_GREETINGS)
        return ANIMA_OK;
    const char *copy = list[c->pub.n_greetings++] = arena_strndup(&c->arena, text, n);
    return copy ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int split_greetings(struct character *c, const char **list, const char *text)
{
    bool group = false;
    int rc = ANIMA_OK;
    for (const char *p = text, *from = text; !rc && !group; p += *p != '\0') {
        size_t n = strcspn(p, "\n");
        bool last = !p[n], end = ends_greeting(p, n, &group);
        if (end || last)
            rc = keep_greeting(c, list, from, (size_t)((end ? p : p + n) - from));
        if (last)
            break;
        p += n;
        from = end ? p + 1 : from;
    }
    return rc;
}

/* The greetings in the wanted language, else in the character's own, else the one of character.ini. */
static int load_greetings(struct character *c, const char *dir, const char *wanted, anima_error *err)
{
    const char *const order[] = { wanted, c->pub.language };
    const char **list = arena_alloc(&c->arena, MAX_GREETINGS * sizeof(*list));
    const char *text = NULL;
    int rc = list ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the greetings");
    for (size_t o = 0; o < 2 && !rc && !text; o++) {
        char name[64];
        size_t n;
        snprintf(name, sizeof(name), "greetings.%.8s.md", order[o]);
        rc = *order[o] ? optional(c, dir, name, MAX_FILE, &text, &n, err) : ANIMA_OK;
    }
    if (rc)
        return rc;
    c->pub.greetings = list;
    rc = text ? split_greetings(c, list, text) : keep_greeting(c, list, c->pub.greeting, strlen(c->pub.greeting));
    if (text)
        c->pub.greeting = c->pub.n_greetings ? list[0] : "";
    return rc ? err_set(err, rc, "out of memory for the greetings") : ANIMA_OK;
}

/* "a, b" as a list. */
static int split_tags(struct character *c, anima_error *err)
{
    const char **list = arena_alloc(&c->arena, MAX_TAGS * sizeof(*list));
    c->pub.tags = list;
    for (const char *p = c->tags; list && *p && c->pub.n_tags < MAX_TAGS;) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ","), len = n;
        while (len && p[len - 1] == ' ')
            len--;
        const char *copy = len ? list[c->pub.n_tags++] = arena_strndup(&c->arena, p, len) : "";
        list = copy ? list : NULL;
        p += n;
    }
    return list ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the tags");
}

static int load_lore(struct character *c, const char *dir, anima_error *err)
{
    char *json = NULL, *text = NULL;
    size_t json_len = 0, n;
    struct card *card = NULL;
    int rc = read_optional(dir, "card.json", CARD_MAX_JSON, &json, &json_len, err);
    if (!rc && json)
        rc = card_read(json, json_len, &card, err);
    if (!rc)
        rc = read_optional(dir, "lore.md", MAX_FILE, &text, &n, err);
    yyjson_val *book = card ? card_member(card, "character_book") : NULL;
    for (size_t l = 0; l < CHARACTER_LANGUAGES && !rc && (book || text || c->n_facts); l++) {
        struct buf all;
        buf_init(&all, 2 * MAX_FILE);
        buf_puts(&all, text ? text : "");
        facts_as_lore(c, languages[l], &all);
        rc = all.failed ? err_set(err, all.failed, "the lore is too large")
                        : lore_text_parse(book, buf_str(&all), languages[l], &c->lore[l], err);
        buf_finish(&all);
    }
    card_free(card);
    mem_free(json);
    mem_free(text);
    return rc;
}

void character_retire(struct character *c)
{
    for (size_t l = 0; l < CHARACTER_LANGUAGES; l++) {
        lore_free(c->lore[l]);
        c->lore[l] = NULL;
    }
}

static int find_portrait(struct character *c, const char *dir, anima_error *err)
{
    static const char *const types[] = { "svg", "png", "jpg", "webp" };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !*c->pub.portrait; i++) {
        char *file = arena_printf(&c->arena, "%s/portrait.%s", dir, types[i]);
        if (!file)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the character");
        if (fs_exists(file))
            c->pub.portrait = file;
    }
    return ANIMA_OK;
}

int character_move(struct character *c, const char *dir, const char *id, anima_error *err)
{
    c->dir = arena_strdup(&c->arena, dir);
    c->pub.id = arena_strdup(&c->arena, id);
    c->pub.portrait = "";
    return c->dir && c->pub.id ? find_portrait(c, dir, err)
                               : err_set(err, ANIMA_E_NOMEM, "out of memory for the character");
}

static uint64_t mix(uint64_t hash, uint64_t x) { return (hash ^ x) * 0x9E3779B97F4A7C15u + (hash >> 29); }

uint64_t character_stamp(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    uint64_t stamp = 0;
    bool there = false;
    while (d && (e = readdir(d))) {
        struct stat st;
        uint64_t hash = 1;
        if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, 0) || !S_ISREG(st.st_mode))
            continue;
        there |= strcmp(e->d_name, "character.ini") == 0;
        for (const char *p = e->d_name; *p; p++)
            hash = mix(hash, (unsigned char)*p);
        hash = mix(mix(hash, (uint64_t)st.st_ino), (uint64_t)st.st_size);
        stamp += mix(mix(hash, (uint64_t)st.st_mtim.tv_sec), (uint64_t)st.st_mtim.tv_nsec); /* in any order */
    }
    if (d)
        closedir(d);
    return there ? stamp | 1 : 0;
}

const char *character_complaints(const struct character *c)
{
    const struct lore *lore = c->lore[0] ? c->lore[0] : c->lore[1];
    return lore ? lore_complaints(lore) : "";
}

int character_load(const char *dir, const char *id, const char *language, struct character **out, anima_error *err)
{
    struct character *c = mem_zero(1, sizeof(*c));
    *out = NULL;
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    arena_init(&c->arena, MAX_ARENA);
    anima_sampling_default(&c->sampling);
    char *own_id = arena_strdup(&c->arena, id);
    c->pub = (anima_character){ .id = own_id,
                                .name = own_id,
                                .tagline = "",
                                .greeting = "",
                                .language = "en",
                                .model = "",
                                .portrait = "",
                                .creator = "",
                                .version = "" };
    c->nickname = c->tags = "";
    c->adapter_use = "auto";
    c->adapter_scale = ANIMA_UNSET;
    c->stamp = character_stamp(dir);
    c->dir = arena_strdup(&c->arena, dir);
    int rc = own_id && c->dir ? load_ini(c, dir, language, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = load_personas(c, dir, err);
    if (!rc)
        rc = load_samples(c, dir, err);
    if (!rc)
        rc = load_greetings(c, dir, language, err);
    if (!rc)
        rc = split_tags(c, err);
    if (!rc)
        rc = load_lore(c, dir, err);
    if (!rc)
        rc = find_portrait(c, dir, err);
    if (rc) {
        character_free(c);
        return rc;
    }
    *out = c;
    return ANIMA_OK;
}
