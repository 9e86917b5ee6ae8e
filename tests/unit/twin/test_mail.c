/* Mails: threads over files, encodings, what is quoted, forwarded and signed, and what machines sent. */
#include "reading.h"
#include "twin/mail_text.h"

/* ---- the text of one ---- */

static void text_is(const char *mail, bool flowed, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    mail_text(mail, strlen(mail), flowed, &b);
    twin_trim(&b);
    if (strcmp(buf_str(&b), wanted) != 0)
        fail_msg("%s\ngives \"%s\", not \"%s\"", mail, buf_str(&b), wanted);
    buf_finish(&b);
}

static void test_quotes(void **state)
{
    (void)state;
    text_is("Yes.\n\nOn Mon, 1 Jan 2020 at 10:00, Bob <bob@example.org> wrote:\n> are you there?\n>> no\n", false,
            "Yes.");
    text_is(
        "Yes.\n\nOn Mon, 1 Jan 2020 at 10:00, Bob B. Bobson the Third\n<bob@example.org> wrote:\n\n> are you there?\n",
        false, "Yes.");
    text_is(">From here it rains.\n", false, "From here it rains."); /* as an mbox has it */
    text_is("> are you there?\nYes.\n> and Eve?\nNo.\n", false, "Yes.\nNo.");
    text_is("Yes.\n\nOn 1 Jan 2020, Bob wrote:\n\nAre you there?\n", false, "Yes.");
    text_is("在的。\n\n在 2020年1月1日，小李 <li@example.org> 写道：\n\n> 在吗\n还有呢？\n", false,
            "在的。\n\n\n还有呢？");
    text_is("在的。\n\n在 2020-01-01 10:00:00，\"小李\" <li@example.org> 写道：\n在吗\n", false, "在的。");
    text_is("诗里写道：\n床前明月光\n", false, "诗里写道：\n床前明月光");
    text_is("On that day he wrote:\nnothing.\n", false, "On that day he wrote:\nnothing.");
    text_is("Ja.\n\nAm 01.01.2020 um 10:00 schrieb Bob:\n> da?\n", false, "Ja.");
    text_is("Oui.\n\nLe 1 janv. 2020, Bob <b@example.org> a écrit :\n> là ?\n", false, "Oui.");
}

static void test_cut(void **state)
{
    (void)state;
    text_is("Yes.\n-- \nAnna L.\nSea Road 1\n", false, "Yes.");
    text_is("Yes.\n--\nAnna\n", false, "Yes.");
    text_is("Yes.\n--- no\n", false, "Yes.\n--- no");
    text_is("看看。\n\n发自我的iPhone\n", false, "看看。");
    text_is("Look.\n\nSent from my phone\n", false, "Look.");
    text_is("Look.\n\n---------- Forwarded message ---------\nFrom: Bob\nhello\n", false, "Look.");
    text_is("Look.\n\n-----Original Message-----\nFrom: Bob\nhello\n", false, "Look.");
    text_is("好。\n\n------------------ 原始邮件 ------------------\n发件人: \"小李\"\n在吗\n", false, "好。");
    text_is("Yes.\n\nFrom: Bob\nSent: Monday\nTo: Anna\n\nhello\n", false, "Yes.");
    text_is("好。\n\n发件人：小李\n发送时间：2020\n\n在吗\n", false, "好。");
    text_is("From: the beginning\nit was late.\n", false, "From: the beginning\nit was late.");
    text_is("", false, "");
}

static void test_broken_lines(void **state)
{
    (void)state;
    text_is(
        "It rained all day, and when it did not rain it was about to, and I\nstayed in with a pot of "
        "tea.\nSo.\n\nEnd.\n",
        false,
        "It rained all day, and when it did not rain it was about to, and I stayed in with a pot of tea.\nSo.\n\nEnd.");
    text_is("Dear Bob,\nthank you.\n", false, "Dear Bob,\nthank you.");
    text_is("one \ntwo \nthree\nfour\n", true, "one two three\nfour");
    text_is("- a list that is long enough to be broken by a program, but it is none\n- of those\n", false,
            "- a list that is long enough to be broken by a program, but it is none\n- of those");
    text_is("这一行很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长\n下一行\n", false,
            "这一行很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长\n下一行");
}

static void test_subject(void **state)
{
    (void)state;
    assert_string_equal(mail_subject("Re: AW: 回复：Rain"), "Rain");
    assert_string_equal(mail_subject("转发: Fwd: 雨"), "雨");
    assert_string_equal(mail_subject("Regen"), "Regen");
    assert_string_equal(mail_subject(" Re:"), "");
}

