//! A program that makes a plugin, calls it itself, and gives it to an inspector later; pools of threads of the library and of the program.

use plugin::api::*;
use sinsp::event::data::sinsp_event;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_error, sinsp_error_free, sinsp_error_message, sinsp_status, sinsp_str};
use sinsp::inspector::handle::{sinsp_inspector_free, sinsp_inspector_new};
use sinsp::plugin::calls::*;
use sinsp::plugin::pool::*;
use sinsp::plugin::register::*;
use sinsp::plugin::*;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

/// How many events the plugin parsed, and states there are.
static PARSED: AtomicU32 = AtomicU32::new(0);
static STATES: AtomicU32 = AtomicU32::new(0);

extern "C" fn api_version() -> *const c_char {
    c"3.12.0".as_ptr()
}
extern "C" fn version() -> *const c_char {
    c"1.0.0".as_ptr()
}
extern "C" fn name() -> *const c_char {
    c"alone".as_ptr()
}
extern "C" fn schema_version(_: *mut c_void) -> *const c_char {
    c"4.2.0".as_ptr()
}
extern "C" fn last_error(_: *mut c_void) -> *const c_char {
    c"no event of mine".as_ptr()
}
unsafe extern "C" fn init(_: *const ss_plugin_init_input, code: *mut i32) -> *mut c_void {
    STATES.fetch_add(1, SeqCst);
    // SAFETY: the host passes a place for the code.
    unsafe { *code = rc::SUCCESS };
    (&raw const STATES).cast_mut().cast()
}
extern "C" fn destroy(_: *mut c_void) {
    STATES.fetch_sub(1, SeqCst);
}
unsafe extern "C" fn parse(
    _: *mut c_void,
    event: *const ss_plugin_event_input,
    _: *const ss_plugin_event_parse_input,
) -> i32 {
    // SAFETY: the host passes an event that is good for the call.
    let (number, source) = unsafe { ((*event).evtnum, CStr::from_ptr((*event).evtsrc)) };
    assert_eq!(source, c"syscall");
    PARSED.fetch_add(1, SeqCst);
    if number == 7 { rc::SUCCESS } else { rc::FAILURE }
}

fn api() -> plugin_api {
    plugin_api {
        get_required_api_version: Some(api_version),
        get_version: Some(version),
        get_name: Some(name),
        get_description: Some(name),
        get_contact: Some(name),
        init: Some(init),
        destroy: Some(destroy),
        get_last_error: Some(last_error),
        parse_event: Some(parse),
        get_required_event_schema_version: Some(schema_version),
        ..plugin_api::default()
    }
}

/// The status of a call, and its error text.
fn outcome(call: impl FnOnce(*mut *mut sinsp_error) -> sinsp_status) -> (sinsp_status, String) {
    let mut error = null_mut();
    let status = call(&mut error);
    // SAFETY: the error was just left here, if there is one, and is ended once.
    unsafe {
        let text = String::from_utf8_lossy(sinsp_error_message(error).bytes()).into_owned();
        sinsp_error_free(error);
        (status, text)
    }
}

unsafe extern "C" fn count(_: *mut c_void, counter: *mut c_void) -> u32 {
    // SAFETY: the tests pass a counter that outlives the routine.
    u32::from(unsafe { &*counter.cast::<AtomicU32>() }.fetch_add(1, SeqCst) < 99)
}

