//! Events as bytes: the wire format, the engines that deliver events, capture files, and what the system looks like before
//! the first event (the threads, fds, users and interfaces that exist already).

pub mod capture;
pub mod encode;
pub mod engine;
mod error;
mod event;
mod event_buf;
pub mod linux;
mod system;
mod time;

pub use error::{Error, Result};
pub use event::{Event, HEADER_LEN, Meta, Params};
pub use event_buf::EventBuf;
pub use system::*;
pub use time::local_offset;
