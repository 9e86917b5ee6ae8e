/* adapters.h — what was trained into weights for a character (docs/training.md): LoRA adapters beside its texts, and which of them
 * its replies are computed with.
 *
 * characters/ID/adapters/NAME.gguf, with NAME.json beside it: {"model", "model_sha256", "sha256", "scale", "made_ms", …}, as
 * training.c writes it; those of the home win over those that come with anima. An adapter is for one file of a model, told by
 * its hash. Engines read adapters from one folder of the home, where the one in use lies under the hash of its content.
 * Nothing is remembered of the folders: they are looked at whenever it matters, so what is put there counts at once.
 * Loop thread. */
#ifndef AGENT_ADAPTERS_H
#define AGENT_ADAPTERS_H
#include "agent/character.h"

#define ADAPTER_NAME 65
#define ADAPTER_FILE 48 /* of a file in the engines' folder */

struct adapter_use {
    bool any, on, own;
    char name[ADAPTER_NAME], model[96];
    char file[ADAPTER_FILE]; /* on: its name in the engines' folder */
    char sha256[65];         /* as its JSON says; on: it is true */
    double scale;
    char why[300]; /* any, but not on: why not */
};

struct adapters;
int adapters_open(anima_home *home, struct adapters **out, anima_error *err);
void adapters_free(struct adapters *adapters);
/* What replies of a character by a model (its name) are computed with. */
void adapters_choose(anima_home *home, const struct character *who, const char *model, struct adapter_use *out);
/* Whether of a persona only the sentence goes into the prompt that the adapter was trained with (persona_short): one is in use, and the
 * setting adapter.persona does not want it whole. */
bool adapters_brief(const anima_home *home, const struct adapter_use *use);
/* The hash of a file: ANIMA_OK and its sha256 in hex, or why it cannot be had. ANIMA_E_BUSY: it is large, and computed now on another
 * thread; the characters are told of as changed when it is known. */
int adapters_hash(anima_home *home, const char *path, char out[65], anima_error *err);
/* The same of a model, by its name. ANIMA_E_NOT_FOUND: no such model, or its file is not here; ANIMA_E_UNSUPPORTED: a remote one. */
int adapters_model_hash(anima_home *home, const char *model, char out[65], anima_error *err);
/* How a file of this content is called in the engines' folder. */
void adapters_file_name(const char sha256[65], char out[ADAPTER_FILE]);
/* letters, digits, '.', '-', '_', not hidden, 1..64 bytes */
bool adapters_name_ok(const char *name);
#endif
