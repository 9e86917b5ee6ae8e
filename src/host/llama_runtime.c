#include "host/llama_runtime.h"

#include "base/log.h"

#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>

#include <ggml-backend.h>
#include <llama.h>

void llama_runtime_folder(char *out, size_t size)
{
    Dl_info info;
    char path[512] = "";
    if (dladdr((void *)(uintptr_t)llama_backend_init, &info) && info.dli_fname)
        snprintf(path, sizeof(path), "%s", info.dli_fname);
    snprintf(out, size, "%s", dirname(path));
}

static void on_log(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        log_error("llama", "%s", text);
    else if (level == GGML_LOG_LEVEL_WARN)
        log_info("llama", "%s", text);
}

void llama_runtime_load(void)
{
    char folder[512];
    llama_runtime_folder(folder, sizeof(folder));
    llama_log_set(on_log, NULL);
    ggml_backend_load_all_from_path(folder);
    llama_backend_init();
}
