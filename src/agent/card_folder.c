#include "agent/card_folder.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"
#include "mind/persona.h"
#include "mind/prompt.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TEXT (4u << 20)
#define MAX_LIST 200

static const char *const sections[][2] = {
    { "personality", "## Personality" },
    { "scenario", "## Scenario" },
    { "system_prompt", "## System prompt" },
    { "post_history_instructions", "## After the history" },
};
#define N_SECTIONS (sizeof(sections) / sizeof(sections[0]))
static const char *const picture_types[] = { "png", "jpg", "webp" };

void card_folder_id(const char *name, char *out)
{
    size_t n = 0;
    for (const char *p = name; *p && n < 40; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x80 && isalnum(c))
            out[n++] = (char)tolower(c);
        else if (n && out[n - 1] != '-' && (c == ' ' || c == '-' || c == '_'))
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n < 2) {
        char more[9];
        rnd_name(more, 6);
        snprintf(out, 65, "character-%s", more);
    }
}

/* ---- examples: "<START>", "{{user}}: …", "{{char}}: …" ↔ "> …", "…" ---- */

static bool starts(const char *line, size_t n, const char *word)
{
    size_t w = strlen(word);
    return n >= w && strncasecmp(line, word, w) == 0;
}

/* Appends the examples in our form. False: they are written in another way. */
static bool examples_in(const char *text, struct buf *out)
{
    int speaker = 0; /* 1: the user, 2: the character */
    bool asked = false;
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        size_t n = strcspn(p, "\n"), skip;
        const char *line = p;
        p += n + (p[n] == '\n');
        while (n && (line[n - 1] == '\r' || line[n - 1] == ' '))
            n--;
        if (!n || starts(line, n, "<START>")) {
            speaker = 0;
            continue;
        }
        if (starts(line, n, "{{user}}:") || starts(line, n, "{{char}}:")) {
            int next = starts(line, n, "{{user}}:") ? 1 : 2;
            if (next == 2 && (!asked || speaker == 2)) /* an answer to nothing */
                return false;
            if (next == 1 && speaker == 1)
                return false;
            speaker = next;
            asked |= next == 1;
            for (skip = 9; skip < n && line[skip] == ' ';)
                skip++;
            buf_puts(out, next == 1 ? "\n> " : "\n");
            buf_append(out, line + skip, n - skip);
        } else if (speaker == 2) {
            buf_puts(out, "\n");
            buf_append(out, line, n);
        } else {
            return false;
        }
        asked = speaker == 1;
    }
    return speaker != 1 && out->len > 0;
}

static void examples_out(const struct prompt_persona *p, struct buf *out)
{
    for (size_t i = 0; i < p->n_examples; i++) {
        if (p->examples[i].speaker)
            buf_puts(out, "<START>\n");
        buf_printf(out, "%s: %s\n", p->examples[i].speaker ? "{{user}}" : "{{char}}", p->examples[i].text);
    }
}

/* ---- what the files of a card say ---- */

static void put_ini(struct buf *out, const char *key, const char *value)
{
    size_t n = utf8_cut(value, strlen(value), 1000);
    if (!n)
        return;
    buf_printf(out, "%s = ", key);
    for (size_t i = 0; i < n; i++)
        buf_append(out, (unsigned char)value[i] < ' ' ? " " : value + i, 1);
    buf_puts(out, "\n");
}

static const char *language_of(const struct card *c)
{
    const struct prompt_turn said[] = { { "", card_text(c, "description") }, { "", card_text(c, "first_mes") } };
    return prompt_spoken(said, *said[1].text ? 2 : 1);
}

static void make_ini(const struct card *c, struct buf *out)
{
    size_t i, n;
    yyjson_val *tag;
    struct buf tags;
    buf_init(&tags, 4000);
    yyjson_arr_foreach (card_member(c, "tags"), i, n, tag)
        buf_printf(&tags, "%s%s", i ? ", " : "", yyjson_is_str(tag) ? yyjson_get_str(tag) : "");
    buf_puts(out, "[character]\n");
    put_ini(out, "name", card_text(c, "name"));
    put_ini(out, "nickname", card_text(c, "nickname"));
    put_ini(out, "language", language_of(c));
    put_ini(out, "creator", card_text(c, "creator"));
    put_ini(out, "version", card_text(c, "character_version"));
    put_ini(out, "tags", buf_str(&tags));
    buf_finish(&tags);
}

