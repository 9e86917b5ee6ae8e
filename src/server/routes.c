/* routes.c — every route, what it takes and what it gives: the one table for routing, validation, tests and
 * docs/api.md. */
#include "server/routes.h"

#include "server/server_private.h"

#define STR(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_STRING, must, meaning, 0, 0, 0                                                                    \
    }
#define INT(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_INT, must, meaning, 0, 0, 0                                                                       \
    }
#define NUM(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_NUMBER, must, meaning, 0, 0, 0                                                                    \
    }
#define BOOL(name, must, meaning)                                                                                      \
    {                                                                                                                  \
        name, MEMBER_BOOL, must, meaning, 0, 0, 0                                                                      \
    }
#define OBJ(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_OBJECT, must, meaning, 0, 0, 0                                                                    \
    }
#define ARR(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_ARRAY, must, meaning, 0, 0, 0                                                                     \
    }
#define ANY(name, must, meaning)                                                                                       \
    {                                                                                                                  \
        name, MEMBER_ANY, must, meaning, 0, 0, 0                                                                       \
    }
#define QUERY(name, otherwise, least, most, meaning)                                                                   \
    {                                                                                                                  \
        name, MEMBER_INT, false, meaning, least, most, otherwise                                                       \
    }
#define WORD(name, most, meaning)                                                                                      \
    {                                                                                                                  \
        name, MEMBER_STRING, false, meaning, 0, most, 0                                                                \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, MEMBER_ANY, false, NULL, 0, 0, 0                                                                         \
    }
#define LIST(name, ...) static const struct member name[] = { __VA_ARGS__, END }

/* ---- shapes: things that occur in several answers ---- */

LIST(conversation_members, STR("id", true, "name of the conversation in addresses"),
     STR("character", true, "id of the character it is with"),
     STR("title", true, "\"\" until somebody or the first message names it"),
     INT("created_ms", true, "milliseconds since 1970, UTC"), INT("updated_ms", true, "when something was last said"),
     INT("turns", true, "how many turns it has; also the seq of the last one"),
     STR("last_text", true, "how the last turn begins"),
     OBJ("parent", true, "{`id`, `seq`}: where it was forked from, or null"));
LIST(turn_members, INT("seq", true, "1, 2, … within the conversation"), STR("role", true, "`person` or `character`"),
     STR("state", true,
         "`waiting`, `streaming`, `done`, `cancelled`, `failed` or `forgotten`: for good, it has no text"),
     STR("text", true, "the words, so far while streaming"),
     OBJ("person", true, "{`id`, `name`} of who said it; null for the character"),
     STR("client_id", true, "the sender's own id of the message, or \"\""),
     STR("model", true, "which model made it, or \"\""),
     STR("finish", true, "`stop`, `length`, `cancelled`, `error` or \"\""),
     OBJ("error", true, "{`code`, `message`} of a failed turn, else null"),
     INT("prompt_tokens", true, "tokens the model read"), INT("completion_tokens", true, "tokens it said"),
     NUM("ttft_ms", true, "time to the first token since the message was accepted"),
     NUM("tokens_per_s", true, "speed while speaking"), INT("created_ms", true, "milliseconds since 1970, UTC"),
     INT("revision", true, "how often people changed its text or chose another alternative"),
     INT("variants", true, "how many alternatives it has, at least 1"),
     INT("variant", true, "which of them it shows, from 0"), BOOL("edited", true, "somebody changed this text"),
     NUM("seconds", true, "computing time of a reply, over all attempts; 0: unknown, as the next two"),
     NUM("wh", true, "energy, in watt hours"), NUM("money", true, "in setting cost.currency"),
     INT("recalled", true, "how many remembered things it was told (`/memory` of the turn)"),
     INT("forgot", true, "of a message that asked for it: how many turns were forgotten; -1: it was not clear which"));
LIST(
    memory_members, INT("id", true, "number; another one when it is made anew, 0 while that happens"),
    STR("conversation", true, "where it was said"), INT("seq", true, "in which turn"),
    STR("character", true, "id of the one who remembers it"), STR("person", true, "who said it; null: the character"),
    INT("at_ms", true, "milliseconds since 1970, UTC"), STR("text", true, "its words, at most 1000 bytes of them"),
    STR("class", true,
        "who may be told: `knowledge` anybody, `personal` who heard it and whom its speaker allows, `secret` who heard "
        "it; `unread`: nobody has looked yet, so it is a secret"),
    ARR("witnesses", true, "names of the people who heard it"),
    BOOL("pinned", true, "it is kept in mind: it does not fade"));
LIST(known_members, INT("id", true, "number; another one when what is remembered is made anew"),
     STR("character", true, "id of the one who knows it"), STR("person", true, "who told it"),
     STR("about", true, "`home`, `work`, `pet`, `day`, …: memory.md has them all"),
     STR("whose", true, "\"\": that person's own; else a relation in English (`sister`), or a name"),
     STR("topic", true, "of a pet its kind, of a day what is then, …; or \"\""),
     STR("value", true, "as it was said, or corrected"), STR("text", true, "all that in words"),
     INT("from_ms", true, "when it began to hold: milliseconds since 1970, UTC"),
     INT("until_ms", true, "when it ended; 0: it holds, or will"), BOOL("holds", true, "now"),
     BOOL("by_hand", true, "somebody corrected it"), NUM("confidence", true, "0 to 1"),
     OBJ("source", true, "memory: the turn that told it"));
LIST(topic_members, INT("id", true, "number"),
     INT("about", true, "the id of the newest sentence about the same thing: its own, if it is that"),
     STR("character", true, "id of the one who was told it"), STR("person", true, "who told it"),
     STR("language", true, "`zh` or `en`"), STR("text", true, "the sentence, as it was made, or corrected"),
     INT("from_ms", true, "when it was told: milliseconds since 1970, UTC"),
     INT("until_ms", true, "when something newer about the same thing was told; 0: it holds"),
     BOOL("holds", true, "nothing newer was told"), BOOL("by_hand", true, "somebody corrected it"),
     STR("class", true, "the strictest of its turns', as in memory"),
     ARR("sources", true, "list of memory: the turns that it is from"));
LIST(
    working_members,
    STR("part", true,
        "`mood`, `intent`, `topic`: the person's; `own_mood`, `own_intent`: the character's; `closeness`, `trust`; "
        "`promise`, `plan` (what both agreed to), `question`"),
    INT("id", true, "of a promise, plan or question; else 0"),
    STR("value", true,
        "a mood or intent by its name, as memory.md lists them; the words of a topic, promise, plan or question; else "
        "\"\""),
    NUM("amount", true, "of a mood how strong it is now, closeness, trust: 0 to 1; else 0"),
    NUM("confidence", true, "0 to 1"),
    INT("since_ms", true, "when it began, or was said: milliseconds since 1970, UTC; 0: it is counted"),
    INT("from_ms", true, "of a promise or plan: when the time it is due in begins; 0: nobody said"),
    INT("to_ms", true, "when that time ends; 0: nobody said"),
    BOOL("own", true, "of a promise or question: the character's; of a plan: it proposed it"),
    STR("state", true,
        "of a promise `open`, `kept`, `broken`; of a plan `open`, `kept`, `dropped`; of a question `open`, `answered`; "
        "else \"\""),
    BOOL("by_hand", true, "somebody set it"),
    OBJ("cause", true, "memory: the turn that shows it; null: it was set by hand, counted, or follows from the rest"));
LIST(character_members, STR("id", true, "its folder's name; also its name as an OpenAI model"),
     STR("name", true, "how it is called"), STR("tagline", true, "one line about it"),
     OBJ("taglines", true, "{`zh`, `en`}: the line in each language"), BOOL("portrait", true, "it has a picture"),
     STR("greeting", true, "its first words in a new conversation, or \"\""),
     ARR("greetings", true, "all it has to choose from; the first is `greeting`"),
     STR("language", true, "`zh` or `en`"), STR("model", true, "model name, or \"\" for the home's default"),
     BOOL("own", true, "it lives in the home and can be removed"), STR("creator", true, "of its card, or \"\""),
     STR("version", true, "of its card, or \"\""), ARR("tags", true, "texts"),
     OBJ("adapter", true,
         "what was trained into weights for it: {`name`, `model` it is for, `scale`, `on`, `own` (it lies in the "
         "home), `why` "
         "it is not on, or \"\"}, or null"));
LIST(cost_members, STR("key", true, "a day (`2026-01-31`), an id, a model's name; \"\" for programs"),
     STR("name", true, "how it is called now"), INT("turns", true, "replies, each attempt counted"),
     INT("prompt_tokens", true, "read"), INT("completion_tokens", true, "said"), NUM("seconds", true, "computing time"),
     NUM("wh", true, "energy, in watt hours; 0: cost.watts is not set"),
     NUM("money", true, "in setting cost.currency"));
