#include "agent/adapters.h"

#include "agent/blind.h"
#include "agent/state.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/fetch.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_META (256u << 10)
#define AT_ONCE (64 << 20) /* bytes that are hashed on the loop thread: less time than an engine takes for one step */
#define MAX_HASHES 256

/* The hash of a file as it was. */
struct known_hash {
    char *path;
    struct stat at;
    char sha256[65];
};

struct adapters {
    struct known_hash *known;
    size_t n, max;
    struct hashing *hashing; /* under way; or NULL */
};

struct hashing {
    anima_home *home;
    char *path;
    struct stat at;
    char sha256[65];
    int rc;
    anima_error err;
};

int adapters_open(anima_home *home, struct adapters **out, anima_error *err)
{
    (void)home;
    *out = mem_zero(1, sizeof(**out));
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the adapters");
}

void adapters_free(struct adapters *a)
{
    for (size_t i = 0; a && i < a->n; i++)
        mem_free(a->known[i].path);
    if (a)
        mem_free(a->known);
    mem_free(a);
}

bool adapters_name_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return n > 0 && n < ADAPTER_NAME && !name[n] && *name != '.';
}

void adapters_file_name(const char sha256[65], char out[ADAPTER_FILE])
{
    snprintf(out, ADAPTER_FILE, "%.32s.gguf", sha256);
}

/* ---- hashes of files ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Out of memory: it is computed once more. */
static void remember(struct adapters *a, const char *path, const struct stat *at, const char *sha256)
{
    size_t i = 0;
    while (i < a->n && strcmp(a->known[i].path, path) != 0)
        i++;
    if (i == a->n) {
        struct known_hash *known = a->n < MAX_HASHES ? mem_grow(a->known, a->n, &a->max, sizeof(*known)) : NULL;
        char *copy = known ? mem_strdup(path) : NULL;
        a->known = known ? known : a->known;
        if (!copy)
            return;
        a->known[a->n++].path = copy;
    }
    a->known[i].at = *at;
    snprintf(a->known[i].sha256, sizeof(a->known[i].sha256), "%s", sha256);
}

static void hash_run(void *ctx)
{
    struct hashing *h = ctx;
    h->rc = fetch_sha256(h->path, h->sha256, NULL, NULL, &h->err);
}

/* Who asked then is told that there is something else to see now. */
static void hash_done(void *ctx)
{
    struct hashing *h = ctx;
    anima_home *home = h->home;
    home->adapters->hashing = NULL;
    if (h->rc)
        log_warn("agent", "%s", h->err.message);
    else
        remember(home->adapters, h->path, &h->at, h->sha256);
    for (size_t i = 0; !h->rc && !home->closing && i < home->cast.n; i++) {
        anima_event event = { .type = ANIMA_EVENT_CHARACTER_CHANGED, .character = &home->cast.all[i]->pub };
        event_emit(home, NULL, &event);
    }
    if (!home->closing)
        blinds_resume(home);
    mem_free(h->path);
    mem_free(h);
}

static int hash_later(anima_home *home, const char *path, const struct stat *at, anima_error *err)
{
    struct hashing *h = home->adapters->hashing ? NULL : mem_zero(1, sizeof(*h));
    if (h) {
        *h = (struct hashing){ .home = home, .path = mem_strdup(path), .at = *at };
        int rc = h->path ? loop_work(home->loop, hash_run, hash_done, h, err) : ANIMA_E_NOMEM;
        if (rc) {
            mem_free(h->path);
            mem_free(h);
            return err_set(err, rc, "out of memory for the hash of %s", path);
        }
        home->adapters->hashing = h;
    }
    return err_set(err, ANIMA_E_BUSY, "the hash of %s is being computed", path);
}

int adapters_hash(anima_home *home, const char *path, char out[65], anima_error *err)
{
    struct adapters *a = home->adapters;
    struct stat st;
    if (stat(path, &st) || !S_ISREG(st.st_mode))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no file %s", path);
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->known[i].path, path) == 0 && same_file(&a->known[i].at, &st)) {
            memcpy(out, a->known[i].sha256, 65);
            return ANIMA_OK;
        }
    if (st.st_size > AT_ONCE)
        return hash_later(home, path, &st, err);
    int rc = fetch_sha256(path, out, NULL, NULL, err);
    if (!rc)
        remember(a, path, &st, out);
    return rc;
}

int adapters_model_hash(anima_home *home, const char *model, char out[65], anima_error *err)
{
    struct model_place place;
    if (!models_place(home->models, model, &place))
        return err_set(err, models_find(home->models, model) ? ANIMA_E_UNSUPPORTED : ANIMA_E_NOT_FOUND,
                       models_find(home->models, model)
                           ? "%.90s does not run on this machine"
                           : "there is no model \"%.90s\"; `anima models` lists what there is",
                       model);
    if (strlen(place.sha256) != 64)
        return adapters_hash(home, place.file, out, err);
    memcpy(out, place.sha256, 65);
    return ANIMA_OK;
}

/* ---- what lies in the folders ---- */

/* One adapter, and how well it would do. */
struct found {
    struct adapter_use use;
    char folder[400];
    int64_t made_ms;
    bool fits; /* the model's hash is the running one's */
};

static void refuse(struct adapter_use *use, const char *why)
{
    use->on = false;
    snprintf(use->why, sizeof(use->why), "%s", why);
}

