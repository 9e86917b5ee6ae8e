/* pdfium.h — the few functions of PDFium that are used, as its public headers declare them (fpdfview.h, fpdf_text.h, fpdf_doc.h and fpdf_edit.h
 * of chromium/6462, the build that the PyPI package pypdfium2 4.30.0 carries; BSD-3-Clause and Apache-2.0). The library is no part of the build: it
 * is loaded when it is there. One thread. */
#ifndef HOST_PDFIUM_H
#define HOST_PDFIUM_H
#include "anima/anima.h"

#include <stddef.h>

typedef struct fpdf_document_t__ *FPDF_DOCUMENT;
typedef struct fpdf_page_t__ *FPDF_PAGE;
typedef struct fpdf_textpage_t__ *FPDF_TEXTPAGE;
typedef struct fpdf_bookmark_t__ *FPDF_BOOKMARK;
typedef struct fpdf_dest_t__ *FPDF_DEST;
typedef int FPDF_BOOL;

typedef struct {
    float left, top, right, bottom;
} FS_RECTF;

typedef struct {
    int version;                   /* 2 */
    const char **m_pUserFontPaths; /* ended by NULL; NULL itself: the system's folders */
    void *m_pIsolate;              /* of a build with JavaScript; this one has none */
    unsigned int m_v8EmbedderSlot;
    void *m_pPlatform;  /* from version 3 on */
    int m_RendererType; /* from version 4 on */
} FPDF_LIBRARY_CONFIG;

/* FPDF_GetLastError behind a document that was not loaded */
enum { FPDF_ERR_SUCCESS, FPDF_ERR_UNKNOWN, FPDF_ERR_FILE, FPDF_ERR_FORMAT, FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY };

/* X(result, name, arguments). Texts that are asked for with a length are UTF-16LE with a NUL, and the length is in bytes; what comes back is how
 * many it takes. */
#define PDFIUM_FUNCTIONS(X)                                                                                            \
    X(void, FPDF_InitLibraryWithConfig, (const FPDF_LIBRARY_CONFIG *))                                                 \
    X(void, FPDF_DestroyLibrary, (void))                                                                               \
    X(FPDF_DOCUMENT, FPDF_LoadMemDocument64, (const void *, size_t, const char *))                                     \
    X(void, FPDF_CloseDocument, (FPDF_DOCUMENT))                                                                       \
    X(unsigned long, FPDF_GetLastError, (void))                                                                        \
    X(int, FPDF_GetPageCount, (FPDF_DOCUMENT))                                                                         \
    X(unsigned long, FPDF_GetMetaText, (FPDF_DOCUMENT, const char *, void *, unsigned long))                           \
    X(FPDF_PAGE, FPDF_LoadPage, (FPDF_DOCUMENT, int))                                                                  \
    X(void, FPDF_ClosePage, (FPDF_PAGE))                                                                               \
    X(float, FPDF_GetPageWidthF, (FPDF_PAGE))                                                                          \
    X(float, FPDF_GetPageHeightF, (FPDF_PAGE))                                                                         \
    X(int, FPDFPage_GetRotation, (FPDF_PAGE))                                                                          \
    X(FPDF_TEXTPAGE, FPDFText_LoadPage, (FPDF_PAGE))                                                                   \
    X(void, FPDFText_ClosePage, (FPDF_TEXTPAGE))                                                                       \
    X(int, FPDFText_CountChars, (FPDF_TEXTPAGE))                                                                       \
    X(unsigned int, FPDFText_GetUnicode, (FPDF_TEXTPAGE, int))                                                         \
    X(int, FPDFText_IsHyphen, (FPDF_TEXTPAGE, int))                                                                    \
    X(FPDF_BOOL, FPDFText_GetLooseCharBox, (FPDF_TEXTPAGE, int, FS_RECTF *))                                           \
    X(FPDF_BOOL, FPDFText_GetCharOrigin, (FPDF_TEXTPAGE, int, double *, double *))                                     \
    X(FPDF_BOOKMARK, FPDFBookmark_GetFirstChild, (FPDF_DOCUMENT, FPDF_BOOKMARK))                                       \
    X(FPDF_BOOKMARK, FPDFBookmark_GetNextSibling, (FPDF_DOCUMENT, FPDF_BOOKMARK))                                      \
    X(unsigned long, FPDFBookmark_GetTitle, (FPDF_BOOKMARK, void *, unsigned long))                                    \
    X(FPDF_DEST, FPDFBookmark_GetDest, (FPDF_DOCUMENT, FPDF_BOOKMARK))                                                 \
    X(int, FPDFDest_GetDestPageIndex, (FPDF_DOCUMENT, FPDF_DEST))

struct pdfium {
    void *library;
#define PDFIUM_MEMBER(result, name, arguments) result(*name) arguments;
    PDFIUM_FUNCTIONS(PDFIUM_MEMBER)
#undef PDFIUM_MEMBER
};

/* Loads the library at path and readies it, without the system's fonts. ANIMA_E_NOT_FOUND, with what to do. */
int pdfium_load(const char *path, struct pdfium *out, anima_error *err);
void pdfium_unload(struct pdfium *p); /* of a zeroed one: nothing */
#endif
