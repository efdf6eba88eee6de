//! A plugin that each test scripts, read through the C functions.

use super::*;
use crate::capture::open::*;
use crate::capture::read::*;
use crate::capture::settings::*;
use crate::capture::stats::*;
use crate::engine::scap_engines::scap_source_plugin_engine;
use crate::types::engine::scap_t;
use crate::types::plugin_types::*;
use crate::types::ppm::PPM_SC_MAX;
use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap_const::*;
use crate::types::scap_open::interesting_ppm_sc_set;
use driver::EventType;
use scap_sys::{Event, HEADER_LEN};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::result::Result;

/// What the plugin returns: batches of events, each with its code.
#[derive(Default)]
struct Script {
    open_rc: ss_plugin_rc,
    batches: Vec<(Vec<Vec<u8>>, ss_plugin_rc)>,
    /// Returns a number of events without an array.
    lie: bool,
    /// Returns null in place of the first event.
    hole: bool,
    events: Vec<*mut ppm_evt_hdr>,
    asked: usize,
    closed: usize,
}

unsafe extern "C" fn open(s: *mut ss_plugin_t, params: *const c_char, rc: *mut ss_plugin_rc) -> *mut ss_instance_t {
    // SAFETY: the state is the test's script, and the parameters are its string.
    unsafe {
        assert_eq!(CStr::from_ptr(params), c"three");
        *rc = (*s.cast::<Script>()).open_rc;
    }
    s
}

unsafe extern "C" fn close(s: *mut ss_plugin_t, h: *mut ss_instance_t) {
    assert_eq!(s, h);
    // SAFETY: the state is the test's script.
    unsafe { (*s.cast::<Script>()).closed += 1 };
}

unsafe extern "C" fn next_batch(
    s: *mut ss_plugin_t,
    _: *mut ss_instance_t,
    nevts: *mut u32,
    evts: *mut *mut *mut ss_plugin_event,
) -> ss_plugin_rc {
    // SAFETY: the state is the test's script.
    let script = unsafe { &mut *s.cast::<Script>() };
    script.asked += 1;
    let Some((events, rc)) = script.batches.get_mut(script.asked - 1) else { return SS_PLUGIN_EOF };
    script.events = events.iter_mut().map(|e| e.as_mut_ptr().cast()).collect();
    if script.hole {
        script.events[0] = null_mut();
    }
    // SAFETY: the outputs are the engine's own variables.
    unsafe {
        *nevts = script.events.len() as u32;
        *evts = if script.lie { null_mut() } else { script.events.as_mut_ptr() };
    }
    *rc
}

unsafe extern "C" fn last_error(_: *mut ss_plugin_t) -> *const c_char {
    c"the source dried up".as_ptr()
}

unsafe extern "C" fn no_error(_: *mut ss_plugin_t) -> *const c_char {
    null()
}

fn plugin(script: &mut Script) -> scap_source_plugin {
    scap_source_plugin {
        id: 7,
        name: c"scripted".as_ptr(),
        state: (&raw mut *script).cast::<c_void>(),
        handle: null_mut(),
        open: Some(open),
        close: Some(close),
        next_batch: Some(next_batch),
        get_last_error: Some(last_error),
    }
}

/// An event of a plugin.
fn event(id: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(u64::MAX.to_ne_bytes());
    bytes.extend(3u64.to_ne_bytes());
    bytes.extend((HEADER_LEN as u32 + 8 + 4 + data.len() as u32).to_ne_bytes());
    bytes.extend(EventType::PLUGINEVENT_E.0.to_ne_bytes());
    bytes.extend(2u32.to_ne_bytes());
    bytes.extend(4u32.to_ne_bytes());
    bytes.extend((data.len() as u32).to_ne_bytes());
    bytes.extend(id.to_ne_bytes());
    bytes.extend(data);
    bytes
}

/// A capture of the plugin, or the code and text of the failure.
fn capture(plugin: *mut scap_source_plugin) -> Result<*mut scap_t, (i32, String)> {
    let mut params =
        scap_source_plugin_engine_params { input_plugin: plugin, input_plugin_params: c"three".as_ptr().cast_mut() };
    let mut args = scap_open_args {
        import_users: false,
        ppm_sc_of_interest: interesting_ppm_sc_set { ppm_sc: [false; PPM_SC_MAX] },
        log_fn: None,
        proc_scan_timeout_ms: 0,
        proc_scan_log_interval_ms: 0,
        engine_params: (&raw mut params).cast(),
    };
    let (mut error, mut rc) = ([0; SCAP_LASTERR_SIZE], 0);
    // SAFETY: all of it is valid.
    let capture = unsafe { scap_open(&mut args, &scap_source_plugin_engine, error.as_mut_ptr(), &mut rc) };
    if capture.is_null() {
        // SAFETY: the text is ended by a NUL.
        return Err((rc, unsafe { CStr::from_ptr(error.as_ptr()) }.to_string_lossy().into_owned()));
    }
    Ok(capture)
}

