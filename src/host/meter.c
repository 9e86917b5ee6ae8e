#include "host/meter.h"

#define SECOND_US 1000000

void meter_add(struct meter *m, int64_t now_us, int64_t busy_us, int read, int said)
{
    int64_t second = now_us / SECOND_US, i = second % METER_SECONDS;
    if (!m->began_us)
        m->began_us = now_us - busy_us;
    if (m->slots[i].second != second) {
        m->slots[i].second = second;
        m->slots[i].busy_us = m->slots[i].read = m->slots[i].said = 0;
    }
    m->slots[i].busy_us += busy_us;
    m->slots[i].read += read;
    m->slots[i].said += said;
    m->steps++;
    m->read += read;
    m->said += said;
    m->busy_us += busy_us;
}

void meter_rate(const struct meter *m, int64_t now_us, struct meter_rate *out)
{
    int64_t oldest = now_us / SECOND_US - METER_SECONDS + 1, from_us = oldest * SECOND_US, busy_us = 0, read = 0,
            said = 0;
    *out = (struct meter_rate){ 0 };
    for (int i = 0; i < METER_SECONDS; i++) {
        if (m->slots[i].second < oldest)
            continue;
        busy_us += m->slots[i].busy_us;
        read += m->slots[i].read;
        said += m->slots[i].said;
    }
    if (from_us < m->began_us)
        from_us = m->began_us;
    if (!m->began_us || now_us <= from_us)
        return;
    double span_us = (double)(now_us - from_us);
    out->busy = (double)busy_us / span_us > 1 ? 1 : (double)busy_us / span_us; /* a long step began before */
    out->read_per_s = (double)read * SECOND_US / span_us;
    out->said_per_s = (double)said * SECOND_US / span_us;
}
