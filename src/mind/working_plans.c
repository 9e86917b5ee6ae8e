#include "mind/working_plans.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "mind/phrase.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 1000 /* bytes of a text that are looked at */

static const char *const proposes[] = {
    "\\b(?:let's|let’s|lets) (?!see(?: what| how| if| whether| "
    "where|[.,!?]|$)|say\\b|hope\\b|face\\b|not\\b|pretend|imagine|forget|talk (?:about|of) "
    "something|"
    "assume|leave it|change the|be (?:honest|fair|real))",
    "\\b(?:shall|why don't|why don’t|should|can|could) we\\b|\\bwe (?:could|should|can)\\b(?! (?:have|be)\\b)",
    "\\b(?:how|what) about (?:we|you and i|an?|meeting|going)\\b",
    "\\b(?:want to|wanna|like to|fancy|feel like)\\b.*\\b(?:with me|together)\\b",
    "(?:我们|咱们?|咱俩|一起|一块儿?|见一?面|碰个?头|陪我|跟我|和我).*(?:吧|好不好|好吗|行吗|行不行|可以吗|怎么样|如何|"
    "要不要|"
    "再聊|[?？])",
    "^(?:那就|要不|不如|干脆).*吧",
    NULL,
};
static const char *const no_proposal[] = {
    "\\b(?:if|unless|she|he|they|said|says|told|went|was|were|(?:could|should) have|maybe|used "
    "to|wanted|dream(?:t|ed)?|"
    "never)\\b",
    "如果|要是|[他她](?:们|说)|昨天|前天|上周|上次|过面|过了?吧|话题|改天|说过|没答应|不去|不用|会不会|梦见|梦到",
    NULL,
};
static const char *const agrees[] = {
    "^(?:ok(?:ay)?|yes|yeah(?!,? right)|yep|yup|sure|great|perfect|lovely|wonderful|brilliant|good "
    "idea|fine|deal|al(?:l "
    ")?right|sounds (?:good|great|lovely|perfect|fun|like a plan)|i(?:'d|’d| would) (?:love|like) "
    "(?:to|that)|gladly|with "
    "pleasure|agreed|it(?:'s|’s) a (?:date|deal|plan)|count me in|i(?:'m|’m| am) in|why not|of "
    "course|absolutely|definitely|certainly|see you (?:then|there|on)|works for me|that works|let(?:'s|’s) do "
    "(?:that|it)|"
    "good(?! (?:question|point|luck|grief|night|one)))\\b",
    "^(?:好(?!像|累|困|烦|远|贵|难|久|奇|笑|冷|热|晚|早)|行(?!程|李)|可以|没问题|成(?!绩|本|天)(?:交)?|嗯|ok|说定|"
    "一言为定|就这么|那就(?!算)|太好了|太棒了|当然|一定|不见不散|我也想|愿意|"
    "我愿意|乐意|"
    "算我|必须|没意见|听你的|都听你)",
    NULL,
};
static const char *const refuses[] = {
    "\\b(?:but|cannot|can(?:'|’)?t(?! wait)|won(?:'|’)?t|sorry|maybe|perhaps|might|busy|another "
    "time|no|not|never|unless|"
    "if|rather|don(?:'|’)?t|afraid|however|depends|first|instead|have to|must)\\b",
    "(?<!见)不(?!见不散|散|错|客气)|没(?!问题|意见)|但|可是|可惜|恐怕|抱歉|对不起|忙|改天|下次|再说|看情况|如果|要是|"
    "先得|得先|"
    "吗|也许|可能|要不|算了|的话|好像",
    NULL,
};
static const char *const calls_off[] = {
    "\\b(?:can(?:'|’)?t (?:make it|come|go|meet)|won(?:'|’)?t (?:make it|be able)|have to "
    "(?:cancel|skip)|call(?:ed|ing)? "
    "(?:it )?off|(?<!n't )(?<!n’t )(?<!not )(?<!never )cancel(?:led|s)?|something (?:has |'s )?c[ao]me "
    "up|postpone|let(?:'s|’s) not|doesn(?:'|’)?t work)\\b",
    "去不了|来不了|不去了|不来了|(?<![没不别])(?<!没有|不会|不用)取消|推迟|改期|没空了|去不成|临时有事|不行了",
    NULL,
};

/* What was to be done is not done yet, or never was. */
static const char *const undone[] = {
    "\\b(?:forgot|not|never|(?:did|have|could|can|wo)n(?:'|’)?t|still (?:have|need) "
    "to)\\b|没(?!想到|事|问题|关系)|忘|不能|不了|还得",
    NULL,
};

struct working_plans {
    struct pattern *proposes, *no_proposal, *agrees, *refuses, *calls_off, *undone;
};

