/* bench_identity.c — does a character stay who it is? Asks the probes of share/probes/identity.jsonl (or --probes FILE of the
 * same shape) and scores the replies without a judge: by the facts of the card and by patterns.
 *
 * A line of probes: {"lang", "kind", "text", "must": [one of these must occur; "{name}", "{age}" … are the card's facts],
 * "after": turns of other talk before}. A reply is consistent if it claims no vendor and no model, does not say of itself
 * that it is an AI, an assistant or a program, does not speak the other language, and has what must occur. */
#include "agent/cast.h"
#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/progress.h"
#include "engine/models.h"
#include "mind/prompt.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_PROBES 1000
#define MAX_PROBES_BYTES (4u << 20)
#define MAX_REPLY 8192
#define REPLY_TIMEOUT_MS 300000

/* What a reply must not say of its speaker. Negations ("I'm not GPT", "我不是") do not match. */
static const char vendors[] = "(?i)((我|本人)(就?是|叫|来自|属于)|由|\\b(I am|I'm|I was|my name "
                              "is|(made|created|developed|trained|built) by|from)\\b)"
                              "(?!不)[^。.!?！？\\n]{0,24}?(阿里|通义|千问|qwen|alibaba|openai|chatgpt|\\bgpt|"
                              "anthropic|claude|gemini|google|deepseek|llama|"
                              "meta ai|microsoft|百度|文心|豆包|腾讯)";
static const char machines[] =
    "(?i)(我(只|就|其实)?是(一(个|名|款|种))?[^。！？，\\n不]{0,8}(人工智能|AI|语言模型|大模型|机器人|虚拟助手|助手|"
    "程序)|作为(一(个|名|款))?(AI|人工智能|语言模型)|"
    "\\b(I am|I'm)( just| only| actually)? (an?|your) (?!old )[^.,!?\\n]{0,24}\\b(AI|language "
    "model|assistant|chatbot|bot|computer program|virtual)\\b|"
    "\\bas an? (AI|language model|(virtual )?assistant)|由[^。！？\\n]{1,12}(开发|训练|创造|研发))";
static const char not_before[] = "(?i)(不是|并非|没有?|\\bnot\\b|n't\\b|\\bno\\b,? I)";

struct probe {
    yyjson_val *line;
    const char *language, *kind, *text;
    int after;
};

struct asking {
    anima_home *home;
    const struct character *who;
    int64_t wait_for;
    bool over;
    char reply[MAX_REPLY];
    pcre2_code *vendors, *machines, *negation;
};

struct score {
    int asked, consistent, claims;
};

static void on_event(void *ctx, const anima_event *event)
{
    struct asking *a = ctx;
    if (event->type != ANIMA_EVENT_TURN_DONE || event->turn->seq != a->wait_for)
        return;
    a->over = true;
    snprintf(a->reply, sizeof(a->reply), "%s", event->turn->state == ANIMA_TURN_DONE ? event->turn->text : "");
}

static int say(struct asking *a, anima_conversation *c, const char *text, anima_error *err)
{
    int64_t seq;
    const anima_message message = { .text = text };
    a->over = false;
    int rc = anima_send(c, &message, &seq, err);
    a->wait_for = seq + 1;
    for (int waited = 0; !rc && !a->over; waited += 50) {
        anima_home_step(a->home, 50);
        if (progress_interrupted())
            rc = err_set(err, ANIMA_E_CANCELLED, "stopped");
        else if (waited > REPLY_TIMEOUT_MS)
            rc = err_set(err, ANIMA_E_TIMEOUT, "no reply within five minutes");
    }
    return rc;
}

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
        rc = say(a, c, lines[strcmp(language, "en") == 0][i % 5], err);
    return rc;
}

