/* Chinese expressions that count from the anchor: 昨天, 上周五, 三天前, 前阵子, 最近. */
#include "memory/when_chinese.h"

#include <string.h>

#define LATELY 21 /* days */

/* ---- counted ---- */

/* Nothing but a mark, or a word that 过 can follow, stands in front. */
static bool clause_begins(const struct chinese *z)
{
    static const char fronts[] = "，|。|！|？|：|,| |.|!|\n|再|等|要|会|我|你|他|她|们|那就|就|是|吧|了|说";
    return !z->before[0] || chinese_before_in(z, 0, fronts);
}

static bool take_unit(struct chinese *z, enum when_unit *unit, struct chinese_number *n)
{
    static const enum when_unit units[] = { UNIT_DAY,  UNIT_MONTH,  UNIT_DAY,    UNIT_DAY,  UNIT_WEEK,
                                            UNIT_WEEK, UNIT_WEEK,   UNIT_MONTH,  UNIT_YEAR, UNIT_HOUR,
                                            UNIT_HOUR, UNIT_MINUTE, UNIT_CENTURY };
    (void)chinese_pick(z, "多|来");
    bool piece = chinese_take(z, "个");
    if (piece && chinese_take(z, "半"))
        n->half = true;
    if (piece)
        (void)chinese_pick(z, "多|来");
    int which = chinese_pick(z, "天|月|日|号|周|星期|礼拜|月份|年|小时|钟头|分钟|世纪");
    *unit = which ? units[which - 1] : UNIT_DAY;
    /* 三月前 is before March; 三个月前 is not. 三日前, but not 3号前. */
    if (!which || which == 4 || (which == 2 && !piece && !n->half) || which == 8)
        return false;
    if (which == 9 && chinese_take(z, "半"))
        n->half = true;
    if (chinese_pick(z, "多"))
        n->hi = n->hi > n->lo ? n->hi : n->lo + 1;
    return true;
}

/* n of a unit in a finer one if a half of it is in n. */
static void halve(enum when_unit *unit, struct chinese_number *n)
{
    static const struct {
        enum when_unit finer;
        int parts;
    } half[] = {
        [UNIT_HOUR] = { UNIT_MINUTE, 60 }, [UNIT_DAY] = { UNIT_HOUR, 24 },   [UNIT_WEEK] = { UNIT_DAY, 7 },
        [UNIT_MONTH] = { UNIT_DAY, 30 },   [UNIT_YEAR] = { UNIT_MONTH, 12 }, [UNIT_CENTURY] = { UNIT_YEAR, 100 }
    };
    int spread = *unit == UNIT_MONTH ? 4 : *unit == UNIT_YEAR ? 1 : *unit == UNIT_CENTURY ? 10 : 0;
    if (!n->half || *unit == UNIT_MINUTE || *unit == UNIT_DECADE)
        return;
    int parts = half[*unit].parts;
    n->lo = n->lo * parts + parts / 2 - spread;
    n->hi = n->hi * parts + parts / 2 + spread;
    *unit = half[*unit].finer;
}

/* 过去三天, 最近半年, 未来两周, 近三年 */
static bool stretch(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    struct chinese_number n;
    enum when_unit unit;
    int which = chinese_pick(z, "过去的|过去|最近这|最近的|最近|近|这|未来的|未来|接下来的|接下来|今后");
    if (which && chinese_number(z, &n) && (n.lo > 0 || n.half) && take_unit(z, &unit, &n)) {
        bool several = n.hi > n.lo;
        bool alone = !(which == 7 && n.lo < 2 && !n.half) && !chinese_next_in(z, "前|以前|之前|后|以后|之后|的时间里");
        halve(&unit, &n);
        if (alone) {
            *out = when_lately(z->scan, unit, n.hi, which >= 8 ? 1 : -1);
            out->vague = several;
            (void)chinese_pick(z, "里|内|来|以来|间");
            return true;
        }
    }
    z->at = at;
    return false;
}

