/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/test_input_public.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine/test_input/scap_test.h>
#include <libscap/scap_procs.h>

#define TEST_INPUT_ENGINE "test_input"

struct scap_platform;

/*
 What it is opened with.
 */
typedef struct scap_test_input_engine_params {
    /*
     What it delivers.
     */
    scap_test_input_data *test_input_data;
} scap_test_input_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The system that the test describes: `scap_platform_init`, with the same open arguments as the engine, tells the callbacks of
 its threads and fds.
 */
struct scap_platform *scap_test_input_alloc_platform(scap_proc_callbacks proc_callback);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
