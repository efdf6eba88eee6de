//! The plugin API at the border: the functions that a plugin exports (`api.rs`), how they are loaded and checked (`loader.rs`), and what versions
//! mean (`version.rs`). `plugin/plugin_api.h` and `plugin/plugin_loader.h` declare the same to C.
#![allow(non_camel_case_types)]

pub mod api;
pub mod description;
pub mod instance;
pub mod listen;
pub mod loader;
pub mod manager;
pub mod routines;
pub mod schema;
pub mod source;
pub mod types;
pub mod version;

pub use api::plugin_api;
pub use loader::{Capabilities, plugin_handle_t};
