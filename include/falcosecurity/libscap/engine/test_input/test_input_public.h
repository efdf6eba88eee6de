/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/test_input.rs, src/platform/alloc.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine/test_input/scap_test.h>
#include <libscap/scap_procs.h>

#define TEST_INPUT_ENGINE "test_input"

struct scap_platform;

/**
 * The parameters of the engine.
 */
typedef struct scap_test_input_engine_params {
    /**
     * The input of the engine.
     */
    scap_test_input_data *test_input_data;
} scap_test_input_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates the platform of a test: `scap_platform_init`, with the same open arguments as the engine, passes the test's threads
 * and fds to the callbacks.
 */
struct scap_platform *scap_test_input_alloc_platform(scap_proc_callbacks proc_callback);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
