/* notice.c — what chat programs say themselves, as they write it into exports in Chinese and English: not a person's words. The lists
 * are what WhatsApp, QQ, WeChat and Messenger show for it. */
#include "twin/read_private.h"

#include <string.h>
#include <strings.h>

/* Stand among words. What they stand for is not there, the words are. */
static const char *const cut[] = {
    "[图片]",           "[圖片]",       "[表情]",
    "[动画表情]",       "[動畫表情]",   "[视频]",
    "[語音]",           "[语音]",       "[闪照]",
    "[贴图]",           "[貼圖]",       "[影片]",
    "[Photo]",          "[Image]",      "[Sticker]",
    "[Video]",          "[Voice]",      "[Picture]",
    "[QQ表情]",         "[自定义表情]", "<This message was edited>",
    "<此消息已编辑>",   "<消息已编辑>", "<此訊息已編輯>",
    "<你已编辑此消息>",
};

/* Nothing but this, without the case of ASCII and a last full stop. */
static const char *const whole[] = {
    "image omitted",
    "video omitted",
    "audio omitted",
    "sticker omitted",
    "gif omitted",
    "document omitted",
    "contact card omitted",
    "video note omitted",
    "this message was deleted",
    "you deleted this message",
    "missed voice call",
    "missed video call",
    "voice call",
    "video call",
    "null",
    "waiting for this message",
    "waiting for this message. this may take a while",
    "live location shared",
    "图像已忽略",
    "视频已忽略",
    "音频已忽略",
    "贴图已忽略",
    "文档已忽略",
    "圖片已略去",
    "影片已略去",
    "語音已略去",
    "貼圖已略去",
    "文件已略去",
    "此消息已删除",
    "此消息已被删除",
    "你已删除此消息",
    "您已删除这条消息",
    "您删除了这条消息",
    "此訊息已刪除",
    "你已刪除此訊息",
    "您已刪除此訊息",
    "未接语音通话",
    "未接视频通话",
    "未接語音通話",
    "未接視訊通話",
    "已取消",
    "对方已取消",
    "对方无应答",
    "对方已拒绝",
    "已拒绝",
    "我通过了你的朋友验证请求，现在我们可以开始聊天了",
};

static const char *const begins[] = {
    "[文件]",
    "[链接]",
    "[連結]",
    "[位置]",
    "[名片]",
    "[小程序]",
    "[音乐]",
    "[音樂]",
    "[红包]",
    "[紅包]",
    "[微信红包]",
    "[QQ红包]",
    "[转账]",
    "[轉帳]",
    "[聊天记录]",
    "[合并转发]",
    "[语音通话]",
    "[视频通话]",
    "[戳一戳]",
    "[卡片消息]",
    "通话时长 ",
    "通话时长:",
    "<?xml ",
    "<msg>",
    "我们已成功添加为好友",
    "你已添加了",
    "以上是打招呼的",
    "Messages and calls are end-to-end encrypted",
    "Messages to this chat and calls are now secured",
    "location: https://maps.google.com/",
};

static const char *const ends[] = { "撤回了一条消息", "撤回了一條訊息", "拍了拍自己", "recalled a message" };

/* The words for a file that is not there: the line goes, a caption below it stays. */
static const char *const attached[] = { "(file attached)", "(文件附件)", "（文件附件）", "(檔案附件)", "(附件檔案)" };

static bool is_whole(const char *words)
{
    size_t n = strlen(words);
    n -= n && words[n - 1] == '.' ? 1 : 0;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (strlen(whole[i]) == n && strncasecmp(whole[i], words, n) == 0)
            return true;
    return false;
}

/* "<Media omitted>", "<attached: 1.jpg>", "<省略多媒体文件>", "<未包含媒体文件>": never more than that in a message. */
static bool is_bracketed(const char *words)
{
    size_t n = strlen(words);
    return n > 2 && n < 200 && words[0] == '<' && words[n - 1] == '>' && strcspn(words + 1, "<>\n") == n - 2;
}

bool twin_is_notice(const char *words)
{
    size_t n = strlen(words);
    if (is_whole(words) || is_bracketed(words))
        return true;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (twin_begins(words, n, begins[i]))
            return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (n < 200 && twin_ends(words, n, ends[i]))
            return true;
    return false;
}

static void take_out(struct buf *b, const char *word)
{
    char *found = strstr(b->data, word), *to = found, *from = found;
    size_t n = strlen(word);
    while (found) {
        from = found + n;
        found = strstr(from, word);
        size_t keep = found ? (size_t)(found - from) : strlen(from) + 1;
        memmove(to, from, keep);
        to += keep;
    }
    b->len = from ? (size_t)(to - b->data) - 1 : b->len;
}

void twin_cut_marks(struct buf *words)
{
    for (size_t i = 0; words->len && i < sizeof(cut) / sizeof(cut[0]); i++)
        take_out(words, cut[i]);
    size_t line = words->len ? strcspn(words->data, "\n") : 0;
    for (size_t i = 0; line && i < sizeof(attached) / sizeof(attached[0]); i++)
        if (twin_ends(words->data, line, attached[i])) {
            buf_consume(words, line);
            return;
        }
}