LIST(limit_members, STR("scope", true, "`person` or `character`"), STR("key", true, "its id"),
     STR("name", true, "how it is called"), STR("what", true, "`tokens` or `money`"),
     STR("per", true, "`day`, local time"), NUM("used", true, "so far today"), NUM("limit", true, "at which it ends"));
LIST(note_members, INT("id", true, "number"), STR("character", true, "id of the character"),
     STR("person", true, "who asked for it"), STR("text", true, "as the character reads it"),
     STR("said", true, "the words it was noted from, or \"\""), STR("conversation", true, "where, or \"\""),
     INT("seq", true, "in which turn, or 0"), INT("created_ms", true, "milliseconds since 1970, UTC"),
     BOOL("active", true, "it is obeyed"));
LIST(facts_members, STR("character", true, "its id"),
     STR("state", true, "`none`, `reading`, `asking`; over: `done`, `stopped`, `failed`"),
     STR("model", true, "which one writes"),
     STR("folder", true, "where facts.jsonl lies, with what became of everything"), INT("files", true, "texts read"),
     INT("passages", true, "cut from them"), INT("asked", true, "of them done"),
     INT("questions", true, "of all passages that were ever asked, as the next four"),
     INT("kept", true, "with an answer that the text bears out"), INT("held_back", true, "for judges"),
     INT("dropped", true, "without such an answer"), INT("again", true, "were answered twice"),
     INT("prompt_tokens", true, "this time"), INT("completion_tokens", true, "this time"),
     NUM("seconds", true, "this time"), OBJ("error", true, "{`code`, `message`} if it failed, or null"));
LIST(training_members, STR("character", true, "its id"),
     STR("state", true,
         "`none`, `preparing`, `loading`, `training`, `stopping`, `finishing`; over: `prepared`, `done`, `stopped`, "
         "`failed`"),
     STR("model", true, "which one is trained"), STR("adapter", true, "how the adapter is called"),
     STR("folder", true, "where lessons.jsonl, report.md, report.json and curve.jsonl lie"),
     INT("lessons", true, "how many"), INT("left_out", true, "of them, because they are too long"),
     INT("rank", true, "of the adapter"), INT("step", true, "done"), INT("steps", true, "planned, at most"),
     NUM("epoch", true, "how often the lessons were seen"), NUM("loss", true, "of the last step, nats a token"),
     NUM("held_loss", true, "of the lessons held back, at the last look; 0: none yet, as the next one"),
     NUM("best_loss", true, "the best of these: that adapter is kept"), INT("best_step", true, "where it was"),
     INT("resumed_at", true, "the step from which it went on, or 0"), NUM("progress", true, "loading: 0 to 1"),
     NUM("rate", true, "learning rate of the last step"), NUM("tokens_per_s", true, "while computing"),
     NUM("seconds", true, "computed so far"), NUM("seconds_left", true, "at most; 0: unknown"),
     INT("started_ms", true, "milliseconds since 1970, UTC"),
     OBJ("error", true, "{`code`, `message`} if it failed, or null"));
LIST(
    blind_members, STR("id", true, "name of the round in addresses"), STR("character", true, "id of the character"),
    STR("language", true, "`zh` or `en`: in which its people speak"),
    STR("state", true,
        "`making`, `asking` (all pairs are made), `done` (all are chosen), `failed` (it can be gone on with)"),
    INT("pairs", true, "of how many"), INT("made", true, "pairs so far"), INT("chosen", true, "of them"),
    STR("model", true, "which one answers, on both sides"), STR("adapter", true, "of the trained side, its name"),
    STR("adapter_sha256", true, "and its file"), INT("made_ms", true, "milliseconds since 1970, UTC"),
    INT("seed", true, "of all that is drawn; null before it is done"),
    OBJ("result", true,
        "null before it is done; {`trained`, `prompted`, `same`: how often each was chosen, `p`: of the two-sided sign "
        "test without those that were the same, `zh`, `en`: in words}"),
    OBJ("error", true, "{`code`, `message`} if it failed, or null"));
LIST(pair_members, INT("n", true, "1, 2, …"),
     STR("source", true, "`own`: held back from the character's own talk; `talk`: of people talking"),
     ARR("context", true, "{`role`: `person` or `character`, `text`}, …; the last is a person's"),
     STR("left", true, "one reply to that"), STR("right", true, "the other"),
     STR("choice", true, "`left`, `right` or `same`; null: not yet"), STR("note", true, "of who chose, or \"\""),
     INT("chosen_ms", true, "milliseconds since 1970, UTC; 0: not yet"),
     STR("trained", true, "`left` or `right`; null before the round is done"));
LIST(person_members, INT("id", true, "number"), STR("name", true, "name"));
LIST(stream_members, STR("id", true, "name of the stream in addresses"), STR("model", true, "model that reads it"),
     STR("character", true, "id of the character whose persona stands in front, or null"),
     STR("adapter", true, "file of its LoRA adapter, or null"), NUM("adapter_scale", true, "how strongly that counts"),
     OBJ("parent", true, "{`id`, `seq`}: where it was forked from, or null"),
     INT("segments", true, "how many it has; also the seq of the last one"),
     BOOL("generating", true, "the model is going on with it"), INT("created_ms", true, "milliseconds since 1970, UTC"),
     INT("used_ms", true, "when it was changed last"), INT("expires_ms", true, "when it is deleted; 0: never"));
LIST(segment_members, INT("seq", true, "1, 2, … within the stream"),
     STR("kind", true, "`persona`, `profile`, `memory`, `heard`, `thought`, `said` or `tool`"),
     STR("name", true, "who speaks, or null"), STR("text", true, "the words"),
     STR("finish", true, "of a generation: `stop`, `length` or `cancelled`; else null"),
     BOOL("can_resume", true, "it was cut off, and can go on if it is the last one"),
     INT("prompt_tokens", true, "tokens in front of a generation"),
     INT("cached_tokens", true, "of them: the engine had read them before"),
     INT("completion_tokens", true, "tokens it said"), INT("created_ms", true, "milliseconds since 1970, UTC"));
LIST(usage_members, INT("prompt_tokens", true, "tokens in front of what was generated"),
     INT("cached_tokens", true, "of them: the engine had read them before; the others are what it cost to read"),
     INT("completion_tokens", true, "tokens generated"), INT("context_used", true, "tokens in the model's context"),
     INT("context_size", true, "tokens that fit"), INT("dropped_segments", true, "how many of the oldest did not fit"),
     NUM("prefill_ms", true, "time for reading"), NUM("decode_ms", true, "time for generating"));
LIST(engine_members, STR("model", true, "the name it was asked for by"),
     STR("state", true, "`stopped`, `starting`, `loading`, `ready`, `restarting` or `failed`"),
     STR("message", true, "of the failure, or \"\""), NUM("progress", true, "loading: 0 to 1"),
     INT("running", true, "requests it answers now"), INT("waiting", true, "requests in its queue"),
     INT("restarts", true, "how often it died and was brought back"),
     OBJ("info", true, "what it says of itself (`ready` in engine-protocol.md), or null"));
LIST(kv_members, INT("streams", true, "that it knows"), INT("seated", true, "of them in the context's cells"),
     INT("seats", true, "how many can be"), INT("cells_used", true, "cells taken, a token each"),
     INT("cells", true, "all of them"), INT("ram_bytes", true, "copies in memory"), INT("ram_limit", true, "at most"),
     INT("disk_bytes", true, "in its folder"), INT("disk_limit", true, "at most; 0: there is none"),
     INT("saved_bytes", true, "copied into memory since the start"), INT("written_bytes", true, "written to the disk"),
     INT("restored", true, "how often a stream was brought back"), INT("evicted", true, "sent away"),
     INT("damaged", true, "found to be of no use"), INT("shared", true, "begun with another's beginning"),
     NUM("moved_s", true, "spent on all that"));
LIST(engine_stream_members, STR("name", true, "the engine's own name for it; \"\" if it keeps nothing of it"),
     STR("conversation", true, "its id; \"\" of what is no conversation, as the next three"),
     STR("title", true, "of the conversation"), STR("character", true, "by name"),
     STR("language", true, "`zh` or `en`"),
     STR("place", true, "where its KV cache is: `seated`, `ram`, `disk` or \"\""),
     STR("state", true, "`waiting`, `reading`, `scoring`, `speaking` or `rest`"),
     STR("class", true, "`voice`, `chat`, `group`, `background`, `compaction`; \"\" at rest"),
     STR("adapter", true, "file of its LoRA adapter; at rest how its hash begins; \"\": none"),
     INT("tokens", true, "of its KV cache"), INT("bytes", true, "of it"),
     INT("read", true, "tokens of the prompt that are read"), INT("want", true, "all of them"),
     INT("said", true, "tokens of the answer"),
     NUM("deadline_s", true, "seconds until its deadline; below 0: it has passed"),
     NUM("rest_s", true, "at rest: seconds since it was used"));
