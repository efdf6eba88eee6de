//! The entries of tables that C holds, which are counted, and the tables in them.
//!
//! The rules, which `include/falcosecurity/libsinsp/capi.h` repeats:
//!
//! - An entry is the caller's until it is released. It stays readable and writable after its thread exits or its file is closed, and counts as
//!   a reference of its inspector, which lives at least as long as the entry.
//! - An entry that an iterator passes is borrowed for that call. Releasing it does nothing.
//! - A text that is read from an entry is valid until the same column of that entry is read again, or the entry is released.
//! - A table that is read from an entry belongs to that entry and its thread. It is valid as long as the entry is held and then until
//!   the next event; if it was read from an entry of an iterator, until that call returns. Reading it again from the same entry
//!   returns the same pointer.
//! - Released entries are used for later ones: in a steady state getting and releasing entries allocates nothing.

use super::api::Input;
use super::problem::{Informed, Problem, Result};
use crate::inspector::gate::Gate;
use parking_lot::Mutex;
use plugin::running;
use sinsp_core::inspector::Inspector;
use sinsp_core::state::State;
use sinsp_core::state::tables::{ColumnId, Entry, Owned, ShapeId, SubTable, Table, Walk};
use std::cell::{Cell, OnceCell, RefCell, RefMut};
use std::collections::VecDeque;
use std::ffi::{CString, c_char, c_void};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What C may do with an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Use {
    /// Nothing: it was released.
    None,
    /// Use it within one call of its visitor.
    Borrowed,
    /// Use it until it releases it.
    Held,
    /// Use it until it adds it to a table or destroys it.
    Created,
}

/// An entry as C holds it (`ss_plugin_table_entry_t`).
pub(super) struct Handle {
    owner: *const c_void,
    allowed: AtomicU8,
    /// Its index in `Shelves::out`; changed while the pool is locked.
    place: Cell<usize>,
    /// The call of a plugin that it was handed out in; 0 for none. Changed while the pool is locked.
    call: Cell<u64>,
    /// Used within the gate alone.
    inside: RefCell<Inside>,
}

#[derive(Default)]
pub(super) struct Inside {
    /// The row.
    pub entry: Option<Entry>,
    pub kept: Kept,
}

/// What C got from an entry.
#[derive(Default)]
pub(super) struct Kept {
    /// Each text in memory of its own.
    texts: Vec<TextOf>,
    tables: Vec<Rc<Exposed>>,
}

struct TextOf {
    column: Option<ColumnId>,
    bytes: Vec<u8>,
}

impl Handle {
    fn new(owner: *const c_void) -> Rc<Handle> {
        Rc::new(Handle {
            owner,
            allowed: AtomicU8::new(Use::None as u8),
            place: Cell::new(0),
            call: Cell::new(0),
            inside: RefCell::default(),
        })
    }

