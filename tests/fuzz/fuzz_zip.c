/* Packages: a member that is found in the archive lies in it (engine/fetch.h). */
#include "engine/fetch.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const unsigned char *member;
    size_t packed;
    uint64_t unpacked;
    bool deflated;
    anima_error err = { 0 };
    unsigned char *archive = (unsigned char *)fuzz_copy(data, size);
    int rc = zip_find(archive, size, "a", &member, &packed, &unpacked, &deflated, &err);
    CHECK(rc == 0 || *err.message);
    if (rc == 0)
        CHECK(member >= archive && packed <= size && (size_t)(member - archive) <= size - packed);
    free(archive);
    return 0;
}
