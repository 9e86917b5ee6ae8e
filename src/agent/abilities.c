/* abilities.c — the one table of what a character may be asked for and whether it is switched on: the page, the API and the
 * answers of characters are made from it. To add one: a line here. */
#include "agent/abilities.h"

#include "agent/state.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"

#include <string.h>

static bool yes(const anima_home *home)
{
    (void)home;
    return true;
}

static bool not_yet(const anima_home *home)
{
    (void)home;
    return false;
}

#define CAN_ZH "(你|您)?.{0,6}(能|可以|会|可不可以|能不能|会不会|帮我|给我|替我).{0,10}"
#define CAN_EN "\\b(can|could|will|would|are) (you|we|u)\\b.{0,24}|\\b(do|are) you (able|know how) .{0,16}"

static const struct {
    const char *id;
    bool (*on)(const anima_home *home);
    const char *asked_zh, *asked_en; /* behind CAN_ZH and CAN_EN */
    const char *zh, *en, *why_zh, *why_en;
} table[] = {
    { "text", yes, "(聊天|陪我(聊|说)|打字)", "(chat|text|write to me|keep me company)", "打字聊天",
      "chatting in writing", "在这里写就行，随时都可以。", "Just write here, any time." },
    { "call", not_yet, "(说话|语音|通话|打电话|电话|出声|听(到|见)我|讲话)",
      "(talk|speak|call|phone|ring|hear me|voice|say (it|that|something) (aloud|out loud))", "语音通话", "voice calls",
      "现在还不能通话，只能打字；以后这里会有通话按钮。",
      "Calls do not exist here yet, only writing; there will be a call button one day." },
    { "notes", yes, "(记住|记得|记下)", "(remember|keep in mind|take notes?)", "记住你的要求",
      "keeping what you ask for in mind", "说“记住……”“以后……”就会记下来，在旁边的“记下的事”里可以看到、修改、撤销。",
      "Say \"remember …\" or \"from now on …\": it is noted, and can be seen, changed and undone in the panel." },
    { "see", not_yet, "(看(见|到|一下)?.{0,4}(图|照片|相片|视频|我)|识图|摄像头)",
      "(see|look at|watch).{0,16}(me|pictures?|photos?|images?|videos?|camera)", "看图片", "looking at pictures",
      "看不了图片和视频，可以用文字说给我听。", "Pictures and videos cannot be seen here; describe them in words." },
    { "draw", not_yet, "(画|发(张|个)?(图|照片|自拍))",
      "(draw|paint|send (me )?(a |your )?(picture|photo|selfie|image))", "画画、发图", "drawing, sending pictures",
      "发不了图。", "No pictures can be sent." },
    { "web", not_yet, "(上网|搜索?|查(一下|天气|新闻|资料|网)|百度|谷歌)",
      "(search|google|browse|look (it |that |something )?up|check the (weather|news))", "上网查东西",
      "searching the web", "这里不能上网，只知道自己知道的。",
      "There is no internet here; only what is known already." },
    { "documents", yes, "(读|看).{0,4}(文件|文档|合同|材料|书稿|电子书)",
      "(read|look through).{0,12}(files?|documents?|contracts?|e-?books?)", "读给它的文件", "reading documents",
      "在“记忆”里的“文件”一栏给一份文本、PDF、Markdown、网页或 EPUB 就行，问到时会说出自哪里。",
      "Give a text, PDF, Markdown, web page or EPUB in the memory's dialog, under Files; it is quoted with its "
      "place." },
    { "files", not_yet, "(打开|存|发|处理).{0,4}(文件|文档|表格)|运行(代码|程序)",
      "(open|save|send|edit).{0,8}(files?|documents?)|run (code|programs?)", "处理文件、运行程序", "files and programs",
      "不能自己打开、改动文件，也不能运行程序；要读的可以在“记忆”的“文件”里给。",
      "No file can be opened or changed from here and nothing can be run; what shall be read can be given in the "
      "memory's "
      "dialog, under Files." },
    { "remind", not_yet, "(提醒我|叫我起床|定(个)?闹钟|到点)", "(remind me|wake me|set (an )?(alarm|timer|reminder))",
      "到时候提醒", "reminders", "到了时间不会自己来找你，还没有这个功能。",
      "Nothing is sent by itself at a certain time yet." },
};
#define N_ABILITIES (sizeof(table) / sizeof(table[0]))

struct abilities {
    struct pattern *asked[N_ABILITIES];
};

int abilities_create(struct abilities **out, anima_error *err)
{
    struct abilities *a = *out = mem_zero(1, sizeof(*a));
    struct arena arena;
    int rc = a ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    arena_init(&arena, 1u << 18);
    for (size_t i = 0; i < N_ABILITIES && !rc; i++) {
        const char *expression = arena_printf(&arena, CAN_ZH "%s|(" CAN_EN ")\\b%s", table[i].asked_zh,
                                              table[i].asked_en);
        rc = expression ? pattern_create(expression, PATTERN_CASELESS, &a->asked[i], err)
                        : err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    arena_finish(&arena);
    if (rc) {
        abilities_destroy(a);
        *out = NULL;
    }
    return rc;
}

void abilities_destroy(struct abilities *a)
{
    for (size_t i = 0; a && i < N_ABILITIES; i++)
        pattern_destroy(a->asked[i]);
    mem_free(a);
}

bool anima_ability_at(const anima_home *home, size_t i, anima_ability *out)
{
    if (i >= N_ABILITIES)
        return false;
    *out = (anima_ability){
        table[i].id, table[i].on(home), table[i].zh, table[i].en, table[i].why_zh, table[i].why_en
    };
    return true;
}

const char *abilities_note(const anima_home *home, struct arena *arena, const char *message, const char *language)
{
    bool zh = strcmp(language, "zh") == 0;
    anima_ability a;
    for (size_t i = 0; anima_ability_at(home, i, &a); i++) {
        if (!pattern_find(home->abilities->asked[i], message, strlen(message), 0, NULL, NULL))
            continue;
        if (a.on)
            return zh ? arena_printf(arena, "实情：%s可以。%s", a.zh, a.why_zh)
                      : arena_printf(arena, "The truth: %s works. %s", a.en, a.why_en);
        return zh ? arena_printf(arena, "实情：%s现在做不到。%s照实说一句，别答应。", a.zh, a.why_zh)
                  : arena_printf(arena,
                                 "The truth: %s cannot be done here. %s Say so plainly in a sentence; promise nothing.",
                                 a.en, a.why_en);
    }
    return "";
}
