/* read_mail.c — mbox (RFC 4155) and single mails (RFC 5322), taken apart by GMime. A thread is a conversation: by References, In-Reply-To
 * and Message-ID, over all files. What machines sent (Auto-Submitted, lists that cannot be written to), spam and drafts are notices.
 * GMime's own memory ends the process if there is none, as GLib does. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "twin/mail_text.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#define DEPTH 8             /* parts in parts */
#define MAX_BODY (4u << 20) /* bytes of a text with all that is quoted in it */
#define MAX_WITH 50         /* people of a thread whose names are kept */

/* ---- what is a mail ---- */

static bool is_header(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (isalnum((unsigned char)s[i]) || s[i] == '-'))
        i++;
    return i > 1 && i < n && s[i] == ':';
}

bool twin_is_mbox(const char *data, size_t n)
{
    const char *eol = twin_begins(data, n, "From ") ? memchr(data, '\n', n) : NULL;
    return eol && eol - data < 400 && is_header(eol + 1, n - (size_t)(eol + 1 - data));
}

/* ---- its text ---- */

static bool is_attached(GMimeObject *part)
{
    const char *how = g_mime_object_get_disposition(part)
                          ? g_mime_content_disposition_get_disposition(g_mime_object_get_content_disposition(part))
                          : NULL;
    return how && strcasecmp(how, "attachment") == 0;
}

/* The first part that is this kind of text; NULL: none. */
static GMimeObject *find_text(GMimeObject *part, const char *subtype, int depth)
{
    if (!part || depth > DEPTH || is_attached(part))
        return NULL;
    if (!GMIME_IS_MULTIPART(part))
        return GMIME_IS_PART(part) && g_mime_content_type_is_type(g_mime_object_get_content_type(part), "text", subtype)
                   ? part
                   : NULL;
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(part)); i++) {
        GMimeObject *found = find_text(g_mime_multipart_get_part(GMIME_MULTIPART(part), i), subtype, depth + 1);
        if (found)
            return found;
    }
    return NULL;
}

/* Mails say less than what is in them: GBK as GB2312, anything as ASCII. */
static int decode(struct twin_reading *r, GMimeObject *part, const char *data, size_t n, char **out, size_t *len)
{
    const char *charset = g_mime_object_get_content_type_parameter(part, "charset");
    int rc = ANIMA_E_INVALID;
    if (charset && strncasecmp(charset, "gb", 2) == 0)
        charset = "GB18030";
    else if (charset && (strcasecmp(charset, "iso-8859-1") == 0 || strcasecmp(charset, "us-ascii") == 0))
        charset = utf8_valid(data, n) ? NULL : "WINDOWS-1252";
    if (charset && strcasecmp(charset, "utf-8") != 0)
        rc = twin_convert(charset, data, n, out, len);
    if (rc == ANIMA_E_INVALID)
        rc = twin_decode(data, n, out, len);
    if (rc == ANIMA_E_INVALID) { /* what is broken shows as U+FFFD */
        *out = mem_alloc(3 * n + 1);
        *len = *out ? utf8_clean(data, n, *out, 3 * n + 1) : 0;
        rc = *out ? ANIMA_OK : ANIMA_E_NOMEM;
    }
    if (rc == ANIMA_E_NOMEM)
        r->rc = rc;
    return rc;
}

/* The bytes of a part without its transfer encoding. NULL: there are none, or too many. */
static GByteArray *bytes_of(GMimeObject *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    if (!content || g_mime_stream_length(g_mime_data_wrapper_get_stream(content)) > (gint64)MAX_BODY)
        return NULL;
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_object_unref(stream);
    return bytes;
}