#[test]
fn a_plugin_is_called_alone_and_registered_later() {
    use sinsp_status::*;
    // SAFETY: everything is live until it is ended, and the functions are this file's own.
    unsafe {
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        let api = api();
        let plugin = sinsp_plugin_of_api(inspector, (&raw const api).cast(), null(), null_mut());
        assert!(!plugin.is_null() && sinsp_inspector_plugin(inspector, 0).is_null());
        let bytes: Vec<u8> = [[1u8; 16].as_slice(), &26u32.to_ne_bytes(), &[2, 0], &0u32.to_ne_bytes()].concat();
        let mut event = sinsp_event { bytes: bytes.as_ptr(), num: 7, ..std::mem::zeroed() };
        let parse = |event: &sinsp_event| outcome(|e| sinsp_plugin_parse_event(plugin, event, e));
        assert_eq!(parse(&event).1, "plugin alone is not initialized");
        assert_eq!(sinsp_plugin_init(plugin, sinsp_str::EMPTY, null_mut()), SINSP_SUCCESS);
        assert_eq!((parse(&event).0, PARSED.load(SeqCst)), (SINSP_SUCCESS, 1));
        event.num = 8;
        assert_eq!(parse(&event), (SINSP_NOT_SUPPORTED, "no event of mine".to_owned()));

        let schema = |minor| outcome(|e| sinsp_plugin_check_schema_version(plugin, 4, minor, 0, e));
        assert_eq!((schema(2).0, schema(1).0), (SINSP_SUCCESS, SINSP_NOT_SUPPORTED));
        assert!(schema(1).1.contains("minor version is less than the requested one"), "{}", schema(1).1);
        let (status, why) = outcome(|e| sinsp_plugin_set_async_handler(plugin, None, None, null_mut(), e));
        assert!(status != SINSP_SUCCESS && why.contains("no async events"), "{why}");
        assert_eq!(outcome(|e| sinsp_plugin_capture(plugin, true, e)).0, SINSP_NOT_SUPPORTED);

        let counter = AtomicU32::new(0);
        let argument = (&raw const counter).cast_mut().cast();
        assert_ne!(sinsp_plugin_subscribe_routine(plugin, Some(count), argument), 0);
        while counter.load(SeqCst) < 100 {
            thread::yield_now();
        }
        assert_eq!(sinsp_plugin_destroy(plugin, null_mut()), SINSP_SUCCESS);
        assert_eq!(STATES.load(SeqCst), 0);
        assert_eq!(sinsp_plugin_subscribe_routine(plugin, Some(count), argument), 0);
        assert_eq!(sinsp_plugin_init(plugin, sinsp_str::EMPTY, null_mut()), SINSP_SUCCESS);

        assert_eq!(sinsp_inspector_register_plugin(inspector, plugin, null_mut()), SINSP_SUCCESS);
        let twice = outcome(|e| sinsp_inspector_register_plugin(inspector, plugin, e)).1;
        assert!(twice.contains("another plugin with name alone"), "{twice}");
        let other = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        let why = outcome(|e| sinsp_inspector_register_plugin(other, plugin, e)).1;
        assert!(why.contains("another inspector"), "{why}");
        // One that was never registered ends with its inspector too.
        let left = sinsp_plugin_of_api(other, (&raw const api).cast(), null(), null_mut());
        assert_eq!(sinsp_plugin_init(left, sinsp_str::EMPTY, null_mut()), SINSP_SUCCESS);
        sinsp_inspector_free(other);
        assert_eq!(STATES.load(SeqCst), 1);
        assert!(outcome(|e| sinsp_plugin_init(left, sinsp_str::EMPTY, e)).1.contains("its inspector is gone"));
        sinsp_plugin_free(left);
        sinsp_inspector_free(inspector);
        assert_eq!(STATES.load(SeqCst), 0);
        sinsp_plugin_free(plugin);
    }
}

/// A pool that keeps one routine, which the test runs.
#[derive(Default)]
struct OwnPool {
    task: std::sync::atomic::AtomicPtr<sinsp_task>,
    freed: AtomicU32,
}

