/* decode.c — bytes become UTF-8: what a file is written in is told by its mark, by itself, or by its bytes, and never guessed where two guesses
 * would do. */
#include "document/private.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>
#include <unicode/ucnv.h>

/* Of Chinese nearly every byte is one of two; of European letters with accents few are. */
#define CHINESE_SHARE 0.3

static int convert(const char *charset, const char *data, size_t n, struct buf *out)
{
    UErrorCode e = U_ZERO_ERROR;
    UConverter *from = ucnv_open(charset, &e);
    UConverter *to = U_SUCCESS(e) ? ucnv_open("UTF-8", &e) : NULL;
    char chunk[8192];
    UChar pivot[2048], *source = pivot, *target = pivot;
    const char *at = data;
    if (to)
        ucnv_setToUCallBack(from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    for (bool first = true; U_SUCCESS(e); first = false) {
        char *end = chunk;
        ucnv_convertEx(to, from, &end, chunk + sizeof(chunk), &at, data + n, pivot, &source, &target,
                       pivot + sizeof(pivot) / sizeof(*pivot), first, true, &e);
        buf_append(out, chunk, (size_t)(end - chunk));
        if (e != U_BUFFER_OVERFLOW_ERROR || out->failed)
            break;
        e = U_ZERO_ERROR;
    }
    ucnv_close(from);
    ucnv_close(to);
    return e == U_MEMORY_ALLOCATION_ERROR ? ANIMA_E_NOMEM : U_FAILURE(e) ? ANIMA_E_INVALID : out->failed;
}

static bool looks_chinese(const char *data, size_t n)
{
    size_t high = 0;
    for (size_t i = 0; i < n; i++)
        high += (unsigned char)data[i] >= 0x80;
    return (double)high > CHINESE_SHARE * (double)n;
}

/* NULL: it is UTF-8. "": unknown. */
static const char *charset_of(const char *data, size_t n, const char *charset)
{
    if (n >= 2 && memcmp(data, "\xFF\xFE", 2) == 0)
        return "UTF-16LE";
    if (n >= 2 && memcmp(data, "\xFE\xFF", 2) == 0)
        return "UTF-16BE";
    if (utf8_valid(data, n))
        return NULL;
    if (charset && *charset)
        return charset;
    return looks_chinese(data, n) ? "gb18030" : "";
}

/* A few characters that no text has would end it (NUL) or make it unreadable: they become blanks. */
static void clean(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)s[i] < 0x20 && !strchr("\t\n\r\f", s[i])) || s[i] == 0x7F || !s[i])
            s[i] = ' ';
}

int document_decode(const char *data, size_t n, const char *charset, struct buf *out, anima_error *err)
{
    size_t from = out->len;
    if (n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        n -= 3;
    }
    const char *in = charset_of(data, n, charset);
    size_t mark = in && strncmp(in, "UTF-16", 6) == 0 ? 2 : 0;
    if (mark && memcmp(data, "\xFF\xFE", 2) != 0 && memcmp(data, "\xFE\xFF", 2) != 0)
        mark = 0; /* a page that only says so */
    if (!in)
        buf_append(out, data, n);
    int rc = in ? (*in ? convert(in, data + mark, n - mark, out) : ANIMA_E_INVALID) : out->failed;
    if (rc == ANIMA_E_LIMIT)
        return err_set(err, rc, "it has more than %zu MiB of text; give it in parts", out->cap >> 20);
    if (rc == ANIMA_E_NOMEM)
        return err_set(err, rc, "out of memory for the text");
    if (rc)
        return err_set(err, ANIMA_E_INVALID,
                       "its text is neither UTF-8 nor UTF-16, nor plainly Chinese; save it as "
                       "UTF-8");
    size_t blanks = 0;
    for (size_t i = from; i < out->len; i++)
        blanks += !out->data[i];
    if (blanks > (out->len - from) / 64)
        return err_set(err, ANIMA_E_UNSUPPORTED, "it is no text");
    if (out->len > from)
        clean(out->data + from, out->len - from);
    return ANIMA_OK;
}