static void add_part(struct twin_reading *r, GMimeObject *part, bool html, struct buf *out)
{
    GByteArray *bytes = bytes_of(part);
    const char *flowed = g_mime_object_get_content_type_parameter(part, "format");
    char *text = NULL;
    size_t n = 0;
    struct buf words;
    buf_init(&words, MAX_BODY);
    if (bytes && bytes->len && decode(r, part, (const char *)bytes->data, bytes->len, &text, &n) == ANIMA_OK) {
        if (html)
            twin_html(text, n, &words);
        mail_text(html ? buf_str(&words) : text, html ? words.len : n, flowed && strcasecmp(flowed, "flowed") == 0,
                  out);
    }
    twin_finish(r, &words);
    mem_free(text);
    if (bytes)
        g_byte_array_free(bytes, TRUE);
}

static void add_text(struct twin_reading *r, GMimeMessage *m, struct buf *out)
{
    GMimeObject *body = g_mime_message_get_mime_part(m);
    GMimeObject *plain = find_text(body, "plain", 0), *html = find_text(body, "html", 0);
    if (plain)
        add_part(r, plain, false, out);
    if (html && !out->len)
        add_part(r, html, true, out);
}

/* ---- people ---- */

/* One string for an address: with the first name that it comes with. */
static const char *person_of(struct twin_reading *r, InternetAddress *a)
{
    char address[200], key[210];
    const char *name = internet_address_get_name(a),
               *addr = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a));
    utf8_clean(addr ? addr : "", addr ? strlen(addr) : 0, address, sizeof(address));
    for (char *s = address; *s; s++)
        *s = (char)tolower((unsigned char)*s);
    int n = snprintf(key, sizeof(key), "mail %s", address);
    struct corpus_entry *entry = corpus_table_put(&r->people, key, (size_t)n);
    char *clean = name ? mem_alloc(3 * strlen(name) + 1) : NULL;
    if (!entry || (name && !clean)) {
        r->rc = ANIMA_E_NOMEM;
        mem_free(clean);
        return "";
    }
    if (clean)
        utf8_clean(name, strlen(name), clean, 3 * strlen(name) + 1);
    if (!entry->about || (clean && *clean && !strchr(entry->about, '<')))
        entry->about = (void *)(uintptr_t)twin_person(r, clean, twin_name(r, address, strlen(address)));
    mem_free(clean);
    return entry->about;
}

/* NULL: nobody. */
static const char *sender_of(struct twin_reading *r, GMimeMessage *m)
{
    InternetAddressList *from = g_mime_message_get_from(m);
    for (int i = 0; from && i < internet_address_list_length(from); i++) {
        InternetAddress *a = internet_address_list_get_address(from, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(a))
            return person_of(r, a);
    }
    return NULL;
}

static bool has_line(const char *lines, const char *line)
{
    size_t n = strlen(line);
    for (const char *s = lines; (s = strstr(s, line)); s++)
        if ((s == lines || s[-1] == '\n') && (s[n] == '\n' || !s[n]))
            return true;
    return false;
}

static size_t count_lines(const char *s)
{
    size_t n = *s ? 1 : 0;
    for (; *s; s++)
        n += *s == '\n';
    return n;
}

static void add_with(struct twin_reading *r, struct twin_talk *t, const char *person)
{
    if (!*person || has_line(t->with, person) || count_lines(t->with) >= MAX_WITH)
        return;
    const char *with = arena_printf(r->book->arena, "%s%s%s", t->with, *t->with ? "\n" : "", person);
    if (with)
        t->with = with;
    else
        r->rc = ANIMA_E_NOMEM;
}

static void add_people(struct twin_reading *r, struct twin_talk *t, GMimeMessage *m, const char *sender)
{
    static const GMimeAddressType kinds[] = { GMIME_ADDRESS_TYPE_TO, GMIME_ADDRESS_TYPE_CC, GMIME_ADDRESS_TYPE_BCC };
    add_with(r, t, sender);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        InternetAddressList *list = g_mime_message_get_addresses(m, kinds[k]);
        for (int i = 0; list && i < internet_address_list_length(list) && i < (int)MAX_WITH; i++) {
            InternetAddress *a = internet_address_list_get_address(list, i);
            if (INTERNET_ADDRESS_IS_MAILBOX(a))
                add_with(r, t, person_of(r, a));
        }
    }
    t->settled = true;
    t->group = count_lines(t->with) > 2;
}

