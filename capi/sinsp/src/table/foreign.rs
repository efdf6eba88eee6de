//! Foreign tables: the entries are those of a plugin or a program, which passes the table's functions. C gets functions of this file in their
//! place, which set the error of `sinsp_table_error` if the owner's fail.

use super::api::{FieldInfo, Fields, Input, ReaderExt, StateData, Visit, Writer, input, rc, vtables};
use super::fields::c_string;
use super::problem::{Informed, Problem, Result, clear_error};
use plugin::instance::Plugin;
use plugin::running;
use sinsp_core::state::tables::ColumnType;
use std::cell::OnceCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::offset_of;
use std::ptr::{null, null_mut};
use std::rc::Rc;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// A table of a plugin or a program. It stays in memory as long as its inspector.
pub(super) struct Foreign {
    /// The owner's pointer for it.
    table: *mut c_void,
    reader: ReaderExt,
    writer: Writer,
    fields: Fields,
    key: u32,
    name: CString,
    /// The plugin that owns it; `None` for a program.
    plugin: Option<Weak<Plugin>>,
    /// Whether its owner removed it.
    gone: AtomicBool,
}

/// The inspector of a table, and how a reference of it is taken and dropped; `dropped` may end the inspector.
#[derive(Clone, Copy)]
pub(super) struct Keeper {
    pub inspector: *const c_void,
    pub take: unsafe fn(*const c_void),
    pub dropped: unsafe fn(*const c_void),
}

/// A foreign table as C holds it: the plugin API's `ss_plugin_table_t`, which is an `ss_plugin_table_input`.
pub(super) struct Lent {
    /// Made when C first gets it: it points to this object, which does not move then.
    input: OnceCell<Input>,
    foreign: Rc<Foreign>,
    /// The inspector, which keeps this.
    keeper: Keeper,
    /// Who has it, and gets the causes of its failures.
    informed: Informed,
}

impl Lent {
    /// The table for C. In an `Rc`, since a `Box` may not have other pointers to its value.
    pub fn new(foreign: Rc<Foreign>, keeper: Keeper, informed: Informed) -> Rc<Lent> {
        Rc::new(Lent { input: OnceCell::new(), foreign, keeper, informed })
    }

    /// What C gets, valid as long as this.
    pub fn input(&self) -> &Input {
        let (foreign, own) = (&self.foreign, (&raw const *self).cast());
        self.input.get_or_init(|| input(foreign.name.as_ptr(), foreign.key, own, &READER, &WRITER, &FIELDS))
    }

    pub fn is(&self, foreign: &Rc<Foreign>, informed: &Informed) -> bool {
        Rc::ptr_eq(&self.foreign, foreign) && self.informed == *informed
    }

    /// Sets the cause after a function of the owner failed.
    #[cold]
    fn set_error(&self) {
        let plugin = self.foreign.plugin.as_ref().and_then(Weak::upgrade);
        let Some(plugin) = plugin else {
            // A program sets it by `sinsp_table_set_error`.
            return self.informed.take_of_program();
        };
        let (table, name) = (self.foreign.name.to_string_lossy(), &plugin.description.name);
        plugin.with_why(|why| self.informed.write(format_args!("table '{table}' of plugin {name}: {why}")));
    }
}

vtables!();

unsafe extern "C" fn release_nothing(_: *mut c_void, _: *mut c_void) {}
unsafe extern "C" fn iterate_nothing(_: *mut c_void, _: Visit, _: *mut c_void) -> u32 {
    0
}

/// How much of `ss_plugin_table_input` plugins of API 3.0 have.
const OLD_INPUT: usize = offset_of!(Input, reader_ext);

