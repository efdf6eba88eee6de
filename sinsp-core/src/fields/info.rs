//! What is known of a field without an event: its name, type and rules.

use super::{Arg, Extract};
use crate::state::Thread;
use crate::{EventContext, Extracted, Result};
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
    pub(super) rules: Rules,
}

/// Reads an argument from the whole text, for messages, and what follows the field's name in it.
type ReadArg = fn(text: &str, rest: &str) -> Result<(Arg, usize)>;

/// Says what is wrong with a constant.
type CheckValue = fn(&[u8]) -> Result<()>;

/// What sets a field apart from others of its type: the last part of its row of the table.
pub(super) struct Rules {
    /// Reads the argument and says how many bytes it took. `None`: what the flags say.
    pub argument: Option<ReadArg>,
    /// What its values come from.
    pub reads: Reads,
    /// Whether its values depend on the events that it was asked about before.
    pub remembers: bool,
    /// Whether it is shown in another form than it is compared in: as [`crate::Display`] says.
    pub displayed: bool,
    /// What filters compare.
    pub compared: Compared,
    /// How it differs in JSON from what its type asks for.
    pub json: JsonForm,
    /// Says what is wrong with a constant, beyond what its type asks.
    pub check_value: Option<CheckValue>,
    /// Whether a comparison with names of events says which types of events a filter can hold for.
    pub names_type: bool,
}

impl Rules {
    /// What holds for most fields.
    pub const USUAL: Rules = Rules {
        argument: None,
        reads: Reads::State,
        remembers: false,
        displayed: false,
        compared: Compared::Values,
        json: JsonForm::ByType,
        check_value: None,
        names_type: false,
    };
}

/// What the values of a field come from, which says for how long they are true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The event alone, its number, and how the consumer wants to see it.
    Event,
    /// Threads, fds, users or groups too, which a consumer that holds some may change at any time.
    State,
}

/// What filters compare of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compared {
    /// Its values.
    Values,
    /// Without an argument, a value of each ancestor in turn, which the function adds.
    Ancestors(fn(&EventContext<'_>, &Thread, &mut Extracted)),
    /// Both ends of a connection.
    Ends,
    /// The time of its argument with that of the event.
    Around,
}

/// How a field differs in JSON from what its type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    /// In nothing.
    ByType,
    /// A number, however it is printed as text.
    Number,
    /// Not its value, but the event's time.
    Timestamp,
}

impl FieldInfo {
    /// Whether this version extracts it. A field that it does not extract has no value for any event.
    pub fn extracted(&self) -> bool {
        self.extract.is_some()
    }

    /// How it differs in JSON from what its type asks for.
    pub fn json(&self) -> JsonForm {
        self.rules.json
    }

    /// Whether a comparison with names of events says which types of events a filter can hold for.
    pub fn names_type(&self) -> bool {
        self.rules.names_type
    }

    /// What its values come from.
    pub fn reads(&self) -> Reads {
        self.rules.reads
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