/* ---- threads ---- */

/* The first "<…>" of a header, without its brackets; 0: none. */
static size_t first_id(GMimeMessage *m, const char *header, const char **id)
{
    const char *s = g_mime_object_get_header(GMIME_OBJECT(m), header);
    const char *open = s ? strchr(s, '<') : NULL, *close = open ? strchr(open, '>') : NULL;
    *id = open ? open + 1 : "";
    return close ? (size_t)(close - open - 1) : 0;
}

static struct corpus_entry *entry_of(struct twin_reading *r, const char *id, size_t n, bool make)
{
    char key[300], clean[280];
    size_t k = utf8_clean(id, n, clean, sizeof(clean));
    memcpy(key, "mail ", 5);
    memcpy(key + 5, clean, k);
    struct corpus_entry *entry = make ? corpus_table_put(&r->seen, key, k + 5)
                                      : corpus_table_find(&r->seen, key, k + 5);
    if (make && !entry)
        r->rc = ANIMA_E_NOMEM;
    return entry;
}

/* The talk of a mail that this one refers to, or is. */
static struct twin_talk *talk_of(struct twin_reading *r, GMimeMessage *m, const char *title, int number)
{
    static const char *const headers[] = { "References", "In-Reply-To", "Message-ID" };
    for (size_t i = 0; i < 3; i++) {
        const char *id;
        size_t n = first_id(m, headers[i], &id);
        struct corpus_entry *entry = n ? entry_of(r, id, n, false) : NULL;
        char clean[280];
        if (entry)
            return entry->about;
        if (n) {
            utf8_clean(id, n, clean, sizeof(clean));
            return twin_talk(r, title, "mail %s", clean);
        }
    }
    return twin_talk(r, title, "mail %s %d", r->file->name, number);
}

/* ---- a mail ---- */

static bool has_label(const char *labels, const char *label)
{
    size_t n = strlen(label);
    for (const char *s = labels; (s = strstr(s, label)); s += n)
        if ((s == labels || s[-1] == ',' || s[-1] == ' ') && (s[n] == ',' || !s[n]))
            return true;
    return false;
}

static const char *header(GMimeMessage *m, const char *name)
{
    const char *s = g_mime_object_get_header(GMIME_OBJECT(m), name);
    return s ? s : "";
}

static bool is_unwanted(GMimeMessage *m)
{
    static const char *const unwanted[] = { "Spam", "垃圾邮件", "Drafts", "草稿", "Trash", "已删除邮件" };
    const char *submitted = header(m, "Auto-Submitted"), *labels = header(m, "X-Gmail-Labels");
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
        if (has_label(labels, unwanted[i]))
            return true;
    return (*submitted && strcasecmp(submitted, "no") != 0) ||
           (*header(m, "List-Unsubscribe") && !*header(m, "List-Post"));
}

/* Takeout writes them in front of the mail's own headers; further down a sender wrote them. */
static const char *labels_of(GMimeMessage *m)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m));
    for (int i = 0; i < 2 && i < g_mime_header_list_get_count(list); i++)
        if (strcasecmp(g_mime_header_get_name(g_mime_header_list_get_header_at(list, i)), "X-Gmail-Labels") == 0)
            return header(m, "X-Gmail-Labels");
    return "";
}

/* Gmail says that the owner sent it. */
static bool is_own(GMimeMessage *m)
{
    static const char *const sent[] = { "Sent", "已发送邮件", "已发邮件", "寄件備份", "已传送邮件" };
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
        if (has_label(labels_of(m), sent[i]))
            return true;
    return false;
}

/* Of that name, with an ending or without. */
static bool is_folder(const char *base, const char *name)
{
    size_t n = strlen(name);
    return twin_begins_caseless(base, strlen(base), name) && (!base[n] || base[n] == '.');
}

