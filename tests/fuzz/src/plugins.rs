//! Shared by the targets for plugins: an inspector of the C ABI with a plugin of this program, whose functions read their results from [`Script`].
//!
//! The script keeps to what a host can check: memory that the plugin points to is there, and texts end.

use crate::small_system;
use plugin::api::*;
use scap_sys::capture::{Compression, Snapshot, Writer};
use sinsp::event::data::sinsp_event;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_error, sinsp_error_free, sinsp_error_message, sinsp_status, sinsp_str};
use sinsp::filter::format::{sinsp_formatter, sinsp_formatter_free, sinsp_formatter_new, sinsp_formatter_run};
use sinsp::filter::program::{sinsp_program, sinsp_program_compile, sinsp_program_free, sinsp_program_run};
use sinsp::filter::registry::{sinsp_registry, sinsp_registry_free, sinsp_registry_with_plugins};
use sinsp::inspector::handle::{sinsp_inspector, sinsp_inspector_free, sinsp_inspector_new};
use sinsp::inspector::next::sinsp_inspector_next;
use sinsp::inspector::open::{sinsp_inspector_close, sinsp_inspector_open_nodriver, sinsp_inspector_open_savefile};
use sinsp::plugin::register::*;
use sinsp::plugin::source::{
    sinsp_inspector_open_plugin, sinsp_open_param, sinsp_plugin_each_open_param, sinsp_plugin_event_to_string,
    sinsp_plugin_progress,
};
use sinsp::plugin::*;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

/// The room of an event.
pub const ROOM: usize = 4096;

/// What the functions of the plugin return.
#[derive(Default)]
pub struct Script {
    /// The bytes that they take their results from.
    pub bytes: Vec<u8>,
    at: usize,
    /// Memory that was handed out, until the script is replaced.
    kept: Vec<Box<[u64]>>,
    arrays: Vec<Box<[*mut ss_plugin_event]>>,
}

thread_local! {
    static SCRIPT: RefCell<Script> = RefCell::default();
    /// What the host passed: the owner, the handler of async events.
    static OWNER: Cell<(*mut c_void, AsyncHandler)> = const { Cell::new((null_mut(), None)) };
    /// The tables that `init` got.
    static TABLES: Cell<*const ss_plugin_init_tables_input> = const { Cell::new(null()) };
    static LAST: Cell<OwnerError> = const { Cell::new(None) };
}

