//! Where names of fields are looked for: the table of this library and classes of others, in an order.
//!
//! A class of others (a program's own checks, a plugin's fields) makes an object for each field that it is asked for, with its argument.
//! The object extracts the field, and may compare it in a way of its own.

use super::Field;
use crate::filter::ast::{Modifier, Operator};
use crate::{EventContext, Extracted, Result};
use driver::{Format, ParamType};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A class of fields that is none of the table's.
pub trait ForeignClass {
    /// Looks for the field that all of `text` names, with its argument.
    ///
    /// # Errors
    /// What the class finds wrong with its own field, or a failure of its own.
    fn find(&self, text: &str) -> Result<Found>;
}

/// What a class of others says of a name.
pub enum Found {
    /// It is no field of its own.
    No,
    /// It is the table's, whatever stands behind this class.
    Table,
    /// A field of its own.
    Field(ForeignInfo, Box<dyn ForeignField>),
}

/// What is known of a field of others without an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignInfo {
    /// Its name without an argument.
    pub name: String,
    /// The type of its values.
    pub ty: ParamType,
    /// How a number is printed.
    pub format: Format,
    /// Whether it yields a list.
    pub list: bool,
    /// Whether it can be compared with another field.
    pub comparable_with_fields: bool,
    /// Whether transformers can be applied to it.
    pub transformable: bool,
    /// Whether a bracket after its name begins an argument.
    pub takes_argument: bool,
}

/// A field of others, with its argument. It is asked while nothing is held but the state, which it may read; it may also run filters
/// and formatters of the same factory.
pub trait ForeignField {
    /// Puts its values for `event` into `out`, which is empty, as items of its type; says whether the event has the field.
    ///
    /// # Errors
    /// A failure of its own, which ends the question that led to it.
    fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> Result<bool>;

    /// A check of the field against constants, if it compares in a way of its own; `None`: by its values.
    ///
    /// # Errors
    /// A constant that is not acceptable, or a failure of its own.
    fn check(
        &self,
        operator: Operator,
        modifier: Option<Modifier>,
        constants: &[&[u8]],
    ) -> Result<Option<Box<dyn ForeignCheck>>>;
}

/// A check of others.
pub trait ForeignCheck {
    /// Whether it holds for the event.
    ///
    /// # Errors
    /// A failure of its own, which ends the question that led to it.
    fn holds(&self, event: &EventContext<'_>) -> Result<bool>;
}

/// A field of others, as filters share it: two are the same if they go by the same text in the same registry.
#[derive(Clone)]
pub struct Foreign {
    registry: u64,
    text: Rc<str>,
    info: Rc<ForeignInfo>,
    field: Rc<dyn ForeignField>,
}

impl Foreign {
    /// What is known of it without an event.
    pub fn info(&self) -> &ForeignInfo {
        &self.info
    }

    /// Whether it could have an argument in brackets, and has none.
    pub(crate) fn lacks_argument(&self) -> bool {
        self.info.takes_argument && !self.text.ends_with(']')
    }

    /// Its code.
    pub fn code(&self) -> &dyn ForeignField {
        &*self.field
    }
}

impl PartialEq for Foreign {
    fn eq(&self, other: &Foreign) -> bool {
        self.registry == other.registry && self.text == other.text
    }
}

impl std::fmt::Debug for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Foreign").field(&self.registry).field(&self.text).finish()
    }
}

/// A field that a registry knows.
pub enum Known {
    /// One of the table.
    Table(Field),
    /// One of others.
    Foreign(Foreign),
}

/// A place where names are looked for.
pub enum Fields {
    /// The table of this library.
    Table,
    /// A class of others.
    Foreign(Box<dyn ForeignClass>),
}

/// Where names of fields are looked for, in order.
pub struct Registry {
    id: u64,
    places: Vec<Fields>,
}

impl Default for Registry {
    /// The table alone.
    fn default() -> Registry {
        Registry::new(vec![Fields::Table])
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("id", &self.id).field("places", &self.places.len()).finish()
    }
}

static REGISTRIES: AtomicU64 = AtomicU64::new(0);

impl Registry {
    /// A registry of these places.
    pub fn new(places: Vec<Fields>) -> Registry {
        Registry { id: REGISTRIES.fetch_add(1, Ordering::Relaxed), places }
    }

    /// The field that all of `text` names.
    ///
    /// # Errors
    /// No place knows it, its argument is not acceptable, or a class of others failed.
    pub fn find(&self, text: &str) -> Result<Known> {
        for place in &self.places {
            let found = match place {
                Fields::Table => Found::Table,
                Fields::Foreign(class) => class.find(text)?,
            };
            match found {
                Found::No => {}
                Found::Table => match table_field(text) {
                    Some(field) => return Ok(Known::Table(field?)),
                    None if matches!(place, Fields::Table) => {}
                    None => return Err(super::argument::unknown(text)),
                },
                Found::Field(info, field) => {
                    let (info, field) = (Rc::new(info), field.into());
                    return Ok(Known::Foreign(Foreign { registry: self.id, text: text.into(), info, field }));
                }
            }
        }
        Err(super::argument::unknown(text))
    }
}

/// The field of the table that all of `text` names, or what is wrong with its argument; `None` if it is no name of the table.
fn table_field(text: &str) -> Option<Result<Field>> {
    let of_the_table = |text: &str| super::classes().iter().flat_map(|c| c.fields).any(|f| text.starts_with(f.name));
    match Field::parse(text) {
        Ok((field, len)) => (len == text.len()).then_some(Ok(field)),
        Err(e) => of_the_table(text).then_some(Err(e)),
    }
}
