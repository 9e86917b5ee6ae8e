/* mail_text.h — of a mail what its author wrote in it. Pure functions. */
#ifndef TWIN_MAIL_TEXT_H
#define TWIN_MAIL_TEXT_H
#include "twin/read_private.h"

/* Appends the text (valid UTF-8) without quotations, signatures, and what is forwarded or answered below it; lines that were broken to fit
 * are one again (flowed: by the rules of RFC 3676). */
void mail_text(const char *s, size_t n, bool flowed, struct buf *out);
/* Behind "Re:", "回复：" and their like. */
const char *mail_subject(const char *subject);
#endif
