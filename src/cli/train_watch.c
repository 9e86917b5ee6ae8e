#include "cli/train.h"

#include "base/err.h"
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVERY_US 300000

static void time_text(double seconds, char *out, size_t size)
{
    if (seconds < 0)
        seconds = 0;
    if (seconds < 100)
        snprintf(out, size, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(out, size, "%.0f min", seconds / 60);
    else
        snprintf(out, size, "%.1f h", seconds / 3600);
}

/* "step 12 of 300, loss 1.83 (held back 1.95), 54 tokens/s, 41 min left" */
static void describe(yyjson_val *t, char *out, size_t size)
{
    char held[48] = "", left[48] = "", time[24];
    double seconds = json_num(t, "seconds_left", 0), loss = json_num(t, "held_loss", 0);
    if (loss > 0)
        snprintf(held, sizeof(held), " (held back %.2f)", loss);
    if (seconds > 0) {
        time_text(seconds, time, sizeof(time));
        snprintf(left, sizeof(left), ", %s left at most", time);
    }
    snprintf(out, size, "step %d of %d, loss %.2f%s, %.0f tokens/s%s", (int)json_int(t, "step", 0),
             (int)json_int(t, "steps", 0), json_num(t, "loss", 0), held, json_num(t, "tokens_per_s", 0), left);
}

static void show(struct progress *p, yyjson_val *t)
{
    const char *state = json_str(t, "state", "");
    char text[200];
    double share = 0;
    int64_t steps = json_int(t, "steps", 0);
    if (strcmp(state, "training") == 0) {
        share = steps > 0 ? (double)json_int(t, "step", 0) / (double)steps : 0;
        describe(t, text, sizeof(text));
    } else if (strcmp(state, "loading") == 0) {
        share = json_num(t, "progress", 0);
        snprintf(text, sizeof(text), "%s is being loaded", json_str(t, "model", ""));
    } else {
        snprintf(text, sizeof(text), "%s", strcmp(state, "preparing") == 0 ? "reading texts" : state);
    }
    progress_line(p, share, text);
}

bool train_is_over(const char *state)
{
    static const char *const over[] = { "none", "prepared", "done", "stopped", "failed" };
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
        if (strcmp(state, over[i]) == 0)
            return true;
    return false;
}

static void keep_end(struct train_end *out, yyjson_doc *doc, yyjson_val *t)
{
    yyjson_val *error = yyjson_obj_get(t, "error");
    snprintf(out->state, sizeof(out->state), "%s", json_str(t, "state", ""));
    snprintf(out->message, sizeof(out->message), "%s", json_str(error, "message", ""));
    snprintf(out->adapter, sizeof(out->adapter), "%s", json_str(t, "adapter", ""));
    out->code = error && !yyjson_is_null(error) ? err_code(json_str(error, "code", "engine")) : ANIMA_OK;
    yyjson_doc_free(out->last);
    out->last = doc;
}

int train_watch(const struct cli *cli, struct client *client, const char *character, bool report, struct train_end *out,
                anima_error *err)
{
    struct progress p;
    char path[120];
    int rc = ANIMA_OK;
    *out = (struct train_end){ .code = ANIMA_OK };
    snprintf(path, sizeof(path), "/characters/%.64s/training", character);
    progress_begin(&p, character);
    while (!rc) {
        yyjson_doc *doc;
        rc = client_call(client, "GET", path, NULL, &doc, err);
        if (rc)
            break;
        yyjson_val *t = yyjson_obj_get(yyjson_doc_get_root(doc), "training");
        keep_end(out, doc, t);
        if (report && strcmp(out->state, "preparing") != 0) {
            progress_end(&p);
            report = false;
            if (!out->code)
                train_print_report(cli, character);
            fflush(stdout);
        }
        if (train_is_over(out->state))
            break;
        show(&p, t);
        if (progress_interrupted())
            rc = err_set(err, ANIMA_E_CANCELLED, "it goes on in the background");
        else
            usleep(EVERY_US);
    }
    progress_end(&p);
    return rc;
}

void train_print_state(const struct cli *cli, yyjson_val *t)
{
    const char *state = json_str(t, "state", "none");
    char text[200], time[24];
    describe(t, text, sizeof(text));
    time_text(json_num(t, "seconds", 0), time, sizeof(time));
    if (strcmp(state, "none") == 0) {
        printf("%s was not trained in this home\n", json_str(t, "character", ""));
        return;
    }
    printf("%s%s%s: %s", cli_bold(cli), json_str(t, "character", ""), cli_plain(cli), state);
    if (json_int(t, "steps", 0) > 0)
        printf(", %s; %s of computing", text, time);
    printf("\n");
    const char *message = json_str(yyjson_obj_get(t, "error"), "message", "");
    if (*message)
        printf("%s\n", message);
}