LIST(report_members, OBJ("engine", true, "engine"),
     NUM("age_s", true, "how old the following is; below 0: it does not run, or has not told"),
     INT("threads", true, "in use"), NUM("busy", true, "share of the last five seconds that it computed, 0 to 1"),
     NUM("read_per_s", true, "tokens of prompts, in these seconds"), NUM("said_per_s", true, "tokens said"),
     NUM("prefill_per_s", true, "tokens a second while it reads; 0: unknown"), INT("steps", true, "since its start"),
     INT("read_tokens", true, "tokens of prompts"), INT("said_tokens", true, "tokens said"), OBJ("kv", true, "kv"),
     ARR("engine_streams", true, "list of engine_stream, at most 256: those at work, then those used last"));

LIST(document_members, STR("id", true, "of the document"), STR("character", true, "whose it is"),
     STR("title", true, "under which it is quoted"), STR("name", true, "of the file"),
     STR("form", true, "`text`, `markdown`, `html`, `epub` or `pdf`"), STR("giver", true, "the person who gave it"),
     INT("at_ms", true, "when"), BOOL("everyone", true, "the character may tell anybody of it"),
     ARR("others", true, "names of those whom it may tell of it beside the giver, if it is not for everyone"),
     INT("pages", true, "0: it has none"), INT("bytes", true, "of its text"),
     INT("passages", true, "by which it is found"), INT("without_vector", true, "of them by words only, as yet"));
LIST(passage_members, STR("document", true, "id"), STR("title", true, "of the document"),
     STR("place", true, "where it stands, in words: `“Lease”, section 3.2 “Deposit”, page 4`"),
     STR("within", true, "number of the section around its section, or \"\""),
     STR("within_title", true, "its title, or \"\""), STR("number", true, "of its section, or \"\""),
     STR("section", true, "title of its section, or \"\""), INT("page", true, "0: no pages"),
     INT("first", true, "paragraph of the document, from 1"), INT("last", true, "the last paragraph of it"),
     INT("start", true, "byte of the document's text"), INT("end", true, "behind its last byte"),
     STR("text", true, "without its heading"), NUM("score", true, "how near it is"),
     BOOL("told", true, "near enough to be told in a prompt"));

const struct shape shapes[] = {
    { "conversation", "a conversation", conversation_members },
    { "turn", "something said, or a reply that is coming", turn_members },
    { "character", "somebody to talk to", character_members },
    { "person", "somebody who talks", person_members },
    { "facts", "texts about a character becoming questions and answers, or how that ended", facts_members },
    { "training", "texts of a character becoming weights, or how that ended", training_members },
    { "blind", "a round of blind pairs: two replies to the same words, one of them of a character's adapter",
      blind_members },
    { "pair", "one of its pairs", pair_members },
    { "note", "what somebody asked of a character", note_members },
    { "document", "a file that a character was given to read", document_members },
    { "passage", "a part of a document, and where it stands", passage_members },
    { "memory", "something that was said, as a character remembers it", memory_members },
    { "known", "something that a person told a character of themselves or theirs", known_members },
    { "topic", "a sentence about what a person told a character", topic_members },
    { "working", "a part of what is on a character's mind of a person now", working_members },
    { "cost", "what replies have cost together", cost_members },
    { "limit", "what may be used in a day", limit_members },
    { "engine", "a model and the process that runs it", engine_members },
    { "stream", "a text that grows, kept for a program", stream_members },
    { "segment", "a part of a stream", segment_members },
    { "stream_usage", "what a generation or a scoring has used", usage_members },
    { "report", "what an engine is doing now", report_members },
    { "kv", "an engine's KV caches, and where they are", kv_members },
    { "engine_stream", "what an engine has read of a conversation, and does with it", engine_stream_members },
};
const size_t shapes_count = sizeof(shapes) / sizeof(shapes[0]);

/* ---- events: their members beside "type"; the names and meanings are events.def ---- */

LIST(event_turn, STR("conversation", true, "id"), OBJ("turn", true, "turn"));
LIST(event_measured, STR("conversation", true, "id"), INT("context_used", true, "tokens in the model's context"),
     INT("context_size", true, "tokens that fit"),
     INT("dropped_turns", true, "how many of the oldest turns did not fit"), OBJ("turn", true, "turn"));
LIST(event_candidate, STR("conversation", true, "id"), INT("candidate", true, "which one, from 1"),
     INT("candidates", true, "of how many"),
     OBJ("turn", true, "turn: what the reply would be; its `variant` is -1, since it is no alternative yet"));
LIST(event_candidate_delta, STR("conversation", true, "id"), INT("seq", true, "of the turn"),
     INT("candidate", true, "which one, from 1"),
     INT("offset", true, "where in its text the words belong, in bytes of UTF-8"), STR("text", true, "the words"));
LIST(event_candidates, STR("conversation", true, "id"), OBJ("turn", true, "turn"),
     ARR("numbers", true, "which alternative each has become; null: it said nothing, and is none"));
LIST(event_delta, STR("conversation", true, "id"), INT("seq", true, "of the turn"),
     INT("offset", true, "where in the turn's text the words belong, in bytes of UTF-8"),
     STR("text", true, "the words"));
LIST(event_removed, STR("conversation", true, "id"), INT("after", true, "turns with a larger seq are gone"));
LIST(event_deleted, STR("conversation", true, "id"));
LIST(event_conversation, STR("conversation", true, "id"), OBJ("info", true, "conversation"));
LIST(event_engine, OBJ("engine", true, "engine"));
LIST(event_character, OBJ("character", true, "character"));
LIST(event_left, STR("id", true, "of the character"));
LIST(event_facts, OBJ("facts", true, "facts"));
LIST(event_training, OBJ("training", true, "training"));
LIST(event_blind, OBJ("blind", true, "blind"));
LIST(event_unblind, STR("id", true, "of the round"));
LIST(event_note, OBJ("note", true, "note"));
LIST(event_unnoted, INT("id", true, "of the note"));

const struct member *const event_members[ANIMA_EVENT_COUNT] = {
    [ANIMA_EVENT_TURN_CREATED] = event_turn,
    [ANIMA_EVENT_TURN_STARTED] = event_measured,
    [ANIMA_EVENT_TURN_DELTA] = event_delta,
    [ANIMA_EVENT_TURN_DONE] = event_measured,
    [ANIMA_EVENT_CONVERSATION] = event_conversation,
    [ANIMA_EVENT_ENGINE] = event_engine,
    [ANIMA_EVENT_TURN_CHANGED] = event_turn,
    [ANIMA_EVENT_TURNS_REMOVED] = event_removed,
    [ANIMA_EVENT_DELETED] = event_deleted,
    [ANIMA_EVENT_CHARACTER_CHANGED] = event_character,
    [ANIMA_EVENT_CHARACTER_REMOVED] = event_left,
    [ANIMA_EVENT_NOTE_CHANGED] = event_note,
    [ANIMA_EVENT_NOTE_REMOVED] = event_unnoted,
    [ANIMA_EVENT_TRAINING_CHANGED] = event_training,
    [ANIMA_EVENT_FACTS_CHANGED] = event_facts,
    [ANIMA_EVENT_BLIND_CHANGED] = event_blind,
    [ANIMA_EVENT_BLIND_REMOVED] = event_unblind,
    [ANIMA_EVENT_CANDIDATE_CHANGED] = event_candidate,
    [ANIMA_EVENT_CANDIDATE_DELTA] = event_candidate_delta,
    [ANIMA_EVENT_CANDIDATES_DONE] = event_candidates,
};

/* ---- what routes take and give ---- */

LIST(gives_status, STR("version", true, "of anima"), NUM("uptime_s", true, "seconds since the start"),
     STR("home", true, "folder of the home"), STR("language", true, "setting ui.language: `auto`, `zh` or `en`"),
     STR("person", true, "the owner's name"), ARR("engines", true, "list of engine"),
     INT("connections", true, "open connections"), NUM("rss_mb", true, "resident memory of the daemon, MiB"),
     INT("pid", true, "process id"));
LIST(gives_engine_stats, ARR("reports", true, "list of report: of all models that talk"));
LIST(gives_characters, ARR("characters", true, "list of character"));
LIST(query_card_in, QUERY("replace", 0, 0, 1, "1: in place of a character that has the name"));
LIST(gives_character, OBJ("character", true, "character"));
LIST(gives_left, BOOL("removed", true, "true"));
LIST(query_card, WORD("format", 8, "`json` (absent), `png` or `charx`"));
LIST(query_cost, QUERY("days", 30, 1, 3660, "how many, today included"),
     WORD("by", 16, "`day` (absent), `character`, `person` or `model`"));
