//! The functions of the plugin API's tables. Each takes the table it belongs to; `sinsp_table_error` returns why one failed.
//!
//! The plugin API's contract for their pointers: `table`, `entry` and `column` are null, or pointers that this library returned, of an inspector
//! that was not freed; a key or a value is null or of the type of the table's keys or of the column; a text ends with a NUL; what is written to
//! is null or writable.

use super::api::{FieldInfo, StateData, Visit, input, rc, state_data, value, vtables};
use super::fields::Field;
use super::handle::{Exposed, Handle, Inside, Kept, Use, What};
use super::problem::{Informed, Problem, Result};
use crate::ffi::Failure;
use crate::inspector::gate::Refused;
use crate::inspector::handle::{release_count, sinsp_inspector};
use sinsp_core::state::State;
use sinsp_core::state::tables::{ColumnType, Key, ShapeId, Tables, Value};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

vtables!(pub(crate));

/// A table as the plugin API has it, valid as long as the table.
pub(super) fn pointer(table: &Exposed) -> *mut c_void {
    table.pointer(|table| input(table.name(), table.key(), (&raw const *table).cast(), &READER, &WRITER, &FIELDS))
}

/// The inspector that owns a table.
pub(super) fn inspector_of(table: &Exposed) -> &sinsp_inspector {
    // SAFETY: an inspector owns its tables: a table is valid only as long as its inspector.
    unsafe { &*table.owner().cast::<sinsp_inspector>() }
}

/// The table at the plugin API's pointer.
///
/// # Safety
/// `table` must be null or one that this library returned and that is valid.
pub(super) unsafe fn exposed<'a>(table: *mut c_void) -> Result<&'a Exposed> {
    // SAFETY: by `# Safety`, `table` is null or one that this library returned and that is valid.
    unsafe { table.cast::<Exposed>().as_ref() }.ok_or_else(|| Problem::from("null table"))
}

/// Calls `body` with the table at the plugin API's pointer, and its inspector. If it fails, informs who has the table, and returns `failed`.
///
/// # Safety
/// As [`exposed`].
#[inline]
unsafe fn on_table<R: Copy>(
    table: *mut c_void,
    failed: R,
    body: impl FnOnce(&Exposed, &sinsp_inspector) -> Result<R>,
) -> R {
    // SAFETY: this `# Safety` is that of `exposed`.
    match unsafe { exposed(table) } {
        Ok(table) => table.informed().guard(failed, || body(table, inspector_of(table))),
        Err(problem) => Informed::default().guard(failed, || Err(problem)),
    }
}

/// The entry at the plugin API's pointer, which has to be one of the table's inspector.
///
/// # Safety
/// `entry` must be null or one that this library returned, of an inspector that was not freed.
unsafe fn handle<'a>(table: &Exposed, entry: *mut c_void) -> Result<&'a Handle> {
    // SAFETY: by `# Safety`, `entry` is null or one that this library returned; the inspector's pool keeps handles until it is freed.
    let found = unsafe { entry.cast::<Handle>().as_ref() }.ok_or_else(|| Problem::from("null entry"))?;
    if found.owner() != table.owner() {
        return Err("the entry is one of another inspector".into());
    }
    Ok(found)
}

/// The column at the plugin API's pointer, which has to be one of the table's inspector.
///
/// # Safety
/// `field` must be null or one that this library returned, of an inspector that was not freed.
unsafe fn field<'a>(table: &Exposed, field: *const c_void) -> Result<&'a Field> {
    // SAFETY: by `# Safety`, `field` is null or one that this library returned; the inspector keeps fields until it is freed.
    let found = unsafe { field.cast::<Field>().as_ref() }.ok_or_else(|| Problem::from("null field"))?;
    if found.owner != table.owner() {
        return Err("the field is one of another inspector".into());
    }
    Ok(found)
}

/// The key at C's pointer, of the type of the table's keys.
///
/// # Safety
/// `key` must be null or a key of that type, and stay as it is for `'a`.
unsafe fn key<'a>(table: &Exposed, key: *const StateData) -> Result<Key<'a>> {
    let ty = inspector_of(table).core()?.state().tables.key(table.shape());
    // SAFETY: this `# Safety` is that of `value` with the type of the table's keys.
    Key::of(unsafe { value(key, ty)? }).ok_or_else(|| Problem::from("a table is no key"))
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, null(), |t, _| Ok(t.name())) }
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    let size = |t: &Exposed, inspector: &sinsp_inspector| Ok(inspector.core()?.state().table_len(&t.table()?) as u64);
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, u64::MAX, size) }
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const FieldInfo {
    let list = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API: `count` is null or writable.
        let count = unsafe { count.as_mut() }.ok_or_else(|| Problem::from("null count"))?;
        let core = inspector.core()?;
        let mut kinds = inspector.tables.kinds.borrow_mut();
        let list = kinds.kind(t.owner(), &core.state().tables, t.shape()).list();
        *count = list.len() as u32;
        Ok(list.as_ptr())
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, null(), list) }
}

