//! The steps of loading, and the single operations of the engine.

use crate::common::{codes, open_bpf};
use driver::EventType;
use scap_sys::Error;
use scap_sys::engine::Engine;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions, Loader};

fn options() -> BpfOptions {
    BpfOptions { buffer_bytes: 1 << 20, ..BpfOptions::default() }
}

/// The types of the events of this thread so far.
fn taken(engine: &mut BpfEngine) -> Vec<EventType> {
    // SAFETY: gettid(2) takes no arguments.
    let tid = i64::from(unsafe { libc::gettid() });
    std::thread::sleep(std::time::Duration::from_millis(20));
    let (rings, mut all) = (engine.rings(), Vec::new());
    // The first time ends where a wait began that an earlier call left.
    for _ in 0..2 {
        while let Some((event, ring)) = engine.take() {
            assert!(ring < rings, "{ring}");
            if event.tid() == tid {
                all.push(event.ty());
            }
        }
    }
    all
}

fn getuid() {
    // SAFETY: getuid(2) takes no arguments.
    unsafe { libc::syscall(libc::SYS_getuid) };
}

#[test]
fn steps_out_of_their_turn() {
    if open_bpf(&options()).is_none() {
        return;
    }
    let mut loader = Loader::open(&options()).unwrap();
    assert!(loader.make_rings().unwrap_err().to_string().contains("not loaded"));
    assert!(loader.fill_maps().unwrap_err().to_string().contains("not loaded"));
    assert!(loader.load().unwrap_err().to_string().contains("not prepared"));
    loader.prepare_maps().unwrap();
    loader.prepare_rings().unwrap();
    loader.load().unwrap();
    assert!(loader.load().is_err(), "twice");
    assert!(loader.prepare_rings().is_err(), "too late");
    loader.fill_maps().unwrap();
    assert!(!loader.is_finished());
    loader.make_rings().unwrap();
    assert!(loader.is_finished());
    assert_eq!(loader.finish().unwrap().rings(), options().rings().unwrap());
    assert!(Loader::open(&options()).unwrap().finish().is_err());
}

#[test]
fn attaching_and_selecting_by_hand() {
    let Some(mut engine) = open_bpf(&options()) else { return };
    getuid();
    assert_eq!(taken(&mut engine), []);
    let number = codes(&["getuid"])[0].native().unwrap() as usize;
    engine.mark(number, true).unwrap();
    getuid();
    assert_eq!(taken(&mut engine), [], "nothing is attached");
    engine.attach(BpfEngine::DISPATCHER).unwrap();
    engine.attach(BpfEngine::DISPATCHER).unwrap();
    getuid();
    assert_eq!(taken(&mut engine), [EventType::SYSCALL_GETUID_X]);
    engine.detach(BpfEngine::DISPATCHER);
    getuid();
    assert_eq!(taken(&mut engine), []);
    assert!(matches!(engine.attach("no_such_tracepoint"), Err(Error::NotSupported(_))));
    assert!(engine.mark(1 << 20, true).is_err());

    let uid = codes(&["getuid"]);
    engine.select(|sc| uid.contains(&sc)).unwrap();
    getuid();
    assert_eq!(taken(&mut engine), [EventType::SYSCALL_GETUID_X]);
    let total = engine.stats().unwrap().n_evts;
    assert!(total >= 2);
    assert_eq!(engine.counts().read_cpus().unwrap().iter().map(|c| c.n_evts).sum::<u64>(), total);
    let programs = engine.counts().read_programs().unwrap();
    assert!(programs.iter().any(|p| p.name == BpfEngine::DISPATCHER), "{programs:?}");
}

#[test]
fn the_entries_of_single_calls() {
    let Some(mut engine) = open_bpf(&options()) else { return };
    // SAFETY: the arguments are invalid, so the calls fail without an access to memory.
    let calls = || unsafe {
        libc::syscall(libc::SYS_openat, -1, 0, 0);
        libc::syscall(libc::SYS_connect, -1, 0, 0);
    };
    for call in codes(&["openat", "connect"]) {
        engine.mark(call.native().unwrap() as usize, true).unwrap();
    }
    for name in ["sys_enter_openat", "sys_enter_connect"] {
        engine.attach(name).unwrap();
    }
    calls();
    assert_eq!(taken(&mut engine), [EventType::SYSCALL_OPENAT_2_E, EventType::SOCKET_CONNECT_E]);
    // The shared dispatcher stays attached for the other call.
    engine.detach("sys_enter_openat");
    calls();
    assert!(taken(&mut engine).contains(&EventType::SOCKET_CONNECT_E));
    engine.detach("sys_enter_connect");
    calls();
    assert_eq!(taken(&mut engine), []);
    assert!(matches!(engine.attach("sys_enter_getuid"), Err(Error::NotSupported(_))));
}