/* ---- mbox ---- */

static void test_mbox(void **state)
{
    (void)state;
    static const char inbox[] =
        "From bob@example.org Wed Jan  1 10:00:00 2020\n"
        "From: Bob B. <Bob@Example.org>\nTo: Anna <anna@example.org>\nSubject: =?utf-8?B?6Zuo?=\n"
        "Date: Wed, 01 Jan 2020 10:00:00 +0800\nMessage-ID: <1@example.org>\nContent-Type: text/plain; "
        "charset=utf-8\n\n"
        "Does it rain?\n>From here it does not look so.\n\n"
        "From news@example.com Wed Jan  1 11:00:00 2020\n"
        "From: News <news@example.com>\nTo: anna@example.org\nSubject: Buy\nList-Unsubscribe: <mailto:x@example.com>\n"
        "Date: Wed, 01 Jan 2020 11:00:00 +0800\nMessage-ID: <2@example.com>\n\nbuy\n\n"
        "From bob@example.org Thu Jan  2 10:00:00 2020\n"
        "From: bob@example.org\nTo: anna@example.org\nSubject: Re: =?utf-8?B?6Zuo?=\nIn-Reply-To: <3@example.org>\n"
        "Date: Thu, 02 Jan 2020 10:00:00 +0800\nMessage-ID: <4@example.org>\n\nGood.\n";
    static const char sent[] =
        "From anna@example.org Wed Jan  1 12:00:00 2020\n"
        "From: =?gb2312?B?sLLE2A==?= <anna@example.org>\nTo: Bob B. <bob@example.org>\n"
        "Subject: Re: =?utf-8?B?6Zuo?=\nReferences: <1@example.org>\nIn-Reply-To: <1@example.org>\n"
        "Date: Wed, 01 Jan 2020 12:00:00 +0800\nMessage-ID: <3@example.org>\nContent-Type: text/plain; charset=gb2312\n"
        "Content-Transfer-Encoding: base64\n\n"
        "z8LBy6Osu7nU2s/CoaMKCj4gRG9lcyBpdCByYWluPwo=\n\n"
        "From bob@example.org Wed Jan  1 10:00:00 2020\n" /* it is in both */
        "From: Bob B. <bob@example.org>\nTo: Anna <anna@example.org>\nSubject: x\n"
        "Date: Wed, 01 Jan 2020 10:00:00 +0800\nMessage-ID: <1@example.org>\n\nDoes it rain?\n>From here it does not "
        "look so.\n\n"
        "From anna@example.org Fri Jan  3 10:00:00 2020\nFrom: anna@example.org\nSubject: to myself\n\nmilk\n";
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "Mail/Sent", sent, strlen(sent));
    reading_add(&t, "Mail/inbox.mbox", inbox, strlen(inbox));
    reading_is(&t, "mail 2020-01-01 04:00:00 {雨} own with 安呢 <anna@example.org>, Bob B. <bob@example.org> 安呢 "
                   "<anna@example.org>: "
                   "下了，还在下。\n"
                   "mail 2020-01-01 02:00:00 {雨} with 安呢 <anna@example.org>, Bob B. <bob@example.org> Bob B. "
                   "<bob@example.org>: "
                   "Does it rain?\\nFrom here it does not look so.\n"
                   "mail - {to myself} own with 安呢 <anna@example.org> 安呢 <anna@example.org>: milk\n"
                   "mail 2020-01-02 02:00:00 {雨} with 安呢 <anna@example.org>, Bob B. <bob@example.org> Bob B. "
                   "<bob@example.org>: Good.\n"
                   "# Mail/Sent mail 3 records, 0 notices\n"
                   "# Mail/inbox.mbox mail 1 records, 2 notices\n");
}

static void test_own_label(void **state)
{
    (void)state;
    reads("All.mbox",
          "From 1 Wed Jan  1 10:00:00 2020\nX-Gmail-Labels: Important,Sent\nFrom: anna@example.org\n"
          "To: a@example.org, b@example.org\nDate: Wed, 01 Jan 2020 10:00:00 +0000\n\nMine.\n\n"
          "From 2 Wed Jan  1 10:00:00 2020\nX-Gmail-Labels: Spam\nFrom: s@example.org\n\nspam\n\n"
          "From 3 Wed Jan  1 10:00:00 2020\nX-Gmail-Labels: Presentations\nFrom: c@example.org\n\nother\n",
          "mail 2020-01-01 10:00:00 {} own group with anna@example.org, a@example.org, b@example.org anna@example.org: "
          "Mine.\n"
          "mail - {} with c@example.org c@example.org: other\n"
          "# All.mbox mail 2 records, 1 notices\n");
}

