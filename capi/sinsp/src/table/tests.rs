//! The plugin API's tables as C uses them.

use super::api::{FieldInfo, Input, StateData, rc};
use super::*;
use crate::ffi::SINSP_ABI_VERSION;
use crate::inspector::handle::{sinsp_inspector_free, sinsp_inspector_new, sinsp_inspector_ref};
use std::ffi::{CStr, c_char};
use std::ptr::null;

const TEXT: u32 = ColumnType::Text as u32;
const I64: u32 = ColumnType::I64 as u32;
const TABLE: u32 = ColumnType::Table as u32;

fn key(number: i64) -> StateData {
    StateData { s64: number }
}

fn error() -> String {
    // SAFETY: the text is copied before the next failure.
    String::from_utf8_lossy(unsafe { sinsp_table_error().bytes() }).into_owned()
}

/// A table, through its functions.
#[derive(Clone, Copy)]
struct Tab(*mut Input);

// SAFETY of what follows: tables, entries and fields are used while they are valid, but where a test says otherwise, which then is about
// what stays in memory of the inspector.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Tab {
    fn input(&self) -> &Input {
        unsafe { &*self.0 }
    }

    fn field(self, name: &CStr, ty: u32) -> *mut c_void {
        unsafe { (*self.input().fields_ext).get_table_field.unwrap()(self.input().table, name.as_ptr(), ty) }
    }

    fn add_field(self, name: &CStr, ty: u32) -> *mut c_void {
        unsafe { self.input().fields.add_table_field.unwrap()(self.input().table, name.as_ptr(), ty) }
    }

    fn size(self) -> u64 {
        unsafe { self.input().reader.get_table_size.unwrap()(self.input().table) }
    }

    fn get(self, key: StateData) -> *mut c_void {
        unsafe { (*self.input().reader_ext).reader.get_table_entry.unwrap()(self.input().table, &key) }
    }

    fn create(self) -> *mut c_void {
        unsafe { self.input().writer.create_table_entry.unwrap()(self.input().table) }
    }

    fn add(self, key: StateData, entry: *mut c_void) -> *mut c_void {
        unsafe { self.input().writer.add_table_entry.unwrap()(self.input().table, &key, entry) }
    }

    fn destroy(self, entry: *mut c_void) {
        unsafe { self.input().writer.destroy_table_entry.unwrap()(self.input().table, entry) }
    }

    fn erase(self, key: StateData) -> i32 {
        unsafe { self.input().writer.erase_table_entry.unwrap()(self.input().table, &key) }
    }

    fn release(self, entry: *mut c_void) {
        unsafe { (*self.input().reader_ext).release_table_entry.unwrap()(self.input().table, entry) }
    }

    fn read(self, entry: *mut c_void, field: *mut c_void) -> Option<StateData> {
        let mut out = StateData { u64: 0 };
        let rc = unsafe { self.input().reader.read_entry_field.unwrap()(self.input().table, entry, field, &mut out) };
        (rc == rc::SUCCESS).then_some(out)
    }

    fn text(self, entry: *mut c_void, field: *mut c_void) -> Option<String> {
        self.read(entry, field).map(|v| unsafe { CStr::from_ptr(v.str) }.to_string_lossy().into_owned())
    }

    fn sub(self, entry: *mut c_void, name: &CStr) -> Tab {
        Tab(self.read(entry, self.field(name, TABLE)).map_or(null_mut(), |v| unsafe { v.table }).cast())
    }

    fn write(self, entry: *mut c_void, field: *mut c_void, value: StateData) -> i32 {
        unsafe { self.input().writer.write_entry_field.unwrap()(self.input().table, entry, field, &value) }
    }

    fn each(self, visit: &mut dyn FnMut(*mut c_void) -> bool) -> u32 {
        unsafe extern "C" fn call(context: *mut c_void, entry: *mut c_void) -> u32 {
            unsafe { (*context.cast::<&mut dyn FnMut(*mut c_void) -> bool>())(entry).into() }
        }
        let mut visit = visit;
        unsafe {
            (*self.input().reader_ext).iterate_entries.unwrap()(self.input().table, Some(call), (&raw mut visit).cast())
        }
    }
}

/// An inspector with the threads 1 to 3.
fn inspector() -> (*mut sinsp_inspector, Tab) {
    // SAFETY: null is allowed for errors, and the inspector is live.
    let (inspector, threads) = unsafe {
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        (inspector, Tab(sinsp_inspector_thread_table(inspector).cast()))
    };
    for tid in 1..=3 {
        let entry = threads.add(key(tid), threads.create());
        assert!(!entry.is_null(), "{}", error());
        threads.release(entry);
    }
    (inspector, threads)
}

