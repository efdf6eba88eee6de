//! Entries of tables in a steady state: each event looks up its thread and a file of it, reads and writes them, and releases them, without
//! allocations.

#[path = "../../../scap-sys/tests/support/allocations.rs"]
mod allocations;

use allocations::Allocations;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_status, sinsp_str};
use sinsp::inspector::handle::*;
use sinsp::inspector::next::sinsp_inspector_next;
use sinsp::inspector::open::sinsp_inspector_open_savefile;
use sinsp::table::sinsp_inspector_thread_table;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/captures/workload.scap.gz");

/// `ss_plugin_table_input`, as far as it is used here.
#[repr(C)]
struct Input {
    name: *const c_char,
    key: u32,
    table: *mut c_void,
    plain: [*const c_void; 10],
    list: *const c_void,
    get_field: unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void,
    add_field: unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void,
    reader: *const Reader,
    writer: *const Writer,
}

#[repr(C)]
struct Reader {
    name: *const c_void,
    size: *const c_void,
    get: unsafe extern "C" fn(*mut c_void, *const u64) -> *mut c_void,
    read: unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *mut u64) -> i32,
    release: unsafe extern "C" fn(*mut c_void, *mut c_void),
}

#[repr(C)]
struct Writer {
    others: [*const c_void; 5],
    write: unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *const u64) -> i32,
}

const U64: u32 = 8;
const TEXT: u32 = 9;
const TABLE: u32 = 10;

/// A field of a table.
fn field(table: &Input, name: &CStr, ty: u32, add: bool) -> *mut c_void {
    let find = if add { table.add_field } else { table.get_field };
    // SAFETY: the table is valid.
    let field = unsafe { find(table.table, name.as_ptr(), ty) };
    assert!(!field.is_null());
    field
}

#[test]
fn entries_are_looked_up_read_written_and_released_without_allocations() {
    // SAFETY: the inspector is live until the end, entries until they are released; all arguments are the test's own.
    unsafe {
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        let threads = &*sinsp_inspector_thread_table(inspector).cast::<Input>();
        let (comm, fds) = (field(threads, c"comm", TEXT, false), field(threads, c"file_descriptors", TABLE, false));
        let mine = field(threads, c"mine", U64, true);
        let (reader, writer) = (&*threads.reader, &*threads.writer);
        let (mut quiet, mut found, mut noisy) = (0u32, 0u32, 0u64);
        for steady in [false, true] {
            let opened = sinsp_inspector_open_savefile(inspector, sinsp_str::of(CAPTURE.as_bytes()), 0, null_mut());
            assert_eq!(opened, sinsp_status::SINSP_SUCCESS);
            let mut event: sinsp::event::data::sinsp_event = std::mem::zeroed();
            let mut known = std::collections::HashSet::new();
            (quiet, found) = (0, 0);
            loop {
                match sinsp_inspector_next(inspector, &mut event, null_mut()) {
                    sinsp_status::SINSP_SUCCESS => {}
                    sinsp_status::SINSP_EOF => break,
                    _ => continue,
                }
                // The header of an event: its time, then its thread.
                let tid = event.bytes.add(8).cast::<u64>().read_unaligned();
                let allocations = Allocations::from_now();
                let entry = (reader.get)(threads.table, &tid);
                let mut whole = false;
                if !entry.is_null() {
                    let (mut value, mut text, mut table) = (0u64, 0u64, 0u64);
                    assert_eq!((reader.read)(threads.table, entry, comm, &mut text), 0);
                    assert_eq!((reader.read)(threads.table, entry, mine, &mut value), 0);
                    value += 1;
                    assert_eq!((writer.write)(threads.table, entry, mine, &value), 0);
                    assert_eq!((reader.read)(threads.table, entry, fds, &mut table), 0);
                    let table = &*std::ptr::with_exposed_provenance::<Input>(table as usize);
                    let reader = &*table.reader;
                    for number in 0..3 {
                        let fd = (reader.get)(table.table, &number);
                        if !fd.is_null() {
                            found += 1;
                            reader_release(reader, table, fd);
                        }
                    }
                    reader_release(reader, threads, entry);
                    whole = true;
                }
                let allocations = allocations.count();
                // A thread's first value makes room for it; so does the first hold of a file.
                if whole && !known.insert(tid) && steady {
                    quiet += 1;
                    noisy += u64::from(allocations > 0);
                }
            }
        }
        assert!(quiet > 100 && found > 50, "{quiet} events, {found} files");
        // Files that came in meanwhile are held for the first time now and then.
        assert!(noisy * 50 < u64::from(quiet), "{noisy} of {quiet} events allocated");
        sinsp_inspector_free(inspector);
    }
}

/// Releases an entry.
///
/// # Safety
/// The entry must be one of the table and not released yet.
unsafe fn reader_release(reader: &Reader, table: &Input, entry: *mut c_void) {
    // SAFETY: by `# Safety`, the entry is one of the table that is held.
    unsafe { (reader.release)(table.table, entry) }
}
