//! A plugin of this program: it is added, initialised and described, its fields stand in filters and formats, and it reads the table of
//! threads and a field of its own in it.

use plugin::api::*;
use sinsp::event::data::sinsp_event;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_error, sinsp_error_free, sinsp_error_message, sinsp_status, sinsp_str};
use sinsp::filter::format::{sinsp_formatter_free, sinsp_formatter_new, sinsp_formatter_run};
use sinsp::filter::program::{sinsp_program_compile, sinsp_program_free, sinsp_program_run};
use sinsp::filter::registry::{sinsp_registry_free, sinsp_registry_with_plugins};
use sinsp::inspector::handle::{sinsp_inspector, sinsp_inspector_free, sinsp_inspector_new};
use sinsp::inspector::next::sinsp_inspector_next;
use sinsp::inspector::open::sinsp_inspector_open_savefile;
use sinsp::plugin::register::*;
use sinsp::plugin::*;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/captures/workload.scap.gz");

const FIELDS: &CStr = cr#"[
    {"type": "uint64", "name": "test.num", "desc": "the number of the event"},
    {"type": "string", "name": "test.comm", "desc": "comm of its thread, from the table", "addOutput": true},
    {"type": "string", "name": "test.arg", "desc": "the argument, twice", "isList": true,
     "arg": {"isRequired": true, "isKey": true, "isIndex": true}},
    {"type": "uint64", "name": "test.seen", "desc": "how often its thread was asked about"},
    {"type": "string", "name": "test.lies", "desc": "a value at a null address"}
]"#;

thread_local! {
    /// How many states there are.
    static STATES: Cell<u32> = const { Cell::new(0) };
}

/// The state of the plugin.
#[derive(Default)]
struct State {
    error: CString,
    threads: *mut c_void,
    comm: *mut c_void,
    seen: *mut c_void,
    texts: Vec<CString>,
    pointers: Vec<*const c_char>,
    number: u64,
    config: CString,
}

extern "C" fn version() -> *const c_char {
    c"1.2.3".as_ptr()
}
extern "C" fn api_version() -> *const c_char {
    c"3.12.0".as_ptr()
}
extern "C" fn name() -> *const c_char {
    c"test".as_ptr()
}
extern "C" fn nothing() -> *const c_char {
    null()
}
extern "C" fn fields() -> *const c_char {
    FIELDS.as_ptr()
}

unsafe extern "C" fn init(input: *const ss_plugin_init_input, code: *mut i32) -> *mut c_void {
    // SAFETY: the host passes an input that is good for the call, and a place for the code.
    unsafe {
        let input = &*input;
        let config = CStr::from_ptr(input.config);
        let mut state = Box::new(State { config: config.into(), ..State::default() });
        STATES.set(STATES.get() + 1);
        *code = rc::SUCCESS;
        if config == c"fail" {
            state.error = c"the configuration says so".into();
            *code = rc::FAILURE;
            return Box::into_raw(state).cast();
        }
        let tables = &*input.tables;
        let mut count = 0;
        let listed = (tables.list_tables.unwrap())(input.owner, &mut count);
        let names = std::slice::from_raw_parts(listed, count as usize).iter().map(|t| CStr::from_ptr(t.name));
        assert!(names.clone().any(|n| n == c"threads"), "{:?}", names.collect::<Vec<_>>());
        let get = tables.get_table.unwrap();
        assert!(get(input.owner, c"threads".as_ptr(), 9).is_null(), "its keys are no texts");
        let why = CStr::from_ptr((input.get_owner_last_error.unwrap())(input.owner)).to_string_lossy();
        assert!(why.contains("threads"), "{why}");
        state.threads = get(input.owner, c"threads".as_ptr(), 4);
        let of = &*tables.fields_ext;
        state.comm = (of.get_table_field.unwrap())(state.threads, c"comm".as_ptr(), 9);
        state.seen = (of.add_table_field.unwrap())(state.threads, c"test_seen".as_ptr(), 8);
        assert!(!state.comm.is_null() && !state.seen.is_null());
        Box::into_raw(state).cast()
    }
}

