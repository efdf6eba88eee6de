//! Events of tracepoints other than system calls.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::common::{Kept, Live, codes, drain, open, open_bpf, read_until};
use driver::EventType;
use scap_sys::engine::Setting;
use scap_sys::engine::bpf::BpfOptions;

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

fn capture(name: &str) -> Option<Live> {
    let mut engine = open(&BpfOptions { interesting: Some(codes(&[name])), ..BpfOptions::default() })?;
    engine.start().unwrap();
    Some(engine)
}

/// Reads up to the first event for which `is` returns true, stops the capture, and returns that event.
fn one(engine: &mut Live, is: impl Fn(&Kept) -> bool) -> Kept {
    let all = read_until(engine, |all| all.iter().any(&is));
    engine.stop().unwrap();
    all.into_iter().find(is).expect("the event")
}

#[test]
fn a_switch_to_another_thread() {
    let Some(mut engine) = capture("sched_switch") else { return };
    // Page faults of this thread: the allocator takes so much memory from the kernel each time.
    std::hint::black_box(vec![1u8; 40 << 20]);
    let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    std::thread::sleep(Duration::from_millis(5));
    let e = one(&mut engine, |e| e.tid == tid() && e.ts >= after);
    assert_eq!(e.ty, EventType::SCHEDSWITCH_6_E);
    assert_ne!(e.number("next"), tid());
    assert!(e.number("pgft_min") > 0);
    let (size, rss) = (e.number("vm_size") as u32, e.number("vm_rss") as u32);
    assert!(rss > 0 && rss < size, "{rss} of {size}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmPeak:")).unwrap();
    let peak: u32 = line.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(size <= peak, "{size} {peak}");
}

/// A thread becomes known by its system calls, and not by events of the scheduler or page faults, so that those are captured first.
#[test]
fn system_calls_are_captured_before_tracepoints() {
    let options = BpfOptions { interesting: Some(codes(&["bpf", "signal_deliver"])), ..BpfOptions::default() };
    let Some(engine) = open_bpf(&options) else { return };
    let mut engine: Live = Box::new(engine);
    engine.start().unwrap();
    let calls = drain(&mut engine).iter().filter(|e| e.tid == tid()).count();
    // Each attachment is a call: the first that is seen is that of the system calls' program, the second that of the tracepoint's.
    assert!(calls >= 2, "{calls}");
}

#[test]
fn nothing_while_sampling() {
    let Some(mut engine) = capture("sched_switch") else { return };
    engine.set(Setting::Dropping(Some(1))).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    let before = engine.stats().unwrap().n_evts;
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(engine.stats().unwrap().n_evts, before);
}

#[test]
fn a_signal_and_who_sent_it() {
    extern "C" fn nothing(_: i32) {}
    let Some(mut engine) = capture("signal_deliver") else { return };
    let me = std::process::id() as i32;
    // The probe reads the sender of a real-time signal, but not of SIGUSR2.
    for (signal, sender) in [(libc::SIGRTMIN() + 3, i64::from(me)), (libc::SIGUSR2, 0)] {
        // SAFETY: `nothing` is a valid handler that does nothing, and tgkill(2) targets this thread.
        unsafe {
            libc::signal(signal, nothing as *const () as libc::sighandler_t);
            assert_eq!(libc::syscall(libc::SYS_tgkill, me, libc::gettid(), signal), 0);
        }
        let all = read_until(&mut engine, |all| all.iter().any(|e| e.tid == tid()));
        let e = all.iter().find(|e| e.tid == tid()).expect("the event");
        assert_eq!(e.ty, EventType::SIGNALDELIVER_E);
        assert_eq!((e.number("spid"), e.number("dpid"), e.number("sig")), (sender, tid(), signal.into()));
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn page_faults_of_programs_and_of_the_kernel() {
    // PPM_PF_*: page not present, write access, from user or kernel mode.
    for (name, flags) in [("page_fault_user", 2 | 4 | 0x10), ("page_fault_kernel", 2 | 4 | 0x20)] {
        let Some(mut engine) = capture(name) else { return };
        // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
        let page = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(std::ptr::null_mut(), 4096, prot, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        assert_ne!(page, libc::MAP_FAILED);
        // SAFETY: the page is mapped writable and larger than the values.
        unsafe {
            match name {
                "page_fault_user" => page.cast::<u64>().write_volatile(1),
                _ => assert_eq!(libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, page.cast()), 0),
            }
        }
        let e = one(&mut engine, |e| e.tid == tid() && e.number("addr") == page as i64);
        // SAFETY: the mapping was made above and is not used any more.
        unsafe { libc::munmap(page, 4096) };
        assert_eq!((e.ty, e.number("error")), (EventType::PAGE_FAULT_E, flags));
        // Kernel addresses have the highest bit set.
        assert_eq!(e.number("ip") < 0, name == "page_fault_kernel", "{:x}", e.number("ip"));
        assert_ne!(e.number("ip"), 0);
    }
}
