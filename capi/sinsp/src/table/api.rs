//! Keys and values of tables between C and the core. The plugin API's types themselves are those of the crate `plugin`.

use super::problem::Problem;
pub(super) use plugin::api::ss_plugin_state_data as StateData;
pub(crate) use plugin::api::{
    Visit, rc, ss_plugin_table_fieldinfo as FieldInfo, ss_plugin_table_fields_vtable as Fields,
    ss_plugin_table_input as Input, ss_plugin_table_reader_vtable as Reader,
    ss_plugin_table_reader_vtable_ext as ReaderExt, ss_plugin_table_writer_vtable as Writer,
};
use sinsp_core::state::tables::{ColumnType, Value};
use std::ffi::{CStr, c_char, c_void};

/// Declares the vtables `READER`, `WRITER` and `FIELDS` of a kind of table, whose functions are those of the invoking module under these names.
macro_rules! vtables {
    ($($visibility:tt)*) => {
        $($visibility)* static READER: $crate::table::api::ReaderExt = $crate::table::api::ReaderExt {
            reader: $crate::table::api::Reader {
                get_table_name: Some(table_name),
                get_table_size: Some(table_size),
                get_table_entry: Some(get_entry),
                read_entry_field: Some(read_field),
            },
            release_table_entry: Some(release_entry),
            iterate_entries: Some(iterate),
        };
        $($visibility)* static WRITER: $crate::table::api::Writer = $crate::table::api::Writer {
            clear_table: Some(clear_table),
            erase_table_entry: Some(erase_entry),
            create_table_entry: Some(create_entry),
            destroy_table_entry: Some(destroy_entry),
            add_table_entry: Some(add_entry),
            write_entry_field: Some(write_field),
        };
        $($visibility)* static FIELDS: $crate::table::api::Fields = $crate::table::api::Fields {
            list_table_fields: Some(list_fields),
            get_table_field: Some(get_field),
            add_table_field: Some(add_field),
        };
    };
}
pub(crate) use vtables;

/// A table for C: the vtables are those that `vtables` declares.
pub(super) fn input(
    name: *const c_char,
    key_type: u32,
    table: *const c_void,
    reader: &'static ReaderExt,
    writer: &'static Writer,
    fields: &'static Fields,
) -> Input {
    Input {
        name,
        key_type,
        table: table.cast_mut(),
        reader: reader.reader,
        writer: *writer,
        fields: *fields,
        reader_ext: reader,
        writer_ext: writer,
        fields_ext: fields,
    }
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
            ColumnType::I8 => Value::I8(data.s8),
            ColumnType::I16 => Value::I16(data.s16),
            ColumnType::I32 => Value::I32(data.s32),
            ColumnType::I64 => Value::I64(data.s64),
            ColumnType::U8 => Value::U8(data.u8),
            ColumnType::U16 => Value::U16(data.u16),
            ColumnType::U32 => Value::U32(data.u32),
            ColumnType::U64 => Value::U64(data.u64),
            ColumnType::Bool => Value::Bool(data.b != 0),
            ColumnType::Text if data.str.is_null() => Value::Text(b""),
            ColumnType::Text => Value::Text(CStr::from_ptr(data.str).to_bytes()),
            ColumnType::Table => return Err("a field of type table cannot be written".into()),
        })
    }
}

/// Calls `use_it` with the type of a value and the value as C has it; not for a table, which no object of a program can hold.
pub(crate) fn with_state_data(value: Value<'_>, use_it: impl FnOnce(u32, *const c_void)) {
    let mut data = state_data(value);
    let mut text = Vec::new();
    match value {
        Value::Text(bytes) => {
            text.reserve_exact(bytes.len() + 1);
            text.extend_from_slice(bytes.split(|&b| b == 0).next().unwrap_or_default());
            text.push(0);
            data.str = text.as_ptr().cast();
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

/// A number or truth value as C has it; texts and tables are pointers, which are up to the caller.
pub(super) fn state_data(value: Value<'_>) -> StateData {
    match value {
        Value::I8(s8) => StateData { s8 },
        Value::I16(s16) => StateData { s16 },
        Value::I32(s32) => StateData { s32 },
        Value::I64(s64) => StateData { s64 },
        Value::U8(u8) => StateData { u8 },
        Value::U16(u16) => StateData { u16 },
        Value::U32(u32) => StateData { u32 },
        Value::U64(u64) => StateData { u64 },
        Value::Bool(b) => StateData { b: b.into() },
        Value::Text(_) | Value::SubTable(_) | Value::Table(_) => StateData { u64: 0 },
    }
}