int working_plans_create(struct working_plans **out, anima_error *err)
{
    struct working_plans *p = *out = mem_zero(1, sizeof(*p));
    int rc = p ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    const struct {
        struct pattern **pattern;
        const char *const *list;
    } all[] = { { p ? &p->proposes : NULL, proposes },   { p ? &p->no_proposal : NULL, no_proposal },
                { p ? &p->agrees : NULL, agrees },       { p ? &p->refuses : NULL, refuses },
                { p ? &p->calls_off : NULL, calls_off }, { p ? &p->undone : NULL, undone } };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all) && !rc; i++)
        rc = pattern_create_any(all[i].list, PATTERN_CASELESS, all[i].pattern, err);
    if (rc) {
        working_plans_destroy(p);
        *out = NULL;
    }
    return rc;
}

void working_plans_destroy(struct working_plans *p)
{
    if (!p)
        return;
    struct pattern *const all[] = { p->proposes, p->no_proposal, p->agrees, p->refuses, p->calls_off, p->undone };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        pattern_destroy(all[i]);
    mem_free(p);
}

static bool has(struct pattern *p, const char *text, size_t n) { return pattern_find(p, text, n, 0, NULL, NULL); }

/* ---- days ---- */

static bool first_ahead(const char *text, size_t n, struct when_anchor now, struct working_piece *out)
{
    struct when found[WHEN_MOST];
    size_t times = when_find(text, n, now, found, WHEN_MOST);
    for (size_t i = 0; i < times; i++)
        if (found[i].direction != WHEN_PAST && found[i].to_ms > now.ms) {
            out->from_ms = found[i].from_ms;
            out->to_ms = found[i].to_ms;
            return true;
        }
    return false;
}

/* The first day of a text that lies ahead. What is proposed does, also where no word of the text says so: "Saturday?" */
static bool day_ahead(const char *text, size_t n, struct when_anchor now, struct working_piece *out)
{
    char will[LONGEST + 32];
    bool zh = memchr(text, '\xe5', n) || memchr(text, '\xe6', n) || memchr(text, '\xe4', n);
    int len = snprintf(will, sizeof(will), "%s%.*s", zh ? "我们要" : "we will ", (int)n, text);
    return first_ahead(text, n, now, out) ||
           (len > 0 && (size_t)len < sizeof(will) && first_ahead(will, (size_t)len, now, out));
}

/* One day of two: the narrower, if they go together. */
static bool one_day(struct working_piece *plan, const struct working_piece *answer)
{
    if (!answer->to_ms)
        return plan->to_ms > 0;
    bool apart = plan->to_ms && (answer->to_ms <= plan->from_ms || plan->to_ms <= answer->from_ms);
    if (apart)
        return false;
    if (!plan->to_ms || answer->to_ms - answer->from_ms < plan->to_ms - plan->from_ms) {
        plan->from_ms = answer->from_ms;
        plan->to_ms = answer->to_ms;
    }
    return true;
}

/* ---- both ---- */

/* The last sentence that proposes something. */
static bool proposal_in(struct working_plans *p, const char *text, struct when_anchor now, struct working_piece *out)
{
    size_t n = utf8_cut(text, strlen(text), LONGEST), size;
    bool found = false;
    for (size_t at = 0; at < n; at += size) {
        at += strspn(text + at, " \n\r\t");
        size = at < n ? phrase_sentence(text + at, n - at, true) : 0;
        size_t len = size;
        if (!size)
            break;
        while (len && strchr(" \n\r\t", text[at + len - 1]))
            len--;
        if (len > WORKING_PROMISE || !has(p->proposes, text + at, len) || has(p->no_proposal, text + at, len))
            continue;
        *out = (struct working_piece){ .start = at, .end = at + len };
        day_ahead(text + at, len, now, out);
        found = true;
    }
    return found;
}

bool working_plan(struct working_plans *p, const char *proposal, struct when_anchor proposed, const char *answer,
                  struct when_anchor answered, struct working_piece *out)
{
    struct working_piece day = { .start = 0 };
    answer += strspn(answer, " \n\r\t");
    size_t n = utf8_cut(answer, strlen(answer), LONGEST);
    *out = (struct working_piece){ .start = 0 };
    if (!n || !has(p->agrees, answer, n) || has(p->refuses, answer, n) || !proposal_in(p, proposal, proposed, out))
        return false;
    day_ahead(answer, n, answered, &day);
    return one_day(out, &day);
}

bool working_calls_off(struct working_plans *p, const char *text)
{
    return has(p->calls_off, text, utf8_cut(text, strlen(text), LONGEST));
}

bool working_undone(struct working_plans *p, const char *text)
{
    return has(p->undone, text, utf8_cut(text, strlen(text), LONGEST));
}

bool working_names_day(const char *text, struct when_anchor now, const struct working_piece *plan)
{
    struct working_piece day = { .start = 0 };
    return day_ahead(text, utf8_cut(text, strlen(text), LONGEST), now, &day) && day.from_ms < plan->to_ms &&
           plan->from_ms < day.to_ms;
}
