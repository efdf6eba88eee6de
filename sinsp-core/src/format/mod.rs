//! Formatters: events as text or JSON, by a format string with fields.

pub mod cell;
mod formatter;
pub mod json;
pub mod render;
mod shown;

pub use formatter::{Formatter, NOT_AVAILABLE, Output};
