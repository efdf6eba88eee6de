//! The lookup of field names in the field table and in foreign classes, in a defined order.
//!
//! A foreign class (a program's filter checks, a plugin's fields) creates an object for each field and argument. The object
//! extracts the field and may also compare it.

use super::Field;
use crate::filter::ast::{Modifier, Operator};
use crate::{Error, EventContext, Extracted, Result};
use driver::{Format, ParamType};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A class of fields that are not in the table.
pub trait ForeignClass {
    /// Looks up the field that the whole of `text` names, with its argument.
    ///
    /// # Errors
    /// The class rejects the text of one of its fields, or fails.
    fn find(&self, text: &str) -> Result<Found>;

    /// The names of its fields, for the suggestions of error messages; none if it does not know them.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The result of [`ForeignClass::find`].
pub enum Found {
    /// It is not a field of this class.
    No,
    /// It is a field of the table; the sources after this class are not searched.
    Table,
    /// It is a field of this class.
    Field(ForeignInfo, Box<dyn ForeignField>),
}

/// The static description of a foreign field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignInfo {
    /// Its name without an argument.
    pub name: String,
    /// The type of its values.
    pub ty: ParamType,
    /// The print format of numbers.
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

/// A foreign field with its argument. While it is called, only the state is borrowed: it may read the state, and run
/// filters and formatters of the same factory.
pub trait ForeignField {
    /// Writes its values for `event` to `out`, which is empty, as items of its type; returns whether the event has the
    /// field.
    ///
    /// # Errors
    /// A failure of the field, which ends the filter or formatter that uses it.
    fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> Result<bool>;

    /// Whether [`ForeignField::extract`] uses no filter and no formatter of the factory: it is then called in the middle of an evaluation, which is
    /// cheaper. What it does with them all the same fails.
    fn at_once(&self) -> bool {
        false
    }

    /// A check of the field against constants, if the field has its own comparison; `None` to compare its values. Constants are as in the filter's
    /// text, those of `bcontains` and `bstartswith` the bytes that are written there in hexadecimal.
    ///
    /// # Errors
    /// A constant is invalid, or the field fails.
    fn check(
        &self,
        operator: Operator,
        modifier: Option<Modifier>,
        constants: &[&[u8]],
    ) -> Result<Option<Box<dyn ForeignCheck>>>;
}

/// A foreign check.
pub trait ForeignCheck {
    /// Whether it holds for the event.
    ///
    /// # Errors
    /// A failure of the check, which ends the filter that uses it.
    fn holds(&self, event: &EventContext<'_>) -> Result<bool>;
}

/// A foreign field in a filter graph: two are equal if they have the same text in the same registry.
#[derive(Clone)]
pub struct Foreign {
    registry: u64,
    text: Rc<str>,
    info: Rc<ForeignInfo>,
    field: Rc<dyn ForeignField>,
}

impl Foreign {
    /// The static description.
    pub fn info(&self) -> &ForeignInfo {
        &self.info
    }

    /// Whether it could have an argument in brackets, and has none.
    pub(crate) fn lacks_argument(&self) -> bool {
        self.info.takes_argument && !self.text.ends_with(']')
    }

    /// The object that extracts it.
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

/// The result of a lookup.
pub enum Known {
    /// A field of the table.
    Table(Field),
    /// A foreign field.
    Foreign(Foreign),
}

/// A source of fields.
pub enum Fields {
    /// The field table.
    Table,
    /// A foreign class.
    Foreign(Box<dyn ForeignClass>),
}

/// The sources of fields, in lookup order.
pub struct Registry {
    id: u64,
    places: Vec<Fields>,
}

impl Default for Registry {
    /// Only the field table.
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
    /// A registry of these sources.
    pub fn new(places: Vec<Fields>) -> Registry {
        Registry { id: REGISTRIES.fetch_add(1, Ordering::Relaxed), places }
    }

    /// Looks up the field that the whole of `text` names.
    ///
    /// # Errors
    /// No source has it, its argument is invalid, or a foreign class failed.
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
                    None => return Err(self.unknown(text)),
                },
                Found::Field(info, field) => {
                    let (info, field) = (Rc::new(info), field.into());
                    return Ok(Known::Foreign(Foreign { registry: self.id, text: text.into(), info, field }));
                }
            }
        }
        Err(self.unknown(text))
    }

    fn unknown(&self, text: &str) -> Error {
        let names = |place: &Fields| match place {
            Fields::Table => Vec::new(),
            Fields::Foreign(class) => class.names(),
        };
        super::argument::unknown(text, &self.places.iter().flat_map(names).collect::<Vec<_>>())
    }
}

/// The field of the table that the whole of `text` names, or an error in its argument; `None` if it is not in the table.
fn table_field(text: &str) -> Option<Result<Field>> {
    let of_the_table = |text: &str| super::classes().iter().flat_map(|c| c.fields).any(|f| text.starts_with(f.name));
    match Field::parse(text) {
        Ok((field, len)) => (len == text.len()).then_some(Ok(field)),
        Err(e) => of_the_table(text).then_some(Err(e)),
    }
}