impl Script {
    /// The next byte; 0 after the end.
    pub fn u8(&mut self) -> u8 {
        self.at += 1;
        self.bytes.get(self.at - 1).copied().unwrap_or(0)
    }

    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes([self.u8(), self.u8(), self.u8(), self.u8()])
    }

    fn keep(&mut self, len: usize) -> *mut u8 {
        self.kept.push(vec![0u64; len.div_ceil(8) + 1].into());
        self.kept.last_mut().map_or(null_mut(), |kept| kept.as_mut_ptr().cast())
    }

    /// A text, or null.
    fn text(&mut self) -> *const c_char {
        const TEXTS: [&CStr; 12] = [
            c"", c"[]", c"{}", c"[\"syscall\"]", c"[\"fuzz\", \"\"]", c"[1, null]", c"fuzz", c"1.2.3", c"3.12.0", c"[[[[[[", c"\xff\xfe",
            cr#"[{"type":"string","name":"f.s","desc":"d","isList":true,"arg":{"isKey":true}},{"type":"ipnet","name":"f.n","desc":"d"}]"#,
        ];
        match self.u8() {
            0 => null(),
            n @ 1..=200 => TEXTS[usize::from(n) % TEXTS.len()].as_ptr(),
            _ => {
                let len = usize::from(self.u8());
                let to = self.keep(len + 1);
                for i in 0..len {
                    // SAFETY: there is room for `len` bytes and a NUL, which is there.
                    unsafe { to.add(i).write(self.u8().max(1)) };
                }
                to.cast()
            }
        }
    }

    /// The count of a list with room for `most`, or one that is absurd.
    fn count(&mut self, most: u32) -> u32 {
        match self.u8() {
            255 => u32::MAX,
            254 => (1 << 20) + 1,
            n => u32::from(n) % (most + 1),
        }
    }

    /// An event of any bytes, with the frame of an event of a plugin in most cases, at any address.
    pub fn event(&mut self) -> *mut u8 {
        let how = self.u8();
        let at = self.keep(ROOM + 8);
        // SAFETY: there is room for so many bytes.
        let at = unsafe { at.add(usize::from(how % 8)) };
        let mut bytes: Vec<u8> = Vec::with_capacity(ROOM);
        bytes.extend_from_slice(&(if how & 8 == 0 { u64::MAX } else { self.u32().into() }).to_ne_bytes());
        bytes.extend_from_slice(&(if how & 16 == 0 { u64::MAX } else { self.u8().into() }).to_ne_bytes());
        let asynchronous = how & 32 != 0;
        let texts = [&b"fuzz\0"[..], b"other\0", b"", b"\xff"];
        let data_len = usize::from(self.u8());
        let mut params: Vec<Vec<u8>> = vec![self.u8().to_ne_bytes().repeat(4)];
        if self.u8() < 200 {
            params[0] = 0u32.to_ne_bytes().into();
        }
        if asynchronous {
            params.push(texts[usize::from(self.u8()) % 4].into());
        }
        params.push((0..data_len).map(|_| self.u8()).collect());
        if self.u8() == 255 {
            params.pop();
        }
        let len: usize = 26 + params.iter().map(|p| p.len() + 4).sum::<usize>();
        let lie = |script: &mut Script, truth: u32| match script.u8() {
            255 => script.u32(),
            254 => truth.wrapping_sub(1),
            253 => truth + 1,
            _ => truth,
        };
        let claimed = lie(self, len as u32);
        // A host can find that a length is absurd, but not that memory is missing.
        let claimed = if (ROOM as u32..=64 << 20).contains(&claimed) { claimed % ROOM as u32 } else { claimed };
        bytes.extend_from_slice(&claimed.to_ne_bytes());
        let ty = match self.u8() {
            255 => self.u32() as u16,
            254 => u16::from(self.u8()),
            _ => {
                if asynchronous {
                    driver::EventType::ASYNCEVENT_E.0
                } else {
                    driver::EventType::PLUGINEVENT_E.0
                }
            }
        };
        bytes.extend_from_slice(&ty.to_ne_bytes());
        bytes.extend_from_slice(&lie(self, params.len() as u32).to_ne_bytes());
        for p in &params {
            bytes.extend_from_slice(&lie(self, p.len() as u32).to_ne_bytes());
        }
        bytes.extend(params.into_iter().flatten());
        bytes.truncate(ROOM);
        // SAFETY: there is room for ROOM bytes.
        unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        at
    }
}

/// Runs `act` with the script; functions of the plugin must not be called in it.
pub fn with_script<R>(act: impl FnOnce(&mut Script) -> R) -> R {
    SCRIPT.with_borrow_mut(act)
}

macro_rules! texts {
    ($($name:ident $text:expr;)*) => { $(extern "C" fn $name() -> *const c_char { $text.as_ptr() })* };
}

texts! {
    api_version c"3.12.0";
    version c"1.0.0";
    name c"fuzz";
    source_name c"fuzz";
    async_names c"[\"fuzz\"]";
    sources c"[\"syscall\", \"fuzz\"]";
    fields cr#"[{"type":"uint64","name":"f.u","desc":"d"},{"type":"string","name":"f.s","desc":"d","isList":true},{"type":"bool","name":"f.b","desc":"d"},
        {"type":"ipaddr","name":"f.a","desc":"d"},{"type":"ipnet","name":"f.n","desc":"d","isList":true},{"type":"abstime","name":"f.t","desc":"d"}]"#;
}

extern "C" fn script_text() -> *const c_char {
    with_script(Script::text)
}

extern "C" fn text_of_state(_: *mut c_void) -> *const c_char {
    with_script(Script::text)
}

extern "C" fn id() -> u32 {
    777
}

unsafe extern "C" fn init(input: *const ss_plugin_init_input, code: *mut i32) -> *mut c_void {
    // SAFETY: the host passes an input and a place for the code.
    unsafe {
        OWNER.set(((*input).owner, None));
        TABLES.set((*input).tables);
        LAST.set((*input).get_owner_last_error);
        *code = rc::SUCCESS;
    }
    std::ptr::dangling_mut::<u8>().cast()
}

