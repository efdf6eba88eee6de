//! The plugin API's own types, laid out as `plugin/plugin_types.h` and `plugin/plugin_api.h` say; keys and values between C and the core.

use super::problem::Problem;
use sinsp_core::state::tables::{ColumnType, Value};
use std::ffi::{CStr, c_char, c_void};

/// `ss_plugin_rc`.
pub(super) const SUCCESS: i32 = 0;
/// `ss_plugin_rc`.
pub(super) const FAILURE: i32 = 1;

/// `ss_plugin_state_data`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) union StateData {
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub text: *const c_char,
    pub truth: u32,
    pub table: *mut c_void,
}

/// `ss_plugin_table_fieldinfo`.
#[repr(C)]
pub(super) struct FieldInfo {
    pub name: *const c_char,
    pub ty: u32,
    pub read_only: u32,
}

pub(super) type Visit = Option<unsafe extern "C" fn(state: *mut c_void, entry: *mut c_void) -> u32>;
type GetEntry = unsafe extern "C" fn(*mut c_void, *const StateData) -> *mut c_void;
type ReadField = unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *mut StateData) -> i32;
type FindField = unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void;

/// `ss_plugin_table_fields_vtable` and its `_ext`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub list: unsafe extern "C" fn(*mut c_void, *mut u32) -> *const FieldInfo,
    pub get: FindField,
    pub add: FindField,
}

/// `ss_plugin_table_reader_vtable`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub name: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    pub size: unsafe extern "C" fn(*mut c_void) -> u64,
    pub entry: GetEntry,
    pub read: ReadField,
}

/// `ss_plugin_table_reader_vtable_ext`.
#[repr(C)]
pub(super) struct ReaderExt {
    pub reader: Reader,
    pub release: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub iterate: unsafe extern "C" fn(*mut c_void, Visit, *mut c_void) -> u32,
}

/// `ss_plugin_table_writer_vtable` and its `_ext`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Writer {
    pub clear: unsafe extern "C" fn(*mut c_void) -> i32,
    pub erase: unsafe extern "C" fn(*mut c_void, *const StateData) -> i32,
    pub create: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    pub destroy: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub add: unsafe extern "C" fn(*mut c_void, *const StateData, *mut c_void) -> *mut c_void,
    pub write: unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *const StateData) -> i32,
}

/// `ss_plugin_table_input`.
#[repr(C)]
pub(super) struct Input {
    pub name: *const c_char,
    pub key: u32,
    pub table: *mut c_void,
    pub reader: Reader,
    pub writer: Writer,
    pub fields: Fields,
    pub reader_ext: *const ReaderExt,
    pub writer_ext: *const Writer,
    pub fields_ext: *const Fields,
}

/// The value of type `ty` at C's pointer; an error for null.
///
/// # Safety
/// `data` must be null or have a value of that type; a text must have a NUL and stay as it is for `'a`.
pub(super) unsafe fn value<'a>(data: *const StateData, ty: ColumnType) -> Result<Value<'a>, Problem> {
    // SAFETY: by `# Safety`, `data` is null or readable.
    let data = unsafe { data.as_ref() }.ok_or(Problem::from("null key or value"))?;
    // SAFETY: by `# Safety`, the member of type `ty` was written, and a text ends with a NUL.
    unsafe {
        Ok(match ty {
            ColumnType::I8 => Value::I8(data.i8),
            ColumnType::I16 => Value::I16(data.i16),
            ColumnType::I32 => Value::I32(data.i32),
            ColumnType::I64 => Value::I64(data.i64),
            ColumnType::U8 => Value::U8(data.u8),
            ColumnType::U16 => Value::U16(data.u16),
            ColumnType::U32 => Value::U32(data.u32),
            ColumnType::U64 => Value::U64(data.u64),
            ColumnType::Bool => Value::Bool(data.truth != 0),
            ColumnType::Text if data.text.is_null() => Value::Text(b""),
            ColumnType::Text => Value::Text(CStr::from_ptr(data.text).to_bytes()),
            ColumnType::Table => return Err("a field of type table cannot be written".into()),
        })
    }
}

/// Calls `use_it` with the type of a value and the value as C has it; not for a table, which no object of a program can hold.
pub(crate) fn with_state_data(value: Value<'_>, use_it: impl FnOnce(u32, *const c_void)) {
    let mut data = StateData::of(value);
    let mut text = Vec::new();
    match value {
        Value::Text(bytes) => {
            text.reserve_exact(bytes.len() + 1);
            text.extend_from_slice(bytes.split(|&b| b == 0).next().unwrap_or_default());
            text.push(0);
            data.text = text.as_ptr().cast();
        }
        Value::SubTable(_) | Value::Table(_) => return,
        _ => {}
    }
    use_it(value.ty() as u32, (&raw const data).cast());
}

/// Calls `read` with the value that `ask` writes to its argument, of the type that `ask` returns; not if there is no such type.
pub(crate) fn added_value(ask: impl FnOnce(*mut c_void) -> u32, read: &mut dyn FnMut(Value<'_>)) {
    let mut data = StateData { u64: 0 };
    let ty = ask((&raw mut data).cast());
    if let Some(ty) = ColumnType::from_number(ty) {
        // SAFETY: the contract of the stores (`state/store.rs`): the value is of the type that was returned; a text is valid until the object
        // is changed.
        if let Ok(value) = unsafe { value(&data, ty) } {
            read(value);
        }
    }
}

impl StateData {
    /// A number or truth value as C has it; texts and tables are pointers, which are up to the caller.
    pub fn of(value: Value<'_>) -> StateData {
        let mut data = StateData { u64: 0 };
        match value {
            Value::I8(v) => data.i8 = v,
            Value::I16(v) => data.i16 = v,
            Value::I32(v) => data.i32 = v,
            Value::I64(v) => data.i64 = v,
            Value::U8(v) => data.u8 = v,
            Value::U16(v) => data.u16 = v,
            Value::U32(v) => data.u32 = v,
            Value::U64(v) => data.u64 = v,
            Value::Bool(v) => data.truth = v.into(),
            Value::Text(_) | Value::SubTable(_) | Value::Table(_) => {}
        }
        data
    }
}
