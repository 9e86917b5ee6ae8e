/* The text of a turn in the plain form that the patterns are written for. */
#include "base/utf8.h"
#include "memory/class_private.h"

#include <string.h>

/* Traditional characters that occur in the patterns, each before its simplified form. */
static const char traditional[] = "別别訴诉說说這这話话沒没還还給给對对講讲們们媽妈學学誰谁讓让麼么個个為为時时會会"
                                  "來来開开關关從从後后內内親亲愛爱離离婦妇發发現现過过應应當当嗎吗讀读聽听見见"
                                  "間间實实點点處处懷怀錢钱債债醫医藥药憂忧鬱郁殺杀壞坏輩辈爺爷姊姐兒儿孫孙"
                                  "閨闺夥伙領领導导師师鄰邻館馆園园場场車车鐵铁橋桥圖图書书國国島岛灣湾東东灘滩"
                                  "電电機机屬属於于動动蟲虫魚鱼鳥鸟樹树種种銀银顆颗陽阳氣气試试薦荐網网"
                                  "鹽盐雞鸡麵面飯饭湯汤歲岁體体無无總总產产組组編编寫写據据連连問问題题換换該该"
                                  "許许傳传隱隐瞞瞒洩泄風风聲声張张嚴严緊紧爛烂亂乱曉晓覺觉記记約约寶宝貝贝"
                                  "傑杰華华劉刘陳陈楊杨趙赵吳吴馬马羅罗鄭郑謝谢韓韩馮冯鄧邓蕭萧蔣蒋葉叶"
                                  "鑰钥碼码祕秘腦脑櫃柜絕绝驚惊準准備备裝装閉闭單单職职辭辞結结戀恋員员賭赌貸贷診诊"
                                  "鎖锁險险證证號号帳帐賬账戶户檢检確确騙骗詐诈竊窃臉脸倆俩闆板賣卖買买賺赚虧亏賠赔"
                                  "腫肿術术壓压雙双慮虑遺遗獎奖積积黨党簽签轉转認认識识擔担難难傷伤瘋疯罵骂鬧闹樓楼"
                                  "門门廳厅鋪铺綠绿黃黄薑姜蔥葱蘋苹檸柠漬渍鏽锈鍵键盤盘輪轮鏈链燈灯鍋锅廚厨燙烫凍冻"
                                  "曬晒塗涂噴喷貼贴澆浇熱热溫温優优減减價价預预訂订辦办護护駕驾稅税務务團团豬猪貓猫"
                                  "黴霉蟻蚁飛飞語语樂乐歡欢禮礼齡龄驗验錄录萬万塊块資资強强姦奸騷骚擾扰療疗貪贪賄贿"
                                  "墮堕厭厌盜盗違违斷断訟讼裡里裏里著着癥症髒脏剛刚測测調调貨货";

static uint32_t plain(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) /* full width */
        return c - 0xFF01 + '!';
    if (c == 0x2018 || c == 0x2019 || c == 0x02BC || c == '`')
        return '\'';
    if (c == 0x201C || c == 0x201D || c == 0x300C || c == 0x300D || c == 0x300E || c == 0x300F)
        return '"';
    if (c == 0x3002) /* 。 */
        return ';';
    if (c == 0x3001) /* 、 */
        return ',';
    if (c == 0x2026) /* … */
        return '.';
    if (c < 0x3400 || c > 0x9FFF)
        return c < 0x20 && c != '\n' ? ' ' : c == 0xA0 || c == 0x3000 || c == CLASS_BLANK ? ' ' : c;
    char raw[4];
    utf8_encode(c, raw);
    for (const char *at = traditional; *at; at += 6)
        if (memcmp(at, raw, 3) == 0)
            return utf8_decode(at + 3, 3, &(size_t){ 0 });
    return c;
}

/* Zero width, and marks that only change how a character looks. */
static bool unseen(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || c == 0xAD || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0x202A && c <= 0x202E);
}

int class_fold(const char *text, size_t n, struct buf *out)
{
    bool blank = true;
    char one[8];
    for (size_t i = 0, len; i < n && !out->failed; i += len) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        if (unseen(c))
            continue;
        c = plain(c);
        if (c == ' ' && blank)
            continue;
        blank = c == ' ' || c == '\n';
        buf_append(out, one, utf8_encode(c, one));
    }
    return out->failed;
}

/* A full stop inside a number, an address or behind a title ends nothing. */
static bool stop_ends(const char *s, size_t i, size_t n)
{
    static const char *const titles[] = { "Mr", "Mrs", "Ms", "Dr", "St", "vs", "etc", "e.g", "i.e" };
    if (i + 1 < n && (unsigned char)s[i + 1] < 0x80 && !strchr(" \n.\"')", s[i + 1]))
        return false;
    for (size_t k = 0; k < sizeof(titles) / sizeof(titles[0]); k++) {
        size_t len = strlen(titles[k]);
        if (i >= len && memcmp(s + i - len, titles[k], len) == 0 && (i == len || s[i - len - 1] == ' '))
            return false;
    }
    return true;
}

size_t class_sentence(const char *s, size_t n)
{
    size_t i = 0, max = n < CLASS_SENTENCE ? n : CLASS_SENTENCE;
    for (; i < max; i++)
        if (strchr("!?;\n", s[i]) || (s[i] == '.' && stop_ends(s, i, n)))
            break;
    while (i < max && strchr("!?;.\n \"')", s[i]))
        i++;
    i = i ? i : 1;
    return i < n ? utf8_cut(s, n, i) : n;
}

int class_language(const char *s, size_t n)
{
    size_t han = 0, words = 0;
    bool inside = false;
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        han += utf8_is_han(c);
        words += letter && !inside;
        inside = letter;
    }
    return han > words ? CLASS_ZH : CLASS_EN;
}

void class_unquote(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *end = s[i] == '"' ? memchr(s + i + 1, '"', n - i - 1) : NULL;
        if (!end)
            continue;
        size_t to = (size_t)(end - s);
        memset(s + i, CLASS_BLANK, to - i + 1);
        i = to;
    }
}