extern "C" fn destroy(_: *mut c_void) {}

unsafe extern "C" fn open(_: *mut c_void, _: *const c_char, code: *mut i32) -> *mut c_void {
    // SAFETY: the host passes a place for the code.
    unsafe { *code = rc::SUCCESS };
    null_mut()
}

extern "C" fn close(_: *mut c_void, _: *mut c_void) {}

unsafe extern "C" fn next_batch(
    _: *mut c_void,
    _: *mut c_void,
    count: *mut u32,
    events: *mut *mut *mut ss_plugin_event,
) -> i32 {
    with_script(|script| {
        if script.at >= script.bytes.len() {
            return rc::EOF;
        }
        let most = u32::from(script.u8() % 6);
        let array: Vec<_> =
            (0..most).map(|_| if script.u8() == 255 { null_mut() } else { script.event().cast() }).collect();
        script.arrays.push(array.into());
        let told = script.count(most);
        let code = [0, 0, 0, 0, 0, -1, 2, 3, 77][usize::from(script.u8()) % 9];
        let null = script.u8() == 255;
        // SAFETY: the host passes places for both.
        unsafe {
            *count = told;
            *events =
                if null { null_mut() } else { script.arrays.last_mut().map_or(null_mut(), |array| array.as_mut_ptr()) };
        }
        code
    })
}

unsafe extern "C" fn types(count: *mut u32, _: *mut c_void) -> *const u16 {
    with_script(|script| {
        let told = script.count(4);
        let array = script.keep(8).cast::<u16>();
        // SAFETY: there is room for four codes, and the host passes a place for the count.
        unsafe {
            (0..4).for_each(|i| array.add(i).write(u16::from(script.u8()) * 5));
            *count = told;
        }
        if script.u8() == 255 { null() } else { array }
    })
}

unsafe extern "C" fn extract(
    _: *mut c_void,
    _: *const ss_plugin_event_input,
    input: *const ss_plugin_field_extract_input,
) -> i32 {
    with_script(|script| {
        // SAFETY: the host passes an input that is good for the call; the values are in memory that is kept.
        unsafe {
            for i in 0..(*input).num_fields as usize {
                let field = &mut *(*input).fields.add(i);
                let at = script.keep(16 * 5 + 8).add(usize::from(script.u8() % 8));
                for n in 0..4 {
                    match field.ftype {
                        9 => at.cast::<*const c_char>().add(n).write_unaligned(script.text()),
                        40 | 41 => {
                            let len = [4, 16, 5, 17, 0, 3, 8, u32::MAX][usize::from(script.u8() % 8)];
                            let ptr = if script.u8() == 255 { null_mut() } else { script.keep(24) };
                            if !ptr.is_null() {
                                (0..17).for_each(|i| ptr.add(i).write(script.u8()));
                            }
                            at.cast::<ss_plugin_byte_buffer>()
                                .add(n)
                                .write_unaligned(ss_plugin_byte_buffer { len, ptr: ptr.cast() });
                        }
                        25 => at.cast::<u32>().add(n).write_unaligned(script.u32()),
                        _ => at.cast::<u64>().add(n).write_unaligned(u64::from(script.u32()) << (script.u8() % 33)),
                    }
                }
                field.res = if script.u8() == 255 { null() } else { at.cast() };
                field.res_len = match script.u8() {
                    255 => u64::MAX,
                    254 => 65537,
                    n => u64::from(n) % 5,
                };
                if script.u8() > 250 {
                    (field.ftype, field.field_id, field.flist, field.field, field.arg_key) =
                        (999, 999, 9, null(), null());
                }
            }
        }
        i32::from(script.u8() == 255)
    })
}

extern "C" fn parse(_: *mut c_void, _: *const ss_plugin_event_input, _: *const ss_plugin_event_parse_input) -> i32 {
    with_script(|script| i32::from(script.u8()))
}

unsafe extern "C" fn set_handler(_: *mut c_void, owner: *mut c_void, handler: AsyncHandler) -> i32 {
    // The handler is kept when it is taken back.
    if handler.is_some() {
        OWNER.set((owner, handler));
    }
    rc::SUCCESS
}

