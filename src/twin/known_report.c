/* known_report.c — what is known of a person, for people and for programs, and the questions that ask for the rest. */
#include "base/json.h"
#include "twin/known.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MANY 30    /* files that are listed by name */
#define FORMATS 32 /* of exports; there are fewer */

static const char *const kind_names[TWIN_KINDS][TWIN_LANGUAGES] = {
    { "聊天", "messages" }, { "邮件", "mails" }, { "帖子", "posts" }, { "文章和笔记", "texts" }
};
static const char *const kind_keys[TWIN_KINDS] = { "messages", "mails", "posts", "texts" };

static const char *const left_words[TWIN_LEFT][TWIN_LANGUAGES] = {
    { "去掉的人和对话", "of people and conversations that are left out" },
    { "紧接在去掉的人后面的话", "own words right behind those of somebody who is left out" },
    { "别人说的、没有回答的话", "of others, which were not answered" },
    { "太短、不能单独成句的话", "own words that say too little to stand alone" },
    { "别人的帖子和文章", "posts and texts of others" },
    { "太长的文章", "texts that are too long" },
};

static double percent(size_t part, size_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

/* A name in a line of Markdown. */
static void put_name(struct buf *b, const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("|*_`[]<>#\\", name[i]))
            buf_puts(b, "\\");
        buf_append(b, name[i] == '\n' ? " " : name + i, 1);
    }
}

static void put_day(struct buf *b, int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    char text[20] = "?";
    if (localtime_r(&s, &tm))
        strftime(text, sizeof(text), "%Y-%m-%d", &tm);
    buf_puts(b, text);
}

/* ---- Markdown ---- */

static void put_files(const struct twin_report *r, bool zh, struct buf *b)
{
    const struct twin_book *book = r->book;
    size_t shown = 0, read = 0, troubled = 0;
    for (size_t i = 0; i < book->n_files; i++) {
        read += book->files[i].records > 0;
        troubled += *book->files[i].trouble != '\0';
    }
    buf_printf(b,
               zh ? "\n## 文件\n看了 %zu 个，读出内容的 %zu 个，有问题的 %zu 个。\n\n"
                  : "\n## Files\n%zu looked at, %zu with something in them, %zu with trouble.\n\n",
               book->n_files, read, troubled);
    /* those with trouble first */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < book->n_files && shown < MANY; i++) {
            const struct twin_file *f = &book->files[i];
            if ((*f->trouble == '\0') != (pass == 1) || (pass == 1 && !f->records))
                continue;
            buf_puts(b, "- ");
            put_name(b, f->name, strlen(f->name));
            buf_printf(b,
                       zh ? "（%s）：%zu 条，另有 %zu 条系统消息或没有文字的媒体%s%s\n"
                          : " (%s): %zu records, %zu system lines or media without words%s%s\n",
                       *f->format ? f->format : "?", f->records, f->notices,
                       *f->trouble ? (zh ? "；问题：" : "; trouble: ") : "", f->trouble);
            shown++;
        }
}

/* How many records each form of export has. */
static void put_formats(const struct twin_report *r, bool zh, struct buf *b)
{
    struct {
        const char *name;
        size_t records;
    } formats[FORMATS];
    size_t n = 0;
    for (size_t i = 0; i < r->book->n_files; i++) {
        const struct twin_file *f = &r->book->files[i];
        size_t at = 0;
        while (at < n && strcmp(formats[at].name, f->format) != 0)
            at++;
        if (!f->records || at == FORMATS)
            continue;
        if (at == n) {
            formats[n].name = f->format;
            formats[n++].records = 0;
        }
        formats[at].records += f->records;
    }
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%s %zu", i ? ", " : zh ? "\n来源：" : "\nSources: ", formats[i].name, formats[i].records);
    buf_puts(b, n ? "\n" : "");
}

static void put_records(const struct twin_report *r, bool zh, struct buf *b)
{
    const struct twin_known *k = r->known;
    buf_puts(b, zh ? "\n## 有多少\n| | 条 | 自己的 |\n|---|---|---|\n"
                   : "\n## How much\n| | records | own |\n|---|---|---|\n");
    for (size_t i = 0; i < TWIN_KINDS; i++)
        if (k->records[i])
            buf_printf(b, "| %s | %zu | %zu |\n", kind_names[i][zh ? 0 : 1], k->records[i], k->own[i]);
    for (size_t i = 0; i < k->n_years; i++)
        buf_printf(b, "| %d | %zu | %zu |\n", k->years[i].year, k->years[i].records, k->years[i].own);
    if (k->undated)
        buf_printf(b, zh ? "| 没有日期 | %zu | |\n" : "| undated | %zu | |\n", k->undated);
    put_formats(r, zh, b);
}

