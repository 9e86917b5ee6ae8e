/* Chinese dates: years, months, days, seasons, decades, holidays: 2023年5月7日, 去年三月, 今年夏天, 上个月底, 九十年代, 国庆. */
#include "memory/when_chinese.h"

#include <ctype.h>
#include <string.h>

/* ---- holidays ---- */

static const struct {
    const char *words;
    enum when_holiday holiday;
    const char *not_before, *not_behind;
} holidays[] = {
    { "元旦", HOLIDAY_NEW_YEAR, "", "" },
    { "情人节", HOLIDAY_VALENTINE, "七夕", "" },
    { "妇女节|三八节", HOLIDAY_WOMEN, "", "" },
    { "愚人节", HOLIDAY_FOOLS, "", "" },
    { "清明节|清明", HOLIDAY_QINGMING, "", "上河" },
    { "五一劳动节|劳动节|五一", HOLIDAY_MAY_DAY, "一|二|三|四|五|六|七|八|九|十|零|第",
      "一|二|三|四|五|六|七|八|九|十|百|路|个|广场|年|零|五" },
    { "六一儿童节|儿童节|六一", HOLIDAY_CHILDREN, "一|二|三|四|五|六|七|八|九|十|零|第",
      "一|二|三|四|五|六|七|八|九|十|百|路|年|零|五" },
    { "教师节", HOLIDAY_TEACHERS, "", "" },
    { "国庆节|国庆|十一长假|十一黄金周|十一假期|十一期间", HOLIDAY_NATIONAL, "张|王|李|刘|赵|陈|杨", "" },
    { "万圣节", HOLIDAY_HALLOWEEN, "", "" },
    { "双十一|双11", HOLIDAY_DOUBLE_ELEVEN, "", "" },
    { "双十二|双12", HOLIDAY_DOUBLE_TWELVE, "", "" },
    { "平安夜|圣诞夜|圣诞前夜", HOLIDAY_CHRISTMAS_EVE, "", "" },
    { "圣诞节|圣诞", HOLIDAY_CHRISTMAS, "", "老人|树|帽|歌|卡|袜|老爷|装饰|岛" },
    { "跨年夜|跨年", HOLIDAY_NEW_YEARS_EVE, "", "度" },
    { "母亲节", HOLIDAY_MOTHER, "", "" },
    { "父亲节", HOLIDAY_FATHER, "", "" },
    { "感恩节", HOLIDAY_THANKSGIVING, "", "" },
    { "复活节", HOLIDAY_EASTER, "", "岛" },
    { "除夕|大年三十|年三十", HOLIDAY_SPRING_EVE, "", "" },
    { "春节", HOLIDAY_SPRING, "", "" },
    { "元宵节|元宵", HOLIDAY_LANTERN, "", "汤" },
    { "端午节|端午", HOLIDAY_DRAGON_BOAT, "", "" },
    { "中秋节|中秋", HOLIDAY_MID_AUTUMN, "", "" },
};

bool chinese_holiday(struct chinese *z, enum when_holiday *out)
{
    size_t at = z->at;
    for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++) {
        if (!chinese_pick(z, holidays[i].words))
            continue;
        bool blocked = chinese_before_in(z, at, "每|每年|每个|每逢|逢") ||
                       chinese_before_in(z, at, holidays[i].not_before) || chinese_next_in(z, holidays[i].not_behind);
        if (!blocked) {
            *out = holidays[i].holiday;
            (void)chinese_pick(z, "假期|长假|期间|放假");
            return true;
        }
        z->at = at;
    }
    return false;
}

/* ---- what can stand behind a year ---- */

/* 底, 年底, 初 …: the third; -1: none. */
static int edge(struct chinese *z, const char *words)
{
    int which = chinese_pick(z, words);
    return which ? (which - 1) / 3 : -1;
}

static const char month_edges[] = "月初|上旬|初|月中|中旬|月中旬|月底|下旬|底";
static const char year_edges[] = "年初|初期|初|年中|中期|年中期|年底|年末|底";

static bool season_name(struct chinese *z, enum when_season *season, bool *holidays_of)
{
    size_t at = z->at;
    static const char words[] = "春天|春季|春|夏天|夏季|夏|秋天|秋季|秋|冬天|冬季|冬|暑假|暑期";
    int which = chinese_pick(z, words);
    bool single = which && which <= 12 && which % 3 == 0;
    if (!which || (single && chinese_next_in(z, "节|晚|运|联|游|风|雨|末|初|至|分|令|装|瓜|奥|眠|衣|泳|收|千|假"))) {
        z->at = at;
        return false;
    }
    *holidays_of = which > 12;
    *season = *holidays_of ? SEASON_SUMMER : (enum when_season)((which - 1) / 3);
    return true;
}