unsafe extern "C" fn dump(_: *mut c_void, owner: *mut c_void, handler: AsyncHandler) -> i32 {
    let event = with_script(Script::event);
    // SAFETY: the host passes the handler, which takes any event whose memory is there.
    handler.map_or(1, |handler| unsafe { handler(owner, event.cast(), null_mut()) })
}

unsafe extern "C" fn event_text(_: *mut c_void, _: *const ss_plugin_event_input) -> *const c_char {
    with_script(Script::text)
}

unsafe extern "C" fn progress(_: *mut c_void, _: *mut c_void, hundredths: *mut u32) -> *const c_char {
    // SAFETY: the host passes a place for the number.
    unsafe { *hundredths = with_script(Script::u32) };
    with_script(Script::text)
}

unsafe extern "C" fn params(_: *mut c_void, code: *mut i32) -> *const c_char {
    // SAFETY: the host passes a place for the code.
    unsafe { *code = with_script(|script| i32::from(script.u8() > 200)) };
    with_script(Script::text)
}

unsafe extern "C" fn schema(kind: *mut u32) -> *const c_char {
    // SAFETY: the host passes a place for the kind.
    unsafe { *kind = with_script(|script| u32::from(script.u8() % 3)) };
    with_script(Script::text)
}

unsafe extern "C" fn metrics(_: *mut c_void, count: *mut u32) -> *const ss_plugin_metric {
    with_script(|script| {
        let array = script.keep(size_of::<ss_plugin_metric>() * 3).cast::<ss_plugin_metric>();
        for n in 0..3 {
            let (ty, value, value_type) = (script.u32(), script.u32().into(), script.u8().into());
            let metric = ss_plugin_metric { name: script.text(), ty, value, value_type };
            // SAFETY: there is room for three metrics.
            unsafe { array.add(n).write(metric) };
        }
        // SAFETY: the host passes a place for the count.
        unsafe { *count = script.count(3) };
        if script.u8() == 255 { null() } else { array }
    })
}

unsafe extern "C" fn listen(_: *mut c_void, input: *const ss_plugin_capture_listen_input) -> i32 {
    // SAFETY: the host passes an input that is good for the call; what is no routine has to be refused.
    unsafe {
        let routines = &*(*input).routine;
        if let Some(end) = routines.unsubscribe {
            assert_ne!(end((*input).owner, std::ptr::without_provenance_mut(usize::MAX)), rc::SUCCESS);
        }
    }
    with_script(|script| i32::from(script.u8() == 255))
}

unsafe extern "C" fn set_config(_: *mut c_void, _: *const ss_plugin_set_config_input) -> i32 {
    with_script(|script| i32::from(script.u8()))
}

/// The functions of a plugin with all capabilities and a fixed description.
pub fn described() -> plugin_api {
    plugin_api {
        get_required_api_version: Some(api_version),
        init: Some(init),
        destroy: Some(destroy),
        get_last_error: Some(text_of_state),
        get_name: Some(name),
        get_description: Some(script_text),
        get_contact: Some(script_text),
        get_version: Some(version),
        get_id: Some(id),
        get_event_source: Some(source_name),
        open: Some(open),
        close: Some(close),
        list_open_params: Some(params),
        get_progress: Some(progress),
        event_to_string: Some(event_text),
        next_batch: Some(next_batch),
        get_extract_event_sources: Some(sources),
        get_fields: Some(fields),
        extract_fields: Some(extract),
        get_parse_event_sources: Some(sources),
        parse_event: Some(parse),
        get_async_event_sources: Some(sources),
        get_async_events: Some(async_names),
        set_async_event_handler: Some(set_handler),
        dump_state: Some(dump),
        set_config: Some(set_config),
        get_metrics: Some(metrics),
        ..plugin_api::default()
    }
}