/* 三天前, 两个半月以前, 半年前, 十几年前; 三天后, 三天以后 with no word of the past around: then it is after something else. */
static bool ago(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    struct chinese_number n;
    enum when_unit unit;
    bool again = chinese_take(z, "再过") || (clause_begins(z) && chinese_take(z, "过"));
    if (chinese_before_in(z, 0, "第|每|.|/|－") || !chinese_number(z, &n) || !take_unit(z, &unit, &n) ||
        (n.lo == 0 && !n.half)) {
        z->at = at;
        return false;
    }
    int which = chinese_pick(z, "以前|之前|前|以后|之后|后");
    int sign = which && which <= 3 ? -1 : which || again ? 1 : 0;
    bool other = which && chinese_next_in(z, which <= 3 ? "面|者|后|边" : "面|来|者|边");
    other = other || (unit == UNIT_YEAR && n.lo == n.hi && n.lo >= 1900 && n.lo < 2200); /* 2023年前 */
    if (!sign || other || (n.spoken && n.lo == n.hi && n.digits > 2) ||
        (sign > 0 && chinese_tense(z, at) == TENSE_PAST)) {
        z->at = at;
        return false;
    }
    halve(&unit, &n);
    *out = when_ago(z->scan, unit, n.lo, n.hi, sign);
    return true;
}

bool chinese_counted(struct chinese *z, struct when_span *out) { return stretch(z, out) || ago(z, out); }

/* ---- without a number ---- */

/* sign -1 and lo > 0: so long ago; 1 and lo > 0: so long from now; lo 0: until now, or from now on; sign 0: around today. */
static const struct {
    const char *words;
    enum when_unit unit;
    int sign, lo, hi;
} vague[] = {
    { "前几天|前些天|前几日", UNIT_DAY, -1, 2, 10 },
    { "前两天", UNIT_DAY, -1, 1, 4 },
    { "前些日子", UNIT_DAY, -1, 3, 30 },
    { "前一阵子|前一阵|前阵子|前一段时间|前段时间|前段日子|前些时候|前些时", UNIT_DAY, -1, 5, 90 },
    { "前几周|前几个星期|前几个礼拜", UNIT_WEEK, -1, 2, 6 },
    { "前两周|前两个星期|前两个礼拜", UNIT_WEEK, -1, 1, 2 },
    { "前几个月", UNIT_MONTH, -1, 2, 6 },
    { "前两个月", UNIT_MONTH, -1, 1, 2 },
    { "前几年|前些年", UNIT_YEAR, -1, 2, 8 },
    { "前两年", UNIT_YEAR, -1, 1, 3 },
    { "前不久|不久前|不久以前|不久之前", UNIT_DAY, -1, 1, 30 },
    { "很久很久以前|很久以前|很久之前|很久前|好久以前|好久之前|好久前", UNIT_CENTURY, -1, 0, 0 },
    { "很多年前|很多年以前|许多年前|许多年以前|多年前|多年以前|多年之前", UNIT_YEAR, -1, 3, 20 },
    { "最近几天|最近这几天|近几天|近日|这几天|这两天|这几日", UNIT_DAY, 0, 3, 3 },
    { "最近几年|近几年|这几年|近年来|近年", UNIT_YEAR, -1, 0, 5 },
    { "最近两年|近两年|这两年", UNIT_YEAR, -1, 0, 2 },
    { "最近几个月|近几个月|这几个月", UNIT_MONTH, -1, 0, 5 },
    { "这些天|这阵子|这一阵子|这段时间|这段日子|这一段时间|最近一段时间|最近这段时间", UNIT_DAY, -1, 0, 30 },
    { "最近|近来|近期", UNIT_DAY, -1, 0, LATELY },
    { "刚才|刚刚才", UNIT_HOUR, -1, 0, 1 },
    { "过几天|过些天|过两天|过几日", UNIT_DAY, 1, 2, 8 },
    { "过些日子|过阵子|过一阵子|过段时间|过一段时间|过些时候", UNIT_DAY, 1, 5, 90 },
    { "过几个月", UNIT_MONTH, 1, 2, 6 },
    { "过几年", UNIT_YEAR, 1, 2, 8 },
    { "改天|改日", UNIT_DAY, 1, 1, 30 },
};