static void put_people(const struct twin_report *r, bool zh, struct buf *b)
{
    const struct twin_known *k = r->known;
    size_t others = 0, out = 0;
    for (size_t i = 0; i < r->people->n; i++) {
        const struct twin_author *a = &r->people->list[i];
        others += !a->me && !a->out && a->records;
        out += a->out;
    }
    buf_printf(b,
               zh ? "\n## 人\n除自己外有 %zu 个名字写过字；去掉的名字 %zu 个。\n本人："
                  : "\n## People\n%zu names beside the own ones; %zu names are left out.\nThe person: ",
               others, out);
    bool first = true;
    for (size_t i = 0; i < r->people->n; i++)
        if (r->people->list[i].me) {
            buf_puts(b, first ? "" : zh ? "、" : ", ");
            put_name(b, r->people->list[i].name, strlen(r->people->list[i].name));
            first = false;
        }
    buf_puts(b, first ? (zh ? "导出文件标明的主人\n\n" : "whom the exports tell as their owner\n\n") : "\n\n");
    for (size_t i = 0; i < k->n_partners; i++) {
        buf_puts(b, "- ");
        put_name(b, k->partners[i].name, strlen(k->partners[i].name));
        buf_printf(b, zh ? "：%zu 组一问一答\n" : ": %zu exchanges\n", k->partners[i].exchanges);
    }
    if (k->partners_left)
        buf_printf(b, zh ? "- 另有 %zu 人\n" : "- %zu more\n", k->partners_left);
    if (k->in_groups)
        buf_printf(b, zh ? "- 群聊：%zu 组\n" : "- groups: %zu exchanges\n", k->in_groups);
    if (r->talks->silent)
        buf_printf(b,
                   zh ? "\n%zu 个对话里本人一句话也没有：是不是还有别的名字（`--me`）？\n"
                      : "\nIn %zu conversations the person says nothing: is there another name of theirs (`--me`)?\n",
                   r->talks->silent);
}

static void put_left(const struct twin_report *r, bool zh, struct buf *b)
{
    buf_puts(b, zh ? "\n## 没有用的\n" : "\n## Left out\n");
    for (size_t i = 0; i < TWIN_LEFT; i++)
        if (r->talks->left[i])
            buf_printf(b, zh ? "- %s：%zu 条\n" : "- %s: %zu records\n", left_words[i][zh ? 0 : 1], r->talks->left[i]);
}

static void put_times(const struct twin_known *k, bool zh, struct buf *b)
{
    size_t busiest = 0;
    for (size_t h = 1; h < 24; h++)
        busiest = k->hours[h] > k->hours[busiest] ? h : busiest;
    if (k->first_ms) {
        buf_puts(b, zh ? "- 从 " : "- from ");
        put_day(b, k->first_ms);
        buf_puts(b, zh ? " 到 " : " to ");
        put_day(b, k->last_ms);
        buf_printf(b, zh ? "；写得最多的钟点是 %zu 点\n" : "; most is written at %zu o'clock\n", busiest);
    }
    buf_puts(b, zh ? "- 各个钟点的条数（0 点到 23 点）：" : "- records by hour, from 0 to 23: ");
    for (size_t h = 0; h < 24; h++)
        buf_printf(b, "%s%zu", h ? " " : "", k->hours[h]);
    buf_puts(b, "\n");
}

