/* read.h — exports of chats, posts, mails and notes become records (record.h). What a file is, is told by what stands in it, not by its
 * name; a file that cannot be read is a remark in the book and stops nothing. Foreign input: everything has a limit. A reading has one
 * owner and any thread; local time is TZ's.
 *
 *   whatsapp   the text of "Export chat", of Android and iOS, in any order of day and month
 *   telegram   result.json of one chat or of everything
 *   discord    JSON of DiscordChatExporter
 *   meta       message_1.json of Facebook and Instagram
 *   qq         the text of QQ's message manager; the same form as tools for WeChat write it
 *   wechat     CSV of tools for WeChat
 *   slack      a day's JSON of a workspace's export
 *   twitter    tweets.js of an archive;  mastodon   outbox.json
 *   jsonl      a message a line: {"speaker", "text", "at"}; also conversations and memories of anima, chats of SillyTavern
 *   mail       mbox and .eml
 *   text       notes: other .md and .txt, whole */
#ifndef TWIN_READ_H
#define TWIN_READ_H
#include "anima/anima.h"
#include "twin/record.h"

#define TWIN_MAX_FILE (256u << 20)    /* bytes of a file */
#define TWIN_MAX_MBOX (4095ull << 20) /* bytes of an mbox: years of mails with all that was attached */
#define TWIN_MAX_FILES 100000         /* of a folder, with its folders */
#define TWIN_MAX_RECORDS 2000000      /* of a book */
#define TWIN_MAX_DEPTH 8              /* folders in folders */
#define TWIN_MAX_LINE (1u << 20)      /* bytes of a line */
#define TWIN_MAX_MESSAGE                                                                                               \
    (64u << 10)                   /* bytes of a message, mail or post: what is longer was not typed, and is a notice */
#define TWIN_MAX_TEXT (16u << 20) /* bytes of a text */

struct twin_reading;

/* Begins to fill book, whose arena is set and whose lists are empty. NULL: out of memory. */
struct twin_reading *twin_reading_new(struct twin_book *book);
/* One file: its name from the folder on, its bytes (borrowed for the call). ANIMA_E_NOMEM also if the arena is full; everything else
 * that is wrong with a file is its trouble in the book. */
int twin_reading_add(struct twin_reading *reading, const char *name, const char *data, size_t n, anima_error *err);
/* Every file of a folder, or the file that path is, in the order of their names, a folder's files in front of its folders. Hidden files
 * are left out, links are not followed. ANIMA_E_NOT_FOUND and other errors of path itself; ANIMA_E_LIMIT for more files than that. */
int twin_reading_folder(struct twin_reading *reading, const char *path, anima_error *err);
/* Behind the last file: says of each record whether more than two took part in its talk, and who; what two files have of one talk stays
 * once. Gives the reading back, not the book. ANIMA_E_NOMEM, now or before: the book is not whole. NULL is legal. */
int twin_reading_end(struct twin_reading *reading);

/* Whether `name`, as a person writes it, means this author: the whole of it, or of "Name <address>" either part; without case and
 * surrounding blanks. */
bool twin_named(const char *author, const char *name);
#endif
