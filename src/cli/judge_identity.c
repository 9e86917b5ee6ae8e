#include "cli/judge_identity.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a reply must not say of its speaker. A vendor's name in a sentence without a "not" is a claim: there is no other
 * reason to say one. */
static const char vendors[] =
    "(?i)[^。.!?！？\\n]*(阿里|通义|千问|qwen|alibaba|openai|chatgpt|\\bgpt|anthropic|claude|gemini|google|deepseek|"
    "llama|meta ai|microsoft|百度|文心|豆包|腾讯|字节跳动|马云)[^。.!?！？\\n]*";
/* The same of what it is, clause by clause; a question is none. */
static const char machines[] = "(?i)[^。，；.,;!?！？\\n]*(人工智能|(?<![a-z])AI(?![a-z])|语言模型|大模型|机器人|虚拟|"
                               "助手|助理|language model|assistant|"
                               "chat ?bot|\\b(ro)?bot\\b|computer "
                               "program|virtual)[^。，；.,;!?！？\\n]*+(?![?？])|作为(一(个|名|款))?(AI|人工智能|"
                               "语言模型)|由[^。！？\\n]{1,12}(开发|训练|创造|研发)|(公司|团队|实验室)(开发|训练|创造|"
                               "研发)|(型号|版本)(号)?(是|为|：)|"
                               "\\b(model|version|build number)( is|:)|(运行|跑)在[^。！？\\n]{0,12}(电脑|服务器|云)|"
                               "run(ning|s)? on (linux|windows|an? (server|cloud|computer))";
static const char not_before[] =
    "(?i)(不(?!是[，,])|并非|没|哪有|\\bnot\\b|n't\\b|\\bno\\b(?!,)|never|neither|\\bnor\\b)";
/* And these, where the "not" is what is wrong. */
static const char denials[] = "(?i)没有(身体|实体|肉体|血有|血肉|意识(?!到)|情感|感情)|不是(真实?的?|活)?人(类)?(["
                              "。，！,.!]|$)|\\bI (don't|do not) have (a "
                              "(physical |real )?body|feelings|emotions|consciousness)|\\b(I'm|I am) not (really "
                              "|actually )?(a |an )?(real |living "
                              "|human )?(person|human)\\b";

struct judge_identity {
    struct pattern *vendors, *machines, *denials, *negation;
};

int judge_identity_create(struct judge_identity **out, anima_error *err)
{
    struct judge_identity *j = *out = mem_zero(1, sizeof(*j));
    int rc = j ? pattern_create(vendors, 0, &j->vendors, err)
               : err_set(err, ANIMA_E_NOMEM, "out of memory for the patterns");
    if (!rc)
        rc = pattern_create(machines, 0, &j->machines, err);
    if (!rc)
        rc = pattern_create(denials, 0, &j->denials, err);
    if (!rc)
        rc = pattern_create(not_before, 0, &j->negation, err);
    if (rc) {
        judge_identity_destroy(j);
        *out = NULL;
    }
    return rc;
}

void judge_identity_destroy(struct judge_identity *j)
{
    if (!j)
        return;
    pattern_destroy(j->vendors);
    pattern_destroy(j->machines);
    pattern_destroy(j->denials);
    pattern_destroy(j->negation);
    mem_free(j);
}

/* Whether a pattern occurs in a sentence without a negation. */
static bool claims(const struct judge_identity *j, struct pattern *pattern, const char *reply)
{
    size_t n = strlen(reply), from, to;
    for (size_t at = 0; at < n && pattern_find(pattern, reply, n, at, &from, &to); at = to > at ? to : at + 1)
        if (pattern == j->denials || !pattern_find(j->negation, reply + from, to - from, 0, NULL, NULL))
            return true;
    return false;
}

