/* store.c — opening, closing, and reading. Writing is write.c, the tables are schema.c. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "memory/fts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A row that the same transaction has changed the words of, and will look at again. */
#define NOT_DUE                                                                                                        \
    " AND NOT EXISTS(SELECT 1 FROM memory_due d WHERE d.conversation = memory.conversation AND d.seq = memory.seq)"
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number
#define TURN_COLUMNS                                                                                                   \
    "seq, role, person, state, text, client_id, model, finish, error_code, error, prompt_tokens, completion_tokens,"   \
    " ttft_ms, tokens_per_s, created_ms, revision, variant, edited, seconds, wh, money"
/* The last columns: how much was forgotten with it, how much was remembered for it, how many alternatives there are. */
#define TURN_SHOWN                                                                                                     \
    TURN_COLUMNS                                                                                                       \
    ", forgot, (SELECT count(*) FROM told o WHERE o.conversation = turn.conversation AND o.seq = turn.seq"             \
    " AND o.variant = turn.variant) + (SELECT count(*) FROM told_passage o WHERE"                                      \
    " o.conversation = turn.conversation AND o.seq = turn.seq AND o.variant = turn.variant),"                          \
    " 1 + (SELECT count(*) FROM variant v WHERE"                                                                       \
    " v.conversation = turn.conversation AND v.seq = turn.seq)"
/* What an alternative has of its own. */
#define VARIANT_COLUMNS                                                                                                \
    "variant, edited, state, text, model, finish, error_code, error, prompt_tokens, completion_tokens, ttft_ms,"       \
    " tokens_per_s, created_ms, seconds, wh, money"
#define ADD_VARIANT(number)                                                                                            \
    "INSERT INTO variant(conversation, seq, " VARIANT_COLUMNS ") VALUES(?1, ?2, " number ", ?19, ?5, ?6, ?8, ?9, ?10," \
    " ?11, ?12, ?13, ?14, ?15, ?16, ?20, ?21, ?22)"
#define NOTE_COLUMNS "id, character, person, kind, text, said, conversation, seq, created_ms, active"
#define STREAM_COLUMNS                                                                                                 \
    "id, character, model, adapter, adapter_scale, parent, parent_seq, created_ms, used_ms, expires_ms"
#define SEGMENT_COLUMNS                                                                                                \
    "seq, kind, name, text, finish, state, response, meta, prompt_tokens, cached_tokens, completion_tokens, "          \
    "created_ms"
#define SUMMARY_COLUMNS "seq, language, late, text, made_ms"
#define BLIND_COLUMNS "id, character, language, state, model, adapter, adapter_sha256, seed, made_ms, error_code, error"
#define BLIND_CHOSEN "choice = CASE trained_left WHEN "
#define OF_PAIRS(what) "(SELECT count(*) FROM blind_pair WHERE round = id AND " what ")"
#define BLIND_COUNTS                                                                                                   \
    OF_PAIRS("1")                                                                                                      \
    ", " OF_PAIRS("left_text IS NOT NULL AND right_text IS NOT NULL") ", " OF_PAIRS("choice <> ''") ", " OF_PAIRS(     \
        BLIND_CHOSEN                                                                                                   \
        "1 THEN 'left' ELSE 'right' END") ", " OF_PAIRS(BLIND_CHOSEN                                                   \
                                                        "0 THEN 'left' ELSE 'right' END") ", " OF_PAIRS("choice = "    \
                                                                                                        "'same'")
#define PINNED "EXISTS(SELECT 1 FROM pin p WHERE p.conversation = t.conversation AND p.seq = t.seq)"
/* The last column of all that memory_read reads: whether it is pinned. */
#define MEMORY_COLUMNS                                                                                                 \
    "m.id, m.conversation, m.seq, m.character, m.speaker, m.at_ms, m.witnesses, m.vector, m.factor, t.text, m.class, " \
    "m.everyone, m.excluded, m.allowed, " PINNED " FROM memory m"                                                      \
    " JOIN turn t ON t.conversation = m.conversation AND t.seq = m.seq"
/* Behind the 14 of MEMORY_COLUMNS. */
#define FACT_COLUMNS                                                                                                   \
    "m.id, m.conversation, m.seq, m.character, m.speaker, m.at_ms, m.witnesses, NULL, 0, t.text, m.class, m.everyone," \
    " m.excluded, m.allowed, f.id, f.place, f.about, f.whose, f.topic, ifnull(h.instead, f.value), f.confidence,"      \
    " f.change, f.ends, f.since_ms, f.day_ms, f.was_ms, ifnull(h.at_ms, 0), " PINNED                                   \
    " FROM fact f JOIN memory m ON m.id ="                                                                             \
    " f.memory JOIN turn t ON t.conversation = m.conversation AND t.seq = m.seq LEFT JOIN fact_hand h ON"              \
    " h.conversation = f.conversation AND h.seq = f.seq AND h.about = f.about AND h.whose = f.whose"                   \
    " AND h.topic = f.topic AND h.value = f.value"
/* What a row of "working" or "working_open" is from, as MEMORY_COLUMNS has it. */
#define WORKING_TURN                                                                                                   \
    "ifnull(m.id, 0), t.conversation, t.seq, w.character, CASE t.role WHEN 0 THEN t.person ELSE 0 END, w.at_ms,"       \
    " ifnull(m.witnesses, ''), NULL, 0, t.text, ifnull(m.class, -1), ifnull(m.everyone, 0), ifnull(m.excluded, ''),"   \
    " ifnull(m.allowed, ''),"
#define OF_WORKING                                                                                                     \
    " JOIN turn t ON t.conversation = w.conversation AND t.seq = w.seq LEFT JOIN memory m ON m.conversation ="         \
    " w.conversation AND m.seq = w.seq"
#define KEPT(state)                                                                                                    \
    "(SELECT count(*) FROM working_open WHERE character = ?1 AND person = ?2 AND state = " state                       \
    " AND own = 0 AND kind = 'promise')"
#define ITS_MEMORY "(SELECT id FROM memory" ONE_TURN ")"
#define CONVERSATION_COLUMNS "id, character, title, created_ms, updated_ms, turns, last_text, parent, parent_seq"
#define UNCOUNTED "rtrim(rtrim(title, '0123456789)'), ' (')"
#define ONE_TURN " WHERE conversation = ?1 AND seq = ?2"

/* The first turn that a branch has for itself: behind the turn it left at, or that one, if it says something else here; of a root
 * the first message. */
#define OWN_TURN                                                                                                       \
    "(SELECT seq FROM turn t WHERE t.conversation = c.id AND t.seq >= c.parent_seq AND t.text <> ''"                   \
    " AND (c.parent <> '' OR t.role = 0) AND (t.seq > c.parent_seq OR t.text IS NOT (SELECT text FROM turn p"          \
    " WHERE p.conversation = c.parent AND p.seq = c.parent_seq)) ORDER BY t.seq LIMIT 1)"
#define OF_TURN(column, conversation, seq)                                                                             \
    "(SELECT " column " FROM turn t WHERE t.conversation = b." conversation " AND t.seq = b." seq ")"

#define COST_BY(key)                                                                                                   \
    "SELECT " key ", count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds), sum(wh), sum(money)"          \
    " FROM ledger WHERE at_ms >= ?1 GROUP BY 1 ORDER BY 1"

#define DOCUMENT_COLUMNS                                                                                               \
    "d.id, d.character, d.title, d.name, d.form, d.giver, d.at_ms, d.everyone, d.allowed, d.pages, d.bytes,"           \
    " d.passages, (SELECT count(*) FROM passage p WHERE p.document = d.id AND p.vector IS NULL) FROM document d"
