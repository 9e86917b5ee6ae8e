/* Documents (src/document/document.h): the first byte chooses what the file is called. Whatever comes in, the text is UTF-8, sections are a tree
 * in the order of the text, and passages lie side by side and are all of it. Behind 0x1E a message asks for a place of it. Behind 'F' stands what the
 * process that reads PDFs told of one. */
#include "base/utf8.h"
#include "document/document.h"
#include "document/place.h"
#include "fuzz.h"

static void check_sections(const struct document *d)
{
    for (size_t i = 0; i < d->n_sections; i++) {
        const struct document_section *s = &d->sections[i];
        CHECK(s->start <= s->body && s->body <= d->n && s->end <= d->n && s->start <= s->end);
        CHECK(s->parent >= -1 && s->parent < (int)i);
        CHECK(s->parent < 0 || (d->sections[s->parent].level < s->level && d->sections[s->parent].end >= s->start));
        CHECK(!i || s->start >= d->sections[i - 1].start);
        CHECK(*s->number || *s->title);
        CHECK(strlen(s->title) <= DOCUMENT_MAX_TITLE && strlen(s->number) <= DOCUMENT_MAX_NUMBER);
        CHECK(utf8_valid(s->title, strlen(s->title)) && utf8_valid(s->number, strlen(s->number)));
        CHECK(!strpbrk(s->title, "\r\n\f") && !strpbrk(s->number, "\r\n\f"));
    }
}

static void check_passages(const struct document *d)
{
    size_t at = 0;
    int paragraph = 0;
    CHECK(d->n_passages);
    for (size_t i = 0; i < d->n_passages; i++) {
        const struct document_passage *p = &d->passages[i];
        CHECK(p->start == at && p->end > at && p->end <= d->n && p->head <= p->end - p->start);
        CHECK(p->section >= -1 && p->section < (int)d->n_sections);
        CHECK(p->first >= paragraph && p->last >= p->first && p->page >= 0 && (d->pages || !p->page));
        CHECK(utf8_valid(d->text + p->start, p->end - p->start));
        paragraph = p->last;
        at = p->end;
    }
    CHECK(at == d->n);
}

static void ask(const struct document *d, const char *message)
{
    struct place_asked asked;
    bool *fits = (bool *)fuzz_copy("", 0);
    fits = realloc(fits, d->n_sections + 1);
    CHECK(fits);
    if (place_asked(message, &asked)) {
        size_t n = place_fits(&asked, d->sections, d->n_sections, message[0] & 1, fits);
        CHECK(n <= d->n_sections);
    }
    for (size_t i = 0; i < d->n_sections && i < 8; i++)
        CHECK(place_titled(message, d->sections[i].title) <= DOCUMENT_MAX_TITLE);
    free(fits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a.txt", "a.md", "a.html", "a.epub", "" };
    anima_error err = { 0 };
    struct document *d;
    if (!size)
        return 0;
    const uint8_t *end = memchr(data + 1, 0x1E, size - 1);
    size_t n = (end ? (size_t)(end - data) : size) - 1;
    const char *name = names[data[0] % 5];
    if (*data == 'P') /* an archive has 0x1E, too */
        n = size - 1, end = NULL;
    char *copy = fuzz_copy(data + 1, n);
    int rc = *data == 'F' ? document_read_pdf(copy, n, &d, &err) : document_read(name, copy, n, &d, &err);
    CHECK(rc == 0 || (!d && *err.message));
    free(copy);
    if (rc)
        return 0;
    CHECK(utf8_valid(d->text, d->n) && !memchr(d->text, 0, d->n) && utf8_valid(d->title, strlen(d->title)));
    check_sections(d);
    check_passages(d);
    size_t left = end ? size - (size_t)(end - data) - 1 : 0;
    left = left < 1000 ? left : 1000;
    char *message = calloc(1, left + 1);
    CHECK(message);
    if (left)
        memcpy(message, end + 1, left);
    if (utf8_valid(message, strlen(message)))
        ask(d, message);
    free(message);
    document_free(d);
    return 0;
}
