//! The description of every event, as Rust tables.
//!
//! The description is text, in `schema/`: `events.txt` has every event, its parameters and their sources in the kernel; `flags.txt` the flag
//! tables; `syscalls.txt` the system calls and their numbers. The build script generates the tables of this crate from them.

pub mod c;
pub mod module;
mod probe;
mod types;

pub use probe::*;
pub use types::*;

/// The version of the event table: major, minor, patch.
pub const SCHEMA_VERSION: [u32; 3] = [4, 5, 1];

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
