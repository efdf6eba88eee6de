//! Reading and writing tables and their entries.

use super::lists::{MAX_TEXTS, texts};
use super::owned::OwnedEntry;
use super::rows::{Row, RowMut};
use super::{ColumnId, ColumnType, Key, Owned, ShapeId, SubTable, TableError, ThreadColumn, Value};
use crate::state::store::ThreadText;
use crate::state::{FdHold, State, Thread, ThreadId};
use scap_sys::FdType;
use std::ops::Range;
use std::sync::Arc;

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub enum Table {
    /// All threads, by tid.
    Threads,
    /// A table of one thread, which is in the thread table or pinned.
    Of(ThreadId, SubTable),
    /// A table whose entries the core stores.
    Owned(Arc<Owned>),
}

impl Table {
    /// Its shape.
    pub fn shape(&self) -> ShapeId {
        match self {
            Table::Threads => ShapeId::THREADS,
            Table::Of(_, list) => list.shape(),
            Table::Owned(table) => table.shape,
        }
    }

    fn owned(&self) -> Result<&Owned, TableError> {
        match self {
            Table::Owned(table) => Ok(table),
            Table::Threads | Table::Of(..) => Err(TableError::text(IN_USE)),
        }
    }
}

/// An entry of a table. It holds a reference: give it back with [`State::entry_release`].
///
/// It stays readable and writable after it leaves its table: a thread that exited, an fd that was closed. A text entry is
/// an exception: it refers to a position in its list.
#[derive(Debug)]
pub enum Entry {
    /// A thread, which is pinned.
    Thread(ThreadId),
    /// An fd of a thread.
    Fd {
        /// The thread in whose fd table it was found.
        owner: ThreadId,
        /// The fd number under which it was found.
        number: i64,
        /// Keeps the fd readable after it is closed.
        hold: Arc<FdHold>,
    },
    /// A text of a list of a thread, which is pinned.
    Text {
        /// The thread of the list.
        owner: ThreadId,
        /// The list.
        list: SubTable,
        /// The position in the list; `None` for a new entry.
        at: Option<usize>,
    },
    /// An entry that the core stores.
    Owned(Arc<OwnedEntry>),
}

impl Entry {
    /// The shape of its table.
    #[inline]
    pub fn shape(&self) -> ShapeId {
        match self {
            Entry::Thread(_) => ShapeId::THREADS,
            Entry::Fd { .. } => ShapeId::FDS,
            Entry::Text { list, .. } => list.shape(),
            Entry::Owned(entry) => entry.shape,
        }
    }
}

/// A walk over the entries of a table, from [`State::walk`]. It holds references of entries that are still to come: those that are left at its end
/// ([`Walk::rest`]) have to be released.
#[derive(Debug, Default)]
pub struct Walk {
    /// The places in the thread table that are still to come.
    places: Range<usize>,
    /// The entries of another table that are still to come, the next one last.
    entries: Vec<Entry>,
}

impl Walk {
    /// Ends the walk; the entries that were not visited are to be released.
    pub fn rest(&mut self) -> impl Iterator<Item = Entry> {
        self.places = 0..0;
        self.entries.drain(..)
    }
}

/// Adds a thread that is to be released.
#[cold]
fn left_behind(visited: ThreadId, left: &mut Vec<Entry>) {
    left.push(Entry::Thread(visited));
}

const GONE: TableError = TableError::GONE;
const NO_ENTRY: TableError = TableError::text("the table has no entry of that key");
const IN_USE: &str =
    "the event is being evaluated, and only tables of programs and plugins and fields that were added can be changed";
const FULL: TableError = TableError::text("the table is full");
const NOT_NEW: TableError =
    TableError::text("only an entry that was made for the table and not added yet can be added to it");

impl State {
    /// The number of entries of a table.
    pub fn table_len(&self, table: &Table) -> usize {
        match table {
            Table::Threads => self.threads.len(),
            Table::Of(thread, SubTable::Fds) => {
                self.files_of(*thread).and_then(|owner| self.threads.pinned(owner)).map_or(0, |t| t.own_fds.len())
            }
            Table::Of(thread, list) => self.threads.pinned(*thread).map_or(0, |t| texts(t, *list).len()),
            Table::Owned(table) => table.len(),
        }
    }

