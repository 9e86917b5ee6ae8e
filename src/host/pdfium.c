#include "host/pdfium.h"

#include "base/err.h"

#include <dlfcn.h>
#include <string.h>

static int find(void *library, const char *name, void *into, anima_error *err)
{
    void *found = dlsym(library, name);
    if (!found)
        return err_set(err, ANIMA_E_NOT_FOUND, "the PDF reader lacks %s: it is of another version; run tools/setup",
                       name);
    memcpy(into, &found, sizeof(found)); /* a function's address, which C does not make of an object's */
    return ANIMA_OK;
}

int pdfium_load(const char *path, struct pdfium *out, anima_error *err)
{
    static const char *no_fonts[] = { NULL };
    static const FPDF_LIBRARY_CONFIG config = { .version = 2, .m_pUserFontPaths = no_fonts };
    *out = (struct pdfium){ .library = dlopen(path, RTLD_NOW | RTLD_LOCAL) };
    if (!out->library)
        return err_set(err, ANIMA_E_NOT_FOUND, "the PDF reader does not load: %s; run tools/setup", dlerror());
    int rc = ANIMA_OK;
#define PDFIUM_FIND(result, name, arguments) rc = rc ? rc : find(out->library, #name, &out->name, err);
    PDFIUM_FUNCTIONS(PDFIUM_FIND)
#undef PDFIUM_FIND
    if (rc) {
        dlclose(out->library);
        out->library = NULL;
        return rc;
    }
    out->FPDF_InitLibraryWithConfig(&config);
    return ANIMA_OK;
}

void pdfium_unload(struct pdfium *p)
{
    if (!p->library)
        return;
    p->FPDF_DestroyLibrary();
    dlclose(p->library);
    p->library = NULL;
}
