//! The engine that has nothing: opening it works, and its end is reached at once.

use crate::engine;
use crate::scap_vtable::scap_vtable;

/// No events.
#[unsafe(no_mangle)]
pub static scap_noop_engine: scap_vtable = engine::noop::VTABLE;
