/* memory_topics.c — `anima memory topics PERSON`: what a character and a person talked about, each sentence with the turns it is from. Opens
 * the home for looking only, beside a running daemon. */
#include "base/err.h"
#include "cli/conversations.h"
#include "cli/memory.h"
#include "server/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int put_topic(void *ctx, const anima_topic *topic)
{
    view_topic(ctx, NULL, topic);
    return 0;
}

/* Ann's sister lives in York.  2026-01-31 14:02 (, until …), and the turns that it is from. */
static void print_topic(const struct cli *cli, yyjson_val *topic)
{
    char from[32], until[32];
    size_t i, max;
    yyjson_val *source;
    const char *text = json_str(topic, "text", "");
    bool holds = yyjson_is_true(yyjson_obj_get(topic, "holds"));
    printf("%s%s", holds ? "" : "  before: ", holds ? cli_bold(cli) : cli_dim(cli));
    cli_put(text, strlen(text));
    printf("%s  %s%s", cli_plain(cli), cli_dim(cli),
           conversations_when(json_int(topic, "from_ms", 0), from, sizeof(from)));
    if (!holds)
        printf(", until %s", conversations_when(json_int(topic, "until_ms", 0), until, sizeof(until)));
    printf("%s%s\n", yyjson_is_true(yyjson_obj_get(topic, "by_hand")) ? ", corrected by hand" : "", cli_plain(cli));
    yyjson_arr_foreach (yyjson_obj_get(topic, "sources"), i, max, source)
        memory_print(cli, source);
}

static int show(const struct cli *cli, const struct memory_list *how, const char *json, size_t n)
{
    size_t i, max;
    yyjson_val *one;
    if (cli->json)
        return puts(json) >= 0 ? CLI_OK : CLI_FAILED;
    yyjson_doc *doc = yyjson_read(json, n, 0);
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), how->name);
    yyjson_arr_foreach (list, i, max, one)
        how->print(cli, one);
    if (!yyjson_arr_size(list))
        puts(how->nothing);
    yyjson_doc_free(doc);
    return list ? CLI_OK : CLI_FAILED;
}

int memory_list(struct cli *cli, const struct memory_list *list)
{
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    anima_error err;
    struct buf out;
    struct jw w;
    buf_init(&out, list->most);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    jw_arr(&w, list->name);
    int rc = anima_home_open(&how, &home, &err);
    bool unused = rc == ANIMA_E_NOT_FOUND; /* a home that nobody has used yet */
    if (!rc)
        rc = list->what(home, cli, &w, &err);
    jw_end_arr(&w);
    jw_end_obj(&w);
    anima_home_close(home);
    int status = rc && !unused ? cli_error(cli, &err) : show(cli, list, buf_str(&out), out.len);
    buf_finish(&out);
    return status;
}

static int list_topics(anima_home *home, const struct cli *cli, struct jw *w, anima_error *err)
{
    const char *character = cli_value(cli, "character");
    return anima_topic_list(home, character ? character : "lin", cli->words[1], put_topic, w, err);
}

int memory_topics(struct cli *cli)
{
    static const struct memory_list topics = { "topics", "Nothing is noted of what they talked about.", 16u << 20,
                                               list_topics, print_topic };
    return cli->n_words < 2 ? cli_usage(cli, "`memory topics` takes a person's name") : memory_list(cli, &topics);
}
