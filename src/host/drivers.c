/* drivers.c — the table of drivers, and how their options are read. */
#include "host/driver.h"

#include <stdlib.h>
#include <string.h>

extern const struct host_driver driver_llama, driver_script, driver_openai, driver_e5, driver_train, driver_pdf;

const struct host_driver *const host_drivers[] = { &driver_llama, &driver_script, &driver_openai,
                                                   &driver_e5,    &driver_train,  &driver_pdf,
                                                   NULL };

const struct host_driver *host_driver_find(const char *name)
{
    for (size_t i = 0; host_drivers[i]; i++)
        if (strcmp(host_drivers[i]->name, name) == 0)
            return host_drivers[i];
    return NULL;
}

static const char *otherwise(const struct host_driver *driver, const char *key)
{
    for (const struct host_option *o = driver->options; o && o->key; o++)
        if (strcmp(o->key, key) == 0)
            return o->otherwise;
    return "";
}

long host_option_int(const struct host_driver *driver, const struct host_config *config, const char *key)
{
    return (long)json_int(config->options, key, strtol(otherwise(driver, key), NULL, 10));
}

double host_option_num(const struct host_driver *driver, const struct host_config *config, const char *key)
{
    return json_num(config->options, key, strtod(otherwise(driver, key), NULL));
}

const char *host_option_str(const struct host_driver *driver, const struct host_config *config, const char *key)
{
    return json_str(config->options, key, otherwise(driver, key));
}
