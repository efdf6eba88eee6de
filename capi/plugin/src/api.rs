//! The plugin API's types, laid out as `plugin/plugin_types.h` and `plugin/plugin_api.h` declare them.
//!
//! Pointers to a plugin's state, an open source, an owner, a table, an entry or a field are opaque: `*mut c_void`.
//! Codes and enumerations are plain numbers, since any number can come from C.

use std::ffi::{c_char, c_void};

/// `PLUGIN_MAX_ERRLEN`: the size of a buffer for an error text, in bytes, its NUL included.
pub const MAX_ERRLEN: usize = 1024;

pub use scap::types::plugin_types::ss_plugin_event;

/// `ss_plugin_rc`.
pub mod rc {
    pub use scap::types::plugin_types::{
        SS_PLUGIN_EOF as EOF, SS_PLUGIN_FAILURE as FAILURE, SS_PLUGIN_NOT_SUPPORTED as NOT_SUPPORTED,
        SS_PLUGIN_SUCCESS as SUCCESS, SS_PLUGIN_TIMEOUT as TIMEOUT,
    };
}

/// `ss_plugin_event_input`.
#[repr(C)]
pub struct ss_plugin_event_input {
    /// The event.
    pub evt: *const ss_plugin_event,
    /// Its number in the capture.
    pub evtnum: u64,
    /// The name of its source.
    pub evtsrc: *const c_char,
}

/// `ss_plugin_byte_buffer`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ss_plugin_byte_buffer {
    /// In bytes.
    pub len: u32,
    /// The bytes; they belong to the plugin.
    pub ptr: *const c_void,
}

/// `ss_plugin_extract_value_offsets`.
#[repr(C)]
pub struct ss_plugin_extract_value_offsets {
    /// Where each value begins in the event.
    pub start: *mut u32,
    /// How long it is there.
    pub length: *mut u32,
}

/// `ss_plugin_extract_field`: a field that is to be extracted, and its values.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ss_plugin_extract_field {
    /// An array of values of the field's type; it belongs to the plugin.
    pub res: *const c_void,
    /// How many there are.
    pub res_len: u64,
    /// The field's place in the plugin's list.
    pub field_id: u32,
    /// The field's name.
    pub field: *const c_char,
    /// The argument as a text, or null.
    pub arg_key: *const c_char,
    /// The argument as a number.
    pub arg_index: u64,
    /// Whether there is an argument.
    pub arg_present: u32,
    /// The type of the values.
    pub ftype: u32,
    /// Whether the field may have several values.
    pub flist: u32,
}

/// `ss_plugin_state_data`: a key, or the value of a field of a table.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub union ss_plugin_state_data {
    pub s8: i8,
    pub s16: i16,
    pub s32: i32,
    pub s64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub str: *const c_char,
    pub b: u32,
    pub table: *mut c_void,
}

/// `ss_plugin_table_info`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ss_plugin_table_info {
    /// The table's name.
    pub name: *const c_char,
    /// The type of its keys.
    pub key_type: u32,
}

/// `ss_plugin_table_fieldinfo`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ss_plugin_table_fieldinfo {
    /// The field's name.
    pub name: *const c_char,
    /// The type of its values.
    pub field_type: u32,
    /// Whether it cannot be written.
    pub read_only: u32,
}

/// A function of a table that a plugin brings may be missing.
pub type Get<F> = Option<F>;
/// `ss_plugin_table_iterator_func_t`.
pub type Visit = Option<unsafe extern "C" fn(state: *mut c_void, entry: *mut c_void) -> u32>;
type GetEntry = unsafe extern "C" fn(*mut c_void, *const ss_plugin_state_data) -> *mut c_void;
type ReadField = unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *mut ss_plugin_state_data) -> i32;
type FindField = unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void;

/// `ss_plugin_table_fields_vtable` and its `_ext`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_table_fields_vtable {
    pub list_table_fields: Get<unsafe extern "C" fn(*mut c_void, *mut u32) -> *const ss_plugin_table_fieldinfo>,
    pub get_table_field: Get<FindField>,
    pub add_table_field: Get<FindField>,
}

/// `ss_plugin_table_reader_vtable`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_table_reader_vtable {
    pub get_table_name: Get<unsafe extern "C" fn(*mut c_void) -> *const c_char>,
    pub get_table_size: Get<unsafe extern "C" fn(*mut c_void) -> u64>,
    pub get_table_entry: Get<GetEntry>,
    pub read_entry_field: Get<ReadField>,
}

/// `ss_plugin_table_reader_vtable_ext`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_table_reader_vtable_ext {
    pub reader: ss_plugin_table_reader_vtable,
    pub release_table_entry: Get<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    pub iterate_entries: Get<unsafe extern "C" fn(*mut c_void, Visit, *mut c_void) -> u32>,
}

