//! The inspector: what it is opened with and set to, its events one after the other, and who may use it when.

mod gate;
pub mod handle;
pub mod hooks;
pub mod next;
pub mod platform;
pub mod suppress;
pub mod test_input;