/// The functions of a plugin whose description is the script's too. Some are missing: those whose bit is set.
pub fn undescribed(missing: u64) -> plugin_api {
    let mut api = plugin_api {
        get_init_schema: Some(schema),
        get_extract_event_types: Some(types),
        get_parse_event_types: Some(types),
        capture_open: Some(listen),
        capture_close: Some(listen),
        get_required_event_schema_version: Some(text_of_state),
        ..described()
    };
    let texts = [
        &mut api.get_required_api_version,
        &mut api.get_name,
        &mut api.get_version,
        &mut api.get_event_source,
        &mut api.get_extract_event_sources,
        &mut api.get_fields,
        &mut api.get_parse_event_sources,
        &mut api.get_async_event_sources,
        &mut api.get_async_events,
    ];
    for (bit, text) in texts.into_iter().enumerate() {
        if missing >> (48 + bit) & 1 == 1 {
            *text = Some(script_text);
        }
    }
    const FUNCTIONS: usize = size_of::<plugin_api>() / size_of::<usize>();
    let at = (&raw mut api).cast::<usize>();
    for function in (0..FUNCTIONS).filter(|bit| missing >> bit & 1 == 1) {
        // SAFETY: the struct is made of `FUNCTIONS` optional functions, of which zero is the one that is missing.
        unsafe { at.add(function).write(0) };
    }
    api
}

/// A text for the C ABI.
pub fn text(text: &[u8]) -> sinsp_str {
    sinsp_str::of(text)
}

/// Calls a function with a place for its error; an error must have a text. Returns what the function does, and whether there was an error.
pub fn called<R>(act: impl FnOnce(*mut *mut sinsp_error) -> R) -> (R, bool) {
    let mut error = null_mut();
    let result = act(&mut error);
    let failed = !error.is_null();
    // SAFETY: null or an error of this call.
    unsafe {
        assert!(!failed || !sinsp_error_message(error).bytes().is_empty(), "an error without a text");
        sinsp_error_free(error);
    }
    (result, failed)
}

/// An inspector with the plugin, if that could be used.
pub struct Host {
    /// The inspector.
    pub inspector: *mut sinsp_inspector,
    /// The plugin; null if it was refused.
    pub plugin: *mut sinsp_plugin_ref,
}

impl Host {
    /// An inspector with the plugin of these functions and this script.
    pub fn new(api: &plugin_api, script: &[u8]) -> Host {
        SCRIPT.set(Script { bytes: script.to_vec(), ..Script::default() });
        OWNER.set((null_mut(), None));
        TABLES.set(null());
        // SAFETY: the functions stay; all pointers are valid during the calls.
        unsafe {
            let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
            let (mut plugin, _) = called(|e| sinsp_inspector_add_plugin(inspector, (&raw const *api).cast(), e));
            if !plugin.is_null() && called(|e| sinsp_plugin_init(plugin, text(b"{}"), e)).1 {
                sinsp_plugin_free(plugin);
                plugin = null_mut();
            }
            Host { inspector, plugin }
        }
    }

    /// The table functions that the plugin got, its owner, and the function for the owner's last error.
    pub fn tables(&self) -> (&'static ss_plugin_init_tables_input, *mut c_void, OwnerError) {
        // SAFETY: the functions for tables are statics of the library.
        (unsafe { TABLES.get().as_ref() }.expect("tables"), OWNER.get().0, LAST.get())
    }

    /// Opens a small capture.
    pub fn open_capture(&self) -> bool {
        thread_local! {
            static PATH: String = {
                let mut system = Snapshot::default();
                small_system(&mut system);
                let mut writer = Writer::new(Vec::new(), Compression::None).expect("a writer");
                writer.snapshot(&system).expect("a capture in memory");
                let mut from = crate::Bytes(&[6; 400]);
                for ts in 0..8 {
                    let event = crate::event(&mut from, 1000 + ts);
                    writer.event(&scap_sys::Event::new(&event, 0, 0).expect("an event")).expect("a capture in memory");
                }
                let path = std::env::temp_dir().join(format!("fuzz-{}.scap", std::process::id()));
                std::fs::write(&path, writer.finish().expect("a capture in memory")).expect("a temporary file");
                path.to_string_lossy().into_owned()
            };
        }
        // SAFETY: the inspector is live.
        PATH.with(|path| {
            !called(|e| unsafe { sinsp_inspector_open_savefile(self.inspector, text(path.as_bytes()), 0, e) }).1
        })
    }

    /// Opens the source of the plugin.
    pub fn open_source(&self, platform: u32) -> bool {
        // SAFETY: the inspector is live.
        !called(|e| unsafe { sinsp_inspector_open_plugin(self.inspector, text(b"fuzz"), text(b""), platform, e) }).1
    }

    /// Opens without an engine.
    pub fn open_nothing(&self) -> bool {
        // SAFETY: the inspector is live.
        !called(|e| unsafe { sinsp_inspector_open_nodriver(self.inspector, false, e) }).1
    }