/// Finds the column `name` of the type `ty`, or adds it. Null on failure.
///
/// # Safety
/// The contract of the plugin API (see the head of this file).
unsafe fn find_field(table: *mut c_void, name: *const c_char, ty: u32, add: bool) -> *mut c_void {
    let find = |t: &Exposed, inspector: &sinsp_inspector| {
        if name.is_null() {
            return Err("null name".into());
        }
        // SAFETY: the contract of the plugin API: `name`, which is not null, ends with a NUL.
        let name = unsafe { CStr::from_ptr(name) }.to_str();
        let name = name.map_err(|_| Problem::from("the name of a field has to be UTF-8"))?;
        let ty = ColumnType::from_number(ty).ok_or_else(|| Problem::new(format!("there is no type {ty} of fields")))?;
        let column = match add {
            true => inspector.core_mut()?.state_mut().tables.add_column(t.shape(), name, ty)?,
            false => inspector.core()?.state().tables.column(t.shape(), name, ty)?,
        };
        let core = inspector.core()?;
        let mut kinds = inspector.tables.kinds.borrow_mut();
        let found = kinds.kind(t.owner(), &core.state().tables, t.shape()).field(column);
        Ok(found.map_or(null_mut(), |f| Rc::as_ptr(f).cast_mut().cast()))
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, null_mut(), find) }
}

unsafe extern "C" fn get_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    // SAFETY: the contract of the plugin API, which `find_field` requires.
    unsafe { find_field(table, name, ty, false) }
}

unsafe extern "C" fn add_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    // SAFETY: the contract of the plugin API, which `find_field` requires.
    unsafe { find_field(table, name, ty, true) }
}

unsafe extern "C" fn get_entry(table: *mut c_void, key_of: *const StateData) -> *mut c_void {
    let get = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API, for the table and its key.
        let key = unsafe { key(t, key_of)? };
        inspector.tables.pool.tidy(inspector.gate());
        let core = inspector.core()?;
        let row = core.state().table_get(&t.table()?, key)?;
        inspector.retain();
        Ok(inspector.tables.pool.hand_out(inspector.pointer(), row, Use::Held))
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, null_mut(), get) }
}

/// Takes back an entry whose use is `allowed`; else fails with the text `otherwise`.
///
/// # Safety
/// As [`exposed`] and [`handle`].
unsafe fn end(table: *mut c_void, entry: *mut c_void, allowed: Use, otherwise: &'static str) {
    let take = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: by `# Safety`, `entry` is null or a valid pointer that this library returned.
        let entry = unsafe { handle(t, entry)? };
        if !entry.end(allowed) {
            return Err(otherwise.into());
        }
        inspector.tables.pool.take_back(inspector.gate(), entry);
        Ok(inspector.pointer().cast::<sinsp_inspector>())
    };
    // SAFETY: this `# Safety`.
    let ended = unsafe { on_table(table, null_mut(), take) };
    if !ended.is_null() {
        // SAFETY: the entry held a reference of its inspector, which is given up here.
        unsafe { release_count(ended) };
    }
}

unsafe extern "C" fn release_entry(table: *mut c_void, entry: *mut c_void) {
    // SAFETY: the contract of the plugin API.
    unsafe {
        end(table, entry, Use::Held, "only an entry that was got or added, and not released yet, can be released")
    };
}

unsafe extern "C" fn destroy_entry(table: *mut c_void, entry: *mut c_void) {
    let otherwise = "only an entry that was created, and not added or destroyed yet, can be destroyed";
    // SAFETY: the contract of the plugin API.
    unsafe { end(table, entry, Use::Created, otherwise) };
}

unsafe extern "C" fn iterate(table: *mut c_void, visit: Visit, context: *mut c_void) -> u32 {
    let mut kept = null_mut();
    let all = |t: &Exposed, inspector: &sinsp_inspector| {
        // The visitor may free the program's reference of the inspector.
        inspector.retain();
        kept = inspector.pointer().cast();
        // SAFETY: the contract of the plugin API: `visit` is null or callable with `context`.
        unsafe { visit_all(t, visit, context).map(u32::from) }
    };
    // SAFETY: the contract of the plugin API.
    let completed = unsafe { on_table(table, 0, all) };
    // SAFETY: null, or `retain` above made the reference.
    unsafe { release_count(kept) };
    completed
}