/* What its JSON says. The file itself is not looked at yet. */
static void read_meta(const char *folder, const char *name, const char *model_sha256, struct found *out)
{
    anima_error err;
    char *file = NULL, *json = NULL, full[ADAPTER_NAME + 8];
    size_t n = 0;
    yyjson_doc *doc = NULL;
    snprintf(full, sizeof(full), "%s.json", name);
    file = fs_join(folder, full, (char *)NULL);
    int rc = file ? fs_read(file, MAX_META, &json, &n, &err) : err_set(&err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = json_parse(json, n, MAX_META, full, &doc, &err);
    yyjson_val *root = yyjson_doc_get_root(doc);
    snprintf(out->use.name, sizeof(out->use.name), "%s", name);
    snprintf(out->use.model, sizeof(out->use.model), "%s", json_str(root, "model", ""));
    snprintf(out->use.sha256, sizeof(out->use.sha256), "%s", json_str(root, "sha256", ""));
    snprintf(out->folder, sizeof(out->folder), "%s", folder);
    out->use.any = true;
    out->use.scale = json_num(root, "scale", 1);
    out->made_ms = json_int(root, "made_ms", 0);
    out->fits = model_sha256 && strcmp(json_str(root, "model_sha256", ""), model_sha256) == 0;
    if (rc)
        refuse(&out->use, err.message);
    else if (!out->fits)
        snprintf(out->use.why, sizeof(out->use.why), "it was trained for another model (%.80s)",
                 *out->use.model ? out->use.model : "it does not say which");
    yyjson_doc_free(doc);
    mem_free(json);
    mem_free(file);
}

static bool better(const struct found *a, const struct found *b)
{
    if (!b->use.any || a->fits != b->fits)
        return !b->use.any || a->fits;
    return a->use.own != b->use.own ? a->use.own : a->made_ms > b->made_ms;
}

/* The best of a folder (dir/adapters) takes the place of *best, if it is better. */
static void look(const char *dir, bool own, const char *wanted, const char *model_sha256, struct found *best)
{
    char *folder = fs_join(dir, "adapters", (char *)NULL);
    DIR *d = folder ? opendir(folder) : NULL;
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char name[ADAPTER_NAME];
        size_t n = strlen(e->d_name);
        if (n <= 5 || n - 5 >= sizeof(name) || strcmp(e->d_name + n - 5, ".gguf") != 0)
            continue;
        memcpy(name, e->d_name, n - 5);
        name[n - 5] = '\0';
        if (!adapters_name_ok(name) ||
            (strcmp(wanted, "auto") != 0 && strcmp(wanted, "off") != 0 && strcmp(wanted, name) != 0))
            continue;
        struct found f = { .use.own = own };
        read_meta(folder, name, model_sha256, &f);
        if (better(&f, best))
            *best = f;
    }
    if (d)
        closedir(d);
    mem_free(folder);
}

/* ---- choosing ---- */

/* Puts it where engines find it, once it is what its JSON says. */
static int install(anima_home *home, const struct found *f, char file[ADAPTER_FILE], anima_error *err)
{
    char sha256[65], full[ADAPTER_NAME + 8];
    snprintf(full, sizeof(full), "%s.gguf", f->use.name);
    adapters_file_name(f->use.sha256, file);
    char *from = fs_join(f->folder, full, (char *)NULL), *to = fs_join(home->adapters_folder, file, (char *)NULL);
    int rc = from && to ? adapters_hash(home, from, sha256, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && strcmp(sha256, f->use.sha256) != 0)
        rc = err_set(err, ANIMA_E_MODEL, "the file is not the one that its .json is about");
    if (!rc && !fs_exists(to))
        rc = fs_place(from, to, err);
    mem_free(from);
    mem_free(to);
    return rc;
}

static const char *why_off(const anima_home *home, const struct character *who)
{
    if (strcmp(settings_get(home->settings, "adapter.use"), "off") == 0)
        return "adapter.use is off";
    if (strcmp(who->adapter_use, "off") == 0)
        return "character.ini says so";
    if (settings_int(home->settings, "engine.gpu_layers") > 0)
        return "adapters are for the CPU, and engine.gpu_layers is set";
    return home->read_only ? "this home was opened for looking only" : NULL;
}

void adapters_choose(anima_home *home, const struct character *who, const char *model, struct adapter_use *out)
{
    char sha256[65];
    anima_error err, no_model = { 0 };
    struct found best = { .fits = false };
    const char *off = why_off(home, who);
    int known = adapters_model_hash(home, model, sha256, &no_model);
    char *own = fs_join(home->path, "characters", who->pub.id, (char *)NULL);
    if (own)
        look(own, true, who->adapter_use, known ? NULL : sha256, &best);
    if (own && strcmp(own, who->dir) != 0)
        look(who->dir, false, who->adapter_use, known ? NULL : sha256, &best);
    mem_free(own);
    *out = best.use;
    if (who->adapter_scale != ANIMA_UNSET)
        out->scale = who->adapter_scale;
    if (!out->any)
        return;
    out->on = best.fits && !off && !install(home, &best, out->file, &err);
    if (off || known)
        refuse(out, off ? off : no_model.message);
    else if (best.fits && !out->on)
        refuse(out, err.message);
}

int anima_character_adapter(anima_home *home, const char *id, anima_adapter *out)
{
    const struct character *who = cast_find(&home->cast, id);
    struct adapter_use use = { 0 };
    if (who)
        adapters_choose(home, who, character_model(home, who), &use);
    *out = (anima_adapter){ .scale = use.scale, .on = use.on, .own = use.own };
    snprintf(out->name, sizeof(out->name), "%s", use.name);
    snprintf(out->model, sizeof(out->model), "%s", use.model);
    snprintf(out->why, sizeof(out->why), "%s", use.why);
    return use.any ? ANIMA_OK : ANIMA_E_NOT_FOUND;
}

bool adapters_brief(const anima_home *home, const struct adapter_use *use)
{
    return use->on && strcmp(settings_get(home->settings, "adapter.persona"), "short") == 0;
}
