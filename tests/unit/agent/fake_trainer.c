/* fake_trainer — stands where anima-engine stands, for test_training.c: it trains nothing, but speaks as the driver train_lora does. What
 * it does is the first line of the lessons, {"messages": [{"role", "content"}]}: the content is JSON with
 *   steps      so many, one every 5 ms (default 6)
 *   die_at     it is killed behind that step, the first time; die_always: every time
 *   die_load   it is killed while it loads, every time
 *   failed     it says that it cannot start, with these words
 *   trouble    behind the first step it says that it cannot go on, with these words
 *   die_last   it is killed when the adapter is written, before it says so, the first time
 * adapter.enough ends it before its last step. Its checkpoint is the number of the step. */
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/frame.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[400];
static yyjson_val *plan;

static void put(const void *data, size_t n)
{
    while (n) {
        ssize_t k = write(3, data, n);
        if (k <= 0)
            _exit(0);
        data = (const char *)data + k;
        n -= (size_t)k;
    }
}

static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *fmt, ...)
{
    char head[2048];
    unsigned char prefix[FRAME_PREFIX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(head, sizeof(head), fmt, ap);
    va_end(ap);
    frame_prefix(prefix, (size_t)n, 0, NULL);
    put(prefix, sizeof(prefix));
    put(head, (size_t)n);
}

static void write_in(const char *name, const char *text)
{
    char *file = fs_join(folder, name, (char *)NULL);
    if (fs_write(file, text, strlen(text), 0600, NULL))
        abort();
    mem_free(file);
}

static bool is_there(const char *name)
{
    char *file = fs_join(folder, name, (char *)NULL);
    bool there = fs_exists(file);
    mem_free(file);
    return there;
}

static int read_checkpoint(void)
{
    char *file = fs_join(folder, "adapter.checkpoint", (char *)NULL), *text = NULL;
    int step = fs_read(file, 100, &text, NULL, NULL) ? 0 : atoi(text);
    mem_free(text);
    mem_free(file);
    return step;
}

static void keep(int step)
{
    char text[24];
    snprintf(text, sizeof(text), "%d", step);
    write_in("adapter.checkpoint", text);
}

/* Only the first time, if it is to be once. */
static void die(const char *once)
{
    if (once && is_there(once))
        return;
    if (once)
        write_in(once, "x");
    raise(SIGKILL);
}

/* True: "stop" came, or anima is gone. */
static bool stopped(int ms)
{
    char data[4096];
    struct pollfd p = { .fd = 3, .events = POLLIN };
    return poll(&p, 1, ms) > 0 && read(3, data, sizeof(data)) >= 0;
}

static void trained(int step, int steps, bool over)
{
    tell("{\"type\":\"trained\",\"state\":{\"step\":%d,\"steps\":%d,\"epoch\":%g,\"loss\":%g,\"held_loss\":%g,\"best_"
         "loss\":1,"
         "\"best_step\":1,\"rate\":0.001,\"gradient\":2,\"tokens\":%d,\"tokens_per_s\":50,\"over\":%s,\"adapter\":\"%"
         "s\"}}",
         step, steps, step / 2.0, 3.0 / step, 3.5 / step, step * 10, over ? "true" : "false", over ? "there" : "");
}

/* It was told to end here with what it has. */
static bool enough(void)
{
    char *file = fs_join(folder, "adapter.enough", (char *)NULL);
    bool there = fs_exists(file);
    unlink(file);
    mem_free(file);
    return there;
}

static void train(void)
{
    int steps = (int)json_int(plan, "steps", 6), from = read_checkpoint();
    if (json_bool(plan, "die_load", false))
        die(NULL);
    if (*json_str(plan, "failed", "")) {
        tell("{\"type\":\"failed\",\"code\":\"model\",\"message\":\"%s\"}", json_str(plan, "failed", ""));
        exit(1);
    }
    tell("{\"type\":\"ready\",\"protocol\":1,\"driver\":\"train_lora\",\"slots\":1,\"examples\":7,\"left_out\":1,"
         "\"steps\":%d,"
         "\"resumed_at\":%d}",
         steps, from);
    int step = from;
    while (step < steps && !enough()) {
        step++;
        if (stopped(5)) {
            keep(step - 1);
            exit(0);
        }
        trained(step, steps, false);
        keep(step);
        if (step == json_int(plan, "die_at", 0))
            die("died");
        if (step == json_int(plan, "die_always", 0))
            die(NULL);
        if (*json_str(plan, "trouble", ""))
            tell("{\"type\":\"error\",\"id\":0,\"code\":\"disk_full\",\"message\":\"%s\"}",
                 json_str(plan, "trouble", ""));
    }
    write_in("adapter.gguf", "weights");
    char *file = fs_join(folder, "adapter.checkpoint", (char *)NULL);
    unlink(file);
    mem_free(file);
    if (json_bool(plan, "die_last", false))
        die("died");
    trained(step, steps, true);
    stopped(10000);
}

static yyjson_val *read_plan(const char *file)
{
    char *text;
    size_t n;
    if (fs_read(file, 1 << 20, &text, &n, NULL))
        return NULL;
    yyjson_val *line = yyjson_doc_get_root(yyjson_read(text, strcspn(text, "\n"), 0));
    const char *content = json_str(yyjson_arr_get_first(yyjson_obj_get(line, "messages")), "content", "{}");
    return yyjson_doc_get_root(yyjson_read(content, strlen(content), 0));
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--options") == 0) {
            yyjson_val *options = yyjson_doc_get_root(yyjson_read(argv[i + 1], strlen(argv[i + 1]), 0));
            snprintf(folder, sizeof(folder), "%s", json_str(options, "folder", ""));
            write_in("options.json", argv[i + 1]);
            plan = read_plan(json_str(options, "data", ""));
        }
    if (!plan)
        return 1;
    train();
    return 0;
}