/// The next event's bytes, or the code and the text of the last error.
fn next(capture: *mut scap_t) -> Result<Vec<u8>, (i32, String)> {
    let (mut event, mut cpu, mut flags) = (null_mut(), 1, 1);
    // SAFETY: the capture is open, and an event has the length that it says.
    unsafe {
        match scap_next(capture, &mut event, &mut cpu, &mut flags) {
            SCAP_SUCCESS => {
                assert_eq!((cpu, flags), (0, 0));
                let len = event.read_unaligned().len as usize;
                Ok(std::slice::from_raw_parts(event.cast::<u8>(), len).to_vec())
            }
            rc => Err((rc, CStr::from_ptr(scap_getlasterr(capture)).to_string_lossy().into_owned())),
        }
    }
}

fn finish(capture: *mut scap_t) {
    // SAFETY: the capture is open and not used again.
    unsafe { scap_close(capture) };
}

/// The result of reading the first event of a batch.
fn first(script: &mut Script, id: u32) -> Result<Vec<u8>, (i32, String)> {
    let mut plugin = scap_source_plugin { id, ..plugin(script) };
    let capture = capture(&mut plugin).unwrap();
    let answer = next(capture);
    finish(capture);
    answer
}

fn of(event: Vec<u8>) -> Script {
    Script { batches: vec![(vec![event], SS_PLUGIN_SUCCESS)], ..Script::default() }
}

#[test]
fn batches_time_outs_and_the_end() {
    let mut script = Script {
        batches: vec![
            (vec![event(0, b"one"), event(7, b"two")], SS_PLUGIN_TIMEOUT),
            (vec![], SS_PLUGIN_TIMEOUT),
            (vec![event(7, b"")], 1),
        ],
        ..Script::default()
    };
    let script: *mut Script = &mut script;
    // SAFETY: the script outlives the capture, and no reference to it is held while the plugin uses it.
    let mut plugin = plugin(unsafe { &mut *script });
    let capture = capture(&mut plugin).unwrap();
    assert_eq!(plugin.handle, plugin.state);
    let one = next(capture).unwrap();
    let e = Event::new(&one, 0, 0).unwrap();
    assert_eq!((e.tid(), e.param(0), e.param(1)), (-1, Some(&7u32.to_ne_bytes()[..]), Some(&b"one"[..])));
    assert!(e.ts() > 1_700_000_000_000_000_000 && e.ts() < u64::MAX, "an event without a time is of now");
    assert_eq!(Event::new(&next(capture).unwrap(), 0, 0).unwrap().param(1), Some(&b"two"[..]));
    let code = |answer: Result<Vec<u8>, (i32, String)>| answer.unwrap_err().0;
    // First the code of the first batch, then that of the empty batch, then the third batch's event and its failure.
    assert_eq!(code(next(capture)), SCAP_TIMEOUT);
    assert_eq!(code(next(capture)), SCAP_TIMEOUT);
    assert_eq!(Event::new(&next(capture).unwrap(), 0, 0).unwrap().param(1), Some(&b""[..]));
    assert_eq!(next(capture).unwrap_err(), (SCAP_FAILURE, "the source dried up".into()));
    assert_eq!(code(next(capture)), SCAP_EOF);

    let (mut count, mut rc) = (0, 1);
    let mut stats = Default::default();
    // SAFETY: the capture is open.
    let metric = unsafe {
        assert_eq!(scap_get_stats(capture, &mut stats), SCAP_SUCCESS);
        *scap_get_stats_v2(capture, 0, &mut count, &mut rc)
    };
    assert_eq!((stats.n_evts, count, rc), (3, 1, SCAP_SUCCESS));
    // SAFETY: the metric is of this type, and its name ends.
    assert_eq!(unsafe { (metric.value.u64, CStr::from_ptr(metric.name.as_ptr())) }, (3, c"n_evts"));
    finish(capture);
    // SAFETY: the script is there until the end of the test.
    assert_eq!((unsafe { (*script).closed }, plugin.handle), (1, null_mut()));
}

#[test]
fn a_source_that_does_not_open() {
    let open = |rc| {
        let mut script = Script { open_rc: rc, ..Script::default() };
        capture(&mut plugin(&mut script)).unwrap_err()
    };
    assert_eq!(open(1), (SCAP_FAILURE, "the source dried up".into()));
    assert_eq!(open(99), (SCAP_FAILURE, "the source dried up".into()));
    assert_eq!(open(SS_PLUGIN_NOT_SUPPORTED).0, SCAP_NOT_SUPPORTED);
    assert_eq!(capture(null_mut()).unwrap_err().1, "opening a plugin's events: no plugin given");
    let mut script = Script::default();
    let mut without = scap_source_plugin { next_batch: None, ..plugin(&mut script) };
    assert!(capture(&mut without).unwrap_err().1.contains("scripted cannot open a source"));
    let mut script = Script { open_rc: 1, ..Script::default() };
    let mut mute = scap_source_plugin { get_last_error: Some(no_error), name: null(), ..plugin(&mut script) };
    let message = capture(&mut mute).unwrap_err().1;
    assert_eq!(message, "the plugin without a name failed (1) and does not say why");
}

