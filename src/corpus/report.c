#include "corpus/report.h"

#include "base/json.h"

#include <string.h>

#define SHOWN_NOTES 60 /* of those in the Markdown */
#define SHOWN_MOTIFS 40

static const struct {
    const char *name, *words;
} reasons[CORPUS_REASONS] = {
    [CORPUS_HELD_BACK] = { "held_back", "held back to measure against" },
    [CORPUS_PROBE] = { "probe", "asks what a probe asks" },
    [CORPUS_EMPTY] = { "empty", "nothing said" },
    [CORPUS_LONG] = { "long", "answer of more than 600 characters" },
    [CORPUS_DAMAGED] = { "damaged", "broken characters" },
    [CORPUS_LINKS] = { "links", "nothing but links" },
    [CORPUS_VENDOR] = { "vendor", "names a vendor as itself" },
    [CORPUS_MACHINE] = { "machine", "claims to be a machine" },
    [CORPUS_SERVICE] = { "service", "phrases of a service" },
    [CORPUS_DUPLICATE] = { "duplicate", "same answer to the same words" },
    [CORPUS_SPARED] = { "spared", "more than is wanted" },
    [CORPUS_BEHIND] = { "behind", "stood behind one left out" },
};

const char *corpus_reason_name(enum corpus_reason reason) { return reasons[reason].name; }

/* ---- JSON ---- */

static void write_tally(struct jw *w, const struct corpus_tally *t, const char *source, const char *language)
{
    jw_obj(w, NULL);
    jw_str(w, "source", source);
    jw_str(w, "language", language);
    jw_int(w, "conversations", (int64_t)t->conversations);
    jw_int(w, "exchanges", (int64_t)t->exchanges);
    jw_int(w, "lessons", (int64_t)t->lessons);
    jw_int(w, "kept", (int64_t)t->kept);
    jw_int(w, "with_persona", (int64_t)t->with_persona);
    jw_int(w, "cut", (int64_t)t->cut);
    jw_int(w, "letters", (int64_t)t->letters);
    jw_obj(w, "left_out");
    for (size_t i = 0; i < CORPUS_REASONS; i++)
        jw_int(w, reasons[i].name, (int64_t)t->left_out[i]);
    jw_end_obj(w);
    jw_obj(w, "masked");
    for (size_t i = 0; i < CORPUS_MASKS; i++)
        jw_int(w, corpus_mask_name((enum corpus_mask)i), (int64_t)t->masked[i]);
    jw_end_obj(w);
    jw_end_obj(w);
}