LIST(gives_cost, STR("currency", true, "setting cost.currency"),
     INT("since_ms", true, "local midnight at which the first day begins"), ARR("rows", true, "list of cost"),
     OBJ("total", true, "cost"), ARR("limits", true, "list of limit: those that are set"));
LIST(gives_notes, ARR("notes", true, "list of note, oldest first"));
LIST(gives_note, OBJ("note", true, "note"));
LIST(gives_facts, OBJ("facts", true, "facts"));
LIST(takes_facts, STR("model", false, "who writes; absent: the character's, else the home's default"),
     INT("questions", false, "of a passage, 1 to 8; 4"));
LIST(gives_training, OBJ("training", true, "training"));
LIST(takes_training, STR("model", false, "which one is trained; absent: the character's, else the home's default"),
     STR("name", false, "how the adapter is called; absent: as the model"),
     STR("lessons", false,
         "`auto` (those in lessons.jsonl if their sources are the same, else new ones), `fresh` (new ones) or `as_is`"),
     BOOL("prepare", false, "only make the lessons and the report"),
     BOOL("more", false, "go on from the adapter in use, of the same rank, alpha and places"),
     INT("rank", false, "1 to 64; 5"), NUM("alpha", false, "twice the rank"),
     STR("places", false, "some of `q,k,v,o,gate,up,down`; all"),
     NUM("epochs", false, "how often each lesson is seen, at most; 1"), NUM("rate", false, "learning rate; 0.0004"),
     NUM("scale", false, "with which the adapter is used; 1"), INT("seed", false, "1"),
     STR("command", false, "what was typed: kept with the adapter"));
LIST(gives_blinds, ARR("blinds", true, "list of blind, newest first"));
LIST(gives_blind, OBJ("blind", true, "blind"));
LIST(takes_blind, STR("language", false, "`zh` or `en`; absent: the character's own"),
     INT("pairs", false, "1 to 50; 10; fewer where there are not so many places to answer"),
     INT("seed", false, "of what is drawn: contexts, sides, words; absent: one is chosen"));
LIST(gives_pairs, OBJ("blind", true, "blind"), ARR("pairs", true, "list of pair: those that are made"));
LIST(takes_pair_choice, STR("choice", true, "`left`, `right` or `same`"), STR("note", false, "at most 400 bytes"));
LIST(takes_note, STR("text", true, "1 to 400 bytes"), STR("person", false, "by name; absent: the home's owner"));
LIST(takes_note_change, STR("text", false, "1 to 400 bytes"), BOOL("active", false, "false: not obeyed any more"));
LIST(gives_unnoted, BOOL("deleted", true, "true"));
LIST(gives_abilities,
     ARR("abilities", true, "{`id`, `on`, `zh`, `en`: what it is, `why_zh`, `why_en`: how, or why not}"));
LIST(query_memory, WORD("q", 512, "the words: all of them; \"quoted\" ones side by side, none that has a - before it"),
     WORD("character", 64, "only what the character of this id remembers"), QUERY("limit", 50, 1, 200, "how many"));
LIST(gives_memory, ARR("memories", true, "list of memory, the best first"));
LIST(query_recall, WORD("q", 1024, "what is said"), WORD("person", 64, "who says it, by name; absent: the owner"));
LIST(gives_recall, BOOL("about", true, "something that this person may hear is about it at all"),
     BOOL("by_meaning", true, "false: by words only, because the model for meaning is missing, or was too slow"),
     ARR("items", true,
         "{`memory`, `score`, `told`: near enough to be told in a prompt, `before`: what it answers, or \"\", "
         "`reasons`: "
         "{`name`, `about`, `points` of the score}, the strongest first}, the best first"));
LIST(query_known, WORD("person", 64, "of whom, by name; absent: the owner"),
     WORD("language", 8, "of `text`: `zh`, else English"));
LIST(gives_known, ARR("known", true, "list of known: what holds first, each the newest first, then what was"));
LIST(takes_known, STR("value", true, "1 to 120 bytes"));
LIST(query_topics, WORD("person", 64, "of whom, by name; absent: the owner"));
LIST(gives_topics,
     ARR("topics", true,
         "list of topic: what was talked about last first, behind each sentence those whose place it took"));
LIST(takes_topic, STR("text", true, "1 to 300 bytes"));
LIST(query_working, WORD("person", 64, "of whom, by name; absent: the owner"));
LIST(gives_working, ARR("working", true,
                        "list of working: moods, what they want, topic, closeness, trust, promises, plans, questions"));
LIST(takes_working, STR("person", false, "of whom, by name; absent: the owner"),
     STR("part", true, "`mood`, `intent`, `topic`, `own_mood`, `closeness` or `trust`"),
     STR("value", false, "of a mood or intent its name, of a topic 1 to 95 bytes"),
     NUM("amount", false, "of a mood, closeness or trust: 0 to 1"));
LIST(query_working_part, WORD("person", 64, "of whom, by name; absent: the owner"), WORD("part", 16, "as for PUT"));
LIST(takes_working_change, STR("text", false, "1 to 200 bytes; absent: they stay"),
     STR("state", false, "`open`, `kept`, `broken`, `dropped` or `answered`; absent: it stays"));
LIST(gives_known_changed, BOOL("changed", true, "true"));
LIST(gives_turn_memory,
     ARR("items", true, "{`memory`, `score`, `changed`: its text is another by now}, the best first"),
     ARR("passages", true, "list of passage: of documents, the best first"));
LIST(gives_refused, BOOL("by_meaning", true, "false: by words only"),
     ARR("items", true,
         "{`memory`, `score`, `reason`: `secret`, `not_asked`, `rule`, `excluded`, `far` or `faded`, `why_en`, "
         "`why_zh`: in "
         "words, `person`: because of whom, or null}, the nearest first"));
LIST(takes_forget, ARR("turns", true, "1 to 64 of {`conversation`, `seq`}"),
     BOOL("look", false, "true: only say what would go"));
LIST(gives_forgotten,
     ARR("items", true,
         "{`conversation`, `seq`, `variant` (null: the turn with all its alternatives), `character`, `person` (null: "
         "the "
         "character), `at_ms`, `text`, `why`: `asked`, `copy` in a fork, `repeats`: a reply that says it again, "
         "`request`: "
         "stays without it}"),
     INT("said", true, "turns of people among them"), INT("replies", true, "replies"),
     BOOL("forgotten", true, "false: that was only a look"),
     BOOL("purged", true, "every byte of it is gone from the files by now; else a little later"));
LIST(gives_pinned, BOOL("pinned", true, "whether it is now"));
LIST(takes_rule, STR("person", false, "whose affairs, by name; absent: the owner"),
     STR("character", false, "by which one they are not told; absent: by any"),
     STR("other", false, "who may be told what is personal; absent: nobody is told anything that they did not hear"));
LIST(gives_rules,
     ARR("rules", true,
         "{`id`, `person`, `character` (null: any), `other` (null: nobody is told anything), `at_ms`}, in the "
         "order they were made"));
LIST(query_document, WORD("name", 255, "of the file: its ending tells what is in it"),
     WORD("title", 200, "under which it is quoted; absent: its own, else its name"),
     WORD("giver", 64, "the person who gives it, by name; absent: the home's owner"),
     WORD("for", 64, "who may be told of it beside the giver: `everyone`, or a person by name; absent: nobody"));
LIST(gives_document, OBJ("document", true, "document"));
LIST(gives_documents, ARR("documents", true, "list of document, in the order in which they came"));
LIST(gives_outline, OBJ("document", true, "document"),
     ARR("sections", true, "{`depth`, `number`, `title`, `page`, `start`, `end`: bytes of the text}, in their order"));
LIST(query_passages, WORD("q", 1024, "a question; \"what does chapter two say of …\" and \"on page 3\" mean the place"),
     WORD("person", 64, "only what this person may be told; absent: everything"));
LIST(gives_passages, ARR("passages", true, "list of passage, the best first"));
LIST(gives_memory_status, INT("turns", true, "are remembered"),
     INT("due", true, "turns that wait to be made ready to be found"),
     INT("unread", true, "nobody has looked yet what they tell, and to whom"),
     INT("without_vector", true, "found by words only, as yet"),
     INT("reading", true, "characters who answer without remembering, because what they remember is still being read"),
     STR("model", true, "that says what they mean (setting embed.model), or \"\""));
LIST(query_chats, WORD("character", 64, "id of the one who remembers it"),
     WORD("name", 256, "of the file: a chat may be called after it"),
     WORD("me", 200, "a name in it that is the giver's; absent: what it says itself"),
     WORD("giver", 64, "the person who gives it to the character, and so has read it; absent: the home's owner"),
     QUERY("look", 0, 0, 1, "1: only say what is in it"));
