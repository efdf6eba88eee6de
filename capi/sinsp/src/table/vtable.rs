//! The functions of the plugin API's tables. Each takes the table it belongs to; `sinsp_table_error` returns why one failed.
//!
//! The plugin API's contract for their pointers: `table`, `entry` and `column` are null, or pointers that this library returned, of an inspector
//! that was not freed; a key or a value is null or of the type of the table's keys or of the column; a text ends with a NUL; what is written to
//! is null or writable.

use super::api::{FieldInfo, Fields, Input, Reader, ReaderExt, StateData, Visit, Writer, rc, state_data, value};
use super::fields::Field;
use super::handle::{Exposed, Handle, Use, What};
use super::problem::{Problem, Result, guard_table};
use crate::inspector::handle::{release_count, sinsp_inspector};
use sinsp_core::state::tables::{ColumnType, Key, Value};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

static FIELDS: Fields =
    Fields { list_table_fields: Some(list_fields), get_table_field: Some(get_field), add_table_field: Some(add_field) };
pub(super) static READER: ReaderExt = ReaderExt {
    reader: Reader {
        get_table_name: Some(table_name),
        get_table_size: Some(table_size),
        get_table_entry: Some(get_entry),
        read_entry_field: Some(read_field),
    },
    release_table_entry: Some(release_entry),
    iterate_entries: Some(iterate),
};
static WRITER: Writer = Writer {
    clear_table: Some(clear_table),
    erase_table_entry: Some(erase_entry),
    create_table_entry: Some(create_entry),
    destroy_table_entry: Some(destroy_entry),
    add_table_entry: Some(add_entry),
    write_entry_field: Some(write_field),
};

/// A table as the plugin API has it, valid as long as the table.
pub(super) fn pointer(table: &Exposed) -> *mut c_void {
    table.pointer(|table| Input {
        name: table.name(),
        key_type: table.key(),
        table: (&raw const *table).cast_mut().cast(),
        reader: READER.reader,
        writer: WRITER,
        fields: FIELDS,
        reader_ext: &READER,
        writer_ext: &WRITER,
        fields_ext: &FIELDS,
    })
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
    unsafe { table.cast::<Exposed>().as_ref() }.ok_or(Problem::from("null table"))
}

/// The entry at the plugin API's pointer.
///
/// # Safety
/// `entry` must be null or one that this library returned, of an inspector that was not freed.
unsafe fn handle<'a>(entry: *mut c_void) -> Result<&'a Handle> {
    // SAFETY: by `# Safety`, `entry` is null or one that this library returned; the inspector's pool keeps handles until it is freed.
    unsafe { entry.cast::<Handle>().as_ref() }.ok_or(Problem::from("null entry"))
}

/// The column at the plugin API's pointer.
///
/// # Safety
/// `field` must be null or one that this library returned, of an inspector that was not freed.
unsafe fn field<'a>(field: *const c_void) -> Result<&'a Field> {
    // SAFETY: by `# Safety`, `field` is null or one that this library returned; the inspector keeps fields until it is freed.
    unsafe { field.cast::<Field>().as_ref() }.ok_or(Problem::from("null field"))
}

