//! libscap's part: the event format, the engines that deliver events, capture files, and the scan of the system before the
//! first event (threads, fds, users and interfaces).

pub mod capture;
pub mod encode;
pub mod engine;
mod error;
mod event;
mod event_buf;
pub mod linux;
pub mod number;
mod system;
pub mod threads;
mod time;

pub use error::{Error, Result};
pub use event::{Event, HEADER_LEN, Meta, Params};
pub use event_buf::EventBuf;
pub use system::*;
pub use time::local_offset;
