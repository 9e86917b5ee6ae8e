/* read_private.h — what the readers of the forms share: the file in hand, records in the making, words made clean. */
#ifndef TWIN_READ_PRIVATE_H
#define TWIN_READ_PRIVATE_H
#include "base/buf.h"
#include "base/json.h"
#include "corpus/table.h"
#include "twin/read.h"

/* A conversation, over all files. */
struct twin_talk {
    const char *key, *title, *with;
    const char *first, *second; /* authors so far */
    int group;
    bool settled;     /* the export says whether it is one; else the authors are counted */
    const char *file; /* in which it began */
    bool shared;      /* other files have more of it, or the same again */
    struct twin_talk *next;
};

struct twin_reading {
    struct twin_book *book;
    struct corpus_table names;    /* authors, titles; about: nothing */
    struct twin_talk *first_talk; /* all of them */
    struct corpus_table talks;    /* about: struct twin_talk */
    struct corpus_table people;   /* "slack U123", "twitter 45": about: the name, of names */
    struct corpus_table seen;     /* "mail ID", "file HASH": about: the name of the file it was in first */
    const char *owner;            /* number of the account whose archive of Twitter it is; NULL */
    int rc;                       /* the first failure: ANIMA_E_NOMEM; readers may go on, nothing is put any more */
    bool full;                    /* TWIN_MAX_RECORDS are there */

    /* the file in hand */
    struct twin_file *file;
    size_t first; /* its first record */
    struct buf words;
};

/* A record in the making. text is any valid UTF-8; it is made clean here. */
struct twin_draft {
    enum twin_kind kind;
    int64_t at_ms;          /* what is not above 0 counts as unknown */
    struct twin_talk *talk; /* NULL for posts and texts */
    const char *title;      /* of a text without a talk; NULL: "" */
    const char *author;     /* of twin_name, or "" */
    const char *text;
    size_t n;
    int line;
    bool own, character;
    const char *memory; /* NULL: "" */
};

/* A file that is not read at all, and why. */
int twin_reading_skip(struct twin_reading *r, const char *name, const char *why, anima_error *err);

/* ---- put.c ---- */

