/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/scap_engines.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/scap_vtable.h>
#include <libscap/scap_config.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The machine as it is, without events.
 */
extern const scap_vtable scap_nodriver_engine;

/*
 Capture files.
 */
extern const scap_vtable scap_savefile_engine;

/*
 The running kernel, by BPF.
 */
extern const scap_vtable scap_modern_bpf_engine;

/*
 The kernel module. Opening it answers `SCAP_NOT_SUPPORTED`.
 */
extern const scap_vtable scap_kmod_engine;

/*
 The events of a plugin.
 */
extern const scap_vtable scap_source_plugin_engine;

/*
 A program's own events, for tests.
 */
extern const scap_vtable scap_test_input_engine;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
