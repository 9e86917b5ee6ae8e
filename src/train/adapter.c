#include "train/adapter.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ggml.h>
#include <gguf.h>

static void put_head(struct gguf_context *file, const struct train_model *model, const struct train_shape *shape,
                     const struct adapter_note *notes)
{
    gguf_set_val_str(file, "general.type", "adapter");
    gguf_set_val_str(file, "general.architecture", model->architecture);
    gguf_set_val_str(file, "adapter.type", "lora");
    gguf_set_val_f32(file, "adapter.lora.alpha", shape->alpha);
    for (; notes && notes->key; notes++) {
        char key[128];
        snprintf(key, sizeof(key), "anima.%s", notes->key);
        gguf_set_val_str(file, key, notes->value);
    }
}

/* What was written is all there, and on the disk: ggml looks at neither. */
static bool settled(const char *path, size_t bytes)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0 && fstat(fd, &st) == 0 && (size_t)st.st_size >= bytes;
    if (fd >= 0)
        close(fd);
    return good;
}

/* Bytes of its numbers. */
static size_t put_param(struct gguf_context *file, struct ggml_context *tensors, const struct train_param *p,
                        enum adapter_type type)
{
    bool quantised = type == ADAPTER_Q8_0 && p->columns % 32 == 0;
    enum ggml_type as = quantised ? GGML_TYPE_Q8_0 : GGML_TYPE_F16;
    struct ggml_tensor *t = ggml_new_tensor_2d(tensors, as, p->columns, p->rows);
    ggml_set_name(t, p->name);
    ggml_quantize_chunk(as, p->value, t->data, 0, p->rows, p->columns, NULL);
    gguf_add_tensor(file, t);
    return ggml_nbytes(t);
}

int adapter_write(const char *path, const struct train_model *model, const struct train_shape *shape,
                  const struct train_param *params, int n, enum adapter_type type, const struct adapter_note *notes,
                  anima_error *err)
{
    size_t bytes = 0;
    char beside[4096];
    for (int i = 0; i < n; i++)
        bytes += (size_t)params[i].columns * (size_t)params[i].rows * 2 + ggml_tensor_overhead() + 64;
    struct ggml_init_params memory = { bytes, NULL, false };
    struct ggml_context *tensors = ggml_init(memory);
    struct gguf_context *file = gguf_init_empty();
    int rc = tensors && file ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the adapter");
    snprintf(beside, sizeof(beside), "%s.part", path);
    if (!rc) {
        put_head(file, model, shape, notes);
        size_t whole = 0;
        for (int i = 0; i < n; i++)
            whole += put_param(file, tensors, &params[i], type);
        whole += gguf_get_meta_size(file);
        errno = 0;
        if (!gguf_write_to_file(file, beside, false) || !settled(beside, whole) || rename(beside, path)) {
            rc = err_errno(err, errno ? errno : EIO, "cannot write the adapter %s", path);
            unlink(beside);
        }
    }
    gguf_free(file);
    ggml_free(tensors);
    return rc;
}