static void put_known(const struct twin_report *r, bool zh, struct buf *b)
{
    const struct twin_known *k = r->known;
    const struct twin_talks *t = r->talks;
    buf_printf(b, zh ? "\n## 了解多少\n**%s。** %s。\n\n" : "\n## How much is known\n**%s.** %s.\n\n",
               k->verdict->words[zh ? 0 : 1], k->verdict->why[zh ? 0 : 1]);
    buf_printf(b,
               zh ? "- %zu 组一问一答，在 %zu 段对话里；单独成句的话 %zu 句；长文 %zu 篇\n"
                  : "- exchanges: %zu, in conversations: %zu; own lines that stand alone: %zu; texts: %zu\n",
               t->exchanges, t->n, t->lines.n, t->texts.n);
    buf_printf(
        b,
        zh ? "- 自己的话 %zu 行：%zu 个汉字，%zu 个外文词；中文行 %.0f%%，外文行 %.0f%%\n"
           : "- %zu own lines: %zu Chinese characters, %zu words in letters; %.0f %% of the lines Chinese, %.0f %% in "
             "letters\n",
        k->lines, k->han, k->words, percent(k->in_language[0], k->lines), percent(k->in_language[1], k->lines));
    buf_printf(b,
               zh ? "- 说的话里，只有一个词的行 %.0f%%；问句 %.0f%%\n"
                  : "- of what was said, lines of one word %.0f %%; questions %.0f %%\n",
               percent(k->terse, k->said), percent(k->asking, k->lines));
    put_times(k, zh, b);
}

static void put_topics(const struct twin_report *r, bool zh, enum twin_topic_kind kind, struct buf *b)
{
    static const char *const heads[TWIN_TOPIC_KINDS][TWIN_LANGUAGES] = {
        { "说到不好的情绪的行", "lines with negative feelings" },
        { "说到日常的行", "lines about every day" },
        { "说到自己情况的行", "lines with facts about oneself" },
    };
    const struct twin_known *k = r->known;
    bool first = true;
    buf_printf(b, "- %s%s", heads[kind][zh ? 0 : 1], zh ? "：" : ": ");
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        if (twin_topics[t].kind == kind) {
            buf_printf(b, "%s%s %zu%s",
                       first ? ""
                       : zh  ? "，"
                             : ", ",
                       twin_topics[t].name[zh ? 0 : 1], k->topics[t],
                       k->topic_missing[t] ? (zh ? "（缺）" : " (missing)") : "");
            first = false;
        }
    buf_puts(b, "\n");
}

static void put_missing(const struct twin_report *r, bool zh, struct buf *b)
{
    const struct twin_known *k = r->known;
    buf_puts(b, zh ? "\n## 缺什么\n" : "\n## What is missing\n");
    for (size_t i = 0; i < TWIN_TOPIC_KINDS; i++)
        put_topics(r, zh, (enum twin_topic_kind)i, b);
    buf_printf(
        b, zh ? "- 合起来，%.1f%% 的行说到不好的情绪\n" : "- in all, %.1f %% of the lines have a negative feeling\n",
        percent(k->feelings, k->lines));
    for (size_t g = 0; g < TWIN_GAPS; g++)
        if (k->gap[g])
            buf_printf(b, zh ? "- **%s**：%s\n" : "- **%s**: %s\n", twin_gaps[g].name[zh ? 0 : 1],
                       twin_gaps[g].why[zh ? 0 : 1]);
    buf_puts(b,
             zh ? "\n词表很小，数字只说明有没有，不说明有多少。`corpus/questions.*.md` "
                  "里是问这些缺口的问题：把回答写在问题下面一行，再运行 "
                  "`anima train`，就补上了。没回答的会被略过。\n"
                : "\nThe lists of words are short: the counts tell whether there is anything, not how much. "
                  "`corpus/questions.*.md` asks for what is missing: write answers on the line below a question, and "
                  "`anima train` learns them; what has no answer is left out.\n");
}

void twin_report_markdown(const struct twin_report *r, struct buf *b)
{
    bool zh = r->known->language == 0;
    buf_puts(b, zh ? "# 分身：" : "# The twin of ");
    put_name(b, r->name, strlen(r->name));
    buf_puts(b, "\n");
    put_known(r, zh, b);
    put_missing(r, zh, b);
    put_people(r, zh, b);
    put_records(r, zh, b);
    put_left(r, zh, b);
    put_files(r, zh, b);
}

/* ---- JSON ---- */