/* A name or title: one line, clean, the same pointer for the same name. "" if memory ran out (reading->rc). */
const char *twin_name(struct twin_reading *r, const char *s, size_t n);
/* "Name <address>", or what there is of both; NULL and "" count as missing. */
const char *twin_person(struct twin_reading *r, const char *name, const char *address);
/* The conversation of this key, unique over all files; NULL: out of memory. A title that is not "" counts, if it had none. */
struct twin_talk *twin_talk(struct twin_reading *r, const char *title, const char *key, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a record, or a notice if there are no words in it. */
void twin_put(struct twin_reading *r, const struct twin_draft *draft);
/* The same with the text that grew in lines, which is empty then. */
void twin_put_lines(struct twin_reading *r, struct twin_draft *draft, struct buf *lines);
/* A message whose lines come one by one. */
struct twin_growing {
    struct twin_draft draft;
    struct buf text;
    bool open;
};
/* Puts it, if it is open; it is open no more. */
void twin_close(struct twin_reading *r, struct twin_growing *m);
/* "2023/Rain.md" is called "Rain". */
const char *twin_file_title(struct twin_reading *r);
/* With its folder: two chats that lie in different folders may have files of one name. */
const char *twin_file_key(struct twin_reading *r);
/* Something that is not said by anybody. */
void twin_notice(struct twin_reading *r);
/* Why the file was not read, or not to its end; the first reason stays. */
void twin_trouble(struct twin_reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Gives a buffer back, and notes that memory ran out in it. */
void twin_finish(struct twin_reading *r, struct buf *b);
/* Nothing more can be put: stop. */
bool twin_stopped(const struct twin_reading *r);

/* ---- dedup.c ---- */

/* At the end: of talks in several files, what stands in two of them (time, author, words) stays once. */
void twin_drop_repeated(struct twin_reading *r);

/* ---- json.c ---- */

/* A string of an object, maybe with NUL bytes in it: "" if it is missing. */
const char *twin_string(yyjson_val *obj, const char *key, size_t *n);
/* Text that begins with '{', '[' or "window.YTD.": finds its form and reads it. Changes bytes of text. */
void twin_read_json(struct twin_reading *r, char *text, size_t n);

bool twin_is_telegram(yyjson_val *root);
void twin_read_telegram(struct twin_reading *r, yyjson_val *root);
bool twin_is_discord(yyjson_val *root);
void twin_read_discord(struct twin_reading *r, yyjson_val *root);
bool twin_is_meta(yyjson_val *root);
void twin_read_meta(struct twin_reading *r, yyjson_val *root);
bool twin_is_slack(yyjson_val *root);
void twin_read_slack(struct twin_reading *r, yyjson_val *root);
/* At the end: numbers of members become their names. */
void twin_slack_members(struct twin_reading *r, struct twin_talk *talk);
bool twin_is_mastodon(yyjson_val *root);
void twin_read_mastodon(struct twin_reading *r, yyjson_val *root);
/* What stands behind "window.YTD.NAME.part0 = ". */
void twin_read_twitter(struct twin_reading *r, const char *name, size_t n, yyjson_val *root);

/* ---- html.c ---- */

/* Appends the words of a page, without what is quoted in it (blockquote). s is valid UTF-8. */
void twin_html(const char *s, size_t n, struct buf *out);
/* Appends text in which only "&amp;", "&lt;" and "&gt;" stand for something else. */
void twin_unescape(const char *s, size_t n, struct buf *out);

/* ---- words.c ---- */

/* Appends without control characters, marks of direction and blanks at the ends of lines; an end of line is \n. s is valid UTF-8. */
void twin_clean(const char *s, size_t n, struct buf *out);
/* Takes blanks and empty lines off both ends. */
void twin_trim(struct buf *b);
/* The bytes as UTF-8, NUL-terminated, yours to mem_free: from UTF-8 or UTF-16 with their marks, UTF-8, or GB18030. ANIMA_E_INVALID: none of
 * these; ANIMA_E_NOMEM. */
int twin_decode(const char *data, size_t n, char **out, size_t *len);

/* The same from a charset with a name that iconv knows. ANIMA_E_INVALID also for one that it does not. */
int twin_convert(const char *charset, const char *data, size_t n, char **out, size_t *len);

/* Lines one by one, without their ends. Start with { text, text + n }. */
struct twin_lines {
    const char *at, *end;
    const char *s; /* this one */
    size_t n;
    int line; /* from 1 */
};
/* false: there is none any more, or it is longer than TWIN_MAX_LINE, which twin_line_trouble tells. */
bool twin_line(struct twin_lines *l);
void twin_line_trouble(struct twin_reading *r, const struct twin_lines *l);
bool twin_begins(const char *s, size_t n, const char *word);
bool twin_ends(const char *s, size_t n, const char *word);
/* The same without the case of ASCII. */
bool twin_begins_caseless(const char *s, size_t n, const char *word);

/* ---- notice.c ---- */

/* Cuts "[图片]" and its like out, and what says that a message was edited. */
void twin_cut_marks(struct buf *words);
/* A chat program's own words, in Chinese or English: something deleted, a call, media without words. */
bool twin_is_notice(const char *words);

/* ---- the forms ---- */

/* Of text: whether it is that, by how it begins; n bytes of valid UTF-8, NUL-terminated. */
bool twin_is_whatsapp(const char *text, size_t n);
void twin_read_whatsapp(struct twin_reading *r, const char *text, size_t n);
void twin_read_notes(struct twin_reading *r, const char *text, size_t n);
bool twin_is_qq(const char *text, size_t n);
void twin_read_qq(struct twin_reading *r, const char *text, size_t n);
/* Of bytes in any encoding. */
bool twin_is_mbox(const char *data, size_t n);
/* An mbox, or else one mail. */
void twin_read_mail(struct twin_reading *r, const char *data, size_t n);
/* By its first line. */
bool twin_is_jsonl(const char *text, size_t n);
void twin_read_jsonl(struct twin_reading *r, const char *text, size_t n);
bool twin_is_wechat_csv(const char *text, size_t n);
void twin_read_wechat_csv(struct twin_reading *r, const char *text, size_t n);
#endif
