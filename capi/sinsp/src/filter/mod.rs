//! Fields, and the filters and formats that use them.

pub mod ast;
pub mod extract;
pub mod field;
pub mod format;
pub mod program;
pub mod registry;
pub mod values;
