/* kv_slice.h — the cells of the positions below a place, out of what llama_state_seq_get_data gave for one sequence
 * (llama.cpp v0.5.0):
 *   u32 magic | i32 sequence | u32 streams = 1 | u32 cells | cells x (i32 pos, u32 ids = 1, i32 id) | u32 v_trans = 0 | u32 layers |
 *   layers x (i32 type, u64 row bytes, cells rows) for K, the same for V
 * Whatever does not add up to exactly these bytes is not sliced. Pure. */
#ifndef HOST_KV_SLICE_H
#define HOST_KV_SLICE_H
#include <stddef.h>

/* *out_bytes of the cells with positions < p1; yours to mem_free. NULL: another layout, no such cells, or out of memory. */
void *kv_slice(const void *data, size_t bytes, int p1, size_t *out_bytes);
#endif
