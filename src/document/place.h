/* place.h — places in documents, as headings number them and as people ask for them: "chapter two", 第二章, "section 3.2", "on page 12", "the
 * introduction", "the last section". Pure functions, any thread. */
#ifndef DOCUMENT_PLACE_H
#define DOCUMENT_PLACE_H
#include "document/document.h"

enum place_kind {
    PLACE_NONE,
    PLACE_BARE, /* "3.2", 三、 */
    PLACE_PART, /* volume, book, 卷, 部, 篇 */
    PLACE_CHAPTER,
    PLACE_SECTION,
    PLACE_ARTICLE, /* clause, 条 */
    PLACE_APPENDIX
};

#define PLACE_PARTS 6

struct place_number {
    enum place_kind kind;
    int n, parts[PLACE_PARTS]; /* 3.2 is { 3, 2 }; appendix B is { 2 } */
};

/* The number that a heading begins with: how many bytes it takes; 0: there is none. 1.2, "Chapter IV", "第十二条", "（三）", "§ 7". */
size_t place_number(const char *s, size_t n, struct place_number *out);
/* The level that such a heading has among others. */
int place_level(const struct place_number *number);
/* A heading without a number that every document may have: the name under which it is known, of both languages the same
 * ("introduction" for 前言); NULL: the n bytes are none. */
const char *place_named(const char *s, size_t n);
/* The i-th word for such a heading, and the name it goes by; NULL: there are no more. */
const char *place_name_at(size_t i, const char **word);

#define PLACE_ASKED 3

struct place_asked {
    int page, last_page;                      /* from which to which; 0: no page is asked for */
    struct place_number numbers[PLACE_ASKED]; /* of one kind any of them; of two kinds one within the other */
    int n_numbers;
    enum place_kind last; /* the last one of that kind; PLACE_NONE: that is not asked for */
    const char *name;     /* as place_named gives it; NULL: none */
};
/* Whether a message asks for a place, and for which. */
bool place_asked(const char *message, struct place_asked *out);
/* Sets fits[i] for each of n sections that is the one asked for, or lies in it. Returns how many; 0: the document has no such place. Pages
 * are the caller's. exact: a chapter is only what is called one; else "2." is one, too, and where nothing is numbered, they are counted. */
size_t place_fits(const struct place_asked *asked, const struct document_section *sections, size_t n, bool exact,
                  bool *fits);
/* How plainly a message speaks of the document of that title: 0 not at all; else bytes of what it names of it ("in the lease", 租房合同里). */
size_t place_titled(const char *message, const char *title);
#endif
