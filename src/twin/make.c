#include "twin/make.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/fetch.h"
#include "twin/make_private.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_RECORD (64u << 20) /* bytes of twin.json */
#define MANY 6                 /* files that a message names */

struct making {
    struct arena *arena;
    const struct twin_plan *plan;
    struct twin_outs outs;
    yyjson_doc *before; /* twin.json of the last run; NULL: there is none */
    struct buf edited;  /* names of files in the way */
    size_t n_edited;
    struct buf kept;
};

const char *twin_consent_note(struct arena *arena, const char *id)
{
    return arena_printf(
        arena,
        "A twin is made of a person's own words. They must be your own, or those of a person who has agreed to it (of\n"
        "somebody who has died: whose family has agreed). What others wrote to them stands in it as context, and is "
        "not\n"
        "learnt as the twin's own; leave out whom you like with --without. Nothing leaves this machine.\n"
        "To delete all of it: `anima characters remove %s`, the folder training/%s of the home, and conversations with "
        "it.\n"
        "\n"
        "分身是用一个人自己的话做成的。这些话必须是你自己的，或者是本人已经同意的（去世的人：家人已经同意）。\n"
        "别人写来的话只作为上文留在里面，不会当成分身自己的话去学；不想放进去的人和对话，用 --without 去掉。\n"
        "一切都留在这台机器上。要全部删除：运行 `anima characters remove %s`，删掉主目录里的 "
        "training/%s，再删掉和它的对话。\n",
        id, id, id, id);
}

/* ---- what lies there ---- */

static char *path_of(struct making *m, const char *name) { return arena_printf(m->arena, "%s/%s", m->plan->dir, name); }

static void hash_of(const struct buf *data, char hex[65])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)buf_str(data), data->len);
    sodium_bin2hex(hex, 65, sum, sizeof(sum));
}

/* The hashes that a file may have if nobody edited it. */
static yyjson_val *hashes_before(const struct making *m, const char *name)
{
    size_t i, max;
    yyjson_val *f, *files = yyjson_obj_get(yyjson_doc_get_root(m->before), "files");
    yyjson_arr_foreach (files, i, max, f)
        if (strcmp(json_str(f, "name", ""), name) == 0)
            return yyjson_obj_get(f, "sha256");
    return NULL;
}

static bool was_made(const struct making *m, const char *name, const char *sha256)
{
    size_t i, max;
    yyjson_val *h, *hashes = hashes_before(m, name);
    yyjson_arr_foreach (hashes, i, max, h)
        if (yyjson_equals_str(h, sha256))
            return true;
    return false;
}

static void name_edited(struct making *m, const char *name)
{
    if (m->n_edited++ < MANY)
        buf_printf(&m->edited, "%s%s", m->edited.len ? ", " : "", name);
}

static int look_at(struct making *m, struct twin_out *o, anima_error *err)
{
    char *path = path_of(m, o->name), now[65];
    hash_of(&o->data, o->sha256);
    if (!path)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!fs_exists(path))
        return ANIMA_OK;
    int rc = fetch_sha256(path, now, NULL, NULL, err);
    if (rc)
        return rc;
    o->same = strcmp(now, o->sha256) == 0;
    bool edited = !o->same && !was_made(m, o->name, now);
    o->kept = edited && twin_outs_kept(o->name);
    if (o->kept)
        buf_printf(&m->kept, "%s%s", m->kept.len ? ", " : "", o->name);
    else if (edited && !m->plan->fresh)
        name_edited(m, o->name);
    return ANIMA_OK;
}

static bool is_out(const struct making *m, const char *name)
{
    for (size_t i = 0; i < m->outs.n; i++)
        if (strcmp(m->outs.list[i].name, name) == 0)
            return true;
    return false;
}

