#include "server/view.h"

#include "base/utf8.h"

#include <string.h>

#define MEMORY_TEXT 1000 /* bytes: the whole of it stands in its turn */

static const char *view_role(anima_role role) { return role == ANIMA_ROLE_PERSON ? "person" : "character"; }

const char *view_event_name(anima_event_type type)
{
    static const char *const names[] = {
#define ANIMA_EVENT(symbol, name, meaning) name,
#include "anima/events.def"
#undef ANIMA_EVENT
    };
    return names[type];
}

/* "": null */
static void put_word(struct jw *w, const char *key, const char *word) { jw_str(w, key, *word ? word : NULL); }

void view_conversation(struct jw *w, const char *key, const anima_conversation_info *info)
{
    jw_obj(w, key);
    jw_str(w, "id", info->id);
    jw_str(w, "character", info->character);
    jw_str(w, "title", info->title);
    jw_int(w, "created_ms", info->created_ms);
    jw_int(w, "updated_ms", info->updated_ms);
    jw_int(w, "turns", info->turns);
    jw_str(w, "last_text", info->last_text);
    if (*info->parent) {
        jw_obj(w, "parent");
        jw_str(w, "id", info->parent);
        jw_int(w, "seq", info->parent_seq);
        jw_end_obj(w);
    } else {
        jw_null(w, "parent");
    }
    jw_end_obj(w);
}

void view_conversation_now(struct jw *w, const anima_conversation *conversation)
{
    anima_conversation_info info;
    anima_conversation_describe(conversation, &info);
    view_conversation(w, "conversation", &info);
}

static void put_beginning(struct jw *w, const char *key, int64_t seq, anima_role role, const char *text)
{
    if (!*text) {
        jw_null(w, key);
        return;
    }
    jw_obj(w, key);
    jw_int(w, "seq", seq);
    jw_str(w, "role", view_role(role));
    jw_str(w, "text", text);
    jw_end_obj(w);
}

void view_timeline(struct jw *w, const anima_timeline *t)
{
    jw_obj(w, NULL);
    view_conversation(w, "conversation", &t->info);
    put_beginning(w, "from", t->info.parent_seq, t->from_role, t->from_text);
    put_beginning(w, "own", t->own_seq, t->own_role, t->own_text);
    jw_end_obj(w);
}

static void put_person(struct jw *w, const anima_turn *turn)
{
    if (!turn->person) {
        jw_null(w, "person");
        return;
    }
    jw_obj(w, "person");
    jw_int(w, "id", turn->person);
    jw_str(w, "name", turn->person_name);
    jw_end_obj(w);
}

static void put_error(struct jw *w, const anima_turn *turn)
{
    if (!turn->error_code) {
        jw_null(w, "error");
        return;
    }
    jw_obj(w, "error");
    jw_str(w, "code", anima_error_name(turn->error_code));
    jw_str(w, "message", turn->error);
    jw_end_obj(w);
}

void view_turn(struct jw *w, const char *key, const anima_turn *turn)
{
    jw_obj(w, key);
    jw_int(w, "seq", turn->seq);
    jw_str(w, "role", view_role(turn->role));
    jw_str(w, "state", anima_turn_state_name(turn->state));
    jw_str(w, "text", turn->text);
    put_person(w, turn);
    jw_str(w, "client_id", turn->client_id);
    jw_str(w, "model", turn->model);
    jw_str(w, "finish", turn->finish);
    put_error(w, turn);
    jw_int(w, "prompt_tokens", turn->prompt_tokens);
    jw_int(w, "completion_tokens", turn->completion_tokens);
    jw_num(w, "ttft_ms", turn->ttft_ms);
    jw_num(w, "tokens_per_s", turn->tokens_per_s);
    jw_int(w, "created_ms", turn->created_ms);
    jw_int(w, "revision", turn->revision);
    jw_int(w, "variants", turn->variants);
    jw_int(w, "variant", turn->variant);
    jw_bool(w, "edited", turn->edited);
    jw_num(w, "seconds", turn->seconds);
    jw_num(w, "wh", turn->wh);
    jw_num(w, "money", turn->money);
    jw_int(w, "recalled", turn->recalled);
    jw_int(w, "forgot", turn->forgot);
    jw_end_obj(w);
}

void view_candidate(struct jw *w, int candidate, int candidates, const anima_turn *turn)
{
    jw_int(w, "candidate", candidate);
    jw_int(w, "candidates", candidates);
    view_turn(w, "turn", turn);
}

