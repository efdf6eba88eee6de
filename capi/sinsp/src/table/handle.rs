//! What C holds of tables: counted entries, and the tables in them.
//!
//! The rules, which `include/falcosecurity/libsinsp/capi.h` repeats:
//!
//! - An entry is the caller's until it is released. It stays readable and writable whatever becomes of the thread or file that it is,
//!   and it counts its inspector, which so lives at least as long as the entry.
//! - An entry that an iterator is told of is borrowed for that call. Releasing it does nothing.
//! - A text that is read from an entry is valid until the same column of that entry is read again, or the entry is released.
//! - A table that is read from an entry belongs to that entry and its thread. It is valid as long as the entry is held and then until
//!   the next event; if it was read from an entry of an iterator, until that call returns. Reading it again from the same entry
//!   answers the same pointer.
//! - Entries, and what they need, are used again after their release: asking and releasing allocate nothing in a steady state.

use super::api::Input;
use super::calls::Calls;
use super::problem::{Problem, Result};
use crate::inspector::gate::Gate;
use parking_lot::Mutex;
use sinsp_core::inspector::Inspector;
use sinsp_core::state::State;
use sinsp_core::state::tables::{ColumnId, Entry, Owned, ShapeId, SubTable, Table};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CString, c_char, c_void};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What C may do with an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Use {
    /// Nothing: it was given back.
    None,
    /// Use it within one call of its visitor.
    Borrowed,
    /// Use it until it gives it back.
    Held,
    /// Use it until it adds it to a table or destroys it.
    Created,
}