LIST(gives_chats_found,
     OBJ("found", true,
         "what is in it: {`id` of the import, `chats`, `messages`, `conversations` that it becomes, `of_character`: "
         "messages "
         "that it said itself, `left_out`: posts, notes and texts, `from_ms`, `to_ms`, `people`: {`name`, `messages`, "
         "`giver`}, at most 200, `files`: {`name`, `format`, `messages`, `notices`, `trouble`}}"));
LIST(gives_chats, ARR("imports", true,
                      "{`id`, `character`, `name`, `state`: `running`, `done` or `unfinished` (take the same file in "
                      "again), `at_ms`, "
                      "`messages`, `done`: those that are here, `known`: those that were here before, `conversations`, "
                      "`seconds_left` (about; 0: not known), `error`: {`code`, `message`} or null}, newest first"));
LIST(gives_begun, BOOL("begun", true, "true"));
LIST(gives_people, ARR("people", true, "list of person"));
LIST(takes_login, STR("token", true, "the password in server.token_file"));
LIST(gives_login, BOOL("ok", true, "true; the answer sets the cookie"));

LIST(query_conversations, QUERY("limit", 50, 1, 500, "how many, newest first"),
     QUERY("before_ms", 0, 0, INT64_MAX, "only those updated before; 0: all"),
     WORD("character", 64, "only those with the character of this id"));
LIST(gives_conversations, ARR("conversations", true, "list of conversation"));
LIST(takes_conversation, STR("character", true, "id of the character"), STR("title", false, "at most 127 bytes"),
     INT("greeting", false, "which of its greetings, from 0; absent: the first"));
LIST(gives_conversation, OBJ("conversation", true, "conversation"));
LIST(query_turns, QUERY("after", 0, 0, INT64_MAX, "only turns with a larger seq"),
     QUERY("limit", 500, 1, 500, "how many, oldest first"));
LIST(gives_turns, OBJ("conversation", true, "conversation"), ARR("turns", true, "list of turn"));

LIST(query_tree, QUERY("limit", 500, 1, 500, "how many, the oldest first"));
LIST(gives_tree,
     ARR("timelines", true,
         "the tree's branches, the oldest first: {`conversation`: conversation, `from`: {`seq`, `role`, `text`} of the "
         "parent's turn at which it left, `own`: {`seq`, `role`, `text`} of its first turn that the parent does not "
         "have; of a root the first message}; `text` is how a turn begins; `from` and `own` may be null"),
     BOOL("more", true, "there are further ones"));

LIST(takes_message, STR("text", true, "1 to 65,536 bytes"),
     STR("person", false, "who says it, by name; absent: the home's owner"),
     STR("client_id", false,
         "up to 64 bytes; the same id again is the same message, so a lost answer can be asked for again"));
LIST(gives_message, INT("seq", true, "of the message"), INT("reply", true, "seq of the reply"));
LIST(takes_typing, STR("text", true, "what is typed so far, 1 to 65,536 bytes"),
     STR("person", false, "by name; absent: the home's owner"));
LIST(gives_typing, BOOL("ok", true, "true"));
LIST(gives_cancel, BOOL("cancelled", true, "true: the reply stops within one token"));
LIST(gives_retry, INT("reply", true, "seq of the reply that goes on, or begins"));
LIST(takes_title, STR("title", true, "one line of at most 127 bytes"));
LIST(gives_summary, OBJ("summary", true,
                        "{`seq`: the last turn that it is about, `language`: `zh` or `en`, `text`: a line each, "
                        "`made_ms`}, or null: all "
                        "turns are read"));
LIST(query_delete, QUERY("keep_notes", 0, 0, 1,
                         "1: what was noted in it stays, without the words it was noted from and without the place"));
LIST(gives_deleted, BOOL("deleted", true, "true"),
     BOOL("purged", true,
          "no byte of it is left in any file; false: the last ones go a little later (the store is larger than 32 MiB, "
          "or another program is looking at it)"));
LIST(takes_fork, INT("seq", false, "the last turn to copy; absent: the last one there is"),
     STR("title", false, "one line of at most 127 bytes; absent: the old one, counted up"));
LIST(query_search, WORD("q", 512, "the words, separated by blanks"), QUERY("limit", 50, 1, 200, "how many"));
LIST(
    gives_search,
    ARR("hits", true,
        "{`conversation`, `character`, `title`, `seq` (0: the title itself), `role`, `person`, `created_ms`, `before`, "
        "`match`, `after`}, newest first"),
    BOOL("more", true, "there are further ones"));
LIST(query_export, WORD("format", 16, "`jsonl` (default), `markdown` or `sillytavern`"));
LIST(query_import, WORD("character", 64, "id of the character it is with; absent: the one the file names"));
LIST(gives_import, OBJ("conversation", true, "conversation"), INT("turns", true, "how many turns it has"));
LIST(takes_edit, STR("text", true, "1 to 65,536 bytes"),
     INT("revision", true, "the turn's, as the client has seen it"));
LIST(takes_choice, INT("variant", true, "which alternative"),
     INT("revision", true, "the turn's, as the client has seen it"));
LIST(takes_revision, INT("revision", true, "the turn's, as the client has seen it"));
LIST(takes_candidates, INT("n", false, "2 to 4; absent: 3"),
     INT("revision", true, "the turn's, as the client has seen it"));
LIST(gives_candidates, INT("reply", true, "seq of the reply"), INT("candidates", true, "how many ways are coming"));
LIST(takes_removal, INT("revision", false, "the turn's, as the client has seen it; absent: whatever it is"));
LIST(gives_turn, OBJ("turn", true, "turn"));
LIST(gives_variants, ARR("variants", true, "{`variant`, `text`, `model`, `created_ms`}, by their number"));
LIST(gives_renewed, INT("reply", true, "seq of the reply"), INT("variant", true, "the number of the new alternative"));
LIST(gives_removed, INT("turns", true, "how many turns are left"));
LIST(query_events, QUERY("after", 0, 0, INT64_MAX, "the last turn the client has for certain"),
     QUERY("changes", -1, 0, INT64_MAX,
           "what the last `sync` called `changes`: turns that are others by now are sent again"));

LIST(query_streams, QUERY("limit", 50, 1, 500, "how many, last used first"),
     QUERY("before_ms", 0, 0, INT64_MAX, "only those used before; 0: all"));
LIST(gives_streams, ARR("streams", true, "list of stream"));
LIST(takes_stream, STR("character", false, "id of a character: its persona in front, its model, its way of sampling"),
     STR("model", false, "a name that `anima models` lists; absent: the character's, else the default one"),
     STR("adapter", false, "a file in the home's folder `adapters`, without a path"),
     NUM("adapter_scale", false, "how strongly it counts, 1 as it was made"),
     NUM("keep_days", false, "it is deleted when nobody has used it for so long; absent: never"),
     ARR("segments", false, "{`kind`, `text`, `name`?}: what it begins with"),
     OBJ("snapshot", false, "what `/snapshot` gave, alone: the stream as it was"));
LIST(gives_stream, OBJ("stream", true, "stream"));
LIST(query_segments, QUERY("after", 0, 0, INT64_MAX, "only segments with a larger seq"),
     QUERY("limit", 500, 1, 2000, "how many, oldest first"));
LIST(gives_segments, OBJ("stream", true, "stream"), ARR("segments", true, "list of segment"));
LIST(takes_append, ARR("segments", true, "{`kind`, `text`, `name`?}; a text has at most 256 KiB"));
LIST(takes_retract, INT("seq", true, "the last segment that stays; 0: none"));
LIST(takes_stream_fork, INT("seq", false, "the last segment to copy; absent: all"));
LIST(takes_generate, ARR("append", false, "segments that come in front of it, stored with it or not at all"),
     STR("into", false, "`said` (absent) or `thought`"),
     STR("instructions", false, "a system message in front of everything, for this generation only"),
     BOOL("stream", false, "answer with server-sent events"),
     BOOL("resume", false, "go on with the last segment, where it was cut off, as it was sampled then"),
     BOOL("forget", false, "keep neither what is generated nor `append`"),
     STR("class", false, "how soon it is needed: `voice`, `chat` (absent), `group` or `background`"),
     INT("max_tokens", false, "at most so many tokens; absent: up to the context's end"),
     NUM("temperature", false, "0 to 2"), NUM("top_p", false, "0 to 1"), NUM("min_p", false, "0 to 1"),
     INT("top_k", false, "0: off"), NUM("repeat_penalty", false, "1: off"), NUM("presence_penalty", false, "-2 to 2"),
     NUM("frequency_penalty", false, "-2 to 2"), NUM("dry_multiplier", false, "0: off; penalises repeated sequences"),
     INT("seed", false, "the same seed gives the same words; absent: one is chosen, and kept"),
     ANY("stop", false, "a text, or up to 16 of them, at which it ends"), STR("grammar", false, "GBNF"),
     OBJ("json_schema", false, "a JSON schema; {}: any object"),
     INT("logprobs", false, "each token's log probability, with so many alternatives, 0 to 20"),
     BOOL("drop_oldest", false, "what does not fit loses its oldest segments instead of failing"));
