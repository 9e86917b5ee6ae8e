/* view.h — how things of the home look in JSON. The members are those of the tables in routes.c. */
#ifndef SERVER_VIEW_H
#define SERVER_VIEW_H
#include "base/json.h"

void view_conversation(struct jw *w, const char *key, const anima_conversation_info *info);
/* {`conversation`, `from`, `own`}: a branch of a tree. */
void view_timeline(struct jw *w, const anima_timeline *timeline);
/* "conversation": it as it is now. */
void view_conversation_now(struct jw *w, const anima_conversation *conversation);
void view_turn(struct jw *w, const char *key, const anima_turn *turn);
/* `candidate`, `candidates` and `turn`, into the object that is open. */
void view_candidate(struct jw *w, int candidate, int candidates, const anima_turn *turn);
void view_character(struct jw *w, const char *key, anima_home *home, const anima_character *character);
void view_engine(struct jw *w, const char *key, const anima_engine_info *engine);
const char *view_event_name(anima_event_type type);
void view_note(struct jw *w, const char *key, const anima_note *note);
void view_facts(struct jw *w, const char *key, const anima_facts *facts);
void view_training(struct jw *w, const char *key, const anima_training *training);
void view_blind(struct jw *w, const char *key, const anima_blind *round);
void view_blind_pair(struct jw *w, const char *key, const anima_blind_pair *pair);
void view_stream(struct jw *w, const char *key, const anima_stream_info *info);
void view_segment(struct jw *w, const char *key, const anima_segment *segment);
void view_usage(struct jw *w, const anima_usage *usage);
/* view_forget.c: members of the open object. done: it was no look; purged: no byte is left. A rule is an object. */
void view_forgotten(struct jw *w, const anima_forgotten *what, bool done, bool purged);
void view_rule(struct jw *w, const anima_rule *rule);
void view_refusals(struct jw *w, const anima_refusals *found);
void view_known(struct jw *w, const char *key, const anima_known *known);
void view_topic(struct jw *w, const char *key, const anima_topic *topic);
void view_working(struct jw *w, const char *key, const anima_working *part); /* view_working.c */
void view_memory(struct jw *w, const char *key, const anima_memory *memory);
/* Objects: {`memory`, `score`, `changed`}; the answer of …/recall; that of /memory/status. */
void view_told(struct jw *w, const anima_memory *memory);
void view_recollection(struct jw *w, const anima_recollection *found);
/* Objects: what is in an export of chats; an import. */
void view_chats_found(struct jw *w, const char *key, const anima_chats_found *found);
void view_document(struct jw *w, const char *key, const anima_document *document);
void view_section(struct jw *w, const anima_section *section);
void view_passage(struct jw *w, const anima_passage *passage);
void view_chats(struct jw *w, const char *key, const anima_chats *chats);
void view_memory_state(struct jw *w, const anima_memory_state *state);
#endif