/// An entry as C holds it (`ss_plugin_table_entry_t`).
pub(super) struct Handle {
    owner: *const c_void,
    allowed: AtomicU8,
    /// Where the pool has it among those that C has; changed while the pool is locked.
    place: Cell<usize>,
    /// The call of a plugin that it was handed out in; 0 for none. Changed while the pool is locked.
    call: Cell<u64>,
    /// Taken out by whoever gives the entry back, on any operating-system thread.
    entry: Mutex<Option<Entry>>,
    /// What C was given of texts, each in memory of its own.
    texts: RefCell<Vec<TextOf>>,
    tables: RefCell<Vec<Rc<Exposed>>>,
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
            entry: Mutex::new(None),
            texts: RefCell::default(),
            tables: RefCell::default(),
        })
    }

    /// What C gets.
    pub fn pointer(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    pub fn set_use(&self, allowed: Use) {
        self.allowed.store(allowed as u8, Ordering::Release);
    }

    /// Ends one use of it; answers whether that was the one it had.
    pub fn end(&self, allowed: Use) -> bool {
        self.allowed.compare_exchange(allowed as u8, Use::None as u8, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn in_use(&self) -> bool {
        self.allowed.load(Ordering::Acquire) != Use::None as u8
    }

    /// Hands the entry to `act`, unless it was given back.
    pub fn with<R>(&self, act: impl FnOnce(&mut Entry) -> Result<R>) -> Result<R> {
        if !self.in_use() {
            return Err("the entry was released".into());
        }
        match &mut *self.entry.lock() {
            Some(entry) => act(entry),
            None => Err("the entry was released".into()),
        }
    }

    /// Exchanges the row that it stands for.
    pub fn exchange(&self, entry: Option<Entry>) -> Option<Entry> {
        self.tables.borrow().iter().for_each(|table| table.detach());
        std::mem::replace(&mut *self.entry.lock(), entry)
    }

    /// Keeps a text for C.
    pub fn keep_text(&self, column: ColumnId, text: &[u8]) -> *const c_char {
        let mut texts = self.texts.borrow_mut();
        let known = texts.iter().position(|t| t.column == Some(column));
        let at = known.or_else(|| texts.iter().position(|t| t.column.is_none())).unwrap_or_else(|| {
            texts.push(TextOf { column: None, bytes: Vec::new() });
            texts.len() - 1
        });
        let kept = &mut texts[at];
        kept.column = Some(column);
        kept.bytes.clear();
        kept.bytes.extend_from_slice(text.split(|&b| b == 0).next().unwrap_or_default());
        kept.bytes.push(0);
        kept.bytes.as_ptr().cast()
    }

    /// A table in this entry, as C holds it.
    pub fn table(&self, what: What, shape: ShapeId, name: &CString, key: u32) -> Rc<Exposed> {
        let mut tables = self.tables.borrow_mut();
        let same = tables.iter().find(|t| t.what.borrow().as_ref() == Some(&what));
        let free = || tables.iter().find(|t| t.shape == shape && t.what.borrow().is_none());
        if let Some(found) = same.or_else(free) {
            found.what.replace(Some(what));
            return found.clone();
        }
        let table = Exposed::new(self.owner, Some(self), what, shape, name.clone(), key);
        tables.push(table.clone());
        table
    }

    fn has_tables(&self) -> bool {
        self.tables.borrow().iter().any(|t| t.what.borrow().is_some())
    }

    fn forget(&self) {
        self.texts.borrow_mut().iter_mut().for_each(|t| t.column = None);
        self.tables.borrow().iter().for_each(|table| table.detach());
    }
}

/// Which table it is.
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
    /// Made when it is first handed out, as it points to this very object, which has come to rest by then.
    input: OnceCell<Input>,
    owner: *const c_void,
    /// The entry that it was read from; null for a table that has a name.
    parent: *const Handle,
    what: RefCell<Option<What>>,
    shape: ShapeId,
    name: CString,
    key: u32,
}

impl Exposed {
    /// A table of the inspector `owner`. Counted, as what C has pointers to must not be in a box, which alone may lead to what it
    /// holds.
    pub fn new(
        owner: *const c_void,
        parent: Option<&Handle>,
        what: What,
        shape: ShapeId,
        name: CString,
        key: u32,
    ) -> Rc<Exposed> {
        let parent = parent.map_or(std::ptr::null(), |p| &raw const *p);
        let what = RefCell::new(Some(what));
        Rc::new(Exposed { input: OnceCell::new(), owner, parent, what, shape, name, key })
    }

    /// What C gets, which `make` makes when it is first handed out.
    pub fn pointer(&self, make: impl FnOnce(&Exposed) -> Input) -> *mut c_void {
        (&raw const *self.input.get_or_init(|| make(self))).cast_mut().cast()
    }

    /// The inspector that owns it, as C has it. It lives as long as anyone may use the table.
    pub fn owner(&self) -> *const c_void {
        self.owner
    }

    /// What it looks like.
    pub fn shape(&self) -> ShapeId {
        self.shape
    }

    /// The type of its keys, as the plugin API numbers types.
    pub fn key(&self) -> u32 {
        self.key
    }

    /// The name of it, valid as long as the inspector.
    pub fn name(&self) -> *const c_char {
        self.name.as_ptr()
    }

    /// Whether this is the table `what`.
    pub fn is(&self, what: &What) -> bool {
        self.what.borrow().as_ref() == Some(what)
    }

    /// The table in the core.
    pub fn table(&self) -> Result<Table> {
        let gone = || Problem::from("the entry that the table was read from was released");
        match &*self.what.borrow() {
            None => Err(gone()),
            Some(What::None(_)) => Err("the table has fields alone, no entries".into()),
            Some(What::Threads) => Ok(Table::Threads),
            Some(What::Owned(table)) => Ok(Table::Owned(table.clone())),
            Some(What::Of(list)) => {
                // SAFETY: a handle owns the tables that were read from it, and is freed with its inspector.
                let parent = unsafe { self.parent.as_ref() }.ok_or_else(gone)?;
                // The entry is kept until the next event after its release.
                match &*parent.entry.lock() {
                    Some(Entry::Thread(thread)) => Ok(Table::Of(*thread, *list)),
                    _ => Err(gone()),
                }
            }
        }
    }

    /// From now on it is no table.
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
    pub(super) calls: Calls,
}

#[derive(Default)]
struct Shelves {
    /// Those to be used again: the one that was given back first comes first.
    free: VecDeque<Rc<Handle>>,
    /// Those that were given back but have tables that are valid until the next event, with the number of the present one.
    lingering: VecDeque<(Rc<Handle>, u64)>,
    /// Those that C has.
    out: Vec<Rc<Handle>>,
    /// Rows that were given back while the core was in use.
    rows: Vec<Entry>,
    /// Room for the rows of an iteration.
    lists: Vec<Vec<Entry>>,
}

/// How many entries that were given back are kept as they are before one is used again: a text that is used too late is more
/// likely to be found so than to be read as another.
const RESTING: usize = 16;

impl Pool {
    /// An entry for C, which stands for `row`.
    pub fn hand_out(&self, owner: *const c_void, row: Entry, allowed: Use) -> *mut c_void {
        let mut shelves = self.shelves.lock();
        let used = if shelves.free.len() > RESTING { shelves.free.pop_front() } else { None };
        let handle = used.unwrap_or_else(|| Handle::new(owner));
        handle.forget();
        handle.exchange(Some(row));
        handle.set_use(allowed);
        let pointer = handle.pointer();
        handle.place.set(shelves.out.len());
        handle.call.set(self.calls.take());
        shelves.out.push(handle);
        pointer
    }

    /// Takes an entry back that C may not use any more.
    pub fn take_back(&self, core: &Gate<Inspector>, handle: &Handle) {
        let events = core.read().map_or(0, |core| core.event_count());
        let mut shelves = self.shelves.lock();
        let at = handle.place.get();
        let handle = shelves.out.swap_remove(at);
        if let Some(moved) = shelves.out.get(at) {
            moved.place.set(at);
        }
        self.calls.give_back(handle.call.replace(0));
        if handle.has_tables() {
            shelves.lingering.push_back((handle, events));
        } else {
            shelves.rows.extend(handle.exchange(None));
            shelves.free.push_back(handle);
        }
        drop(shelves);
        self.tidy(core);
    }

    /// The entries that C has since this call of a plugin.
    pub fn of_call(&self, call: u64) -> Vec<Rc<Handle>> {
        self.shelves.lock().out.iter().filter(|handle| handle.call.get() == call).cloned().collect()
    }

    /// Gives rows back.
    pub fn give_back(&self, core: &Gate<Inspector>, rows: &mut Vec<Entry>) {
        self.shelves.lock().rows.append(rows);
        self.tidy(core);
    }

    /// An empty list of rows.
    pub fn list(&self) -> Vec<Entry> {
        self.shelves.lock().lists.pop().unwrap_or_default()
    }

    /// Takes an empty list back.
    pub fn return_list(&self, list: Vec<Entry>) {
        self.shelves.lock().lists.push(list);
    }

    /// Gives the rows back that nobody needs any more, unless the core is in use; then it is done later.
    pub fn tidy(&self, core: &Gate<Inspector>) {
        let due = {
            let shelves = self.shelves.lock();
            !shelves.rows.is_empty() || !shelves.lingering.is_empty()
        };
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