fn free(inspector: *mut sinsp_inspector) {
    // SAFETY: each test frees the references it has.
    unsafe { sinsp_inspector_free(inspector) }
}

fn text(text: &CStr) -> StateData {
    StateData { str: text.as_ptr() }
}

#[test]
fn an_entry_outlives_its_thread_and_its_inspector() {
    let (inspector, threads) = inspector();
    let (tid, comm) = (threads.field(c"tid", I64), threads.field(c"comm", TEXT));
    let entry = threads.get(key(2));
    assert_eq!(threads.write(entry, comm, text(c"two")), rc::SUCCESS);
    assert_eq!((threads.erase(key(2)), threads.size()), (rc::SUCCESS, 2));
    let again = threads.add(key(2), threads.create());
    free(inspector);
    assert_eq!(threads.text(entry, comm).as_deref(), Some("two"));
    assert_eq!(threads.text(again, comm).as_deref(), Some(""));
    // SAFETY: the column's type.
    assert_eq!(threads.read(entry, tid).map(|v| unsafe { v.s64 }), Some(2));
    threads.release(entry);
    threads.release(again);
}

#[test]
fn what_was_given_back_cannot_be_used() {
    let (inspector, threads) = inspector();
    let comm = threads.field(c"comm", TEXT);
    let entry = threads.get(key(1));
    threads.release(entry);
    assert_eq!(threads.text(entry, comm), None);
    assert_eq!(error(), "the entry was released");
    threads.release(entry);
    assert!(error().starts_with("only an entry that was got or added"));
    let created = threads.create();
    threads.release(created);
    assert_eq!(threads.write(created, comm, text(c"x")), rc::SUCCESS);
    threads.destroy(created);
    assert_eq!(threads.write(created, comm, text(c"x")), rc::FAILURE);
    let held = threads.get(key(1));
    assert!(threads.add(key(9), held).is_null() && threads.text(held, comm).is_some());
    threads.destroy(held);
    assert!(threads.text(held, comm).is_some());
    threads.release(held);
    // SAFETY: the reference is freed below.
    assert_eq!(unsafe { sinsp_inspector_ref(inspector) }, inspector);
    free(inspector);
    assert_eq!(threads.size(), 3);
    free(inspector);
}

#[test]
fn asking_and_releasing_use_the_same_entries_again() {
    let (inspector, threads) = inspector();
    let comm = threads.field(c"comm", TEXT);
    let mut seen = std::collections::HashSet::new();
    for round in 0..200 {
        let entry = threads.get(key(1 + round % 3));
        assert!(threads.text(entry, comm).is_some());
        seen.insert(entry);
        threads.release(entry);
    }
    assert!(seen.len() < 25, "{}", seen.len());
    free(inspector);
}

#[test]
fn tables_in_entries_are_of_their_entry() {
    let (inspector, threads) = inspector();
    let (one, two) = (threads.get(key(1)), threads.get(key(2)));
    let (args1, args2) = (threads.sub(one, c"args"), threads.sub(two, c"args"));
    assert!(args1.0 != args2.0 && threads.sub(one, c"args").0 == args1.0);
    let arg = args1.add(StateData { u64: 1 }, args1.create());
    let value = args1.field(c"value", TEXT);
    assert_eq!(args1.write(arg, value, text(c"-x")), rc::SUCCESS);
    assert_eq!((args1.size(), args2.size()), (2, 0));
    assert!(args1.add_field(c"mine", TEXT).is_null());
    // A table may be used until the next event after its entry was released.
    threads.release(one);
    assert_eq!((args1.size(), args1.text(arg, value).as_deref()), (2, Some("-x")));
    args1.release(arg);
    let fds = threads.sub(two, c"file_descriptors");
    let fd = fds.add(key(7), fds.create());
    let name = fds.field(c"name", TEXT);
    assert_eq!(fds.write(fd, name, text(c"/f")), rc::SUCCESS);
    assert_eq!((fds.erase(key(7)), fds.size()), (rc::SUCCESS, 0));
    assert_eq!(fds.text(fd, name).as_deref(), Some("/f"));
    assert!(fds.get(key(7)).is_null());
    assert_eq!(error(), "the table has no entry of that key");
    fds.release(fd);
    threads.release(two);
    free(inspector);
}

