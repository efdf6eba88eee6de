//! The engines of this library.

use crate::engine;
use crate::types::scap_vtable::scap_vtable;

/// The machine as it is, without events.
#[unsafe(no_mangle)]
pub static scap_nodriver_engine: scap_vtable = engine::nodriver::VTABLE;

/// Capture files.
#[unsafe(no_mangle)]
pub static scap_savefile_engine: scap_vtable = engine::savefile::VTABLE;

/// The running kernel, by BPF.
#[unsafe(no_mangle)]
pub static scap_modern_bpf_engine: scap_vtable = engine::modern_bpf::VTABLE;

/// The kernel module. Opening it answers `SCAP_NOT_SUPPORTED`.
#[unsafe(no_mangle)]
pub static scap_kmod_engine: scap_vtable = engine::kmod::VTABLE;

/// The events of a plugin.
#[unsafe(no_mangle)]
pub static scap_source_plugin_engine: scap_vtable = engine::source_plugin::VTABLE;

/// A program's own events, for tests.
#[unsafe(no_mangle)]
pub static scap_test_input_engine: scap_vtable = engine::test_input::VTABLE;