/* A name in twin.json that could have been made here; the file is a person's to edit. */
static bool is_ours(const char *name)
{
    return !strstr(name, "..") &&
           (strncmp(name, "corpus/", 7) == 0 || strncmp(name, "texts/", 6) == 0 || strncmp(name, "persona.", 8) == 0);
}

/* Files of the last run that are not made any more: looked at, or taken away. */
static int leave_old(struct making *m, bool take, anima_error *err)
{
    size_t i, max;
    yyjson_val *f, *files = yyjson_obj_get(yyjson_doc_get_root(m->before), "files");
    yyjson_arr_foreach (files, i, max, f) {
        const char *name = json_str(f, "name", "");
        char *path = path_of(m, name), now[65];
        if (!path)
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
        if (is_out(m, name) || !is_ours(name) || !fs_exists(path))
            continue;
        int rc = fetch_sha256(path, now, NULL, NULL, err);
        if (rc)
            return rc;
        bool edited = !was_made(m, name, now), kept = edited && twin_outs_kept(name);
        if (edited && !kept && !m->plan->fresh)
            name_edited(m, name);
        if (take && !kept && unlink(path))
            return err_set(err, ANIMA_E_IO, "cannot remove %s", path);
    }
    return ANIMA_OK;
}

/* ---- twin.json ---- */

static void put_list(struct jw *w, const char *key, const char *const *list, size_t n)
{
    jw_arr(w, key);
    for (size_t i = 0; i < n; i++)
        jw_str(w, NULL, list[i]);
    jw_end_arr(w);
}

/* making: the hashes of before count, too. */
static void put_file(const struct making *m, struct jw *w, const char *name, const char *sha256, bool making)
{
    size_t i, max;
    yyjson_val *h, *hashes = making ? hashes_before(m, name) : NULL;
    jw_obj(w, NULL);
    jw_str(w, "name", name);
    jw_arr(w, "sha256");
    if (sha256)
        jw_str(w, NULL, sha256);
    yyjson_arr_foreach (hashes, i, max, h)
        if (yyjson_is_str(h))
            jw_str(w, NULL, yyjson_get_str(h));
    jw_end_arr(w);
    jw_end_obj(w);
}

static void put_files(const struct making *m, struct jw *w, bool making)
{
    size_t i, max;
    yyjson_val *f, *before = making ? yyjson_obj_get(yyjson_doc_get_root(m->before), "files") : NULL;
    jw_arr(w, "files");
    for (size_t k = 0; k < m->outs.n; k++)
        put_file(m, w, m->outs.list[k].name, m->outs.list[k].sha256, making);
    yyjson_arr_foreach (before, i, max, f)
        if (!is_out(m, json_str(f, "name", "")))
            put_file(m, w, json_str(f, "name", ""), NULL, true);
    jw_end_arr(w);
}

static int write_record(struct making *m, bool making, anima_error *err)
{
    const struct twin_plan *p = m->plan;
    struct buf b;
    struct jw w;
    char *path = path_of(m, "twin.json");
    buf_init(&b, MAX_RECORD);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_int(&w, "version", 1);
    jw_str(&w, "state", making ? "making" : "made");
    jw_str(&w, "name", p->report->name);
    jw_obj(&w, "consent");
    jw_str(&w, "who", p->consent.who);
    jw_str(&w, "how", p->consent.how);
    jw_int(&w, "at_ms", p->consent.at_ms);
    jw_str(&w, "agreed", p->consent.agreed);
    jw_end_obj(&w);
    jw_str(&w, "folder", p->folder);
    put_list(&w, "me", p->choice->me, p->choice->n_me);
    put_list(&w, "without", p->choice->without, p->choice->n_without);
    put_files(m, &w, making);
    jw_obj(&w, "report");
    twin_report_json(p->report, &w);
    jw_end_obj(&w);
    jw_end_obj(&w);
    buf_puts(&b, "\n");
    int rc = path && !b.failed ? fs_write(path, buf_str(&b), b.len, 0600, err)
                               : err_set(err, ANIMA_E_NOMEM, "out of memory for twin.json");
    buf_finish(&b);
    return rc;
}

