use super::*;
use std::ffi::CString;
use std::ptr::null;

unsafe extern "C" fn api_version() -> *const c_char {
    c"3.12.0".as_ptr()
}

unsafe extern "C" fn old_version() -> *const c_char {
    c"3.9.0".as_ptr()
}

unsafe extern "C" fn no_version() -> *const c_char {
    c"new".as_ptr()
}

unsafe extern "C" fn null_text() -> *const c_char {
    null()
}

unsafe extern "C" fn future_version() -> *const c_char {
    c"3.13.0".as_ptr()
}

unsafe extern "C" fn id() -> u32 {
    7
}

unsafe extern "C" fn listen(_: *mut c_void, _: *const crate::api::ss_plugin_capture_listen_input) -> i32 {
    0
}

unsafe extern "C" fn metrics(_: *mut c_void, _: *mut u32) -> *const crate::api::ss_plugin_metric {
    null()
}

unsafe extern "C" fn set_config(_: *mut c_void, _: *const crate::api::ss_plugin_set_config_input) -> i32 {
    0
}

unsafe extern "C" fn handler(_: *mut c_void, _: *mut c_void, _: crate::api::AsyncHandler) -> i32 {
    0
}

unsafe extern "C" fn open(_: *mut c_void, _: *const c_char, _: *mut i32) -> *mut c_void {
    null_mut()
}

unsafe extern "C" fn close(_: *mut c_void, _: *mut c_void) {}

unsafe extern "C" fn next(
    _: *mut c_void,
    _: *mut c_void,
    _: *mut u32,
    _: *mut *mut *mut crate::api::ss_plugin_event,
) -> i32 {
    0
}

unsafe extern "C" fn state_text(_: *mut c_void) -> *const c_char {
    null()
}

unsafe extern "C" fn init(_: *const crate::api::ss_plugin_init_input, _: *mut i32) -> *mut c_void {
    null_mut()
}

unsafe extern "C" fn destroy(_: *mut c_void) {}

/// What a test changes of a plugin without functions.
type Change = fn(&mut plugin_api);

fn of(api: plugin_api) -> Result<plugin_handle_t, String> {
    // SAFETY: the functions above are of the API's types.
    unsafe { plugin_handle_t::of(&api) }
}

fn with(version: unsafe extern "C" fn() -> *const c_char) -> plugin_api {
    plugin_api { get_required_api_version: Some(version), ..Default::default() }
}

#[test]
fn a_version_is_required_and_checked() {
    let message = |api| of(api).err().expect("an error");
    assert!(message(plugin_api::default()).contains("plugin_get_required_api_version"));
    assert!(message(with(null_text)).contains("null"));
    assert!(message(with(no_version)).contains("'new'"));
    assert_eq!(of(with(api_version)).expect("a plugin").check_version(), Ok(()));
    let why = of(with(future_version)).expect("a plugin").check_version().expect_err("too new");
    assert!(why.contains("3.13.0") && why.contains("3.12.0") && why.contains("minor"), "{why}");
}

#[test]
fn a_library_that_cannot_be_loaded_says_why() {
    let error = plugin_handle_t::load(OsStr::new("/nowhere/plugin.so")).err().expect("an error");
    assert!(error.contains("/nowhere/plugin.so") && error.contains("No such file or directory"), "{error}");
    let error = plugin_handle_t::load(OsStr::new("/etc/passwd")).err().expect("an error");
    assert!(error.contains("/etc/passwd") && error.contains("ELF"), "{error}");
}

#[test]
fn the_first_required_function_that_is_missing_is_named() {
    let mut api = with(api_version);
    let missing = |api: &plugin_api| of(*api).expect("a plugin").check_symbols().err().unwrap_or_default();
    for (name, set) in [
        ("plugin_get_version", (|api| api.get_version = Some(api_version)) as Change),
        ("plugin_get_name", |api| api.get_name = Some(api_version)),
        ("plugin_get_description", |api| api.get_description = Some(api_version)),
        ("plugin_get_contact", |api| api.get_contact = Some(api_version)),
        ("plugin_init", |api| api.init = Some(init)),
        ("plugin_destroy", |api| api.destroy = Some(destroy)),
        ("plugin_get_last_error", |api| api.get_last_error = Some(state_text)),
    ] {
        assert!(missing(&api).contains(name), "{name}: {}", missing(&api));
        set(&mut api);
    }
    assert_eq!(missing(&api), "");
}

