//! What every function of the C libraries shares: panics end at the border, errors are texts in fixed buffers, and what a
//! caller hands in is checked before it is used.

mod guard;
mod text;

pub use guard::guard;
pub use text::{ErrorText, LASTERR_SIZE, bytes, copy, copy_error, write_error};
