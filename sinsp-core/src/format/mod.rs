//! Formatters: events as text or JSON by a format string made of fields.

pub mod json;
pub mod render;
