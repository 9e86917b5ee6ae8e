#include "corpus/judge.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mind/act.h"
#include "mind/lapse.h"

#include <string.h>
#include <strings.h>

#define MAX_RUN 40 /* of one character: longer laughter is a broken file */

struct corpus_judge {
    struct lapses *lapses;
    struct acts *acts;
};

int corpus_judge_create(struct corpus_judge **out, anima_error *err)
{
    struct corpus_judge *j = *out = mem_zero(1, sizeof(*j));
    int rc = j ? lapses_create(&j->lapses, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = acts_create(&j->acts, err);
    if (rc) {
        corpus_judge_destroy(j);
        *out = NULL;
    }
    return rc;
}

void corpus_judge_destroy(struct corpus_judge *j)
{
    if (!j)
        return;
    lapses_destroy(j->lapses);
    acts_destroy(j->acts);
    mem_free(j);
}

static bool is_broken(uint32_t c)
{
    bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
    bool private_use = (c >= 0xE000 && c < 0xF900) || c >= 0xF0000;
    return control || private_use || c == 0xFFFD || (c & 0xFFFE) == 0xFFFE;
}

/* Of the text as characters: empty, too long, damaged. */
static enum corpus_reason judge_form(const char *text)
{
    size_t n = strlen(text), letters = 0, run = 0;
    uint32_t last = 0;
    bool broken = false;
    for (size_t i = 0, len; i < n; i += len, letters++) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        run = c == last ? run + 1 : 1;
        last = c;
        broken |= is_broken(c) || run > MAX_RUN;
    }
    if (strspn(text, " \t\r\n") == n)
        return CORPUS_EMPTY;
    return letters > CORPUS_MAX_ANSWER ? CORPUS_LONG : broken ? CORPUS_DAMAGED : CORPUS_REASONS;
}

/* "https://…", "@anna", "#monday": what a post is made of that says nothing by itself. */
static bool is_link(const char *word, size_t n)
{
    return (n > 1 && (*word == '@' || *word == '#')) || (n >= 4 && strncasecmp(word, "www.", 4) == 0) ||
           memmem(word, n, "://", 3);
}

static bool only_links(const char *text)
{
    size_t words = 0;
    for (size_t n; *(text += strspn(text, " \t\r\n")); text += n, words++) {
        n = strcspn(text, " \t\r\n");
        if (!is_link(text, n))
            return false;
    }
    return words > 0;
}

enum corpus_reason corpus_judge_answer(struct corpus_judge *j, const char *said, const char *answer, bool machine)
{
    enum corpus_reason form = judge_form(answer);
    if (form != CORPUS_REASONS)
        return form;
    if (only_links(answer))
        return CORPUS_LINKS;
    const struct lapse_rules rules = { .machine = machine,
                                       .plain = !lapse_wants_list(j->lapses, said),
                                       .careful = act_of(j->acts, said) != ACT_NONE };
    enum lapse why;
    lapse_check(j->lapses, &rules, answer, strlen(answer), 0, true, &why);
    switch (why) {
    case LAPSE_VENDOR: return CORPUS_VENDOR;
    case LAPSE_MACHINE: return CORPUS_MACHINE;
    case LAPSE_SERVICE: return CORPUS_SERVICE;
    default: return CORPUS_REASONS;
    }
}
