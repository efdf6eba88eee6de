//! Events as meaning: the threads, fds and users behind them, the fields that name their properties, and the filters and
//! formatters made of fields. Knows nothing of C, C++ or raw pointers.
#![forbid(unsafe_code)]

pub mod codes;
pub mod context;
mod digits;
pub mod error;
pub mod extracted;
pub mod fields;
pub mod filter;
pub mod format;
pub mod inspector;
pub mod logger;
pub mod parsers;
pub mod state;

pub use context::{BufferFormat, EventContext, View};
pub use error::{Error, Position, Result};
pub use extracted::{Extracted, Item};
/// Reading and writing capture files.
pub use scap_sys::capture;
pub use scap_sys::{Event, EventBuf, HEADER_LEN};
