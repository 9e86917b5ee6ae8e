#include "engine/models.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_CATALOGUE (4u << 20)
#define MAX_MODELS 512
#define PDF_PACKAGE "pypdfium2-4.30.0" /* the PyPI package that carries it */
#define LLAMA_PACKAGE "3.22.1"         /* npm node-llama-cpp; the headers are of the same version */

struct models {
    struct arena arena;
    char *cache;
    struct model_engine_options options;
    struct model *all[MAX_MODELS];
    size_t n;
};

static int no_memory(anima_error *err)
{
    return err_set(err, ANIMA_E_NOMEM, "out of memory for the catalogue of models");
}

static const char *text(struct models *m, yyjson_val *obj, const char *key)
{
    return arena_strdup(&m->arena, json_str(obj, key, ""));
}

/* ---- the catalogue ---- */

static int read_parts(struct models *m, yyjson_val *list, struct model_source *source, anima_error *err)
{
    size_t i, n;
    yyjson_val *one;
    struct model_part *parts = arena_alloc(&m->arena, (yyjson_arr_size(list) + 1) * sizeof(*parts));
    if (!parts)
        return no_memory(err);
    yyjson_arr_foreach (list, i, n, one) {
        parts[i] = (struct model_part){ text(m, one, "package"), text(m, one, "version"), text(m, one, "file"),
                                        text(m, one, "sha256"), json_int(one, "bytes", 0) };
        if (!parts[i].package || !parts[i].version || !parts[i].file || !parts[i].sha256)
            return no_memory(err);
        if (!*parts[i].package || strlen(parts[i].sha256) != 64)
            return err_set(err, ANIMA_E_INVALID, "models.json: part %zu of a source lacks package or sha256", i + 1);
    }
    source->parts = parts;
    source->n_parts = n;
    return ANIMA_OK;
}

static int read_sources(struct models *m, yyjson_val *list, struct model *model, anima_error *err)
{
    size_t i, n;
    yyjson_val *one;
    struct model_source *sources = arena_alloc(&m->arena, (yyjson_arr_size(list) + 1) * sizeof(*sources));
    if (!sources)
        return no_memory(err);
    yyjson_arr_foreach (list, i, n, one) {
        const char *kind = json_str(one, "kind", "");
        int rc = ANIMA_OK;
        if (strcmp(kind, "pypi") == 0)
            rc = read_parts(m, yyjson_obj_get(one, "parts"), &sources[i], err);
        else if (strcmp(kind, "url") == 0)
            rc = (sources[i].url = text(m, one, "url")) ? ANIMA_OK : no_memory(err);
        else
            rc = err_set(err, ANIMA_E_INVALID, "models.json: a source is of kind \"pypi\" or \"url\", not \"%.40s\"",
                         kind);
        if (rc)
            return rc;
    }
    model->sources = sources;
    model->n_sources = n;
    return ANIMA_OK;
}

static struct model *add(struct models *m)
{
    struct model *model = m->n < MAX_MODELS ? arena_alloc(&m->arena, sizeof(*model)) : NULL;
    if (!model)
        return NULL;
    *model = (struct model){ .name = "",
                             .title = "",
                             .about = "",
                             .licence = "",
                             .languages = "",
                             .driver = "llm_llama",
                             .file = "",
                             .sha256 = "",
                             .base_url = "",
                             .key_file = "" };
    m->all[m->n++] = model;
    return model;
}

static bool plain_file_name(const char *file) { return *file && *file != '.' && !strchr(file, '/'); }

static int read_model(struct models *m, yyjson_val *entry, anima_error *err)
{
    struct model *model = add(m);
    if (!model)
        return no_memory(err);
    const char *file = json_str(entry, "file", "");
    model->name = text(m, entry, "name");
    model->title = text(m, entry, "title");
    model->about = text(m, entry, "about");
    model->licence = text(m, entry, "licence");
    model->languages = text(m, entry, "languages");
    model->sha256 = text(m, entry, "sha256");
    model->driver = arena_strdup(&m->arena, json_str(entry, "driver", "llm_llama"));
    model->bytes = json_int(entry, "bytes", 0);
    model->price_in = json_num(entry, "price_in", 0);
    model->price_out = json_num(entry, "price_out", 0);
    model->file = arena_printf(&m->arena, "%s/models/%s", m->cache, file);
    if (!model->name || !model->title || !model->about || !model->licence || !model->languages || !model->sha256 ||
        !model->driver || !model->file)
        return no_memory(err);
    if (!*model->name || !plain_file_name(file) || strlen(model->sha256) != 64 || model->bytes <= 0)
        return err_set(err, ANIMA_E_INVALID, "models.json: the entry \"%.60s\" lacks name, file, bytes or sha256",
                       model->name);
    return read_sources(m, yyjson_obj_get(entry, "sources"), model, err);
}

