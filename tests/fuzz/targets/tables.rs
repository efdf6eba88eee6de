//! Any operations on the tables that a plugin gets, in any order: threads, their files, arguments and environment, and a table of the program with one in
//! it; also on entries, tables and fields that are gone. Each failure has a text, and each entry that is held can be read.
#![no_main]

use fuzz::Bytes;
use fuzz::plugins::{Host, called, described, text};
use libfuzzer_sys::fuzz_target;
use plugin::api::*;
use sinsp::table::{sinsp_inspector_add_table, sinsp_table_add_table_field};
use std::ffi::{CStr, c_void};
use std::ptr::null_mut;

const NAMES: [&CStr; 14] = [
    c"comm",
    c"pid",
    c"file_descriptors",
    c"args",
    c"env",
    c"cgroups",
    c"name",
    c"value",
    c"first",
    c"second",
    c"fuzz",
    c"nested",
    c"",
    c"exe",
];
const TABLES: [&CStr; 5] = [c"threads", c"fuzz", c"none", c"", c"more"];
/// How deep visitors iterate.
const MAX_DEPTH: u32 = 3;
/// The most operations of a run.
const MAX_OPERATIONS: u32 = 300;

struct Run<'a> {
    host: &'a Host,
    from: Bytes<'a>,
    functions: &'static ss_plugin_init_tables_input,
    owner: *mut c_void,
    last: OwnerError,
    tables: Vec<*mut c_void>,
    entries: Vec<*mut c_void>,
    fields: Vec<(*mut c_void, u32)>,
    operations: u32,
    depth: u32,
}

/// One of a list, or null.
fn one<T: Copy>(from: &mut Bytes<'_>, list: &[T], none: T) -> T {
    let number = usize::from(from.u8());
    if list.is_empty() || number == 255 { none } else { list[number % list.len()] }
}

