//! What several threads may do with one inspector at the same time, through the C ABI. Under ThreadSanitizer
//! (`tests/tsan/test.sh`) it finds what races.

use sinsp::event::data::sinsp_event;
use sinsp::ffi::{SINSP_ABI_VERSION, sinsp_error_free, sinsp_status, sinsp_str};
use sinsp::filter::memo::sinsp_memo;
use sinsp::filter::program::{
    sinsp_program, sinsp_program_compile, sinsp_program_free, sinsp_program_memo, sinsp_program_remember,
    sinsp_program_run,
};
use sinsp::inspector::handle::{sinsp_inspector, sinsp_inspector_free, sinsp_inspector_new};
use sinsp::inspector::metrics::{sinsp_inspector_census, sinsp_inspector_metrics, sinsp_inspector_state_counters};
use sinsp::inspector::next::{sinsp_inspector_next, sinsp_inspector_push_async_event};
use sinsp::inspector::open::{sinsp_inspector_close, sinsp_inspector_open_savefile};
use sinsp::inspector::options::{sinsp_inspector_set_option, sinsp_option};
use sinsp::inspector::status::{
    sinsp_inspector_last_event_time, sinsp_inspector_state_stats, sinsp_inspector_stats, sinsp_state_stats, sinsp_stats,
};
use sinsp::metrics::sinsp_state_metrics;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/captures/workload.scap.gz");

/// The handle as C's threads would share it.
#[derive(Clone, Copy)]
struct Shared(*mut sinsp_inspector);

// SAFETY: what the threads call with it is what the C ABI allows them to, which is what is tested.
unsafe impl Send for Shared {}
// SAFETY: as for `Send`.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Shared {
        // SAFETY: null is allowed for the error.
        let inspector = unsafe { sinsp_inspector_new(SINSP_ABI_VERSION, null_mut()) };
        assert!(!inspector.is_null());
        Shared(inspector)
    }

    fn open(self) {
        let path = sinsp_str { data: CAPTURE.as_ptr().cast(), len: CAPTURE.len() };
        // SAFETY: the handle is live.
        let status = unsafe { sinsp_inspector_open_savefile(self.0, path, 0, null_mut()) };
        assert_eq!(status, sinsp_status::SINSP_SUCCESS);
    }

    fn next(self) -> sinsp_status {
        let mut event = std::mem::MaybeUninit::<sinsp_event>::zeroed();
        let mut error = null_mut();
        // SAFETY: the handle is live and both pointers are writable.
        let status = unsafe { sinsp_inspector_next(self.0, event.as_mut_ptr(), &mut error) };
        // SAFETY: null or made just now.
        unsafe { sinsp_error_free(error) };
        status
    }

    /// Reads all events; returns how many there were.
    fn read(self) -> usize {
        let mut events = 0;
        loop {
            match self.next() {
                sinsp_status::SINSP_EOF => return events,
                sinsp_status::SINSP_SUCCESS => events += 1,
                sinsp_status::SINSP_FILTERED_EVENT | sinsp_status::SINSP_TIMEOUT => {}
                failed => panic!("{failed:?}"),
            }
        }
    }

    fn end(self) {
        // SAFETY: the handle is live, and not used after this.
        unsafe {
            sinsp_inspector_close(self.0, null_mut());
            sinsp_inspector_free(self.0);
        }
    }
}

fn async_event() -> Vec<u8> {
    let ty = driver::EventType::ASYNCEVENT_E;
    let params = vec![scap_sys::encode::Value::Null; ty.info().unwrap().params.len()];
    scap_sys::encode::event(1, -1, ty, &params).unwrap()
}

