//! The description of every event, as Rust tables.
//!
//! The description itself is text, in `schema/`: `events.txt` names every event, its parameters and
//! where the kernel finds each of them; `flags.txt` the flag tables; `syscalls.txt` the system calls and their numbers. The
//! build script reads those files and writes the tables of this crate from them.

pub mod c;
mod probe;
mod types;

pub use probe::*;
pub use types::*;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