static void put_list(struct jw *w, const char *key, const char *const *list, size_t n)
{
    jw_arr(w, key);
    for (size_t i = 0; i < n; i++)
        jw_str(w, NULL, list[i]);
    jw_end_arr(w);
}

static void put_adapter(struct jw *w, anima_home *home, const char *character)
{
    anima_adapter a;
    if (anima_character_adapter(home, character, &a)) {
        jw_null(w, "adapter");
        return;
    }
    jw_obj(w, "adapter");
    jw_str(w, "name", a.name);
    jw_str(w, "model", a.model);
    jw_num(w, "scale", a.scale);
    jw_bool(w, "on", a.on);
    jw_bool(w, "own", a.own);
    jw_str(w, "why", a.why);
    jw_end_obj(w);
}

void view_character(struct jw *w, const char *key, anima_home *home, const anima_character *c)
{
    jw_obj(w, key);
    jw_str(w, "id", c->id);
    jw_str(w, "name", c->name);
    jw_str(w, "tagline", c->tagline);
    jw_obj(w, "taglines");
    jw_str(w, "zh", c->tagline_zh);
    jw_str(w, "en", c->tagline_en);
    jw_end_obj(w);
    jw_bool(w, "portrait", *c->portrait);
    jw_str(w, "greeting", c->greeting);
    put_list(w, "greetings", c->greetings, c->n_greetings);
    jw_str(w, "language", c->language);
    jw_str(w, "model", c->model);
    jw_bool(w, "own", c->own);
    jw_str(w, "creator", c->creator);
    jw_str(w, "version", c->version);
    put_list(w, "tags", c->tags, c->n_tags);
    put_adapter(w, home, c->id);
    jw_end_obj(w);
}

void view_engine(struct jw *w, const char *key, const anima_engine_info *e)
{
    jw_obj(w, key);
    jw_str(w, "model", e->model);
    jw_str(w, "state", e->state);
    jw_str(w, "message", e->message);
    jw_num(w, "progress", e->progress);
    jw_int(w, "running", e->running);
    jw_int(w, "waiting", e->waiting);
    jw_int(w, "restarts", e->restarts);
    if (*e->info)
        jw_raw(w, "info", e->info, strlen(e->info));
    else
        jw_null(w, "info");
    jw_end_obj(w);
}

void view_note(struct jw *w, const char *key, const anima_note *note)
{
    jw_obj(w, key);
    jw_int(w, "id", note->id);
    jw_str(w, "character", note->character);
    jw_str(w, "person", note->person_name);
    jw_str(w, "text", note->text);
    jw_str(w, "said", note->said);
    jw_str(w, "conversation", note->conversation);
    jw_int(w, "seq", note->seq);
    jw_int(w, "created_ms", note->created_ms);
    jw_bool(w, "active", note->active);
    jw_end_obj(w);
}

static void put_failure(struct jw *w, int code, const char *message)
{
    if (code) {
        jw_obj(w, "error");
        jw_str(w, "code", anima_error_name(code));
        jw_str(w, "message", message);
        jw_end_obj(w);
    } else {
        jw_null(w, "error");
    }
}

void view_facts(struct jw *w, const char *key, const anima_facts *f)
{
    jw_obj(w, key);
    jw_str(w, "character", f->character);
    jw_str(w, "state", f->state);
    jw_str(w, "model", f->model);
    jw_str(w, "folder", f->folder);
    jw_int(w, "files", f->files);
    jw_int(w, "passages", f->passages);
    jw_int(w, "asked", f->asked);
    jw_int(w, "questions", f->questions);
    jw_int(w, "kept", f->kept);
    jw_int(w, "held_back", f->held_back);
    jw_int(w, "dropped", f->dropped);
    jw_int(w, "again", f->again);
    jw_int(w, "prompt_tokens", f->prompt_tokens);
    jw_int(w, "completion_tokens", f->completion_tokens);
    jw_num(w, "seconds", f->seconds);
    put_failure(w, f->code, f->message);
    jw_end_obj(w);
}

