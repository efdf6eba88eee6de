//! What all functions of the C libraries share: panics stop at the border, error texts go to fixed buffers, strings and pointers from C are
//! checked, and memory that C points to does not move. Their version is here too.

mod guard;
mod memory;
mod text;
mod version;

pub use guard::guard;
pub use memory::{Lent, free};
pub use text::{ErrorText, LASTERR_SIZE, bytes, c_string, copy, copy_error, text, write_error};
pub use version::{ABI_VERSION, LIBRARY_VERSION, REFERENCE_VERSION};
