#include "agent/blind_private.h"

#include <stdio.h>

#define HARDLY_CHANCE 0.05

double blind_sign_test(int a, int b)
{
    int n = a + b, fewer = a < b ? a : b;
    double ways = 1, sum = 0, all = 1; /* n choose k, for k from 0 */
    for (int i = 0; i < n; i++)
        all *= 2;
    for (int k = 0; k <= fewer; k++) {
        sum += ways;
        ways = ways * (n - k) / (k + 1);
    }
    return 2 * sum < all ? 2 * sum / all : 1;
}

static const char *verdict(const anima_blind *r, bool zh)
{
    if (r->trained == r->prompted)
        return zh ? "分不出高下。" : "Neither was ahead.";
    if (r->p >= HARDLY_CHANCE)
        return zh ? "这可能只是碰巧；多看几组会更清楚。" : "That may well be chance; more pairs would tell.";
    return r->trained > r->prompted
               ? (zh ? "这很难说是碰巧：训练过的更好。" : "That is hardly chance: the trained one is better.")
               : (zh ? "这很难说是碰巧：没训练过的更好。" : "That is hardly chance: the untrained one is better.");
}

static void chance(const anima_blind *r, char *zh, char *en, size_t size)
{
    *zh = *en = '\0';
    if (r->trained == r->prompted)
        return;
    snprintf(zh, size, "如果两者其实一样好，100 轮里大约有 %.3g 轮也会这样一边倒。", 100 * r->p);
    snprintf(en, size, "If both were equally good, about %.3g of 100 rounds would be as uneven as this. ", 100 * r->p);
}

void blind_result(anima_blind *r)
{
    char zh[160], en[160];
    r->p = blind_sign_test(r->trained, r->prompted);
    chance(r, zh, en, sizeof(zh));
    snprintf(r->zh, sizeof(r->zh), "共 %d 组：%d 次选了训练过的，%d 次选了没训练过、只读提示词的，%d 次觉得一样。%s%s",
             r->pairs, r->trained, r->prompted, r->same, zh, verdict(r, true));
    snprintf(
        r->en, sizeof(r->en),
        "Of %d pairs the trained one was chosen in %d, the untrained one with its prompt in %d, and %d were the same. "
        "%s%s",
        r->pairs, r->trained, r->prompted, r->same, en, verdict(r, false));
}
