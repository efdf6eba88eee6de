/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/noop.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine_handle.h>
#include <libscap/scap_vtable.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 No events.
 */
extern const scap_vtable scap_noop_engine;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