#define PASSAGE_COLUMNS                                                                                                \
    "p.id, p.document, p.place, p.section, p.page, p.first_paragraph, p.last_paragraph, p.first_byte, p.head, p.text," \
    " p.vector, p.factor, d.character"
#define PASSAGES " FROM passage p JOIN document d ON d.id = p.document"

static const char *const sql[SQL_STATEMENTS] = {
    [SQL_PEOPLE] = "SELECT id, name FROM person ORDER BY id",
    [SQL_CONVERSATION] = "SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE id = ?1",
    [SQL_CONVERSATIONS] = "SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE updated_ms < ?1"
                          " ORDER BY updated_ms DESC, id LIMIT ?2",
    [SQL_CONVERSATIONS_OF] = "SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE updated_ms < ?1"
                             " AND character = ?3 ORDER BY updated_ms DESC, id LIMIT ?2",
    [SQL_TREE] =
        "WITH RECURSIVE up(id, parent) AS (SELECT id, parent FROM conversation WHERE id = ?1 UNION"
        " SELECT c.id, c.parent FROM up JOIN conversation c ON c.id = up.parent),"
        " tree(id) AS (SELECT id FROM up WHERE NOT EXISTS(SELECT 1 FROM conversation p WHERE p.id = up.parent)"
        " UNION SELECT c.id FROM tree JOIN conversation c ON c.parent = tree.id AND c.parent <> ''),"
        " b AS (SELECT c.*, " OWN_TURN " AS own FROM tree JOIN conversation c ON c.id = tree.id"
        " ORDER BY c.created_ms, c.id LIMIT ?2)"
        " SELECT " CONVERSATION_COLUMNS
        ", " OF_TURN("role", "parent", "parent_seq") ", " OF_TURN("text", "parent", "parent_seq") ", own, " OF_TURN(
            "role", "id", "own") ", " OF_TURN("text", "id", "own") " FROM b ORDER BY created_ms, id",
    [SQL_TURNS] = "SELECT " TURN_SHOWN " FROM turn WHERE conversation = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    [SQL_LAST_TURNS] = "SELECT * FROM (SELECT " TURN_SHOWN " FROM turn WHERE conversation = ?1"
                       " ORDER BY seq DESC LIMIT ?2) ORDER BY seq",
    [SQL_BY_CLIENT] = "SELECT seq FROM turn WHERE conversation = ?1 AND client_id = ?2 AND client_id <> ''",
    [SQL_UNFINISHED] = "SELECT conversation, seq FROM turn WHERE state < 2 ORDER BY conversation, seq",
    [SQL_VARIANTS] = "SELECT seq, " VARIANT_COLUMNS " FROM turn" ONE_TURN " UNION ALL SELECT seq, " VARIANT_COLUMNS
                     " FROM variant" ONE_TURN " ORDER BY 2",
    [SQL_ALL_VARIANTS] = "SELECT seq, " VARIANT_COLUMNS " FROM variant WHERE conversation = ?1 ORDER BY seq, variant",
    [SQL_ADD_PERSON] = "INSERT INTO person(id, name) VALUES(?1, ?2)",
    [SQL_ADD_CONVERSATION] = "INSERT INTO conversation(" CONVERSATION_COLUMNS ")"
                             " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_TITLE] = "UPDATE conversation SET title = ?2 WHERE id = ?1",
    [SQL_ADD_TURN] =
        "INSERT INTO turn(conversation, " TURN_COLUMNS ")"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
        " ?21, ?22)",
    [SQL_COUNT_TURN] = "UPDATE conversation SET turns = turns + ?2, updated_ms = max(updated_ms, ?3), last_text = "
                       "coalesce(?4, last_text)"
                       " WHERE id = ?1",
    [SQL_UPDATE_TURN] = "UPDATE turn SET state = ?5, text = ?6, model = ?8, finish = ?9, error_code = ?10, error = ?11,"
                        " prompt_tokens = ?12, completion_tokens = ?13, ttft_ms = ?14, tokens_per_s = ?15,"
                        " seconds = ?20, wh = ?21, money = ?22"
                        " WHERE conversation = ?1 AND seq = ?2",
    [SQL_LAST_TEXT] = "UPDATE conversation SET last_text = ?2, updated_ms = max(updated_ms, ?3) WHERE id = ?1",
    [SQL_STANDING] = "SELECT revision, variant, role FROM turn" ONE_TURN,
    [SQL_EDIT] =
        "UPDATE turn SET text = ?3, edited = 1, revision = revision + 1, state = 2, error_code = 0, error = '',"
        " finish = CASE WHEN role = 0 THEN '' WHEN finish = 'length' THEN finish ELSE 'stop' END" ONE_TURN,
    [SQL_KEEP] = "INSERT INTO variant(conversation, seq, " VARIANT_COLUMNS
                 ") SELECT conversation, seq, " VARIANT_COLUMNS " FROM turn" ONE_TURN " AND text <> ''",
    [SQL_TAKE] = "UPDATE turn SET revision = revision + ?4, former = -1, (" VARIANT_COLUMNS
                 ") = (SELECT " VARIANT_COLUMNS " FROM variant" ONE_TURN
                 " AND variant.variant = ifnull(?3, turn.former))" ONE_TURN " AND EXISTS(SELECT 1 FROM variant" ONE_TURN
                 " AND variant.variant = ifnull(?3, turn.former))",
    [SQL_DROP] = "DELETE FROM variant" ONE_TURN " AND variant = (SELECT t.variant FROM turn t WHERE t.conversation = ?1"
                 " AND t.seq = ?2)",
    [SQL_RENEW] = "UPDATE turn SET revision = revision + 1, former = CASE text WHEN '' THEN former ELSE variant END,"
                  " variant = CASE text WHEN '' THEN variant ELSE (SELECT count(*) FROM variant" ONE_TURN ") END,"
                  " edited = 0, state = 0, text = '', model = '', finish = '', error_code = 0, error = '',"
                  " prompt_tokens = 0, completion_tokens = 0, ttft_ms = 0, tokens_per_s = 0, created_ms = ?3,"
                  " seconds = 0, wh = 0, money = 0" ONE_TURN,
    [SQL_REMOVE_VARIANTS] = "DELETE FROM variant WHERE conversation = ?1 AND seq >= ?2",
    [SQL_REMOVE_TURNS] = "DELETE FROM turn WHERE conversation = ?1 AND seq >= ?2",
    [SQL_FORGET_TITLE] =
        "UPDATE conversation SET title = '' WHERE id = ?1 AND EXISTS(SELECT 1 FROM turn WHERE"
        " turn.conversation = ?1 AND seq >= ?2 AND role = 0 AND substr(text, 1, length(title)) = title)",
    [SQL_LAST_SAID] = "SELECT text FROM turn WHERE conversation = ?1 AND text <> '' ORDER BY seq DESC LIMIT 1",
    [SQL_RECOUNT] = "UPDATE conversation SET last_text = ?2,"
                    " turns = (SELECT count(*) FROM turn WHERE conversation = ?1) WHERE id = ?1",
    [SQL_DELETE] = "DELETE FROM conversation WHERE id = ?1",
    /* What a message made forgotten is done: said anew in the fork it is not done again. */
    [SQL_FORK_TURNS] = "INSERT INTO turn(conversation, " TURN_COLUMNS ", forgot) SELECT ?3, " TURN_COLUMNS
                       ", forgot FROM turn WHERE conversation = ?1 AND seq <= ?2 ORDER BY seq",
    [SQL_FORK_VARIANTS] = "INSERT INTO variant(conversation, seq, " VARIANT_COLUMNS ") SELECT ?3, seq, " VARIANT_COLUMNS
                          " FROM variant WHERE conversation = ?1 AND seq <= ?2",
    [SQL_ADD_VARIANT] = ADD_VARIANT("?18"),
    [SQL_NEXT_VARIANT] = ADD_VARIANT("1 + (SELECT count(*) FROM variant" ONE_TURN ")"),
    [SQL_REVISE] = "UPDATE turn SET revision = revision + 1" ONE_TURN,
    [SQL_ADD_COST] = "INSERT INTO ledger(at_ms, conversation, character, person, model, prompt_tokens,"
                     " completion_tokens, seconds, wh, money) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_COST_BY_DAY] = COST_BY("strftime('%Y-%m-%d', at_ms / 1000, 'unixepoch', 'localtime')"),
    [SQL_COST_BY_CHARACTER] = COST_BY("character"),
    [SQL_COST_BY_PERSON] = COST_BY("CAST(person AS TEXT)"),
    [SQL_COST_BY_MODEL] = COST_BY("model"),
    [SQL_NOTES] = "SELECT " NOTE_COLUMNS " FROM note ORDER BY id",
    /* Its words may be gone by now. */
    [SQL_PUT_NOTE] = "INSERT OR REPLACE INTO note(" NOTE_COLUMNS ") SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10"
                     " WHERE ?7 = '' OR EXISTS(SELECT 1 FROM turn WHERE conversation = ?7 AND seq = ?8 AND text <> '')",
    [SQL_REMOVE_NOTE] = "DELETE FROM note WHERE id = ?1",
    [SQL_FORGET_NOTES] = "DELETE FROM note WHERE conversation = ?1 AND seq >= ?2",
    [SQL_FREE_NOTES] = "UPDATE note SET said = '', conversation = '', seq = -1 WHERE conversation = ?1 AND seq >= ?2",
    [SQL_SUMMARIES] = "SELECT " SUMMARY_COLUMNS " FROM summary WHERE conversation = ?1 ORDER BY seq DESC LIMIT ?2",
    [SQL_PUT_SUMMARY] = "INSERT OR REPLACE INTO summary(conversation, " SUMMARY_COLUMNS ")"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_REMOVE_SUMMARIES] = "DELETE FROM summary WHERE conversation = ?1 AND seq >= ?2",
    [SQL_FORK_SUMMARIES] = "INSERT INTO summary(conversation, " SUMMARY_COLUMNS ") SELECT ?3, " SUMMARY_COLUMNS
                           " FROM summary WHERE conversation = ?1 AND seq <= ?2",
    [SQL_CHANGES] = "SELECT changes, (SELECT ifnull(min(seq), 0) FROM turn WHERE conversation = ?1 AND changed > ?2"
                    " AND changed > 0), (SELECT ifnull(max(seq), 0) FROM turn WHERE conversation = ?1)"
                    " FROM conversation WHERE id = ?1",
    [SQL_STREAM] = "SELECT " STREAM_COLUMNS ", (SELECT ifnull(max(seq), 0) FROM segment WHERE stream = id) FROM stream"
                   " WHERE id = ?1",
    [SQL_STREAMS] = "SELECT " STREAM_COLUMNS ", (SELECT ifnull(max(seq), 0) FROM segment WHERE stream = id)"
                    " FROM stream WHERE used_ms < ?1 ORDER BY used_ms DESC, id LIMIT ?2",
    [SQL_STREAM_COUNT] = "SELECT count(*) FROM stream",
    [SQL_STREAM_EXPIRED] = "SELECT id FROM stream WHERE expires_ms > 0 AND expires_ms <= ?1 ORDER BY expires_ms"
                           " LIMIT ?2",
    [SQL_SEGMENTS] = "SELECT " SEGMENT_COLUMNS " FROM segment WHERE stream = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    [SQL_RESPONSE] = "SELECT stream, seq FROM segment WHERE response = ?1 AND response <> ''",
    [SQL_ADD_STREAM] = "INSERT INTO stream(" STREAM_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_USE_STREAM] = "UPDATE stream SET used_ms = ?2, expires_ms = ?3 WHERE id = ?1",
    [SQL_DELETE_STREAM] = "DELETE FROM stream WHERE id = ?1",
    [SQL_LAST_SEGMENT] = "SELECT ifnull(max(seq), 0) FROM segment WHERE stream = ?1",
    [SQL_CUT_STREAM] = "DELETE FROM segment WHERE stream = ?1 AND seq > ?2",
    [SQL_OLD_STATES] = "UPDATE segment SET state = '' WHERE stream = ?1 AND state <> ''",
    [SQL_ADD_SEGMENT] = "INSERT INTO segment(stream, " SEGMENT_COLUMNS ")"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [SQL_FORGET_RESPONSE] = "UPDATE segment SET response = '', meta = '' WHERE response = ?1",
    [SQL_BLINDS] = "SELECT " BLIND_COLUMNS ", " BLIND_COUNTS " FROM blind_round WHERE (?1 = '' OR id = ?1)"
                   " AND (?2 = '' OR character = ?2) AND (?3 = '' OR state = ?3) ORDER BY made_ms DESC, id LIMIT ?4",
    [SQL_BLIND_PAIRS] = "SELECT n, own, context, left_text, right_text, choice, note, chosen_ms, trained_left"
                        " FROM blind_pair WHERE round = ?1 AND (NOT ?2 OR left_text IS NULL OR right_text IS NULL)"
                        " ORDER BY n",
    [SQL_ADD_BLIND] = "INSERT INTO blind_round(" BLIND_COLUMNS ")"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [SQL_ADD_BLIND_PAIR] = "INSERT INTO blind_pair(round, n, own, context, trained_left) VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_BLIND_STATE] = "UPDATE blind_round SET state = ?2, error_code = ?3, error = ?4 WHERE id = ?1",
    [SQL_BLIND_REPLY] = "UPDATE blind_pair SET left_text = ifnull(?3, left_text),"
                        " right_text = ifnull(?4, right_text) WHERE round = ?1 AND n = ?2",
    [SQL_BLIND_MADE] = "UPDATE blind_round SET state = 'asking' WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM blind_pair"
                       " WHERE round = ?1 AND (left_text IS NULL OR right_text IS NULL))",
    [SQL_BLIND_CHOOSE] = "UPDATE blind_pair SET choice = ?3, note = ?4, chosen_ms = ?5 WHERE round = ?1 AND n = ?2"
                         " AND left_text IS NOT NULL AND right_text IS NOT NULL"
                         " AND EXISTS(SELECT 1 FROM blind_round WHERE id = ?1 AND state <> 'done')",
    [SQL_BLIND_CHOSEN] = "UPDATE blind_round SET state = 'done' WHERE id = ?1"
                         " AND NOT EXISTS(SELECT 1 FROM blind_pair WHERE round = ?1 AND choice = '')",
    [SQL_DELETE_BLIND] = "DELETE FROM blind_round WHERE id = ?1",
    [SQL_MEMORY_DUE] = "SELECT conversation, seq FROM memory_due LIMIT 1",
    [SQL_MEMORY_DONE] = "DELETE FROM memory_due" ONE_TURN,
    [SQL_MEMORY_GONE] = "INSERT INTO memory_gone(id) SELECT id FROM memory" ONE_TURN,
    [SQL_MEMORY_UNWORD] = "DELETE FROM memory_words WHERE rowid = " ITS_MEMORY,
    [SQL_MEMORY_REMOVE] = "DELETE FROM memory" ONE_TURN,
    /* Of a fork only what it has for itself, unless its parent is gone. Witnesses: the people who had spoken here by then, and those
     * of whom that is known otherwise. */
    [SQL_MEMORY_ADD] =
        "INSERT INTO memory(conversation, seq, character, speaker, at_ms, witnesses, class, everyone, excluded, "
        "allowed)"
        " SELECT t.conversation, t.seq, c.character, CASE t.role WHEN 0 THEN t.person ELSE 0 END, t.created_ms,"
        " (SELECT ifnull(group_concat(person), '') FROM (SELECT person FROM heard h WHERE"
        " h.conversation = t.conversation AND h.since <= t.seq UNION SELECT DISTINCT person FROM turn w WHERE"
        " w.conversation = t.conversation AND w.seq <= t.seq AND w.seq > ifnull(i.turns, 0) AND w.role = 0"
        " ORDER BY person)), ifnull(k.class, -1), ifnull(k.everyone, 0), ifnull(k.excluded, ''), ifnull(k.allowed, '')"
        " FROM turn t JOIN conversation c ON c.id = t.conversation"
        " LEFT JOIN imported i ON i.conversation = t.conversation"
        " LEFT JOIN classed k ON k.conversation = t.conversation AND k.seq = t.seq"
        " WHERE t.conversation = ?1 AND t.seq = ?2"
        " AND t.state IN (2, 3) AND t.text <> ''"
        " AND (EXISTS(SELECT 1 FROM turn w WHERE w.conversation = t.conversation AND w.seq <= t.seq AND w.role = 0)"
        " OR EXISTS(SELECT 1 FROM heard h WHERE h.conversation = t.conversation AND h.since <= t.seq))"
        " AND (c.parent = '' OR t.seq > c.parent_seq OR t.text IS NOT (SELECT p.text FROM turn p WHERE"
        " p.conversation = c.parent AND p.seq = t.seq))",
    /* What forks have of turns that are taken back, and did not remember themselves. */
    [SQL_MEMORY_OF_FORKS] =
        "INSERT OR IGNORE INTO memory_due SELECT t.conversation, t.seq FROM conversation c JOIN turn t"
        " ON t.conversation = c.id AND t.seq BETWEEN ?2 AND c.parent_seq WHERE c.parent = ?1",
    [SQL_MEMORY_WORD] = "INSERT INTO memory_words(rowid, text) SELECT m.id, t.text FROM memory m JOIN turn t"
                        " ON t.conversation = m.conversation AND t.seq = m.seq"
                        " WHERE m.conversation = ?1 AND m.seq = ?2",
    [SQL_MEMORY_VECTOR] = "UPDATE memory SET vector = ?2, factor = ?3 WHERE id = ?1",
    [SQL_MEMORIES] = "SELECT " MEMORY_COLUMNS " WHERE m.character = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3",
    [SQL_MEMORIES_OF_ALL] = "SELECT " MEMORY_COLUMNS " WHERE m.id > ?2 ORDER BY m.id LIMIT ?3",
    [SQL_MEMORY_OF] = "SELECT " MEMORY_COLUMNS " WHERE m.id = ?1",
    [SQL_MEMORIES_BARE] = "SELECT " MEMORY_COLUMNS " WHERE m.vector IS NULL ORDER BY m.id DESC LIMIT ?1",
    /* Of a fork also what stands in front of it, in the conversation it is of: silence reaches over that. */
    [SQL_MEMORIES_UNREAD] =
        "WITH u AS (SELECT conversation AS id, min(seq) AS first FROM memory WHERE class < 0 AND conversation ="
        " (SELECT conversation FROM memory WHERE class < 0 LIMIT 1)),"
        " o AS (SELECT id, first, 9223372036854775807 AS last, -1 AS least FROM u UNION ALL SELECT c.parent, u.first,"
        " c.parent_seq, 0 FROM u JOIN conversation c ON c.id = u.id WHERE c.parent <> '')"
        " SELECT " MEMORY_COLUMNS " JOIN o ON m.conversation = o.id AND m.seq BETWEEN o.first - ?1 AND o.last"
        " AND m.class >= o.least ORDER BY m.seq LIMIT ?2",
    [SQL_MEMORY_MARK] = "UPDATE memory SET class = ?2, everyone = ?3, excluded = ?4, allowed = ?5 WHERE id = ?1",
    [SQL_MEMORIES_GONE] = "SELECT n, id FROM memory_gone WHERE n > ?1 ORDER BY n",
    [SQL_MEMORY_SEARCH] = "SELECT " MEMORY_COLUMNS " JOIN memory_words w ON w.rowid = m.id WHERE memory_words MATCH ?1"
                          " AND (?2 = '' OR m.character = ?2) ORDER BY w.rank LIMIT ?3",
    [SQL_MEMORY_WAITS] = "SELECT (SELECT count(*) FROM memory_due), (SELECT count(*) FROM memory WHERE vector IS NULL)",
    [SQL_MEMORY_COUNT] = "SELECT (SELECT count(*) FROM memory), (SELECT count(*) FROM memory WHERE class < 0)",
    [SQL_MEMORY_OF_TURN] = "SELECT " MEMORY_COLUMNS " WHERE m.conversation = ?1 AND m.seq = ?2",
    /* Ids grow with seq, but for turns that were changed: those have greater ones. */
    [SQL_MEMORY_FIRST] = "SELECT ifnull(min(id), 0) FROM (SELECT id FROM memory WHERE conversation = ?1 AND seq >= ?2"
                         " ORDER BY seq LIMIT 64)",
    /* Its turn may be gone by now, or was looked at twice. */
    [SQL_ADD_FACT] =
        "INSERT INTO fact(memory, place, conversation, seq, about, whose, topic, value, confidence, change,"
        " ends, since_ms, day_ms, was_ms) SELECT id, ?2, conversation, seq, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
        " ?10, ?11, ?12 FROM memory WHERE id = ?1 ON CONFLICT DO NOTHING",
    [SQL_FACTS] = "SELECT * FROM (SELECT " FACT_COLUMNS " WHERE m.character = ?1 AND m.speaker = ?2"
                  " AND ifnull(h.instead, '-') <> '' ORDER BY m.at_ms DESC, m.id DESC, f.place DESC LIMIT ?3)"
                  " ORDER BY 6, 1, 16",
    [SQL_FACT_OF] = "SELECT " FACT_COLUMNS " WHERE f.id = ?1 AND ifnull(h.instead, '-') <> ''",
    [SQL_FACT_HAND] = "INSERT INTO fact_hand(conversation, seq, about, whose, topic, value, instead, at_ms)"
                      " SELECT conversation, seq, about, whose, topic, value, ?2, ?3 FROM fact WHERE id = ?1"
                      " ON CONFLICT DO UPDATE SET instead = excluded.instead, at_ms = excluded.at_ms",
    [SQL_TOPIC_DUE] = "SELECT conversation, at_ms, turns FROM topic_due WHERE at_ms <= ?1 OR turns >= ?2 LIMIT 1",
    [SQL_TOPIC_NEXT] = "SELECT ifnull(min(at_ms), 0) FROM topic_due",
    /* Those without a part: the first of them stands behind a part, or at the beginning; and what follows up to the next part. What chats of
     * other programs brought was not said to the character. */
    [SQL_TOPIC_TURNS] =
        "WITH bare AS (SELECT min(b.seq) AS seq FROM (SELECT (SELECT m.seq FROM memory m WHERE m.conversation = ?1"
        " AND m.seq > e.last ORDER BY m.seq LIMIT 1) AS seq FROM (SELECT ifnull((SELECT i.turns FROM imported i"
        " WHERE i.conversation = ?1), 0) AS last UNION ALL SELECT last FROM topic_part WHERE conversation = ?1) e) b"
        " WHERE ifnull((SELECT p.last FROM topic_part p WHERE p.conversation = ?1 AND p.first <= b.seq ORDER BY"
        " p.first DESC LIMIT 1), 0) < b.seq)"
        " SELECT " MEMORY_COLUMNS " WHERE m.conversation = ?1 AND m.seq >= (SELECT seq FROM bare) AND m.seq <"
        " ifnull((SELECT min(first) FROM topic_part WHERE conversation = ?1 AND first > (SELECT seq FROM bare)),"
        " m.seq + 1) ORDER BY m.seq LIMIT ?2",
    [SQL_TOPIC_STANDS] =
        "SELECT count(*), ifnull(max(id), 0) FROM memory WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3" NOT_DUE,
    [SQL_TOPIC_CLEAR] = "DELETE FROM topic_line WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3 AND hand_ms = 0",
    [SQL_TOPIC_PART] = "INSERT OR REPLACE INTO topic_part(conversation, first, last, made_ms) VALUES(?1, ?2, ?3, ?4)",
    [SQL_TOPIC_ADD] = "INSERT INTO topic_line(conversation, seq, character, person, at_ms, language, text)"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_TOPIC_CITE] = "INSERT OR IGNORE INTO topic_cite(line, conversation, seq) VALUES(?1, ?2, ?3)",
    [SQL_TOPIC_DONE] = "DELETE FROM topic_due WHERE conversation = ?1 AND at_ms = ?2 AND turns = ?3",
    [SQL_TOPIC_LATER] =
        "UPDATE topic_due SET at_ms = ?4, turns = ?5 WHERE conversation = ?1 AND at_ms = ?2 AND turns = ?3",
    [SQL_TOPIC_HANDS] = "SELECT text FROM topic_line WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3 AND hand_ms > 0",
    [SQL_TOPIC_CHANGE] = "UPDATE topic_line SET instead = ?2, hand_ms = ?3, vector = NULL WHERE id = ?1"
                         " AND ifnull(instead, '-') <> ''",
    [SQL_TOPIC_BARE] = "SELECT id, hand_ms, ifnull(instead, text) FROM topic_line WHERE vector IS NULL"
                       " AND ifnull(instead, '-') <> '' ORDER BY id DESC LIMIT ?1",
    [SQL_TOPIC_VECTOR] = "UPDATE topic_line SET vector = ?3, factor = ?4 WHERE id = ?1 AND hand_ms = ?2",
    /* The columns of MEMORY_COLUMNS first: of each turn that a sentence is from. */
    [SQL_TOPICS] =
        "SELECT ifnull(m.id, 0), t.conversation, t.seq, l.character, CASE t.role WHEN 0 THEN t.person ELSE 0 END,"
        " t.created_ms, ifnull(m.witnesses, ''), NULL, 0, t.text, ifnull(m.class, -1), ifnull(m.everyone, 0),"
        " ifnull(m.excluded, ''), ifnull(m.allowed, ''), l.id, l.at_ms, l.hand_ms, l.language, ifnull(l.instead, "
        "l.text),"
        " l.vector, l.factor FROM (SELECT * FROM topic_line WHERE character = ?1 AND person = ?2"
        " AND ifnull(instead, '-') <> '' ORDER BY at_ms DESC, id DESC LIMIT ?3) l JOIN topic_cite c ON c.line = l.id"
        " JOIN turn t ON t.conversation = c.conversation AND t.seq = c.seq LEFT JOIN memory m ON"
        " m.conversation = t.conversation AND m.seq = t.seq ORDER BY l.at_ms DESC, l.id DESC, t.seq",
    [SQL_WORKING_DUE] =
        "SELECT m.id, m.conversation, m.seq, m.character, m.speaker, m.at_ms, m.class FROM working_due d"
        " JOIN memory m ON m.conversation = d.conversation AND m.seq = d.seq"
        " ORDER BY d.at_ms, d.conversation, d.seq LIMIT 1",
    [SQL_WORKING_ADD] =
        "INSERT INTO working(conversation, seq, character, person, own, at_ms, day, mood, intensity, confidence,"
        " intent, intent_confidence, own_mood, own_intensity, own_confidence, events, topic) SELECT conversation, seq,"
        " character, ?2, speaker = 0, at_ms, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM memory WHERE id = "
        "?1" NOT_DUE " ON CONFLICT DO NOTHING",
    [SQL_WORKING_OPEN] =
        "INSERT INTO working_open(conversation, seq, character, person, kind, own, at_ms, text, from_ms, to_ms)"
        " SELECT conversation, seq, character, ?2, ?3, ?4, at_ms, ?5, ?6, ?7 FROM memory WHERE id = ?1",
    [SQL_WORKING_CLOSE] = "UPDATE working_open SET state = ?2, changed_ms = ?3 WHERE id = ?1 AND state = 'open'",
    [SQL_WORKING_DONE] = "DELETE FROM working_due WHERE EXISTS(SELECT 1 FROM memory m WHERE m.id = ?1 AND"
                         " m.conversation = working_due.conversation AND m.seq = working_due.seq)",
    /* The columns of MEMORY_COLUMNS first, here and below. */
    [SQL_WORKING] = "SELECT " WORKING_TURN " w.mood, w.intensity, w.confidence, w.intent, w.intent_confidence,"
                    " w.own_mood, w.own_intensity, w.own_confidence, w.events, w.topic FROM (SELECT * FROM working"
                    " WHERE character = ?1 AND person = ?2 AND own = 0 ORDER BY at_ms DESC, conversation DESC,"
                    " seq DESC LIMIT ?3) w" OF_WORKING " ORDER BY w.at_ms DESC, w.conversation DESC, w.seq DESC",
    [SQL_WORKING_OPENS] = "SELECT " WORKING_TURN " w.id, w.kind, w.own, w.text, w.from_ms, w.to_ms, w.state,"
                          " w.changed_ms, w.hand_ms FROM (SELECT * FROM working_open WHERE character = ?1"
                          " AND person = ?2 ORDER BY state <> 'open', at_ms DESC, id DESC LIMIT ?3) w" OF_WORKING
                          " ORDER BY w.state <> 'open', w.at_ms DESC, w.id DESC",
    [SQL_WORKING_CHANGE] = "UPDATE working_open SET text = iif(?2 = '', text, ?2), state = iif(?3 = '', state, ?3),"
                           " changed_ms = ?4, hand_ms = ?4 WHERE id = ?1",
    [SQL_WORKING_REMOVE] = "DELETE FROM working_open WHERE id = ?1",
    [SQL_WORKING_HAND] = "INSERT OR REPLACE INTO working_hand(character, person, part, value, amount, at_ms)"
                         " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_WORKING_HANDS] =
        "SELECT part, value, amount, at_ms FROM working_hand WHERE character = ?1 AND person = ?2 ORDER BY part",
    [SQL_WORKING_SUM] = "SELECT s.exchanges, s.days, s.thanks, s.insults, s.secrets, " KEPT("'kept'") ", " KEPT(
        "'broken'") " FROM working_sum s WHERE s.character = ?1 AND s.person = ?2",
    [SQL_UNTELL] = "DELETE FROM told" ONE_TURN " AND variant = ?3",
    /* One of the two turns may be gone by now. */
    [SQL_TELL] = "INSERT INTO told(conversation, seq, variant, place, of_conversation, of_seq, of_revision, score)"
                 " SELECT ?1, ?2, ?3, ?4, o.conversation, o.seq, o.revision, ?7 FROM turn o WHERE o.conversation = ?5"
                 " AND o.seq = ?6 AND EXISTS(SELECT 1 FROM turn" ONE_TURN ")",
    /* The columns of MEMORY_COLUMNS: what was made of a turn may be made anew just now. */
    [SQL_TOLD] = "SELECT ifnull(m.id, 0), t.conversation, t.seq, c.character, CASE t.role WHEN 0 THEN t.person ELSE 0"
                 " END, t.created_ms, ifnull(m.witnesses, ''), NULL, 0, t.text, ifnull(m.class, -1),"
                 " ifnull(m.everyone, 0), ifnull(m.excluded, ''), ifnull(m.allowed, ''), o.score,"
                 " o.of_revision <> t.revision, " PINNED
                 " FROM told o JOIN turn t ON t.conversation = o.of_conversation"
                 " AND t.seq = o.of_seq JOIN conversation c ON c.id = t.conversation LEFT JOIN memory m"
                 " ON m.conversation = t.conversation AND m.seq = t.seq WHERE o.conversation = ?1 AND o.seq = ?2"
                 " AND o.variant = (SELECT variant FROM turn" ONE_TURN ") ORDER BY o.place",
    [SQL_FORK_TOLD] = "INSERT INTO told SELECT ?3, seq, variant, place, of_conversation, of_seq, of_revision, score"
                      " FROM told WHERE conversation = ?1 AND seq <= ?2",
    [SQL_DOCUMENTS] = "SELECT " DOCUMENT_COLUMNS
                      " WHERE d.character = ?1 ORDER BY d.rowid LIMIT " TEXT_OF(STORE_DOCUMENTS),
    [SQL_DOCUMENT] = "SELECT " DOCUMENT_COLUMNS " WHERE d.id = ?1",
    [SQL_DOCUMENT_KNOWN] = "SELECT " DOCUMENT_COLUMNS
                           " WHERE d.character = ?1 AND d.giver = ?2 AND d.hash = ?3 LIMIT 1",
    [SQL_SECTIONS] = "SELECT level, parent, page, first_byte, end_byte, number, title FROM document_section"
                     " WHERE document = ?1 ORDER BY place",
    [SQL_PASSAGES] = "SELECT " PASSAGE_COLUMNS PASSAGES " WHERE p.document = ?1 AND p.place > ?2 ORDER BY p.place"
                     " LIMIT 500",
    [SQL_PASSAGE] = "SELECT " PASSAGE_COLUMNS PASSAGES " WHERE p.id = ?1",
    [SQL_PASSAGES_BARE] = "SELECT " PASSAGE_COLUMNS PASSAGES
                          " WHERE p.vector IS NULL ORDER BY p.document, p.id LIMIT ?1",
    [SQL_ADD_DOCUMENT] =
        "INSERT INTO document(id, character, title, name, form, hash, giver, at_ms, everyone, allowed, pages,"
        " bytes, passages) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13"
        " WHERE NOT EXISTS(SELECT 1 FROM document WHERE character = ?2 AND giver = ?7 AND hash = ?6)",
    [SQL_ADD_SECTION] =
        "INSERT INTO document_section(document, place, level, parent, page, first_byte, end_byte, number,"
        " title) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_ADD_PASSAGE] =
        "INSERT INTO passage(document, place, section, page, first_paragraph, last_paragraph, first_byte,"
        " head, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_PASSAGE_VECTOR] = "UPDATE passage SET vector = ?2, factor = ?3 WHERE id = ?1",
    [SQL_REMOVE_DOCUMENT] = "DELETE FROM document WHERE id = ?1",
    [SQL_UNTELL_PASSAGES] = "DELETE FROM told_passage" ONE_TURN " AND variant = ?3",
    /* The turn or the passage may be gone by now. */
    [SQL_TELL_PASSAGE] =
        "INSERT INTO told_passage(conversation, seq, variant, place, passage, score) SELECT ?1, ?2, ?3,"
        " ?4, id, ?6 FROM passage WHERE id = ?5 AND EXISTS(SELECT 1 FROM turn" ONE_TURN ")",
    [SQL_TOLD_PASSAGES] = "SELECT " PASSAGE_COLUMNS ", o.score FROM told_passage o JOIN passage p ON p.id = o.passage"
                          " JOIN document d ON d.id = p.document WHERE o.conversation = ?1 AND o.seq = ?2"
                          " AND o.variant = (SELECT variant FROM turn" ONE_TURN ") ORDER BY o.place",
    [SQL_FORK_TOLD_PASSAGES] = "INSERT INTO told_passage SELECT ?3, seq, variant, place, passage, score"
                               " FROM told_passage WHERE conversation = ?1 AND seq <= ?2",
    [SQL_IMPORTS] =
        "SELECT id, character, name, at_ms, turns, done_ms, (SELECT count(*) FROM imported WHERE import = id),"
        " (SELECT ifnull(sum(turns), 0) FROM imported WHERE import = id) FROM import"
        " ORDER BY at_ms DESC, id LIMIT 500",
    [SQL_IMPORTED] = "SELECT conversation FROM imported WHERE import = ?1 ORDER BY conversation LIMIT 500",
    [SQL_ADD_IMPORT] = "INSERT INTO import(id, character, name, at_ms, turns, done_ms) VALUES(?1, ?2, ?3, ?4, ?5, 0)"
                       " ON CONFLICT(id) DO UPDATE SET done_ms = 0",
    [SQL_END_IMPORT] = "UPDATE import SET done_ms = ?2 WHERE id = ?1",
    [SQL_REMOVE_IMPORT] = "DELETE FROM import WHERE id = ?1",
    [SQL_CONVERSATION_IS_THERE] = "SELECT 1 FROM conversation WHERE id = ?1",
    [SQL_TURN_IS_THERE] = "SELECT 1 FROM imported p JOIN turn t ON t.conversation = p.conversation"
                          " AND t.client_id = ?2 AND t.client_id <> '' WHERE p.part = ?1 LIMIT 1",
    [SQL_ADD_IMPORTED] = "INSERT INTO imported(conversation, import, part, turns) VALUES(?1, ?2, ?3, ?4)",
    [SQL_ADD_HEARD] = "INSERT INTO heard(conversation, person, since) VALUES(?1, ?2, ?3)",
    [SQL_ADD_CLASSED] = "INSERT INTO classed(conversation, seq, class, everyone, excluded, allowed)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_FORGET_TURN] =
        "UPDATE turn SET text = ?3, revision = revision + 1, former = -1, edited = ?3 <> '', state = CASE"
        " ?3 WHEN '' THEN 5 ELSE state END, finish = CASE ?3 WHEN '' THEN '' ELSE finish END,"
        " error_code = 0, error = ''" ONE_TURN " AND text <> ?3 AND state >= 2",
    /* They stay as places: alternatives are numbered by how many there are. */
    [SQL_FORGET_VARIANTS] = "UPDATE variant SET text = '', state = 5, error = ''" ONE_TURN
                            " AND (?3 < 0 OR variant = ?3)",
    /* What a pair is about has the words as JSON. Few letters stand in too many. */
    [SQL_FORGET_PAIRS] = "DELETE FROM blind_pair WHERE EXISTS(SELECT 1 FROM turn t WHERE t.conversation = ?1 AND t.seq"
                         " = ?2 AND length(t.text) > 7 AND instr(blind_pair.context, substr(json_quote(t.text), 2,"
                         " length(json_quote(t.text)) - 2)))",
    /* A title that begins as it does, also one that a fork counted up: "Title (2)". */
    [SQL_FORGET_NAME] =
        "UPDATE conversation SET title = '' WHERE id = ?1 AND title <> '' AND EXISTS(SELECT 1 FROM turn t"
        " WHERE t.conversation = ?1 AND t.seq = ?2 AND t.text <> '' AND (substr(t.text, 1,"
        " length(title)) = title OR (title GLOB '* ([0-9]*)' AND substr(t.text, 1, length(" UNCOUNTED ")) = " UNCOUNTED
        ")))",
    [SQL_FORGET_NOTE] = "DELETE FROM note" ONE_TURN,
    [SQL_FORGOT] = "UPDATE turn SET forgot = ?3, revision = revision + 1" ONE_TURN,
    [SQL_UNTELL_OF] = "DELETE FROM told WHERE of_conversation = ?1 AND of_seq = ?2",
    [SQL_UNTELL_ALL] = "DELETE FROM told" ONE_TURN " AND (?3 < 0 OR variant = ?3)",
    [SQL_TOLD_OF] = "SELECT conversation, seq, variant FROM told WHERE of_conversation = ?1 AND of_seq = ?2"
                    " ORDER BY 1, 2, 3 LIMIT ?3",
    [SQL_PIN] = "INSERT INTO pin(conversation, seq, at_ms) SELECT conversation, seq, ?3 FROM turn" ONE_TURN
                " AND text <> '' ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms",
    [SQL_UNPIN] = "DELETE FROM pin" ONE_TURN,
    [SQL_FORK_PINS] = "INSERT INTO pin SELECT ?3, seq, at_ms FROM pin WHERE conversation = ?1 AND seq <= ?2",
    [SQL_FORK_HEARD] = "INSERT INTO heard(conversation, person, since) SELECT ?3, person, since FROM heard"
                       " WHERE conversation = ?1 AND since <= ?2",
    [SQL_STRENGTHS] = "SELECT m.id, " PINNED ", count(o.seq), ifnull(max(r.created_ms), 0) FROM memory m JOIN turn t ON"
                      " t.conversation = m.conversation AND t.seq = m.seq LEFT JOIN told o ON o.of_conversation ="
                      " m.conversation AND o.of_seq = m.seq LEFT JOIN turn r ON r.conversation = o.conversation AND"
                      " r.seq = o.seq WHERE m.character = ?1 AND m.id > ?2 AND m.id <= ?3 GROUP BY m.id"
                      " HAVING count(o.seq) > 0 OR " PINNED " ORDER BY m.id LIMIT ?4",
    [SQL_RULES] = "SELECT id, person, character, other, at_ms FROM rule ORDER BY id",
    [SQL_PUT_RULE] = "INSERT INTO rule(person, character, other, at_ms) VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    [SQL_REMOVE_RULE] = "DELETE FROM rule WHERE id = ?1",
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_SAVEPOINT] = "SAVEPOINT job",
    [SQL_RELEASE] = "RELEASE job",
};

