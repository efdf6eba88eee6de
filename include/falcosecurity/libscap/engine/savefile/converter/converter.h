/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/savefile/converter.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine/savefile/converter/results.h>

typedef struct ppm_evt_hdr scap_evt;

/**
 * More conversion steps than any event needs.
 */
#define MAX_CONVERSION_BOUNDARY 50

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns what has to be done with an event. `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.
 * `evt_to_convert` is null or a complete event; `error` is null or has that size.
 */
conversion_result test_event_convertibility(const scap_evt *evt_to_convert, char *error);

/**
 * Allocates what conversions keep. The caller owns it and frees it with `scap_convert_free_buffer`.
 */
struct scap_convert_buffer *scap_convert_alloc_buffer(void);

/**
 * Converts an event by one step, into `new_evt`, which has room for 64 KiB. Returns what has to be done with the result.
 * `buf` is null or valid, `evt_to_convert` null or a complete event; `new_evt` is null or has that room, `error` null or its size.
 */
conversion_result scap_convert_event(struct scap_convert_buffer *buf,
                                     scap_evt *new_evt,
                                     scap_evt *evt_to_convert,
                                     char *error);

/**
 * Frees what `scap_convert_alloc_buffer` returned.
 * `buf` is null or came from there, and is not used afterwards.
 */
void scap_convert_free_buffer(struct scap_convert_buffer *buf);

/**
 * Returns the enter event that is kept for a thread, or null. It belongs to the buffer and is valid until the next conversion,
 * which may convert it.
 * `buf` is null or valid.
 */
scap_evt *scap_retrieve_evt_from_converter_storage(struct scap_convert_buffer *buf,
                                                   uint64_t tid);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