static int read_catalogue(struct models *m, const char *share, anima_error *err)
{
    char *file = fs_join(share, "models.json", (char *)NULL), *json = NULL;
    size_t n = 0, i, max;
    yyjson_doc *doc = NULL;
    yyjson_val *entry;
    int rc = file ? fs_read(file, MAX_CATALOGUE, &json, &n, err) : no_memory(err);
    if (!rc)
        rc = json_parse(json, n, MAX_CATALOGUE, "models.json", &doc, err);
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "models"), i, max, entry) {
        if (!rc)
            rc = read_model(m, entry, err);
    }
    yyjson_doc_free(doc);
    mem_free(json);
    mem_free(file);
    return rc;
}

int models_open(const char *share, const char *cache, const struct model_engine_options *options, struct models **out,
                anima_error *err)
{
    static const struct model_engine_options defaults = {
        .context = 4096, .slots = 4, .kv_ram_mb = 1024, .runtime = "cpu"
    };
    *out = NULL;
    struct models *m = mem_zero(1, sizeof(*m));
    if (!m)
        return no_memory(err);
    arena_init(&m->arena, 16u << 20);
    m->options = options ? *options : defaults;
    m->cache = arena_strdup(&m->arena, cache);
    m->options.runtime = arena_strdup(&m->arena, m->options.runtime);
    int rc = m->cache && m->options.runtime ? ANIMA_OK : no_memory(err);
    if (!rc && share)
        rc = read_catalogue(m, share, err);
    if (rc) {
        models_close(m);
        return rc;
    }
    *out = m;
    return ANIMA_OK;
}

void models_close(struct models *m)
{
    if (!m)
        return;
    arena_finish(&m->arena);
    mem_free(m);
}

/* ---- the user's own ---- */

static struct model *find_own(struct models *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->all[i]->own && strcmp(m->all[i]->name, name) == 0)
            return m->all[i];
    struct model *model = add(m);
    if (!model)
        return NULL;
    model->own = true;
    model->name = model->title = arena_strdup(&m->arena, name);
    return model->name ? model : NULL;
}

static bool known_driver(const char *driver)
{
    return strcmp(driver, "llm_llama") == 0 || strcmp(driver, "openai") == 0 || strcmp(driver, "script") == 0;
}

static int read_price(const char *name, const char *key, const char *value, double *out, anima_error *err)
{
    char *end;
    *out = strtod(value, &end);
    if (*value && !*end && *out >= 0 && *out <= 1e9)
        return ANIMA_OK;
    return err_set(err, ANIMA_E_INVALID, "config.ini, [model %.60s]: %s is money per million tokens, not \"%.40s\"",
                   name, key, value);
}

int models_add_own(struct models *m, const char *name, const char *key, const char *value, anima_error *err)
{
    struct model *model = find_own(m, name);
    char *copy = model ? arena_strdup(&m->arena, value) : NULL;
    if (!copy)
        return no_memory(err);
    const struct {
        const char *key, **field;
    } fields[] = { { "path", &model->file },         { "model", &model->file },        { "driver", &model->driver },
                   { "base_url", &model->base_url }, { "key_file", &model->key_file }, { "about", &model->about },
                   { "licence", &model->licence } };
    if (strcmp(key, "driver") == 0 && !known_driver(value))
        return err_set(err, ANIMA_E_INVALID,
                       "config.ini, [model %.60s]: driver is llm_llama, openai or script, not \"%.40s\"", name, value);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcmp(fields[i].key, key) == 0) {
            *fields[i].field = copy;
            return ANIMA_OK;
        }
    if (strcmp(key, "price_in") == 0)
        return read_price(name, key, value, &model->price_in, err);
    if (strcmp(key, "price_out") == 0)
        return read_price(name, key, value, &model->price_out, err);
    return err_set(err, ANIMA_E_INVALID,
                   "config.ini, [model %.60s]: there is no \"%.40s\"; known are path, driver, base_url, "
                   "model, key_file, about, licence, price_in, price_out",
                   name, key);
}

/* ---- looking ---- */

const struct model *models_at(const struct models *m, size_t i) { return i < m->n ? m->all[i] : NULL; }

const struct model *models_find(const struct models *m, const char *name)
{
    const struct model *found = NULL;
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->all[i]->name, name) == 0 && (!found || m->all[i]->own))
            found = m->all[i];
    return found;
}

bool model_present(const struct model *model)
{
    struct stat st;
    if (strcmp(model->driver, "openai") == 0)
        return true;
    return stat(model->file, &st) == 0 && S_ISREG(st.st_mode) && (!model->bytes || st.st_size == model->bytes);
}