    /// The next event; `None` at the end, or after a failure.
    pub fn next(&self) -> Option<Option<sinsp_event>> {
        // SAFETY: an event is of numbers and pointers; the inspector is live.
        let mut event: sinsp_event = unsafe { std::mem::zeroed() };
        // SAFETY: the inspector is live.
        let (status, failed) = called(|e| unsafe { sinsp_inspector_next(self.inspector, &mut event, e) });
        match status {
            sinsp_status::SINSP_SUCCESS => Some(Some(event)),
            sinsp_status::SINSP_FILTERED_EVENT | sinsp_status::SINSP_TIMEOUT => Some(None),
            sinsp_status::SINSP_EOF => None,
            _ => {
                assert!(failed, "a failure without an error");
                None
            }
        }
    }

    /// Sends an async event of the script. Whether there is a handler that took it.
    pub fn send(&self) -> bool {
        let (owner, Some(handler)) = OWNER.get() else { return false };
        let event = with_script(Script::event);
        let mut error = [0 as c_char; MAX_ERRLEN];
        // SAFETY: the host passed owner and handler, and they stay as long as the plugin; the event's memory is there.
        let taken = unsafe { handler(owner, event.cast(), error.as_mut_ptr()) } == rc::SUCCESS;
        assert!(taken || error[0] != 0, "refused without a text");
        taken
    }

    /// Closes the inspector.
    pub fn close(&self) {
        // SAFETY: the inspector is live.
        called(|e| unsafe { sinsp_inspector_close(self.inspector, e) });
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: both are owned, and not used after this.
        unsafe {
            sinsp_plugin_free(self.plugin);
            sinsp_inspector_free(self.inspector);
        }
    }
}

/// Filters and formats with the plugin's fields, which are run on events.
pub struct Lines {
    formatter: *mut sinsp_formatter,
    filter: *mut sinsp_program,
    registry: *mut sinsp_registry,
}

impl Lines {
    /// A format and a filter with these texts; what does not compile is left out.
    pub fn new(host: &Host, format: &str, filter: &str) -> Lines {
        // SAFETY: the inspector is live, and outlives the result.
        unsafe {
            let registry = called(|e| sinsp_registry_with_plugins(host.inspector, e)).0;
            let formatter = called(|e| sinsp_formatter_new(host.inspector, registry, text(format.as_bytes()), e)).0;
            let filter = called(|e| sinsp_program_compile(host.inspector, registry, text(filter.as_bytes()), e)).0;
            Lines { formatter, filter, registry }
        }
    }

    /// Runs both on an event.
    pub fn run(&self, host: &Host, event: &sinsp_event) {
        let mut line = sinsp_str::EMPTY;
        // SAFETY: everything is live.
        unsafe {
            if !self.formatter.is_null() {
                called(|e| sinsp_formatter_run(self.formatter, host.inspector, event, 0, &mut line, e));
            }
            if !self.filter.is_null() {
                called(|e| sinsp_program_run(self.filter, host.inspector, event, e));
            }
            if !host.plugin.is_null() {
                called(|e| sinsp_plugin_event_to_string(host.plugin, event, &mut line, e));
                sinsp_plugin_progress(host.plugin, &mut line);
            }
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // SAFETY: all are owned or null, and not used after this.
        unsafe {
            sinsp_formatter_free(self.formatter);
            sinsp_program_free(self.filter);
            sinsp_registry_free(self.registry);
        }
    }
}

/// What a program may ask of a plugin, beside its events.
pub fn ask(host: &Host) {
    unsafe extern "C" fn metric(_: *mut c_void, _: *const c_void) {}
    unsafe extern "C" fn param(_: *mut c_void, _: *const sinsp_open_param) {}
    if host.plugin.is_null() {
        return;
    }
    // SAFETY: the plugin is live, and the functions ignore their arguments.
    unsafe {
        called(|e| sinsp_plugin_each_metric(host.plugin, Some(metric), null_mut(), e));
        called(|e| sinsp_plugin_each_open_param(host.plugin, Some(param), null_mut(), e));
        called(|e| sinsp_plugin_set_config(host.plugin, text(b"{}"), e));
        sinsp_plugin_last_error(host.plugin);
    }
}
