//! What every function of the C libraries shares: panics end at the border, errors are texts in fixed buffers, what a caller hands in is
//! checked before it is used, and memory that C points to stays where it is.

mod guard;
mod memory;
mod text;

pub use guard::guard;
pub use memory::{Lent, free};
pub use text::{ErrorText, LASTERR_SIZE, bytes, c_string, copy, copy_error, text, write_error};