static int read_record(struct making *m, anima_error *err)
{
    char *path = path_of(m, "twin.json"), *ini = path_of(m, "character.ini"), *text = NULL;
    size_t n;
    if (!path || !ini)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!fs_exists(path) && fs_exists(ini))
        return err_set(err, ANIMA_E_CONFLICT, "%s is a character that is no twin: choose another name for the twin",
                       m->plan->dir);
    if (!fs_exists(path))
        return ANIMA_OK;
    int rc = fs_read(path, MAX_RECORD, &text, &n, err);
    if (!rc)
        rc = json_parse(text, n, MAX_RECORD, path, &m->before, err);
    mem_free(text);
    return rc;
}

/* ---- writing ---- */

/* What a run that was killed left beside a file: "NAME.new-XXXXXX" (fs_write). */
static void sweep(struct making *m, const char *folder)
{
    char *path = path_of(m, folder);
    DIR *d = path ? opendir(path) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        char *name = n > 11 && memcmp(e->d_name + n - 11, ".new-", 5) == 0
                         ? arena_printf(m->arena, "%s%s%.*s", folder, *folder ? "/" : "", (int)(n - 11), e->d_name)
                         : NULL;
        bool ours = name && (is_out(m, name) || hashes_before(m, name) || strcmp(name, "twin.json") == 0);
        if (ours)
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        closedir(d);
}

static int write_files(struct making *m, anima_error *err)
{
    static const char *const folders[] = { "corpus/zh", "corpus/en", "texts/zh", "texts/en" };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !rc; i++) {
        char *path = path_of(m, folders[i]);
        rc = path ? fs_mkdirs(path, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < m->outs.n && !rc; i++) {
        const struct twin_out *o = &m->outs.list[i];
        char *path = path_of(m, o->name);
        if (!path)
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
        else if (!o->same && !o->kept)
            rc = fs_write(path, buf_str(&o->data), o->data.len, 0600, err);
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !rc; i++)
        sweep(m, folders[i]);
    sweep(m, "corpus");
    sweep(m, "");
    return rc;
}

static int make(struct making *m, anima_error *err)
{
    int rc = read_record(m, err);
    if (!rc)
        rc = twin_outs_fill(&m->outs, m->plan, err);
    for (size_t i = 0; i < m->outs.n && !rc; i++)
        rc = look_at(m, &m->outs.list[i], err);
    if (!rc)
        rc = leave_old(m, false, err);
    if (!rc && m->n_edited)
        rc = err_set(err, ANIMA_E_CONFLICT,
                     "nothing was changed: %zu file%s of %s %s edited by hand (%s); --fresh overwrites %s", m->n_edited,
                     m->n_edited == 1 ? "" : "s", m->plan->dir, m->n_edited == 1 ? "was" : "were", buf_str(&m->edited),
                     m->n_edited == 1 ? "it" : "them");
    if (!rc)
        rc = fs_mkdirs(m->plan->dir, err);
    if (!rc)
        rc = write_record(m, true, err);
    if (!rc)
        rc = write_files(m, err);
    if (!rc)
        rc = leave_old(m, true, err);
    return rc ? rc : write_record(m, false, err);
}

int twin_make(struct arena *arena, const struct twin_plan *plan, struct twin_made *out, anima_error *err)
{
    struct making m = { .arena = arena, .plan = plan, .outs = { .arena = arena } };
    buf_init(&m.edited, 4096);
    buf_init(&m.kept, 4096);
    int rc = make(&m, err);
    *out = (struct twin_made){ m.outs.n, arena_strdup(arena, buf_str(&m.kept)) };
    if (!rc && !out->kept)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
    twin_outs_finish(&m.outs);
    buf_finish(&m.edited);
    buf_finish(&m.kept);
    yyjson_doc_free(m.before);
    return rc;
}
