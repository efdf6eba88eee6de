//! The engines of this library.

use crate::engine;
use crate::types::engine::scap_vtable;

/// The engine `nodriver`: this machine without events.
#[unsafe(no_mangle)]
pub static scap_nodriver_engine: scap_vtable = engine::nodriver::VTABLE;

/// The engine `savefile`: capture files.
#[unsafe(no_mangle)]
pub static scap_savefile_engine: scap_vtable = engine::savefile::VTABLE;

/// The engine `modern_bpf`: the running kernel, with BPF.
#[unsafe(no_mangle)]
pub static scap_modern_bpf_engine: scap_vtable = engine::modern_bpf::VTABLE;

/// The engine `kmod`: the running kernel, with the kernel module.
#[unsafe(no_mangle)]
pub static scap_kmod_engine: scap_vtable = engine::kmod::VTABLE;

/// The engine `source_plugin`: the events of a plugin.
#[unsafe(no_mangle)]
pub static scap_source_plugin_engine: scap_vtable = engine::source_plugin::VTABLE;

/// The engine `test_input`: a program's own events, for tests.
#[unsafe(no_mangle)]
pub static scap_test_input_engine: scap_vtable = engine::test_input::VTABLE;