/// Calls `visit` with each entry, through one handle, until it returns false. Returns false if it did.
///
/// # Safety
/// `visit` must be null or callable with `context`.
unsafe fn visit_all(t: &Exposed, visit: Visit, context: *mut c_void) -> Result<bool> {
    let visit = visit.ok_or_else(|| Problem::from("null iterator"))?;
    let inspector = inspector_of(t);
    let pool = &inspector.tables.pool;
    let (mut walk, mut left) = (pool.walk(), Vec::new());
    let core = inspector.core()?;
    core.state().walk(&t.table()?, &mut walk);
    let mut completed = Ok(true);
    if let Some(first) = core.state().walk_on(&mut walk) {
        let entry = pool.hand_out(inspector.pointer(), first, Use::Borrowed);
        drop(core);
        // SAFETY: `hand_out` returned the pointer, and the pool keeps the handle.
        let borrowed = unsafe { handle(t, entry)? };
        completed = loop {
            // Nothing of the inspector is borrowed here: the visitor may read and write it.
            // SAFETY: by `# Safety`, `visit` is callable with `context`; the entry is valid during the call.
            let goes_on = unsafe { visit(context, entry) != 0 };
            let core = match inspector.gate().read() {
                Ok(core) => core,
                // Another thread uses the inspector by now.
                Err(e) => break Err(Failure::from(e).into()),
            };
            let state = core.state();
            if !goes_on || !borrowed.change(|row| state.walk_step(&mut walk, row, &mut left)) {
                left.extend(borrowed.exchange(None).and_then(|row| state.entry_release_kept(row)));
                break Ok(goes_on);
            }
        };
        borrowed.end(Use::Borrowed);
        pool.take_back(inspector.gate(), borrowed);
    } else {
        drop(core);
    }
    left.extend(walk.rest());
    pool.give_back(inspector.gate(), &mut left);
    pool.return_walk(walk);
    completed
}

/// Reads a field of a thread, where all is as it should be; else returns false, and changes nothing.
///
/// # Safety
/// The contract of the plugin API (see the head of this file).
#[inline(always)]
unsafe fn read_of_thread(table: *mut c_void, entry: *mut c_void, column: *const c_void, out: *mut StateData) -> bool {
    if table.is_null() || entry.is_null() || column.is_null() || out.is_null() {
        return false;
    }
    // SAFETY: the contract of the plugin API: none is null, `out` is writable, and the others are what this library returned.
    let (t, entry, field, out) =
        unsafe { (&*table.cast::<Exposed>(), &*entry.cast::<Handle>(), &*column.cast::<Field>(), &mut *out) };
    if entry.owner() != t.owner() || field.owner != t.owner() {
        return false;
    }
    let Some(column) = field.of_thread else { return false };
    let Ok(core) = inspector_of(t).gate().read() else { return false };
    let Some(mut inside) = entry.held() else { return false };
    let Inside { entry: Some(row), kept } = &mut *inside else { return false };
    let text = match column.text() {
        Some(which) => core.state().read_thread_text(row, which),
        None => match core.state().read_thread(row, column) {
            Some(Value::Text(text)) => Some(text),
            None | Some(Value::SubTable(_) | Value::Table(_)) => None,
            Some(value) => {
                *out = state_data(value);
                return true;
            }
        },
    };
    let Some(text) = text else { return false };
    *out = StateData { str: kept.keep_text(field.column, text) };
    true
}

pub(crate) unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    out: *mut StateData,
) -> i32 {
    // SAFETY: the contract of the plugin API.
    if capi_common::guard(|_| false, || unsafe { read_of_thread(table, entry, column, out) }) {
        return rc::SUCCESS;
    }
    // SAFETY: the contract of the plugin API.
    unsafe { read_any(table, entry, column, out) }
}

/// Reads any field, and says what is wrong.
///
/// # Safety
/// The contract of the plugin API (see the head of this file).
#[inline(never)]
unsafe fn read_any(table: *mut c_void, entry: *mut c_void, column: *const c_void, out: *mut StateData) -> i32 {
    let read = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API: `out` is null or writable.
        let (entry, column, out) = unsafe { (handle(t, entry)?, field(t, column)?, out.as_mut()) };
        let out = out.ok_or_else(|| Problem::from("null value"))?;
        let core = inspector.core()?;
        let state = core.state();
        entry.with(|row, kept| {
            let read = |value: Value<'_>| {
                *out = match value {
                    Value::Text(text) => StateData { str: kept.keep_text(column.column, text) },
                    Value::SubTable(list) => table_in(t, entry, kept, &state.tables, What::Of(list), list.shape()),
                    Value::Table(owned) => {
                        table_in(t, entry, kept, &state.tables, What::Owned(owned.clone()), owned.shape())
                    }
                    value => state_data(value),
                };
            };
            Ok(state.entry_read(row, column.column, read)?)
        })?;
        Ok(rc::SUCCESS)
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, rc::FAILURE, read) }
}