void view_training(struct jw *w, const char *key, const anima_training *t)
{
    jw_obj(w, key);
    jw_str(w, "character", t->character);
    jw_str(w, "state", t->state);
    jw_str(w, "model", t->model);
    jw_str(w, "adapter", t->adapter);
    jw_str(w, "folder", t->folder);
    jw_int(w, "lessons", t->lessons);
    jw_int(w, "left_out", t->left_out);
    jw_int(w, "rank", t->rank);
    jw_int(w, "step", t->step);
    jw_int(w, "steps", t->steps);
    jw_num(w, "epoch", t->epoch);
    jw_num(w, "loss", t->loss);
    jw_num(w, "held_loss", t->held_loss);
    jw_num(w, "best_loss", t->best_loss);
    jw_int(w, "best_step", t->best_step);
    jw_int(w, "resumed_at", t->resumed_at);
    jw_num(w, "progress", t->progress);
    jw_num(w, "rate", t->rate);
    jw_num(w, "tokens_per_s", t->tokens_per_s);
    jw_num(w, "seconds", t->seconds);
    jw_num(w, "seconds_left", t->seconds_left);
    jw_int(w, "started_ms", t->started_ms);
    put_failure(w, t->code, t->message);
    jw_end_obj(w);
}

static void put_result(struct jw *w, const anima_blind *r)
{
    if (strcmp(r->state, "done") != 0) {
        jw_null(w, "result");
        return;
    }
    jw_obj(w, "result");
    jw_int(w, "trained", r->trained);
    jw_int(w, "prompted", r->prompted);
    jw_int(w, "same", r->same);
    jw_num(w, "p", r->p);
    jw_str(w, "zh", r->zh);
    jw_str(w, "en", r->en);
    jw_end_obj(w);
}

void view_blind(struct jw *w, const char *key, const anima_blind *r)
{
    jw_obj(w, key);
    jw_str(w, "id", r->id);
    jw_str(w, "character", r->character);
    jw_str(w, "language", r->language);
    jw_str(w, "state", r->state);
    jw_int(w, "pairs", r->pairs);
    jw_int(w, "made", r->made);
    jw_int(w, "chosen", r->chosen);
    jw_str(w, "model", r->model);
    jw_str(w, "adapter", r->adapter);
    jw_str(w, "adapter_sha256", r->adapter_sha256);
    jw_int(w, "made_ms", r->made_ms);
    if (r->seed < 0)
        jw_null(w, "seed");
    else
        jw_int(w, "seed", r->seed);
    put_result(w, r);
    put_failure(w, r->code, r->message);
    jw_end_obj(w);
}

void view_blind_pair(struct jw *w, const char *key, const anima_blind_pair *p)
{
    jw_obj(w, key);
    jw_int(w, "n", p->n);
    jw_str(w, "source", p->own ? "own" : "talk");
    jw_raw(w, "context", p->context, strlen(p->context));
    jw_str(w, "left", p->left);
    jw_str(w, "right", p->right);
    put_word(w, "choice", p->choice);
    jw_str(w, "note", p->note);
    jw_int(w, "chosen_ms", p->chosen_ms);
    put_word(w, "trained", p->trained);
    jw_end_obj(w);
}

void view_stream(struct jw *w, const char *key, const anima_stream_info *info)
{
    jw_obj(w, key);
    jw_str(w, "id", info->id);
    jw_str(w, "model", info->model);
    put_word(w, "character", info->character);
    put_word(w, "adapter", info->adapter);
    jw_num(w, "adapter_scale", info->adapter_scale);
    if (*info->parent) {
        jw_obj(w, "parent");
        jw_str(w, "id", info->parent);
        jw_int(w, "seq", info->parent_seq);
        jw_end_obj(w);
    } else {
        jw_null(w, "parent");
    }
    jw_int(w, "segments", info->segments);
    jw_bool(w, "generating", info->generating);
    jw_int(w, "created_ms", info->created_ms);
    jw_int(w, "used_ms", info->used_ms);
    jw_int(w, "expires_ms", info->expires_ms);
    jw_end_obj(w);
}

void view_segment(struct jw *w, const char *key, const anima_segment *g)
{
    jw_obj(w, key);
    jw_int(w, "seq", g->seq);
    jw_str(w, "kind", g->kind);
    put_word(w, "name", g->name);
    jw_str(w, "text", g->text);
    put_word(w, "finish", g->finish);
    jw_bool(w, "can_resume", *g->state != '\0');
    jw_int(w, "prompt_tokens", g->prompt_tokens);
    jw_int(w, "cached_tokens", g->cached_tokens);
    jw_int(w, "completion_tokens", g->completion_tokens);
    jw_int(w, "created_ms", g->created_ms);
    jw_end_obj(w);
}

