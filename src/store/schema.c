/* schema.c — the tables of a home, as the list of steps that lead to them. A step is never changed once it was released:
 * a new one goes to the end. PRAGMA user_version is the number of steps a file has taken. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

static const struct {
    const char *what, *sql;
} steps[] = {
    { "people, conversations, turns",
      "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
      "CREATE TABLE conversation(id TEXT PRIMARY KEY, character TEXT NOT NULL, title TEXT NOT NULL,"
      "  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, turns INTEGER NOT NULL, last_text TEXT NOT NULL)"
      "  STRICT, WITHOUT ROWID;"
      "CREATE INDEX conversation_by_time ON conversation(updated_ms DESC, id);"
      "CREATE TABLE turn(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE, seq INTEGER NOT "
      "NULL,"
      "  role INTEGER NOT NULL, person INTEGER NOT NULL, state INTEGER NOT NULL, text TEXT NOT NULL,"
      "  client_id TEXT NOT NULL, model TEXT NOT NULL, finish TEXT NOT NULL, error_code INTEGER NOT NULL,"
      "  error TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, ttft_ms REAL NOT "
      "NULL,"
      "  tokens_per_s REAL NOT NULL, created_ms INTEGER NOT NULL, UNIQUE(conversation, seq)) STRICT;"
      "CREATE UNIQUE INDEX turn_by_client ON turn(conversation, client_id) WHERE client_id <> '';"
      "CREATE INDEX turn_unfinished ON turn(conversation, seq) WHERE state < 2;" },
    /* variant holds the alternatives that a turn does not show; former is the one that comes back if the reply under way
     * says nothing. due remembers across a kill what is still to be done (write.c). */
    { "alternatives, forks",
      "ALTER TABLE turn ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE turn ADD COLUMN variant INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE turn ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE turn ADD COLUMN former INTEGER NOT NULL DEFAULT -1;"
      "ALTER TABLE conversation ADD COLUMN parent TEXT NOT NULL DEFAULT '';"
      "ALTER TABLE conversation ADD COLUMN parent_seq INTEGER NOT NULL DEFAULT 0;"
      "CREATE INDEX conversation_by_character ON conversation(character, updated_ms DESC, id);"
      "CREATE TABLE variant(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,"
      "  seq INTEGER NOT NULL, variant INTEGER NOT NULL, edited INTEGER NOT NULL, state INTEGER NOT NULL,"
      "  text TEXT NOT NULL, model TEXT NOT NULL, finish TEXT NOT NULL, error_code INTEGER NOT NULL,"
      "  error TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,"
      "  ttft_ms REAL NOT NULL, tokens_per_s REAL NOT NULL, created_ms INTEGER NOT NULL,"
      "  UNIQUE(conversation, seq, variant)) STRICT;"
      "CREATE TABLE due(what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;" },
    { "what replies cost",
      "ALTER TABLE turn ADD COLUMN seconds REAL NOT NULL DEFAULT 0;"
      "ALTER TABLE turn ADD COLUMN wh REAL NOT NULL DEFAULT 0;"
      "ALTER TABLE turn ADD COLUMN money REAL NOT NULL DEFAULT 0;"
      "ALTER TABLE variant ADD COLUMN seconds REAL NOT NULL DEFAULT 0;"
      "ALTER TABLE variant ADD COLUMN wh REAL NOT NULL DEFAULT 0;"
      "ALTER TABLE variant ADD COLUMN money REAL NOT NULL DEFAULT 0;"
      /* No reference to the conversation: what a deleted one has cost stays. */
      "CREATE TABLE ledger(at_ms INTEGER NOT NULL, conversation TEXT NOT NULL, character TEXT NOT NULL,"
      "  person INTEGER NOT NULL, model TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,"
      "  completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, wh REAL NOT NULL, money REAL NOT NULL) STRICT;"
      "CREATE INDEX ledger_by_time ON ledger(at_ms);" },
    /* conversation "": written by hand */
    { "what people asked of a character",
      "CREATE TABLE note(id INTEGER PRIMARY KEY, character TEXT NOT NULL, person INTEGER NOT NULL,"
      "  kind INTEGER NOT NULL, text TEXT NOT NULL, said TEXT NOT NULL, conversation TEXT NOT NULL,"
      "  seq INTEGER NOT NULL, created_ms INTEGER NOT NULL, active INTEGER NOT NULL) STRICT;"
      "CREATE INDEX note_by_conversation ON note(conversation, seq);" },
    /* For whoever comes back: a conversation counts the changes to turns that were there, a turn knows the last one that
     * concerned it. One that takes the place of another that was taken back is one that changed. */
    { "changes, counted", "ALTER TABLE conversation ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;"
                          "ALTER TABLE turn ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;"
                          "CREATE INDEX turn_by_change ON turn(conversation, changed, seq) WHERE changed > 0;"
                          "CREATE TRIGGER turn_changes AFTER UPDATE ON turn"
                          "  WHEN NEW.revision <> OLD.revision OR (OLD.state >= 2 AND NEW.state <> OLD.state) BEGIN"
                          "  UPDATE conversation SET changes = changes + 1 WHERE id = NEW.conversation;"
                          "  UPDATE turn SET changed = (SELECT changes FROM conversation WHERE id = NEW.conversation)"
                          "    WHERE conversation = NEW.conversation AND seq = NEW.seq; END;"
                          "CREATE TRIGGER turn_goes AFTER DELETE ON turn BEGIN"
                          "  UPDATE conversation SET changes = changes + 1 WHERE id = OLD.conversation; END;"
                          "CREATE TRIGGER turn_comes AFTER INSERT ON turn"
                          "  WHEN (SELECT changes FROM conversation WHERE id = NEW.conversation) > 0 BEGIN"
                          "  UPDATE turn SET changed = (SELECT changes FROM conversation WHERE id = NEW.conversation)"
                          "    WHERE conversation = NEW.conversation AND seq = NEW.seq; END;" },
    /* stream.c keeps the seq of segments without gaps. response is a name that a program gave to the place. */
    { "streams for other programs",
      "CREATE TABLE stream(id TEXT PRIMARY KEY, character TEXT NOT NULL, model TEXT NOT NULL, adapter TEXT NOT NULL,"
      "  adapter_scale REAL NOT NULL, parent TEXT NOT NULL, parent_seq INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
      "  used_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE INDEX stream_by_use ON stream(used_ms DESC, id);"
      "CREATE INDEX stream_by_end ON stream(expires_ms) WHERE expires_ms > 0;"
      "CREATE TABLE segment(stream TEXT NOT NULL REFERENCES stream(id) ON DELETE CASCADE, seq INTEGER NOT NULL,"
      "  kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, finish TEXT NOT NULL, state TEXT NOT NULL,"
      "  response TEXT NOT NULL, meta TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,"
      "  completion_tokens INTEGER NOT NULL, created_ms INTEGER NOT NULL, UNIQUE(stream, seq)) STRICT;"
      "CREATE UNIQUE INDEX segment_by_response ON segment(response) WHERE response <> '';" },
    { "forks, found by their parent",
      "CREATE INDEX conversation_by_parent ON conversation(parent) WHERE parent <> '';" },
    /* What is left of turns that are not read any more, up to one of them. It says what they say: if one of them becomes
     * another, or goes, so does it. */
    { "summaries", "CREATE TABLE summary(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,"
                   "  language TEXT NOT NULL, seq INTEGER NOT NULL, late INTEGER NOT NULL, text TEXT NOT NULL,"
                   "  made_ms INTEGER NOT NULL, PRIMARY KEY(conversation, language, seq)) STRICT, WITHOUT ROWID;"
                   "CREATE TRIGGER summary_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text BEGIN"
                   "  DELETE FROM summary WHERE conversation = NEW.conversation AND seq >= NEW.seq; END;"
                   "CREATE TRIGGER summary_of_none AFTER DELETE ON turn BEGIN"
                   "  DELETE FROM summary WHERE conversation = OLD.conversation AND seq >= OLD.seq; END;" },
    /* A pair is there with its context before its replies are: NULL until then. */
    { "blind pairs",
      "CREATE TABLE blind_round(id TEXT PRIMARY KEY, character TEXT NOT NULL, language TEXT NOT NULL, model TEXT NOT "
      "NULL,"
      "  adapter TEXT NOT NULL, adapter_sha256 TEXT NOT NULL, seed INTEGER NOT NULL, made_ms INTEGER NOT NULL,"
      "  state TEXT NOT NULL, error_code INTEGER NOT NULL, error TEXT NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE INDEX blind_round_by_time ON blind_round(made_ms DESC, id);"
      "CREATE TABLE blind_pair(round TEXT NOT NULL REFERENCES blind_round(id) ON DELETE CASCADE, n INTEGER NOT NULL,"
      "  own INTEGER NOT NULL, context TEXT NOT NULL, left_text TEXT, right_text TEXT, trained_left INTEGER NOT NULL,"
      "  choice TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', chosen_ms INTEGER NOT NULL DEFAULT 0,"
      "  PRIMARY KEY(round, n)) STRICT, WITHOUT ROWID;" },
    /* memory.c. What is made of turns; a turn's own row says nothing of it. Ids are never used again. */
    { "what was said, to be found again",
      "CREATE TABLE memory(id INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL, seq INTEGER NOT NULL,"
      "  character TEXT NOT NULL, speaker INTEGER NOT NULL, at_ms INTEGER NOT NULL, witnesses TEXT NOT NULL,"
      "  vector BLOB, factor REAL NOT NULL DEFAULT 0, class INTEGER NOT NULL DEFAULT -1,"
      "  everyone INTEGER NOT NULL DEFAULT 0, excluded TEXT NOT NULL DEFAULT '', allowed TEXT NOT NULL DEFAULT '',"
      "  UNIQUE(conversation, seq)) STRICT;"
      "CREATE INDEX memory_unread ON memory(conversation, seq) WHERE class < 0;"
      "CREATE INDEX memory_by_character ON memory(character, id);"
      "CREATE INDEX memory_without_vector ON memory(id) WHERE vector IS NULL;"
      "CREATE TABLE memory_due(conversation TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(conversation, seq))"
      "  STRICT, WITHOUT ROWID;"
      "CREATE TABLE memory_gone(n INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL) STRICT;"
      "CREATE TRIGGER memory_of_new AFTER INSERT ON turn WHEN NEW.state >= 2 BEGIN"
      "  INSERT OR IGNORE INTO memory_due VALUES(NEW.conversation, NEW.seq); END;"
      "CREATE TRIGGER memory_of_another AFTER UPDATE OF text, state ON turn"
      "  WHEN (NEW.state >= 2 OR OLD.state >= 2) AND (NEW.text <> OLD.text OR NEW.state <> OLD.state) BEGIN"
      "  INSERT OR IGNORE INTO memory_due VALUES(NEW.conversation, NEW.seq); END;"
      "CREATE TRIGGER memory_of_none AFTER DELETE ON turn BEGIN"
      "  INSERT OR IGNORE INTO memory_due VALUES(OLD.conversation, OLD.seq); END;"
      "CREATE TRIGGER memory_of_forks AFTER DELETE ON conversation BEGIN"
      "  INSERT OR IGNORE INTO memory_due SELECT t.conversation, t.seq FROM conversation c JOIN turn t"
      "    ON t.conversation = c.id AND t.seq <= c.parent_seq WHERE c.parent = OLD.id; END;" },
    /* told.c. No ids of "memory": that is made anew, the turns are not. of_revision: of the text as it was told. */
    { "what was remembered for a reply",
      "CREATE TABLE told(conversation TEXT NOT NULL, seq INTEGER NOT NULL, variant INTEGER NOT NULL,"
      "  place INTEGER NOT NULL, of_conversation TEXT NOT NULL, of_seq INTEGER NOT NULL,"
      "  of_revision INTEGER NOT NULL, score REAL NOT NULL, PRIMARY KEY(conversation, seq, variant, place),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE,"
      "  FOREIGN KEY(of_conversation, of_seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE)"
      "  STRICT, WITHOUT ROWID;"
      "CREATE INDEX told_by_source ON told(of_conversation, of_seq);" },
    /* bring.c. part: the same for all imports that have these words. heard: who reads along from which turn on, also without a
     * word. classed: what a turn tells, as it was known where it comes from. */
    { "chats of other programs",
      "CREATE TABLE import(id TEXT PRIMARY KEY, character TEXT NOT NULL, name TEXT NOT NULL, at_ms INTEGER NOT NULL,"
      "  turns INTEGER NOT NULL, done_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE TABLE imported(conversation TEXT PRIMARY KEY REFERENCES conversation(id) ON DELETE CASCADE,"
      "  import TEXT NOT NULL, part TEXT NOT NULL, turns INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE INDEX imported_by_import ON imported(import);"
      "CREATE INDEX imported_by_part ON imported(part);"
      "CREATE TABLE heard(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,"
      "  person INTEGER NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(conversation, person)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE classed(conversation TEXT NOT NULL, seq INTEGER NOT NULL, class INTEGER NOT NULL,"
      "  everyone INTEGER NOT NULL, excluded TEXT NOT NULL, allowed TEXT NOT NULL, PRIMARY KEY(conversation, seq),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE TRIGGER classed_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text BEGIN"
      "  DELETE FROM classed WHERE conversation = NEW.conversation AND seq = NEW.seq; END;" },
    /* facts.c. "fact" is made of turns and goes with what was made of them; "fact_hand" is what a person said instead of it, by the words of
     * the fact: it outlives what is made anew, but not its turn, nor another text of it. What is remembered is looked at once more, for its
     * facts. */
    { "what is known of people",
      "CREATE TABLE fact(id INTEGER PRIMARY KEY AUTOINCREMENT, memory INTEGER NOT NULL REFERENCES memory(id) ON DELETE"
      "  CASCADE, place INTEGER NOT NULL, conversation TEXT NOT NULL, seq INTEGER NOT NULL, about TEXT NOT NULL,"
      "  whose TEXT NOT NULL, topic TEXT NOT NULL, value TEXT NOT NULL, confidence REAL NOT NULL, change INTEGER NOT"
      "  NULL, ends INTEGER NOT NULL, since_ms INTEGER NOT NULL, day_ms INTEGER NOT NULL, was_ms INTEGER NOT NULL,"
      "  UNIQUE(memory, place), FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE)"
      "  STRICT;"
      "CREATE INDEX fact_by_turn ON fact(conversation, seq);"
      "CREATE TABLE fact_hand(conversation TEXT NOT NULL, seq INTEGER NOT NULL, about TEXT NOT NULL, whose TEXT NOT"
      "  NULL, topic TEXT NOT NULL, value TEXT NOT NULL, instead TEXT NOT NULL, at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY(conversation, seq, about, whose, topic, value),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE TRIGGER fact_hand_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text BEGIN"
      "  DELETE FROM fact_hand WHERE conversation = NEW.conversation AND seq = NEW.seq; END;"
      "UPDATE memory SET class = -1;" },
    /* forget.c, pin.c, rule.c. forgot: of a message that asked for it, how many turns went with it; -1: it was not clear which. other: to whom
     * what a person told may be passed on; 0: to nobody. character "": with any. */
    { "forgetting, pins, rules",
      "ALTER TABLE turn ADD COLUMN forgot INTEGER NOT NULL DEFAULT 0;"
      "CREATE TABLE pin(conversation TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY(conversation, seq), FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE"
      "  CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE TABLE rule(id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL, character TEXT NOT NULL,"
      "  other INTEGER NOT NULL, at_ms INTEGER NOT NULL, UNIQUE(person, character, other)) STRICT;" },
    /* topics.c. "topic_part": turns of a conversation that were looked at together. "topic_line": a sentence about what somebody told, which
     * "topic_cite" says the turns of: it goes with any of them, and with another text of it; a part that has lost a turn to another text is
     * looked at once more. instead: what a person put in its place, "" when they deleted it. "topic_due": conversations in which something
     * came; at_ms: when the last of it is over (six hours), turns: how many that no part has, or more. */
    { "what was talked about",
      "CREATE TABLE IF NOT EXISTS topic_part(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,"
      "  first INTEGER NOT NULL, last INTEGER NOT NULL, made_ms INTEGER NOT NULL, PRIMARY KEY(conversation, first))"
      "  STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS topic_line(id INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL"
      "  REFERENCES conversation(id) ON DELETE CASCADE, seq INTEGER NOT NULL, character TEXT NOT NULL,"
      "  person INTEGER NOT NULL, at_ms INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, instead TEXT,"
      "  hand_ms INTEGER NOT NULL DEFAULT 0, vector BLOB, factor REAL NOT NULL DEFAULT 0) STRICT;"
      "CREATE INDEX IF NOT EXISTS topic_line_of ON topic_line(character, person, at_ms);"
      "CREATE INDEX IF NOT EXISTS topic_line_by_turn ON topic_line(conversation, seq);"
      "CREATE INDEX IF NOT EXISTS topic_line_bare ON topic_line(id) WHERE vector IS NULL;"
      "CREATE TABLE IF NOT EXISTS topic_cite(line INTEGER NOT NULL REFERENCES topic_line(id) ON DELETE CASCADE,"
      "  conversation TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(line, seq)) STRICT, WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS topic_cite_by_turn ON topic_cite(conversation, seq);"
      "CREATE TABLE IF NOT EXISTS topic_due(conversation TEXT PRIMARY KEY REFERENCES conversation(id) ON DELETE "
      "CASCADE,"
      "  at_ms INTEGER NOT NULL, turns INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE TRIGGER IF NOT EXISTS topic_of_new AFTER INSERT ON memory BEGIN"
      "  INSERT INTO topic_due VALUES(NEW.conversation, NEW.at_ms + 21600000, 1) ON CONFLICT(conversation)"
      "    DO UPDATE SET at_ms = max(at_ms, excluded.at_ms), turns = turns + 1; END;"
      "CREATE TRIGGER IF NOT EXISTS topic_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text BEGIN"
      "  DELETE FROM topic_line WHERE id IN (SELECT line FROM topic_cite WHERE conversation = NEW.conversation"
      "    AND seq = NEW.seq);"
      "  DELETE FROM topic_part WHERE conversation = NEW.conversation AND first <= NEW.seq AND last >= NEW.seq; END;"
      "CREATE TRIGGER IF NOT EXISTS topic_of_none BEFORE DELETE ON turn BEGIN"
      "  DELETE FROM topic_line WHERE id IN (SELECT line FROM topic_cite WHERE conversation = OLD.conversation"
      "    AND seq = OLD.seq);"
      "  DELETE FROM topic_part WHERE conversation = OLD.conversation AND first = OLD.seq;"
      "  UPDATE topic_part SET last = OLD.seq - 1 WHERE conversation = OLD.conversation AND first < OLD.seq"
      "    AND last >= OLD.seq; END;"
      "INSERT OR IGNORE INTO topic_due SELECT conversation, max(at_ms) + 21600000, count(*) FROM memory"
      "  GROUP BY conversation;" },
    /* document.c. Passages lie side by side: their texts, in the order of their places, are the document's. told_passage: as told, of passages. */
    { "documents given to characters",
      "CREATE TABLE document(id TEXT PRIMARY KEY, character TEXT NOT NULL, title TEXT NOT NULL, name TEXT NOT NULL,"
      "  form TEXT NOT NULL, hash TEXT NOT NULL, giver INTEGER NOT NULL, at_ms INTEGER NOT NULL, everyone INTEGER NOT"
      "  NULL, allowed TEXT NOT NULL, pages INTEGER NOT NULL, bytes INTEGER NOT NULL, passages INTEGER NOT NULL) "
      "STRICT;"
      "CREATE INDEX document_by_character ON document(character);"
      "CREATE TABLE document_section(document TEXT NOT NULL REFERENCES document(id) ON DELETE CASCADE, place INTEGER"
      "  NOT NULL, level INTEGER NOT NULL, parent INTEGER NOT NULL, page INTEGER NOT NULL, first_byte INTEGER NOT NULL,"
      "  end_byte INTEGER NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL, PRIMARY KEY(document, place))"
      "  STRICT, WITHOUT ROWID;"
      "CREATE TABLE passage(id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES document(id) ON"
      "  DELETE CASCADE, place INTEGER NOT NULL, section INTEGER NOT NULL, page INTEGER NOT NULL, first_paragraph"
      "  INTEGER NOT NULL, last_paragraph INTEGER NOT NULL, first_byte INTEGER NOT NULL, head INTEGER NOT NULL, text"
      "  TEXT NOT NULL, vector BLOB, factor REAL NOT NULL DEFAULT 0, UNIQUE(document, place)) STRICT;"
      "CREATE INDEX passage_without_vector ON passage(document, id) WHERE vector IS NULL;"
      "CREATE TABLE told_passage(conversation TEXT NOT NULL, seq INTEGER NOT NULL, variant INTEGER NOT NULL,"
      "  place INTEGER NOT NULL, passage INTEGER NOT NULL REFERENCES passage(id) ON DELETE CASCADE, score REAL NOT "
      "NULL,"
      "  PRIMARY KEY(conversation, seq, variant, place),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE INDEX told_passage_by_source ON told_passage(passage);" },
    /* working.c. "working": what a turn showed, made of it once; own: it is the character's. "working_open": promises and questions of a turn.
     * Both go with it, and with another text of it; then it is looked at once more. "working_sum": what is counted of a person's messages, by
     * triggers. "working_due": turns that nobody has looked at. Chats of other programs were not with the character. What was said before is
     * counted, no more. */
    { "what is on their minds now",
      "CREATE TABLE IF NOT EXISTS working(conversation TEXT NOT NULL, seq INTEGER NOT NULL, character TEXT NOT NULL, "
      "person INTEGER"
      "  NOT NULL, own INTEGER NOT NULL, at_ms INTEGER NOT NULL, day INTEGER NOT NULL, mood TEXT NOT NULL,"
      "  intensity REAL NOT NULL, confidence REAL NOT NULL, intent TEXT NOT NULL, intent_confidence REAL NOT NULL,"
      "  own_mood TEXT NOT NULL, own_intensity REAL NOT NULL, own_confidence REAL NOT NULL, events INTEGER NOT NULL,"
      "  topic TEXT NOT NULL, PRIMARY KEY(conversation, seq),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS working_of ON working(character, person, own, at_ms);"
      "CREATE INDEX IF NOT EXISTS working_by_day ON working(character, person, day) WHERE own = 0;"
      "CREATE TABLE IF NOT EXISTS working_open(id INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL, seq "
      "INTEGER NOT"
      "  NULL, character TEXT NOT NULL, person INTEGER NOT NULL, kind TEXT NOT NULL, own INTEGER NOT NULL,"
      "  at_ms INTEGER NOT NULL, text TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"
      "  state TEXT NOT NULL DEFAULT 'open', changed_ms INTEGER NOT NULL DEFAULT 0, hand_ms INTEGER NOT NULL DEFAULT"
      "  0, FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT;"
      "CREATE INDEX IF NOT EXISTS working_open_of ON working_open(character, person, state, at_ms);"
      "CREATE INDEX IF NOT EXISTS working_open_by_turn ON working_open(conversation, seq);"
      "CREATE TABLE IF NOT EXISTS working_hand(character TEXT NOT NULL, person INTEGER NOT NULL, part TEXT NOT NULL, "
      "value TEXT NOT"
      "  NULL, amount REAL NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(character, person, part)) STRICT, WITHOUT "
      "ROWID;"
      "CREATE TABLE IF NOT EXISTS working_sum(character TEXT NOT NULL, person INTEGER NOT NULL, exchanges INTEGER NOT "
      "NULL,"
      "  days INTEGER NOT NULL, thanks INTEGER NOT NULL, insults INTEGER NOT NULL, secrets INTEGER NOT NULL,"
      "  PRIMARY KEY(character, person)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS working_due(conversation TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY(conversation, seq),"
      "  FOREIGN KEY(conversation, seq) REFERENCES turn(conversation, seq) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS working_due_by_time ON working_due(at_ms);"
      "CREATE TRIGGER IF NOT EXISTS working_first_that_day BEFORE INSERT ON working WHEN NEW.own = 0 BEGIN"
      "  INSERT INTO working_sum VALUES(NEW.character, NEW.person, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING;"
      "  UPDATE working_sum SET days = days + (NOT EXISTS(SELECT 1 FROM working w WHERE w.character = NEW.character"
      "    AND w.person = NEW.person AND w.day = NEW.day AND w.own = 0))"
      "    WHERE character = NEW.character AND person = NEW.person AND NOT EXISTS(SELECT 1 FROM working w WHERE"
      "    w.conversation = NEW.conversation AND w.seq = NEW.seq); END;"
      "CREATE TRIGGER IF NOT EXISTS working_comes AFTER INSERT ON working WHEN NEW.own = 0 BEGIN"
      "  UPDATE working_sum SET exchanges = exchanges + 1, thanks = thanks + (NEW.events & 1),"
      "    insults = insults + ((NEW.events >> 1) & 1), secrets = secrets + ((NEW.events >> 2) & 1)"
      "    WHERE character = NEW.character AND person = NEW.person; END;"
      "CREATE TRIGGER IF NOT EXISTS working_goes AFTER DELETE ON working WHEN OLD.own = 0 BEGIN"
      "  UPDATE working_sum SET exchanges = exchanges - 1, thanks = thanks - (OLD.events & 1),"
      "    insults = insults - ((OLD.events >> 1) & 1), secrets = secrets - ((OLD.events >> 2) & 1),"
      "    days = days - (NOT EXISTS(SELECT 1 FROM working w WHERE w.character = OLD.character"
      "    AND w.person = OLD.person AND w.day = OLD.day AND w.own = 0))"
      "    WHERE character = OLD.character AND person = OLD.person; END;"
      "CREATE TRIGGER IF NOT EXISTS working_of_new AFTER INSERT ON memory WHEN NOT EXISTS(SELECT 1 FROM working w WHERE"
      "  w.conversation = NEW.conversation AND w.seq = NEW.seq) AND NOT EXISTS(SELECT 1 FROM imported i WHERE"
      "  i.conversation = NEW.conversation AND i.turns >= NEW.seq) BEGIN"
      "  INSERT OR IGNORE INTO working_due SELECT conversation, seq, NEW.at_ms FROM turn WHERE conversation ="
      "    NEW.conversation AND seq = NEW.seq; END;"
      "CREATE TRIGGER IF NOT EXISTS working_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text BEGIN"
      "  DELETE FROM working WHERE conversation = NEW.conversation AND seq = NEW.seq;"
      "  DELETE FROM working_open WHERE conversation = NEW.conversation AND seq = NEW.seq;"
      "  DELETE FROM working_due WHERE conversation = NEW.conversation AND seq = NEW.seq; END;"
      "INSERT OR IGNORE INTO working SELECT m.conversation, m.seq, m.character, m.speaker, 0, m.at_ms, m.at_ms / "
      "86400000, '', 0,"
      "  0, '', 0, '', 0, 0, iif(m.class = 2, 4, 0), '' FROM memory m JOIN turn t ON t.conversation = m.conversation"
      "  AND t.seq = m.seq WHERE m.speaker > 0 AND NOT EXISTS(SELECT 1 FROM imported i WHERE i.conversation ="
      "  m.conversation AND i.turns >= m.seq);" },
    /* A plan is of two turns: it stands with the answer, in "working_open", and goes with the proposal in front of that, too; then the answer is
     * looked at once more. */
    { "what was decided together",
      "CREATE TRIGGER IF NOT EXISTS working_plan_of_another AFTER UPDATE OF text ON turn WHEN NEW.text <> OLD.text AND "
      "EXISTS("
      "  SELECT 1 FROM working_open WHERE conversation = NEW.conversation AND seq = NEW.seq + 1 AND kind = 'plan') "
      "BEGIN"
      "  DELETE FROM working WHERE conversation = NEW.conversation AND seq = NEW.seq + 1;"
      "  DELETE FROM working_open WHERE conversation = NEW.conversation AND seq = NEW.seq + 1;"
      "  INSERT OR IGNORE INTO working_due SELECT conversation, seq, created_ms FROM turn WHERE conversation ="
      "    NEW.conversation AND seq = NEW.seq + 1; END;"
      "CREATE TRIGGER IF NOT EXISTS working_plan_goes AFTER DELETE ON turn BEGIN"
      "  DELETE FROM working_open WHERE conversation = OLD.conversation AND seq = OLD.seq + 1 AND kind = 'plan'; "
      "END;" },
    /* changed_ms is the time of the turn that closed it; by hand it is hand_ms. */
    { "what a turn closed is open again without it",
      "CREATE TRIGGER IF NOT EXISTS working_closed_by AFTER DELETE ON working BEGIN"
      "  UPDATE working_open SET state = 'open', changed_ms = 0 WHERE character = OLD.character AND person ="
      "    OLD.person AND state <> 'open' AND changed_ms = OLD.at_ms AND hand_ms <> changed_ms; END;" },
};
#define N_STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

