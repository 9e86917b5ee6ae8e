/* chat_log.h — a conversation as a file: anima's own JSONL, and SillyTavern's. Reading is a pure function of the bytes,
 * so that it can run on any thread and under the fuzzer. One owner, no locking.
 *
 * anima's:        a head {"anima":1,"kind":"conversation",character,title,created_ms,updated_ms,parent}, then a line per
 *                 turn with the members of a turn; "alternatives" are those it does not show.
 * SillyTavern's:  a head {user_name,character_name,create_date,chat_metadata} (it may be missing), then a line per message
 *                 {name,is_user,is_system,send_date,mes,swipes,swipe_id,swipe_info,extra}. Messages that SillyTavern
 *                 keeps from its models (is_system) and empty ones are left out. */
#ifndef AGENT_CHAT_LOG_H
#define AGENT_CHAT_LOG_H
#include "base/arena.h"
#include "store/store.h"

#define CHAT_LOG_MAX (32u << 20)
#define CHAT_LOG_LINES 100000

/* log.info has no id; each turn of a person has its name in person_name ("": the owner) and no person. */
struct chat_log {
    struct store_log log;
    struct arena arena;
    size_t turns_room, variants_room;
};

/* ANIMA_E_INVALID or _LIMIT name the line. now_ms: for what has no date. */
int chat_log_parse(const char *data, size_t n, int64_t now_ms, struct chat_log **out, anima_error *err);
void chat_log_free(void *chat_log);
#endif