impl Run<'_> {
    fn table(&mut self) -> *mut c_void {
        one(&mut self.from, &self.tables, null_mut())
    }

    fn entry(&mut self) -> *mut c_void {
        one(&mut self.from, &self.entries, null_mut())
    }

    /// A key of the type of the table's keys.
    fn key(&mut self, table: *mut c_void) -> ss_plugin_state_data {
        // SAFETY: null, or a table that the host returned, which keeps its memory.
        let of_texts =
            unsafe { table.cast::<ss_plugin_table_input>().as_ref() }.is_some_and(|table| table.key_type == 9);
        match self.from.u8() {
            n if of_texts => ss_plugin_state_data { str: NAMES[usize::from(n) % NAMES.len()].as_ptr() },
            255 => ss_plugin_state_data { u64: self.from.u64() },
            n => ss_plugin_state_data { u64: u64::from(n % 8) },
        }
    }

    /// The error of an operation that failed has a text.
    fn failed(&self) {
        let Some(last) = self.last else { return };
        // SAFETY: the owner is that of a plugin that is live, and the text is read at once.
        let why = unsafe { last(self.owner) };
        // SAFETY: as above.
        assert!(!why.is_null() && !unsafe { CStr::from_ptr(why) }.is_empty(), "a failure without a text");
    }

    fn note<T>(&mut self, got: *mut T) -> bool {
        if got.is_null() {
            self.failed();
        }
        !got.is_null()
    }

    /// One operation.
    ///
    /// # Safety
    /// The host must be live; all tables, entries and fields are those that it returned.
    unsafe fn operate(&mut self) {
        // SAFETY: the functions of the host take null, and all that they returned, at any time; values are of the types of the fields.
        unsafe {
            let (reader, writer) = (&*self.functions.reader_ext, &*self.functions.writer_ext);
            let fields = &*self.functions.fields_ext;
            match self.from.u8() % 16 {
                0 => {
                    let name = one(&mut self.from, &TABLES, c"x");
                    let found =
                        (self.functions.get_table.unwrap())(self.owner, name.as_ptr(), u32::from(self.from.u8() % 13));
                    if self.note(found) {
                        self.tables.push(found);
                    }
                }
                1 => {
                    let (table, mut count) = (self.table(), 0);
                    let list = (fields.list_table_fields.unwrap())(table, &mut count);
                    if self.note(list.cast_mut()) {
                        for field in std::slice::from_raw_parts(list, count as usize) {
                            assert!(!CStr::from_ptr(field.name).is_empty());
                            let found = (fields.get_table_field.unwrap())(table, field.name, field.field_type);
                            assert!(!found.is_null(), "a field of the list");
                            if self.fields.len() < 200 {
                                self.fields.push((found, field.field_type));
                            }
                        }
                    }
                }
                2 | 3 => {
                    let (table, name, ty) =
                        (self.table(), one(&mut self.from, &NAMES, c"y"), u32::from(self.from.u8() % 28));
                    let find = if self.from.u8() < 128 { fields.get_table_field } else { fields.add_table_field };
                    let found = (find.unwrap())(table, name.as_ptr(), ty);
                    if self.note(found) {
                        self.fields.push((found, ty));
                    }
                }
                4 => {
                    let table = self.table();
                    let key = self.key(table);
                    let entry = (reader.reader.get_table_entry.unwrap())(table, &key);
                    if self.note(entry) {
                        self.entries.push(entry);
                    }
                }
                5 => {
                    let (table, entry) = (self.table(), self.entry());
                    (reader.release_table_entry.unwrap())(table, entry);
                }
                6 => {
                    let table = self.table();
                    let entry = (writer.create_table_entry.unwrap())(table);
                    if self.note(entry) {
                        self.entries.push(entry);
                    }
                }
                7 => {
                    let (table, entry) = (self.table(), self.entry());
                    (writer.destroy_table_entry.unwrap())(table, entry);
                }
                8 => {
                    let table = self.table();
                    let (key, entry) = (self.key(table), self.entry());
                    let added = (writer.add_table_entry.unwrap())(table, &key, entry);
                    if self.note(added) {
                        self.entries.push(added);
                    }
                }
                9 => {
                    let table = self.table();
                    let key = self.key(table);
                    if (writer.erase_table_entry.unwrap())(table, &key) != rc::SUCCESS {
                        self.failed();
                    }
                }
                10 | 11 => {
                    let (table, entry) = (self.table(), self.entry());
                    let (field, ty) = one(&mut self.from, &self.fields, (null_mut(), 0));
                    let mut out = ss_plugin_state_data { u64: 0 };
                    match (reader.reader.read_entry_field.unwrap())(table, entry, field, &mut out) {
                        rc::SUCCESS if ty == 9 => _ = CStr::from_ptr(out.str).to_bytes(),
                        rc::SUCCESS if ty == 10 => self.tables.push(out.table),
                        rc::SUCCESS => {}
                        _ => self.failed(),
                    }
                }
                12 => {
                    let (table, entry) = (self.table(), self.entry());
                    let (field, ty) = one(&mut self.from, &self.fields, (null_mut(), 0));
                    let mut value = ss_plugin_state_data { u64: self.from.u64() };
                    let taken = [self.from.take(20), b"\0"].concat();
                    if ty == 9 {
                        value.str = if self.from.u8() == 255 { std::ptr::null() } else { taken.as_ptr().cast() };
                    }
                    if (writer.write_entry_field.unwrap())(table, entry, field, &value) != rc::SUCCESS {
                        self.failed();
                    }
                }
                13 => {
                    let table = self.table();
                    (reader.reader.get_table_size.unwrap())(table);
                    (reader.reader.get_table_name.unwrap())(table);
                }
                14 if self.depth < MAX_DEPTH => {
                    unsafe extern "C" fn visit(run: *mut c_void, entry: *mut c_void) -> u32 {
                        // SAFETY: `iterate_entries` gets the run, which is live.
                        unsafe {
                            let run = &mut *run.cast::<Run<'_>>();
                            run.entries.push(entry);
                            let goes_on = run.from.u8();
                            for _ in 0..goes_on % 4 {
                                run.operate_if_left();
                            }
                            u32::from(goes_on < 250)
                        }
                    }
                    let table = self.table();
                    self.depth += 1;
                    (reader.iterate_entries.unwrap())(table, Some(visit), (&raw mut *self).cast());
                    self.depth -= 1;
                }
                _ => match self.from.u8() {
                    0..=3 => _ = (writer.clear_table.unwrap())(self.table()),
                    4 => self.host.close(),
                    5 => _ = self.host.open_capture(),
                    _ => _ = self.host.next(),
                },
            }
        }
    }

    unsafe fn operate_if_left(&mut self) {
        if self.operations < MAX_OPERATIONS && !self.from.0.is_empty() {
            self.operations += 1;
            // SAFETY: the caller of this function is that of `operate`.
            unsafe { self.operate() }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let host = Host::new(&described(), &[]);
    let (functions, owner, last) = host.tables();
    host.open_capture();
    let mut run = Run {
        host: &host,
        from: Bytes(data),
        functions,
        owner,
        last,
        tables: Vec::new(),
        entries: Vec::new(),
        fields: Vec::new(),
        operations: 0,
        depth: 0,
    };
    // SAFETY: the inspector is live to the end, and so are its tables; what is held is released.
    unsafe {
        let own = called(|e| sinsp_inspector_add_table(host.inspector, text(b"fuzz"), 8, e)).0;
        called(|e| sinsp_table_add_table_field(own, text(b"nested"), 9, e));
        for (name, key) in [(c"threads", 4), (c"fuzz", 8)] {
            run.tables.push((functions.get_table.unwrap())(owner, name.as_ptr(), key));
        }
        while run.operations < MAX_OPERATIONS && !run.from.0.is_empty() {
            run.operate_if_left();
        }
        let reader = &*functions.reader_ext;
        let writer = &*functions.writer_ext;
        for entry in run.entries {
            (reader.release_table_entry.unwrap())(run.tables[0], entry);
            (writer.destroy_table_entry.unwrap())(run.tables[0], entry);
        }
    }
});
