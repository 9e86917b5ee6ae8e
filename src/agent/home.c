/* home.c — opening and closing a home: lock, settings, characters, people, store, engines, and the replies that an
 * earlier run left unfinished. */
#include "agent/abilities.h"
#include "agent/adapters.h"
#include "agent/blind.h"
#include "agent/bring.h"
#include "agent/forget.h"
#include "agent/learn.h"
#include "agent/ledger.h"
#include "agent/documents.h"
#include "agent/memories.h"
#include "agent/notes.h"
#include "agent/state.h"
#include "agent/streams.h"
#include "agent/summary.h"
#include "agent/topics.h"
#include "agent/training.h"
#include "agent/workings.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mind/unsay.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- the lock: one process, one home; the file says who and where ---- */

static int write_lock_file(anima_home *home, const char *url, anima_error *err)
{
    struct buf text;
    struct jw w;
    buf_init(&text, 4096);
    jw_init(&w, &text);
    jw_obj(&w, NULL);
    jw_int(&w, "pid", getpid());
    jw_str(&w, "url", url);
    jw_end_obj(&w);
    buf_puts(&text, "\n");
    int rc = text.failed ? err_set(err, text.failed, "out of memory") : ANIMA_OK;
    if (!rc && (ftruncate(home->lock_fd, 0) || pwrite(home->lock_fd, text.data, text.len, 0) != (ssize_t)text.len))
        rc = err_errno(err, errno, "cannot write anima.lock in %s", home->path);
    buf_finish(&text);
    return rc;
}

int home_publish_url(anima_home *home, const char *url, anima_error *err) { return write_lock_file(home, url, err); }

bool home_holder(const char *path, int *pid, char *url, size_t url_size)
{
    char *file = fs_join(path, "anima.lock", (char *)NULL), *text = NULL;
    size_t n = 0;
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    *pid = 0;
    snprintf(url, url_size, "%s", "");
    if (held && fs_read(file, 4096, &text, &n, NULL) == ANIMA_OK) {
        yyjson_doc *doc;
        if (json_parse(text, n, 4096, "anima.lock", &doc, NULL) == ANIMA_OK) {
            *pid = (int)json_int(yyjson_doc_get_root(doc), "pid", 0);
            snprintf(url, url_size, "%s", json_str(yyjson_doc_get_root(doc), "url", ""));
            yyjson_doc_free(doc);
        }
    }
    if (fd >= 0)
        close(fd);
    mem_free(text);
    mem_free(file);
    return held;
}

static int take_lock(anima_home *home, anima_error *err)
{
    char *file = fs_join(home->path, "anima.lock", (char *)NULL);
    if (!file)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    home->lock_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int rc = home->lock_fd < 0 ? err_errno(err, errno, "cannot open %s; is the home %s writable?", file, home->path)
                               : ANIMA_OK;
    if (!rc && flock(home->lock_fd, LOCK_EX | LOCK_NB)) {
        int pid;
        char url[256];
        home_holder(home->path, &pid, url, sizeof(url));
        rc = err_set(err, ANIMA_E_BUSY, "the home %s is open in another anima (process %d%s%s)", home->path, pid,
                     *url ? ", at " : "", url);
        close(home->lock_fd); /* what stands in it is the other's */
        home->lock_fd = -1;
    }
    mem_free(file);
    return rc ? rc : write_lock_file(home, "", err);
}

/* ---- opening, step by step; a failed step leaves the rest to anima_home_close ---- */

static int open_folder(anima_home *home, const anima_home_options *options, anima_error *err)
{
    home->path = options->path && *options->path ? mem_strdup(options->path) : fs_home_dir();
    if (!home->path)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    return home->read_only ? ANIMA_OK : fs_mkdirs(home->path, err);
}