LIST(gives_generate, STR("text", true, "what was generated now"),
     STR("finish", true, "`stop`, `length` or `cancelled`"),
     OBJ("segment", true, "segment: the whole of it, as it is kept; null with `forget`"),
     ARR("logprobs", false, "{`token`, `logprob`, `bytes`, `top_logprobs`}"), OBJ("usage", true, "stream_usage"));
LIST(takes_score, ARR("candidates", true, "1 to 64 texts of at most 256 tokens each"),
     ARR("append", false, "segments that come in front of them, for this only"),
     STR("instructions", false, "a system message in front of everything"),
     STR("prefix", false, "how what is scored already begins"), STR("into", false, "`said` (absent) or `thought`"));
LIST(gives_score,
     ARR("scores", true, "{`logprob` (natural logarithm, the sum over its tokens), `tokens`}, in their order"),
     OBJ("usage", true, "stream_usage"));
LIST(gives_snapshot, OBJ("snapshot", true, "the stream as one record: for POST /v1/streams"));
LIST(gives_stream_deleted, BOOL("deleted", true, "true"));

LIST(takes_response, STR("model", true, "id of a character, or a name that `anima models` lists"),
     ANY("input", true, "a text, or a list of messages {`role`, `content`: text, or parts of type input_text}"),
     STR("instructions", false, "a system message in front of everything; not kept for later responses"),
     STR("previous_response_id", false, "goes on behind that response"),
     BOOL("store", false, "false: it is not kept, and nothing can go on behind it"),
     BOOL("stream", false, "answer with server-sent events, as OpenAI's server does"),
     INT("max_output_tokens", false, "at most so many tokens"), NUM("temperature", false, "0 to 2"),
     NUM("top_p", false, "0 to 1"),
     OBJ("text", false, "{`format`: {`type`: text, json_object or json_schema, `schema`}}"),
     OBJ("metadata", false, "up to 16 texts of the program's own, given back with the response"),
     STR("truncation", false, "`disabled` (absent), or `auto`: what does not fit loses its oldest messages"),
     INT("seed", false, "as in chat completions (anima's own, as the next ones)"), NUM("min_p", false, "0 to 1"),
     INT("top_k", false, "0: off"), NUM("repeat_penalty", false, "1: off"), NUM("dry_multiplier", false, "0: off"));
LIST(gives_response, STR("id", true, "resp_…"), STR("object", true, "`response`"),
     INT("created_at", true, "seconds since 1970"), STR("status", true, "`completed`, `incomplete` or `failed`"),
     ARR("output", true, "one message of one part of type output_text"),
     OBJ("usage", true, "{`input_tokens`, `input_tokens_details`: {`cached_tokens`}, `output_tokens`, …}"),
     OBJ("error", true, "null, or {`code`, `message`} of one that failed"),
     OBJ("incomplete_details", true, "null, or {`reason`: max_output_tokens}"), STR("model", true, "as asked"),
     STR("instructions", false, "as asked, as the next ones"), STR("previous_response_id", false, "or null"),
     INT("max_output_tokens", false, "or null"), NUM("temperature", false, "or null"), NUM("top_p", false, "or null"),
     STR("truncation", false, "`auto` or `disabled`"), BOOL("store", false, "it is kept"),
     OBJ("metadata", false, "the program's own"), OBJ("text", false, "{`format`}"), BOOL("background", true, "false"),
     BOOL("parallel_tool_calls", true, "false"), STR("tool_choice", true, "`none`"), ARR("tools", true, "none"));
LIST(gives_response_deleted, STR("id", true, "resp_…"), STR("object", true, "`response`"),
     BOOL("deleted", true, "true"));

LIST(gives_models, STR("object", true, "`list`"), ARR("data", true, "models, as GET /v1/models/{id} gives them"));
LIST(gives_model, STR("id", true, "id of the character"), STR("object", true, "`model`"),
     INT("created", true, "seconds since 1970"), STR("owned_by", true, "`anima`"));
LIST(takes_chat, STR("model", true, "id of a character"),
     ARR("messages", true,
         "{`role`: system, developer, user or assistant; `content`: text, or parts of type text; `name`?}"),
     BOOL("stream", false, "answer with server-sent events, ended by `[DONE]`"),
     OBJ("stream_options", false, "{`include_usage`: true}: a last chunk with usage"),
     INT("max_completion_tokens", false, "at most so many tokens"),
     INT("max_tokens", false, "the older name of the same"), NUM("temperature", false, "0 to 2"),
     NUM("top_p", false, "0 to 1"), NUM("presence_penalty", false, "-2 to 2"),
     NUM("frequency_penalty", false, "-2 to 2"),
     INT("seed", false, "the same seed and request give the same answer, as far as the engine can"),
     ANY("stop", false, "a text, or up to 4 of them"), BOOL("logprobs", false, "give each token's log probability"),
     INT("top_logprobs", false, "0 to 20 alternatives of each token"),
     OBJ("response_format", false, "{`type`: text, json_object or json_schema, `json_schema`: {`schema`}}"),
     INT("n", false, "only 1"), NUM("min_p", false, "0 to 1 (anima's own)"),
     INT("top_k", false, "0: off (anima's own)"), NUM("repeat_penalty", false, "1: off (anima's own)"),
     NUM("dry_multiplier", false, "0: off; penalises repeated sequences (anima's own)"));
LIST(gives_chat, STR("id", true, "chatcmpl-…"),
     STR("object", true, "`chat.completion`, or `chat.completion.chunk` in a stream"),
     INT("created", true, "seconds since 1970"), STR("model", true, "as asked"),
     STR("system_fingerprint", true, "version of anima"),
     ARR("choices", true, "one: {`index`, `message` or `delta`, `logprobs`, `finish_reason`: stop or length}"),
     OBJ("usage", false,
         "{`prompt_tokens`, `completion_tokens`, `total_tokens`, `prompt_tokens_details`: {`cached_tokens`}}"));

#define ID "/api/v1/conversations/{id}"
#define STREAM "/v1/streams/{id}"
#define TURN ID "/turns/{seq}"

