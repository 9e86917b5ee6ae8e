#include "cli/judge_coherence.h"

#include "cli/judge_manners.h"
#include "mind/phrase.h"

#include <math.h>
#include <string.h>

const char *judge_neutral(const char *language) { return strcmp(language, "zh") == 0 ? "嗯。" : "Mm."; }

double judge_dependence(double behind, double behind_neutral, const char *reply)
{
    struct phrase p;
    phrase_read(&p, reply, strlen(reply));
    return (behind - behind_neutral) / sqrt((double)p.n + 1);
}

bool judge_echoes(const char *line, const char *reply)
{
    struct phrase a, b;
    phrase_read(&a, line, strlen(line));
    phrase_read(&b, reply, strlen(reply));
    return phrase_alike(&a, &b) >= JUDGE_SAME;
}

/* ---- the threshold ---- */

enum half { FIRST, SECOND, BOTH };

/* Labels of a kind belong to the halves by turns, so that each half has its part of both kinds. seen: of each kind so far. */
static bool belongs(const struct judge_margin *one, enum half half, size_t seen[2])
{
    return half == BOTH || (enum half)(seen[one->good]++ % 2) == half;
}

/* Share of a half's good labels from the threshold on and of its bad ones below it, averaged. */
static double told_right(const struct judge_margin *list, size_t n, enum half half, double threshold)
{
    double right[2] = { 0, 0 }, all[2] = { 0, 0 };
    size_t seen[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++)
        if (belongs(&list[i], half, seen)) {
            all[list[i].good]++;
            right[list[i].good] += (list[i].margin >= threshold) == list[i].good;
        }
    return (all[0] > 0 ? right[0] / all[0] : 1) / 2 + (all[1] > 0 ? right[1] / all[1] : 1) / 2;
}

/* Only a half's own margins make a difference in it; between the best one and the next below it, the middle is taken. */
static double best_threshold(const struct judge_margin *list, size_t n, enum half half)
{
    double best = 0, most = told_right(list, n, half, 0), below = -INFINITY;
    size_t seen[2] = { 0, 0 }, again[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        double right = belongs(&list[i], half, seen) ? told_right(list, n, half, list[i].margin) : 0;
        if (right > most) {
            most = right;
            best = list[i].margin;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (belongs(&list[i], half, again) && list[i].margin < best && list[i].margin > below)
            below = list[i].margin;
    return isfinite(below) ? (best + below) / 2 : best;
}

double judge_threshold(const struct judge_margin *list, size_t n) { return best_threshold(list, n, BOTH); }

double judge_agreement(const struct judge_margin *list, size_t n)
{
    double right = 0;
    for (enum half half = FIRST; half <= SECOND; half++)
        right += told_right(list, n, half, best_threshold(list, n, half == FIRST ? SECOND : FIRST));
    return n ? right / 2 : 0;
}
