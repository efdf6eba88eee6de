//! The static description of a field: name, type and properties.

use super::{Arg, Extract};
use crate::state::Thread;
use crate::{EventContext, Extracted, Result};
use driver::{Format, ParamType};

/// A class of fields, as in listings.
#[derive(Debug)]
pub struct Class {
    /// The name of the class, which in most cases is the prefix of its fields: `process`.
    pub name: &'static str,
    /// A short description; may be empty.
    pub short: &'static str,
    /// A description in a sentence.
    pub description: &'static str,
    /// Its fields. The positions are ids in the C++ interface.
    pub fields: &'static [FieldInfo],
}

/// An entry of the field table.
pub struct FieldInfo {
    /// The name of its [`Class`].
    pub class: &'static str,
    /// Its full name, such as `proc.name`.
    pub name: &'static str,
    /// The type of its values. `DYN`: that of the parameter in the argument, see [`super::Field::ty`].
    pub ty: ParamType,
    /// The print format of numbers.
    pub format: Format,
    /// Its flags.
    pub flags: FieldFlags,
    /// A short title.
    pub display: &'static str,
    /// A description in a sentence.
    pub description: &'static str,
    pub(super) extract: Option<Extract>,
    pub(super) rules: Rules,
}

/// Parses an argument; gets the whole text, for messages, and the text after the field's name.
type ReadArg = fn(text: &str, rest: &str) -> Result<(Arg, usize)>;

/// Returns an error for an invalid constant.
type CheckValue = fn(&[u8]) -> Result<()>;

/// The properties of a field that do not follow from its type: the last part of its table entry.
pub(super) struct Rules {
    /// Parses the argument. `None`: as its flags say.
    pub argument: Option<ReadArg>,
    /// The origin of its values.
    pub reads: Reads,
    /// Whether its values depend on previous events.
    pub remembers: bool,
    /// Whether it is shown in another form than it is compared in: as [`crate::Display`] says.
    pub displayed: bool,
    /// The values that filters compare.
    pub compared: Compared,
    /// The JSON form, if it does not follow from the type.
    pub json: JsonForm,
    /// Checks a constant, beyond what the type requires.
    pub check_value: Option<CheckValue>,
    /// What decides its values, as far as that is known before the event is looked at.
    pub decided: Decided,
    /// Whether its values depend on which events came before, besides those of fields that remember.
    pub counts_events: bool,
}

impl Rules {
    /// The properties of most fields.
    pub const USUAL: Rules = Rules {
        argument: None,
        reads: Reads::State,
        remembers: false,
        displayed: false,
        compared: Compared::Values,
        json: JsonForm::ByType,
        check_value: None,
        decided: Decided::Never,
        counts_events: false,
    };
}

/// The origin of a field's values, which says how long they are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Only the event, its number, and the display settings.
    Event,
    /// Also threads, fds, users or groups, which C++ may change at any time while it holds objects.
    State,
}

/// What decides a field's values, of what is known before an event is looked at: its type, and whether the call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Neither does.
    Never,
    /// The type of the event; for the generic event also the system call.
    ByType,
    /// The type, and whether the call failed.
    ByOutcome,
    /// The same if the call succeeded. If it failed, the value is the error's name.
    Success,
    /// The value is the result.
    Result,
    /// The value is that of a parameter: events whose type has no such parameter have none.
    Parameter,
    /// The value is the number of the event, which is not 0 for one of a capture.
    Number,
    /// The value is the number of an fd; that of a call that creates one is -1 if it failed.
    CreatedFd,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Compared {
    /// Its values.
    Values,
    /// Without an argument, a value of each ancestor, which the function adds.
    Ancestors(fn(&EventContext<'_>, &Thread, &mut Extracted)),
    /// Both ends of a connection.
    Ends,
    /// The time in its argument with that of the event.
    Around,
    /// The address that the function adds, with the addresses of names.
    Named(fn(&super::Field, &EventContext<'_>, &mut Extracted) -> Option<()>),
}

/// The JSON form of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    /// As its type says.
    ByType,
    /// A number, for any print format.
    Number,
    /// The event's time instead of its value.
    Timestamp,
}

impl FieldInfo {
    /// Whether this version can extract it. If not, it has no value for any event.
    pub fn extracted(&self) -> bool {
        self.extract.is_some()
    }

    /// The JSON form.
    pub fn json(&self) -> JsonForm {
        self.rules.json
    }

    /// What decides its values, as far as that is known before the event is looked at.
    pub fn decided(&self) -> Decided {
        self.rules.decided
    }

    /// Whether its values depend on which events came before: on their number, their times, or what was remembered of them.
    pub fn depends_on_earlier_events(&self) -> bool {
        self.rules.counts_events || self.rules.remembers
    }

    /// The origin of its values.
    pub fn reads(&self) -> Reads {
        self.rules.reads
    }
}

impl std::fmt::Debug for FieldInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FieldInfo").field(&self.name).finish()
    }
}

/// The flags of a field (`EPF_*` in C++).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(transparent)]
pub struct FieldFlags(pub u32);

impl FieldFlags {
    /// Only for filters.
    pub const FILTER_ONLY: FieldFlags = FieldFlags(1);
    /// Only for formats.
    pub const PRINT_ONLY: FieldFlags = FieldFlags(1 << 1);
    /// An argument is required.
    pub const ARG_REQUIRED: FieldFlags = FieldFlags(1 << 2);
    /// Left out of listings.
    pub const TABLE_ONLY: FieldFlags = FieldFlags(1 << 3);
    /// A summary of the event.
    pub const INFO: FieldFlags = FieldFlags(1 << 4);
    /// Identifies a conversation.
    pub const CONVERSATION: FieldFlags = FieldFlags(1 << 5);
    /// Yields a list.
    pub const IS_LIST: FieldFlags = FieldFlags(1 << 6);
    /// An argument is allowed.
    pub const ARG_ALLOWED: FieldFlags = FieldFlags(1 << 7);
    /// The argument may be a number.
    pub const ARG_INDEX: FieldFlags = FieldFlags(1 << 8);
    /// The argument may be a text.
    pub const ARG_KEY: FieldFlags = FieldFlags(1 << 9);
    /// Will be removed in a later version.
    pub const DEPRECATED: FieldFlags = FieldFlags(1 << 10);
    /// Transformers are not allowed.
    pub const NO_TRANSFORMER: FieldFlags = FieldFlags(1 << 11);
    /// A comparison with another field is not allowed, on either side.
    pub const NO_RHS: FieldFlags = FieldFlags(1 << 12);
    /// In C++, values are invalid after the next extraction.
    pub const NO_PTR_STABILITY: FieldFlags = FieldFlags(1 << 13);
    /// Suggested for output.
    pub const FORMAT_SUGGESTED: FieldFlags = FieldFlags(1 << 14);

    /// Whether all bits of `other` are set.
    #[inline]
    pub const fn has(self, other: FieldFlags) -> bool {
        self.0 & other.0 == other.0
    }
}
