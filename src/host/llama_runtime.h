/* llama_runtime.h — what every driver that uses llama.cpp's libraries does first. One thread. */
#ifndef HOST_LLAMA_RUNTIME_H
#define HOST_LLAMA_RUNTIME_H
#include "anima/anima.h"

/* The folder that libllama was loaded from: its backends lie there. */
void llama_runtime_folder(char *out, size_t size);
/* Loads the backends; what llama.cpp has to say goes into our log. */
void llama_runtime_load(void);
#endif
