//! Threads of a plugin that is hostile: they send async events at any time, and use entries of tables that other threads release. Under ThreadSanitizer
//! (`tests/tsan/test.sh`) it finds what races.

use plugin::api::*;
use sinsp::event::data::sinsp_event;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_status, sinsp_str};
use sinsp::inspector::handle::{sinsp_inspector, sinsp_inspector_free, sinsp_inspector_new};
use sinsp::inspector::next::sinsp_inspector_next;
use sinsp::inspector::open::{sinsp_inspector_close, sinsp_inspector_open_nodriver, sinsp_inspector_open_savefile};
use sinsp::logger::{sinsp_log_callback, sinsp_log_set_callback};
use sinsp::plugin::register::*;
use sinsp::plugin::*;
use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/captures/workload.scap.gz");

extern "C" fn api_version() -> *const c_char {
    c"3.12.0".as_ptr()
}
extern "C" fn name() -> *const c_char {
    c"threads".as_ptr()
}
extern "C" fn version() -> *const c_char {
    c"1.0.0".as_ptr()
}
extern "C" fn async_names() -> *const c_char {
    c"[\"noise\"]".as_ptr()
}
extern "C" fn last_error(_: *mut c_void) -> *const c_char {
    c"none".as_ptr()
}

thread_local! {
    /// The state that `init` made last on this thread.
    static MADE: Cell<*mut State> = const { Cell::new(null_mut()) };
}

/// The plugin's state: what the host passed, for its threads.
#[derive(Default)]
struct State {
    owner: AtomicPtr<c_void>,
    last: AtomicPtr<c_void>,
    tables: AtomicPtr<ss_plugin_init_tables_input>,
    threads: AtomicPtr<c_void>,
    comm: AtomicPtr<c_void>,
    /// The handler of async events, which stays after it was taken back.
    handler: AtomicPtr<c_void>,
    stop: AtomicBool,
    taken: AtomicU32,
    refused: AtomicU32,
    worked: AtomicU32,
    /// The host's function of the log.
    log: AtomicPtr<c_void>,
    /// The lines that were logged, the captures that were opened and closed, and the calls of the routine.
    logged: AtomicU32,
    opened: AtomicU32,
    closed: AtomicU32,
    called: AtomicU32,
}

unsafe extern "C" fn init(input: *const ss_plugin_init_input, code: *mut i32) -> *mut c_void {
    // SAFETY: the host passes an input, and a place for the code.
    unsafe {
        let input = &*input;
        let tables = &*input.tables;
        let threads = (tables.get_table.unwrap())(input.owner, c"threads".as_ptr(), 4);
        let comm = (tables.fields_ext.as_ref().unwrap().get_table_field.unwrap())(threads, c"comm".as_ptr(), 9);
        *code = rc::SUCCESS;
        MADE.set(Box::into_raw(Box::new(State {
            owner: AtomicPtr::new(input.owner),
            last: AtomicPtr::new(input.get_owner_last_error.map_or(null_mut(), |f| f as *mut c_void)),
            tables: AtomicPtr::new(input.tables.cast_mut()),
            threads: AtomicPtr::new(threads),
            comm: AtomicPtr::new(comm),
            log: AtomicPtr::new(input.log_fn.map_or(null_mut(), |f| f as *mut c_void)),
            ..State::default()
        })));
        MADE.get().cast()
    }
}

unsafe extern "C" fn destroy(state: *mut c_void) {
    // SAFETY: `init` made it, and the host ends it once.
    drop(unsafe { Box::from_raw(state.cast::<State>()) });
}

unsafe extern "C" fn set_handler(state: *mut c_void, _: *mut c_void, handler: AsyncHandler) -> i32 {
    if let Some(handler) = handler {
        // SAFETY: `init` made the state.
        unsafe { &*state.cast::<State>() }.handler.store(handler as *mut c_void, SeqCst);
    }
    rc::SUCCESS
}

unsafe extern "C" fn routine(_: *mut c_void, state: *mut c_void) -> u32 {
    // SAFETY: `capture_open` passes the state.
    let state = unsafe { &*state.cast::<State>() };
    state.use_tables();
    state.write_line();
    state.called.fetch_add(1, SeqCst);
    1
}