/* A folder of what was sent: who wrote more than half of it is the owner. */
static void mark_sent(struct twin_reading *r)
{
    static const char *const folders[] = { "Sent",       "Sent Items", "Sent Messages", "Sent Mail",
                                           "INBOX.Sent", "已发送",     "已发邮件",      "寄件備份" };
    const char *slash = strrchr(r->file->name, '/'), *base = slash ? slash + 1 : r->file->name, *owner = NULL;
    size_t i = 0, votes = 0, all = 0, n = r->book->n_records - r->first;
    while (i < sizeof(folders) / sizeof(folders[0]) && !is_folder(base, folders[i]))
        i++;
    if (!n || i == sizeof(folders) / sizeof(folders[0]))
        return;
    struct twin_record *list = &r->book->records[r->first], *end = list + n;
    /* If anybody has the majority, it is this one (Boyer and Moore). */
    for (struct twin_record *m = list; m < end; m++) {
        owner = votes ? owner : m->author;
        votes += m->author == owner ? 1 : (size_t)-1;
    }
    for (struct twin_record *m = list; m < end; m++)
        all += m->author == owner;
    for (struct twin_record *m = list; m < end; m++)
        m->own |= 2 * all > n && m->author == owner;
}

static const char *title_of(struct twin_reading *r, GMimeMessage *m)
{
    const char *subject = g_mime_message_get_subject(m);
    char clean[400];
    utf8_clean(subject ? subject : "", subject ? strlen(subject) : 0, clean, sizeof(clean));
    subject = mail_subject(clean);
    return twin_name(r, subject, strlen(subject));
}

/* false: it was there already. */
static bool remember(struct twin_reading *r, GMimeMessage *m, struct twin_talk *t)
{
    const char *id;
    size_t n = first_id(m, "Message-ID", &id);
    struct corpus_entry *entry = n ? entry_of(r, id, n, true) : NULL;
    if (!entry)
        return true;
    bool is_new = !entry->about;
    entry->about = t;
    return is_new;
}

static void read_message(struct twin_reading *r, GMimeMessage *m, int number, struct buf *text)
{
    const char *author = is_unwanted(m) ? NULL : sender_of(r, m);
    struct twin_talk *talk = author && !r->rc ? talk_of(r, m, title_of(r, m), number) : NULL;
    if (!talk || !remember(r, m, talk)) {
        twin_notice(r);
        return;
    }
    add_people(r, talk, m, author);
    add_text(r, m, text);
    GDateTime *date = g_mime_message_get_date(m);
    struct twin_draft d = { .kind = TWIN_MAIL,
                            .at_ms = date ? g_date_time_to_unix(date) * 1000 : 0,
                            .talk = talk,
                            .author = author,
                            .own = is_own(m) };
    twin_put_lines(r, &d, text);
}

/* ---- the file ---- */

static void init_once(void) { g_mime_init(); }

void twin_read_mail(struct twin_reading *r, const char *data, size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool mbox = twin_is_mbox(data, n);
    struct buf text;
    pthread_once(&once, init_once);
    /* GMime reads from these very bytes, and writes nothing to them. */
    GByteArray *bytes = g_byte_array_new_take((guint8 *)(uintptr_t)data, n);
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_format(parser, mbox ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
    buf_init(&text, MAX_BODY);
    for (int number = 1; !twin_stopped(r) && (number == 1 || (mbox && !g_mime_parser_eos(parser))); number++) {
        GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
        if (!m)
            break;
        read_message(r, m, number, &text);
        g_object_unref(m);
    }
    mark_sent(r);
    if (!r->file->records && !r->file->notices)
        twin_trouble(r, "there is no mail in it");
    twin_finish(r, &text);
    g_object_unref(parser);
    g_object_unref(stream);
    g_byte_array_free(bytes, FALSE);
}