#[test]
fn counters_and_events_from_outside_need_no_turn() {
    let i = Shared::new();
    i.open();
    let all = i.read();
    i.open();
    let (stop, put) = (AtomicBool::new(false), AtomicUsize::new(0));
    let bytes = async_event();
    let seen = std::thread::scope(|s| {
        let mut others = Vec::new();
        for _ in 0..2 {
            others.push(s.spawn(|| {
                let i = &i;
                while !stop.load(Ordering::Relaxed) {
                    // SAFETY: the handle is live and the pointers are good.
                    let status =
                        unsafe { sinsp_inspector_push_async_event(i.0, bytes.as_ptr(), bytes.len(), null_mut()) };
                    put.fetch_add(usize::from(status == sinsp_status::SINSP_SUCCESS), Ordering::Relaxed);
                    std::thread::sleep(std::time::Duration::from_micros(50));
                }
            }));
        }
        others.push(s.spawn(|| {
            let i = &i;
            while !stop.load(Ordering::Relaxed) {
                let mut stats = sinsp_stats::default();
                let mut state = sinsp_state_stats { size: size_of::<sinsp_state_stats>(), ..Default::default() };
                // SAFETY: the handle is live and the pointers are good.
                unsafe {
                    assert_eq!(sinsp_inspector_stats(i.0, &mut stats, null_mut()), sinsp_status::SINSP_SUCCESS);
                    assert_eq!(sinsp_inspector_state_stats(i.0, &mut state, null_mut()), sinsp_status::SINSP_SUCCESS);
                }
                assert!(state.threads_added > 0);
                // SAFETY: the handle is live and the pointers are good; the counters live as long as the handle.
                unsafe {
                    let (mut threads, mut fds, mut count) = (0, 0, 0);
                    let status = sinsp_inspector_census(i.0, &mut threads, &mut fds, null_mut());
                    // The last count, which may be none yet, where the reader comes to no event in time.
                    assert_eq!(status, sinsp_status::SINSP_SUCCESS);
                    assert!(sinsp_inspector_metrics(i.0, 511, &mut count, null_mut()).is_null());
                    let counters = sinsp_inspector_state_counters(i.0);
                    assert!(!sinsp_state_metrics(counters, threads, fds, &mut count).is_null() && count == 17);
                }
            }
        }));
        let seen = i.read();
        stop.store(true, Ordering::Relaxed);
        // The sanitizer sees a thread that is joined, not the end of a scope.
        others.into_iter().for_each(|other| other.join().unwrap());
        seen
    });
    let (mut threads, mut fds) = (0, 0);
    // SAFETY: the handle is live and the pointers are good.
    let status = unsafe { sinsp_inspector_census(i.0, &mut threads, &mut fds, null_mut()) };
    assert!(status == sinsp_status::SINSP_SUCCESS && threads > 0);
    // What came too late is still there: it is older than the end of the capture, but no event follows it.
    assert!(seen >= all && seen <= all + put.load(Ordering::Relaxed));
    i.end();
}

#[test]
fn others_have_to_wait_or_are_refused() {
    let i = Shared::new();
    i.open();
    let all = i.read();
    for _ in 0..5 {
        i.open();
        let (stop, mine) = (AtomicBool::new(false), AtomicUsize::new(0));
        let seen = std::thread::scope(|s| {
            let other = s.spawn(|| {
                let i = &i;
                while !stop.load(Ordering::Relaxed) {
                    // SAFETY: the handle is live.
                    unsafe { sinsp_inspector_last_event_time(i.0) };
                    // The same call from two threads: one of them is refused.
                    mine.fetch_add(usize::from(i.next() == sinsp_status::SINSP_SUCCESS), Ordering::Relaxed);
                }
            });
            let mut seen = 0;
            loop {
                match i.next() {
                    sinsp_status::SINSP_EOF => break,
                    sinsp_status::SINSP_SUCCESS => seen += 1,
                    _ => {}
                }
            }
            stop.store(true, Ordering::Relaxed);
            other.join().unwrap();
            seen
        });
        assert_eq!(seen + mine.load(Ordering::Relaxed), all, "every event went to one of them");
        assert_eq!(i.next(), sinsp_status::SINSP_EOF);
    }
    i.end();
}

/// A filter and the event on which several threads run it.
#[derive(Clone, Copy)]
struct Asked {
    inspector: Shared,
    program: *const sinsp_program,
    event: sinsp_event,
}