static struct when_span season_span(int64_t year, enum when_season season, bool holidays_of)
{
    struct when_span span = when_season(year, season);
    if (holidays_of)
        span.from = when_day(year, 7, 1) * DAY_MS;
    return span;
}

/* A day in figures behind a month: 7号, 7日, 7. false: 八月十五 and the like, of the lunar calendar. */
static bool month_day(struct chinese *z, int *day)
{
    size_t at = z->at;
    *day = 0;
    (void)chinese_pick(z, "的|份的");
    if (!chinese_value(z, 1, 31, day)) {
        z->at = at;
        return !chinese_next_in(z, "初一|初二|初三|初四|初五|初六|初七|初八|初九|初十");
    }
    bool ascii = isdigit((unsigned char)z->text[z->at - 1]) != 0;
    if (chinese_pick(z, "号|日") || (ascii && !chinese_next_in(z, "个|天|次|本|万|人|年|月|%|.|/|-|:|元|块|岁")))
        return true;
    *day = 0;
    z->at = at;
    return ascii;
}

/* What stands behind a month: its day or its beginning or end. */
static bool in_month(struct chinese *z, int64_t year, int month, bool near, size_t from, struct when_span *out)
{
    int day, third;
    if (!month_day(z, &day))
        return false;
    if (day && near)
        return when_near_date(z->scan, month, day, chinese_tense(z, from), out);
    if (day) {
        if (!when_is_date(year, month, day))
            return false;
        *out = when_days(when_day(year, month, day), when_day(year, month, day) + 1, WHEN_DAY);
        return true;
    }
    third = edge(z, month_edges);
    *out = near ? when_near_month(z->scan, month, chinese_tense(z, from)) : when_month(year, month);
    if (third >= 0)
        *out = when_third(*out, third);
    return true;
}

/* N月 at the cursor. */
static bool month_number(struct chinese *z, int *month)
{
    size_t at = z->at;
    if (chinese_value(z, 1, 12, month) && chinese_pick(z, "月份|月") &&
        !chinese_next_in(z, "亮|饼|薪|租|光|球|票|嫂|经|天|怀|前的|大|子|季|一次|两次|一回"))
        return true;
    z->at = at;
    return false;
}

/* 夏天, 上半年, 年底 behind a year. */
static bool part_of_year(struct chinese *z, int64_t year, struct when_span *out)
{
    enum when_season season;
    bool holidays_of;
    int third;
    if (season_name(z, &season, &holidays_of)) {
        *out = season_span(year, season, holidays_of);
        return true;
    }
    int half = chinese_pick(z, "上半年|下半年");
    if (half) {
        *out = when_days(when_day(year, half == 1 ? 1 : 7, 1), when_day(year, half == 1 ? 7 : 13, 1), WHEN_SEASON);
        return true;
    }
    if ((third = edge(z, year_edges)) >= 0) {
        *out = when_third(when_year(year), third);
        return true;
    }
    return false;
}

static bool in_year(struct chinese *z, int64_t year, struct when_span *out)
{
    enum when_holiday holiday;
    int month;
    size_t at = z->at;
    (void)chinese_pick(z, "的|，");
    size_t of = z->at;
    int day = chinese_pick(z, "今天|今日|这个时候|这时候|此时");
    if (day) {
        *out = when_this_day(z->scan, year - z->scan->year, day > 2);
        return true;
    }
    if (month_number(z, &month) && in_month(z, year, month, false, at, out))
        return true;
    z->at = of;
    if (chinese_holiday(z, &holiday) || (chinese_take(z, "过年") && (holiday = HOLIDAY_SPRING) > 0)) {
        if (when_holiday_of(holiday, year, out))
            return true;
        *out = when_year(year); /* of the lunar calendar, and not in the table */
        out->vague = true;
        return true;
    }
    if (part_of_year(z, year, out))
        return true;
    z->at = at;
    return false;
}

/* ---- years ---- */