/// `ss_plugin_table_writer_vtable` and its `_ext`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_table_writer_vtable {
    pub clear_table: Get<unsafe extern "C" fn(*mut c_void) -> i32>,
    pub erase_table_entry: Get<unsafe extern "C" fn(*mut c_void, *const ss_plugin_state_data) -> i32>,
    pub create_table_entry: Get<unsafe extern "C" fn(*mut c_void) -> *mut c_void>,
    pub destroy_table_entry: Get<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    pub add_table_entry:
        Get<unsafe extern "C" fn(*mut c_void, *const ss_plugin_state_data, *mut c_void) -> *mut c_void>,
    pub write_entry_field:
        Get<unsafe extern "C" fn(*mut c_void, *mut c_void, *const c_void, *const ss_plugin_state_data) -> i32>,
}

/// `ss_plugin_table_input`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_table_input {
    pub name: *const c_char,
    pub key_type: u32,
    pub table: *mut c_void,
    pub reader: ss_plugin_table_reader_vtable,
    pub writer: ss_plugin_table_writer_vtable,
    pub fields: ss_plugin_table_fields_vtable,
    pub reader_ext: *const ss_plugin_table_reader_vtable_ext,
    pub writer_ext: *const ss_plugin_table_writer_vtable,
    pub fields_ext: *const ss_plugin_table_fields_vtable,
}

// SAFETY: the pointers of a vtable of vtables are to statics that are never written, in the one value that the host makes of it.
unsafe impl Sync for ss_plugin_init_tables_input {}

/// `get_owner_last_error`.
pub type OwnerError = Option<unsafe extern "C" fn(owner: *mut c_void) -> *const c_char>;

/// `ss_plugin_init_tables_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_init_tables_input {
    pub list_tables: Option<unsafe extern "C" fn(*mut c_void, *mut u32) -> *const ss_plugin_table_info>,
    pub get_table: Option<unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> *mut c_void>,
    pub add_table: Option<unsafe extern "C" fn(*mut c_void, *const ss_plugin_table_input) -> i32>,
    pub fields: ss_plugin_table_fields_vtable,
    pub fields_ext: *const ss_plugin_table_fields_vtable,
    pub reader_ext: *const ss_plugin_table_reader_vtable_ext,
    pub writer_ext: *const ss_plugin_table_writer_vtable,
}

/// `ss_plugin_init_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_init_input {
    pub config: *const c_char,
    pub owner: *mut c_void,
    pub get_owner_last_error: OwnerError,
    pub tables: *const ss_plugin_init_tables_input,
    pub log_fn: Option<
        unsafe extern "C" fn(owner: *mut c_void, component: *const c_char, message: *const c_char, severity: u32),
    >,
}

/// `ss_plugin_field_extract_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_field_extract_input {
    pub owner: *mut c_void,
    pub get_owner_last_error: OwnerError,
    pub num_fields: u32,
    pub fields: *mut ss_plugin_extract_field,
    pub table_reader: ss_plugin_table_reader_vtable,
    pub table_reader_ext: *const ss_plugin_table_reader_vtable_ext,
    pub value_offsets: *mut ss_plugin_extract_value_offsets,
}

/// `ss_plugin_event_parse_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_event_parse_input {
    pub owner: *mut c_void,
    pub get_owner_last_error: OwnerError,
    pub table_reader: ss_plugin_table_reader_vtable,
    pub table_writer: ss_plugin_table_writer_vtable,
    pub table_reader_ext: *const ss_plugin_table_reader_vtable_ext,
    pub table_writer_ext: *const ss_plugin_table_writer_vtable,
}

/// `ss_plugin_set_config_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_set_config_input {
    pub config: *const c_char,
}

/// `ss_plugin_routine_fn_t`.
pub type Routine = Option<unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32>;

/// `ss_plugin_routine_vtable`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_routine_vtable {
    pub subscribe: Option<unsafe extern "C" fn(owner: *mut c_void, Routine, state: *mut c_void) -> *mut c_void>,
    pub unsubscribe: Option<unsafe extern "C" fn(owner: *mut c_void, routine: *mut c_void) -> i32>,
}

/// `ss_plugin_capture_listen_input`.
#[repr(C)]
#[allow(missing_docs)]
pub struct ss_plugin_capture_listen_input {
    pub owner: *mut c_void,
    pub routine: *const ss_plugin_routine_vtable,
    pub table_reader_ext: *const ss_plugin_table_reader_vtable_ext,
    pub table_writer_ext: *const ss_plugin_table_writer_vtable,
    pub get_owner_last_error: OwnerError,
}

/// `ss_plugin_async_event_handler_t`.
pub type AsyncHandler =
    Option<unsafe extern "C" fn(owner: *mut c_void, event: *const ss_plugin_event, err: *mut c_char) -> i32>;

/// `ss_plugin_metric`. The value is of the member that `value_type` numbers.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ss_plugin_metric {
    pub name: *const c_char,
    pub ty: u32,
    /// Eight bytes: a number of the type `value_type`.
    pub value: u64,
    pub value_type: u32,
}

