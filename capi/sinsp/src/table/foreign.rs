//! Tables whose entries a plugin or a program has: their functions, by name.

use super::api::Input;
use super::fields::c_string;
use super::problem::{Problem, Result};
use sinsp_core::state::tables::ColumnType;
use std::ffi::{CStr, CString, c_void};
use std::ptr::null;

/// A table of someone else.
pub(super) struct Foreign {
    /// What the owner knows it by.
    table: *mut c_void,
    /// What C gets: the owner's functions, with a name that is ours.
    pub input: Box<Input>,
    /// Keeps the name.
    _name: CString,
}

/// How many pointers to functions the three extended vtables have.
const READER: usize = 6;
const WRITER: usize = 6;
const FIELDS: usize = 3;

/// What has to be given: all of `ss_plugin_table_input`.
#[repr(C)]
struct Given {
    name: *const std::ffi::c_char,
    key: u32,
    table: *mut c_void,
    /// The plain vtables, which are the first functions of the extended ones.
    plain: [*const c_void; 4 + WRITER + FIELDS],
    reader: *const [*const c_void; READER],
    writer: *const [*const c_void; WRITER],
    fields: *const [*const c_void; FIELDS],
}

const _: () = {
    assert!(size_of::<Given>() == size_of::<Input>());
    assert!(std::mem::offset_of!(Given, reader) == std::mem::offset_of!(Input, reader_ext));
};

impl Foreign {
    /// Takes note of a table; answers its name and the type of its keys.
    ///
    /// # Safety
    /// `input` must be null or point to `size` bytes of an `ss_plugin_table_input`, whose functions can be called until the table is
    /// removed or the inspector has ended.
    pub unsafe fn new(input: *const c_void, size: usize) -> Result<(Foreign, String, ColumnType)> {
        if input.is_null() || size < size_of::<Input>() {
            return Err("the functions of the table are not all there".into());
        }
        // SAFETY: not null, big enough, and the caller vouches for the rest; no function is called, null pointers are allowed.
        let given = unsafe { &*input.cast::<Given>() };
        // SAFETY: the caller vouches for the vtables; null is answered.
        let vtables = unsafe { (given.reader.as_ref(), given.writer.as_ref(), given.fields.as_ref()) };
        let (Some(reader), Some(writer), Some(fields)) = vtables else {
            return Err("the table has no extended functions".into());
        };
        if given.name.is_null() || given.table.is_null() {
            return Err("the table has no name or is null".into());
        }
        if [&reader[..], writer, fields].concat().contains(&null()) {
            return Err("the table lacks a function".into());
        }
        let key = ColumnType::from_number(given.key);
        let key = key.ok_or_else(|| Problem::new(format!("there is no type {} of keys", given.key)))?;
        // SAFETY: not null, and the caller vouches for its NUL.
        let name = unsafe { CStr::from_ptr(given.name) };
        let name = name.to_str().map_err(|_| Problem::from("the name of a table has to be UTF-8"))?;
        let own = c_string(name);
        // SAFETY: the extended vtables have no null function, as was checked; the plain ones are copied from them.
        let input = unsafe {
            let (reader_ext, writer_ext, fields_ext) =
                (&*given.reader.cast::<super::api::ReaderExt>(), &*given.writer.cast(), &*given.fields.cast());
            Box::new(Input {
                name: own.as_ptr(),
                key: given.key,
                table: given.table,
                reader: reader_ext.reader,
                writer: *writer_ext,
                fields: *fields_ext,
                reader_ext,
                writer_ext,
                fields_ext,
            })
        };
        Ok((Foreign { table: given.table, input, _name: own }, name.to_string(), key))
    }

    /// Whether this is the table that its owner knows as `table`.
    pub fn is(&self, table: *const c_void) -> bool {
        std::ptr::eq(self.table, table)
    }
}