unsafe extern "C" fn destroy(state: *mut c_void) {
    STATES.set(STATES.get() - 1);
    // SAFETY: init made it, and the host ends it once.
    drop(unsafe { Box::from_raw(state.cast::<State>()) });
}

unsafe extern "C" fn last_error(state: *mut c_void) -> *const c_char {
    // SAFETY: init made it.
    unsafe { (*state.cast::<State>()).error.as_ptr() }
}

unsafe extern "C" fn set_config(state: *mut c_void, input: *const ss_plugin_set_config_input) -> i32 {
    // SAFETY: init made the state, and the input is good for the call.
    unsafe { (*state.cast::<State>()).config = CStr::from_ptr((*input).config).into() };
    rc::SUCCESS
}

unsafe extern "C" fn extract(
    state: *mut c_void,
    event: *const ss_plugin_event_input,
    input: *const ss_plugin_field_extract_input,
) -> i32 {
    // SAFETY: init made the state; the rest is good for the call.
    unsafe {
        let (state, event, input) = (&mut *state.cast::<State>(), &*event, &*input);
        assert_eq!(CStr::from_ptr(event.evtsrc), c"syscall");
        assert_eq!(input.num_fields, 1);
        let field = &mut *input.fields;
        let texts = |state: &mut State, texts: Vec<CString>| {
            state.texts = texts;
            state.pointers = state.texts.iter().map(|t| t.as_ptr()).collect();
            state.pointers.as_ptr().cast::<c_void>()
        };
        field.res_len = 1;
        match field.field_id {
            0 => {
                state.number = event.evtnum;
                field.res = (&raw const state.number).cast();
            }
            1 => {
                let key = ss_plugin_state_data { u64: (&raw const (*event.evt).tid).read_unaligned() };
                let reader = &*input.table_reader_ext;
                let entry = (reader.reader.get_table_entry.unwrap())(state.threads, &key);
                if entry.is_null() {
                    field.res_len = 0;
                    return rc::SUCCESS;
                }
                let mut value = ss_plugin_state_data { u64: 0 };
                assert_eq!(
                    (reader.reader.read_entry_field.unwrap())(state.threads, entry, state.comm, &mut value),
                    rc::SUCCESS
                );
                let comm = CStr::from_ptr(value.str).into();
                (reader.release_table_entry.unwrap())(state.threads, entry);
                field.res = texts(state, vec![comm]);
            }
            2 => {
                let key = CStr::from_ptr(field.arg_key);
                let index = if field.arg_index == u64::MAX {
                    c"-".into()
                } else {
                    CString::new(field.arg_index.to_string()).unwrap()
                };
                field.res = texts(state, vec![key.into(), index]);
                field.res_len = 2;
            }
            4 => field.res = null(),
            _ => return rc::FAILURE,
        }
        rc::SUCCESS
    }
}

fn api() -> plugin_api {
    plugin_api {
        get_required_api_version: Some(api_version),
        get_version: Some(version),
        get_name: Some(name),
        get_description: Some(nothing),
        get_contact: Some(nothing),
        init: Some(init),
        destroy: Some(destroy),
        get_last_error: Some(last_error),
        get_fields: Some(fields),
        extract_fields: Some(extract),
        set_config: Some(set_config),
        ..plugin_api::default()
    }
}

/// The text of the error that `call` leaves; it has to leave one.
fn error_of<R>(call: impl FnOnce(*mut *mut sinsp_error) -> R) -> String {
    let mut error = null_mut();
    call(&mut error);
    assert!(!error.is_null());
    // SAFETY: the error was just left here, and is ended once.
    unsafe {
        let text = String::from_utf8_lossy(sinsp_error_message(error).bytes()).into_owned();
        sinsp_error_free(error);
        text
    }
}

fn text(text: &str) -> sinsp_str {
    sinsp_str::of(text.as_bytes())
}