const char *models_cache(const struct models *m) { return m->cache; }

/* The set-up puts it into the cache; an installed anima has its own beside bin/. */
static char *find_package(const struct models *m, const char *package)
{
    char *place = fs_join(m->cache, "packages", package, (char *)NULL);
    if (place && fs_exists(place))
        return place;
    mem_free(place);
    char *exe = fs_exe_dir();
    place = exe ? fs_join(exe, "../lib/anima", package, (char *)NULL) : NULL;
    mem_free(exe);
    if (place && fs_exists(place))
        return place;
    mem_free(place);
    return NULL;
}

char *models_runtime_folder(const struct models *m)
{
    char package[64];
    snprintf(package, sizeof(package), "llama-%s-" LLAMA_PACKAGE, m->options.runtime);
    return find_package(m, package);
}

char *models_pdf_reader(const struct models *m) { return find_package(m, PDF_PACKAGE "/libpdfium.so"); }

/* ---- what a name means ---- */

bool models_place(const struct models *m, const char *name, struct model_place *out)
{
    const struct model *model = models_find(m, name);
    size_t n = strlen(name);
    *out = (struct model_place){ "llm_llama", name, "" };
    if (model)
        *out = (struct model_place){ model->driver, model->file, model->sha256 };
    else if (strncmp(name, "script:", 7) == 0)
        *out = (struct model_place){ "script", name + 7, "" };
    else if (n <= 5 || strcmp(name + n - 5, ".gguf") != 0)
        return false;
    return strcmp(out->driver, "openai") != 0;
}

static bool is_embedding(const struct model *model) { return strcmp(model->driver, "embed_e5") == 0; }

static int options_json(const struct models *m, const struct model *model, char **out)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 65536);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    if (strcmp(model->driver, "llm_llama") == 0) {
        jw_int(&w, "context", m->options.context);
        jw_int(&w, "slots", m->options.slots);
        jw_int(&w, "threads", m->options.threads);
        jw_int(&w, "gpu_layers", m->options.gpu_layers);
        jw_int(&w, "kv_ram_mb", m->options.kv_ram_mb);
        jw_int(&w, "kv_disk_mb", m->options.kv_disk_mb);
        jw_str(&w, "kv_folder", m->options.kv_folder ? m->options.kv_folder : "");
        jw_str(&w, "adapters", m->options.adapters ? m->options.adapters : "");
    }
    if (strcmp(model->driver, "openai") == 0) {
        jw_str(&w, "base_url", model->base_url);
        jw_str(&w, "key_file", model->key_file);
    }
    if (is_embedding(model))
        jw_str(&w, "sha256", model->sha256);
    jw_int(&w, "memory_limit_mb", m->options.memory_limit_mb);
    jw_end_obj(&w);
    *out = buf_take(&b);
    return *out ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int fill(const struct models *m, const struct model *model, struct engine_spec *spec, anima_error *err)
{
    *spec = (struct engine_spec){ .model = mem_strdup(model->file), .beside = is_embedding(model) };
    snprintf(spec->driver, sizeof(spec->driver), "%s", model->driver);
    if (!spec->model || options_json(m, model, &spec->options)) {
        engine_spec_finish(spec);
        return no_memory(err);
    }
    if (strcmp(model->driver, "llm_llama") == 0 && !(spec->runtime = models_runtime_folder(m))) {
        engine_spec_finish(spec);
        return err_set(err, ANIMA_E_NOT_FOUND,
                       "llama.cpp for engine.runtime=%s is not here; `tools/setup --runtime %s` fetches it",
                       m->options.runtime, m->options.runtime);
    }
    return ANIMA_OK;
}

int models_resolve(struct models *m, const char *name, struct engine_spec *spec, anima_error *err)
{
    const struct model *model = models_find(m, name);
    if (model && !model_present(model) && model->own)
        return err_set(err, ANIMA_E_MODEL, "the model %s is not at %s, where config.ini says it is", model->name,
                       model->file);
    if (model && !model_present(model))
        return err_set(err, ANIMA_E_MODEL, "the model %s is not on this machine; `anima models fetch %s` gets it",
                       model->name, model->name);
    if (model)
        return fill(m, model, spec, err);
    struct model_place place;
    if (models_place(m, name, &place)) {
        const struct model path = { .driver = place.driver, .file = place.file };
        return fill(m, &path, spec, err);
    }
    return err_set(err, ANIMA_E_NOT_FOUND,
                   "there is no model \"%.100s\"; `anima models` lists what there is, a path ending in "
                   ".gguf works too",
                   name);
}
