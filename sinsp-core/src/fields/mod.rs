//! The fields of filters and formats: properties of an event, its thread and its fd.
//!
//! `table.rs` has an entry per field with its extraction function; the functions are in the file of the class. A [`Field`]
//! is an entry with its argument: `proc.aname[2]`.

mod argument;
mod buffer_text;
mod evt;
mod fd;
mod fdlist;
mod field;
mod fs_path;
mod info;
pub mod names;
mod param_text;
mod process;
mod registry;
mod table;
#[cfg(test)]
mod tests;
pub mod time_text;
mod user;

pub use buffer_text::buffer_text;
pub use field::{Arg, Comparison, Field};
pub use info::{Class, Decided, FieldFlags, FieldInfo, JsonForm, Reads};
pub use param_text::{meaning as param_meaning, meaning_or_value as param_meaning_or_value, value as param_value};
pub use registry::{Fields, Foreign, ForeignCheck, ForeignClass, ForeignField, ForeignInfo, Found, Known, Registry};

use crate::{EventContext, Extracted};

/// Adds a field's values for an event; `None` if the event does not have the field.
type Extract = fn(&Field, &EventContext<'_>, &mut Extracted) -> Option<()>;

/// All field classes, in lookup order.
pub fn classes() -> &'static [Class] {
    table::CLASSES
}