/// Declares the struct of what a plugin exports, and how its members are found by the names of symbols.
macro_rules! entry_points {
    ($($(#[$doc:meta])* $name:ident: fn($($arg:ty),*) $(-> $ret:ty)?,)*) => {
        /// `plugin_api`: the functions that a plugin exports; `None` for those that it does not.
        #[repr(C)]
        #[derive(Clone, Copy, Default)]
        pub struct plugin_api {
            $($(#[$doc])* pub $name: Option<unsafe extern "C" fn($($arg),*) $(-> $ret)?>,)*
        }

        impl plugin_api {
            /// The functions that `symbol` finds, which gets each one's name, `plugin_get_name` and so on, with a NUL.
            ///
            /// # Safety
            /// What `symbol` returns must be null, or a function of the type that `plugin/plugin_api.h` declares under the name, and
            /// stay loaded as long as the result is used.
            pub unsafe fn from_symbols(mut symbol: impl FnMut(&'static [u8]) -> *mut c_void) -> plugin_api {
                plugin_api {
                    $($name: {
                        let found = symbol(concat!("plugin_", stringify!($name), "\0").as_bytes());
                        // SAFETY: the caller guarantees the type; a null pointer is `None`.
                        unsafe { std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn($($arg),*) $(-> $ret)?>>(found) }
                    },)*
                }
            }
        }
    };
}

entry_points! {
    /// The version of the API that the plugin was written for.
    get_required_api_version: fn() -> *const c_char,
    /// The schema of its configuration.
    get_init_schema: fn(*mut u32) -> *const c_char,
    /// Makes its state.
    init: fn(*const ss_plugin_init_input, *mut i32) -> *mut c_void,
    /// Ends its state.
    destroy: fn(*mut c_void),
    /// The text of its last failure.
    get_last_error: fn(*mut c_void) -> *const c_char,
    /// Its name.
    get_name: fn() -> *const c_char,
    /// What it is.
    get_description: fn() -> *const c_char,
    /// Its authors.
    get_contact: fn() -> *const c_char,
    /// Its own version.
    get_version: fn() -> *const c_char,
    /// Its registered number.
    get_id: fn() -> u32,
    /// The name of its event source.
    get_event_source: fn() -> *const c_char,
    /// Opens a stream of events.
    open: fn(*mut c_void, *const c_char, *mut i32) -> *mut c_void,
    /// Closes it.
    close: fn(*mut c_void, *mut c_void),
    /// What `open` may be called with.
    list_open_params: fn(*mut c_void, *mut i32) -> *const c_char,
    /// How much was read.
    get_progress: fn(*mut c_void, *mut c_void, *mut u32) -> *const c_char,
    /// An event as a text.
    event_to_string: fn(*mut c_void, *const ss_plugin_event_input) -> *const c_char,
    /// The next events.
    next_batch: fn(*mut c_void, *mut c_void, *mut u32, *mut *mut *mut ss_plugin_event) -> i32,
    /// The event types with fields.
    get_extract_event_types: fn(*mut u32, *mut c_void) -> *const u16,
    /// The event sources with fields.
    get_extract_event_sources: fn() -> *const c_char,
    /// Its fields.
    get_fields: fn() -> *const c_char,
    /// Finds the values of fields.
    extract_fields: fn(*mut c_void, *const ss_plugin_event_input, *const ss_plugin_field_extract_input) -> i32,
    /// The event types that it parses.
    get_parse_event_types: fn(*mut u32, *mut c_void) -> *const u16,
    /// The event sources that it parses.
    get_parse_event_sources: fn() -> *const c_char,
    /// Parses an event.
    parse_event: fn(*mut c_void, *const ss_plugin_event_input, *const ss_plugin_event_parse_input) -> i32,
    /// The event sources that its async events are for.
    get_async_event_sources: fn() -> *const c_char,
    /// The names of its async events.
    get_async_events: fn() -> *const c_char,
    /// Takes the function for async events.
    set_async_event_handler: fn(*mut c_void, *mut c_void, AsyncHandler) -> i32,
    /// Makes the events that rebuild its state.
    dump_state: fn(*mut c_void, *mut c_void, AsyncHandler) -> i32,
    /// Takes a new configuration.
    set_config: fn(*mut c_void, *const ss_plugin_set_config_input) -> i32,
    /// Its metrics.
    get_metrics: fn(*mut c_void, *mut u32) -> *const ss_plugin_metric,
    /// A capture started.
    capture_open: fn(*mut c_void, *const ss_plugin_capture_listen_input) -> i32,
    /// A capture stops.
    capture_close: fn(*mut c_void, *const ss_plugin_capture_listen_input) -> i32,
    /// The version of the event schema that it was written for.
    get_required_event_schema_version: fn(*mut c_void) -> *const c_char,
}
