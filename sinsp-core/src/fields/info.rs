//! What is known of a field without an event: its name, type and rules.

use super::Extract;
use driver::{Format, ParamType};

/// A group of fields, as listings show them.
#[derive(Debug)]
pub struct Class {
    /// The name that its fields begin with, or that they go by: `process`.
    pub name: &'static str,
    /// What its fields are of, in a few words; may be empty.
    pub short: &'static str,
    /// The same in a sentence.
    pub description: &'static str,
    /// Its fields. Their positions are ids that consumers know.
    pub fields: &'static [FieldInfo],
}

/// One row of the field table.
pub struct FieldInfo {
    /// The name of its [`Class`].
    pub class: &'static str,
    /// Its full name, such as `proc.name`.
    pub name: &'static str,
    /// The type of its values. `DYN`: that of the parameter it names, see [`super::Field::ty`].
    pub ty: ParamType,
    /// How a number is printed.
    pub format: Format,
    /// Its rules.
    pub flags: FieldFlags,
    /// A title of a few words.
    pub display: &'static str,
    /// What it is, in a sentence.
    pub description: &'static str,
    pub(super) extract: Option<Extract>,
}

impl FieldInfo {
    /// Whether this version extracts it. A field that it does not extract has no value for any event.
    pub fn extracted(&self) -> bool {
        self.extract.is_some()
    }
}

impl std::fmt::Debug for FieldInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FieldInfo").field(&self.name).finish()
    }
}

/// The rules of a field (`EPF_*` in C++).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(transparent)]
pub struct FieldFlags(pub u32);

impl FieldFlags {
    /// Only filters may use it.
    pub const FILTER_ONLY: FieldFlags = FieldFlags(1);
    /// Only formats may use it.
    pub const PRINT_ONLY: FieldFlags = FieldFlags(1 << 1);
    /// It needs an argument.
    pub const ARG_REQUIRED: FieldFlags = FieldFlags(1 << 2);
    /// Listings leave it out.
    pub const TABLE_ONLY: FieldFlags = FieldFlags(1 << 3);
    /// It is a summary of the event.
    pub const INFO: FieldFlags = FieldFlags(1 << 4);
    /// It tells conversations apart.
    pub const CONVERSATION: FieldFlags = FieldFlags(1 << 5);
    /// It yields a list of values.
    pub const IS_LIST: FieldFlags = FieldFlags(1 << 6);
    /// It may have an argument.
    pub const ARG_ALLOWED: FieldFlags = FieldFlags(1 << 7);
    /// Its argument may be a number.
    pub const ARG_INDEX: FieldFlags = FieldFlags(1 << 8);
    /// Its argument may be a text.
    pub const ARG_KEY: FieldFlags = FieldFlags(1 << 9);
    /// It will go away.
    pub const DEPRECATED: FieldFlags = FieldFlags(1 << 10);
    /// No transformer may be applied to it.
    pub const NO_TRANSFORMER: FieldFlags = FieldFlags(1 << 11);
    /// It cannot be compared with another field, on either side.
    pub const NO_RHS: FieldFlags = FieldFlags(1 << 12);
    /// In C++, its values do not outlive the next extraction.
    pub const NO_PTR_STABILITY: FieldFlags = FieldFlags(1 << 13);
    /// A good choice for output.
    pub const FORMAT_SUGGESTED: FieldFlags = FieldFlags(1 << 14);

    /// Whether all bits of `other` are set.
    #[inline]
    pub const fn has(self, other: FieldFlags) -> bool {
        self.0 & other.0 == other.0
    }
}
