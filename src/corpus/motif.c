#include "corpus/motif.h"

#include "base/err.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORD 40 /* bytes */
#define SHORTEST 3  /* letters of a word */
#define FEWEST 4    /* answers: below, a share says nothing */

/* What every talk is made of. */
static const char *const common_words =
    " the and you that was for are with not but have this what they your it's don't that's all can just from one about "
    "out her him his she has had there when who will would been then than them their how like get got did does said "
    "say "
    "know think only too more very yes well now still even some any way where which because really much could should "
    "going want why here into our let's can't didn't you're i'm i've i'd i'll he's she's there's what's isn't wasn't "
    "doesn't won't wouldn't couldn't were being over before after again never always that'd you'd you'll you've "
    "they're "
    "we're good fine right sure maybe something anything nothing everything thing things make made tell told come came "
    "went take time day back off down for its mine yours isn't those these other first last two three once though "
    "every "
    "people someone anyone somebody anybody else same little long ";

static const char *const common_pairs = " 没有 什么 不是 我们 你们 他们 她们 这个 那个 这样 那样 怎么 怎样 就是 也是 "
                                        "还是 是不 不会 不要 不能 可以 知道 不知 "
                                        "一个 一下 一点 点儿 有点 自己 现在 时候 今天 明天 昨天 晚上 早上 一样 的话 "
                                        "因为 所以 但是 可是 如果 还有 还没 已经 "
                                        "觉得 说的 的时 是我 我也 你这 这么 那么 多了 好了 行了 了吧 了吗 不了 都不 "
                                        "也不 我不 你不 就不 得很 的人 一直 "
                                        "然后 这儿 那儿 里的 出来 起来 下来 过来 回来 上去 的是 是你 在这 在那 有人 "
                                        "的那 的事 事儿 不到 没什 么了 是吧 真的 "
                                        "好的 可能 应该 其实 反正 先把 把它 给你 给我 跟我 跟你 我在 你在 我这 我就 "
                                        "你就 那就 也没 都没 没事 没人 是什 么时 ";

static bool is_common(const char *list, const char *word)
{
    char spaced[MAX_WORD + 3];
    size_t n = strlen(word);
    spaced[0] = ' ';
    memcpy(spaced + 1, word, n);
    memcpy(spaced + 1 + n, " ", 2);
    return strstr(list, spaced) != NULL;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c < 0x250 && c != 0xF7) || (c >= 0x370 && c < 0x530);
}

static bool count(struct corpus_motifs *m, const char *list, const char *word, size_t n)
{
    char copy[MAX_WORD + 1];
    if (n > MAX_WORD)
        return true;
    memcpy(copy, word, n);
    copy[n] = '\0';
    if (is_common(list, copy))
        return true;
    struct corpus_entry *e = corpus_table_put(&m->words, word, n);
    if (!e)
        return false;
    e->count += e->mark != m->answers;
    e->mark = m->answers;
    return true;
}

/* A word of letters that begins at s: its bytes, *letters of them; 0 if none does. */
static size_t word_at(const char *s, size_t n, size_t *letters)
{
    size_t at = 0, len = 0;
    for (*letters = 0; at < n; at += len, (*letters)++) {
        uint32_t c = utf8_decode(s + at, n - at, &len);
        if (!is_letter(c) && !(at && c == '\'' && at + 1 < n && is_letter((unsigned char)s[at + 1])))
            break;
    }
    return at;
}

bool corpus_motifs_add(struct corpus_motifs *m, const char *answer)
{
    char *text = corpus_small(m->words.arena, answer);
    size_t n = text ? strlen(text) : 0;
    m->answers++;
    for (size_t i = 0, len, letters; i < n; i += len) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        size_t word = word_at(text + i, n - i, &letters), next = 0;
        if (word) {
            if (letters >= SHORTEST && !count(m, common_words, text + i, word))
                return false;
            len = word;
        } else if (utf8_is_han(c) && i + len < n && utf8_is_han(utf8_decode(text + i + len, n - i - len, &next)) &&
                   !count(m, common_pairs, text + i, len + next)) {
            return false;
        }
    }
    return text != NULL;
}

/* ---- the report ---- */

static int by_share(const void *a, const void *b)
{
    const struct corpus_motif *x = a, *y = b;
    if (x->share != y->share)
        return x->share < y->share ? 1 : -1;
    int order = strcmp(x->word, y->word);
    return order                              ? order
           : (int)x->source != (int)y->source ? (int)x->source - (int)y->source
                                              : (int)x->language - (int)y->language;
}

static bool is_motif(const struct corpus_motifs *m, const struct corpus_entry *e)
{
    return e->count >= FEWEST && (double)e->count > CORPUS_MOTIF * (double)m->answers;
}

/* Writes those of m to out, if it is not NULL; returns how many there are. */
static size_t list_motifs(const struct corpus_motifs *m, enum corpus_source source, size_t language,
                          struct corpus_motif *out)
{
    size_t n = 0;
    for (size_t i = 0; i < m->words.n_slots; i++)
        for (const struct corpus_entry *e = m->words.slots[i]; e; e = e->next) {
            if (!is_motif(m, e))
                continue;
            if (out)
                out[n] = (struct corpus_motif){ e->key, source, language, e->count,
                                                (double)e->count / (double)m->answers };
            n++;
        }
    return n;
}

int corpus_motifs_report(struct arena *arena, const struct corpus_motifs motifs[CORPUS_SOURCES][CORPUS_LANGUAGES],
                         struct corpus_report *report, anima_error *err)
{
    size_t n = 0;
    for (int fill = 0; fill < 2; fill++) {
        if (fill) {
            report->motifs = arena_alloc(arena, (n + 1) * sizeof(*report->motifs));
            if (!report->motifs)
                return err_set(err, ANIMA_E_NOMEM, "out of memory for the report");
        }
        n = 0;
        for (int s = 0; s < CORPUS_SOURCES; s++)
            for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
                n += list_motifs(&motifs[s][l], (enum corpus_source)s, l, fill ? report->motifs + n : NULL);
    }
    report->n_motifs = n;
    qsort(report->motifs, n, sizeof(*report->motifs), by_share);
    return ANIMA_OK;
}
