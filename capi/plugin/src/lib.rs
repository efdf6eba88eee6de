//! The plugin API for C: the functions that a plugin exports (`api.rs`), the loader that checks them (`loader.rs`), and versions (`version.rs`).
//! `plugin/plugin_api.h` and `plugin/plugin_loader.h` declare the same.
#![allow(non_camel_case_types)]

pub mod api;
mod calls;
pub mod description;
pub mod host_error;
pub mod instance;
pub mod listen;
pub mod loader;
pub mod manager;
pub mod owners;
pub mod pool;
mod revocable;
mod routines;
pub mod running;
pub mod schema;
pub mod source;
pub mod types;
pub mod version;

pub use api::plugin_api;
pub use loader::{Capabilities, plugin_handle_t};
