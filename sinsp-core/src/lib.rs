//! libsinsp's logic: the state of threads, fds and users, the parsers that maintain it, the fields, and the filters and
//! formatters made of fields. The crate has no unsafe code and no C types.
#![forbid(unsafe_code)]

pub mod async_names;
pub mod codes;
pub mod container_table;
pub mod context;
mod digits;
pub mod error;
pub mod extracted;
pub mod fields;
pub mod filter;
pub mod format;
pub mod inspector;
pub mod logger;
pub mod metrics;
pub mod name_service;
mod nearest;
pub mod parsers;
pub mod resolver;
pub mod selection;
pub mod state;

pub use context::{BufferFormat, Display, EventContext, View};
pub use error::{Error, Position, Result};
pub use extracted::{Extracted, Item, Span};
/// Reading and writing capture files.
pub use scap_sys::capture;
/// What an engine that a program brings has to implement.
pub mod engine {
    pub use scap_sys::Result;
    pub use scap_sys::engine::{Engine, Stats, Status};
}
pub use scap_sys::{Event, EventBuf, HEADER_LEN};