static void make_persona(const struct card *c, struct buf *out)
{
    const char *description = card_text(c, "description"), *example = card_text(c, "mes_example");
    struct buf examples;
    buf_puts(out, *description ? description : card_text(c, "name"));
    buf_puts(out, "\n");
    for (size_t i = 0; i < N_SECTIONS; i++)
        if (*card_text(c, sections[i][0]))
            buf_printf(out, "\n%s\n%s\n", sections[i][1], card_text(c, sections[i][0]));
    buf_init(&examples, MAX_TEXT);
    bool readable = examples_in(example, &examples);
    if (*example)
        buf_printf(out, "\n%s\n%s\n", readable ? "## Examples" : "## How it talks",
                   readable ? buf_str(&examples) : example);
    buf_finish(&examples);
}

/* "---" parts two greetings in the file: a line of one that begins so gets a blank before it. */
static void put_greeting(const char *text, struct buf *out)
{
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n"), all = n + (p[n] == '\n');
        if (strncmp(p, "---", 3) == 0)
            buf_append(out, " ", 1);
        buf_append(out, p, all);
        p += all;
    }
    buf_puts(out, "\n");
}

static void put_greetings(const struct card *c, const char *member, const char *between, struct buf *out)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (card_member(c, member), i, n, v)
        if (yyjson_is_str(v)) {
            buf_printf(out, "%s\n", i ? "---" : between);
            put_greeting(yyjson_get_str(v), out);
        }
}

static void make_greetings(const struct card *c, struct buf *out)
{
    if (*card_text(c, "first_mes"))
        put_greeting(card_text(c, "first_mes"), out);
    put_greetings(c, "alternate_greetings", "---", out);
    put_greetings(c, "group_only_greetings", "--- group", out);
}

/* ---- in ---- */

static int put_file(const char *dir, const char *name, const void *data, size_t n, anima_error *err)
{
    char *path = fs_join(dir, name, (char *)NULL);
    int rc = path ? fs_write(path, data, n, 0600, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(path);
    return rc;
}

static int put_made(const char *dir, const char *name, const struct card *c,
                    void (*make)(const struct card *c, struct buf *out), anima_error *err)
{
    struct buf text;
    buf_init(&text, MAX_TEXT);
    make(c, &text);
    int rc = text.failed ? err_set(err, text.failed, "the card's %s is too large", name)
             : text.len  ? put_file(dir, name, text.data, text.len, err)
                         : ANIMA_OK;
    buf_finish(&text);
    return rc;
}

static int put_files(const struct card *c, const char *dir, anima_error *err)
{
    char name[64];
    size_t n = 0;
    const char *type = "", *language = language_of(c), *picture = card_picture(c, &n, &type);
    struct buf json;
    buf_init(&json, CARD_MAX_JSON * 2);
    int rc = card_write(c, CARD_JSON, 0, NULL, 0, &json, err);
    if (!rc)
        rc = put_file(dir, "card.json", json.data, json.len, err);
    buf_finish(&json);
    snprintf(name, sizeof(name), "portrait.%s", type);
    if (!rc && picture)
        rc = put_file(dir, name, picture, n, err);
    snprintf(name, sizeof(name), "persona.%s.md", language);
    if (!rc)
        rc = put_made(dir, name, c, make_persona, err);
    snprintf(name, sizeof(name), "greetings.%s.md", language);
    if (!rc)
        rc = put_made(dir, name, c, make_greetings, err);
    return rc ? rc : put_made(dir, "character.ini", c, make_ini, err); /* last: with it the folder is a character */
}

int card_folder_write(const struct card *card, const char *dir, anima_error *err)
{
    if (fs_exists(dir))
        return err_set(err, ANIMA_E_BUSY, "%s is there already", dir);
    int rc = fs_mkdirs(dir, err);
    if (!rc)
        rc = put_files(card, dir, err);
    if (rc)
        fs_remove_tree(dir);
    return rc;
}

/* ---- out ---- */

struct head {
    char name[200], nickname[200], language[8], creator[200], version[100], tags[1000];
};

static int on_line(void *ctx, const char *section, const char *key, const char *value, int line, anima_error *err)
{
    struct head *h = ctx;
    (void)line;
    (void)err;
    const struct {
        const char *key;
        char *out;
        size_t size;
    } known[] = { { "name", h->name, sizeof(h->name) },
                  { "nickname", h->nickname, sizeof(h->nickname) },
                  { "language", h->language, sizeof(h->language) },
                  { "creator", h->creator, sizeof(h->creator) },
                  { "version", h->version, sizeof(h->version) },
                  { "tags", h->tags, sizeof(h->tags) } };
    for (size_t i = 0; strcmp(section, "character") == 0 && i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].key, key) == 0)
            snprintf(known[i].out, known[i].size, "%s", value);
    return ANIMA_OK;
}