static int open_settings(anima_home *home, const anima_home_options *options, anima_error *err)
{
    char *file = fs_join(home->path, "config.ini", (char *)NULL);
    int rc = file ? settings_load(file, options->set, &home->settings, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(file);
    if (rc)
        return rc;
    enum log_level level;
    if (log_level_parse(settings_get(home->settings, "log.level"), &level) == 0)
        log_set_level(level);
    const char *name = settings_get(home->settings, "person.name");
    const struct passwd *user = *name ? NULL : getpwuid(getuid());
    snprintf(home->owner, sizeof(home->owner), "%s", *name ? name : user && user->pw_name ? user->pw_name : "me");
    home->owner[utf8_whole(home->owner, strlen(home->owner))] = '\0';
    return ANIMA_OK;
}

/* The language a person is greeted in: the setting, else the locale's, else "" for each character's own. */
const char *home_language(const anima_home *home)
{
    const char *language = settings_get(home->settings, "ui.language");
    if (strcmp(language, "auto") != 0)
        return language;
    static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *locale = getenv(variables[i]);
        if (locale && *locale)
            return strncmp(locale, "zh", 2) == 0 ? "zh" : strncmp(locale, "en", 2) == 0 ? "en" : "";
    }
    return "";
}

static int open_mind(anima_home *home, anima_error *err)
{
    int rc = acts_create(&home->acts, err);
    if (!rc)
        rc = letters_create(&home->letters, err);
    if (!rc)
        rc = lapses_create(&home->lapses, err);
    if (!rc)
        rc = past_create(&home->past, err);
    if (!rc)
        rc = unsays_create(&home->unsays, err);
    return rc ? rc : abilities_create(&home->abilities, err);
}

