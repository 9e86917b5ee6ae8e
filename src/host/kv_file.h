/* kv_file.h — pieces of a stream's KV cache as files, one piece a file. They are a cache: what is written here can be
 * computed again, so nothing is fsynced (a torn file fails its checks and is computed again), and every failure to write
 * only costs time.
 *
 * Name:    IDENTITY.STREAM.SERIAL.kv    identity: 16 hex digits, of model and cache type; stream: the stream's
 *          name (letters, digits, - and _); serial: counts up within a stream, so that a later piece overrides what an
 *          earlier one says of the same positions.
 * Content, little-endian:  "ANIMAKV2" | u64 identity | u64 adapter | u64 before | u64 data_hash | u64 data_bytes | u32 p0 | u32 p1 |
 *          i32 tokens[p1 - p0] | u64 head_hash | data
 *          adapter: of the LoRA adapter and its scale, 0: none; before: XXH3 of the tokens in front of p0, without which the data means nothing; head_hash: of all in front of
 *          it. The data is what llama_state_seq_get_data gave for the positions p0 .. p1-1.
 * A file is believed as far as all of this is as expected: the name is one of ours to the letter, the head is whole and of this
 * identity, and, when data is read, its tokens are those of the stream. So files that another engine has
 * written meanwhile, or somebody has renamed, are none.
 * Written under another name and renamed. A fork shares pieces by hard links: what is deleted under one name lives on
 * under the other, and with the last name its bytes are gone. One thread. */
#ifndef HOST_KV_FILE_H
#define HOST_KV_FILE_H
#include "anima/anima.h"

#include <stddef.h>
#include <stdint.h>

#define KV_NAME_MAX 64 /* of a stream, with the NUL */
#define KV_FILE_MAX_TOKENS (1 << 20)
#define KV_FILE_MAX_DATA (4ull << 30) /* bytes of one piece; a larger one is not written */

struct kv_piece {
    char stream[KV_NAME_MAX];
    uint32_t serial;
    int p0, p1;
    uint64_t adapter, before;
    int32_t *tokens; /* of p0 .. p1-1; yours to mem_free */
    size_t bytes;    /* of data */
};

struct kv_folder {
    int fd; /* -1: none */
    uint64_t identity;
};

/* Opens the folder; path "" gives none. ANIMA_E_IO if it cannot be opened. */
int kv_folder_open(const char *path, uint64_t identity, struct kv_folder *out, anima_error *err);
void kv_folder_close(struct kv_folder *f);
/* Hash of n tokens, for before. */
uint64_t kv_tokens_hash(const int32_t *tokens, size_t n);

/* Writes one piece with its data. */
int kv_piece_write(const struct kv_folder *f, const struct kv_piece *piece, const void *data, anima_error *err);
/* Gives the piece another stream's name and serial as well. */
int kv_piece_link(const struct kv_folder *f, const char *from, uint32_t serial, const char *to, uint32_t as,
                  anima_error *err);
void kv_piece_remove(const struct kv_folder *f, const char *stream, uint32_t serial);
/* The data of a piece (its bytes member is not looked at), checked against its hash: *bytes of it, behind `in_front` bytes that
 * are left free for the caller's own use, in one block that is yours to mem_free. ANIMA_E_INVALID if it is damaged, or if
 * the file holds something else than positions, adapter and tokens of the piece. */
int kv_piece_read(const struct kv_folder *f, const struct kv_piece *piece, size_t in_front, void **block, size_t *bytes,
                  anima_error *err);
/* The heads of all pieces of this identity that are whole, by stream and serial; damaged ones are removed, and the log says
 * so; what was never finished is removed, too. *out (n of them) is yours, each with its tokens. */
int kv_piece_list(const struct kv_folder *f, struct kv_piece **out, size_t *n, anima_error *err);
/* Removes the files that were not used longest until the folder holds at most `most` bytes; returns how many it holds. */
uint64_t kv_folder_trim(const struct kv_folder *f, uint64_t most);
/* Marks the pieces of a stream as used now. */
void kv_piece_touch(const struct kv_folder *f, const char *stream, uint32_t serial);
#endif
