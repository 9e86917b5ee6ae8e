/* train_data.h — what is learnt from, as a file: a JSON object a line, {"messages": [{"role", "content"}, …]}; what the assistant
 * says is learnt. Any thread. */
#ifndef HOST_TRAIN_DATA_H
#define HOST_TRAIN_DATA_H
#include "train/pack.h"

struct llama_model;

#define TRAIN_DATA_MAX (256u << 20) /* bytes of the file */
#define TRAIN_DATA_MESSAGES 65      /* of one conversation: as many as a corpus takes, and a persona in front */

/* The examples of the file as tokens of that model (its vocabulary is enough): *n of them, train_data_free, whatever is
 * returned. A conversation that is too long for a batch of that shape is cut between exchanges into windows, each with the system's message
 * and the last exchange of the one before: *windows is how many cuts were made. The message of an error says which line. */
int train_data_read(const char *path, const struct llama_model *model, const struct train_shape *shape,
                    struct train_example **out, int *n, int *windows, anima_error *err);
void train_data_free(struct train_example *examples, int n);
#endif
