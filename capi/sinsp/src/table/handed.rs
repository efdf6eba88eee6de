//! What an inspector keeps of the tables, entries and fields that C got.

use super::fields::Kinds;
use super::foreign::Foreign;
use super::handle::{Exposed, Pool};
use std::cell::RefCell;
use std::rc::Rc;

/// What an inspector has handed out of its tables.
#[derive(Default)]
pub(crate) struct Handed {
    pub(super) pool: Pool,
    pub(super) kinds: RefCell<Kinds>,
    /// The tables with names, as far as they were asked for.
    pub(super) named: RefCell<Vec<Rc<Exposed>>>,
    /// Those of others, by the number that the core knows them by.
    pub(super) foreign: RefCell<Vec<Option<Foreign>>>,
}
