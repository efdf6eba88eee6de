//! Fields, and the filters and formats that use them.

pub mod ast;
pub mod cells;
pub mod extract;
pub mod field;
pub mod format;
pub mod format_fields;
pub mod memo;
pub mod program;
pub mod registry;
pub mod typed;
pub mod value;
pub mod values;
pub mod words;