    /// The entry with the key `key`.
    pub fn table_get(&self, table: &Table, key: Key<'_>) -> Result<Entry, TableError> {
        let number = key.number();
        match table {
            Table::Threads => {
                let id = number.and_then(|tid| self.threads.id_of(tid)).filter(|&id| self.threads.pin(id));
                id.map(Entry::Thread)
            }
            Table::Of(thread, SubTable::Fds) => number.and_then(|number| self.hold_fd(*thread, number)),
            Table::Of(thread, list) => number.and_then(|at| self.pin_text(*thread, *list, usize::try_from(at).ok()?)),
            Table::Owned(table) => table.get(key).map(Entry::Owned),
        }
        .ok_or(NO_ENTRY)
    }

    /// Begins a walk over the entries of a table. Only lists have a defined order. A thread that is removed before its turn is left out,
    /// and one that is added meanwhile may be.
    pub fn walk(&self, table: &Table, walk: &mut Walk) {
        let entries = &mut walk.entries;
        match table {
            Table::Threads => walk.places = 0..self.threads.places(),
            Table::Of(thread, SubTable::Fds) => {
                let Some(owner) = self.files_of(*thread) else { return };
                let Some(t) = self.threads.pinned(owner) else { return };
                let held = |number| Some(Entry::Fd { owner, number, hold: t.own_fds.hold(number)? });
                entries.extend(t.own_fds.numbers().filter_map(held));
            }
            Table::Of(thread, list) => {
                entries.extend((0..self.table_len(table)).rev().filter_map(|at| self.pin_text(*thread, *list, at)));
            }
            Table::Owned(table) => table.each(|entry| entries.push(Entry::Owned(entry.clone()))),
        }
    }

    /// The next entry of a walk; `None` after the last one.
    #[inline]
    pub fn walk_on(&self, walk: &mut Walk) -> Option<Entry> {
        match walk.places.find_map(|place| self.threads.pin_at(place)) {
            Some(id) => Some(Entry::Thread(id)),
            None => walk.entries.pop(),
        }
    }

    /// Releases an entry that a walk visited, and puts the next one in its place. Returns false, and changes nothing, after the last one. What can be
    /// released only where the state can be changed ([`State::entry_release`]) is added to `left`.
    #[inline]
    pub fn walk_step(&self, walk: &mut Walk, entry: &mut Option<Entry>, left: &mut Vec<Entry>) -> bool {
        if let Some(Entry::Thread(id)) = entry
            && let Some(next) = walk.places.find_map(|place| self.threads.pin_at(place))
        {
            let visited = std::mem::replace(id, next);
            if !self.threads.unpin_kept(visited) {
                left_behind(visited, left);
            }
            return true;
        }
        self.walk_step_any(walk, entry, left)
    }

    #[inline(never)]
    fn walk_step_any(&self, walk: &mut Walk, entry: &mut Option<Entry>, left: &mut Vec<Entry>) -> bool {
        let Some(next) = self.walk_on(walk) else { return false };
        left.extend(entry.replace(next).and_then(|visited| self.entry_release_kept(visited)));
        true
    }

    /// Creates an entry that can be added to a table of the same shape; `None` if the table's thread is gone.
    pub fn table_new(&mut self, table: &Table) -> Option<Entry> {
        Some(match table {
            Table::Threads => Entry::Thread(self.threads.place_apart(Thread::new(-1))),
            Table::Of(owner, SubTable::Fds) => {
                let hold = FdHold::of(crate::state::Fd::new(FdType::Uninitialized));
                Entry::Fd { owner: *owner, number: -1, hold }
            }
            Table::Of(owner, list) => {
                if !self.threads.pin(*owner) {
                    return None;
                }
                Entry::Text { owner: *owner, list: *list, at: None }
            }
            Table::Owned(table) => Entry::Owned(Arc::new(OwnedEntry::new(table.shape))),
        })
    }