unsafe extern "C" fn subscribe(pool: *mut c_void, task: *mut sinsp_task) -> usize {
    // SAFETY: the test passes its pool.
    unsafe { &*pool.cast::<OwnPool>() }.task.store(task, SeqCst);
    17
}
unsafe extern "C" fn unsubscribe(pool: *mut c_void, id: usize) -> bool {
    // SAFETY: the test passes its pool.
    let task = unsafe { &*pool.cast::<OwnPool>() }.task.swap(null_mut(), SeqCst);
    // SAFETY: the task was handed over.
    unsafe { sinsp_task_free(task) };
    id == 17 && !task.is_null()
}
unsafe extern "C" fn purge(pool: *mut c_void) {
    // SAFETY: the test passes its pool.
    unsafe { unsubscribe(pool, 17) };
}
unsafe extern "C" fn routines(pool: *mut c_void) -> usize {
    // SAFETY: the test passes its pool.
    usize::from(!unsafe { &*pool.cast::<OwnPool>() }.task.load(SeqCst).is_null())
}
unsafe extern "C" fn free(pool: *mut c_void) {
    // SAFETY: the test passes its pool.
    unsafe { &*pool.cast::<OwnPool>() }.freed.fetch_add(1, SeqCst);
}
unsafe extern "C" fn twice(counter: *mut c_void) -> bool {
    // SAFETY: the test passes a counter.
    unsafe { &*counter.cast::<AtomicU32>() }.fetch_add(1, SeqCst) < 1
}

#[test]
fn a_pool_may_be_the_programs() {
    let (own, counter) = (OwnPool::default(), AtomicU32::new(0));
    let size = size_of::<sinsp_pool_calls>();
    let calls = sinsp_pool_calls {
        size,
        subscribe: Some(subscribe),
        unsubscribe: Some(unsubscribe),
        purge: Some(purge),
        routines: Some(routines),
        free: Some(free),
    };
    let (context, argument) = ((&raw const own).cast_mut().cast(), (&raw const counter).cast_mut().cast());
    // SAFETY: everything is live until it is ended, and the functions are this file's own.
    unsafe {
        let pool = sinsp_pool_of_program(&calls, context, null_mut());
        assert_eq!(sinsp_pool_subscribe(pool, Some(twice), None, argument), 17);
        let task = own.task.load(SeqCst);
        assert!(sinsp_task_run(task) && !sinsp_task_run(task) && sinsp_pool_routines(pool) == 1);
        assert!(sinsp_pool_unsubscribe(pool, 17) && !sinsp_pool_unsubscribe(pool, 17));
        let inspector = sinsp_inspector_new(SINSP_ABI_VERSION, null_mut());
        assert_eq!(sinsp_inspector_set_pool(inspector, pool, null_mut()), sinsp_status::SINSP_SUCCESS);
        assert!(outcome(|e| sinsp_inspector_set_pool(inspector, pool, e)).1.contains("a pool of threads already"));
        let same = sinsp_inspector_pool(inspector);
        assert_ne!(sinsp_pool_subscribe(same, Some(twice), None, argument), 0);
        sinsp_pool_purge(same);
        assert_eq!((sinsp_pool_routines(same), counter.load(SeqCst)), (0, 2));
        sinsp_pool_free(same);
        sinsp_inspector_free(inspector);
        assert_eq!(own.freed.load(SeqCst), 0);
        sinsp_pool_free(pool);
        assert_eq!(own.freed.load(SeqCst), 1);
        // A shorter struct is that of an earlier version, which lacks the functions at its end: `free` may be missing, `routines` may not.
        let short = size - 2 * size_of::<usize>();
        for bad in [sinsp_pool_calls { size: short, ..calls }, sinsp_pool_calls { purge: None, ..calls }] {
            assert!(sinsp_pool_of_program(&bad, null_mut(), null_mut()).is_null());
        }
        assert!(sinsp_pool_retain(null()).is_null() && sinsp_pool_routines(null()) == 0);
        let library = sinsp_pool_new(1);
        assert_ne!(sinsp_pool_subscribe(library, Some(twice), None, argument), 0);
        while sinsp_pool_routines(library) != 0 {
            thread::yield_now();
        }
        assert_eq!(counter.load(SeqCst), 3);
        sinsp_pool_free(library);
    }
}
