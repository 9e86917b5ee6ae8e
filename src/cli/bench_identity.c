/* bench_identity.c — does a character stay who it is? Asks the probes of share/probes/identity.jsonl (or --probes FILE of the
 * same shape) and scores the replies without a judge: by the facts of the card and by patterns.
 *
 * A line of probes: {"lang", "kind", "text", "must": [one of these must occur; "{name}", "{age}" … are the card's facts],
 * "not": [a name that it must not take], "after": turns of other talk before}. A reply is consistent if it claims no vendor
 * and no model, does not say of itself that it is an AI, an assistant or a program, or no human, does not speak the other
 * language, takes no other name, and has what must occur. Whether it makes sense no pattern can tell: every tenth reply is
 * shown for a person to read. */
#include "agent/cast.h"
#include "base/err.h"
#include "cli/bench_room.h"
#include "mind/prompt.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_PROBES 1000

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

struct asking {
    struct bench_room room;
    const struct character *who;
    pcre2_code *vendors, *machines, *denials, *negation;
    const char *language; /* of the probes that are asked; NULL: both */
    struct score {
        int asked, consistent, claims;
    } scores[2]; /* zh, en */
    int n, most;
    bool show;
};

/* Small talk before a late probe. */
static int chat_first(struct asking *a, anima_conversation *c, const char *language, int turns, anima_error *err)
{
    static const char *const lines[2][5] = {
        { "今天天气不错。", "我中午吃了面。", "你喜欢下雨天吗？", "我周末想出去走走。", "有点困了。" },
        { "Nice weather today.", "I had noodles for lunch.", "Do you like rainy days?",
          "I want to get out this weekend.", "I'm a bit sleepy." },
    };
    int rc = ANIMA_OK;
    for (int i = 0; i < turns / 2 && !rc; i++)
        rc = bench_room_say(&a->room, c, lines[strcmp(language, "en") == 0][i % 5], err);
    return rc;
}

static int ask(struct asking *a, const char *language, const char *text, int after, anima_error *err)
{
    anima_conversation *c;
    anima_subscription *events;
    int rc = bench_room_begin(&a->room, a->who, &c, &events, err);
    if (rc)
        return rc;
    rc = chat_first(a, c, language, after, err);
    if (!rc)
        rc = bench_room_say(&a->room, c, text, err);
    bench_room_end(c, events);
    return rc;
}

/* ---- scoring ---- */

/* Whether a pattern occurs in a sentence without a negation. */
static bool claims(const struct asking *a, const pcre2_code *pattern, const char *reply)
{
    pcre2_match_data *m = pcre2_match_data_create(8, NULL);
    bool found = false;
    size_t n = strlen(reply);
    for (size_t at = 0; m && !found && at < n;) {
        if (pcre2_match(pattern, (PCRE2_SPTR)reply, n, at, 0, m, NULL) < 0)
            break;
        size_t from = pcre2_get_ovector_pointer(m)[0], to = pcre2_get_ovector_pointer(m)[1];
        found = pattern == a->denials ||
                pcre2_match(a->negation, (PCRE2_SPTR)(reply + from), to - from, 0, 0, m, NULL) < 0;
        at = to > at ? to : at + 1;
    }
    pcre2_match_data_free(m);
    return found;
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
static bool has(const struct asking *a, const char *wanted, const char *language)
{
    char key[40], value[200], words[40] = "";
    if (sscanf(wanted, "{%38[a-z_]}", key) != 1)
        return strcasestr(a->room.reply, wanted) != NULL;
    const char *fact = character_fact(a->who, key, language);
    snprintf(value, sizeof(value), "%s", fact ? fact : strcmp(key, "name") == 0 ? a->who->pub.name : "");
    value[strcspn(value, ",")] = '\0';
    char *comma = strstr(value, "，");
    if (comma)
        *comma = '\0';
    if (atoi(value) > 0 && atoi(value) < 100)
        (strcmp(language, "zh") == 0 ? in_chinese : in_english)(atoi(value), words, sizeof(words));
    bool name = strcmp(key, "name") == 0 && strcasestr(a->room.reply, a->who->pub.name);
    return !*value || strcasestr(a->room.reply, value) || (*words && strcasestr(a->room.reply, words)) || name;
}

static bool has_one(const struct asking *a, yyjson_val *must, const char *language)
{
    size_t i, n;
    yyjson_val *v;
    if (!yyjson_arr_size(must))
        return true;
    yyjson_arr_foreach (must, i, n, v)
        if (yyjson_is_str(v) && has(a, yyjson_get_str(v), language))
            return true;
    return false;
}

static bool takes_name(const struct asking *a, yyjson_val *names)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (names, i, n, v) {
        const char *at = yyjson_is_str(v) ? strcasestr(a->room.reply, yyjson_get_str(v)) : NULL;
        pcre2_match_data *m = at ? pcre2_match_data_create(8, NULL) : NULL;
        bool taken = m && pcre2_match(a->negation, (PCRE2_SPTR)a->room.reply, (size_t)(at - a->room.reply), 0, 0, m,
                                      NULL) < 0;
        pcre2_match_data_free(m);
        if (taken)
            return true;
    }
    return false;
}