    /// Adds an entry from [`State::table_new`], and replaces one with the same key.
    pub fn table_add(&mut self, table: &Table, key: Key<'_>, entry: &mut Entry) -> Result<(), TableError> {
        self.touch();
        let wrong = TableError::text("the key has another type than those of the table");
        match (table, entry) {
            (Table::Threads, Entry::Thread(id)) => {
                if self.threads.by_id(*id).is_some() {
                    return Err(NOT_NEW);
                }
                let t = self.threads.pinned(*id).ok_or(GONE)?;
                t.tid.set(key.number().ok_or(wrong)?);
                if self.adopt_thread(*id) { Ok(()) } else { Err(FULL) }
            }
            (Table::Of(thread, SubTable::Fds), Entry::Fd { owner, number, hold }) => {
                if hold.with(|_| ()).is_none() {
                    return Err(NOT_NEW);
                }
                let into = self.files_of(*thread).ok_or(GONE)?;
                let key = key.number().ok_or(wrong)?;
                if !self.threads.pinned_mut(into).ok_or(GONE)?.own_fds.add_held(key, hold) {
                    return Err(FULL);
                }
                (*owner, *number) = (into, key);
                Ok(())
            }
            (Table::Of(thread, list), Entry::Text { owner, list: same, at }) if list == same => {
                if at.is_some() || owner != thread {
                    return Err(NOT_NEW);
                }
                let key = key.number().and_then(|at| usize::try_from(at).ok()).ok_or(wrong)?;
                self.change_texts(*thread, *list, |texts| {
                    if key >= MAX_TEXTS {
                        return Err(FULL);
                    }
                    texts.resize(key + 1, Vec::new());
                    Ok(())
                })?;
                *at = Some(key);
                Ok(())
            }
            (Table::Owned(_), entry) => self.table_add_while_read(table, key, entry),
            _ => Err(NOT_NEW),
        }
    }

    /// As [`State::table_new`] while the state is read: for a table whose entries the core stores.
    ///
    /// # Errors
    /// It is another table.
    pub fn table_new_while_read(&self, table: &Table) -> Result<Entry, TableError> {
        Ok(Entry::Owned(Arc::new(OwnedEntry::new(table.owned()?.shape))))
    }

    /// As [`State::table_add`], likewise.
    ///
    /// # Errors
    /// It is another table, or the entry is one of another table.
    pub fn table_add_while_read(&self, table: &Table, key: Key<'_>, entry: &Entry) -> Result<(), TableError> {
        self.touch();
        match (table.owned()?, entry) {
            (table, Entry::Owned(entry)) if table.shape == entry.shape => {
                table.add(key, entry.clone());
                Ok(())
            }
            _ => Err(NOT_NEW),
        }
    }

    /// As [`State::table_erase`], likewise.
    ///
    /// # Errors
    /// It is another table, or has no such entry.
    pub fn table_erase_while_read(&self, table: &Table, key: Key<'_>) -> Result<(), TableError> {
        self.touch();
        if table.owned()?.erase(key) { Ok(()) } else { Err(NO_ENTRY) }
    }

    /// As [`State::table_clear`], likewise.
    ///
    /// # Errors
    /// It is another table.
    pub fn table_clear_while_read(&self, table: &Table) -> Result<(), TableError> {
        self.touch();
        table.owned()?.clear();
        Ok(())
    }

    /// Removes the entry with the key `key`.
    pub fn table_erase(&mut self, table: &Table, key: Key<'_>) -> Result<(), TableError> {
        self.touch();
        let number = key.number();
        let erased = match table {
            Table::Threads => {
                number.filter(|&tid| self.threads.get(tid).is_some()).map(|tid| self.remove_thread(tid)).is_some()
            }
            Table::Of(thread, SubTable::Fds) => {
                let owner = self.files_of(*thread).and_then(|owner| self.threads.pinned_mut(owner));
                owner.zip(number).is_some_and(|(t, number)| t.own_fds.remove(number))
            }
            Table::Of(thread, list) => {
                let at = number.and_then(|at| usize::try_from(at).ok()).ok_or(NO_ENTRY)?;
                self.change_texts(*thread, *list, |texts| {
                    if at >= texts.len() {
                        return Err(NO_ENTRY);
                    }
                    texts.remove(at);
                    Ok(())
                })?;
                true
            }
            Table::Owned(table) => table.erase(key),
        };
        if erased { Ok(()) } else { Err(NO_ENTRY) }
    }

    /// Removes all entries of a table.
    pub fn table_clear(&mut self, table: &Table) -> Result<(), TableError> {
        self.touch();
        match table {
            Table::Threads => self.threads.clear(),
            Table::Of(thread, SubTable::Fds) => {
                let owner = self.files_of(*thread).and_then(|owner| self.threads.pinned_mut(owner));
                owner.ok_or(GONE)?.own_fds.retain(|_| false);
            }
            Table::Of(thread, list) => self.change_texts(*thread, *list, |texts| {
                texts.clear();
                Ok(())
            })?,
            Table::Owned(table) => table.clear(),
        }
        Ok(())
    }

