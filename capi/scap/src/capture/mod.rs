//! Captures: the handle and its functions, events, and how a program makes events.

pub mod encode;
pub mod event;
pub mod handle;
pub mod scap_api_version;
pub mod tables;
pub(crate) mod variadic;
