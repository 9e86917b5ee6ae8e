#include "agent/idle.h"

#include "agent/blind.h"
#include "agent/learn.h"
#include "agent/streams.h"
#include "agent/summary.h"
#include "agent/topics.h"
#include "agent/workings.h"

void idle_pause(anima_home *home)
{
    summary_pause(home);
    topics_pause(home->topics);
    workings_pause(home->workings);
    learning_pause(home); /* the reply of a blind pair goes on: it is short */
}

void idle_resume(anima_home *home)
{
    summary_resume(home);
    topics_resume(home->topics);
    workings_resume(home->workings);
    learning_resume(home);
    blinds_resume(home);
    if (!home->closing)
        streams_expire(home); /* one look by an index */
}
