//! The state as tables, through the table functions of the plugin API (`plugin/plugin_api.h`). Nothing is written through them: every
//! function that would answers that it is not supported.

use crate::ffi::{borrow, guard_plain};
use crate::inspector::sinsp_inspector;
use sinsp_core::state::tables::{Column, ColumnType, Row, Table, Value};
use sinsp_core::state::{Fd, State, TextList, Thread};
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

// The plugin API's own types, laid out as its header says.

const SUCCESS: i32 = 0;
const FAILURE: i32 = 1;
const NOT_SUPPORTED: i32 = 3;

#[repr(C)]
#[derive(Clone, Copy)]
union StateData {
    i64: i64,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    text: *const c_char,
    table: *mut c_void,
}

#[repr(C)]
struct FieldInfo {
    name: *const c_char,
    ty: u32,
    read_only: u32,
}

type Visit = Option<unsafe extern "C" fn(state: *mut c_void, entry: *mut c_void) -> u32>;
type GetEntry = unsafe extern "C" fn(*mut c_void, *const StateData) -> *mut c_void;
type ReadField = unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *mut StateData) -> i32;
type FindField = unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void;

#[repr(C)]
#[derive(Clone, Copy)]
struct Fields {
    list: unsafe extern "C" fn(*mut c_void, *mut u32) -> *const FieldInfo,
    get: FindField,
    add: FindField,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Reader {
    name: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    size: unsafe extern "C" fn(*mut c_void) -> u64,
    entry: GetEntry,
    read: ReadField,
}

#[repr(C)]
struct ReaderExt {
    reader: Reader,
    release: unsafe extern "C" fn(*mut c_void, *mut c_void),
    iterate: unsafe extern "C" fn(*mut c_void, Visit, *mut c_void) -> u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Writer {
    clear: unsafe extern "C" fn(*mut c_void) -> i32,
    erase: unsafe extern "C" fn(*mut c_void, *const StateData) -> i32,
    create: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void, *mut c_void),
    add: unsafe extern "C" fn(*mut c_void, *const StateData, *mut c_void) -> *mut c_void,
    write: unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *const StateData) -> i32,
}

#[repr(C)]
struct Input {
    name: *const c_char,
    key: u32,
    table: *mut c_void,
    reader: Reader,
    writer: Writer,
    fields: Fields,
    reader_ext: *const ReaderExt,
    writer_ext: *const Writer,
    fields_ext: *const Fields,
}

static FIELDS: Fields = Fields { list: list_fields, get: get_field, add: add_field };
static READER: ReaderExt = ReaderExt {
    reader: Reader { name: table_name, size: table_size, entry: get_entry, read: read_field },
    release: release_entry,
    iterate,
};
static WRITER: Writer = Writer {
    clear: clear_table,
    erase: erase_entry,
    create: create_entry,
    destroy: release_entry,
    add: add_entry,
    write: write_field,
};

/// One table of an inspector, as the plugin API sees it.
pub(crate) struct Exposed {
    /// Made when it is first handed out, as it points to this very object, which has come to rest by then.
    input: OnceCell<Input>,
    table: Table,
    inspector: *const sinsp_inspector,
    /// Whose table it is; null for the threads.
    thread: Cell<*const Thread>,
    name: CString,
    columns: OnceCell<(Vec<CString>, Vec<FieldInfo>)>,
    /// The tables of a thread that were asked for, which turn to another thread when its are asked for.
    of_thread: [OnceCell<Rc<Exposed>>; 4],
    /// The text that was read last.
    text: RefCell<Vec<u8>>,
}

impl Exposed {
    /// A table of `inspector`, which has to outlive it. Counted, as what C has pointers to must not be in a box, which alone may lead to
    /// what it holds.
    pub(crate) fn new(inspector: *const sinsp_inspector, table: Table) -> Rc<Exposed> {
        let name = CString::new(table.name()).expect("names have no NUL");
        Rc::new(Exposed {
            input: OnceCell::new(),
            table,
            inspector,
            thread: Cell::new(null()),
            name,
            columns: OnceCell::new(),
            of_thread: Default::default(),
            text: RefCell::new(Vec::new()),
        })
    }

    /// What the plugin API calls a table.
    pub(crate) fn handle(&self) -> *mut c_void {
        let input = self.input.get_or_init(|| Input {
            name: self.name.as_ptr(),
            key: self.table.key() as u32,
            table: (&raw const *self).cast_mut().cast(),
            reader: READER.reader,
            writer: WRITER,
            fields: FIELDS,
            reader_ext: &READER,
            writer_ext: &WRITER,
            fields_ext: &FIELDS,
        });
        (&raw const *input).cast_mut().cast()
    }