#[test]
fn iteration_can_stop_and_change_what_it_sees() {
    let (inspector, threads) = inspector();
    let (tid, comm) = (threads.field(c"tid", I64), threads.field(c"comm", TEXT));
    let mut count = 0;
    assert_eq!(
        threads.each(&mut |_| {
            count += 1;
            count < 2
        }),
        0
    );
    assert_eq!(count, 2);
    let mut tids = Vec::new();
    let whole = threads.each(&mut |entry| {
        // SAFETY: the column's type.
        let number = unsafe { threads.read(entry, tid).unwrap().s64 };
        tids.push(number);
        threads.release(entry);
        assert_eq!(threads.write(entry, comm, text(c"seen")), rc::SUCCESS);
        threads.erase(key(3));
        true
    });
    tids.sort();
    // The one that was removed before its turn is left out.
    assert_eq!((whole, tids, threads.size()), (1, vec![1, 2], 2));
    let entry = threads.get(key(1));
    assert_eq!(threads.text(entry, comm).as_deref(), Some("seen"));
    threads.release(entry);
    free(inspector);
}

#[test]
fn fields_are_listed_and_added_with_their_types() {
    let (inspector, threads) = inspector();
    let list = || {
        let mut count = 0u32;
        let input = threads.input();
        // SAFETY: the table is valid, and the list lives as long as its inspector.
        let list: &[FieldInfo] = unsafe {
            let first = input.fields.list_table_fields.unwrap()(input.table, &mut count);
            std::slice::from_raw_parts(first, count as usize)
        };
        // SAFETY: the names live as long as the inspector.
        let name = |f: &FieldInfo| unsafe { CStr::from_ptr(f.name) }.to_string_lossy().into_owned();
        list.iter().map(|f| (name(f), f.field_type, f.read_only)).collect::<Vec<_>>()
    };
    let before = list();
    assert!(before.contains(&("cwd".into(), TEXT, 1)) && before.contains(&("comm".into(), TEXT, 0)));
    let mine = threads.add_field(c"mine", TEXT);
    assert!(!mine.is_null() && threads.add_field(c"mine", TEXT) == mine && threads.field(c"mine", TEXT) == mine);
    assert_eq!((list().len(), list().last().cloned()), (before.len() + 1, Some(("mine".into(), TEXT, 0))));
    assert!(threads.add_field(c"mine", I64).is_null());
    assert_eq!(error(), "field 'mine' of table 'threads' has type string, not int64");
    assert!(threads.field(c"none", I64).is_null() && threads.field(c"tid", 77).is_null());
    // SAFETY: the inspector is live.
    let fds = Tab(unsafe { sinsp_inspector_fd_table_fields(inspector) }.cast());
    let mine = fds.add_field(c"mine", TEXT);
    assert_eq!((fds.size(), fds.create(), fds.get(key(0))), (u64::MAX, null_mut(), null_mut()));
    let entry = threads.get(key(1));
    let of_thread = threads.sub(entry, c"file_descriptors");
    assert_eq!(of_thread.field(c"mine", TEXT), mine);
    // SAFETY: the tables are valid.
    assert!(unsafe { sinsp_table_is_own(of_thread.0.cast()) && !sinsp_table_is_own(null()) });
    threads.release(entry);
    free(inspector);
}

#[test]
fn tables_of_others_are_found_by_name() {
    let (inspector, threads) = inspector();
    let name = |text: &'static str| sinsp_str::of(text.as_bytes());
    // SAFETY: the inspector and all arguments are live.
    unsafe {
        let own = Tab(sinsp_inspector_add_table(inspector, name("own"), TEXT, null_mut()).cast());
        assert_eq!(
            sinsp_table_add_table_field(own.0.cast(), name("inner"), I64, null_mut()),
            sinsp_status::SINSP_SUCCESS
        );
        let count = own.add_field(c"count", I64);
        let entry = own.add(text(c"k"), own.create());
        assert_eq!(own.write(entry, count, key(5)), rc::SUCCESS);
        let inner = own.sub(entry, c"inner");
        assert!(!inner.add_field(c"word", TEXT).is_null());
        let word = inner.add(key(1), inner.create());
        assert_eq!((inner.size(), own.size()), (1, 1));
        inner.release(word);
        own.release(entry);
        let find = |n: &'static str, key: u32| sinsp_inspector_table(inspector, name(n), key, null_mut());
        assert_eq!(find("own", TEXT), own.0.cast());
        assert!(find("own", I64).is_null() && find("other", I64).is_null());
        assert_eq!(find("threads", I64), threads.0.cast());

        // Someone else's: the functions of one of ours do, under another name.
        let theirs = Input { name: c"theirs".as_ptr(), ..std::ptr::read(threads.0) };
        let given: *const Input = &theirs;
        let size = size_of::<Input>();
        let add = |size| sinsp_inspector_add_foreign_table(inspector, given.cast(), size, null_mut());
        assert_eq!(add(size - 1), sinsp_status::SINSP_FAILURE);
        assert_eq!(add(size), sinsp_status::SINSP_SUCCESS);
        assert_eq!(add(size), sinsp_status::SINSP_FAILURE);
        let removed = Tab(find("theirs", I64).cast());
        assert_eq!(removed.size(), 3);
        unsafe extern "C" fn visit(context: *mut c_void, _name: sinsp_str, _key: u32) -> bool {
            // SAFETY: the test's own counter.
            unsafe { *context.cast::<u32>() += 1 };
            true
        }
        let mut tables = 0u32;
        assert!(sinsp_inspector_each_table(inspector, Some(visit), (&raw mut tables).cast(), null_mut()));
        assert_eq!(tables, 3);
        let remove = || sinsp_inspector_remove_foreign_table(inspector, theirs.table, null_mut());
        assert_eq!((remove(), remove()), (sinsp_status::SINSP_SUCCESS, sinsp_status::SINSP_NOT_FOUND));
        assert!(find("theirs", I64).is_null());
        assert_eq!(removed.size(), u64::MAX);
        assert_eq!(error(), "the table was removed by its owner");
    }
    free(inspector);
}

