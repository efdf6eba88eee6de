//! The inspector: what it is opened with and set to, its events one after the other, and who may use it when.

mod attached;
pub(crate) mod gate;
pub mod handle;
pub mod hooks;
pub mod next;
pub mod open;
pub mod options;
pub mod platform;
pub mod set_hooks;
pub mod status;
pub mod suppress;
pub mod test_input;
