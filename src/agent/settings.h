/* settings.h — the settings of a home: one table (settings.def), one file (config.ini), and what the command line sets.
 * config.ini may also hold "[model NAME]" sections, each a model of the user's own (engine/models.h).
 * Loaded once, then constant: any thread may read. */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H
#include "anima/anima.h"

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_NUMBER, SETTING_CHOICE };

struct setting {
    const char *key, *otherwise;
    enum setting_kind kind;
    long least, most;
    const char *choices;
    const char *meaning;
};

/* The i-th setting of the table; NULL after the last. */
const struct setting *settings_at(size_t i);
const struct setting *settings_find(const char *key);
/* ANIMA_E_NOT_FOUND for an unknown key (with the nearest one), ANIMA_E_INVALID for a value it cannot have. */
int settings_check(const char *key, const char *value, anima_error *err);

struct settings;
/* Reads path (it need not exist), then set ("key=value", ended by NULL; may be NULL), which wins. */
int settings_load(const char *path, const char *const *set, struct settings **out, anima_error *err);
/* The same from text, for tests and fuzzing; what names it in messages. */
int settings_parse(const char *text, size_t n, const char *what, const char *const *set, struct settings **out,
                   anima_error *err);
void settings_free(struct settings *settings);
const char *settings_get(const struct settings *settings, const char *key); /* NULL: no such key */
long settings_int(const struct settings *settings, const char *key);
double settings_number(const struct settings *settings, const char *key);
/* The lines of "[model NAME]" sections, in order. */
typedef int settings_model_cb(void *ctx, const char *model, const char *key, const char *value, anima_error *err);
int settings_models(const struct settings *settings, settings_model_cb *cb, void *ctx, anima_error *err);
#endif