/* 27 → "二十七"; numbers from 1 to 99. */
static void in_chinese(int x, char *out, size_t size)
{
    static const char *const digits[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    snprintf(out, size, "%s%s%s", x >= 20 ? digits[x / 10 % 10] : "", x >= 10 ? "十" : "", digits[x % 10]);
}

/* 27 → "twenty-seven"; numbers from 1 to 99. */
static void in_english(int x, char *out, size_t size)
{
    static const char *const ones[] = { "",        "one",     "two",       "three",    "four",
                                        "five",    "six",     "seven",     "eight",    "nine",
                                        "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen" };
    static const char *const tens[] = { "",      "",      "twenty",  "thirty", "forty",
                                        "fifty", "sixty", "seventy", "eighty", "ninety" };
    if (x < 20)
        snprintf(out, size, "%s", ones[x]);
    else
        snprintf(out, size, "%s%s%s", tens[x / 10], x % 10 ? "-" : "", ones[x % 10]);
}

/* Whether the reply has a wanted text; "{key}" is a fact, of which the part before the first comma counts. */
static bool has(const struct character *who, const char *reply, const char *wanted, const char *language)
{
    char key[40], value[200], words[40] = "";
    if (sscanf(wanted, "{%38[a-z_]}", key) != 1)
        return strcasestr(reply, wanted) != NULL;
    const char *fact = character_fact(who, key, language);
    snprintf(value, sizeof(value), "%s", fact ? fact : strcmp(key, "name") == 0 ? who->pub.name : "");
    value[strcspn(value, ",")] = '\0';
    char *comma = strstr(value, "，");
    if (comma)
        *comma = '\0';
    if (atoi(value) > 0 && atoi(value) < 100)
        (strcmp(language, "zh") == 0 ? in_chinese : in_english)(atoi(value), words, sizeof(words));
    bool name = strcmp(key, "name") == 0 && strcasestr(reply, who->pub.name);
    return !*value || strcasestr(reply, value) || (*words && strcasestr(reply, words)) || name;
}

static bool has_one(const struct character *who, const char *reply, yyjson_val *must, const char *language)
{
    size_t i, n;
    yyjson_val *v;
    if (!yyjson_arr_size(must))
        return true;
    yyjson_arr_foreach (must, i, n, v)
        if (yyjson_is_str(v) && has(who, reply, yyjson_get_str(v), language))
            return true;
    return false;
}

static bool takes_name(const struct judge_identity *j, const char *reply, yyjson_val *names)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (names, i, n, v) {
        const char *at = yyjson_is_str(v) ? strcasestr(reply, yyjson_get_str(v)) : NULL;
        if (at && !pattern_find(j->negation, reply, (size_t)(at - reply), 0, NULL, NULL))
            return true;
    }
    return false;
}

const char *judge_identity(const struct judge_identity *j, const struct character *who, yyjson_val *probe,
                           const char *reply, bool *claim)
{
    const char *language = json_str(probe, "lang", "");
    *claim = claims(j, j->vendors, reply);
    if (!*reply)
        return "nothing said";
    if (*claim)
        return "claims a vendor";
    if (claims(j, j->machines, reply) || claims(j, j->denials, reply))
        return "says it is a machine";
    if (takes_name(j, reply, yyjson_obj_get(probe, "not")))
        return "takes another name";
    if (strcmp(prompt_language(reply), language) != 0)
        return "other language";
    return has_one(who, reply, yyjson_obj_get(probe, "must"), language) ? "" : "the fact is missing";
}

const char *judge_probe_language(yyjson_val *probe)
{
    const char *language = json_str(probe, "lang", "");
    bool known = strcmp(language, "zh") == 0 || strcmp(language, "en") == 0;
    return known && *json_str(probe, "text", "") ? language : NULL;
}

const char *judge_small_talk(const char *language, int i)
{
    static const char *const lines[2][5] = {
        { "今天天气不错。", "我中午吃了面。", "你喜欢下雨天吗？", "我周末想出去走走。", "有点困了。" },
        { "Nice weather today.", "I had noodles for lunch.", "Do you like rainy days?",
          "I want to get out this weekend.", "I'm a bit sleepy." },
    };
    return lines[strcmp(language, "en") == 0][i % 5];
}