/// Changes the state; while a caller on this thread reads it, as during the extraction of a field, what can be changed even then.
fn change<R>(
    inspector: &sinsp_inspector,
    change: impl FnOnce(&mut State) -> Result<R>,
    while_read: impl FnOnce(&State) -> Result<R>,
) -> Result<R> {
    match inspector.gate().write() {
        Ok(mut core) => change(core.state_mut()),
        Err(Refused::InUse) => while_read(inspector.core()?.state()),
        Err(refused) => Err(Failure::from(refused).into()),
    }
}

/// A table in an entry, as a value.
#[cold]
fn table_in(t: &Exposed, entry: &Handle, kept: &mut Kept, tables: &Tables, what: What, shape: ShapeId) -> StateData {
    let mut kinds = inspector_of(t).tables.kinds.borrow_mut();
    let name = &kinds.kind(t.owner(), tables, shape).name;
    StateData { table: pointer(&entry.table(kept, what, shape, name, tables.key(shape) as u32, t.informed())) }
}

unsafe extern "C" fn write_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    new: *const StateData,
) -> i32 {
    let write = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API: `new` is null or a value of the column's type.
        let (entry, column, new) = unsafe {
            let (entry, column) = (handle(t, entry)?, field(t, column)?);
            // A value for an entry that is gone is not looked at.
            entry.check()?;
            (entry, column, value(new, column.ty)?)
        };
        change(
            inspector,
            |state| entry.with(|row, _| Ok(state.entry_write(row, column.column, new)?)),
            |state| entry.with(|row, _| Ok(state.entry_write_while_read(row, column.column, new)?)),
        )?;
        Ok(rc::SUCCESS)
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, rc::FAILURE, write) }
}

unsafe extern "C" fn clear_table(table: *mut c_void) -> i32 {
    let clear = |t: &Exposed, inspector: &sinsp_inspector| {
        let table = t.table()?;
        change(inspector, |state| Ok(state.table_clear(&table)?), |state| Ok(state.table_clear_while_read(&table)?))?;
        Ok(rc::SUCCESS)
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, rc::FAILURE, clear) }
}

unsafe extern "C" fn erase_entry(table: *mut c_void, key_of: *const StateData) -> i32 {
    let erase = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API, for the table and its key.
        let key = unsafe { key(t, key_of)? };
        let table = t.table()?;
        change(
            inspector,
            |state| Ok(state.table_erase(&table, key)?),
            |state| Ok(state.table_erase_while_read(&table, key)?),
        )?;
        Ok(rc::SUCCESS)
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, rc::FAILURE, erase) }
}

unsafe extern "C" fn create_entry(table: *mut c_void) -> *mut c_void {
    let create = |t: &Exposed, inspector: &sinsp_inspector| {
        inspector.tables.pool.tidy(inspector.gate());
        let table = t.table()?;
        let row = change(
            inspector,
            |state| state.table_new(&table).ok_or_else(|| Problem::from("the table is gone")),
            |state| Ok(state.table_new_while_read(&table)?),
        )?;
        inspector.retain();
        Ok(inspector.tables.pool.hand_out(inspector.pointer(), row, Use::Created))
    };
    // SAFETY: the contract of the plugin API.
    unsafe { on_table(table, null_mut(), create) }
}

unsafe extern "C" fn add_entry(table: *mut c_void, key_of: *const StateData, entry: *mut c_void) -> *mut c_void {
    let mut destroyed = null_mut();
    let add = |t: &Exposed, inspector: &sinsp_inspector| {
        // SAFETY: the contract of the plugin API.
        let entry = unsafe { handle(t, entry)? };
        let added = (|| {
            // SAFETY: the contract of the plugin API, for the table and its key.
            let key = unsafe { key(t, key_of)? };
            // Before the entry is in use: the table may be one in that entry.
            let table = t.table()?;
            if !entry.end(Use::Created) {
                return Err("only an entry that was created, and not added or destroyed yet, can be added".into());
            }
            // From here on it is an entry of the table, or destroyed.
            entry.set_use(Use::Held);
            let added = change(
                inspector,
                |state| entry.with(|row, _| Ok(state.table_add(&table, key, row)?)),
                |state| entry.with(|row, _| Ok(state.table_add_while_read(&table, key, row)?)),
            );
            if let Err(e) = added {
                entry.set_use(Use::Created);
                return Err(e);
            }
            Ok(entry.pointer())
        })();
        if added.is_err() && entry.end(Use::Created) {
            inspector.tables.pool.take_back(inspector.gate(), entry);
            destroyed = inspector.pointer().cast::<sinsp_inspector>();
        }
        added
    };
    // SAFETY: the contract of the plugin API.
    let added = unsafe { on_table(table, null_mut(), add) };
    // SAFETY: null, or the reference of the entry that was destroyed.
    unsafe { release_count(destroyed) };
    added
}
