/* read.c — a file's bytes find their reader; a reading's beginning and end. */
#include "twin/read.h"

#include "base/err.h"
#include "base/mem.h"
#include "twin/read_private.h"

#include <sodium.h>
#include <string.h>

struct twin_reading *twin_reading_new(struct twin_book *book)
{
    struct twin_reading *r = mem_zero(1, sizeof(*r));
    if (!r)
        return NULL;
    struct arena *arena = book->arena;
    *r = (struct twin_reading){ .book = book,
                                .names = { .arena = arena },
                                .talks = { .arena = arena },
                                .people = { .arena = arena },
                                .seen = { .arena = arena } };
    buf_init(&r->words, TWIN_MAX_TEXT);
    return r;
}

/* ---- which form ---- */

struct form {
    const char *format;
    bool (*is)(const char *text, size_t n);
    void (*read)(struct twin_reading *r, const char *text, size_t n);
};

static bool is_named(const char *name, const char *ending)
{
    size_t n = strlen(name), len = strlen(ending);
    return n > len && twin_begins_caseless(name + n - len, len, ending);
}

static bool is_note(const char *name)
{
    static const char *const endings[] = { ".md", ".txt", ".markdown", ".text" };
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (is_named(name, endings[i]))
            return true;
    return false;
}

static void read_text(struct twin_reading *r, const char *text, size_t n)
{
    static const struct form forms[] = { { "whatsapp", twin_is_whatsapp, twin_read_whatsapp },
                                         { "wechat", twin_is_wechat_csv, twin_read_wechat_csv },
                                         { "qq", twin_is_qq, twin_read_qq } };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].is(text, n)) {
            r->file->format = forms[i].format;
            forms[i].read(r, text, n);
            return;
        }
    if (!is_note(r->file->name)) {
        twin_trouble(r, "its form is not known here");
        return;
    }
    r->file->format = "text";
    twin_read_notes(r, text, n);
}

/* WhatsApp's lines of iOS begin with a bracket, too. */
static bool is_json(const char *text, size_t n)
{
    size_t i = strspn(text, " \t\r\n");
    if (twin_begins(text, n, "window.YTD."))
        return true;
    if (i >= n || (text[i] != '{' && text[i] != '['))
        return false;
    i += 1 + strspn(text + i + 1, " \t\r\n");
    return i >= n || strchr("\"{}]", text[i]);
}

static void read_bytes(struct twin_reading *r, const char *data, size_t n)
{
    char *text;
    size_t len;
    if (is_named(r->file->name, ".eml") || (!is_note(r->file->name) && twin_is_mbox(data, n))) {
        r->file->format = "mail";
        twin_read_mail(r, data, n);
        return;
    }
    int rc = twin_decode(data, n, &text, &len);
    if (rc == ANIMA_E_NOMEM)
        r->rc = rc;
    else if (rc)
        twin_trouble(r, "it is no text in UTF-8, UTF-16 or GB18030");
    else if (twin_is_jsonl(text, len))
        twin_read_jsonl(r, text, len);
    else if (!is_note(r->file->name) && is_json(text, len))
        twin_read_json(r, text, len);
    else
        read_text(r, text, len);
    mem_free(text);
}

/* ---- a file ---- */

static bool begin_file(struct twin_reading *r, const char *name)
{
    struct twin_book *b = r->book;
    if (b->n_files == b->max_files) {
        size_t max = b->max_files ? 2 * b->max_files : 64;
        struct twin_file *more = arena_alloc(b->arena, max * sizeof(*more));
        if (!more)
            return false;
        if (b->n_files)
            memcpy(more, b->files, b->n_files * sizeof(*more));
        b->files = more;
        b->max_files = max;
    }
    const char *copy = arena_strdup(b->arena, name);
    if (!copy)
        return false;
    r->file = &b->files[b->n_files++];
    *r->file = (struct twin_file){ .name = copy, .format = "", .trouble = "" };
    r->first = b->n_records;
    return true;
}

/* The same bytes under another name are not read again. */
static bool is_new(struct twin_reading *r, const char *data, size_t n)
{
    unsigned char hash[16];
    char key[5 + 2 * sizeof(hash) + 1] = "file ";
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)data, n, NULL, 0);
    sodium_bin2hex(key + 5, sizeof(key) - 5, hash, sizeof(hash));
    struct corpus_entry *entry = corpus_table_put(&r->seen, key, strlen(key));
    if (!entry)
        r->rc = ANIMA_E_NOMEM;
    else if (entry->about)
        twin_trouble(r, "it is the same as %s", (const char *)entry->about);
    else
        entry->about = (void *)(uintptr_t)r->file->name;
    return !r->rc && !*r->file->trouble;
}

static int out_of_memory(const char *name, anima_error *err)
{
    return err_set(err, ANIMA_E_NOMEM, "out of memory for what was written: at %s", name);
}

int twin_reading_skip(struct twin_reading *r, const char *name, const char *why, anima_error *err)
{
    if (!r->rc && !begin_file(r, name))
        r->rc = ANIMA_E_NOMEM;
    if (!r->rc)
        twin_trouble(r, "%s", why);
    return r->rc ? out_of_memory(name, err) : ANIMA_OK;
}

int twin_reading_add(struct twin_reading *r, const char *name, const char *data, size_t n, anima_error *err)
{
    if (!r->rc && !begin_file(r, name))
        r->rc = ANIMA_E_NOMEM;
    size_t most = twin_is_mbox(data, n) ? TWIN_MAX_MBOX : TWIN_MAX_FILE;
    if (!r->rc && n > most)
        twin_trouble(r, "it has %zu MiB; at most %zu are read", n >> 20, most >> 20);
    else if (!r->rc && r->full)
        twin_trouble(r, "more than %d messages: what comes behind is not read", TWIN_MAX_RECORDS);
    else if (!r->rc && is_new(r, data, n))
        read_bytes(r, data, n);
    return r->rc ? out_of_memory(name, err) : ANIMA_OK;
}

/* ---- the end ---- */

static void mark_groups(struct twin_reading *r)
{
    for (struct twin_talk *t = r->first_talk; t; t = t->next)
        twin_slack_members(r, t);
    for (size_t i = 0; i < r->book->n_records; i++) {
        struct twin_record *record = &r->book->records[i];
        struct corpus_entry *entry = corpus_table_find(&r->talks, record->talk, strlen(record->talk));
        const struct twin_talk *t = entry ? entry->about : NULL;
        if (!t || !*record->talk)
            continue;
        record->group = t->group;
        record->title = t->title;
        record->with = t->with;
    }
}

int twin_reading_end(struct twin_reading *r)
{
    if (!r)
        return ANIMA_OK;
    twin_drop_repeated(r);
    mark_groups(r);
    int rc = r->rc;
    buf_finish(&r->words);
    mem_free(r);
    return rc;
}
