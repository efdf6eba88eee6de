/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/savefile/converter.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine/savefile/converter/results.h>

typedef struct ppm_evt_hdr scap_evt;

/*
 More steps than any event needs.
 */
#define MAX_CONVERSION_BOUNDARY 50

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 What has to be done with an event. `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.

 # Safety
 The pointers are null or valid.
 */
conversion_result test_event_convertibility(const scap_evt *evt_to_convert, char *error);

/*
 Makes a place for what a conversion keeps. Owned by the caller, who ends it with `scap_convert_free_buffer`.
 */
struct scap_convert_buffer *scap_convert_alloc_buffer(void);

/*
 Converts an event one step, into `new_evt`, which has room for 64 KiB. The answer is what is to be done with the result.

 # Safety
 The pointers are null or valid; `new_evt` has that room, and `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
conversion_result scap_convert_event(struct scap_convert_buffer *buf,
                                     scap_evt *new_evt,
                                     scap_evt *evt_to_convert,
                                     char *error);

/*
 Ends what `scap_convert_alloc_buffer` made.

 # Safety
 `buf` is null or came from there, and is not used afterwards.
 */
void scap_convert_free_buffer(struct scap_convert_buffer *buf);

/*
 The enter event that is kept for a thread, or null. It belongs to the buffer and lives until the next conversion, of which it may be
 the subject.

 # Safety
 `buf` is null or valid.
 */
scap_evt *scap_retrieve_evt_from_converter_storage(struct scap_convert_buffer *buf,
                                                   uint64_t tid);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