    pub fn pointer(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    /// C's pointer of its inspector.
    #[inline]
    pub fn owner(&self) -> *const c_void {
        self.owner
    }

    pub fn set_use(&self, allowed: Use) {
        self.allowed.store(allowed as u8, Ordering::Release);
    }

    /// Ends the use `allowed`. Returns false if C has it in another one.
    pub fn end(&self, allowed: Use) -> bool {
        self.allowed.compare_exchange(allowed as u8, Use::None as u8, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// An error if it was released.
    pub fn check(&self) -> Result<()> {
        match self.allowed.load(Ordering::Acquire) != Use::None as u8 {
            true => Ok(()),
            false => Err("the entry was released".into()),
        }
    }

    /// Calls `act` with the entry and what C got from it; an error if it was released.
    #[inline]
    pub fn with<R>(&self, act: impl FnOnce(&mut Entry, &mut Kept) -> Result<R>) -> Result<R> {
        self.check()?;
        match &mut *self.inside.borrow_mut() {
            Inside { entry: Some(entry), kept } => act(entry, kept),
            Inside { entry: None, .. } => Err("the entry was released".into()),
        }
    }

    /// The entry and what C got from it, for one who takes care of both; `None` if it was released, or is in use. Only within the gate.
    #[inline(always)]
    pub fn held(&self) -> Option<RefMut<'_, Inside>> {
        match self.allowed.load(Ordering::Acquire) != Use::None as u8 {
            true => self.inside.try_borrow_mut().ok(),
            false => None,
        }
    }

    /// Calls `change` with the row, which it may replace: the tables that C got from the old one are not valid any more. Only within the gate.
    #[inline]
    pub fn change<R>(&self, change: impl FnOnce(&mut Option<Entry>) -> R) -> R {
        let inside = &mut *self.inside.borrow_mut();
        if !inside.kept.tables.is_empty() {
            inside.kept.detach();
        }
        change(&mut inside.entry)
    }

    /// Replaces the row, and returns the old one. Only within the gate.
    pub fn exchange(&self, entry: Option<Entry>) -> Option<Entry> {
        self.change(|row| std::mem::replace(row, entry))
    }

    /// A table in this entry for C.
    pub fn table(
        &self,
        kept: &mut Kept,
        what: What,
        shape: ShapeId,
        name: &CString,
        key: u32,
        informed: &Informed,
    ) -> Rc<Exposed> {
        let tables = &mut kept.tables;
        let same = tables.iter().find(|t| t.is(&what, informed));
        let free = || tables.iter().find(|t| t.shape == shape && t.informed == *informed && t.what.borrow().is_none());
        if let Some(found) = same.or_else(free) {
            found.what.replace(Some(what));
            return found.clone();
        }
        let table = Exposed::new(self.owner, Some(self), what, shape, name.clone(), key, informed.clone());
        tables.push(table.clone());
        table
    }

    fn has_tables(&self) -> bool {
        self.inside.borrow().kept.tables.iter().any(|t| t.what.borrow().is_some())
    }

    fn forget(&self) {
        let kept = &mut self.inside.borrow_mut().kept;
        kept.texts.iter_mut().for_each(|t| t.column = None);
        kept.detach();
    }
}

impl Kept {
    /// Keeps a text for C, to which it ends at its first NUL.
    #[inline(always)]
    pub fn keep_text(&mut self, column: ColumnId, text: &[u8]) -> *const c_char {
        let bytes = match &mut self.texts[..] {
            [first, ..] if first.column == Some(column) => &mut first.bytes,
            _ => place_of(&mut self.texts, column),
        };
        // The memory of the last text is written over, and grows where that is too short.
        match bytes.get_mut(..=text.len()) {
            Some(room) => {
                room[..text.len()].copy_from_slice(text);
                room[text.len()] = 0;
            }
            None => enlarge(bytes, text),
        }
        bytes.as_ptr().cast()
    }

    fn detach(&self) {
        self.tables.iter().for_each(|table| table.detach());
    }
}

#[cold]
#[inline(never)]
fn enlarge(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.clear();
    bytes.extend_from_slice(text);
    bytes.push(0);
}

/// The memory for the text of a column.
#[inline(never)]
fn place_of(texts: &mut Vec<TextOf>, column: ColumnId) -> &mut Vec<u8> {
    if let Some(at) = texts.iter().position(|t| t.column == Some(column)) {
        return &mut texts[at].bytes;
    }
    let at = texts.iter().position(|t| t.column.is_none()).unwrap_or_else(|| {
        texts.push(TextOf { column: None, bytes: Vec::new() });
        texts.len() - 1
    });
    texts[at].column = Some(column);
    &mut texts[at].bytes
}

/// A table of the core.
#[derive(Clone, PartialEq)]
pub(super) enum What {
    Threads,
    /// A table of the thread that its entry is.
    Of(SubTable),
    Owned(Arc<Owned>),
    /// None: what tables of this kind have in common.
    None(ShapeId),
}

/// A table as C holds it: the plugin API's `ss_plugin_table_t`, which is an `ss_plugin_table_input`.
pub(super) struct Exposed {
    /// Made when C first gets it: it points to this object, which does not move then.
    input: OnceCell<Input>,
    owner: *const c_void,
    /// The entry that it was read from; null for a table that has a name.
    parent: *const Handle,
    what: RefCell<Option<What>>,
    shape: ShapeId,
    name: CString,
    key: u32,
    /// Who has it, and gets the causes of its failures.
    informed: Informed,
}

impl Exposed {
    /// A table of the inspector `owner`. In an `Rc`, since a `Box` may not have other pointers to its value.
    pub fn new(
        owner: *const c_void,
        parent: Option<&Handle>,
        what: What,
        shape: ShapeId,
        name: CString,
        key: u32,
        informed: Informed,
    ) -> Rc<Exposed> {
        let parent = parent.map_or(std::ptr::null(), |p| &raw const *p);
        let what = RefCell::new(Some(what));
        Rc::new(Exposed { input: OnceCell::new(), owner, parent, what, shape, name, key, informed })
    }

    /// What C gets, which `make` makes at the first call.
    pub fn pointer(&self, make: impl FnOnce(&Exposed) -> Input) -> *mut c_void {
        (&raw const *self.input.get_or_init(|| make(self))).cast_mut().cast()
    }

    /// C's pointer of the inspector that owns it, which is live as long as the table may be used.
    #[inline]
    pub fn owner(&self) -> *const c_void {
        self.owner
    }

    pub fn shape(&self) -> ShapeId {
        self.shape
    }

    /// The type of its keys, as the plugin API numbers types.
    pub fn key(&self) -> u32 {
        self.key
    }

    /// Its name, valid as long as the inspector.
    pub fn name(&self) -> *const c_char {
        self.name.as_ptr()
    }

    pub fn is(&self, what: &What, informed: &Informed) -> bool {
        self.informed == *informed && self.what.borrow().as_ref() == Some(what)
    }

    /// Who gets the causes of its failures.
    pub fn informed(&self) -> &Informed {
        &self.informed
    }

    pub fn table(&self) -> Result<Table> {
        let gone = || Problem::from("the entry that the table was read from was released");
        match &*self.what.borrow() {
            None => Err(gone()),
            Some(What::None(_)) => Err("the table has fields alone, no entries".into()),
            Some(What::Threads) => Ok(Table::Threads),
            Some(What::Owned(table)) => Ok(Table::Owned(table.clone())),
            Some(What::Of(list)) => {
                // SAFETY: `parent` is the handle that owns this table, in an `Rc` that its inspector frees, or null.
                let parent = unsafe { self.parent.as_ref() }.ok_or_else(gone)?;
                // The entry is kept until the next event after its release.
                match &parent.inside.borrow().entry {
                    Some(Entry::Thread(thread)) => Ok(Table::Of(*thread, *list)),
                    _ => Err(gone()),
                }
            }
        }
    }

    /// Makes it no table any more.
    fn detach(&self) {
        if !self.parent.is_null() {
            self.what.replace(None);
        }
    }
}

/// The entries of an inspector that C holds or held.
#[derive(Default)]
pub(super) struct Pool {
    shelves: Mutex<Shelves>,
}

#[derive(Default)]
struct Shelves {
    /// Released ones, the oldest first, which the next entries use.
    free: VecDeque<Rc<Handle>>,
    /// Released ones with tables that are valid until the next event, and the number of the event in which they were released. First those that
    /// wait for the gate alone, with [`GONE_BY`].
    lingering: VecDeque<(Rc<Handle>, u64)>,
    /// Those that C has.
    out: Vec<Rc<Handle>>,
    /// Rows that are to be returned to the core, which was in use.
    rows: Vec<Entry>,
    /// Walks that ended, whose memory the next ones use.
    walks: Vec<Walk>,
}

impl Shelves {
    /// Whether there is something to return to the core.
    fn is_due(&self) -> bool {
        !self.rows.is_empty() || !self.lingering.is_empty()
    }
}

/// How many released entries stay unused: a program that uses a text after its release then more likely finds the error than another text.
const RESTING: usize = 16;

/// No number of an event.
const GONE_BY: u64 = u64::MAX;

impl Pool {
    /// An entry for C with the row `row`.
    pub fn hand_out(&self, owner: *const c_void, row: Entry, allowed: Use) -> *mut c_void {
        let mut shelves = self.shelves.lock();
        let used = if shelves.free.len() > RESTING { shelves.free.pop_front() } else { None };
        let handle = used.unwrap_or_else(|| Handle::new(owner));
        handle.forget();
        handle.exchange(Some(row));
        handle.set_use(allowed);
        let pointer = handle.pointer();
        handle.place.set(shelves.out.len());
        handle.call.set(running::take());
        shelves.out.push(handle);
        pointer
    }

    /// Takes back an entry that C may not use any more. Any operating-system thread may call it: while another one is within the gate, which may
    /// read the entry, the row stays in it until that has left.
    pub fn take_back(&self, core: &Gate<Inspector>, handle: &Handle) {
        let within = core.read().ok();
        let events = within.as_ref().map(|core| core.event_count());
        let mut shelves = self.shelves.lock();
        let at = handle.place.get();
        let handle = shelves.out.swap_remove(at);
        if let Some(moved) = shelves.out.get(at) {
            moved.place.set(at);
        }
        running::give_back(handle.call.replace(0));
        match events {
            None => shelves.lingering.push_front((handle, GONE_BY)),
            Some(events) if handle.has_tables() => shelves.lingering.push_back((handle, events)),
            Some(_) => {
                let release = |row| match &within {
                    Some(core) => core.state().entry_release_kept(row),
                    None => Some(row),
                };
                shelves.rows.extend(handle.exchange(None).and_then(release));
                shelves.free.push_back(handle);
            }
        }
        let due = shelves.is_due();
        drop((shelves, within));
        if due {
            self.tidy(core);
        }
    }

    /// The entries that C has since this call of a plugin.
    pub fn of_call(&self, call: u64) -> Vec<Rc<Handle>> {
        self.shelves.lock().out.iter().filter(|handle| handle.call.get() == call).cloned().collect()
    }

    /// Releases rows; later if the core is in use.
    pub fn give_back(&self, core: &Gate<Inspector>, rows: &mut Vec<Entry>) {
        if !rows.is_empty() {
            self.shelves.lock().rows.append(rows);
            self.tidy(core);
        }
    }

    pub fn walk(&self) -> Walk {
        self.shelves.lock().walks.pop().unwrap_or_default()
    }

    pub fn return_walk(&self, walk: Walk) {
        self.shelves.lock().walks.push(walk);
    }

    /// Returns released rows to the core; later if the core is in use.
    pub fn tidy(&self, core: &Gate<Inspector>) {
        let due = self.shelves.lock().is_due();
        if due && let Ok(mut core) = core.write() {
            self.tidy_with(&mut core);
        }
    }

    fn tidy_with(&self, core: &mut Inspector) {
        let now = core.event_count();
        let mut shelves = self.shelves.lock();
        while shelves.lingering.front().is_some_and(|(_, event)| *event != now) {
            let Some((handle, _)) = shelves.lingering.pop_front() else { break };
            handle.forget();
            shelves.rows.extend(handle.exchange(None));
            shelves.free.push_back(handle);
        }
        let state: &mut State = core.state_mut();
        shelves.rows.drain(..).for_each(|row| state.entry_release(row));
    }
}