int store_error(sqlite3 *db, int rc, const char *path, anima_error *err)
{
    const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    switch (rc & 0xFF) {
    case SQLITE_FULL:
        return err_set(err, ANIMA_E_FULL, "the disk is full: %s could not be written; free some space, then ask again",
                       path);
    case SQLITE_NOMEM: return err_set(err, ANIMA_E_NOMEM, "out of memory in %s", path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(err, ANIMA_E_IO, "%s is damaged (%s): put a backup in its place, or move it away to begin anew",
                       path, why);
    case SQLITE_READONLY:
        return err_set(err, ANIMA_E_FORBIDDEN, "%s cannot be written: it, or its folder, is read-only", path);
    case SQLITE_CANTOPEN:
        return err_set(err, ANIMA_E_IO, "%s cannot be opened (%s): does its folder exist, and may you write there?",
                       path, why);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return err_set(err, ANIMA_E_BUSY, "%s is locked by another program (%s)", path, why);
    case SQLITE_CONSTRAINT: return err_set(err, ANIMA_E_INVALID, "%s refuses this: %s", path, why);
    default: return err_set(err, ANIMA_E_IO, "%s: %s", path, why);
    }
}

sqlite3_stmt *store_prepare(struct connection *c, enum store_sql which, const char *path, anima_error *err)
{
    sqlite3_stmt **s = &c->statements[which];
    if (!*s) {
        int rc = sqlite3_prepare_v3(c->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
        if (rc != SQLITE_OK) {
            store_error(c->db, rc, path, err);
            return NULL;
        }
    }
    return *s;
}

/* ---- opening ---- */

static int open_connection(struct connection *c, const char *path, int flags, anima_error *err)
{
    int rc = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(c->db, STORE_BUSY_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db,
                          "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
                          "PRAGMA cache_size=-512; PRAGMA journal_size_limit=4194304",
                          NULL, NULL, NULL);
    return rc == SQLITE_OK ? fts_register(c->db, err) : store_error(c->db, rc, path, err);
}

static void close_connection(struct connection *c)
{
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(c->statements[i]);
    sqlite3_close(c->db);
    *c = (struct connection){ 0 };
}

static int open_writer(struct store *s, anima_error *err)
{
    int rc = open_connection(&s->writer, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (rc)
        return rc;
    rc = sqlite3_exec(s->writer.db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    if (rc == SQLITE_OK) /* what is deleted is overwritten; and nothing of it goes to a file of SQLite's own */
        rc = sqlite3_exec(s->writer.db, "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return store_error(s->writer.db, rc, s->path, err);
    rc = schema_migrate(s->writer.db, s->path, err);
    if (!rc)
        rc = memory_at_open(s, err);
    return rc ? rc : purge_at_open(s, err);
}

int store_open(const char *path, bool read_only, struct loop *loop, struct store **out, anima_error *err)
{
    *out = NULL;
    struct store *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    s->read_only = read_only;
    s->loop = loop;
    s->path = mem_strdup(path);
    int rc = s->path ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && !read_only)
        rc = open_writer(s, err);
    if (!rc && read_only && access(path, F_OK))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no %s: nothing was said in this home yet", path);
    if (!rc)
        rc = open_connection(&s->reader, path, SQLITE_OPEN_READONLY, err);
    if (!rc)
        rc = schema_migrate(s->reader.db, path, err);
    if (!rc && !read_only)
        rc = writer_start(s, err);
    if (rc) {
        store_close(s);
        return rc;
    }
    *out = s;
    return ANIMA_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->running)
        writer_stop(s);
    close_connection(&s->reader);
    close_connection(&s->writer);
    mem_free(s->path);
    mem_free(s);
}

/* ---- reading ---- */

const char *store_text_at(sqlite3_stmt *q, int column)
{
    const char *s = (const char *)sqlite3_column_text(q, column);
    return s ? s : "";
}

void store_copy_text(char *out, size_t size, sqlite3_stmt *q, int column)
{
    snprintf(out, size, "%s", store_text_at(q, column));
}

sqlite3_stmt *store_prepare_read(struct store *s, enum store_sql which, int *rc, anima_error *err)
{
    anima_error why;
    sqlite3_stmt *q = store_prepare(&s->reader, which, s->path, &why);
    *rc = q ? ANIMA_OK : err_set(err, why.code, "%s", why.message);
    return q;
}

int store_end_read(struct store *s, sqlite3_stmt *q, int rc, anima_error *err)
{
    int result = rc == SQLITE_DONE || rc == SQLITE_ROW ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return result;
}

int store_person_list(struct store *s, store_person_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_PEOPLE, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, sqlite3_column_int64(q, 0), store_text_at(q, 1));
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

static void read_info(sqlite3_stmt *q, anima_conversation_info *out)
{
    *out = (anima_conversation_info){ .created_ms = sqlite3_column_int64(q, 3),
                                      .updated_ms = sqlite3_column_int64(q, 4),
                                      .turns = sqlite3_column_int64(q, 5),
                                      .parent_seq = sqlite3_column_int64(q, 8) };
    store_copy_text(out->id, sizeof(out->id), q, 0);
    store_copy_text(out->character, sizeof(out->character), q, 1);
    store_copy_text(out->title, sizeof(out->title), q, 2);
    store_copy_text(out->last_text, sizeof(out->last_text), q, 6);
    store_copy_text(out->parent, sizeof(out->parent), q, 7);
}

int store_conversation_get(struct store *s, const char *id, anima_conversation_info *out, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_CONVERSATION, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found)
        read_info(q, out);
    int result = store_end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", id);
}

int store_conversation_list_of(struct store *s, const char *character, int limit, int64_t before_ms,
                               anima_conversation_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, character ? SQL_CONVERSATIONS_OF : SQL_CONVERSATIONS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    if (character)
        sqlite3_bind_text(q, 3, character, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 1, before_ms > 0 ? before_ms : INT64_MAX);
    sqlite3_bind_int(q, 2, limit);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_conversation_info info;
        read_info(q, &info);
        stop = cb(ctx, &info);
    }
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_conversation_list(struct store *s, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err)
{
    return store_conversation_list_of(s, NULL, limit, before_ms, cb, ctx, err);
}

/* The text of a column, cut to its beginning. */
static void read_beginning(sqlite3_stmt *q, int column, char *out, size_t size)
{
    const char *text = store_text_at(q, column);
    snprintf(out, size, "%.*s", (int)utf8_cut(text, strlen(text), size - 1), text);
}

int store_conversation_tree(struct store *s, const char *id, int limit, anima_timeline_cb *cb, void *ctx, bool *more,
                            anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_TREE, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 2, limit + 1);
    int rc, n = 0, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW && n++ < limit) {
        anima_timeline t = { .from_role = (anima_role)sqlite3_column_int(q, 9),
                             .own_seq = sqlite3_column_int64(q, 11),
                             .own_role = (anima_role)sqlite3_column_int(q, 12) };
        read_info(q, &t.info);
        read_beginning(q, 10, t.from_text, sizeof(t.from_text));
        read_beginning(q, 13, t.own_text, sizeof(t.own_text));
        stop = cb(ctx, &t);
    }
    *more = n > limit;
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return result || n ? result : err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", id);
}