#[test]
fn a_capability_needs_all_of_its_functions() {
    let capabilities = |change: Change| {
        let mut api = with(api_version);
        change(&mut api);
        of(api).expect("a plugin").capabilities()
    };
    fn source(api: &mut plugin_api) {
        api.open = Some(open);
        api.close = Some(close);
        api.next_batch = Some(next);
    }
    let whole: [(Capabilities, Change); 5] = [
        (0, |_| {}),
        (CAP_SOURCING, source),
        (CAP_SOURCING, |a| {
            source(a);
            a.get_id = Some(id);
            a.get_event_source = Some(api_version);
        }),
        (CAP_ASYNC, |a| {
            a.get_async_events = Some(api_version);
            a.set_async_event_handler = Some(handler);
        }),
        (CAP_CAPTURE_LISTENING, |a| {
            a.capture_open = Some(listen);
            a.capture_close = Some(listen);
        }),
    ];
    for (expected, change) in whole {
        assert_eq!(capabilities(change), (expected, String::new()));
    }
    let broken: [(&str, Change); 5] = [
        ("plugin_next_batch", |a| a.open = Some(open)),
        ("plugin_get_event_source", |a| {
            source(a);
            a.get_id = Some(id);
        }),
        ("plugin_get_event_source", |a| {
            source(a);
            a.get_event_source = Some(api_version);
        }),
        ("plugin_get_async_events", |a| a.set_async_event_handler = Some(handler)),
        ("plugin_capture_close", |a| a.capture_open = Some(listen)),
    ];
    for (named, change) in broken {
        let (found, why) = capabilities(change);
        assert_eq!(found, CAP_BROKEN);
        assert!(why.contains(named), "{why}");
    }
}

#[test]
fn members_of_an_old_struct_are_found_in_their_old_places() {
    // The struct of API 3.9 has no dump_state: what is in its place is set_config, and so on.
    let mut api = with(old_version);
    // SAFETY: the functions stand where the old struct had them, and are called by none.
    unsafe {
        api.dump_state = std::mem::transmute_copy(&(set_config as *const ()));
        api.set_config = std::mem::transmute_copy(&(metrics as *const ()));
        api.get_metrics = std::mem::transmute_copy(&(listen as *const ()));
        api.capture_open = std::mem::transmute_copy(&(listen as *const ()));
    }
    let read = of(api).expect("a plugin");
    assert!(read.api.dump_state.is_none());
    assert_eq!(read.api.set_config.map(|f| f as usize), Some(set_config as *const () as usize));
    assert_eq!(read.api.get_metrics.map(|f| f as usize), Some(metrics as *const () as usize));
    assert_eq!(read.capabilities().0, CAP_CAPTURE_LISTENING);
}

#[test]
fn c_gets_null_and_a_text() {
    let mut err = [1 as c_char; MAX_ERRLEN];
    // SAFETY: null or valid pointers, and a buffer of the size that is required.
    unsafe {
        let text = |err: &[c_char]| CStr::from_ptr(err.as_ptr()).to_str().expect("UTF-8").to_owned();
        assert!(plugin_load_api(null(), err.as_mut_ptr()).is_null());
        assert!(text(&err).contains("null plugin_api"));
        assert!(plugin_load(null(), null_mut()).is_null());
        assert!(plugin_load(c"/nonexistent/plugin.so".as_ptr(), err.as_mut_ptr()).is_null());
        assert!(text(&err).contains("/nonexistent/plugin.so"), "{}", text(&err));
        assert!(!plugin_check_required_symbols(null(), err.as_mut_ptr()));
        assert!(text(&err).contains("null plugin handle"));
        assert!(!plugin_check_required_api_version(null(), null_mut()));
        assert_eq!(plugin_get_capabilities(null(), null_mut()), CAP_BROKEN);
        plugin_unload(null_mut());
        assert!(!plugin_is_loaded(null()));

        let handle = plugin_load_api(&with(api_version), err.as_mut_ptr());
        assert!(!handle.is_null());
        assert_eq!(text(&err), "");
        assert!(plugin_check_required_api_version(handle, err.as_mut_ptr()));
        assert_eq!(plugin_get_capabilities(handle, err.as_mut_ptr()), 0);
        plugin_unload(handle);
    }
}

#[test]
fn a_library_is_loaded_as_long_as_its_handle() {
    // libresolv stands for a plugin: a library that this program does not link, and that has none of the functions.
    let of_debian = format!("/lib/{}-linux-gnu/libresolv.so.2", std::env::consts::ARCH);
    let places = [&of_debian, "/usr/lib/libresolv.so.2", "/lib64/libresolv.so.2"];
    let Some(path) = places.into_iter().find(|p| std::path::Path::new(p).exists()) else {
        println!("SKIPPED: loader: no libresolv.so.2 to load");
        return;
    };
    let path = CString::new(path).expect("no NUL");
    // SAFETY: a path that exists; the handle is ended once.
    unsafe {
        assert!(!plugin_is_loaded(path.as_ptr()));
        let handle = plugin_load(path.as_ptr(), null_mut());
        assert!(!handle.is_null());
        assert!(plugin_is_loaded(path.as_ptr()) && plugin_is_loaded(path.as_ptr()));
        assert!(!plugin_check_required_symbols(handle, null_mut()));
        plugin_unload(handle);
        assert!(!plugin_is_loaded(path.as_ptr()), "asking whether it is loaded does not keep it");
    }
}
