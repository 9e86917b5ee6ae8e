/* config.ini. */
#include "agent/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct settings *s;
    anima_error err;
    if (settings_parse((const char *)data, n, "config.ini", NULL, &s, &err) == 0)
        settings_free(s);
    return 0;
}