void view_usage(struct jw *w, const anima_usage *u)
{
    jw_obj(w, "usage");
    jw_int(w, "prompt_tokens", u->prompt_tokens);
    jw_int(w, "cached_tokens", u->cached_tokens);
    jw_int(w, "completion_tokens", u->completion_tokens);
    jw_int(w, "context_used", u->context_used);
    jw_int(w, "context_size", u->context_size);
    jw_int(w, "dropped_segments", u->dropped_messages);
    jw_num(w, "prefill_ms", u->prefill_ms);
    jw_num(w, "decode_ms", u->decode_ms);
    jw_end_obj(w);
}

static void put_text(struct jw *w, const char *key, const char *text)
{
    char cut[MEMORY_TEXT + 4];
    size_t n = strlen(text), kept = utf8_cut(text, n, MEMORY_TEXT);
    if (kept < n) {
        memcpy(cut, text, kept);
        memcpy(cut + kept, "…", 4);
    }
    jw_str(w, key, kept < n ? cut : text);
}

void view_memory(struct jw *w, const char *key, const anima_memory *m)
{
    jw_obj(w, key);
    jw_int(w, "id", m->id);
    jw_str(w, "conversation", m->conversation);
    jw_int(w, "seq", m->seq);
    jw_str(w, "character", m->character);
    put_word(w, "person", m->person_name);
    jw_int(w, "at_ms", m->at_ms);
    put_text(w, "text", m->text);
    jw_str(w, "class", m->kind);
    put_list(w, "witnesses", m->witnesses, m->n_witnesses);
    jw_bool(w, "pinned", m->pinned);
    jw_end_obj(w);
}

void view_known(struct jw *w, const char *key, const anima_known *k)
{
    jw_obj(w, key);
    jw_int(w, "id", k->id);
    jw_str(w, "character", k->character);
    jw_str(w, "person", k->person_name);
    jw_str(w, "about", k->about);
    jw_str(w, "whose", k->whose);
    jw_str(w, "topic", k->topic);
    jw_str(w, "value", k->value);
    jw_str(w, "text", k->text);
    jw_int(w, "from_ms", k->from_ms);
    jw_int(w, "until_ms", k->until_ms);
    jw_bool(w, "holds", k->holds);
    jw_bool(w, "by_hand", k->by_hand);
    jw_num(w, "confidence", k->confidence);
    view_memory(w, "source", &k->source);
    jw_end_obj(w);
}