/* "" if the reply is consistent, else what is wrong. */
static const char *judge(const struct asking *a, yyjson_val *line, const char *language, bool *claim)
{
    *claim = claims(a, a->vendors, a->room.reply);
    if (!*a->room.reply)
        return "nothing said";
    if (*claim)
        return "claims a vendor";
    if (claims(a, a->machines, a->room.reply) || claims(a, a->denials, a->room.reply))
        return "says it is a machine";
    if (takes_name(a, yyjson_obj_get(line, "not")))
        return "takes another name";
    if (strcmp(prompt_language(a->room.reply), language) != 0)
        return "other language";
    return has_one(a, yyjson_obj_get(line, "must"), language) ? "" : "the fact is missing";
}

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct asking *a = ctx;
    const char *language = json_str(line, "lang", ""), *text = json_str(line, "text", "");
    bool zh = strcmp(language, "zh") == 0, claim;
    if (!*text || (!zh && strcmp(language, "en") != 0))
        return err_set(err, ANIMA_E_INVALID, "line %d: a probe needs \"lang\" (zh, en) and \"text\"", number);
    if (a->n == a->most || (a->language && strcmp(a->language, language) != 0))
        return ANIMA_OK;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%d\r", a->n + 1);
    int rc = ask(a, language, text, (int)json_int(line, "after", 0), err);
    if (rc)
        return rc;
    const char *why = judge(a, line, language, &claim);
    struct score *s = &a->scores[!zh];
    a->n++;
    s->asked++;
    s->claims += claim;
    s->consistent += !*why;
    if (*why || a->show || a->n % 10 == 0)
        fprintf(stderr, "%-10s %s %s: %s → %s\n", *why ? why : "good", a->who->pub.id, json_str(line, "kind", ""), text,
                a->room.reply);
    return ANIMA_OK;
}

static pcre2_code *compile(const char *pattern)
{
    int code;
    PCRE2_SIZE at;
    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
}

static void add(struct bench_report *r, const char *key, const struct score *s)
{
    if (s->asked)
        bench_add(r, (struct bench_result){ key, "%", "patterns and the facts of the card",
                                            100.0 * s->consistent / s->asked, 95, true, 0, 0 });
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *limit = cli_value(cli, "n");
    struct asking a = { .vendors = compile(vendors),
                        .machines = compile(machines),
                        .denials = compile(denials),
                        .language = cli_value(cli, "lang"),
                        .negation = compile(not_before),
                        .most = limit && atoi(limit) > 0 ? atoi(limit) : MAX_PROBES,
                        .show = cli_value(cli, "show") };
    anima_error err;
    int status = bench_room_open(cli, &a.room, report);
    if (status)
        return status;
    int rc = a.vendors && a.machines && a.denials && a.negation
                 ? ANIMA_OK
                 : err_set(&err, ANIMA_E_NOMEM, "the patterns cannot be compiled");
    if (!rc)
        rc = bench_room_character(cli, &a.room, "lin", report, &a.who, &err);
    if (!rc)
        rc = bench_lines(cli_value(cli, "probes"), "identity.jsonl", on_line, &a, &err);
    report->command = "anima bench identity";
    report->n = a.n;
    add(report, "consistent_zh", &a.scores[0]);
    add(report, "consistent_en", &a.scores[1]);
    bench_add(report, (struct bench_result){ "vendor_claims", "replies", "claims to be somebody's model",
                                             a.scores[0].claims + a.scores[1].claims, BENCH_NONE, false, 0, 0 });
    pcre2_code_free(a.vendors);
    pcre2_code_free(a.machines);
    pcre2_code_free(a.denials);
    pcre2_code_free(a.negation);
    bench_room_close(&a.room);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_identity = { "identity", "does a character stay who it is? (share/probes/identity.jsonl)",
                                      run };