unsafe extern "C" fn capture_open(state: *mut c_void, input: *const ss_plugin_capture_listen_input) -> i32 {
    // SAFETY: `init` made the state.
    unsafe { &*state.cast::<State>() }.opened.fetch_add(1, SeqCst);
    // SAFETY: the host passes an input that is good for the call.
    let started = unsafe { ((*(*input).routine).subscribe.unwrap())((*input).owner, Some(routine), state) };
    if started.is_null() { rc::FAILURE } else { rc::SUCCESS }
}

unsafe extern "C" fn capture_close(state: *mut c_void, _: *const ss_plugin_capture_listen_input) -> i32 {
    // SAFETY: `init` made the state.
    unsafe { &*state.cast::<State>() }.closed.fetch_add(1, SeqCst);
    // The routine goes on.
    rc::SUCCESS
}

extern "C" fn parse(_: *mut c_void, _: *const ss_plugin_event_input, _: *const ss_plugin_event_parse_input) -> i32 {
    rc::SUCCESS
}

type Log = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, u32);

impl State {
    /// Logs a line, with or without the name of a component.
    fn write_line(&self) {
        // SAFETY: `init` stored the host's function.
        let log = unsafe { std::mem::transmute::<*mut c_void, Option<Log>>(self.log.load(SeqCst)) };
        let number = self.logged.fetch_add(1, SeqCst);
        let component = if number.is_multiple_of(2) { c"part".as_ptr() } else { std::ptr::null() };
        // SAFETY: both are texts, or null.
        unsafe { log.expect("the host's function")(self.owner.load(SeqCst), component, c"a line".as_ptr(), 4) };
    }

    /// Sends async events until it stops.
    fn send(&self) {
        let mut event = [0u8; 26 + 12 + 4 + 6 + 1];
        event[..16].fill(0xff);
        event[16..20].copy_from_slice(&(26u32 + 12 + 4 + 6 + 1).to_ne_bytes());
        event[20..22].copy_from_slice(&driver::EventType::ASYNCEVENT_E.0.to_ne_bytes());
        event[22..26].copy_from_slice(&3u32.to_ne_bytes());
        for (at, len) in [4u32, 6, 1].iter().enumerate() {
            event[26 + 4 * at..30 + 4 * at].copy_from_slice(&len.to_ne_bytes());
        }
        event[42..47].copy_from_slice(b"noise");
        while !self.stop.load(SeqCst) {
            // SAFETY: `set_handler` stored the host's function.
            let handler = unsafe { std::mem::transmute::<*mut c_void, AsyncHandler>(self.handler.load(SeqCst)) };
            let mut error = [0 as c_char; MAX_ERRLEN];
            // SAFETY: the event and the buffer are as the API says.
            let code =
                handler.map(|send| unsafe { send(self.owner.load(SeqCst), event.as_ptr().cast(), error.as_mut_ptr()) });
            match code {
                Some(rc::SUCCESS) => self.taken.fetch_add(1, SeqCst),
                _ => self.refused.fetch_add(1, SeqCst),
            };
        }
    }

    /// Gets, reads and releases entries, each in every order that is wrong; asks for the cause of what is refused.
    fn use_tables(&self) {
        // SAFETY: the host passed the functions and the tables, which stay as long as the plugin; `last` is its function.
        unsafe {
            let tables = &*self.tables.load(SeqCst);
            let reader = &*tables.reader_ext;
            let (threads, comm) = (self.threads.load(SeqCst), self.comm.load(SeqCst));
            unsafe extern "C" fn visit(state: *mut c_void, entry: *mut c_void) -> u32 {
                // SAFETY: `iterate_entries` gets the state.
                unsafe {
                    let state = &*state.cast::<State>();
                    let reader = &*(*state.tables.load(SeqCst)).reader_ext;
                    let mut out = ss_plugin_state_data { u64: 0 };
                    let read = (reader.reader.read_entry_field.unwrap())(
                        state.threads.load(SeqCst),
                        entry,
                        state.comm.load(SeqCst),
                        &mut out,
                    );
                    state.worked.fetch_add(u32::from(read == rc::SUCCESS), SeqCst);
                }
                1
            }
            (reader.iterate_entries.unwrap())(threads, Some(visit), (&raw const *self).cast_mut().cast());
            for tid in 0..50 {
                let key = ss_plugin_state_data { u64: tid };
                let entry = (reader.reader.get_table_entry.unwrap())(threads, &key);
                let mut out = ss_plugin_state_data { u64: 0 };
                if (reader.reader.read_entry_field.unwrap())(threads, entry, comm, &mut out) == rc::SUCCESS {
                    self.worked.fetch_add(1, SeqCst);
                } else {
                    let last = std::mem::transmute::<*mut c_void, OwnerError>(self.last.load(SeqCst));
                    assert!(!last.expect("the host's function")(self.owner.load(SeqCst)).is_null());
                }
                (reader.release_table_entry.unwrap())(threads, entry);
                (reader.release_table_entry.unwrap())(threads, entry);
            }
        }
    }
}