/// The key at C's pointer, of the type of the table's keys.
///
/// # Safety
/// `key` must be null or a key of that type, and stay as it is for `'a`.
unsafe fn key<'a>(table: &Exposed, key: *const StateData) -> Result<Key<'a>> {
    let ty = inspector_of(table).core()?.state().tables.key(table.shape());
    // SAFETY: this `# Safety` is that of `value` with the type of the table's keys.
    Key::of(unsafe { value(key, ty)? }).ok_or(Problem::from("a table is no key"))
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    // SAFETY: the contract of the plugin API.
    guard_table(null(), || Ok(unsafe { exposed(table)? }.name()))
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    guard_table(u64::MAX, || {
        // SAFETY: the contract of the plugin API.
        let t = unsafe { exposed(table)? };
        let core = inspector_of(t).core()?;
        Ok(core.state().table_len(&t.table()?) as u64)
    })
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const FieldInfo {
    guard_table(null(), || {
        // SAFETY: the contract of the plugin API: `count` is null or writable.
        let (t, count) = unsafe { (exposed(table)?, count.as_mut()) };
        let count = count.ok_or(Problem::from("null count"))?;
        let core = inspector_of(t).core()?;
        let mut kinds = inspector_of(t).tables.kinds.borrow_mut();
        let list = kinds.kind(&core.state().tables, t.shape()).list();
        *count = list.len() as u32;
        Ok(list.as_ptr())
    })
}

/// Finds the column `name` of the type `ty`, or adds it. Null on failure.
///
/// # Safety
/// The contract of the plugin API (see the head of this file).
unsafe fn find_field(table: *mut c_void, name: *const c_char, ty: u32, add: bool) -> *mut c_void {
    guard_table(null_mut(), || {
        if name.is_null() {
            return Err("null name".into());
        }
        // SAFETY: the contract of the plugin API: `name`, which is not null, ends with a NUL.
        let (t, name) = unsafe { (exposed(table)?, CStr::from_ptr(name)) };
        let name = name.to_str().map_err(|_| Problem::from("the name of a field has to be UTF-8"))?;
        let ty = ColumnType::from_number(ty).ok_or_else(|| Problem::new(format!("there is no type {ty} of fields")))?;
        let inspector = inspector_of(t);
        let column = match add {
            true => inspector.core_mut()?.state_mut().tables.add_column(t.shape(), name, ty)?,
            false => inspector.core()?.state().tables.column(t.shape(), name, ty)?,
        };
        let core = inspector.core()?;
        let mut kinds = inspector.tables.kinds.borrow_mut();
        let found = kinds.kind(&core.state().tables, t.shape()).field(column);
        Ok(found.map_or(null_mut(), |f| Rc::as_ptr(f).cast_mut().cast()))
    })
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
    guard_table(null_mut(), || {
        // SAFETY: the contract of the plugin API, for the table, its key and the entry.
        let (t, key) = unsafe {
            let t = exposed(table)?;
            (t, key(t, key_of)?)
        };
        let inspector = inspector_of(t);
        inspector.tables.pool.tidy(inspector.gate());
        let core = inspector.core()?;
        let row = core.state().table_get(&t.table()?, key)?;
        inspector.retain();
        Ok(inspector.tables.pool.hand_out(inspector.pointer(), row, Use::Held))
    })
}

/// Takes back an entry whose use is `allowed`; else fails with the text `otherwise`.
///
/// # Safety
/// As [`exposed`] and [`handle`].
unsafe fn end(table: *mut c_void, entry: *mut c_void, allowed: Use, otherwise: &'static str) {
    let ended = guard_table(null(), || {
        // SAFETY: by `# Safety`, `table` and `entry` are null or valid pointers that this library returned.
        let (t, entry) = unsafe { (exposed(table)?, handle(entry)?) };
        if !entry.end(allowed) {
            return Err(otherwise.into());
        }
        let inspector = inspector_of(t);
        inspector.tables.pool.take_back(inspector.gate(), entry);
        Ok(&raw const *inspector)
    });
    if !ended.is_null() {
        // SAFETY: the entry held a reference of its inspector, which is given up here.
        unsafe { release_count(ended.cast_mut()) };
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
    // SAFETY: the contract of the plugin API.
    let Some(t) = guard_table(None, || unsafe { exposed(table).map(Some) }) else { return 0 };
    // The visitor may free the program's reference of the inspector.
    let inspector = inspector_of(t);
    inspector.retain();
    // SAFETY: the contract of the plugin API: `visit` is null or callable with `context`.
    let completed = guard_table(0, || unsafe { visit_all(t, visit, context).map(u32::from) });
    // SAFETY: `retain` above made the reference.
    unsafe { release_count((&raw const *inspector).cast_mut()) };
    completed
}

/// Calls `visit` with each entry, through one handle, until it returns false. Returns false if it did.
///
/// # Safety
/// `visit` must be null or callable with `context`.
unsafe fn visit_all(t: &Exposed, visit: Visit, context: *mut c_void) -> Result<bool> {
    let visit = visit.ok_or(Problem::from("null iterator"))?;
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
        let borrowed = unsafe { handle(entry)? };
        completed = loop {
            // Nothing of the inspector is borrowed here: the visitor may read and write it.
            // SAFETY: by `# Safety`, `visit` is callable with `context`; the entry is valid during the call.
            let goes_on = unsafe { visit(context, entry) != 0 };
            let core = match inspector.core() {
                Ok(core) => core,
                // Another thread uses the inspector by now.
                Err(e) => break Err(e.into()),
            };
            let next = if goes_on { core.state().walk_on(&mut walk) } else { None };
            let ends = next.is_none();
            // The tables that the visitor read are not valid any more.
            left.extend(borrowed.exchange(next).and_then(|row| core.state().entry_release_kept(row)));
            if ends {
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

unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    out: *mut StateData,
) -> i32 {
    guard_table(rc::FAILURE, || {
        // SAFETY: the contract of the plugin API: `out` is null or writable.
        let (t, entry, column, out) = unsafe { (exposed(table)?, handle(entry)?, field(column)?, out.as_mut()) };
        let out = out.ok_or(Problem::from("null value"))?;
        let inspector = inspector_of(t);
        let core = inspector.core()?;
        let state = core.state();
        let mut table = None;
        entry.with(|row| {
            let read = |value: Value<'_>| {
                *out = state_data(value);
                match value {
                    Value::Text(text) => out.str = entry.keep_text(column.column, text),
                    Value::SubTable(list) => table = Some((What::Of(list), list.shape())),
                    Value::Table(owned) => table = Some((What::Owned(owned.clone()), owned.shape())),
                    _ => {}
                }
            };
            Ok(state.entry_read(row, column.column, read)?)
        })?;
        if let Some((what, shape)) = table {
            let mut kinds = inspector.tables.kinds.borrow_mut();
            let name = &kinds.kind(&state.tables, shape).name;
            out.table = pointer(&entry.table(what, shape, name, state.tables.key(shape) as u32));
        }
        Ok(rc::SUCCESS)
    })
}

unsafe extern "C" fn write_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    new: *const StateData,
) -> i32 {
    guard_table(rc::FAILURE, || {
        // SAFETY: the contract of the plugin API: `new` is null or a value of the column's type.
        let (t, entry, column, new) = unsafe {
            let (table, entry, column) = (exposed(table)?, handle(entry)?, field(column)?);
            // A value for an entry that is gone is not looked at.
            entry.check()?;
            (table, entry, column, value(new, column.ty)?)
        };
        let mut core = inspector_of(t).core_mut()?;
        entry.with(|row| Ok(core.state_mut().entry_write(row, column.column, new)?))?;
        Ok(rc::SUCCESS)
    })
}

unsafe extern "C" fn clear_table(table: *mut c_void) -> i32 {
    guard_table(rc::FAILURE, || {
        // SAFETY: the contract of the plugin API.
        let t = unsafe { exposed(table)? };
        inspector_of(t).core_mut()?.state_mut().table_clear(&t.table()?)?;
        Ok(rc::SUCCESS)
    })
}

unsafe extern "C" fn erase_entry(table: *mut c_void, key_of: *const StateData) -> i32 {
    guard_table(rc::FAILURE, || {
        // SAFETY: the contract of the plugin API, for the table, its key and the entry.
        let (t, key) = unsafe {
            let t = exposed(table)?;
            (t, key(t, key_of)?)
        };
        inspector_of(t).core_mut()?.state_mut().table_erase(&t.table()?, key)?;
        Ok(rc::SUCCESS)
    })
}

unsafe extern "C" fn create_entry(table: *mut c_void) -> *mut c_void {
    guard_table(null_mut(), || {
        // SAFETY: the contract of the plugin API.
        let t = unsafe { exposed(table)? };
        let inspector = inspector_of(t);
        inspector.tables.pool.tidy(inspector.gate());
        let mut core = inspector.core_mut()?;
        let row = core.state_mut().table_new(&t.table()?).ok_or(Problem::from("the table is gone"))?;
        inspector.retain();
        Ok(inspector.tables.pool.hand_out(inspector.pointer(), row, Use::Created))
    })
}

unsafe extern "C" fn add_entry(table: *mut c_void, key_of: *const StateData, entry: *mut c_void) -> *mut c_void {
    let added = guard_table(null_mut(), || {
        // SAFETY: the contract of the plugin API, for the table, its key and the entry.
        let (t, key, entry) = unsafe {
            let t = exposed(table)?;
            (t, key(t, key_of)?, handle(entry)?)
        };
        let mut core = inspector_of(t).core_mut()?;
        if !entry.end(Use::Created) {
            return Err("only an entry that was created, and not added or destroyed yet, can be added".into());
        }
        // From here on it is an entry of the table, or destroyed.
        entry.set_use(Use::Held);
        if let Err(e) = entry.with(|row| Ok(core.state_mut().table_add(&t.table()?, key, row)?)) {
            entry.set_use(Use::Created);
            return Err(e);
        }
        Ok(entry.pointer())
    });
    if added.is_null() && !entry.is_null() {
        let cause = super::problem::take_error();
        // SAFETY: the contract of the plugin API. It does nothing for an entry that was not created.
        unsafe { destroy_entry(table, entry) };
        super::problem::restore_error(cause);
    }
    added
}