static int open_store(anima_home *home, anima_error *err)
{
    char *file = fs_join(home->path, "anima.db", (char *)NULL);
    int rc = file ? store_open(file, home->read_only, home->loop, &home->store, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(file);
    return rc ? rc : store_person_list(home->store, people_load_one, home, err);
}

static int add_own_model(void *ctx, const char *model, const char *key, const char *value, anima_error *err)
{
    return models_add_own(ctx, model, key, value, err);
}

/* Where engines keep what they have read. */
static int make_kv_folder(anima_home *home, anima_error *err)
{
    if (settings_int(home->settings, "engine.kv_disk_mb") == 0 || home->read_only)
        return ANIMA_OK;
    home->kv_folder = fs_join(home->path, "kv", (char *)NULL);
    return home->kv_folder ? fs_mkdirs(home->kv_folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

/* From here engines read LoRA adapters, while they run, too. */
static int make_adapters_folder(anima_home *home, anima_error *err)
{
    home->adapters_folder = fs_join(home->path, "adapters", (char *)NULL);
    if (!home->adapters_folder)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    return home->read_only ? ANIMA_OK : fs_mkdirs(home->adapters_folder, err);
}

static int open_models(anima_home *home, anima_error *err)
{
    const struct settings *s = home->settings;
    int made = make_kv_folder(home, err);
    if (!made)
        made = make_adapters_folder(home, err);
    if (made)
        return made;
    const struct model_engine_options options = {
        .context = settings_int(s, "engine.context"),
        .slots = settings_int(s, "engine.slots"),
        .threads = settings_int(s, "engine.threads"),
        .gpu_layers = settings_int(s, "engine.gpu_layers"),
        .kv_ram_mb = settings_int(s, "engine.kv_ram_mb"),
        .kv_disk_mb = settings_int(s, "engine.kv_disk_mb"),
        .kv_folder = home->kv_folder,
        .adapters = home->adapters_folder,
        .memory_limit_mb = settings_int(s, "engine.memory_limit_mb"),
        .runtime = settings_get(s, "engine.runtime"),
    };
    char *share = fs_share_dir(), *cache = fs_cache_dir();
    int rc = cache ? models_open(share, cache, &options, &home->models, err)
                   : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(share);
    mem_free(cache);
    return rc ? rc : settings_models(s, add_own_model, home->models, err);
}

static int resolve(void *ctx, const char *model, struct engine_spec *spec, anima_error *err)
{
    anima_home *home = ctx;
    return strncmp(model, TRAINING_ENGINE, strlen(TRAINING_ENGINE)) == 0
               ? training_resolve(home, model, spec, err)
               : models_resolve(home->models, model, spec, err);
}

static char *engine_program(const anima_home *home)
{
    const char *set = settings_get(home->settings, "engine.program");
    if (*set)
        return mem_strdup(set);
    static const char *const places[] = { "anima-engine", "../libexec/anima/anima-engine", "../src/host/anima-engine",
                                          "../../../anima-engine" };
    char *exe = fs_exe_dir(), *found = NULL;
    for (size_t i = 0; exe && i < sizeof(places) / sizeof(places[0]); i++) {
        mem_free(found);
        found = fs_join(exe, places[i], (char *)NULL);
        if (found && fs_exists(found))
            break;
    }
    mem_free(exe);
    return found;
}

static int open_engines(anima_home *home, anima_error *err)
{
    char *program = engine_program(home);
    int rc = program ? engine_set_create(home->loop, program, (int)settings_int(home->settings, "engine.max_loaded"),
                                         resolve, event_engine, home, &home->engines, err)
                     : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(program);
    if (!rc)
        rc = meanings_create(home->loop, home->engines, settings_get(home->settings, "embed.model"),
                             settings_int(home->settings, "embed.patience_ms"), &home->meanings, err);
    return rc;
}

struct unfinished {
    anima_home *home;
    anima_error *err;
    int rc;
};

static int notice(void *ctx, const anima_turn *turn)
{
    const anima_conversation *c = ctx;
    if (turn->role == ANIMA_ROLE_PERSON)
        notes_taken_up(c->home, c->info.character, c->info.id, turn->seq, turn->person, turn->text);
    return 1;
}

struct taking_up {
    anima_conversation *conversation;
    bool fresh; /* not a word of it was said: killed right behind the message, maybe before its wish was noted */
};

static int take_up_turn(void *ctx, const anima_turn *turn)
{
    struct taking_up *t = ctx;
    anima_error err;
    t->fresh = turn->variants == 1 && !*turn->text;
    if (reply_take_up(t->conversation, turn, &err))
        log_warn("agent", "a reply of conversation %s is not taken up: %s", t->conversation->info.id, err.message);
    return 1;
}

static int take_up(void *ctx, const char *conversation, int64_t seq)
{
    struct unfinished *u = ctx;
    anima_conversation *c;
    u->rc = anima_conversation_open(u->home, conversation, &c, u->err);
    if (u->rc)
        return u->rc;
    bool first = !c->replies;
    struct taking_up t = { c, false };
    store_turn_list(u->home->store, conversation, seq - 1, 1, take_up_turn, &t, NULL);
    if (t.fresh && seq > 1)
        store_turn_list(u->home->store, conversation, seq - 2, 1, notice, c, NULL);
    if (first && c->replies)
        u->rc = loop_post(u->home->loop, reply_run_first, c); /* which lets go of it */
    else
        anima_conversation_close(c);
    return u->rc;
}

static int open_unfinished(anima_home *home, anima_error *err)
{
    struct unfinished u = { home, err, ANIMA_OK };
    int rc = store_turn_unfinished(home->store, take_up, &u, err);
    return u.rc ? u.rc : rc;
}

int anima_home_open(const anima_home_options *options, anima_home **out, anima_error *err)
{
    static const anima_home_options none = { 0 };
    *out = NULL;
    if (!options)
        options = &none;
    anima_home *home = mem_zero(1, sizeof(*home));
    if (!home)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    home->lock_fd = -1;
    home->read_only = options->read_only;
    int rc = open_folder(home, options, err);
    if (!rc && !home->read_only)
        rc = take_lock(home, err);
    if (!rc)
        rc = open_settings(home, options, err);
    if (!rc)
        rc = characters_open(home, err);
    if (!rc)
        rc = loop_create(&home->loop, err);
    if (!rc)
        rc = open_mind(home, err);
    if (!rc)
        rc = open_models(home, err);
    if (!rc)
        rc = adapters_open(home, &home->adapters, err);
    if (!rc)
        rc = training_open(home, &home->training, err);
    if (!rc)
        rc = open_store(home, err);
    if (!rc)
        rc = notes_open(home, &home->notes, err);
    if (!rc && !home->read_only)
        rc = ledger_open(home, &home->ledger, err);
    if (!rc && !home->read_only)
        rc = open_engines(home, err);
    if (!rc && !home->read_only)
        rc = memories_create(home, &home->memories, err);
    if (!rc && !home->read_only)
        rc = topics_create(home, &home->topics, err);
    if (!rc && !home->read_only)
        rc = workings_create(home, &home->workings, err);
    if (!rc && !home->read_only)
        rc = documents_create(home, &home->documents, err);
    if (!rc && !home->read_only)
        rc = blinds_open(home, err);
    if (!rc && !home->read_only)
        rc = open_unfinished(home, err);
    if (!rc)
        streams_expire(home);
    if (!rc && !home->read_only)
        training_take_up(home);
    if (!rc)
        memories_notice(home->memories);
    if (!rc)
        documents_notice(home->documents);
    if (!rc && !home->read_only)
        blinds_take_up(home);
    if (rc) {
        anima_home_close(home);
        return rc;
    }
    *out = home;
    return ANIMA_OK;
}

void anima_home_close(anima_home *home)
{
    if (!home)
        return;
    home->closing = true;
    streams_drop(home);
    completion_free_all(home);
    atomic_store(&home->stop, true);
    if (home->loop)
        loop_work_wait(home->loop);  /* whoever still reads would keep the write-ahead log */
    store_close(home->store);        /* no callback of a written turn comes any more */
    conversation_drop_replies(home); /* they let go of what they wait for, before that ends */
    op_end_all(home);
    forget_end_all(home);
    bring_undo_close(home);
    bring_close(home);
    summary_close(home);
    learning_close(home);
    blinds_close(home);
    topics_destroy(home->topics);
    workings_destroy(home->workings);
    memories_destroy(home->memories);
    documents_destroy(home->documents);
    engine_set_destroy(home->engines);
    if (home->loop)
        loop_destroy(home->loop); /* runs what was posted: it sees that the home is closing */
    learning_free(home);
    blinds_free(home);
    conversation_free_all(home);
    streams_free_all(home);
    while (home->subscribers.first) {
        struct anima_subscription *s = home->subscribers.first;
        home->subscribers.first = s->next;
        mem_free(s);
    }
    meanings_destroy(home->meanings);
    ledger_free(home->ledger);
    notes_free(home->notes);
    models_close(home->models);
    cast_finish(&home->cast);
    abilities_destroy(home->abilities);
    acts_destroy(home->acts);
    past_destroy(home->past);
    unsays_destroy(home->unsays);
    letters_destroy(home->letters);
    lapses_destroy(home->lapses);
    people_free(home);
    settings_free(home->settings);
    if (home->lock_fd >= 0) {
        if (!ftruncate(home->lock_fd, 0))
            log_debug("agent", "home %s is closed", home->path);
        close(home->lock_fd);
    }
    mem_free(home->kv_folder);
    training_free(home->training);
    adapters_free(home->adapters);
    mem_free(home->adapters_folder);
    mem_free(home->path);
    mem_free(home);
}

bool home_is_calm(const anima_home *home) { return !home->n_replies && !home->completions && !home->closing; }

int home_looked_at_only(anima_error *err)
{
    return err_set(err, ANIMA_E_UNSUPPORTED, "this home was opened for looking only");
}

/* ---- small doors ---- */

void anima_home_run(anima_home *home) { loop_run(home->loop); }
void anima_home_step(anima_home *home, int timeout_ms) { loop_step(home->loop, timeout_ms); }
void anima_home_stop(anima_home *home) { loop_stop(home->loop); }
const char *anima_home_path(const anima_home *home) { return home->path; }
const char *anima_home_setting(const anima_home *home, const char *key) { return settings_get(home->settings, key); }

struct loop *home_loop(anima_home *home) { return home->loop; }
struct engine_set *home_engines(anima_home *home) { return home->engines; }
struct models *home_models(anima_home *home) { return home->models; }
const struct cast *home_cast(const anima_home *home) { return &home->cast; }
const struct settings *home_settings(const anima_home *home) { return home->settings; }
int home_check_store(anima_home *home, anima_error *err) { return store_check(home->store, err); }

bool anima_engine_at(anima_home *home, size_t i, anima_engine_info *out)
{
    return home->engines && engine_state_at(home->engines, i, out);
}

int anima_engine_warm(anima_home *home, const char *model, anima_error *err)
{
    if (!home->engines)
        return home_looked_at_only(err);
    return engine_warm(home->engines, model ? model : settings_get(home->settings, "model.default"), err);
}