/* ---- single mails ---- */

static void test_parts(void **state)
{
    (void)state;
    reads("a.eml",
          "From: Bob <bob@example.org>\nTo: Anna <anna@example.org>, Cem <cem@example.org>\nSubject: parts\n"
          "Date: Wed, 01 Jan 2020 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=M\n\n"
          "--M\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=a.txt\n\nattached\n"
          "--M\nContent-Type: multipart/alternative; boundary=A\n\n"
          "--A\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nd=E9j=E0 "
          "\x80\n"
          "--A\nContent-Type: text/html; charset=utf-8\n\n<p>other</p>\n--A--\n"
          "--M\nContent-Type: message/rfc822\n\nFrom: e@example.org\n\nforwarded\n--M--\n",
          "mail 2020-01-01 10:00:00 {parts} group with Bob <bob@example.org>, Anna <anna@example.org>, Cem "
          "<cem@example.org> "
          "Bob <bob@example.org>: déjà €\n"
          "# a.eml mail 1 records, 0 notices\n");
    reads("b.eml",
          "From: Bob <bob@example.org>\nSubject: page\nContent-Type: text/html; charset=utf-8\n\n"
          "<div>看<b>雨</b>&nbsp;&amp; so</div><div class=\"gmail_quote\">On Mon, 1 Jan 2020, Anna wrote:<br>"
          "<blockquote>quoted</blockquote></div>\n",
          "mail - {page} with Bob <bob@example.org> Bob <bob@example.org>: 看雨 & so\n# b.eml mail 1 records, 0 "
          "notices\n");
}

static void test_odd(void **state)
{
    (void)state;
    reads("a.eml", "", "# a.eml mail 0 records, 0 notices: there is no mail in it\n");
    reads("a.eml", "nothing\n", "# a.eml mail 0 records, 0 notices: there is no mail in it\n");
    reads("a.eml", "Subject: x\n\nnobody wrote this\n", "# a.eml mail 0 records, 1 notices\n");
    reads("a.eml", "From: x <a@b>\nContent-Type: text/plain; charset=none-such\n\n\xC4\xE3\xBA\xC3\n",
          "mail - {} with x <a@b> x <a@b>: 你好\n# a.eml mail 1 records, 0 notices\n");
    reads("a.eml", "From: a@b\nContent-Type: text/plain; charset=utf-8\n\nok \xFF\xFF.\n",
          "mail - {} with a@b a@b: ok \xEF\xBF\xBD\xEF\xBF\xBD.\n# a.eml mail 1 records, 0 notices\n");
    reads("a.txt", "From here on\nit rained: a lot\n",
          "text - {a} : From here on\\nit rained: a lot\n# a.txt text 1 records, 0 notices\n");
}

/* Parts in parts without an end do not end the process. */
static void test_deep(void **state)
{
    (void)state;
    enum { PARTS = 20000 };
    struct buf b;
    struct reading t;
    buf_init(&b, 8 << 20);
    buf_puts(&b, "From: a@b\nContent-Type: multipart/mixed; boundary=0\n\n");
    for (int i = 0; i < PARTS; i++)
        buf_printf(&b, "--%d\nContent-Type: multipart/mixed; boundary=%d\n\n", i, i + 1);
    reading_begin(&t);
    reading_add(&t, "a.eml", b.data, b.len);
    buf_reset(&b);
    buf_puts(&b, "From: a@b\n");
    for (int i = 0; i < PARTS; i++)
        buf_puts(&b, "Content-Type: message/rfc822\n\n");
    reading_add(&t, "b.eml", b.data, b.len);
    reading_is(&t, "# a.eml mail 0 records, 1 notices\n# b.eml mail 0 records, 1 notices\n");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),  cmocka_unit_test(test_cut),  cmocka_unit_test(test_broken_lines),
        cmocka_unit_test(test_subject), cmocka_unit_test(test_mbox), cmocka_unit_test(test_own_label),
        cmocka_unit_test(test_parts),   cmocka_unit_test(test_odd),  cmocka_unit_test(test_deep),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