/* Bytes of the longest of all the words that stands at the cursor. */
static size_t longest(struct chinese *z, size_t *which)
{
    size_t best = 0, at = z->at;
    for (size_t i = 0; i < sizeof(vague) / sizeof(vague[0]); i++) {
        z->at = at;
        for (const char *w = vague[i].words; *w;) {
            size_t n = strcspn(w, "|");
            if (n > best && strncmp(z->text + at, w, n) == 0) {
                best = n;
                *which = i;
            }
            w += n + (w[n] == '|');
        }
    }
    z->at = at;
    return best;
}

/* 离我最近, 最近的超市: of places. */
static bool is_place(const struct chinese *z)
{
    static const char places[] =
        "的路|的超市|的店|的医院|的车站|的地铁|的站|的地方|的餐|的酒店|的银行|的加油|的机场|的出口|的厕所|的那家|"
        "的一家|的人家|的邮局|的药店|距离|路线";
    return chinese_next_in(z, places) ||
           chinese_before_in(z, 0, "离|距|离我|离你|离家|离这|离这里|离这儿|处|离他|离她|离公司|离学校");
}

bool chinese_vague(struct chinese *z, struct when_span *out)
{
    size_t which = 0, at = z->at, n = longest(z, &which);
    bool lately = n && vague[which].unit == UNIT_DAY && vague[which].hi == LATELY;
    if (!n || (lately && stretch(z, out))) /* 最近半年 */
        return n > 0;
    z->at += n;
    bool gone = vague[which].sign > 0 && vague[which].lo > 1 && !clause_begins(z); /* 去过几天 */
    bool after_other = chinese_before_in(z, 0, "以|之|目|跟|面|不|通|超|经|越|难|附|靠|邻|接|亲");
    bool near = lately && is_place(z);
    if (gone || after_other || near) {
        z->at = at;
        return false;
    }
    if (vague[which].unit == UNIT_CENTURY) {
        *out = when_ago(z->scan, UNIT_YEAR, 1, 30, -1);
        out->precision = WHEN_AGE;
    } else if (vague[which].sign == 0) {
        *out = when_days(z->scan->today - vague[which].lo, z->scan->today + vague[which].hi + 1, WHEN_DAY);
    } else {
        *out = vague[which].lo
                   ? when_ago(z->scan, vague[which].unit, vague[which].lo, vague[which].hi, vague[which].sign)
                   : when_lately(z->scan, vague[which].unit, vague[which].hi, vague[which].sign);
    }
    out->vague = true;
    return true;
}

/* ---- weeks ---- */

/* 上, 上上个, 这, 下: weeks after this one. */
static bool week_which(struct chinese *z, int *k)
{
    static const int steps[] = { -3, -2, -1, -1, 3, 2, 1, 0, 0, 0 };
    int which = chinese_pick(z, "上上上|上上|上一|上|下下下|下下|下|这一|这|本");
    if (!which)
        return false;
    *k = which == 7 ? 1 : steps[which - 1];
    (void)chinese_pick(z, "个");
    return true;
}

/* 一 … 六, 日, 天, 末 behind 周: 0 … 6, 7 the weekend; -1 none. */
static int week_day(struct chinese *z)
{
    static const int days[] = { 0, 1, 2, 3, 4, 5, 6, 6, 7, 0, 1, 2, 3, 4, 5 };
    size_t at = z->at;
    int which = chinese_pick(z, "一|二|三|四|五|六|日|天|末|1|2|3|4|5|6");
    bool count = which && which != 9 && chinese_next_in(z, "次|节|顿|趟|回|个|本|篇|小时|分钟|部|部分|部曲");
    if (!which || count) {
        z->at = at;
        return -1;
    }
    return days[which - 1];
}