impl Foreign {
    /// Checks a table. Returns it with its name and the type of its keys.
    ///
    /// # Safety
    /// `input` must be null or point to `size` bytes of an `ss_plugin_table_input`, whose functions can be called until the table is
    /// removed or the inspector has ended.
    pub unsafe fn new(
        input: *const c_void,
        size: usize,
        plugin: Option<Weak<Plugin>>,
    ) -> Result<(Rc<Foreign>, String, ColumnType)> {
        // API 3.0 has no extended functions: entries are not released, and cannot be listed.
        let owner = plugin.as_ref().and_then(Weak::upgrade);
        let old = owner.is_some_and(|p| p.description.required_api.minor == 0);
        if input.is_null() || size < if old { OLD_INPUT } else { size_of::<Input>() } {
            return Err("the functions of the table are not all there".into());
        }
        let given = input.cast::<Input>();
        // SAFETY: not null, and by `# Safety` an `ss_plugin_table_input` of `size` bytes, which are enough for these members.
        let (name, key, table) = unsafe { ((*given).name, (*given).key_type, (*given).table) };
        if name.is_null() || table.is_null() {
            return Err("the table has no name or is null".into());
        }
        // SAFETY: as above for the plain functions; those behind them are read where the plugin has them, and are null or readable.
        let (reader, writer, fields) = unsafe {
            if old {
                let (release_table_entry, iterate_entries): (_, _) =
                    (Some(release_nothing as _), Some(iterate_nothing as _));
                (
                    ReaderExt { reader: (*given).reader, release_table_entry, iterate_entries },
                    (*given).writer,
                    (*given).fields,
                )
            } else {
                let given = &*given;
                match (given.reader_ext.as_ref(), given.writer_ext.as_ref(), given.fields_ext.as_ref()) {
                    (Some(reader), Some(writer), Some(fields)) => (*reader, *writer, *fields),
                    _ => return Err("the table has no extended functions".into()),
                }
            }
        };
        if let Some(missing) = missing(&reader, &writer, &fields) {
            return Err(Problem::new(format!("the table lacks the function {missing}")));
        }
        let no_key = || Problem::new(format!("there is no type {key} of keys"));
        let key_type = ColumnType::from_number(key).ok_or_else(no_key)?;
        // SAFETY: not null, and by `# Safety` the name of an `ss_plugin_table_input`, which ends with a NUL.
        let name = unsafe { CStr::from_ptr(name) };
        let name = name.to_str().map_err(|_| Problem::from("the name of a table has to be UTF-8"))?;
        let own =
            Foreign { table, reader, writer, fields, key, name: c_string(name), plugin, gone: AtomicBool::new(false) };
        Ok((Rc::new(own), name.to_string(), key_type))
    }

    /// Whether its owner's pointer for it is `table`, and it was not removed.
    pub fn is(&self, table: *const c_void) -> bool {
        std::ptr::eq(self.table, table) && !self.gone.load(Acquire)
    }

    /// Removes it: its owner's functions are not called any more.
    pub fn remove(&self) {
        self.gone.store(true, Release);
    }
}

/// The first function that is missing.
fn missing(reader: &ReaderExt, writer: &Writer, fields: &Fields) -> Option<&'static str> {
    let there = [
        ("get_table_name", reader.reader.get_table_name.is_some()),
        ("get_table_size", reader.reader.get_table_size.is_some()),
        ("get_table_entry", reader.reader.get_table_entry.is_some()),
        ("read_entry_field", reader.reader.read_entry_field.is_some()),
        ("release_table_entry", reader.release_table_entry.is_some()),
        ("iterate_entries", reader.iterate_entries.is_some()),
        ("clear_table", writer.clear_table.is_some()),
        ("erase_table_entry", writer.erase_table_entry.is_some()),
        ("create_table_entry", writer.create_table_entry.is_some()),
        ("destroy_table_entry", writer.destroy_table_entry.is_some()),
        ("add_table_entry", writer.add_table_entry.is_some()),
        ("write_entry_field", writer.write_entry_field.is_some()),
        ("list_table_fields", fields.list_table_fields.is_some()),
        ("get_table_field", fields.get_table_field.is_some()),
        ("add_table_field", fields.add_table_field.is_some()),
    ];
    there.iter().find(|(_, there)| !there).map(|(name, _)| *name)
}

/// Calls `function` with the table at C's pointer; informs who has the table if it fails, or returns what `fails`.
///
/// # Safety
/// `table` must be null or one that this library returned, of an inspector that was not freed.
#[inline]
unsafe fn on_owner<R: Copy>(
    table: *mut c_void,
    failed: R,
    fails: impl FnOnce(&R) -> bool,
    function: impl FnOnce(&Foreign) -> Option<R>,
) -> R {
    // SAFETY: by `# Safety`, `table` is null or one that this library returned; the inspector keeps tables until it is freed.
    let Some(lent) = (unsafe { table.cast::<Lent>().as_ref() }) else {
        return Informed::default().guard(failed, || Err("null table".into()));
    };
    lent.informed.guard(failed, || {
        let foreign = &lent.foreign;
        if foreign.gone.load(Acquire) {
            return Err("the table was removed by its owner".into());
        }
        if foreign.plugin.is_none() {
            clear_error();
        }
        let result = running::within(lent.keeper.inspector, || function(foreign));
        let result = result.ok_or(Problem::from("the table lacks a function"))?;
        if fails(&result) {
            lent.set_error();
        }
        Ok(result)
    })
}

