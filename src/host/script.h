/* script.h — the written replies of driver_script.c, parsed. The format stands at the head of that file. */
#ifndef HOST_SCRIPT_H
#define HOST_SCRIPT_H
#include "anima/anima.h"
#include "host/script_memory.h"

#define SCRIPT_MAX (1u << 20)

struct script_entry {
    char *match, *say; /* match NULL: any message */
    char *stream;      /* NULL, or: only of streams whose names end so */
    char *means;       /* NULL, or: it is no reply, but what texts with match mean */
    int first_ms, delay_ms;
    int die, die_once, garbage, hang; /* -1: never */
    int error_code;                   /* 0: none */
    char *error;
    double logprob;
};

struct script {
    int slots, context, loading_ms, fail_code;
    char *fail_message;
    struct script_entry *entries;
    size_t n_entries;
};

int script_parse(const char *text, size_t n, struct script **out, anima_error *err);
void script_free(struct script *script);
/* The entry that answers a message of a stream ("": of none). */
const struct script_entry *script_find(const struct script *script, const char *message, const char *stream);
/* The entry that says what a text means; NULL: there is none. */
const struct script_entry *script_meaning(const struct script *script, const char *text);
/* What an entry says, placeholders filled in, to a request of so many tokens; what it has read (memory, NULL: nothing) is as
 * before it. Yours to mem_free; NULL: no memory. */
char *script_say(const struct script_entry *entry, const struct request *request, int prompt_tokens,
                 const struct script_memory *memory);
/* Bytes of the next token of text: a word with the spaces before it, or one Chinese character. */
size_t script_token(const char *text);
int script_tokens(const char *text);
#endif
