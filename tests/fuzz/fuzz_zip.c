/* Wheels: what is said to lie in the archive must lie in it. */
#include "engine/fetch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const unsigned char *member;
    size_t packed;
    uint64_t size;
    bool deflated;
    if (zip_find(data, n, "a", &member, &packed, &size, &deflated, NULL) == 0 &&
        (member < data || packed > n || member + packed > data + n))
        abort();
    return 0;
}