/// Calls the owner's function; if it fails, sets the error and returns what it returned.
macro_rules! of_owner {
    ($table:expr, $failed:expr, $fails:expr, $vtable:ident . $($member:ident).+ ($($argument:expr),*)) => {
        // SAFETY: the contract of the plugin API: the table is null or one that this library returned and that is valid. The owner guaranteed the
        // function and its table (`Foreign::new`); the caller is bound by the same contract for the arguments.
        unsafe { on_owner($table, $failed, $fails, |own| Some((own.$vtable.$($member).+?)(own.table $(, $argument)*))) }
    };
}

fn never<T>(_: &T) -> bool {
    false
}

fn is_no_success(code: &i32) -> bool {
    *code != rc::SUCCESS
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const FieldInfo {
    of_owner!(table, null(), |list: &*const FieldInfo| list.is_null(), fields.list_table_fields(count))
}

unsafe extern "C" fn get_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    of_owner!(table, null_mut(), |field: &*mut c_void| field.is_null(), fields.get_table_field(name, ty))
}

unsafe extern "C" fn add_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    of_owner!(table, null_mut(), |field: &*mut c_void| field.is_null(), fields.add_table_field(name, ty))
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    of_owner!(table, null(), |name: &*const c_char| name.is_null(), reader.reader.get_table_name())
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    of_owner!(table, u64::MAX, |size: &u64| *size == u64::MAX, reader.reader.get_table_size())
}

unsafe extern "C" fn get_entry(table: *mut c_void, key: *const StateData) -> *mut c_void {
    of_owner!(table, null_mut(), |entry: &*mut c_void| entry.is_null(), reader.reader.get_table_entry(key))
}

unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    field: *const c_void,
    out: *mut StateData,
) -> i32 {
    of_owner!(table, rc::FAILURE, is_no_success, reader.reader.read_entry_field(entry, field, out))
}

unsafe extern "C" fn release_entry(table: *mut c_void, entry: *mut c_void) {
    of_owner!(table, (), never, reader.release_table_entry(entry))
}

unsafe extern "C" fn iterate(table: *mut c_void, visit: Visit, state: *mut c_void) -> u32 {
    // SAFETY: the contract of the plugin API: the table is null or one that this library returned and that is valid.
    let keeper = unsafe { table.cast::<Lent>().as_ref() }.map(|lent| lent.keeper);
    // SAFETY: an inspector owns its tables: it is live as long as they are valid. The visitor may free the program's reference of it.
    keeper.inspect(|keeper| unsafe { (keeper.take)(keeper.inspector) });
    let completed = of_owner!(table, 0, never, reader.iterate_entries(visit, state));
    // SAFETY: the reference was taken above.
    keeper.inspect(|keeper| unsafe { (keeper.dropped)(keeper.inspector) });
    completed
}

unsafe extern "C" fn clear_table(table: *mut c_void) -> i32 {
    of_owner!(table, rc::FAILURE, is_no_success, writer.clear_table())
}

unsafe extern "C" fn erase_entry(table: *mut c_void, key: *const StateData) -> i32 {
    of_owner!(table, rc::FAILURE, is_no_success, writer.erase_table_entry(key))
}

unsafe extern "C" fn create_entry(table: *mut c_void) -> *mut c_void {
    of_owner!(table, null_mut(), |entry: &*mut c_void| entry.is_null(), writer.create_table_entry())
}

unsafe extern "C" fn destroy_entry(table: *mut c_void, entry: *mut c_void) {
    of_owner!(table, (), never, writer.destroy_table_entry(entry))
}

unsafe extern "C" fn add_entry(table: *mut c_void, key: *const StateData, entry: *mut c_void) -> *mut c_void {
    of_owner!(table, null_mut(), |entry: &*mut c_void| entry.is_null(), writer.add_table_entry(key, entry))
}

unsafe extern "C" fn write_field(
    table: *mut c_void,
    entry: *mut c_void,
    field: *const c_void,
    value: *const StateData,
) -> i32 {
    of_owner!(table, rc::FAILURE, is_no_success, writer.write_entry_field(entry, field, value))
}