/* 每周五, 三周一次, 小周: no week of the calendar. */
static bool recurs(const struct chinese *z)
{
    return chinese_before_in(z, 0,
                             "每|一|二|两|三|四|五|六|七|八|九|十|几|半|逢|个|多|隔|庄|姓|老|小|0|1|2|3|4|5|6|7|8|9");
}

bool chinese_week(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    int k = 0;
    bool which = week_which(z, &k);
    bool blocked = which &&
                   chinese_before_in(z, 0, "晚|早|马|身|路|线|床|网|史|世|以|加|遇|天|地|日|书|课|剧|基|版|样|根|当");
    bool named = chinese_pick(z, "星期|礼拜|周") > 0;
    int day = named ? week_day(z) : -1;
    bool other = chinese_next_in(z, day < 0 ? "边|围|年|期|刊|报" : "年|岁|围|边");
    if (!named || blocked || other || (!which && (day < 0 || recurs(z)))) {
        z->at = at;
        return false;
    }
    if (day < 0)
        *out = when_whole(z->scan, UNIT_WEEK, k);
    else if (day == 7)
        *out = which ? when_weekend(z->scan, k) : when_near_weekend(z->scan, chinese_tense(z, at));
    else if (!which)
        *out = when_near_weekday(z->scan, day, chinese_tense(z, at));
    else {
        int64_t first = z->scan->today - z->scan->weekday + 7 * k + day;
        *out = when_days(first, first + 1, WHEN_DAY);
    }
    return true;
}

/* ---- days ---- */

static const struct {
    const char *words;
    int k;
    enum when_part part;
    const char *not_before, *not_behind;
} days[] = {
    { "大前天", -3, PART_NONE, "", "" },
    { "大后天", 3, PART_NONE, "", "" },
    { "前天", -2, PART_NONE, "以|之|目|眼|提|午|面|年|月|天|周|期|个", "气" },
    { "昨天|昨日|昨儿", -1, PART_NONE, "", "" },
    { "今天|今儿个|今儿", 0, PART_NONE, "如|至今", "" },
    { "今日", 0, PART_NONE, "如", "头条|份" },
    { "明天|明儿", 1, PART_NONE, "聪|证|说|发|透|文", "真" },
    { "明日", 1, PART_NONE, "聪|证|说|发", "方舟|之星|黄花" },
    { "后天", 2, PART_NONE, "以|之|然|最|随|午|今|往|背|身|先天|年|月|天|周|期|个",
      "性|因素|培养|努力|教育|环境|习得|养成|形成" },
    { "昨晚|昨夜", -1, PART_NIGHT, "", "" },
    { "前晚", -2, PART_NIGHT, "以|之|天", "" },
    { "今早|今晨", 0, PART_MORNING, "", "" },
    { "昨早", -1, PART_MORNING, "", "" },
    { "今晚|今夜", 0, PART_NIGHT, "", "" },
    { "明早|明晨", 1, PART_MORNING, "", "" },
    { "明晚|明夜", 1, PART_NIGHT, "", "" },
    { "后晚", 2, PART_NIGHT, "以|之|然|天|最", "" },
};

bool chinese_day(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        if (!chinese_pick(z, days[i].words))
            continue;
        if (chinese_before_in(z, 0, days[i].not_before) || chinese_next_in(z, days[i].not_behind))
            break;
        if (days[i].part)
            (void)chinese_take(z, "上");
        int64_t day = z->scan->today + days[i].k;
        *out = days[i].part ? when_part(day, days[i].part) : when_days(day, day + 1, WHEN_DAY);
        return true;
    }
    z->at = at;
    return false;
}