#[test]
fn events_that_are_none() {
    let text = |answer: Result<Vec<u8>, (i32, String)>| {
        let (rc, text) = answer.unwrap_err();
        assert_eq!(rc, SCAP_FAILURE, "{text}");
        text
    };
    let malformed = "malformed plugin event produced by plugin: 'scripted'";
    for (what, at, value) in
        [("a short length", 16, 25u32), ("many parameters", 22, 1 << 30), ("a long parameter", 30, 4)]
    {
        let mut lying = event(7, b"abc");
        lying[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        assert!(text(first(&mut of(lying), 7)).starts_with(malformed), "{what}");
    }
    let mut other = event(7, b"");
    other[20..22].copy_from_slice(&257u16.to_ne_bytes());
    assert!(text(first(&mut of(other.clone()), 7)).starts_with(malformed));
    // A plugin with the id 0 may make events of any type, but plugin events need an id.
    assert!(text(first(&mut of(event(0, b"")), 0)).contains("(no ID): 'scripted'"));
    assert_eq!(
        text(first(&mut of(event(8, b"")), 7)),
        "unexpected plugin ID in plugin event: plugin='scripted', expected_id=7, actual_id=8 (event 1 of 1 in its batch)"
    );
    let mut wide_id = event(7, b"abcd");
    wide_id[26] = 8;
    wide_id[30] = 0;
    assert!(text(first(&mut of(wide_id), 7)).starts_with(malformed));
    assert!(
        text(first(&mut Script { lie: true, ..of(event(7, b"")) }, 7)).contains("announced 1 events and gave none")
    );
    assert!(text(first(&mut Script { hole: true, ..of(event(7, b"")) }, 7)).contains("gave no event"));
    let empty = &mut Script { batches: vec![(vec![], SS_PLUGIN_SUCCESS)], ..Script::default() };
    assert_eq!(text(first(empty, 7)), "unexpected 0 size event returned by plugin scripted");
}

/// A plugin that uses the capture that is reading it.
struct Nested {
    capture: *mut scap_t,
    answers: Vec<(i32, String)>,
}

unsafe extern "C" fn open_nested(s: *mut ss_plugin_t, _: *const c_char, rc: *mut ss_plugin_rc) -> *mut ss_instance_t {
    // SAFETY: the output is the engine's own variable.
    unsafe { *rc = SS_PLUGIN_SUCCESS };
    s
}

unsafe extern "C" fn call_back(
    s: *mut ss_plugin_t,
    _: *mut ss_instance_t,
    _: *mut u32,
    _: *mut *mut *mut ss_plugin_event,
) -> ss_plugin_rc {
    // SAFETY: the state is the test's `Nested`, which the test does not use during the call.
    let nested = unsafe { &mut *s.cast::<Nested>() };
    let capture = nested.capture;
    let mut stats = Default::default();
    let (mut count, mut rc) = (1, 0);
    nested.answers.push(next(capture).unwrap_err());
    // SAFETY: the capture is open.
    unsafe {
        let mut note = |rc| {
            nested.answers.push((rc, CStr::from_ptr(scap_getlasterr(capture)).to_string_lossy().into_owned()));
        };
        note(scap_get_stats(capture, &mut stats));
        note(scap_start_capture(capture));
        note(scap_set_snaplen(capture, 1));
        note(scap_restart_capture(capture) as i32);
        assert!(scap_get_stats_v2(capture, 0, &mut count, &mut rc).is_null());
        assert_eq!((count, rc), (0, SCAP_FAILURE));
        assert_eq!((scap_event_get_num(capture), scap_stop_capture(capture)), (0, SCAP_SUCCESS));
    }
    SS_PLUGIN_TIMEOUT
}

#[test]
fn a_plugin_that_calls_back() {
    let mut nested = Nested { capture: null_mut(), answers: Vec::new() };
    let state = &raw mut nested;
    let mut plugin = scap_source_plugin {
        state: state.cast(),
        open: Some(open_nested),
        close: None,
        next_batch: Some(call_back),
        ..plugin(&mut Script::default())
    };
    let capture = capture(&mut plugin).unwrap();
    // SAFETY: the state outlives the capture and has no other user now.
    unsafe { (*state).capture = capture };
    assert_eq!(next(capture).unwrap_err().0, SCAP_TIMEOUT);
    // SAFETY: the state has no other user between calls.
    let answers = unsafe { std::mem::take(&mut (*state).answers) };
    assert_eq!(answers.len(), 5);
    for (rc, why) in &answers[..4] {
        assert!(*rc == SCAP_FAILURE && why.contains("in use"), "{answers:?}");
    }
    assert!(answers[4].1.contains("capture mode"));
    finish(capture);
}