/* A file's text, "" if it is not there. */
static int get_file(const char *dir, const char *name, size_t max, char **out, anima_error *err)
{
    char *path = fs_join(dir, name, (char *)NULL);
    size_t n;
    int rc = path ? fs_read(path, max, out, &n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(path);
    if (rc == ANIMA_E_NOT_FOUND) {
        *out = mem_strdup("");
        rc = *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    return rc;
}

/* Whether the file says what the card would have written into it. */
static bool same(const struct card *c, const char *text, void (*make)(const struct card *c, struct buf *out))
{
    struct buf made;
    buf_init(&made, MAX_TEXT);
    make(c, &made);
    bool equal = strcmp(buf_str(&made), text) == 0;
    buf_finish(&made);
    return equal;
}

static char *trimmed(const char *text, size_t n)
{
    while (n && isspace((unsigned char)text[0]))
        text++, n--;
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    return mem_strndup(text, n);
}

/* The text up to a heading of ours is the description, what follows a heading is its member's. */
static int set_sections(struct card *c, const char *text, anima_error *err)
{
    const char *member = "description", *from = text;
    bool seen[N_SECTIONS] = { false };
    int rc = ANIMA_OK;
    for (const char *p = text; !rc;) {
        size_t n = strcspn(p, "\n"), which = N_SECTIONS;
        for (size_t i = 0; i < N_SECTIONS; i++)
            if (strlen(sections[i][1]) == n && memcmp(p, sections[i][1], n) == 0 && !seen[i])
                which = i;
        bool talk = n == 15 && memcmp(p, "## How it talks", 15) == 0;
        if (which < N_SECTIONS || talk || !*p) {
            char *value = trimmed(from, (size_t)(p - from));
            rc = value ? card_set(c, member, value, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
            mem_free(value);
            from = p + n;
            member = talk ? "mes_example" : which < N_SECTIONS ? sections[which][0] : member;
            if (which < N_SECTIONS)
                seen[which] = true;
        }
        if (!*p)
            break;
        p += n + (p[n] == '\n');
    }
    for (size_t i = 0; i < N_SECTIONS && !rc; i++)
        if (!seen[i] && *card_text(c, sections[i][0]))
            rc = card_set(c, sections[i][0], "", err);
    return rc;
}

static int set_persona(struct card *c, const char *text, const char *language, anima_error *err)
{
    struct arena arena;
    struct prompt_persona persona;
    struct buf examples;
    arena_init(&arena, 16u << 20);
    buf_init(&examples, MAX_TEXT);
    int rc = persona_parse(&arena, text, strlen(text), language, "the persona", &persona, err);
    if (!rc) {
        examples_out(&persona, &examples);
        rc = examples.failed ? err_set(err, ANIMA_E_NOMEM, "out of memory") : set_sections(c, persona.text, err);
    }
    if (!rc && persona.n_examples)
        rc = card_set(c, "mes_example", buf_str(&examples), err);
    buf_finish(&examples);
    arena_finish(&arena);
    return rc;
}

/* Cuts the file at its "---" lines. Which list a piece belongs to is told by the line above it. */
static int set_greetings(struct card *c, char *text, anima_error *err)
{
    const char *lists[2][MAX_LIST], *first = NULL;
    size_t n[2] = { 0 };
    int list = -1; /* -1: the first */
    for (char *p = text, *from = text;;) {
        size_t len = strcspn(p, "\n");
        bool group = len == 9 && memcmp(p, "--- group", 9) == 0, line = group || (len == 3 && memcmp(p, "---", 3) == 0);
        if (line || !*p) {
            char *end = p;
            while (end > from && isspace((unsigned char)end[-1]))
                end--;
            bool last = !*p;
            p += last ? 0 : len + (p[len] == '\n');
            *end = '\0';
            if (list < 0)
                first = from;
            else if (n[list] < MAX_LIST)
                lists[list][n[list]++] = from;
            if (last)
                break;
            list = group ? 1 : list < 0 ? 0 : list;
            from = p;
            continue;
        }
        p += len + (p[len] == '\n');
    }
    int rc = card_set(c, "first_mes", first ? first : "", err);
    if (!rc)
        rc = card_set_list(c, "alternate_greetings", lists[0], n[0], err);
    return rc || (!n[1] && !card_member(c, "group_only_greetings"))
               ? rc
               : card_set_list(c, "group_only_greetings", lists[1], n[1], err);
}

static int set_head(struct card *c, const struct head *h, anima_error *err)
{
    const char *tags[MAX_LIST];
    char copy[sizeof(h->tags)];
    size_t n = 0;
    snprintf(copy, sizeof(copy), "%s", h->tags);
    for (char *save = NULL, *tag = strtok_r(copy, ",", &save); tag && n < MAX_LIST; tag = strtok_r(NULL, ",", &save))
        tags[n++] = tag + strspn(tag, " ");
    int rc = card_set(c, "name", h->name, err);
    if (!rc && (*h->nickname || *card_text(c, "nickname")))
        rc = card_set(c, "nickname", h->nickname, err);
    if (!rc && (*h->creator || *card_text(c, "creator")))
        rc = card_set(c, "creator", h->creator, err);
    if (!rc && (*h->version || *card_text(c, "character_version")))
        rc = card_set(c, "character_version", h->version, err);
    return rc || (!n && !card_member(c, "tags")) ? rc : card_set_list(c, "tags", tags, n, err);
}

static int overlay(struct card *c, const char *dir, const char *ini_text, const struct head *h, anima_error *err)
{
    char name[64], *persona = NULL, *greetings = NULL;
    int rc = same(c, ini_text, make_ini) ? ANIMA_OK : set_head(c, h, err);
    snprintf(name, sizeof(name), "persona.%s.md", h->language);
    if (!rc)
        rc = get_file(dir, name, MAX_TEXT, &persona, err);
    if (!rc && *persona && !same(c, persona, make_persona))
        rc = set_persona(c, persona, h->language, err);
    snprintf(name, sizeof(name), "greetings.%s.md", h->language);
    if (!rc)
        rc = get_file(dir, name, MAX_TEXT, &greetings, err);
    if (!rc && *greetings && !same(c, greetings, make_greetings))
        rc = set_greetings(c, greetings, err);
    mem_free(persona);
    mem_free(greetings);
    return rc;
}

int card_folder_read(const char *dir, struct card **out, anima_error *err)
{
    struct head h = { .name = "", .language = "en" };
    char *ini_text = NULL, *json = NULL;
    *out = NULL;
    int rc = get_file(dir, "character.ini", MAX_TEXT, &ini_text, err);
    if (!rc)
        rc = ini_parse(ini_text, strlen(ini_text), "character.ini", on_line, &h, err);
    if (!rc && !*h.name)
        rc = err_set(err, ANIMA_E_INVALID, "%s has no character.ini with a name", dir);
    if (!rc)
        rc = get_file(dir, "card.json", CARD_MAX_JSON, &json, err);
    if (!rc)
        rc = *json ? card_read(json, strlen(json), out, err) : card_new(h.name, out, err);
    if (!rc)
        rc = overlay(*out, dir, ini_text, &h, err);
    if (rc) {
        card_free(*out);
        *out = NULL;
    }
    mem_free(ini_text);
    mem_free(json);
    return rc;
}

char *card_folder_picture(const char *dir, size_t *n, const char **type)
{
    for (size_t i = 0; i < sizeof(picture_types) / sizeof(picture_types[0]); i++) {
        char name[32], *data = NULL;
        snprintf(name, sizeof(name), "portrait.%s", picture_types[i]);
        char *path = fs_join(dir, name, (char *)NULL);
        int rc = path ? fs_read(path, CARD_MAX_FILE, &data, n, NULL) : ANIMA_E_NOMEM;
        mem_free(path);
        if (!rc) {
            *type = picture_types[i];
            return data;
        }
    }
    return NULL;
}

int card_folder_export(const char *dir, enum card_container container, enum card_version version, struct buf *out,
                       anima_error *err)
{
    struct card *card = NULL;
    const char *type = "";
    size_t n = 0;
    int rc = card_folder_read(dir, &card, err);
    char *picture = rc ? NULL : card_folder_picture(dir, &n, &type);
    if (!rc)
        rc = card_write(card, container, version, strcmp(type, "png") == 0 ? picture : NULL, n, out, err);
    card_free(card);
    mem_free(picture);
    return rc;
}
