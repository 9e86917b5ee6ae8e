/* bench_persona.c — how much of a character is in the weights? The model with the character's adapter and no system prompt, beside
 * the model that is told who it is, and the model alone. Each part is a file of its own: persona_*.c. */
#include "cli/bench_persona.h"

#include "agent/home.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MEMORY (256u << 20)
#define MOST 100000 /* of a part and language, if nothing else is said */
#define REPLY_TOKENS 80
#define SEED 1

static const struct part {
    const char *name;
    int (*run)(struct persona_bench *b, anima_error *err);
} parts[] = {
    { "identity", persona_identity }, { "style", persona_style },         { "facts", persona_facts },
    { "skills", persona_skills },     { "coherence", persona_coherence }, { "manners", persona_manners },
    { "prompt", persona_saved },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

int persona_keep(struct persona_bench *b, yyjson_val *line, yyjson_val **out, anima_error *err)
{
    size_t n;
    char *text = yyjson_val_write(line, 0, &n);
    yyjson_doc *copy = text ? yyjson_read(text, n, 0) : NULL;
    yyjson_doc **grown = copy ? mem_grow(b->docs, b->n_docs, &b->max_docs, sizeof(*grown)) : NULL;
    free(text);
    if (!grown) {
        yyjson_doc_free(copy);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a line");
    }
    b->docs = grown;
    b->docs[b->n_docs++] = copy;
    *out = yyjson_doc_get_root(copy);
    return ANIMA_OK;
}

void persona_add(struct persona_bench *b, const char *key, const char *unit, const char *against, double value,
                 double goal, bool at_least)
{
    bench_add(b->report, (struct bench_result){ key, unit, against, value, goal, at_least, 0, 0 });
}

void persona_show(const struct persona_bench *b, const char *verdict, const char *asked, const char *reply)
{
    if (!*verdict && !b->show)
        return;
    fprintf(stderr, "%-10s %s: %s → ", *verdict ? verdict : "good", b->who->pub.id, asked);
    for (; *reply; reply++)
        fputc(*reply == '\n' ? ' ' : *reply, stderr);
    fputc('\n', stderr);
}

static int read_options(struct cli *cli, struct persona_bench *b)
{
    static const char *known[PARTS + 1];
    const char *scale = cli_value(cli, "scale"), *limit = cli_value(cli, "n"), *names = cli_value(cli, "parts");
    for (size_t i = 0; i < PARTS; i++)
        known[i] = parts[i].name;
    if (names && !bench_all_known(names, known))
        return cli_usage(cli, "--parts takes identity, style, facts, skills, coherence, manners, prompt, with commas "
                              "between them");
    b->room.adapter = cli_value(cli, "adapter");
    b->bare = cli_value(cli, "bare");
    if (b->room.adapter && b->bare)
        return cli_usage(cli, "--bare leaves the adapter out: it goes with no --adapter");
    b->scale = scale ? atof(scale) : ANIMA_UNSET;
    b->most = limit && atoi(limit) > 0 ? atoi(limit) : MOST;
    b->probes = cli_value(cli, "probes");
    b->system = cli_value(cli, "system");
    b->show = cli_value(cli, "show");
    return CLI_OK;
}

/* The one that fits among the character's own. */
static int choose_adapter(struct persona_bench *b, anima_error *err)
{
    const char *model = anima_home_setting(b->room.home, "model.default");
    struct adapter_use use;
    char sha256[65];
    int rc;
    while ((rc = adapters_model_hash(b->room.home, model, sha256, err)) == ANIMA_E_BUSY)
        anima_home_step(b->room.home, 50);
    if (rc)
        return rc;
    adapters_choose(b->room.home, b->who, model, &use);
    if (!use.on)
        return err_set(
            err, ANIMA_E_NOT_FOUND,
            "%s has no adapter to measure%s%s: train one (`anima train %s`), give its file with --adapter, or "
            "measure the model alone with --bare",
            b->who->pub.id, *use.why ? ", because " : "", use.why, b->who->pub.id);
    snprintf(b->adapter, sizeof(b->adapter), "%s", use.file);
    b->scale = b->scale == ANIMA_UNSET ? use.scale : b->scale;
    snprintf(b->name, sizeof(b->name), "%s", use.name);
    return ANIMA_OK;
}

/* What is measured stands in the report beside the model. */
static int find_adapter(struct persona_bench *b, anima_error *err)
{
    const char *slash = b->room.adapter ? strrchr(b->room.adapter, '/') : NULL;
    size_t n = strlen(b->report->model);
    int rc = b->room.adapter || b->bare ? ANIMA_OK : choose_adapter(b, err);
    if (b->room.adapter) {
        snprintf(b->adapter, sizeof(b->adapter), "%s", BENCH_ADAPTER);
        snprintf(b->name, sizeof(b->name), "%s", slash ? slash + 1 : b->room.adapter);
    }
    b->scale = b->scale == ANIMA_UNSET ? 1 : b->scale;
    if (*b->adapter)
        snprintf(b->report->model + n, sizeof(b->report->model) - n, ", adapter %s x %g", b->name, b->scale);
    return rc;
}

/* The likeliest words, unless --sampled: then as the character speaks, by one seed. */
static void read_sampling(struct cli *cli, struct persona_bench *b)
{
    anima_sampling_default(&b->sampling);
    if (cli_value(cli, "sampled"))
        b->sampling = b->who->sampling;
    else
        b->sampling.temperature = 0;
    b->sampling.seed = SEED;
    b->sampling.max_tokens = REPLY_TOKENS;
}

static int run_parts(struct cli *cli, struct persona_bench *b, anima_error *err)
{
    const char *names = cli_value(cli, "parts");
    int rc = ANIMA_OK;
    for (size_t i = 0; i < PARTS && !rc; i++)
        if (!names || bench_named(names, parts[i].name))
            rc = parts[i].run(b, err);
    return rc;
}

static int run(struct cli *cli, struct bench_report *report)
{
    struct persona_bench b = { .report = report };
    anima_error err;
    int status = read_options(cli, &b);
    if (!status)
        status = bench_room_open(cli, &b.room, report);
    if (status)
        return status;
    arena_init(&b.arena, MAX_MEMORY);
    report->command = "anima bench persona";
    int rc = bench_room_character(cli, &b.room, "lin", report, &b.who, &err);
    if (!rc)
        rc = find_adapter(&b, &err);
    if (!rc) {
        read_sampling(cli, &b);
        rc = run_parts(cli, &b, &err);
    }
    for (size_t i = 0; i < b.n_docs; i++)
        yyjson_doc_free(b.docs[i]);
    mem_free(b.docs);
    mem_free(b.contexts);
    arena_finish(&b.arena);
    bench_room_close(&b.room);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_persona = { "persona", "how much of a character is in the weights? (--adapter FILE)", run };