/// An inspector with the plugin, which is initialised.
unsafe fn with_plugin(config: &str) -> (*mut sinsp_inspector, *mut sinsp_plugin_ref) {
    // SAFETY: the functions of the API are this file's own.
    unsafe {
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        let api = api();
        let plugin = sinsp_inspector_add_plugin(inspector, (&raw const api).cast(), null_mut());
        assert!(!plugin.is_null());
        assert_eq!(sinsp_plugin_init(plugin, text(config), null_mut()), sinsp_status::SINSP_SUCCESS);
        (inspector, plugin)
    }
}

#[test]
fn its_fields_stand_in_filters_and_formats() {
    // SAFETY: everything is live until it is ended at the end, and texts are constants.
    unsafe {
        let (inspector, plugin) = with_plugin("");
        let registry = sinsp_registry_with_plugins(inspector, null_mut());
        let filter = sinsp_program_compile(
            inspector,
            registry,
            text(
                "test.comm = val(proc.name) and test.num > 0 and test.arg[7] intersects (7, x) and test.arg[ab] in (ab, -)",
            ),
            null_mut(),
        );
        let format = "%test.num %evt.num %test.comm %proc.name %test.arg[007] %test.arg[3]";
        let formatter = sinsp_formatter_new(inspector, registry, text(format), null_mut());
        assert!(!filter.is_null() && !formatter.is_null());
        assert_eq!(sinsp_inspector_open_savefile(inspector, text(CAPTURE), 0, null_mut()), sinsp_status::SINSP_SUCCESS);
        let mut event: sinsp_event = std::mem::zeroed();
        let (mut events, mut passed) = (0, 0);
        loop {
            match sinsp_inspector_next(inspector, &mut event, null_mut()) {
                sinsp_status::SINSP_SUCCESS => events += 1,
                sinsp_status::SINSP_EOF => break,
                _ => continue,
            }
            let passes = sinsp_program_run(filter, inspector, &event, null_mut());
            assert!(passes >= 0);
            let mut out = sinsp_str::EMPTY;
            assert_eq!(sinsp_formatter_run(formatter, inspector, &event, 0, &mut out, null_mut()), 1);
            let line = String::from_utf8_lossy(out.bytes()).into_owned();
            if passes == 1 {
                passed += 1;
                let words: Vec<&str> = line.split(' ').collect();
                assert_eq!(words[0], words[1]);
                assert!(line.ends_with("(007,-) (3,3)"), "{line}");
            }
        }
        assert!(events > 100 && passed * 2 > events, "{passed} of {events}");
        sinsp_formatter_free(formatter);
        sinsp_program_free(filter);
        sinsp_registry_free(registry);
        sinsp_plugin_free(plugin);
        sinsp_inspector_free(inspector);
        assert_eq!(STATES.get(), 0, "the state ends with the inspector");
    }
}