static void read_turn(sqlite3_stmt *q, anima_turn *t)
{
    *t = (anima_turn){
        .seq = sqlite3_column_int64(q, 0),
        .role = (anima_role)sqlite3_column_int(q, 1),
        .person = sqlite3_column_int64(q, 2),
        .state = (anima_turn_state)sqlite3_column_int(q, 3),
        .text = store_text_at(q, 4),
        .person_name = "",
        .client_id = store_text_at(q, 5),
        .model = store_text_at(q, 6),
        .finish = store_text_at(q, 7),
        .error_code = sqlite3_column_int(q, 8),
        .error = store_text_at(q, 9),
        .prompt_tokens = sqlite3_column_int(q, 10),
        .completion_tokens = sqlite3_column_int(q, 11),
        .ttft_ms = sqlite3_column_double(q, 12),
        .tokens_per_s = sqlite3_column_double(q, 13),
        .created_ms = sqlite3_column_int64(q, 14),
        .revision = sqlite3_column_int(q, 15),
        .variant = sqlite3_column_int(q, 16),
        .edited = sqlite3_column_int(q, 17),
        .forgot = sqlite3_column_int(q, sqlite3_column_count(q) - 3),
        .recalled = sqlite3_column_int(q, sqlite3_column_count(q) - 2),
        .variants = sqlite3_column_int(q, sqlite3_column_count(q) - 1),
        .seconds = sqlite3_column_double(q, 18),
        .wh = sqlite3_column_double(q, 19),
        .money = sqlite3_column_double(q, 20),
    };
}