    /// Hands what is known of the system to `read`; `otherwise` while the inspector is moved.
    fn with_state<R>(&self, otherwise: R, read: impl FnOnce(&State) -> R) -> R {
        // SAFETY: the inspector owns this table.
        let inspector = unsafe { &*self.inspector };
        match inspector.core() {
            Ok(core) => guard_plain(otherwise, || read(core.state())),
            Err(_) => otherwise,
        }
    }

    /// The thread whose table it is.
    fn thread(&self) -> Option<&Thread> {
        // SAFETY: set when the table was read from the thread, which C may keep until the next event as it may the table.
        unsafe { self.thread.get().as_ref() }
    }

    /// The texts of a table of texts.
    fn texts<'a>(&'a self, state: &'a State) -> Option<&'a TextList> {
        let thread = self.thread()?;
        match self.table {
            Table::Args => Some(&thread.args),
            Table::Env => Some(state.threads.env(thread)),
            Table::Cgroups => Some(&thread.cgroups),
            Table::Threads | Table::Fds => None,
        }
    }

    /// The row behind an entry. Entries of tables of texts are positions, counted from 1.
    ///
    /// # Safety
    /// `entry` must have been handed out by this table and not be outdated.
    unsafe fn row<'a>(&'a self, state: &'a State, entry: *mut c_void) -> Option<Row<'a>> {
        match self.table {
            // SAFETY: entries of this table are threads.
            Table::Threads => unsafe { entry.cast::<Thread>().as_ref() }.map(Row::Thread),
            // SAFETY: entries of this table are files.
            Table::Fds => unsafe { entry.cast::<Fd>().as_ref() }.map(Row::Fd),
            _ => self.texts(state)?.get(entry.addr().checked_sub(1)?).map(Row::Text),
        }
    }

    /// The table of a thread.
    fn table_of(&self, table: Table, thread: *const Thread) -> *mut c_void {
        let slot = match table {
            Table::Fds => 0,
            Table::Args => 1,
            Table::Env => 2,
            Table::Cgroups => 3,
            Table::Threads => return null_mut(),
        };
        let exposed = self.of_thread[slot].get_or_init(|| Exposed::new(self.inspector, table));
        exposed.thread.set(thread);
        exposed.handle()
    }
}

/// The table behind the plugin API's pointer.
///
/// # Safety
/// `table` must be null or one that was handed out, of an inspector that is alive.
unsafe fn exposed<'a>(table: *mut c_void) -> Option<&'a Exposed> {
    // SAFETY: the caller vouches for it.
    unsafe { table.cast::<Exposed>().as_ref() }
}

fn entry_of<T>(row: Option<&T>) -> *mut c_void {
    row.map_or(null_mut(), |row| (&raw const *row).cast_mut().cast())
}

unsafe extern "C" fn table_name(table: *mut c_void) -> *const c_char {
    // SAFETY: C hands back what it was given.
    unsafe { exposed(table) }.map_or(null(), |t| t.name.as_ptr())
}

unsafe extern "C" fn table_size(table: *mut c_void) -> u64 {
    // SAFETY: C hands back what it was given.
    let Some(t) = (unsafe { exposed(table) }) else { return 0 };
    t.with_state(0, |state| match t.table {
        Table::Threads => state.threads.len() as u64,
        Table::Fds => t.thread().and_then(|thread| state.threads.fds(thread)).map_or(0, |fds| fds.len() as u64),
        _ => t.texts(state).map_or(0, |texts| texts.len() as u64),
    })
}

unsafe extern "C" fn list_fields(table: *mut c_void, count: *mut u32) -> *const FieldInfo {
    // SAFETY: C hands back what it was given, and a place for the count.
    let (Some(t), Some(count)) = (unsafe { (exposed(table), count.as_mut()) }) else { return null() };
    let (_, infos) = t.columns.get_or_init(|| {
        let columns = t.table.columns();
        let names: Vec<CString> = columns.iter().map(|c| CString::new(c.name).expect("names have no NUL")).collect();
        let info =
            |(name, column): (&CString, &Column)| FieldInfo { name: name.as_ptr(), ty: column.ty as u32, read_only: 1 };
        let infos = names.iter().zip(columns).map(info).collect();
        (names, infos)
    });
    *count = infos.len() as u32;
    infos.as_ptr()
}

unsafe extern "C" fn get_field(table: *mut c_void, name: *const c_char, ty: u32) -> *mut c_void {
    if name.is_null() {
        return null_mut();
    }
    // SAFETY: C hands back what it was given, and a text with a NUL.
    let (Some(t), name) = (unsafe { (exposed(table), CStr::from_ptr(name)) }) else { return null_mut() };
    entry_of(t.table.columns().iter().find(|c| c.name.as_bytes() == name.to_bytes() && c.ty as u32 == ty))
}