// SAFETY: as for `Shared`.
unsafe impl Send for Asked {}
// SAFETY: as for `Send`.
unsafe impl Sync for Asked {}

impl Asked {
    fn memo(&self) -> *const sinsp_memo {
        // SAFETY: the program is live.
        unsafe { sinsp_program_memo(self.program) }
    }

    /// What the filter remembers for the event, read as `sinsp_memo` says.
    fn remembered(&self) -> Option<bool> {
        let memo = self.memo().cast_mut();
        // SAFETY: the program and with it the memo and the clock are live. The members are written by atomic stores, `clock` and `inspector` never.
        unsafe {
            let number = |place: *mut u64| AtomicU64::from_ptr(place).load(Ordering::Acquire);
            let at = number(&raw mut (*memo).at);
            let same = at == number((*memo).clock.cast_mut())
                && number(&raw mut (*memo).of) == self.event.of
                && AtomicPtr::from_ptr((&raw mut (*memo).bytes).cast::<*mut u8>()).load(Ordering::Acquire).cast_const()
                    == self.event.bytes
                && (*memo).inspector == self.inspector.0.cast_const();
            let holds = AtomicBool::from_ptr(&raw mut (*memo).holds).load(Ordering::Acquire);
            (same && number(&raw mut (*memo).at) == at).then_some(holds)
        }
    }

    fn run(&self) -> i32 {
        // SAFETY: all are live, and nothing reads another event meanwhile.
        unsafe { sinsp_program_run(self.program, self.inspector.0, &self.event, null_mut()) }
    }

    fn remember(&self) -> i32 {
        // SAFETY: as for `run`.
        unsafe { sinsp_program_remember(self.program, self.inspector.0, &self.event, null_mut()) }
    }
}

#[test]
fn a_filter_remembers_for_all_threads_until_one_changes_the_inspector() {
    let inspector = Shared::new();
    inspector.open();
    // SAFETY: the handle is live, the texts and pointers are good.
    let asked = unsafe {
        let mut event = std::mem::zeroed::<sinsp_event>();
        while sinsp_inspector_next(inspector.0, &mut event, null_mut()) != sinsp_status::SINSP_SUCCESS {}
        let text = "evt.num > 0 and not proc.name = nothing";
        let text = sinsp_str { data: text.as_ptr().cast(), len: text.len() };
        let program = sinsp_program_compile(inspector.0, std::ptr::null(), text, null_mut());
        Asked { inspector, program, event }
    };
    assert_eq!((asked.run(), asked.run(), asked.remembered()), (1, 1, None), "nothing is to be remembered");
    assert_eq!((asked.remember(), asked.remembered()), (1, Some(true)));
    let set = || {
        let option = sinsp_option::SINSP_OPTION_PURGE as u32;
        // SAFETY: the handle is live.
        unsafe { sinsp_inspector_set_option(inspector.0, option, 1, null_mut()) }
    };
    let stop = AtomicBool::new(false);
    std::thread::scope(|s| {
        let others = [(); 2].map(|()| {
            s.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    // Refused while the other one waits for its turn too long.
                    assert!(asked.remember() != 0 && asked.remembered() != Some(false));
                }
            })
        });
        for _ in 0..200 {
            set();
        }
        stop.store(true, Ordering::Relaxed);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
    assert_eq!((asked.remember(), asked.remembered()), (1, Some(true)));
    assert_eq!(set(), sinsp_status::SINSP_SUCCESS);
    assert_eq!(asked.remembered(), None, "the option could have changed the result");
    assert_eq!((asked.remember(), asked.remembered()), (1, Some(true)));
    assert_eq!(inspector.next(), sinsp_status::SINSP_SUCCESS);
    assert_eq!((asked.remembered(), asked.remember(), asked.remembered()), (None, -1, None), "the event is gone");
    inspector.end();
    assert_eq!((asked.remembered(), asked.remember()), (None, -1), "the clock is the filter's too");
    // SAFETY: it is live, and the inspector, which may end before it, has no part of it.
    unsafe { sinsp_program_free(asked.program.cast_mut()) };
}
