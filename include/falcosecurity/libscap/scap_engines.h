/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/scap_engines.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/scap_vtable.h>
#include <libscap/scap_config.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The engine `nodriver`: this machine without events.
 */
extern const scap_vtable scap_nodriver_engine;

/**
 * The engine `savefile`: capture files.
 */
extern const scap_vtable scap_savefile_engine;

/**
 * The engine `modern_bpf`: the running kernel, with BPF.
 */
extern const scap_vtable scap_modern_bpf_engine;

/**
 * The engine `kmod`: the running kernel, with the kernel module.
 */
extern const scap_vtable scap_kmod_engine;

/**
 * The engine `source_plugin`: the events of a plugin.
 */
extern const scap_vtable scap_source_plugin_engine;

/**
 * The engine `test_input`: a program's own events, for tests.
 */
extern const scap_vtable scap_test_input_engine;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