#[test]
fn it_describes_itself() {
    // SAFETY: everything is live until it is ended at the end, and texts are constants.
    unsafe {
        let (inspector, plugin) = with_plugin("{}");
        let mut info = sinsp_plugin_info { size: size_of::<sinsp_plugin_info>(), ..std::mem::zeroed() };
        assert_eq!(sinsp_plugin_describe(plugin, &mut info, null_mut()), sinsp_status::SINSP_SUCCESS);
        assert_eq!((info.name.bytes(), info.version, info.id, info.field_count), (&b"test"[..], [1, 2, 3], 0, 5));
        assert_eq!(info.required_api_version, [3, 12, 0]);
        assert_eq!(info.capabilities, 2);
        let mut field = sinsp_plugin_field { size: size_of::<sinsp_plugin_field>(), ..std::mem::zeroed() };
        assert_eq!(sinsp_plugin_describe_field(plugin, 2, &mut field, null_mut()), sinsp_status::SINSP_SUCCESS);
        assert_eq!(field.name.bytes(), b"test.arg");
        assert!(
            field.list && field.argument_required && field.argument_index && field.argument_key && !field.add_output
        );
        // A caller of an older version has room for the name alone.
        let mut short = sinsp_plugin_field { size: size_of::<usize>() + size_of::<sinsp_str>(), ..std::mem::zeroed() };
        assert_eq!(sinsp_plugin_describe_field(plugin, 1, &mut short, null_mut()), sinsp_status::SINSP_SUCCESS);
        assert_eq!((short.name.bytes(), short.add_output), (&b"test.comm"[..], false));
        assert!(error_of(|e| sinsp_plugin_describe_field(plugin, 5, &mut field, e)).contains("field 5"));
        assert!(sinsp_plugin_has_event_type(plugin, false, 1) && !sinsp_plugin_has_event_type(null(), false, 1));
        let again = sinsp_inspector_plugin(inspector, 0);
        assert!(!again.is_null() && sinsp_inspector_plugin(inspector, 1).is_null());
        sinsp_plugin_free(again);
        assert_eq!(sinsp_plugin_set_config(plugin, text("new"), null_mut()), sinsp_status::SINSP_SUCCESS);

        // A reference outlives the inspector; the state does not.
        sinsp_inspector_free(inspector);
        assert_eq!(STATES.get(), 0);
        assert_eq!(sinsp_plugin_describe(plugin, &mut info, null_mut()), sinsp_status::SINSP_SUCCESS);
        assert!(error_of(|e| sinsp_plugin_set_config(plugin, text(""), e)).contains("not initialized"));
        sinsp_plugin_free(plugin);
    }
}

#[test]
fn what_is_wrong_is_said() {
    // SAFETY: everything is live until it is ended at the end, and texts are constants.
    unsafe {
        let (inspector, plugin) = with_plugin("");
        let add = |api: plugin_api| error_of(|e| sinsp_inspector_add_plugin(inspector, (&raw const api).cast(), e));
        assert!(add(api()).contains("another plugin with name test"));
        assert!(add(plugin_api { init: None, ..api() }).contains("plugin_init"));
        assert!(error_of(|e| sinsp_inspector_add_plugin(inspector, null(), e)).contains("null plugin_api"));
        assert!(
            error_of(|e| sinsp_inspector_load_plugin(inspector, text("/nonexistent.so"), e))
                .contains("/nonexistent.so")
        );
        assert!(error_of(|e| sinsp_plugin_init(plugin, text(""), e)).contains("twice"));

        let registry = sinsp_registry_with_plugins(inspector, null_mut());
        for (filter, cause) in [
            ("test.arg = x", "needs an argument"),
            ("test.num[1] = 1", "takes no argument"),
            ("test.num = x", "not a valid number"),
            ("test.none = 1", "test.none"),
        ] {
            let error = error_of(|e| sinsp_program_compile(inspector, registry, text(filter), e));
            assert!(error.contains(cause), "{filter}: {error}");
        }
        // An error of the plugin's field is the error of the function.
        let filter = sinsp_program_compile(inspector, registry, text("test.lies = x"), null_mut());
        let opened = sinsp_inspector_open_savefile(inspector, text(CAPTURE), 0, null_mut());
        assert_eq!(opened, sinsp_status::SINSP_SUCCESS);
        let mut event: sinsp_event = std::mem::zeroed();
        while sinsp_inspector_next(inspector, &mut event, null_mut()) != sinsp_status::SINSP_SUCCESS {}
        assert!(error_of(|e| sinsp_program_run(filter, inspector, &event, e)).contains("null address"));
        sinsp_program_free(filter);
        sinsp_registry_free(registry);
        sinsp_plugin_free(plugin);
        sinsp_inspector_free(inspector);

        // A plugin that does not start says why, and its state ends.
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        let api = api();
        let plugin = sinsp_inspector_add_plugin(inspector, (&raw const api).cast(), null_mut());
        assert!(error_of(|e| sinsp_plugin_init(plugin, text("fail"), e)).contains("the configuration says so"));
        assert_eq!(STATES.get(), 0);
        sinsp_plugin_free(plugin);
        sinsp_inspector_free(inspector);
    }
}