static int ask(struct asking *a, const struct probe *p, anima_error *err)
{
    anima_conversation *c;
    anima_conversation_info info;
    anima_subscription *events = NULL;
    int rc = anima_conversation_create(a->home, a->who->pub.id, NULL, &c, err);
    if (rc)
        return rc;
    anima_conversation_describe(c, &info);
    rc = anima_subscribe(a->home, info.id, on_event, a, &events, err);
    if (!rc && p->after)
        rc = chat_first(a, c, p->language, p->after, err);
    if (!rc)
        rc = say(a, c, p->text, err);
    if (events)
        anima_unsubscribe(events);
    anima_conversation_close(c);
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
        found = pcre2_match(a->negation, (PCRE2_SPTR)(reply + from), to - from, 0, 0, m, NULL) < 0;
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

/* Whether the reply has a wanted text; "{key}" is a fact, of which the part before the first comma counts. */
static bool has(const struct asking *a, const char *wanted, const char *language)
{
    char key[40], value[200], chinese[40] = "";
    if (sscanf(wanted, "{%38[a-z_]}", key) != 1)
        return strcasestr(a->reply, wanted) != NULL;
    const char *fact = character_fact(a->who, key, language);
    snprintf(value, sizeof(value), "%s", fact ? fact : strcmp(key, "name") == 0 ? a->who->pub.name : "");
    value[strcspn(value, ",")] = '\0';
    char *comma = strstr(value, "，");
    if (comma)
        *comma = '\0';
    if (atoi(value) > 0 && atoi(value) < 100)
        in_chinese(atoi(value), chinese, sizeof(chinese));
    bool name = strcmp(key, "name") == 0 && strcasestr(a->reply, a->who->pub.name);
    return !*value || strcasestr(a->reply, value) || (*chinese && strstr(a->reply, chinese)) || name;
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

static void judge(const struct asking *a, const struct probe *p, struct score *s, bool show)
{
    const char *why = "";
    bool claim = claims(a, a->vendors, a->reply);
    if (!*a->reply)
        why = "nothing said";
    else if (claim)
        why = "claims a vendor";
    else if (claims(a, a->machines, a->reply))
        why = "says it is a machine";
    else if (strcmp(prompt_language(a->reply), p->language) != 0)
        why = "other language";
    else if (!has_one(a, yyjson_obj_get(p->line, "must"), p->language))
        why = "the fact is missing";
    s->asked++;
    s->claims += claim;
    s->consistent += !*why;
    if (*why || show)
        fprintf(stderr, "%-10s %s %s: %s → %s\n", *why ? why : "good", a->who->pub.id, p->kind, p->text, a->reply);
}

/* ---- the probes ---- */

static int read_probes(const char *path, struct probe *out, int *n, yyjson_doc **docs, anima_error *err)
{
    char *text;
    int rc = fs_read(path, MAX_PROBES_BYTES, &text, NULL, err), number = 0;
    *n = 0;
    for (char *save = NULL, *line = rc ? NULL : strtok_r(text, "\n", &save); line && !rc;
         line = strtok_r(NULL, "\n", &save)) {
        number++;
        if (!line[strspn(line, " \t\r")])
            continue;
        if (*n == MAX_PROBES)
            rc = err_set(err, ANIMA_E_LIMIT, "%s has more than %d probes", path, MAX_PROBES);
        else
            rc = json_parse(line, strlen(line), MAX_PROBES_BYTES, "a probe", &docs[*n], err);
        if (rc)
            break;
        yyjson_val *v = yyjson_doc_get_root(docs[*n]);
        out[*n] = (struct probe){ v, json_str(v, "lang", ""), json_str(v, "kind", ""), json_str(v, "text", ""),
                                  (int)json_int(v, "after", 0) };
        if (!*out[*n].text || (strcmp(out[*n].language, "zh") != 0 && strcmp(out[*n].language, "en") != 0))
            rc = err_set(err, ANIMA_E_INVALID, "%s, line %d: a probe needs \"lang\" (zh, en) and \"text\"", path,
                         number);
        (*n)++;
    }
    if (path && (rc == 0 || *n))
        mem_free(text);
    return rc;
}

static int measure(struct asking *a, struct probe *probes, int n, struct score scores[2], bool show, anima_error *err)
{
    int rc = ANIMA_OK;
    for (int i = 0; i < n && !rc; i++) {
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r\033[K%d of %d\r", i + 1, n);
        rc = ask(a, &probes[i], err);
        if (!rc)
            judge(a, &probes[i], &scores[strcmp(probes[i].language, "en") == 0], show);
    }
    return rc;
}

static pcre2_code *compile(const char *pattern)
{
    int code;
    PCRE2_SIZE at;
    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
}

static int run_all(struct cli *cli, struct asking *a, struct score scores[2], int *n, anima_error *err)
{
    static struct probe probes[MAX_PROBES];
    static yyjson_doc *docs[MAX_PROBES];
    const char *given = cli_value(cli, "probes"), *who = cli_value(cli, "character"), *limit = cli_value(cli, "n");
    char *share = fs_share_dir(),
         *path = given ? mem_strdup(given) : fs_join(share ? share : "", "probes/identity.jsonl", (char *)NULL);
    int rc = path ? read_probes(path, probes, n, docs, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    *n = !rc && limit && atoi(limit) > 0 && atoi(limit) < *n ? atoi(limit) : *n;
    a->who = cast_find(home_cast(a->home), who ? who : "lin");
    if (!rc && !a->who)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"; `anima characters` lists them",
                     who ? who : "lin");
    if (!rc)
        rc = measure(a, probes, *n, scores, cli_value(cli, "show") != NULL, err);
    for (int i = 0; i < MAX_PROBES && docs[i]; i++)
        yyjson_doc_free(docs[i]);
    mem_free(path);
    mem_free(share);
    return rc;
}

static void add(struct bench_report *r, const char *key, const struct score *s)
{
    if (s->asked)
        bench_add(r, (struct bench_result){ key, "%", "patterns and the facts of the card",
                                            100.0 * s->consistent / s->asked, 95, true, 0, 0 });
}

static int run(struct cli *cli, struct bench_report *report)
{
    char dir[] = "/tmp/anima-bench-XXXXXX", command[100];
    struct cli with = *cli;
    struct score scores[2] = { 0 };
    anima_error err;
    int status, n = 0;
    with.home = mkdtemp(dir);
    progress_catch_interrupt();
    anima_home *home = cli_open_home(&with, false, &status);
    if (!home)
        return status;
    struct asking a = {
        .home = home, .vendors = compile(vendors), .machines = compile(machines), .negation = compile(not_before)
    };
    int rc = a.vendors && a.machines && a.negation ? run_all(cli, &a, scores, &n, &err)
                                                   : err_set(&err, ANIMA_E_NOMEM, "the patterns cannot be compiled");
    const char *name = anima_home_setting(home, "model.default");
    const struct model *model = models_find(home_models(home), name);
    snprintf(report->model, sizeof(report->model), "%s as %s", name, a.who ? a.who->pub.id : "?");
    snprintf(report->model_sha256, sizeof(report->model_sha256), "%s", model ? model->sha256 : "");
    report->command = "anima bench identity";
    report->n = n;
    add(report, "consistent_zh", &scores[0]);
    add(report, "consistent_en", &scores[1]);
    bench_add(report, (struct bench_result){ "vendor_claims", "replies", "claims to be somebody's model",
                                             scores[0].claims + scores[1].claims, BENCH_NONE, false, 0, 0 });
    pcre2_code_free(a.vendors);
    pcre2_code_free(a.machines);
    pcre2_code_free(a.negation);
    anima_home_close(home);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    if (system(command))
        fprintf(stderr, "anima: %s is left behind\n", dir);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_identity = { "identity", "does a character stay who it is? (share/probes/identity.jsonl)",
                                      run };
