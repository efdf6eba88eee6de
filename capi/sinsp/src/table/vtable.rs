//! The functions of the plugin API's tables. Each is given the table it belongs to; what goes wrong is told by `sinsp_table_error`.

use super::api::{FAILURE, FieldInfo, Fields, Input, Reader, ReaderExt, SUCCESS, StateData, Visit, Writer, value};
use super::fields::Field;
use super::handle::{Exposed, Handle, Use, What};
use super::problem::{Problem, Result, answer};
use crate::inspector::handle::{release_count, sinsp_inspector};
use sinsp_core::state::tables::{ColumnType, Key, Value};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

static FIELDS: Fields = Fields { list: list_fields, get: get_field, add: add_field };
pub(super) static READER: ReaderExt = ReaderExt {
    reader: Reader { name: table_name, size: table_size, entry: get_entry, read: read_field },
    release: release_entry,
    iterate,
};
static WRITER: Writer = Writer {
    clear: clear_table,
    erase: erase_entry,
    create: create_entry,
    destroy: destroy_entry,
    add: add_entry,
    write: write_field,
};

/// A table as the plugin API has it, valid as long as the table.
pub(super) fn pointer(table: &Exposed) -> *mut c_void {
    table.pointer(|table| Input {
        name: table.name(),
        key: table.key(),
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
    // SAFETY: an inspector owns its tables, so that whoever may use a table finds the inspector alive.
    unsafe { &*table.owner().cast::<sinsp_inspector>() }
}

/// The table behind the plugin API's pointer.
///
/// # Safety
/// `table` must be null or one that was handed out and is still valid.
pub(super) unsafe fn exposed<'a>(table: *mut c_void) -> Result<&'a Exposed> {
    // SAFETY: the caller vouches for it.
    unsafe { table.cast::<Exposed>().as_ref() }.ok_or(Problem::from("null table"))
}

/// The entry behind the plugin API's pointer.
///
/// # Safety
/// `entry` must be null or one that was handed out, of an inspector that is still there.
unsafe fn handle<'a>(entry: *mut c_void) -> Result<&'a Handle> {
    // SAFETY: the caller vouches for it.
    unsafe { entry.cast::<Handle>().as_ref() }.ok_or(Problem::from("null entry"))
}

/// The column behind the plugin API's pointer.
///
/// # Safety
/// `field` must be null or one that was handed out, of an inspector that is still there.
unsafe fn field<'a>(field: *const c_void) -> Result<&'a Field> {
    // SAFETY: the caller vouches for it.
    unsafe { field.cast::<Field>().as_ref() }.ok_or(Problem::from("null field"))
}

/// The key behind C's pointer, of the type that the table's keys have.
///
/// # Safety
/// `key` must be null or such a key, and stay as it is for `'a`.
unsafe fn key<'a>(table: &Exposed, key: *const StateData) -> Result<Key<'a>> {
    let ty = inspector_of(table).core()?.state().tables.key(table.shape());
    // SAFETY: the caller vouches for it.
    Key::of(unsafe { value(key, ty)? }).ok_or(Problem::from("a table is no key"))
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    // SAFETY: C hands back what it was given.
    answer(null(), || Ok(unsafe { exposed(table)? }.name()))
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    answer(u64::MAX, || {
        // SAFETY: C hands back what it was given.
        let t = unsafe { exposed(table)? };
        let core = inspector_of(t).core()?;
        Ok(core.state().table_len(&t.table()?) as u64)
    })
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const FieldInfo {
    answer(null(), || {
        // SAFETY: C hands back what it was given, and a place for the count.
        let (t, count) = unsafe { (exposed(table)?, count.as_mut()) };
        let count = count.ok_or(Problem::from("null count"))?;
        let core = inspector_of(t).core()?;
        let mut kinds = inspector_of(t).tables.kinds.borrow_mut();
        let list = kinds.kind(&core.state().tables, t.shape()).list();
        *count = list.len() as u32;
        Ok(list.as_ptr())
    })
}

unsafe fn find_field(table: *mut c_void, name: *const c_char, ty: u32, add: bool) -> *mut c_void {
    answer(null_mut(), || {
        if name.is_null() {
            return Err("null name".into());
        }
        // SAFETY: C hands back what it was given, and a text with a NUL.
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
    // SAFETY: passed on.
    unsafe { find_field(table, name, ty, false) }
}

unsafe extern "C" fn add_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    // SAFETY: passed on.
    unsafe { find_field(table, name, ty, true) }
}

unsafe extern "C" fn get_entry(table: *mut c_void, key_of: *const StateData) -> *mut c_void {
    answer(null_mut(), || {
        // SAFETY: C hands back what it was given, and a key of the type that the table says.
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

/// Ends an entry that C gives back in one way.
///
/// # Safety
/// As [`exposed`] and [`handle`].
unsafe fn end(table: *mut c_void, entry: *mut c_void, allowed: Use, otherwise: &'static str) {
    let ended = answer(null(), || {
        // SAFETY: the caller vouches for both.
        let (t, entry) = unsafe { (exposed(table)?, handle(entry)?) };
        if !entry.end(allowed) {
            return Err(otherwise.into());
        }
        let inspector = inspector_of(t);
        inspector.tables.pool.take_back(inspector.gate(), entry);
        Ok(&raw const *inspector)
    });
    if !ended.is_null() {
        // SAFETY: the entry counted its inspector until now.
        unsafe { release_count(ended.cast_mut()) };
    }
}

unsafe extern "C" fn release_entry(table: *mut c_void, entry: *mut c_void) {
    // SAFETY: C hands back what it was given.
    unsafe {
        end(table, entry, Use::Held, "only an entry that was got or added, and not released yet, can be released")
    };
}

unsafe extern "C" fn destroy_entry(table: *mut c_void, entry: *mut c_void) {
    let otherwise = "only an entry that was created, and not added or destroyed yet, can be destroyed";
    // SAFETY: C hands back what it was given.
    unsafe { end(table, entry, Use::Created, otherwise) };
}

unsafe extern "C" fn iterate(table: *mut c_void, visit: Visit, context: *mut c_void) -> u32 {
    // SAFETY: C hands back what it was given.
    let Some(t) = answer(None, || unsafe { exposed(table).map(Some) }) else { return 0 };
    // The visitor may give back what it has of the inspector.
    let inspector = inspector_of(t);
    inspector.retain();
    // SAFETY: passed on.
    let whole = answer(0, || unsafe { visit_all(t, visit, context).map(u32::from) });
    // SAFETY: the reference was made above.
    unsafe { release_count((&raw const *inspector).cast_mut()) };
    whole
}

/// Shows all entries to a visitor, through one handle; answers whether it wanted to see all.
///
/// # Safety
/// `visit` must be callable with `context`.
unsafe fn visit_all(t: &Exposed, visit: Visit, context: *mut c_void) -> Result<bool> {
    let visit = visit.ok_or(Problem::from("null iterator"))?;
    let inspector = inspector_of(t);
    let pool = &inspector.tables.pool;
    let (mut rows, mut seen) = (pool.list(), pool.list());
    inspector.core()?.state().table_entries(&t.table()?, &mut rows);
    let mut whole = true;
    let mut rest = rows.drain(..);
    if let Some(first) = rest.next() {
        let entry = pool.hand_out(inspector.pointer(), first, Use::Borrowed);
        // SAFETY: it was just handed out.
        let borrowed = unsafe { handle(entry)? };
        loop {
            // The inspector is not in use meanwhile: the visitor may read and write it.
            // SAFETY: C's own function and context; the entry is good for the call.
            whole = unsafe { visit(context, entry) != 0 };
            let Some(next) = rest.next().filter(|_| whole) else { break };
            seen.extend(borrowed.exchange(Some(next)));
        }
        borrowed.end(Use::Borrowed);
        // The tables that the visitor read are not valid any more.
        seen.extend(borrowed.exchange(None));
        pool.take_back(inspector.gate(), borrowed);
    }
    seen.extend(rest);
    pool.give_back(inspector.gate(), &mut seen);
    pool.return_list(rows);
    pool.return_list(seen);
    Ok(whole)
}

unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    out: *mut StateData,
) -> i32 {
    answer(FAILURE, || {
        // SAFETY: C hands back what it was given, and a place for the value.
        let (t, entry, column, out) = unsafe { (exposed(table)?, handle(entry)?, field(column)?, out.as_mut()) };
        let out = out.ok_or(Problem::from("null value"))?;
        let inspector = inspector_of(t);
        let core = inspector.core()?;
        let state = core.state();
        let mut table = None;
        entry.with(|row| {
            let read = |value: Value<'_>| {
                *out = StateData::of(value);
                match value {
                    Value::Text(text) => out.text = entry.keep_text(column.column, text),
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
        Ok(SUCCESS)
    })
}

unsafe extern "C" fn write_field(
    table: *mut c_void,
    entry: *mut c_void,
    column: *const c_void,
    new: *const StateData,
) -> i32 {
    answer(FAILURE, || {
        // SAFETY: C hands back what it was given, and a value of the column's type.
        let (t, entry, column, new) = unsafe {
            let column = field(column)?;
            (exposed(table)?, handle(entry)?, column, value(new, column.ty)?)
        };
        let mut core = inspector_of(t).core_mut()?;
        entry.with(|row| Ok(core.state_mut().entry_write(row, column.column, new)?))?;
        Ok(SUCCESS)
    })
}

unsafe extern "C" fn clear_table(table: *mut c_void) -> i32 {
    answer(FAILURE, || {
        // SAFETY: C hands back what it was given.
        let t = unsafe { exposed(table)? };
        inspector_of(t).core_mut()?.state_mut().table_clear(&t.table()?)?;
        Ok(SUCCESS)
    })
}

unsafe extern "C" fn erase_entry(table: *mut c_void, key_of: *const StateData) -> i32 {
    answer(FAILURE, || {
        // SAFETY: C hands back what it was given, and a key of the type that the table says.
        let (t, key) = unsafe {
            let t = exposed(table)?;
            (t, key(t, key_of)?)
        };
        inspector_of(t).core_mut()?.state_mut().table_erase(&t.table()?, key)?;
        Ok(SUCCESS)
    })
}

unsafe extern "C" fn create_entry(table: *mut c_void) -> *mut c_void {
    answer(null_mut(), || {
        // SAFETY: C hands back what it was given.
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
    let added = answer(null_mut(), || {
        // SAFETY: C hands back what it was given, and a key of the type that the table says.
        let (t, key, entry) = unsafe {
            let t = exposed(table)?;
            (t, key(t, key_of)?, handle(entry)?)
        };
        let mut core = inspector_of(t).core_mut()?;
        if !entry.end(Use::Created) {
            return Err("only an entry that was created, and not added or destroyed yet, can be added".into());
        }
        // From here on it is the table's, or used up.
        entry.set_use(Use::Held);
        if let Err(e) = entry.with(|row| Ok(core.state_mut().table_add(&t.table()?, key, row)?)) {
            entry.set_use(Use::Created);
            return Err(e);
        }
        Ok(entry.pointer())
    });
    if added.is_null() && !entry.is_null() {
        let told = super::problem::take_error();
        // SAFETY: as above. It does nothing for an entry that was not created.
        unsafe { destroy_entry(table, entry) };
        super::problem::tell_error(told);
    }
    added
}
