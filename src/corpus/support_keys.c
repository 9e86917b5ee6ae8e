/* support_keys.c — by which words an answer is known to be right. */
#include "corpus/support_private.h"

#include "base/utf8.h"
#include "base/number.h"
#include "mind/prompt.h"
#include "mind/summary_true.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct keys {
    struct arena *arena;
    const char **out;
    size_t n, max;
};

static void add(struct keys *k, const char *text, size_t n)
{
    char *copy = k->n < k->max && n ? arena_strndup(k->arena, text, n) : NULL;
    for (size_t i = 0; i < k->n && copy; i++)
        if (strcmp(k->out[i], copy) == 0)
            return;
    if (copy)
        k->out[k->n++] = copy;
}

static bool find_number(const char *text, const struct number *wanted, struct number *out)
{
    for (size_t at = 0; number_next(text, &at, out);)
        if (number_same(wanted, out))
            return true;
    return false;
}

/* "三" alone stands in many words; "三年" and "周三" do not. */
static void add_short(struct keys *k, const char *text, const struct number *n)
{
    size_t start = n->start, end = n->end, more;
    if (end - start <= 3 && n->unit && (unsigned char)text[end] >= 0x80) {
        utf8_decode(text + end, strlen(text + end), &more);
        end += more;
    } else if (end - start <= 3 && start >= 3 && (unsigned char)text[start - 1] >= 0x80) {
        start -= 3;
    }
    add(k, text + start, end - start);
}

/* A number as the answer says it, as the passage does, and in digits. */
static void add_number(struct keys *k, const char *passage, const char *question, const char *answer)
{
    struct number said, there, asked;
    for (size_t at = 0; !k->n && number_next(answer, &at, &said);) {
        if (!find_number(passage, &said, &there) || find_number(question, &said, &asked))
            continue;
        char digits[32];
        int n = snprintf(digits, sizeof(digits), "%.10g", said.value);
        add_short(k, answer, &said);
        add_short(k, passage, &there);
        if (n > 1 && !strchr(digits, '.'))
            add(k, digits, (size_t)n);
    }
}

/* Names in Latin letters; without names the longest words. */
static void add_words(struct keys *k, const char *passage, const char *question, const char *answer, bool name)
{
    const char *longest = NULL;
    size_t most = 0;
    struct atom a;
    for (size_t at = 0; atom_next(answer, &at, &a);) {
        if (a.chinese || a.common || !true_stem_occurs(passage, a.at, a.n) || true_stem_occurs(question, a.at, a.n))
            continue;
        if (name && true_name_at(answer, (size_t)(a.at - answer), a.n))
            add(k, a.at, a.n);
        if (a.n > most) {
            longest = a.at;
            most = a.n;
        }
    }
    if (!name && longest)
        add(k, longest, most);
}

/* How many bytes of the answer from at stand in the passage together, in Chinese characters that say something. */
static size_t shared(const char *at, const char *passage, const char *question, struct arena *arena)
{
    size_t n = 0, len, best = 0;
    bool says = false;
    struct atom a;
    for (; at[n] && (unsigned char)at[n] >= 0xE3 && utf8_decode(at + n, strlen(at + n), &len) < 0xA000; n += len) {
        size_t none = 0;
        const char *part = arena_strndup(arena, at, n + len);
        if (!part || !strstr(passage, part))
            break;
        if (!atom_next(part + n, &none, &a))
            break; /* a mark */
        says |= !a.common;
        if (n > 0 && says && !strstr(question, part))
            best = n + len;
    }
    return best;
}

static void add_phrase(struct keys *k, const char *passage, const char *question, const char *answer)
{
    size_t most = 0, where = 0;
    for (size_t i = 0, len, n; answer[i]; i += len) {
        utf8_decode(answer + i, strlen(answer + i), &len);
        if ((n = shared(answer + i, passage, question, k->arena)) > most) {
            most = n;
            where = i;
        }
    }
    if (most)
        add(k, answer + where, most);
}

size_t support_keys(struct arena *arena, const char *passage, const char *question, const char *answer,
                    const char **out, size_t max)
{
    struct keys k = { .arena = arena, .out = out, .max = max };
    add_number(&k, passage, question, answer);
    if (!k.n)
        add_words(&k, passage, question, answer, true);
    if (!k.n)
        add_phrase(&k, passage, question, answer);
    if (!k.n)
        add_words(&k, passage, question, answer, false);
    return k.n;
}
