#include "cli/judge_facts.h"

#include <ctype.h>
#include <string.h>

#define LONGEST 4000 /* bytes of an answer that are looked at */
#define MOST_STRINGS 20

/* Without spaces and case, in out. */
static void fold(const char *text, char *out, size_t size)
{
    size_t n = 0;
    for (; *text && n + 1 < size; text++)
        if (!isspace((unsigned char)*text))
            out[n++] = (char)(*text >= 'A' && *text <= 'Z' ? *text | 32 : *text);
    out[n] = '\0';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Of a Chinese number. */
static bool is_numeral(const char *at)
{
    static const char *const numerals[] = {
        "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百", "千", "两"
    };
    for (size_t i = 0; i < sizeof(numerals) / sizeof(*numerals); i++)
        if (strncmp(at, numerals[i], 3) == 0)
            return true;
    return false;
}

/* "27" stands in "27岁", not in "1927"; 十七 not in 二十七. */
static bool stands_in(const char *answer, const char *wanted)
{
    size_t n = strlen(wanted);
    for (const char *at = answer; n && (at = strstr(at, wanted)); at++) {
        bool longer = (is_digit(wanted[0]) && at > answer && is_digit(at[-1])) ||
                      (is_digit(wanted[n - 1]) && is_digit(at[n])) ||
                      (is_numeral(wanted) && at - answer >= 3 && is_numeral(at - 3)) ||
                      (n >= 3 && is_numeral(wanted + n - 3) && is_numeral(at + n));
        if (!longer)
            return true;
    }
    return false;
}

static bool any_stands(yyjson_val *list, const char *answer)
{
    size_t i, n;
    yyjson_val *one;
    char wanted[400];
    yyjson_arr_foreach (list, i, n, one) {
        fold(yyjson_is_str(one) ? yyjson_get_str(one) : "", wanted, sizeof(wanted));
        if (stands_in(answer, wanted))
            return true;
    }
    return false;
}

static bool are_strings(yyjson_val *list)
{
    size_t i, n;
    yyjson_val *one;
    if (yyjson_arr_size(list) > MOST_STRINGS)
        return false;
    yyjson_arr_foreach (list, i, n, one)
        if (!yyjson_is_str(one) || !*yyjson_get_str(one) || yyjson_get_len(one) > 200)
            return false;
    return true;
}

const char *judge_fact_form(yyjson_val *line)
{
    yyjson_val *any = yyjson_obj_get(line, "any"), *not = yyjson_obj_get(line, "not");
    if (!*json_str(line, "q", ""))
        return "there is no question \"q\"";
    if (!yyjson_arr_size(any) || !are_strings(any))
        return "\"any\" has to be a list of strings";
    return !not || (yyjson_is_arr(not ) && are_strings(not )) ? "" : "\"not\" has to be a list of strings";
}

bool judge_fact(yyjson_val *line, const char *answer)
{
    char folded[LONGEST];
    fold(answer, folded, sizeof(folded));
    return any_stands(yyjson_obj_get(line, "any"), folded) && !any_stands(yyjson_obj_get(line, "not"), folded);
}