static const struct {
    const char *words;
    int k;
    const char *not_before, *not_behind;
} year_words[] = {
    { "大前年", -3, "", "" },
    { "前年", -2, "以|之|目|年|月|天|周|眼", "轻|龄|级" },
    { "去年", -1, "", "轻|代|幼|少|老|纪|龄" },
    { "今年", 0, "如|当|迄", "轻|纪|龄|级" },
    { "本年度|本年", 0, "日|基|版|成|根", "级" },
    { "明年", 1, "聪|证|说|发|文", "轻" },
    { "大后年", 3, "", "" },
    { "后年", 2, "以|之|然|最|随|年|月|天|周", "轻|龄" },
};

static bool year_word(struct chinese *z, int64_t *year)
{
    size_t at = z->at;
    for (size_t i = 0; i < sizeof(year_words) / sizeof(year_words[0]); i++) {
        if (!chinese_pick(z, year_words[i].words))
            continue;
        if (chinese_before_in(z, at, year_words[i].not_before) || chinese_next_in(z, year_words[i].not_behind))
            break;
        *year = z->scan->year + year_words[i].k;
        return true;
    }
    z->at = at;
    return false;
}

/* Of two figures: the latest such year that is not more than ten years ahead. */
static int64_t short_year(const struct when_scan *s, int yy)
{
    int64_t year = s->year - s->year % 100 + yy;
    return year > s->year + 10 ? year - 100 : year;
}

/* 2023年, 二零二三年, 95年, 零八年. *sure: it can be nothing else; 20年 is a year only if a month follows. */
static bool year_number(struct chinese *z, int64_t *year, bool *sure)
{
    size_t at = z->at;
    struct chinese_number n;
    bool taken = chinese_number(z, &n) && !n.half && (n.ascii || n.spoken) && chinese_take(z, "年");
    int value = n.lo == n.hi ? n.lo : 10 * n.lo + n.hi;
    bool whole = taken && n.digits == 4 && n.lo == n.hi && value >= 1000 && value < 3000;
    bool two = taken && n.digits == 2 && value < 100;
    bool count = chinese_next_in(z, "前|后|来|间|代|以|之|多|半|级|的历史|历史|的时间|的经验|老|了") &&
                 !chinese_next_in(z, "来了|前后");
    whole = whole && !chinese_next_in(z, "代|来|的历史|历史|之久|级");
    if (!whole && !two) {
        z->at = at;
        return false;
    }
    *year = whole ? value : short_year(z->scan, value);
    *sure = whole || (!count && n.lo == n.hi && (value >= 70 || value < 10) &&
                      !chinese_before_in(z, at, "了|过|约|近|第|共|满|这|那"));
    return true;
}

static bool with_year(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    int64_t year;
    bool sure = true;
    bool found = year_word(z, &year) || year_number(z, &year, &sure);
    if (found && in_year(z, year, out))
        return true;
    int month;
    size_t end = z->at;
    bool no_date = found && month_number(z, &month); /* 2023年2月30日 */
    z->at = end;
    if (found && sure && !no_date) {
        (void)chinese_pick(z, "年份|度");
        *out = when_year(year);
        return true;
    }
    z->at = at;
    return false;
}

/* ---- decades, centuries ---- */

static bool century(struct chinese *z, int64_t *first)
{
    size_t at = z->at;
    int which = chinese_pick(z, "上个世纪|上世纪|本世纪|这个世纪"), n;
    int64_t now = (z->scan->year - 1) / 100 * 100 + 1;
    if (which) {
        *first = which <= 2 ? now - 100 : now;
        return true;
    }
    if (chinese_value(z, 1, 99, &n) && chinese_take(z, "世纪") && !chinese_next_in(z, "前|后|以")) {
        *first = 100 * (n - 1) + 1;
        return true;
    }
    z->at = at;
    return false;
}

/* 90年代, 九十年代, 上世纪八十年代, 八零年代, 1990年代 */
static bool decade(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    int64_t first = 0, from;
    struct chinese_number n;
    bool of = century(z, &first);
    size_t behind = z->at;
    bool any = chinese_number(z, &n) && chinese_take(z, "年代") && n.lo % 10 == 0 && !n.half &&
               (n.hi == n.lo || n.hi == n.lo + 9);
    if (any && (n.lo < 100 || (n.lo >= 1200 && n.lo < 2200 && !of))) {
        from = z->scan->year - z->scan->year % 100 + n.lo;
        from = n.lo >= 100 ? n.lo : of ? first - 1 + n.lo : from > z->scan->year ? from - 100 : from;
        *out = when_days(when_day(from, 1, 1), when_day(from + 10, 1, 1), WHEN_DECADE);
        int third = edge(z, "初期|早期|初|中期|中叶|中后期|末期|后期|末");
        if (third >= 0)
            *out = when_third(*out, third);
        return true;
    }
    z->at = of ? behind : at;
    if (of)
        *out = when_days(when_day(first, 1, 1), when_day(first + 100, 1, 1), WHEN_AGE);
    return of;
}

