//! The functions that plugins get from the inspector: the log, the text of its last error, and the state tables.
//!
//! A plugin passes tables, the inspector's and foreign ones, as `ss_plugin_table_input` pointers. The functions here call those of the table.

use crate::inspector::handle::sinsp_inspector;
use crate::plugin::init::inspector_of;
use crate::table::api::vtables;
use crate::table::{self, Informed, Problem, c_string};
use capi_common::bytes;
use plugin::api::{
    Visit, rc, ss_plugin_init_tables_input, ss_plugin_state_data, ss_plugin_table_fieldinfo, ss_plugin_table_info,
    ss_plugin_table_input,
};
use plugin::host_error::set_for_unknown;
use plugin::instance::{HostCalls, Plugin};
use plugin::owners;
use sinsp_core::logger::{Severity, logger};
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

/// The functions that every plugin gets.
pub(super) const CALLS: HostCalls =
    HostCalls { last_error, log, tables: &TABLES, reader: &READER, writer: &WRITER, ends: remove_tables };

/// Removes the tables of a plugin whose state is about to end.
fn remove_tables(plugin: &Plugin) {
    let tables = plugin.take_tables();
    if tables.is_empty() {
        return;
    }
    if let Ok(Some(inspector)) = inspector_of(plugin) {
        for table in tables {
            // One that cannot be removed because the inspector is in use has no functions from now on all the same.
            let _ = inspector.tables.remove_foreign(inspector, table);
        }
    }
}

vtables!();

static TABLES: ss_plugin_init_tables_input = ss_plugin_init_tables_input {
    list_tables: Some(list_tables),
    get_table: Some(get_table),
    add_table: Some(add_table),
    fields: FIELDS,
    fields_ext: &FIELDS,
    reader_ext: &READER,
    writer_ext: &WRITER,
};

/// The text of the last error of a function of the host, or of a table, for a plugin; null if there was none. Any thread may call it. It is valid until
/// the next call for the plugin on the same thread.
unsafe extern "C" fn last_error(owner: *mut c_void) -> *const c_char {
    capi_common::guard(|_| null(), || owners::find(owner).map_or(null(), |plugin| plugin.host_error.get()))
}

/// Logs a line of a plugin, after the name of the component or else of the plugin. Any thread may call it, also with the owner pointer of a plugin that
/// was freed: the line has no name then.
///
/// # Safety
/// `component` null or a text, `message` null or a text.
unsafe extern "C" fn log(owner: *mut c_void, component: *const c_char, message: *const c_char, severity: u32) {
    let body = || {
        // SAFETY: by `# Safety`, both are null or texts, which end with a NUL.
        let (component, message) = unsafe { (bytes(component), bytes(message)) };
        let plugin = owners::find(owner);
        let name = component.or(plugin.as_deref().map(|plugin| plugin.name.as_bytes()));
        let line = [name.unwrap_or_default(), name.map_or(&b""[..], |_| b": "), message.unwrap_or_default()].concat();
        let severity = Severity(severity.clamp(Severity::FATAL.0, Severity::TRACE.0));
        logger().log(&line, severity);
    };
    capi_common::guard(|_| (), body);
}

/// Runs `body` with the plugin of an owner pointer and its inspector; a failure is noted for [`last_error`].
fn on_inspector<R: Copy>(
    owner: *mut c_void,
    failed: R,
    body: impl FnOnce(&Plugin, &sinsp_inspector) -> table::Result<R>,
) -> R {
    let done = Plugin::with_owner(owner, |plugin| {
        Informed::plugin(plugin.host_error()).guard(failed, || {
            let inspector = inspector_of(plugin)?;
            let inspector = inspector.ok_or(Problem::from("the plugin has no inspector, and so no tables"))?;
            body(plugin, inspector)
        })
    });
    done.unwrap_or_else(|| {
        set_for_unknown("the plugin was freed, or its inspector, or the owner is none");
        failed
    })
}

unsafe extern "C" fn list_tables(owner: *mut c_void, count: *mut u32) -> *const ss_plugin_table_info {
    on_inspector(owner, null(), |plugin, inspector| {
        // SAFETY: the plugin API requires that the count is null or writable.
        let count = unsafe { count.as_mut() }.ok_or(Problem::from("null count of tables"))?;
        let core = inspector.core()?;
        let names = core.state().tables.names().map(|(name, key)| (c_string(name), key as u32));
        let (list, len) = plugin.list_tables(names.collect());
        *count = len;
        Ok(list)
    })
}

unsafe extern "C" fn get_table(owner: *mut c_void, name: *const c_char, key_type: u32) -> *mut c_void {
    on_inspector(owner, null_mut(), |plugin, inspector| {
        // SAFETY: the plugin API requires that the name is null or ends with a NUL.
        let name = unsafe { bytes(name) }.ok_or(Problem::from("null name of a table"))?;
        let name = std::str::from_utf8(name).map_err(|_| Problem::from("the name of a table has to be UTF-8"))?;
        let informed = Informed::plugin(plugin.host_error());
        inspector.tables.find(inspector, name, table::key_type(key_type)?, &informed)
    })
}

