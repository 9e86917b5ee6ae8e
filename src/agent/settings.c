#include "agent/settings.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONFIG (1u << 20)
#define MAX_MODEL_LINES 512

static const struct setting table[] = {
#define SETTING(key, otherwise, kind, least, most, choices, meaning)                                                   \
    { key, otherwise, SETTING_##kind, least, most, choices, meaning },
#include "agent/settings.def"
#undef SETTING
};
#define N_SETTINGS (sizeof(table) / sizeof(table[0]))

struct model_line {
    char *model, *key, *value;
};

struct settings {
    char *values[N_SETTINGS]; /* NULL: the default */
    struct model_line *lines;
    size_t n_lines;
    const char *what; /* while parsing */
};

const struct setting *settings_at(size_t i) { return i < N_SETTINGS ? &table[i] : NULL; }

const struct setting *settings_find(const char *key)
{
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

/* The key that shares the most letters with a mistyped one: enough for "server.prot". */
static const char *nearest(const char *key)
{
    const char *best = table[0].key;
    int best_score = -1000;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        int score = 0;
        for (const char *p = key; *p; p++)
            score += strchr(table[i].key, *p) ? 1 : -1;
        const char *dot = strrchr(table[i].key, '.');
        score += strncmp(key, table[i].key, (size_t)(dot - table[i].key)) == 0 ? 3 : 0;
        score += strstr(key, dot + 1) || strstr(table[i].key, key) ? 5 : 0;
        score -= abs((int)strlen(key) - (int)strlen(table[i].key));
        if (score > best_score) {
            best_score = score;
            best = table[i].key;
        }
    }
    return best;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t n = strchr(value, '|') ? 0 : strlen(value);
    for (const char *p = choices; n && (p = strstr(p, value)); p += n)
        if ((p == choices || p[-1] == '|') && (p[n] == '|' || p[n] == '\0'))
            return true;
    return false;
}

int settings_check(const char *key, const char *value, anima_error *err)
{
    const struct setting *s = settings_find(key);
    if (!s)
        return err_set(err, ANIMA_E_NOT_FOUND,
                       "there is no setting \"%.80s\"; did you mean %s? `anima config list` shows all", key,
                       nearest(key));
    char *end;
    long n = strtol(value, &end, 10);
    if (s->kind == SETTING_INT && (!*value || *end || n < s->least || n > s->most))
        return err_set(err, ANIMA_E_INVALID, "%s takes a whole number from %ld to %ld, not \"%.80s\"", key, s->least,
                       s->most, value);
    double x = strtod(value, &end);
    if (s->kind == SETTING_NUMBER && (!*value || *end || !(x >= (double)s->least && x <= (double)s->most)))
        return err_set(err, ANIMA_E_INVALID, "%s takes a number from %ld to %ld, not \"%.80s\"", key, s->least, s->most,
                       value);
    if (s->kind == SETTING_CHOICE && !is_choice(s->choices, value))
        return err_set(err, ANIMA_E_INVALID, "%s takes one of %s, not \"%.80s\"", key, s->choices, value);
    return ANIMA_OK;
}

static int put(struct settings *s, const char *key, const char *value, anima_error *err)
{
    int rc = settings_check(key, value, err);
    if (rc)
        return rc;
    size_t i = (size_t)(settings_find(key) - table);
    char *copy = mem_strdup(value);
    if (!copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory while reading the settings");
    mem_free(s->values[i]);
    s->values[i] = copy;
    return ANIMA_OK;
}

static int put_model_line(struct settings *s, const char *model, const char *key, const char *value, anima_error *err)
{
    if (s->n_lines == MAX_MODEL_LINES)
        return err_set(err, ANIMA_E_LIMIT, "more than %d lines in [model …] sections", MAX_MODEL_LINES);
    struct model_line *lines = mem_realloc(s->lines, (s->n_lines + 1) * sizeof(*lines));
    if (!lines)
        return err_set(err, ANIMA_E_NOMEM, "out of memory while reading the settings");
    s->lines = lines;
    struct model_line *line = &lines[s->n_lines++];
    *line = (struct model_line){ mem_strdup(model), mem_strdup(key), mem_strdup(value) };
    if (!line->model || !line->key || !line->value)
        return err_set(err, ANIMA_E_NOMEM, "out of memory while reading the settings");
    return ANIMA_OK;
}

static int on_line(void *ctx, const char *section, const char *key, const char *value, int number, anima_error *err)
{
    struct settings *s = ctx;
    char full[160];
    int rc;
    if (strncmp(section, "model ", 6) == 0 && section[6]) {
        rc = put_model_line(s, section + 6, key, value, err);
    } else if ((size_t)snprintf(full, sizeof(full), "%s%s%s", section, *section ? "." : "", key) >= sizeof(full)) {
        rc = err_set(err, ANIMA_E_INVALID, "the key is too long");
    } else {
        rc = put(s, full, value, err);
    }
    if (rc && err) {
        char why[sizeof(err->message)];
        memcpy(why, err->message, sizeof(why));
        err_set(err, rc, "%.160s, line %d: %.300s", s->what, number, why);
    }
    return rc;
}

static int apply_set(struct settings *s, const char *const *set, anima_error *err)
{
    for (; set && *set; set++) {
        const char *equals = strchr(*set, '=');
        char key[80];
        if (!equals || equals == *set || (size_t)(equals - *set) >= sizeof(key))
            return err_set(err, ANIMA_E_INVALID, "--set takes key=value, not \"%.80s\"", *set);
        memcpy(key, *set, (size_t)(equals - *set));
        key[equals - *set] = '\0';
        int rc = put(s, key, equals + 1, err);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

int settings_parse(const char *text, size_t n, const char *what, const char *const *set, struct settings **out,
                   anima_error *err)
{
    *out = NULL;
    struct settings *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory while reading the settings");
    s->what = what;
    int rc = ini_parse(text, n, what, on_line, s, err);
    if (!rc)
        rc = apply_set(s, set, err);
    s->what = NULL;
    if (rc) {
        settings_free(s);
        return rc;
    }
    *out = s;
    return ANIMA_OK;
}

int settings_load(const char *path, const char *const *set, struct settings **out, anima_error *err)
{
    char *text = NULL;
    size_t n = 0;
    int rc = fs_read(path, MAX_CONFIG, &text, &n, err);
    if (rc && rc != ANIMA_E_NOT_FOUND)
        return rc;
    rc = settings_parse(text ? text : "", n, path, set, out, err);
    mem_free(text);
    return rc;
}

void settings_free(struct settings *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < N_SETTINGS; i++)
        mem_free(s->values[i]);
    for (size_t i = 0; i < s->n_lines; i++) {
        mem_free(s->lines[i].model);
        mem_free(s->lines[i].key);
        mem_free(s->lines[i].value);
    }
    mem_free(s->lines);
    mem_free(s);
}

const char *settings_get(const struct settings *s, const char *key)
{
    const struct setting *def = settings_find(key);
    if (!def)
        return NULL;
    const char *value = s->values[def - table];
    return value ? value : def->otherwise;
}

long settings_int(const struct settings *s, const char *key)
{
    const char *value = settings_get(s, key);
    return value ? strtol(value, NULL, 10) : 0;
}

double settings_number(const struct settings *s, const char *key)
{
    const char *value = settings_get(s, key);
    return value ? strtod(value, NULL) : 0;
}

int settings_models(const struct settings *s, settings_model_cb *cb, void *ctx, anima_error *err)
{
    for (size_t i = 0; i < s->n_lines; i++) {
        int rc = cb(ctx, s->lines[i].model, s->lines[i].key, s->lines[i].value, err);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}
