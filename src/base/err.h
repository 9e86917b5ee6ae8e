/* err.h — filling anima_error. The message is set once, where the failure happens, and passed up unmasked. */
#ifndef BASE_ERR_H
#define BASE_ERR_H
#include "anima/anima.h"
#include <stdarg.h>

/* Sets *err (if any) to code and the printf-formatted message; returns code, so that it can end a function. Any thread. */
int err_set(anima_error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The code for an errno value: ENOSPC gives ANIMA_E_FULL, ENOENT NOT_FOUND, EACCES FORBIDDEN, ENOMEM NOMEM, else IO. */
int err_from_errno(int errnum);
/* As err_set with the code of errnum and ": strerror(errnum)" behind the message. */
int err_errno(anima_error *err, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The reverse of anima_error_name; ANIMA_E_ENGINE for an unknown name. */
int err_code(const char *name);
#endif
