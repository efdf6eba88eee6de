//! The tables, entries and fields that C got from an inspector.

use super::fields::Kinds;
use super::foreign::{Foreign, Lent};
use super::handle::{Exposed, Pool};
use std::cell::RefCell;
use std::rc::Rc;

/// The tables, entries and fields that C got from an inspector.
#[derive(Default)]
pub(crate) struct Handed {
    pub(super) pool: Pool,
    pub(super) kinds: RefCell<Kinds>,
    /// The tables with names that C got.
    pub(super) named: RefCell<Vec<Rc<Exposed>>>,
    /// The foreign tables, by their numbers in the core; also those that were removed.
    pub(super) foreign: RefCell<Vec<Rc<Foreign>>>,
    /// The foreign tables that C got.
    pub(super) lent: RefCell<Vec<Rc<Lent>>>,
}
