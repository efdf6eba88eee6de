//! Shared code of the live tests.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use driver::{EventType, Sc};
use scap_sys::Error;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::kmod::{KmodEngine, KmodOptions};
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::linux::Names;
use scap_sys::number;

/// The engine under test.
pub type Live = Box<dyn Engine>;

/// Whether the tests run on the kernel module (`SCAP_TEST_ENGINE=kmod`), not on the BPF probe.
pub fn on_kmod() -> bool {
    std::env::var_os("SCAP_TEST_ENGINE").is_some_and(|name| name == "kmod")
}

/// Reports that a test did not run, and why.
pub fn skipped(reason: &str) {
    eprintln!("SKIPPED: {reason}");
}

/// Opens the BPF engine. Returns `None` and reports a skip if the machine does not allow it (no privileges, no BTF), or if the tests run on the
/// kernel module; any other error fails the test.
pub fn open_bpf(options: &BpfOptions) -> Option<BpfEngine> {
    if on_kmod() {
        skipped("the kernel module has nothing of this");
        return None;
    }
    match BpfEngine::open(options) {
        Ok(engine) => Some(engine),
        Err(e @ Error::NotSupported(_)) => {
            skipped(&e.to_string());
            None
        }
        Err(Error::Io { what, source }) if source.kind() == ErrorKind::PermissionDenied => {
            skipped(&format!("{what}: {source}"));
            None
        }
        Err(e) => panic!("{e}"),
    }
}

/// Opens the engine under test, as [`open_bpf`] does. The module has no rings of less than four pages.
pub fn open(options: &BpfOptions) -> Option<Live> {
    if !on_kmod() || options.cpus_per_buffer != 1 {
        return Some(Box::new(open_bpf(options)?));
    }
    let least = 4 * rustix::param::page_size();
    let options =
        KmodOptions { buffer_bytes: options.buffer_bytes.max(least), interesting: options.interesting.clone() };
    Some(Box::new(KmodEngine::open(&options, &Names::default()).unwrap_or_else(|e| panic!("{e}"))))
}

/// The codes of system calls and tracepoints with these names.
pub fn codes(names: &[&str]) -> Vec<Sc> {
    let find = |name: &&str| {
        let found = driver::SCS.iter().find(|i| i.name == Some(*name));
        found.unwrap_or_else(|| panic!("no system call {name}")).sc
    };
    names.iter().map(find).collect()
}

/// A copy of an event.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Nanoseconds since the Unix epoch.
    pub ts: u64,
    pub tid: i64,
    pub ty: EventType,
    pub cpu: u16,
    pub params: Vec<Vec<u8>>,
}

impl Kept {
    /// The parameter with this name.
    pub fn param(&self, name: &str) -> &[u8] {
        let info = self.ty.info().expect("a known event");
        let i = info.param_index(name).unwrap_or_else(|| panic!("{} has no parameter {name}", info.enum_name));
        &self.params[i]
    }

    /// The number in the parameter with this name, of any size.
    pub fn number(&self, name: &str) -> i64 {
        let bytes = self.param(name);
        let unused = 64 - 8 * bytes.len() as u32;
        number::unsigned(bytes).map_or(0, |n| (n << unused) as i64 >> unused)
    }
}

/// Reads events until `done` returns true, or until there was none for ten seconds. An emulated machine may be slow, so all of it may take two minutes.
pub fn read_until(engine: &mut Live, mut done: impl FnMut(&[Kept]) -> bool) -> Vec<Kept> {
    let start = Instant::now();
    let mut last = start;
    let mut all = Vec::new();
    while !done(&all) && last.elapsed() < Duration::from_secs(10) && start.elapsed() < Duration::from_secs(120) {
        match engine.next().unwrap() {
            Status::Event => {
                all.push(keep(engine));
                last = Instant::now();
            }
            Status::Timeout => {}
            other => panic!("{other:?} from a live engine"),
        }
    }
    all
}

/// Reads events until there is none.
pub fn drain(engine: &mut Live) -> Vec<Kept> {
    let mut all = Vec::new();
    while engine.next().unwrap() == Status::Event {
        all.push(keep(engine));
    }
    all
}

pub fn keep(engine: &Live) -> Kept {
    let e = engine.event();
    Kept { ts: e.ts(), tid: e.tid(), ty: e.ty(), cpu: e.cpu(), params: e.params().map(<[u8]>::to_vec).collect() }
}

/// A path that no other test uses.
pub fn unused_path(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("scap-live-{name}-{}", std::process::id()))
}

/// The CPUs that this process may run on.
pub fn allowed_cpus() -> Vec<usize> {
    let set = rustix::thread::sched_getaffinity(None).unwrap();
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect()
}

/// Keeps the current thread on one CPU.
pub fn run_on(cpu: usize) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(cpu);
    rustix::thread::sched_setaffinity(None, &set).unwrap();
}
