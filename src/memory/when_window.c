/* Windows of a text in simple characters, byte by byte in the same places. */
#include "memory/when_private.h"

#include "base/utf8.h"

#include <string.h>

/* Traditional and simple form of the characters that time expressions and their signs are written with, in the order of the first. */
static const uint16_t forms[][2] = {
    { 0x4F86, 0x6765 }, { 0x500B, 0x4E2A }, { 0x5099, 0x5907 }, { 0x5152, 0x513F }, { 0x5167, 0x5185 },
    { 0x5169, 0x4E24 }, { 0x525B, 0x521A }, { 0x5283, 0x5212 }, { 0x55AE, 0x5355 }, { 0x570B, 0x56FD },
    { 0x5B78, 0x5B66 }, { 0x5C07, 0x5C06 }, { 0x5E7E, 0x51E0 }, { 0x5F8C, 0x540E }, { 0x5F9E, 0x4ECE },
    { 0x611B, 0x7231 }, { 0x6176, 0x5E86 }, { 0x65BC, 0x4E8E }, { 0x6642, 0x65F6 }, { 0x66C6, 0x5386 },
    { 0x6703, 0x4F1A }, { 0x6A13, 0x697C }, { 0x6A23, 0x6837 }, { 0x6A39, 0x6811 }, { 0x6B61, 0x6B22 },
    { 0x6B72, 0x5C81 }, { 0x6B77, 0x5386 }, { 0x6DE9, 0x51CC }, { 0x6E96, 0x51C6 }, { 0x7121, 0x65E0 },
    { 0x73FE, 0x73B0 }, { 0x767C, 0x53D1 }, { 0x79AE, 0x793C }, { 0x7BC0, 0x8282 }, { 0x7DDA, 0x7EBF },
    { 0x8056, 0x5723 }, { 0x8207, 0x4E0E }, { 0x820A, 0x65E7 }, { 0x8655, 0x5904 }, { 0x865F, 0x53F7 },
    { 0x89AA, 0x4EB2 }, { 0x8A08, 0x8BA1 }, { 0x8A18, 0x8BB0 }, { 0x8A95, 0x8BDE }, { 0x8AAA, 0x8BF4 },
    { 0x8AD6, 0x8BBA }, { 0x8B80, 0x8BFB }, { 0x8FB2, 0x519C }, { 0x9019, 0x8FD9 }, { 0x9031, 0x5468 },
    { 0x904E, 0x8FC7 }, { 0x9084, 0x8FD8 }, { 0x9418, 0x949F }, { 0x9580, 0x95E8 }, { 0x9593, 0x95F4 },
    { 0x9663, 0x9635 }, { 0x9670, 0x9634 }, { 0x967D, 0x9633 }, { 0x96D9, 0x53CC }, { 0x96E2, 0x79BB },
    { 0x9B27, 0x95F9 }, { 0x9EBC, 0x4E48 }, { 0x9EDE, 0x70B9 },
};

uint32_t when_simple(uint32_t c)
{
    size_t low = 0, high = sizeof(forms) / sizeof(forms[0]);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (forms[mid][0] == c)
            return forms[mid][1];
        if (forms[mid][0] < c)
            low = mid + 1;
        else
            high = mid;
    }
    return c;
}

size_t when_window(const char *text, size_t n, size_t start, char *out, size_t size)
{
    size_t len = n - start < size - 1 ? n - start : size - 1, at = 0;
    for (size_t one; at < len; at += one) {
        uint32_t c = utf8_decode(text + start + at, n - start - at, &one);
        if (at + one > len)
            break;
        if (one == 3)
            utf8_encode(when_simple(c), out + at);
        else
            memcpy(out + at, text + start + at, one);
        for (size_t i = 0; i < one; i++)
            out[at + i] = (char)(out[at + i] ? out[at + i] : ' ');
    }
    out[at] = '\0';
    return at;
}