#[test]
fn nonsense_is_an_error() {
    let (inspector, threads) = inspector();
    let entry = threads.get(key(1));
    let (comm, cwd) = (threads.field(c"comm", TEXT), threads.field(c"cwd", TEXT));
    assert_eq!(threads.write(entry, cwd, text(c"/")), rc::FAILURE);
    assert_eq!(error(), "field 'cwd' of table 'threads' cannot be written");
    let fds = threads.sub(entry, c"file_descriptors");
    assert_eq!(threads.read(entry, fds.field(c"name", TEXT)).map(|_| ()), None);
    assert_eq!(error(), "a field of table 'file_descriptors' is used on an entry of table 'threads'");
    assert_eq!(threads.read(null_mut(), comm).map(|_| ()), None);
    assert_eq!(threads.read(entry, null_mut()).map(|_| ()), None);
    assert_eq!(threads.write(entry, comm, StateData { str: null::<c_char>() }), rc::SUCCESS);
    let input = threads.input();
    // SAFETY: null is allowed.
    unsafe {
        assert!(input.reader.get_table_entry.unwrap()(input.table, null()).is_null());
        assert!(input.fields.get_table_field.unwrap()(input.table, null(), TEXT).is_null());
        assert_eq!(input.reader.get_table_size.unwrap()(null_mut()), u64::MAX);
        assert_eq!((*input.reader_ext).iterate_entries.unwrap()(input.table, None, null_mut()), 0);
        assert!(sinsp_inspector_table(null(), sinsp_str::EMPTY, I64, null_mut()).is_null());
        let none = sinsp_inspector_add_foreign_table(inspector, null(), 0, null_mut());
        assert_eq!(none, sinsp_status::SINSP_FAILURE);
        // Other operating-system threads have errors of their own.
        std::thread::spawn(|| assert_eq!(error(), "")).join().unwrap();
    }
    threads.release(entry);
    free(inspector);
}

#[test]
fn entries_and_fields_of_another_inspector_are_refused() {
    let ((first, table), (second, other)) = (inspector(), inspector());
    let (comm, of_other) = (table.field(c"comm", TEXT), other.field(c"comm", TEXT));
    let (entry, foreign) = (table.create(), other.create());
    assert!(table.read(foreign, comm).is_none() && error().contains("another inspector"));
    assert!(table.read(entry, of_other).is_none() && error().contains("another inspector"));
    assert_ne!(table.write(foreign, comm, text(c"x")), rc::SUCCESS);
    assert!(table.add(key(7), foreign).is_null());
    table.destroy(foreign);
    table.release(foreign);
    // It is still the other one's.
    assert!(other.read(foreign, of_other).is_some());
    other.destroy(foreign);
    table.destroy(entry);
    free(first);
    free(second);
}

#[test]
fn an_entry_cannot_be_added_to_a_table_in_it() {
    let (inspector, table) = inspector();
    let entry = table.create();
    let files = table.sub(entry, c"file_descriptors");
    assert!(files.add(key(7), entry).is_null() && error().contains("table"), "{}", error());
    // It is destroyed, as one that cannot be added.
    assert!(table.read(entry, table.field(c"comm", TEXT)).is_none());
    free(inspector);
}