unsafe extern "C" fn get_entry(table: *mut c_void, key: *const StateData) -> *mut c_void {
    // SAFETY: C hands back what it was given, and a key of the type that the table says.
    let (Some(t), Some(key)) = (unsafe { (exposed(table), key.as_ref()) }) else { return null_mut() };
    // SAFETY: both types of keys have eight bytes.
    let (number, position) = unsafe { (key.i64, key.u64) };
    t.with_state(null_mut(), |state| match t.table {
        Table::Threads => entry_of(state.threads.get(number)),
        Table::Fds => entry_of(t.thread().and_then(|thread| state.threads.fd(thread, number))),
        _ => match t.texts(state) {
            Some(texts) if position < texts.len() as u64 => std::ptr::without_provenance_mut(position as usize + 1),
            _ => null_mut(),
        },
    })
}

unsafe extern "C" fn iterate(table: *mut c_void, visit: Visit, context: *mut c_void) -> u32 {
    // SAFETY: C hands back what it was given.
    let (Some(t), Some(visit)) = (unsafe { exposed(table) }, visit) else { return 0 };
    // SAFETY: C's own function and context; the entry is good for the call.
    let goes_on = |entry: *mut c_void| unsafe { visit(context, entry) != 0 };
    t.with_state(0, |state| {
        let whole = match t.table {
            Table::Threads => state.threads.iter().all(|thread| goes_on(entry_of(Some(thread)))),
            Table::Fds => match t.thread().and_then(|thread| state.threads.fds(thread)) {
                Some(fds) => fds.iter().all(|fd| goes_on(entry_of(Some(fd)))),
                None => true,
            },
            _ => (1..=t.texts(state).map_or(0, |texts| texts.len()))
                .all(|position| goes_on(std::ptr::without_provenance_mut(position))),
        };
        whole as u32
    })
}

unsafe extern "C" fn read_field(
    table: *mut c_void,
    entry: *mut c_void,
    field: *const c_void,
    out: *mut StateData,
) -> i32 {
    // SAFETY: C hands back what it was given, and a place for the value.
    let (Some(t), Some(column), Some(out)) =
        (unsafe { (exposed(table), field.cast::<Column>().as_ref(), out.as_mut()) })
    else {
        return FAILURE;
    };
    t.with_state(FAILURE, |state| {
        // SAFETY: C hands back an entry of this table.
        let Some(row) = (unsafe { t.row(state, entry) }) else { return FAILURE };
        let Some(value) = column.read(&state.threads, row) else { return FAILURE };
        out.u64 = 0;
        match value {
            Value::I64(v) => out.i64 = v,
            Value::U8(v) => out.u8 = v,
            Value::U16(v) => out.u16 = v,
            Value::U32(v) => out.u32 = v,
            Value::U64(v) => out.u64 = v,
            Value::Bool(v) => out.u32 = v as u32,
            Value::Text(text) => {
                let mut kept = t.text.borrow_mut();
                kept.clear();
                kept.extend_from_slice(text.split(|&b| b == 0).next().unwrap_or_default());
                kept.push(0);
                out.text = kept.as_ptr().cast();
            }
            Value::Table(of_thread) => out.table = t.table_of(of_thread, entry.cast()),
        }
        debug_assert_eq!(matches!(column.ty, ColumnType::Table), matches!(value, Value::Table(_)));
        SUCCESS
    })
}

unsafe extern "C" fn release_entry(_table: *mut c_void, _entry: *mut c_void) {}

// Everything that would write.

unsafe extern "C" fn add_field(_table: *mut c_void, _name: *const c_char, _ty: u32) -> *mut c_void {
    null_mut()
}

unsafe extern "C" fn clear_table(_table: *mut c_void) -> i32 {
    NOT_SUPPORTED
}

unsafe extern "C" fn erase_entry(_table: *mut c_void, _key: *const StateData) -> i32 {
    NOT_SUPPORTED
}

unsafe extern "C" fn create_entry(_table: *mut c_void) -> *mut c_void {
    null_mut()
}

unsafe extern "C" fn add_entry(_table: *mut c_void, _key: *const StateData, _entry: *mut c_void) -> *mut c_void {
    null_mut()
}

unsafe extern "C" fn write_field(
    _table: *mut c_void,
    _entry: *mut c_void,
    _field: *const c_void,
    _value: *const StateData,
) -> i32 {
    NOT_SUPPORTED
}

/// The table of threads, as the plugin API's `ss_plugin_table_t` (which is an `ss_plugin_table_input`). It lives as long as the
/// inspector; its entries, and the tables in them, are borrowed until the next event. A text that is read from a table is valid until
/// another one is read from it. Null for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_table(inspector: *const sinsp_inspector) -> *mut c_void {
    // SAFETY: the caller vouches for it.
    let Ok(inspector) = (unsafe { borrow(inspector, "inspector") }) else { return null_mut() };
    guard_plain(null_mut(), || inspector.threads.get_or_init(|| Exposed::new(inspector, Table::Threads)).handle())
}
