#include "cli/judge_coherence.h"

#include <math.h>

static const char task[] =
    "Somebody (P) talks with a friend (F). Judge F's last reply by itself: does it answer what P said last, as a "
    "friend "
    "who has followed this talk would? Short, dry or teasing replies are fine.\n" JUDGE_YES
    ": yes, it takes up P's last line\n" JUDGE_NO
    ": no, it is about something else, mixes up who did what, contradicts what was said, or talks like a service";

static const struct {
    const char *talk, *letter;
} examples[] = {
    { "P: 我把头发剪短了。\nF: 多短？\nP: 到耳朵。\nReply: 到耳朵？那洗头省水了。", "A" },
    { "P: I finally sold the car.\nReply: How much did you get for it?", "A" },
    { "P: 我妈明天做手术。\nReply: 我也喜欢喝热茶，尤其是下雨天。", "B" },
    { "P: My sister got married on Saturday.\nF: Did you cry?\nP: Twice. Then I danced.\nReply: I'm glad you sold it "
      "in the "
      "end, it was too old.",
      "B" },
    { "P: 晚上吃什么？\nF: 面。你呢？\nP: 还没想好。\nReply: 那别想了，来碗面。", "A" },
    { "P: I failed the driving test again.\nReply: Congratulations, you passed! Have a nice trip.", "B" },
    { "P: 你懂修水管吗？\nReply: 不懂。", "A" },
    { "P: 我把钥匙锁屋里了。\nF: 叫锁匠了吗？\nP: 叫了，说要一小时。\nReply: 我昨天把你的钥匙锁在屋里了，对不起。",
      "B" },
    { "P: It's raining again.\nF: Third day here.\nP: I wanted to paint the fence.\nReply: The fence can wait. Wet "
      "paint "
      "can't.",
      "A" },
    { "P: 我跑了五公里。\nReply: 跑步对身体健康有很多好处，建议你坚持锻炼，注意休息，如有问题请随时告诉我。", "B" },
    { "P: Guess what I found in the attic.\nReply: A letter?", "A" },
    { "P: My dog died this morning.\nF: Oh no. How old was he?\nP: Fourteen.\nReply: Where did you buy the train "
      "ticket?",
      "B" },
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

int judge_coherence_prompt(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, const char *reply,
                           const anima_chat_message **out, size_t *n)
{
    anima_chat_message *m = arena_alloc(arena, (2 + 2 * EXAMPLES) * sizeof(*m));
    const char *talk = "";
    for (size_t i = 0; i < n_turns && talk; i++)
        talk = arena_printf(arena, "%s%s: %s\n", talk, turns[i].speaker ? "P" : "F", turns[i].text);
    talk = talk ? arena_printf(arena, "%sReply: %s", talk, reply) : NULL;
    if (!m || !talk)
        return ANIMA_E_NOMEM;
    *n = 0;
    m[(*n)++] = (anima_chat_message){ .role = "system", .text = task };
    for (size_t i = 0; i < EXAMPLES; i++) {
        m[(*n)++] = (anima_chat_message){ .role = "user", .text = examples[i].talk };
        m[(*n)++] = (anima_chat_message){ .role = "assistant", .text = examples[i].letter };
    }
    m[(*n)++] = (anima_chat_message){ .role = "user", .text = talk };
    *out = m;
    return ANIMA_OK;
}

/* ---- the threshold ---- */

/* rest: of the places that are looked at, divided by two; 2: all are. */
static bool counts(size_t i, size_t rest) { return rest == 2 || i % 2 == rest; }

/* Share of good labels from the threshold on and of bad ones below it, averaged. */
static double told_right(const struct judge_margin *list, size_t n, size_t rest, double threshold)
{
    double right[2] = { 0, 0 }, all[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        if (!counts(i, rest))
            continue;
        all[list[i].good]++;
        right[list[i].good] += (list[i].margin >= threshold) == list[i].good;
    }
    return (all[0] > 0 ? right[0] / all[0] : 1) / 2 + (all[1] > 0 ? right[1] / all[1] : 1) / 2;
}

/* Only the margins themselves make a difference; between the best one and the next below it, the middle is taken. */
static double best_threshold(const struct judge_margin *list, size_t n, size_t rest)
{
    double best = 0, most = told_right(list, n, rest, 0), below = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double right = counts(i, rest) ? told_right(list, n, rest, list[i].margin) : 0;
        if (right > most) {
            most = right;
            best = list[i].margin;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (counts(i, rest) && list[i].margin < best && list[i].margin > below)
            below = list[i].margin;
    return isfinite(below) ? (best + below) / 2 : best;
}

double judge_threshold(const struct judge_margin *list, size_t n) { return best_threshold(list, n, 2); }

double judge_agreement(const struct judge_margin *list, size_t n)
{
    double thresholds[2] = { best_threshold(list, n, 1), best_threshold(list, n, 0) };
    size_t right = 0;
    for (size_t i = 0; i < n; i++)
        right += (list[i].margin >= thresholds[i % 2]) == list[i].good;
    return n ? (double)right / (double)n : 0;
}