/* ---- without a year ---- */

/* 上个月, 本月, 下下个月, and what stands behind. */
static bool month_word(struct chinese *z, struct when_span *out)
{
    static const int steps[] = { -2, -1, -1, 2, 1, 1, 0, 0 };
    size_t at = z->at;
    int which = chinese_pick(z, "上上个月|上个月|上月|下下个月|下个月|下月|这个月|本月");
    bool blocked = which && (chinese_before_in(z, 0, "晚|天|早|日|剧|书|课|基|版|样|根|海|马") ||
                             chinese_next_in(z, "亮|光|球|色|饼|台"));
    if (which && !blocked) {
        struct when_span span = when_whole(z->scan, UNIT_MONTH, steps[which - 1]);
        int year, month, day;
        when_civil(when_day_at(span.from), &year, &month, &day);
        if (in_month(z, year, month, false, at, out))
            return true;
    }
    z->at = at;
    return false;
}

static bool month_alone(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    int month;
    if (!chinese_before_in(z, 0, "每|几|个|第|农历|阴历|旧历|多|年|/|.|-") && month_number(z, &month) &&
        in_month(z, 0, month, true, at, out))
        return true;
    z->at = at;
    return false;
}

/* 7号 alone: of this month or the one next to it, unless it numbers something else. */
static bool day_alone(struct chinese *z, struct when_span *out)
{
    static const char things[] =
        "楼|线|房|间|门|院|馆|桌|店|厅|车|床|球|衣|选|技|码|段|字|病|作|目|队|坑|井|电|站|出口|人|男|女|位|机|种|公|仓|"
        "库|铁|文|嘉宾|高|国|桥|路|窗|柜|台|船|舰|卫|火|的房|文件|染|元素|鞋";
    static const char before[] = "第|编|住|坐|穿|选|叫|排|尾|型|账|几|每|长|大|小|中|/|.|-";
    size_t at = z->at;
    int day;
    if (!chinese_before_in(z, 0, before) && chinese_value(z, 1, 31, &day) && chinese_take(z, "号") &&
        !chinese_next_in(z, things) && when_near_mday(z->scan, day, chinese_tense(z, at), out))
        return true;
    z->at = at;
    return false;
}

/* 这个夏天, 上个圣诞节, 年底, 月初, 上半年 */
static bool named(struct chinese *z, struct when_span *out)
{
    size_t at = z->at;
    enum when_season season;
    enum when_holiday holiday;
    bool holidays_of;
    static const int steps[] = { -1, 1, 0, 0 };
    int which = chinese_pick(z, "上个|下个|这个|这"), third;
    int k = which ? steps[which - 1] : 0;
    if (which && season_name(z, &season, &holidays_of)) {
        *out = when_relative_season(z->scan, season, k);
        return true;
    }
    if (chinese_holiday(z, &holiday) && (which ? when_relative_holiday(z->scan, holiday, k, out)
                                               : when_near_holiday(z->scan, holiday, chinese_tense(z, at), out)))
        return true;
    z->at = at;
    if (chinese_before_in(z, 0,
                          "个|月|年|每|半|早|晚|上|下|过|到|一|二|三|四|五|六|七|八|九|十|正|腊|0|1|2|3|4|5|6|7|8|9"))
        return false;
    if ((third = edge(z, "年初|||年中|||年底|年末")) >= 0)
        *out = when_third(when_whole(z->scan, UNIT_YEAR, 0), third);
    else if ((third = edge(z, "月初|||月中|||月底|月末")) >= 0)
        *out = when_third(when_whole(z->scan, UNIT_MONTH, 0), third);
    else if ((third = chinese_pick(z, "上半年|下半年")) > 0)
        *out = when_days(when_day(z->scan->year, third == 1 ? 1 : 7, 1),
                         when_day(z->scan->year, third == 1 ? 7 : 13, 1), WHEN_SEASON);
    else
        return false;
    return true;
}

bool chinese_date(struct chinese *z, struct when_span *out)
{
    if (chinese_before_in(z, 0, "农历|阴历|旧历"))
        return false;
    return decade(z, out) || with_year(z, out) || month_word(z, out) || month_alone(z, out) || day_alone(z, out) ||
           named(z, out);
}
