//! Captures: the handle and its functions, events, and how a program makes events.

pub mod encode;
pub mod event;
mod handle;
pub mod open;
pub mod read;
pub mod scap_api_version;
pub mod scap_drops;
pub mod settings;
pub mod stats;
pub mod tables;
pub(crate) mod variadic;