void view_topic(struct jw *w, const char *key, const anima_topic *t)
{
    jw_obj(w, key);
    jw_int(w, "id", t->id);
    jw_int(w, "about", t->about);
    jw_str(w, "character", t->character);
    jw_str(w, "person", t->person_name);
    jw_str(w, "language", t->language);
    jw_str(w, "text", t->text);
    jw_int(w, "from_ms", t->from_ms);
    jw_int(w, "until_ms", t->until_ms);
    jw_bool(w, "holds", !t->until_ms);
    jw_bool(w, "by_hand", t->by_hand);
    jw_str(w, "class", t->kind);
    jw_arr(w, "sources");
    for (size_t i = 0; i < t->n_sources; i++)
        view_memory(w, NULL, &t->sources[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

void view_told(struct jw *w, const anima_memory *m)
{
    jw_obj(w, NULL);
    view_memory(w, "memory", m);
    jw_num(w, "score", m->score);
    jw_bool(w, "changed", m->changed);
    jw_end_obj(w);
}

void view_document(struct jw *w, const char *key, const anima_document *d)
{
    jw_obj(w, key);
    jw_str(w, "id", d->id);
    jw_str(w, "character", d->character);
    jw_str(w, "title", d->title);
    jw_str(w, "name", d->name);
    jw_str(w, "form", d->form);
    jw_str(w, "giver", d->giver);
    jw_int(w, "at_ms", d->at_ms);
    jw_bool(w, "everyone", d->everyone);
    jw_arr(w, "others");
    for (size_t i = 0; i < d->n_others; i++)
        jw_str(w, NULL, d->others[i]);
    jw_end_arr(w);
    jw_int(w, "pages", d->pages);
    jw_int(w, "bytes", d->bytes);
    jw_int(w, "passages", d->passages);
    jw_int(w, "without_vector", d->without_vector);
    jw_end_obj(w);
}

void view_section(struct jw *w, const anima_section *s)
{
    jw_obj(w, NULL);
    jw_int(w, "depth", s->depth);
    jw_str(w, "number", s->number);
    jw_str(w, "title", s->title);
    jw_int(w, "page", s->page);
    jw_int(w, "start", s->start);
    jw_int(w, "end", s->end);
    jw_end_obj(w);
}

void view_passage(struct jw *w, const anima_passage *p)
{
    jw_obj(w, NULL);
    jw_str(w, "document", p->document);
    jw_str(w, "title", p->title);
    jw_str(w, "place", p->place);
    jw_str(w, "within", p->within);
    jw_str(w, "within_title", p->within_title);
    jw_str(w, "number", p->number);
    jw_str(w, "section", p->section);
    jw_int(w, "page", p->page);
    jw_int(w, "first", p->first);
    jw_int(w, "last", p->last);
    jw_int(w, "start", p->start);
    jw_int(w, "end", p->end);
    jw_str(w, "text", p->text);
    jw_num(w, "score", p->score);
    jw_bool(w, "told", p->told);
    jw_end_obj(w);
}

static void view_recalled(struct jw *w, const anima_recalled *r)
{
    jw_obj(w, NULL);
    view_memory(w, "memory", &r->memory);
    jw_num(w, "score", r->memory.score);
    jw_bool(w, "told", r->told);
    put_text(w, "before", r->before);
    jw_arr(w, "reasons");
    for (size_t i = 0; i < r->n_reasons; i++) {
        jw_obj(w, NULL);
        jw_str(w, "name", r->reasons[i].name);
        jw_str(w, "about", r->reasons[i].about);
        jw_num(w, "points", r->reasons[i].points);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_end_obj(w);
}

void view_recollection(struct jw *w, const anima_recollection *found)
{
    jw_obj(w, NULL);
    jw_bool(w, "about", found->about);
    jw_bool(w, "by_meaning", found->by_meaning);
    jw_arr(w, "items");
    for (size_t i = 0; i < found->n; i++)
        view_recalled(w, &found->items[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

void view_chats_found(struct jw *w, const char *key, const anima_chats_found *found)
{
    jw_obj(w, key);
    jw_str(w, "id", found->id);
    jw_int(w, "chats", found->chats);
    jw_int(w, "messages", found->messages);
    jw_int(w, "conversations", found->conversations);
    jw_int(w, "of_character", found->of_character);
    jw_int(w, "left_out", found->left_out);
    jw_int(w, "from_ms", found->from_ms);
    jw_int(w, "to_ms", found->to_ms);
    jw_arr(w, "people");
    for (size_t i = 0; i < found->n_people; i++) {
        jw_obj(w, NULL);
        jw_str(w, "name", found->people[i].name);
        jw_int(w, "messages", found->people[i].messages);
        jw_bool(w, "giver", found->people[i].giver);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_arr(w, "files");
    for (size_t i = 0; i < found->n_files; i++) {
        jw_obj(w, NULL);
        jw_str(w, "name", found->files[i].name);
        jw_str(w, "format", found->files[i].format);
        jw_int(w, "messages", found->files[i].messages);
        jw_int(w, "notices", found->files[i].notices);
        jw_str(w, "trouble", found->files[i].trouble);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_end_obj(w);
}

void view_chats(struct jw *w, const char *key, const anima_chats *chats)
{
    jw_obj(w, key);
    jw_str(w, "id", chats->id);
    jw_str(w, "character", chats->character);
    jw_str(w, "name", chats->name);
    jw_str(w, "state", chats->state);
    jw_int(w, "at_ms", chats->at_ms);
    jw_int(w, "messages", chats->messages);
    jw_int(w, "done", chats->done);
    jw_int(w, "known", chats->known);
    jw_int(w, "conversations", chats->conversations);
    jw_num(w, "seconds_left", chats->seconds_left);
    put_failure(w, chats->code, chats->error);
    jw_end_obj(w);
}

void view_memory_state(struct jw *w, const anima_memory_state *state)
{
    jw_obj(w, NULL);
    jw_int(w, "turns", state->turns);
    jw_int(w, "due", state->due);
    jw_int(w, "unread", state->unread);
    jw_int(w, "without_vector", state->without_vector);
    jw_int(w, "reading", state->reading);
    jw_str(w, "model", state->model);
    jw_end_obj(w);
}