struct Host {
    inspector: *mut sinsp_inspector,
    plugin: *mut sinsp_plugin_ref,
    state: *mut State,
}

impl Host {
    fn new() -> Host {
        let api = plugin_api {
            get_required_api_version: Some(api_version),
            get_name: Some(name),
            get_version: Some(version),
            get_description: Some(name),
            get_contact: Some(name),
            get_last_error: Some(last_error),
            init: Some(init),
            destroy: Some(destroy),
            get_async_events: Some(async_names),
            set_async_event_handler: Some(set_handler),
            capture_open: Some(capture_open),
            capture_close: Some(capture_close),
            parse_event: Some(parse),
            ..plugin_api::default()
        };
        // SAFETY: the functions stay, and null is allowed for errors.
        unsafe {
            let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
            let plugin = sinsp_inspector_add_plugin(inspector, (&raw const api).cast(), null_mut());
            assert!(!plugin.is_null());
            assert_eq!(sinsp_plugin_init(plugin, sinsp_str::EMPTY, null_mut()), sinsp_status::SINSP_SUCCESS);
            Host { inspector, plugin, state: MADE.get() }
        }
    }

    fn next(&self) -> sinsp_status {
        // SAFETY: an event is of numbers and pointers; the inspector is live.
        unsafe {
            let mut event: sinsp_event = std::mem::zeroed();
            sinsp_inspector_next(self.inspector, &mut event, null_mut())
        }
    }
}

impl Host {
    /// The state of the plugin, which its threads share.
    fn state(&self) -> &State {
        // SAFETY: the state lives as long as the inspector; it has atomics alone.
        unsafe { &*self.state }
    }

    fn open_nothing(&self) {
        // SAFETY: the inspector is live.
        let status = unsafe { sinsp_inspector_open_nodriver(self.inspector, false, null_mut()) };
        assert_eq!(status, sinsp_status::SINSP_SUCCESS);
    }

    fn close(&self) {
        // SAFETY: the inspector is live.
        assert_eq!(unsafe { sinsp_inspector_close(self.inspector, null_mut()) }, sinsp_status::SINSP_SUCCESS);
    }

    /// Reads the capture; a thread of the plugin may make a call wait for too long, which loses nothing. Returns how many events came.
    fn read_capture(&self) -> usize {
        let path = sinsp_str { data: CAPTURE.as_ptr().cast(), len: CAPTURE.len() };
        // SAFETY: the inspector is live, and the path a constant.
        while unsafe { sinsp_inspector_open_savefile(self.inspector, path, 0, null_mut()) }
            != sinsp_status::SINSP_SUCCESS
        {
            thread::sleep(Duration::from_millis(1));
        }
        let mut events = 0;
        loop {
            match self.next() {
                sinsp_status::SINSP_SUCCESS => events += 1,
                sinsp_status::SINSP_EOF => return events,
                _ => {}
            }
        }
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

#[test]
fn async_events_come_from_eight_threads_at_any_time() {
    let host = Host::new();
    host.open_nothing();
    let state = host.state();
    let capture = {
        let alone = Host::new();
        alone.read_capture()
    };
    thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(|| state.send())).collect();
        let mut came = 0;
        for _ in 0..5 {
            (0..500).for_each(|_| came += u32::from(host.next() == sinsp_status::SINSP_SUCCESS));
            host.close();
            let before = state.refused.load(SeqCst);
            while state.refused.load(SeqCst) < before + 50 {
                thread::yield_now();
            }
            // A capture has its own events alone, and all of them.
            assert_eq!(host.read_capture(), capture);
            host.close();
            host.open_nothing();
        }
        state.stop.store(true, SeqCst);
        // ThreadSanitizer knows what a join means, but not the end of a scope.
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        assert!(came > 0);
    });
    assert!(state.taken.load(SeqCst) > 0);
}