const struct route routes[] = {
    { "GET", "/api/v1/status", api_status, 0, 200, "What runs here.", NULL, NULL, gives_status },
    { "GET", "/api/v1/engines/stats", api_engine_stats, 0, 200,
      "What the engines are doing now (`anima top`). They are asked only then; a busy one answers with what it said "
      "last.",
      NULL, NULL, gives_engine_stats },
    { "POST", "/api/v1/login", api_login, ROUTE_OPEN, 200,
      "Log in: sets the cookie of the page. At most 10 wrong tokens a minute.", NULL, takes_login, gives_login },
    { "GET", "/api/v1/characters", api_characters, 0, 200, "Everybody one can talk to.", NULL, NULL, gives_characters },
    { "POST", "/api/v1/characters", api_character_import, ROUTE_RAW, 201,
      "Take a character card in: JSON, PNG or CHARX (V1, V2, V3), told apart by its content. 409 `exists` if a "
      "character has that name.",
      query_card_in, NULL, gives_character },
    { "DELETE", "/api/v1/characters/{id}", api_character_remove, 0, 200,
      "Remove a character of the home's own (403 for others); conversations with it stay.", NULL, NULL, gives_left },
    { "GET", "/api/v1/characters/{id}/card", api_character_card, 0, 200, "Its card, as a file.", query_card, NULL,
      NULL },
    { "POST", "/api/v1/characters/{id}/facts", api_facts_start, 0, 202,
      "Texts about a character, in training/ID/texts of the home (.md, .txt), become questions and answers in its "
      "voice, checked against "
      "the text (docs/training.md). It goes on where it was stopped. How it goes comes as events. 429 `busy` while one "
      "is "
      "under way.",
      NULL, takes_facts, gives_facts },
    { "GET", "/api/v1/characters/{id}/facts", api_facts, 0, 200, "How that stands, or how the last one ended.", NULL,
      NULL, gives_facts },
    { "DELETE", "/api/v1/characters/{id}/facts", api_facts_stop, 0, 200, "Stop it; what is done stays.", NULL, NULL,
      gives_facts },
    { "POST", "/api/v1/characters/{id}/training", api_training_start, 0, 202,
      "Train a character: its texts become an adapter of a model (docs/training.md). Without members it goes on with "
      "one that was "
      "stopped or failed. How it goes comes as events. 429 `busy` while one is trained.",
      NULL, takes_training, gives_training },
    { "GET", "/api/v1/characters/{id}/training", api_training, 0, 200, "How that stands, or how the last one ended.",
      NULL, NULL, gives_training },
    { "DELETE", "/api/v1/characters/{id}/training", api_training_stop, 0, 200,
      "Stop it behind the step under way; it can be gone on with.", NULL, NULL, gives_training },
    { "POST", "/api/v1/characters/{id}/training/finish", api_training_finish, 0, 202,
      "It is enough: end it behind the step under way, and use what has been learnt so far.", NULL, NULL,
      gives_training },
    { "POST", "/api/v1/characters/{id}/blind", api_blind_start, 0, 202,
      "Begin a round of blind pairs (docs/training.md), or, without members, go on with one that failed. Answered when "
      "it "
      "is on the disk; "
      "the pairs are made while nobody talks, and each comes as an event. 409 `conflict`: the character has no adapter "
      "that is used, and why; 409 `busy` while a round is made.",
      NULL, takes_blind, gives_blind },
    { "GET", "/api/v1/characters/{id}/blind", api_blinds_of, 0, 200, "Rounds of blind pairs of a character.", NULL,
      NULL, gives_blinds },
    { "GET", "/api/v1/blind", api_blinds, 0, 200, "Those of all characters.", NULL, NULL, gives_blinds },
    { "GET", "/api/v1/blind/{id}", api_blind, 0, 200,
      "A round and its pairs. Which reply is the trained one is told when all pairs are chosen.", NULL, NULL,
      gives_pairs },
    { "PUT", "/api/v1/blind/{id}/pairs/{seq}", api_blind_choose, 0, 200,
      "Choose in a pair; it may be changed until the round is done, then 409 `conflict`.", NULL, takes_pair_choice,
      gives_blind },
    { "DELETE", "/api/v1/blind/{id}", api_blind_remove, 0, 200, "Delete a round for good.", NULL, NULL, gives_deleted },
    { "GET", "/api/v1/cost", api_cost, 0, 200, "What replies have cost, and the limits of today.", query_cost, NULL,
      gives_cost },
    { "GET", "/api/v1/characters/{id}/portrait", api_portrait, 0, 200, "Its picture (SVG, PNG, JPEG or WebP).", NULL,
      NULL, NULL },
    { "GET", "/api/v1/characters/{id}/notes", api_notes, 0, 200, "What people asked of it.", NULL, NULL, gives_notes },
    { "POST", "/api/v1/characters/{id}/notes", api_note_new, 0, 201, "Ask something of it for good.", NULL, takes_note,
      gives_note },
    { "PATCH", "/api/v1/notes/{id}", api_note_change, 0, 200, "Change a note, or switch it off or on.", NULL,
      takes_note_change, gives_note },
    { "DELETE", "/api/v1/notes/{id}", api_note_remove, 0, 200, "Delete a note for good.", NULL, NULL, gives_unnoted },
    { "GET", "/api/v1/memory", api_memory, 0, 200, "What is remembered, by words.", query_memory, NULL, gives_memory },
    { "GET", "/api/v1/memory/status", api_memory_status, 0, 200, "How much is remembered, and how far it is.", NULL,
      NULL, gives_memory_status },
    { "POST", "/api/v1/memory/anew", api_memory_anew, 0, 202,
      "Make everything that is remembered anew from what was said, in the background. Nothing that was said changes.",
      NULL, NULL, gives_begun },
    { "POST", "/api/v1/memory/import", api_chats_import, ROUTE_RAW, 202,
      "A character remembers an export of chats: of WhatsApp, Telegram, WeChat, QQ, Discord, Messenger, Instagram, "
      "Slack, "
      "SillyTavern, mails, JSONL. It comes in behind the answer; what is here already does not come twice. 409: "
      "another one "
      "does.",
      query_chats, NULL, gives_chats_found },
    { "GET", "/api/v1/memory/imports", api_chats_list, 0, 200, "The imports of chats, and how far they are.", NULL,
      NULL, gives_chats },
    { "DELETE", "/api/v1/memory/imports/{id}", api_chats_undo, 0, 200,
      "Delete for good the conversations that an import brought.", NULL, NULL, gives_deleted },
    { "POST", "/api/v1/memory/forget", api_forget, 0, 200,
      "Forget turns for good, with their copies in forks, replies that say them again, and all that was made of them. "
      "They "
      "stay as places without text. 409 `busy`: somebody is being answered who may hear of it.",
      NULL, takes_forget, gives_forgotten },
    { "GET", "/api/v1/memory/rules", api_rules, 0, 200, "What may be passed on of what people tell.", NULL, NULL,
      gives_rules },
    { "POST", "/api/v1/memory/rules", api_rule_new, 0, 200,
      "Make a rule. Of several the stricter one counts; secrets stay with who heard them all the same.", NULL,
      takes_rule, gives_rules },
    { "DELETE", "/api/v1/memory/rules/{id}", api_rule_remove, 0, 200, "Delete a rule.", NULL, NULL, gives_rules },
    { "GET", "/api/v1/characters/{id}/recall", api_recall, 0, 200,
      "What would come to its mind if a person said that now, alone with it, and why. 404: nobody of that name has "
      "talked "
      "here.",
      query_recall, NULL, gives_recall },
    { "GET", "/api/v1/characters/{id}/known", api_known, 0, 200,
      "What it knows of a person, with what that was before. 404: nobody of that name has talked here.", query_known,
      NULL, gives_known },
    { "PATCH", "/api/v1/known/{id}", api_known_change, 0, 200,
      "Correct it; it stays so, also when what is remembered is made anew, until that person says something else.",
      NULL, takes_known, gives_known_changed },
    { "DELETE", "/api/v1/known/{id}", api_known_remove, 0, 200,
      "Delete it; it does not come back from the turn that told it, which stays.", NULL, NULL, gives_known_changed },
    { "GET", "/api/v1/characters/{id}/topics", api_topics, 0, 200,
      "What it and a person talked about: sentences that its model made when their conversations rested. 404: nobody "
      "of that name has talked here.",
      query_topics, NULL, gives_topics },
    { "PATCH", "/api/v1/topics/{id}", api_topic_change, 0, 200,
      "Correct a sentence; it stays so when its turns are looked at anew.", NULL, takes_topic, gives_known_changed },
    { "DELETE", "/api/v1/topics/{id}", api_topic_remove, 0, 200,
      "Delete it; it does not come back from its turns, which stay.", NULL, NULL, gives_known_changed },
    { "GET", "/api/v1/characters/{id}/working", api_working, 0, 200,
      "What is on its mind of a person now: moods as they have faded by now, what was promised, decided together, and "
      "what "
      "stayed without "
      "an answer, each with the turn that shows it. 404: nobody of that name has talked here.",
      query_working, NULL, gives_working },
    { "PUT", "/api/v1/characters/{id}/working", api_working_set, 0, 200,
      "Set a part by hand; what is said later goes on from there.", NULL, takes_working, gives_known_changed },
    { "DELETE", "/api/v1/characters/{id}/working", api_working_unset, 0, 200,
      "What there was of a part does not count any more. The turns stay.", query_working_part, NULL,
      gives_known_changed },
    { "PATCH", "/api/v1/working/{id}", api_working_change, 0, 200, "Correct a promise, plan or question.", NULL,
      takes_working_change, gives_known_changed },
    { "DELETE", "/api/v1/working/{id}", api_working_remove, 0, 200,
      "Delete a promise, plan or question; its turn stays.", NULL, NULL, gives_known_changed },
    { "POST", "/api/v1/characters/{id}/documents", api_document_add, ROUTE_RAW, 201,
      "Give it a document: text, Markdown, HTML, EPUB or PDF, at most 32 MiB. It is found by its words at once, by "
      "what it "
      "means "
      "a little later. 400: of another kind; the error says what to do. 409: this person gave it before.",
      query_document, NULL, gives_document },
    { "GET", "/api/v1/characters/{id}/documents", api_documents, 0, 200, "What it was given to read.", NULL, NULL,
      gives_documents },
    { "GET", "/api/v1/documents/{id}", api_document, 0, 200, "A document, and its outline.", NULL, NULL,
      gives_outline },
    { "DELETE", "/api/v1/documents/{id}", api_document_remove, 0, 200,
      "Delete a document for good, with its text and all that was made of it.", NULL, NULL, gives_deleted },
    { "GET", "/api/v1/characters/{id}/passages", api_passages, 0, 200,
      "The passages of its documents that a question is about. 404: nobody of that name has talked here.",
      query_passages, NULL, gives_passages },
    { "GET", "/api/v1/abilities", api_abilities, 0, 200, "What can be done here, and what cannot.", NULL, NULL,
      gives_abilities },
    { "GET", "/api/v1/people", api_people, 0, 200, "Everybody who has talked.", NULL, NULL, gives_people },
    { "GET", "/api/v1/conversations", api_conversations, 0, 200, "Conversations, newest first.", query_conversations,
      NULL, gives_conversations },
    { "POST", "/api/v1/conversations", api_conversation_new, 0, 201,
      "A new conversation; the character's greeting, if any, is its first turn.", NULL, takes_conversation,
      gives_conversation },
    { "GET", ID, api_conversation, 0, 200, "A conversation and its turns.", query_turns, NULL, gives_turns },
    { "PATCH", ID, api_conversation_rename, 0, 200, "Give it another title.", NULL, takes_title, gives_conversation },
    { "DELETE", ID, api_conversation_delete, 0, 200, "Delete it for good, with what was noted in it.", query_delete,
      NULL, gives_deleted },
    { "GET", ID "/summary", api_summary, 0, 200,
      "What the character reads in place of the turns that are not read to it any more.", NULL, NULL, gives_summary },
    { "DELETE", ID "/summary", api_summary_remove, 0, 200, "Delete it for good; it is made anew from the turns.", NULL,
      NULL, gives_deleted },
    { "POST", ID "/fork", api_conversation_fork, 0, 201,
      "A new conversation with copies of the turns 1 to seq and their alternatives.", NULL, takes_fork,
      gives_conversation },
    { "GET", ID "/tree", api_conversation_tree, 0, 200,
      "The tree of forks that a conversation belongs to, from its root on. One whose parent was deleted is a root.",
      query_tree, NULL, gives_tree },
    { "GET", ID "/export", api_conversation_export, 0, 200,
      "The conversation as a file: anima's JSONL (everything), Markdown (for reading), SillyTavern's JSONL.",
      query_export, NULL, NULL },
    { "POST", "/api/v1/conversations/import", api_conversation_import, ROUTE_RAW, 201,
      "A new conversation from anima's or SillyTavern's JSONL: all of it, or nothing.", query_import, NULL,
      gives_import },
    { "GET", "/api/v1/search", api_search, 0, 200,
      "Turns and titles in which every word occurs, ASCII letters in either case.", query_search, NULL, gives_search },
    { "PATCH", TURN, api_turn_edit, 0, 200,
      "Change a turn's text. 409 `conflict` if the revision is another by now, 409 `busy` while a reply is under way; "
      "so "
      "it is with the routes below.",
      NULL, takes_edit, gives_turn },
    { "DELETE", TURN, api_turn_remove, 0, 200, "Take back this turn and all after it, for good.", NULL, takes_removal,
      gives_removed },
    { "GET", TURN "/memory", api_turn_memory, 0, 200, "What a reply was told of what is remembered.", NULL, NULL,
      gives_turn_memory },
    { "GET", TURN "/memory/refused", api_refused, 0, 200,
      "What was near its message and was not told to a reply, and why; reckoned anew, as things are now. 404: it is no "
      "reply.",
      NULL, NULL, gives_refused },
    { "PUT", TURN "/pin", api_pin, 0, 200, "Keep it in mind: it does not fade.", NULL, NULL, gives_pinned },
    { "DELETE", TURN "/pin", api_unpin, 0, 200, "Not any more.", NULL, NULL, gives_pinned },
    { "GET", TURN "/variants", api_turn_variants, 0, 200, "The alternatives of a turn.", NULL, NULL, gives_variants },
    { "POST", TURN "/variant", api_turn_choose, 0, 200, "Show another alternative.", NULL, takes_choice, gives_turn },
    { "POST", TURN "/regenerate", api_turn_regenerate, 0, 202,
      "Let the last reply be said anew; the words come as events. The old ones stay as an alternative, and come back "
      "if "
      "nothing is said now.",
      NULL, takes_revision, gives_renewed },
    { "POST", TURN "/candidates", api_turn_candidates, 0, 202,
      "Let the last reply be said in several other ways at the same time; they come as `candidate.*` events. The turn "
      "shows what it shows; once all have ended they are alternatives of it (`candidates.done`), and one may be "
      "chosen. "
      "`cancel` stops all of them, a message that is sent, too.",
      NULL, takes_candidates, gives_candidates },
    { "POST", ID "/messages", api_message, 0, 202,
      "Say something. Answered when the message is on the disk; the reply comes as events.", NULL, takes_message,
      gives_message },
    { "POST", ID "/typing", api_typing, 0, 200,
      "What somebody has typed so far: the engine reads it ahead, so that the reply comes sooner. Nothing is kept or "
      "announced.",
      NULL, takes_typing, gives_typing },
    { "POST", ID "/cancel", api_conversation_cancel, 0, 200, "Stop the reply under way; what was said stays.", NULL,
      NULL, gives_cancel },
    { "POST", ID "/retry", api_conversation_retry, 0, 202,
      "Ask again for the last reply, if it failed or was cancelled: it goes on from what was said. If the last turn is "
      "a "
      "message without an answer, it is answered.",
      NULL, NULL, gives_retry },
    { "GET", ID "/events", events_conversation, ROUTE_STREAM, 200, "Events of one conversation (SSE).", query_events,
      NULL, NULL },
    { "GET", "/api/v1/events", events_home, ROUTE_STREAM, 200,
      "Events of the home (SSE): `conversation.updated`, `conversation.deleted`, `character.changed`, "
      "`character.removed`, `note.changed`, `note.removed`, `training.changed`, `facts.changed`, `blind.changed`, "
      "`blind.removed` and `engine.state`.",
      NULL, NULL, NULL },
    { "GET", "/api/v1/ws", events_socket, ROUTE_SOCKET, 101, "The same events over one WebSocket.", NULL, NULL, NULL },
    { "POST", "/v1/streams", api_stream_new, ROUTE_LARGE, 201,
      "A new stream, empty, with segments, or from a snapshot.", NULL, takes_stream, gives_stream },
    { "GET", "/v1/streams", api_streams, 0, 200, "Streams, last used first.", query_streams, NULL, gives_streams },
    { "GET", STREAM, api_stream, 0, 200, "A stream and its segments.", query_segments, NULL, gives_segments },
    { "DELETE", STREAM, api_stream_delete, 0, 200,
      "Delete it for good; its last bytes leave the files when nobody has written for a few seconds.", NULL, NULL,
      gives_stream_deleted },
    { "POST", STREAM "/append", api_stream_append, 0, 200,
      "Append segments. Answered when they are on the disk; the engine, if it runs, then reads them while it has "
      "nothing "
      "better to do. 409 `busy` while a generation is under way; so it is with generate, retract and snapshot, and "
      "with DELETE.",
      NULL, takes_append, gives_stream },
    { "POST", STREAM "/generate", api_stream_generate, 0, 200,
      "Let the model go on. If it fails, or the connection is closed before all is said, nothing has changed; closed "
      "later, it may be kept: look at the last segment before you ask again.",
      NULL, takes_generate, gives_generate },
    { "POST", STREAM "/cancel", api_stream_cancel, 0, 200,
      "Stop the generation under way within one token; what was said is kept.", NULL, NULL, gives_cancel },
    { "POST", STREAM "/retract", api_stream_retract, 0, 200, "Take segments back, for good.", NULL, takes_retract,
      gives_stream },
    { "POST", STREAM "/fork", api_stream_fork, 0, 201,
      "A new stream with copies of the segments 1 to seq. The engine computes nothing of them again.", NULL,
      takes_stream_fork, gives_stream },
    { "POST", STREAM "/score", api_stream_score, 0, 200,
      "How likely the model finds each of these texts as what comes next. The stream stays as it is.", NULL,
      takes_score, gives_score },
    { "POST", STREAM "/snapshot", api_stream_snapshot, 0, 200,
      "The whole stream as one record, with the sampler's state if its last generation was cut off.", NULL, NULL,
      gives_snapshot },
    { "GET", "/v1/models", openai_models, ROUTE_OPENAI, 200, "The characters, as models.", NULL, NULL, gives_models },
    { "GET", "/v1/models/{id}", openai_model, ROUTE_OPENAI, 200, "One of them.", NULL, NULL, gives_model },
    { "POST", "/v1/chat/completions", openai_chat, ROUTE_OPENAI, 200,
      "An answer of a character to messages that the client keeps. Nothing is stored. Unknown members are ignored; "
      "tools are "
      "refused.",
      NULL, takes_chat, gives_chat },
    { "POST", "/v1/responses", openai_respond, ROUTE_OPENAI, 200,
      "An answer that anima keeps for 30 days, so that the next one costs only what is new. Unknown members are "
      "ignored; "
      "tools are refused.",
      NULL, takes_response, gives_response },
    { "GET", "/v1/responses/{id}", openai_response, ROUTE_OPENAI, 200, "One of them.", NULL, NULL, gives_response },
    { "DELETE", "/v1/responses/{id}", openai_response_delete, ROUTE_OPENAI, 200,
      "Delete one, with all that no later response needs.", NULL, NULL, gives_response_deleted },
};
const size_t routes_count = sizeof(routes) / sizeof(routes[0]);