int schema_version(void) { return N_STEPS; }

static int pragma(sqlite3 *db, const char *sql, int *out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        *out = sqlite3_column_int(s, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    return rc;
}

static int take_step(sqlite3 *db, int i)
{
    char version[120];
    snprintf(version, sizeof(version), "PRAGMA user_version=%d; PRAGMA application_id=%d; COMMIT", i + 1,
             STORE_APPLICATION_ID);
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, steps[i].sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, version, NULL, NULL, NULL);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int schema_migrate(sqlite3 *db, const char *path, anima_error *err)
{
    int version = 0, application = 0, tables = 0;
    int rc = pragma(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = pragma(db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = pragma(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (rc != SQLITE_OK)
        return store_error(db, rc, path, err);
    if (tables && application != STORE_APPLICATION_ID)
        return err_set(err, ANIMA_E_INVALID, "%s is a database of another program; give anima a home of its own", path);
    if (version > N_STEPS)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "%s was written by a newer anima (format %d; this one knows %d): install that one", path,
                       version, N_STEPS);
    if (version < N_STEPS && sqlite3_db_readonly(db, "main") == 1)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "%s has the older format %d; open it once with `anima serve` to bring it up to date", path,
                       version);
    for (int i = version; i < N_STEPS; i++) {
        rc = take_step(db, i);
        if (rc != SQLITE_OK)
            return store_error(db, rc, path, err);
        log_info("store", "format %d: %s", i + 1, steps[i].what);
    }
    return ANIMA_OK;
}
