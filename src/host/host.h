/* host.h — running one driver behind a socket. */
#ifndef HOST_HOST_H
#define HOST_HOST_H
#include "host/driver.h"

/* Serves frames on fd until the other side closes it or says "stop". 0, or 1 if the driver could not start. */
int host_run(const struct host_driver *driver, const struct host_config *config, int fd, bool no_jail_ok);
#endif