    /// Releases an entry where the state cannot be changed. Returns it if that takes [`State::entry_release`]: it is the last one of a thread that
    /// was removed.
    #[inline]
    #[must_use]
    pub fn entry_release_kept(&self, entry: Entry) -> Option<Entry> {
        match entry {
            Entry::Thread(id) | Entry::Text { owner: id, .. } if !self.threads.unpin_kept(id) => Some(entry),
            _ => None,
        }
    }

    /// Releases an entry.
    pub fn entry_release(&mut self, entry: Entry) {
        if let Entry::Thread(id) | Entry::Text { owner: id, .. } = entry {
            self.threads.unpin(id);
        }
    }

    /// The value of an entry in a fixed column of the thread table; `None` if it is no thread, or is gone. [`State::entry_read`] does the same for every
    /// column, and says what is wrong.
    #[inline]
    pub fn read_thread(&self, entry: &Entry, column: ThreadColumn) -> Option<Value<'_>> {
        let Entry::Thread(id) = entry else { return None };
        (column.fixed.read)(&self.threads, Row::Thread(self.threads.pinned(*id)?))
    }

    /// A text of the thread that an entry is; `None` if it is no thread, or is gone.
    #[inline]
    pub fn read_thread_text(&self, entry: &Entry, which: ThreadText) -> Option<&[u8]> {
        let Entry::Thread(id) = entry else { return None };
        Some(self.threads.pinned(*id)?.text(which))
    }

    /// Passes the value of an entry in a column to `read`.
    #[inline]
    pub fn entry_read<R>(
        &self,
        entry: &Entry,
        column: ColumnId,
        read: impl FnOnce(Value<'_>) -> R,
    ) -> Result<R, TableError> {
        self.check_column(entry, column)?;
        let Some(fixed) = self.tables.fixed(column) else { return self.read_added(entry, column, read) };
        if let Entry::Thread(id) = entry {
            let value = self.threads.pinned(*id).and_then(|t| (fixed.read)(&self.threads, Row::Thread(t)));
            return value.map(read).ok_or(GONE);
        }
        self.with_row(entry, |row| (fixed.read)(&self.threads, row).map(read)).flatten().ok_or(GONE)
    }

    fn read_added<R>(
        &self,
        entry: &Entry,
        column: ColumnId,
        read: impl FnOnce(Value<'_>) -> R,
    ) -> Result<R, TableError> {
        let (index, ty) = self.tables.added(column).ok_or_else(|| self.no_such(column))?;
        let value = match entry {
            Entry::Owned(entry) => {
                let mut values = entry.values.lock();
                if let (ColumnType::Table, Some(nested)) = (ty, self.tables.nested(column)) {
                    let table = values.table(index, || Owned::new(nested)).cloned();
                    // Unlock first: `read` may access the same entry.
                    drop(values);
                    return table.map(|table| read(Value::Table(&table))).ok_or(GONE);
                }
                return values.read(index, ty, read).ok_or(GONE);
            }
            other => self.with_row(other, |row| match row {
                Row::Thread(t) => t.outside.read_added(index, ty, read),
                Row::Fd(fd) => fd.outside.read_added(index, ty, read),
                Row::Text(_) => None,
            }),
        };
        value.flatten().ok_or(GONE)
    }

    /// Writes the value of an entry in a column that was added, while the state is read.
    ///
    /// # Errors
    /// Those of [`State::entry_write`]; the column is a fixed one.
    pub fn entry_write_while_read(&self, entry: &Entry, column: ColumnId, value: Value<'_>) -> Result<(), TableError> {
        self.check_write(entry, column, value)?;
        if let Some(fixed) = self.tables.fixed(column) {
            return Err(TableError::new(format!("{}: field '{}'", IN_USE, fixed.name)));
        }
        self.touch();
        self.write_added(entry, column, value)
    }

    fn check_write(&self, entry: &Entry, column: ColumnId, value: Value<'_>) -> Result<(), TableError> {
        self.check_column(entry, column)?;
        let known = self.tables.columns(column.shape).nth(column.index as usize).ok_or_else(|| self.no_such(column))?;
        let table = self.tables.name(column.shape);
        if known.read_only {
            return Err(TableError::new(format!("field '{}' of table '{table}' cannot be written", known.name)));
        }
        if known.ty != value.ty() {
            let (actual, passed) = (known.ty.name(), value.ty().name());
            let name = known.name;
            return Err(TableError::new(format!("field '{name}' of table '{table}' has type {actual}, not {passed}")));
        }
        Ok(())
    }

    /// Writes the value of an entry in a column.
    pub fn entry_write(&mut self, entry: &Entry, column: ColumnId, value: Value<'_>) -> Result<(), TableError> {
        self.check_write(entry, column, value)?;
        self.touch();
        let Some(fixed) = self.tables.fixed(column) else { return self.write_added(entry, column, value) };
        let write = fixed.write.ok_or(GONE)?;
        let nonsense = || TableError::new(format!("field '{}' cannot have that value", fixed.name));
        let made_sense = match entry {
            Entry::Thread(id) => write(RowMut::Thread(self.threads.pinned_mut(*id).ok_or(GONE)?), value),
            Entry::Text { owner, list, at } => {
                let at = *at;
                return self.change_texts(*owner, *list, |texts| {
                    let text = at.and_then(|at| texts.get_mut(at)).ok_or(GONE)?;
                    if write(RowMut::Text(text), value) { Ok(()) } else { Err(nonsense()) }
                });
            }
            Entry::Fd { owner, number, hold } => {
                let live = self.threads.pinned_mut(*owner).and_then(|t| t.own_fds.held_mut(*number, hold));
                match live {
                    Some(fd) => write(RowMut::Fd(fd), value),
                    None => hold.with(|fd| write(RowMut::Fd(fd), value)).ok_or(GONE)?,
                }
            }
            Entry::Owned(_) => return Err(self.no_such(column)),
        };
        if made_sense { Ok(()) } else { Err(nonsense()) }
    }

    fn write_added(&self, entry: &Entry, column: ColumnId, value: Value<'_>) -> Result<(), TableError> {
        let (index, _) = self.tables.added(column).ok_or_else(|| self.no_such(column))?;
        match entry {
            Entry::Thread(id) => self.threads.pinned(*id).ok_or(GONE)?.outside.write_added(index, value),
            Entry::Fd { owner, number, hold } => {
                match self.threads.pinned(*owner).and_then(|t| t.own_fds.held(*number, hold)) {
                    Some(fd) => fd.outside.write_added(index, value),
                    None => hold.with(|fd| fd.outside.write_added(index, value)).ok_or(GONE)?,
                }
            }
            Entry::Owned(entry) => entry.values.lock().write(index, value),
            Entry::Text { .. } => return Err(self.no_such(column)),
        }
        Ok(())
    }

    /// Checks that a column belongs to the table of the entry.
    #[inline]
    fn check_column(&self, entry: &Entry, column: ColumnId) -> Result<(), TableError> {
        match entry.shape() == column.shape {
            true => Ok(()),
            false => Err(self.wrong_column(entry, column)),
        }
    }

    #[cold]
    fn wrong_column(&self, entry: &Entry, column: ColumnId) -> TableError {
        let (of, table) = (self.tables.name(column.shape), self.tables.name(entry.shape()));
        TableError::new(format!("a field of table '{of}' is used on an entry of table '{table}'"))
    }

    fn no_such(&self, column: ColumnId) -> TableError {
        TableError::new(format!("table '{}' has no such field", self.tables.name(column.shape)))
    }

    fn with_row<R>(&self, entry: &Entry, read: impl FnOnce(Row<'_>) -> R) -> Option<R> {
        match entry {
            Entry::Thread(id) => self.threads.pinned(*id).map(|t| read(Row::Thread(t))),
            Entry::Fd { owner, number, hold } => {
                match self.threads.pinned(*owner).and_then(|t| t.own_fds.held(*number, hold)) {
                    Some(fd) => Some(read(Row::Fd(fd))),
                    None => hold.with(|fd| read(Row::Fd(fd))),
                }
            }
            Entry::Text { owner, list, at } => {
                let list = texts(self.threads.pinned(*owner)?, *list);
                list.get((*at)?).map(|text| read(Row::Text(text)))
            }
            Entry::Owned(_) => None,
        }
    }
}