static void write_notes(struct jw *w, const struct corpus_report *r)
{
    jw_arr(w, "notes");
    for (size_t i = 0; i < r->n_notes; i++) {
        jw_obj(w, NULL);
        jw_str(w, "file", r->notes[i].file);
        jw_int(w, "line", r->notes[i].line);
        jw_str(w, "why", r->notes[i].why);
        jw_str(w, "excerpt", r->notes[i].excerpt);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_int(w, "notes_left_off", (int64_t)r->notes_left_off);
}

static void write_motifs(struct jw *w, const struct corpus_report *r)
{
    jw_arr(w, "motifs");
    for (size_t i = 0; i < r->n_motifs; i++) {
        const struct corpus_motif *m = &r->motifs[i];
        jw_obj(w, NULL);
        jw_str(w, "word", m->word);
        jw_str(w, "source", corpus_source_name(m->source));
        jw_str(w, "language", corpus_language_name(m->language));
        jw_int(w, "answers", (int64_t)m->answers);
        jw_num(w, "share", m->share);
        jw_bool(w, "warn", m->share > CORPUS_MOTIF_WARN);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

void corpus_report_json(const struct corpus_report *r, struct buf *out)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "sources", r->sources);
    jw_str(&w, "sha256", r->sha256);
    jw_int(&w, "lessons", (int64_t)r->lessons);
    jw_int(&w, "exchanges", (int64_t)r->exchanges);
    jw_int(&w, "held_back", (int64_t)r->held_back);
    jw_arr(&w, "tallies");
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
            write_tally(&w, &r->tally[s][l], corpus_source_name((enum corpus_source)s), corpus_language_name(l));
    jw_end_arr(&w);
    write_motifs(&w, r);
    write_notes(&w, r);
    jw_arr(&w, "files");
    for (size_t i = 0; i < r->n_files; i++)
        jw_str(&w, NULL, r->files[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
}

/* ---- Markdown ---- */

static const char *source_words(enum corpus_source source)
{
    static const char *const words[CORPUS_SOURCES] = { "the character's own", "people talking", "what keeps the skills",
                                                       "facts from texts" };
    return words[source];
}

static void tell_tallies(const struct corpus_report *r, struct buf *out)
{
    buf_puts(out,
             "| texts | language | conversations | exchanges | lessons | exchanges in them | with the persona in front "
             "| ended sooner | characters an answer |\n|---|---|---|---|---|---|---|---|---|\n");
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
            const struct corpus_tally *t = &r->tally[s][l];
            if (t->conversations)
                buf_printf(out, "| %s | %s | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n",
                           source_words((enum corpus_source)s), corpus_language_name(l), t->conversations, t->exchanges,
                           t->lessons, t->kept, t->with_persona, t->cut, t->kept ? t->letters / t->kept : 0);
        }
}

/* A row for each reason, or mask, that occurred; n: of how many there are a name and a count. */
static void tell_counts(const struct corpus_report *r, bool masked, struct buf *out)
{
    for (size_t i = 0; i < (masked ? (size_t)CORPUS_MASKS : (size_t)CORPUS_REASONS); i++)
        for (size_t s = 0; s < CORPUS_SOURCES; s++)
            for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
                const struct corpus_tally *t = &r->tally[s][l];
                size_t n = masked ? t->masked[i] : t->left_out[i];
                if (n)
                    buf_printf(out, "| %s | %s | %s | %zu |\n",
                               masked ? corpus_mask_name((enum corpus_mask)i) : reasons[i].words,
                               source_words((enum corpus_source)s), corpus_language_name(l), n);
            }
}

static void tell_motifs(const struct corpus_report *r, struct buf *out)
{
    buf_printf(out,
               "\n## Words that come often\nIn more than %.0f %% of the answers; above %.0f %% a small model says them "
               "everywhere: write some of these answers anew.\n\n",
               100 * CORPUS_MOTIF, 100 * CORPUS_MOTIF_WARN);
    if (!r->n_motifs)
        buf_puts(out, "None.\n");
    for (size_t i = 0; i < r->n_motifs && i < SHOWN_MOTIFS; i++) {
        const struct corpus_motif *m = &r->motifs[i];
        buf_printf(out, "- %s%s: %.1f %% (%zu answers; %s, %s)\n",
                   m->share > CORPUS_MOTIF_WARN ? "**Too often:** " : "", m->word, 100 * m->share, m->answers,
                   source_words(m->source), corpus_language_name(m->language));
    }
}

/* What somebody wrote stands in a table's cell. */
static void tell_excerpt(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r')
            buf_puts(out, " ");
        else if (*text == '|')
            buf_puts(out, "\\|");
        else
            buf_append(out, text, 1);
    }
}

static void tell_notes(const struct corpus_report *r, struct buf *out)
{
    buf_puts(out, "\n## Where\n");
    if (!r->n_notes) {
        buf_puts(out, "Nowhere.\n");
        return;
    }
    buf_puts(out, "| file | line | why | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < r->n_notes && i < SHOWN_NOTES; i++) {
        const struct corpus_note *n = &r->notes[i];
        buf_printf(out, "| %s | %d | %s | ", n->file, n->line, n->why);
        tell_excerpt(n->excerpt, out);
        buf_puts(out, " |\n");
    }
    size_t more = r->n_notes + r->notes_left_off - (r->n_notes < SHOWN_NOTES ? r->n_notes : SHOWN_NOTES);
    if (more)
        buf_printf(out, "\nAnd %zu more%s.\n", more, r->notes_left_off ? "" : ", in report.json");
}

void corpus_report_markdown(const struct corpus_report *r, const char *character, struct buf *out)
{
    buf_printf(out,
               "# What %s learns from\n%zu lessons with %zu exchanges, made of %zu files; %zu conversations are held "
               "back.\n\n",
               character, r->lessons, r->exchanges, r->n_files, r->held_back);
    tell_tallies(r, out);
    buf_puts(out, "\n## Left out\n| why | texts | language | exchanges |\n|---|---|---|---|\n");
    tell_counts(r, false, out);
    buf_puts(out, "\n## Masked\n| what | texts | language | times |\n|---|---|---|---|\n");
    tell_counts(r, true, out);
    tell_motifs(r, out);
    tell_notes(r, out);
    buf_printf(out, "\nSources %s, lessons %s (SHA-256).\n", r->sources, r->sha256);
}