static void read_variant(sqlite3_stmt *q, anima_turn *t)
{
    *t = (anima_turn){
        .seq = sqlite3_column_int64(q, 0),
        .role = ANIMA_ROLE_CHARACTER,
        .person_name = "",
        .client_id = "",
        .variant = sqlite3_column_int(q, 1),
        .edited = sqlite3_column_int(q, 2),
        .state = (anima_turn_state)sqlite3_column_int(q, 3),
        .text = store_text_at(q, 4),
        .model = store_text_at(q, 5),
        .finish = store_text_at(q, 6),
        .error_code = sqlite3_column_int(q, 7),
        .error = store_text_at(q, 8),
        .prompt_tokens = sqlite3_column_int(q, 9),
        .completion_tokens = sqlite3_column_int(q, 10),
        .ttft_ms = sqlite3_column_double(q, 11),
        .tokens_per_s = sqlite3_column_double(q, 12),
        .created_ms = sqlite3_column_int64(q, 13),
        .seconds = sqlite3_column_double(q, 14),
        .wh = sqlite3_column_double(q, 15),
        .money = sqlite3_column_double(q, 16),
    };
}

int store_variant_list(struct store *s, const char *conversation, int64_t seq, anima_turn_cb *cb, void *ctx,
                       anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, seq ? SQL_VARIANTS : SQL_ALL_VARIANTS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    if (seq)
        sqlite3_bind_int64(q, 2, seq);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_turn turn;
        read_variant(q, &turn);
        stop = cb(ctx, &turn);
    }
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_snapshot(struct store *s, anima_error *err)
{
    int rc = sqlite3_exec(s->reader.db, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    return rc == SQLITE_OK ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
}

/* The statement belongs to the caller's turn for the whole listing, so a listing inside cb is a programming error. */
static int list_turns(struct store *s, sqlite3_stmt *q, anima_turn_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_turn turn;
        read_turn(q, &turn);
        stop = cb(ctx, &turn);
    }
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_turn_list(struct store *s, const char *conversation, int64_t after, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_TURNS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, after);
    sqlite3_bind_int(q, 3, limit);
    return list_turns(s, q, cb, ctx, err);
}

int store_turn_last(struct store *s, const char *conversation, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_LAST_TURNS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 2, limit);
    return list_turns(s, q, cb, ctx, err);
}

int store_turn_by_client(struct store *s, const char *conversation, const char *client_id, int64_t *seq,
                         anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_BY_CLIENT, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, client_id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found)
        *seq = sqlite3_column_int64(q, 0);
    int result = store_end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "no message has the id \"%.64s\"", client_id);
}

int store_turn_changes(struct store *s, const char *conversation, int64_t since, int64_t *changes, int64_t *first,
                       int64_t *last, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_CHANGES, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, since);
    int rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    *changes = found ? sqlite3_column_int64(q, 0) : 0;
    *first = found ? sqlite3_column_int64(q, 1) : 0;
    *last = found ? sqlite3_column_int64(q, 2) : 0;
    int result = store_end_read(s, q, rc, err);
    return result || found ? result
                           : err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", conversation);
}

int store_turn_unfinished(struct store *s, store_unfinished_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_UNFINISHED, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, store_text_at(q, 0), sqlite3_column_int64(q, 1));
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}
