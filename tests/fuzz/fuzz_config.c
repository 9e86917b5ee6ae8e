/* config.ini (base/ini.h, agent/settings.h): whatever a person or a program left in it, the settings are usable or the
 * message says where the mistake is. Its "[model NAME]" sections become models of the user's own. */
#include "agent/settings.h"
#include "base/utf8.h"
#include "engine/models.h"
#include "fuzz.h"

static int add_model(void *ctx, const char *model, const char *key, const char *value, anima_error *err)
{
    return models_add_own(ctx, model, key, value, err);
}

static void use(const struct settings *s)
{
    const struct setting *one;
    for (size_t i = 0; (one = settings_at(i)); i++) {
        const char *value = settings_get(s, one->key);
        CHECK(value && settings_check(one->key, value, NULL) == 0);
        if (one->kind == SETTING_INT)
            CHECK(settings_int(s, one->key) >= one->least && settings_int(s, one->key) <= one->most);
    }
    struct models *models;
    CHECK(models_open(NULL, "cache", NULL, &models, NULL) == 0);
    settings_models(s, add_model, models, NULL);
    const struct model *m;
    for (size_t i = 0; (m = models_at(models, i)); i++) {
        struct engine_spec spec = { 0 };
        CHECK(models_find(models, m->name));
        if (models_resolve(models, m->name, &spec, NULL) == 0)
            CHECK(*spec.driver && spec.model && spec.options);
        engine_spec_finish(&spec);
    }
    models_close(models);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    struct settings *s = NULL;
    anima_error err = { 0 };
    int rc = settings_parse(text, size, "config.ini", NULL, &s, &err);
    CHECK((rc == 0) == (s != NULL));
    CHECK(rc == 0 || (*err.message && utf8_valid(err.message, strlen(err.message)) && !strchr(err.message, '\n')));
    if (s)
        use(s);
    settings_free(s);
    free(text);
    return 0;
}