unsafe extern "C" fn add_table(owner: *mut c_void, input: *const ss_plugin_table_input) -> i32 {
    on_inspector(owner, rc::FAILURE, |plugin, inspector| {
        let (input, size) = (input.cast(), size_of::<ss_plugin_table_input>());
        // SAFETY: the plugin API requires a table that is valid as long as the plugin's state.
        let number = unsafe { inspector.tables.add_foreign(inspector, input, size, Some(plugin.weak()))? };
        plugin.note_table(number);
        Ok(rc::SUCCESS)
    })
}

/// Returns what a function of a table returns. If it cannot be called, notes why, and returns `failed`.
fn of<R: Copy>(failed: R, body: impl FnOnce() -> Result<R, &'static str>) -> R {
    body().unwrap_or_else(|why| {
        set_for_unknown(why);
        failed
    })
}

/// Calls a function of the table itself.
macro_rules! of_table {
    ($table:expr, $failed:expr, $vtable:ident . $($member:ident).+ ($($argument:expr),*)) => {
        of($failed, || {
            // SAFETY: the plugin API requires that `table` is null or an `ss_plugin_table_input` that the plugin got, valid as long as its state.
            let table = unsafe { $table.cast::<ss_plugin_table_input>().as_ref() }.ok_or("null table")?;
            // SAFETY: the plugin API requires that a vtable is null or valid as long as the table.
            let vtable = unsafe { table.$vtable.as_ref() }.ok_or("the table has no extended functions")?;
            let function = vtable.$($member).+.ok_or("the table lacks a function")?;
            // SAFETY: the plugin API requires that the function takes `table.table`; the caller is bound by the same contract for the arguments.
            Ok(unsafe { function(table.table $(, $argument)*) })
        })
    };
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const ss_plugin_table_fieldinfo {
    of_table!(table, null(), fields_ext.list_table_fields(count))
}

unsafe extern "C" fn get_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    of_table!(table, null_mut(), fields_ext.get_table_field(name, ty))
}

unsafe extern "C" fn add_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    of_table!(table, null_mut(), fields_ext.add_table_field(name, ty))
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    of_table!(table, null(), reader_ext.reader.get_table_name())
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    of_table!(table, u64::MAX, reader_ext.reader.get_table_size())
}

unsafe extern "C" fn get_entry(table: *mut c_void, key: *const ss_plugin_state_data) -> *mut c_void {
    of_table!(table, null_mut(), reader_ext.reader.get_table_entry(key))
}

unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    field: *const c_void,
    out: *mut ss_plugin_state_data,
) -> i32 {
    // SAFETY: the plugin API requires that `table` is null or an `ss_plugin_table_input` that the plugin got, valid as long as its state.
    if let Some(input) = unsafe { table.cast::<ss_plugin_table_input>().as_ref() }
        && std::ptr::eq(input.reader_ext, &table::vtable::READER)
    {
        // SAFETY: a table of this library; the caller is bound by the contract of that function.
        return unsafe { table::vtable::read_field(input.table, entry, field, out) };
    }
    of_table!(table, rc::FAILURE, reader_ext.reader.read_entry_field(entry, field, out))
}

unsafe extern "C" fn release_entry(table: *mut c_void, entry: *mut c_void) {
    of_table!(table, (), reader_ext.release_table_entry(entry))
}

unsafe extern "C" fn iterate(table: *mut c_void, visit: Visit, state: *mut c_void) -> u32 {
    of_table!(table, 0, reader_ext.iterate_entries(visit, state))
}

unsafe extern "C" fn clear_table(table: *mut c_void) -> i32 {
    of_table!(table, rc::FAILURE, writer_ext.clear_table())
}

unsafe extern "C" fn erase_entry(table: *mut c_void, key: *const ss_plugin_state_data) -> i32 {
    of_table!(table, rc::FAILURE, writer_ext.erase_table_entry(key))
}

unsafe extern "C" fn create_entry(table: *mut c_void) -> *mut c_void {
    of_table!(table, null_mut(), writer_ext.create_table_entry())
}

unsafe extern "C" fn destroy_entry(table: *mut c_void, entry: *mut c_void) {
    of_table!(table, (), writer_ext.destroy_table_entry(entry))
}

unsafe extern "C" fn add_entry(
    table: *mut c_void,
    key: *const ss_plugin_state_data,
    entry: *mut c_void,
) -> *mut c_void {
    of_table!(table, null_mut(), writer_ext.add_table_entry(key, entry))
}

unsafe extern "C" fn write_field(
    table: *mut c_void,
    entry: *mut c_void,
    field: *const c_void,
    value: *const ss_plugin_state_data,
) -> i32 {
    of_table!(table, rc::FAILURE, writer_ext.write_entry_field(entry, field, value))
}
