//! The engine of the kernel module: opens its devices, one per CPU, and reads their rings.
//!
//! A device (`/dev/scap0`, …) is mapped twice: its ring, which the module writes (`ring.rs`), and a page with the positions and counters (`counts.rs`).
//! The ioctls of any of the devices (`control.rs`) select the events and set how they are made, for this reader alone.
//!
//! It needs the module, and the right to open its devices, which root has.

mod control;
mod counts;
mod engine;
mod ring;

pub use engine::{KmodEngine, KmodOptions};
