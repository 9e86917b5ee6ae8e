/* anima-make-adapter MODEL OUT RANK SEED SIZE [ARCHITECTURE]: an adapter of random numbers, for scripts that test. */
#include "make_adapter.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    const struct make_adapter how = { .rank = atoi(argv[3]),
                                      .seed = (unsigned)atoi(argv[4]),
                                      .type = MAKE_F16,
                                      .size = atof(argv[5]),
                                      .alpha = 2 * atof(argv[3]),
                                      .architecture = argc > 6 ? argv[6] : NULL };
    return make_adapter(argv[1], argv[2], &how) ? 1 : 0;
}