#[test]
fn entries_are_used_by_other_threads() {
    let host = Host::new();
    let capture = {
        let alone = Host::new();
        alone.read_capture()
    };
    let state = host.state();
    thread::scope(|scope| {
        // Beside the routine of the plugin, which starts with the capture.
        let user = scope.spawn(|| {
            while !state.stop.load(SeqCst) {
                state.use_tables();
            }
        });
        for _ in 0..3 {
            assert_eq!(host.read_capture(), capture);
            let before = state.worked.load(SeqCst);
            while state.worked.load(SeqCst) == before {
                thread::yield_now();
            }
        }
        state.stop.store(true, SeqCst);
        user.join().unwrap();
    });
}

#[test]
fn a_plugin_has_its_last_error_on_every_thread_and_no_other_one_has_it() {
    let (host, other) = (Host::new(), Host::new());
    let (state, beside) = (host.state(), other.state());
    // SAFETY: the host passed the functions and the table, which stay as long as the plugin; `last` is its function.
    let (fail, last) = unsafe {
        let tables = &*state.tables.load(SeqCst);
        let get = (*tables.reader_ext).reader.get_table_entry.unwrap();
        let last = std::mem::transmute::<*mut c_void, OwnerError>(state.last.load(SeqCst)).unwrap();
        (move |state: &State| get(state.threads.load(SeqCst), std::ptr::null()), last)
    };
    let text = |state: &State| {
        // SAFETY: the owner is that of a plugin that is live, and the text is read at once.
        let got = unsafe { last(state.owner.load(SeqCst)) };
        // SAFETY: as above, and not null.
        (!got.is_null()).then(|| unsafe { std::ffi::CStr::from_ptr(got) }.to_str().unwrap().to_owned())
    };
    assert_eq!((text(state), text(beside)), (None, None));
    assert!(fail(state).is_null());
    let cause = Some("null key or value".to_owned());
    thread::scope(|scope| scope.spawn(|| assert_eq!(text(state), cause)).join().unwrap());
    assert_eq!((text(state), text(beside)), (cause.clone(), None));
    assert!(thread::scope(|scope| scope.spawn(|| fail(beside).is_null()).join().unwrap()));
    assert_eq!((text(state), text(beside)), (cause.clone(), cause));
}

/// Lines of the plugin's threads and routines reach the program's function of the log, which the program sets and takes back meanwhile, while captures are
/// opened, read and closed.
#[test]
fn threads_log_while_captures_open_and_close() {
    static LINES: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn line(_: *mut c_void, message: sinsp_str, _: u32) {
        // SAFETY: the message is readable. Other tests log too.
        let message = unsafe { message.bytes() };
        LINES.fetch_add(u32::from(message.ends_with(b": a line")), SeqCst);
    }
    let host = Host::new();
    let capture = {
        let alone = Host::new();
        alone.read_capture()
    };
    let state = host.state();
    let output = sinsp_log_callback {
        size: size_of::<sinsp_log_callback>(),
        context: null_mut(),
        log: Some(line),
        release: None,
    };
    let listen = |output: *const sinsp_log_callback| {
        // SAFETY: null, or a callback without a context.
        assert_eq!(unsafe { sinsp_log_set_callback(output, null_mut()) }, sinsp_status::SINSP_SUCCESS);
    };
    thread::scope(|scope| {
        let write = || {
            while !state.stop.load(SeqCst) {
                state.write_line();
            }
        };
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(write)).collect();
        for round in 1..=5 {
            listen(&output);
            assert_eq!(host.read_capture(), capture);
            let (lined, called) = (LINES.load(SeqCst), state.called.load(SeqCst));
            while LINES.load(SeqCst) < lined + 20 || state.called.load(SeqCst) == called {
                thread::yield_now();
            }
            host.close();
            assert_eq!((state.opened.load(SeqCst), state.closed.load(SeqCst)), (round, round));
            // The close has ended the routine.
            let called = state.called.load(SeqCst);
            listen(std::ptr::null());
            assert_eq!(state.called.load(SeqCst), called);
        }
        state.stop.store(true, SeqCst);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    });
}