static void json_files(const struct twin_report *r, struct jw *w)
{
    jw_arr(w, "files");
    for (size_t i = 0; i < r->book->n_files; i++) {
        const struct twin_file *f = &r->book->files[i];
        jw_obj(w, NULL);
        jw_str(w, "name", f->name);
        jw_str(w, "format", f->format);
        jw_int(w, "records", (int64_t)f->records);
        jw_int(w, "notices", (int64_t)f->notices);
        jw_str(w, "trouble", f->trouble);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void json_records(const struct twin_report *r, struct jw *w)
{
    const struct twin_known *k = r->known;
    jw_obj(w, "records");
    for (size_t i = 0; i < TWIN_KINDS; i++)
        jw_int(w, kind_keys[i], (int64_t)k->records[i]);
    jw_end_obj(w);
    jw_obj(w, "own");
    for (size_t i = 0; i < TWIN_KINDS; i++)
        jw_int(w, kind_keys[i], (int64_t)k->own[i]);
    jw_end_obj(w);
    jw_arr(w, "years");
    for (size_t i = 0; i < k->n_years; i++) {
        jw_obj(w, NULL);
        jw_int(w, "year", k->years[i].year);
        jw_int(w, "records", (int64_t)k->years[i].records);
        jw_int(w, "own", (int64_t)k->years[i].own);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_obj(w, "left_out");
    for (size_t i = 0; i < TWIN_LEFT; i++)
        jw_int(w, twin_left_name((enum twin_left)i), (int64_t)r->talks->left[i]);
    jw_end_obj(w);
    jw_arr(w, "partners");
    for (size_t i = 0; i < k->n_partners; i++) {
        jw_obj(w, NULL);
        jw_str(w, "name", k->partners[i].name);
        jw_int(w, "exchanges", (int64_t)k->partners[i].exchanges);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void json_missing(const struct twin_known *k, struct jw *w)
{
    jw_obj(w, "topics");
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        jw_int(w, twin_topics[t].id, (int64_t)k->topics[t]);
    jw_end_obj(w);
    jw_arr(w, "missing");
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        if (k->topic_missing[t])
            jw_str(w, NULL, twin_topics[t].id);
    for (size_t g = 0; g < TWIN_GAPS; g++)
        if (k->gap[g])
            jw_str(w, NULL, twin_gaps[g].id);
    jw_end_arr(w);
}

void twin_report_json(const struct twin_report *r, struct jw *w)
{
    const struct twin_known *k = r->known;
    const struct {
        const char *key;
        size_t n;
    } counts[] = {
        { "exchanges", r->talks->exchanges },
        { "conversations", r->talks->n },
        { "alone", r->talks->lines.n },
        { "long_texts", r->talks->texts.n },
        { "silent", r->talks->silent },
        { "in_groups", k->in_groups },
        { "lines", k->lines },
        { "han", k->han },
        { "words", k->words },
        { "zh", k->in_language[0] },
        { "en", k->in_language[1] },
        { "one_word", k->terse },
        { "questions", k->asking },
        { "feelings", k->feelings },
    };
    jw_str(w, "verdict", k->verdict->id);
    jw_str(w, "language", corpus_language_name(k->language));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        jw_int(w, counts[i].key, (int64_t)counts[i].n);
    jw_int(w, "first_ms", k->first_ms);
    jw_int(w, "last_ms", k->last_ms);
    jw_arr(w, "hours");
    for (size_t h = 0; h < 24; h++)
        jw_int(w, NULL, (int64_t)k->hours[h]);
    jw_end_arr(w);
    json_missing(k, w);
    json_records(r, w);
    json_files(r, w);
}

/* ---- questions ---- */

static size_t put_questions(const char *const questions[TWIN_QUESTIONS], const char *title, struct buf *b)
{
    size_t n = 0;
    for (; n < TWIN_QUESTIONS && questions[n]; n++)
        buf_printf(b, "\n## %s %zu\n> %s\n", title, n + 1, questions[n]);
    return n;
}

bool twin_questions(const struct twin_report *r, size_t language, struct buf *b)
{
    const struct twin_known *k = r->known;
    bool zh = language == 0, strange = k->gap[TWIN_GAP_LANGUAGE] && language != k->language;
    size_t n = 0;
    buf_puts(b,
             zh ? "# 在每个问题下面一行写下自己的回答，像平时聊天那样说；不想答的空着，会被略过。\n"
                : "# Write your answer on the line below a question, as you would say it to a friend. What you leave "
                  "empty is left out.\n");
    for (size_t t = 0; t < TWIN_TOPICS && !strange; t++)
        if (k->topic_missing[t])
            n += put_questions(twin_topics[t].questions[language], twin_topics[t].name[language], b);
    for (size_t g = 0; g < TWIN_GAPS; g++)
        if (k->gap[g] && (g == TWIN_GAP_LANGUAGE) == strange)
            n += put_questions(twin_gaps[g].questions[language], twin_gaps[g].name[language], b);
    return n > 0;
}
