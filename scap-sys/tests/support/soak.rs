//! A load that is unkind to a driver, and the check of each event for its form. Shared by the live test and by the example `soak`.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use driver::ParamType;
use scap_sys::Event;
use scap_sys::encode::fixed_size;

/// What is wrong with an event's form; `None` for a good one. A parameter may be empty, whatever its type: the driver could not read it.
pub fn fault(event: &Event<'_>) -> Option<String> {
    let Some(info) = event.info() else { return Some(format!("no event has the type {}", event.ty().0)) };
    let name = info.enum_name;
    if event.nparams() as usize != info.params.len() {
        return Some(format!("{name} has {} parameters instead of {}", event.nparams(), info.params.len()));
    }
    if event.end_of_params() != event.bytes().len() {
        return Some(format!(
            "{name} has {} bytes, its parameters end at {}",
            event.bytes().len(),
            event.end_of_params()
        ));
    }
    for (param, value) in info.params.iter().zip(event.params()) {
        let is_text = matches!(param.ty, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH);
        if value.is_empty() {
            continue;
        }
        if fixed_size(param.ty).is_some_and(|size| size != value.len()) {
            return Some(format!("{name}.{} has {} bytes", param.name, value.len()));
        }
        if is_text && value.iter().position(|&byte| byte == 0) != Some(value.len() - 1) {
            return Some(format!("{name}.{} is no text that ends with its only zero: {value:?}", param.name));
        }
    }
    None
}

/// Threads that make system calls until it is dropped: more than there are CPUs, at different priorities and on changing CPUs.
pub struct Load {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts it.
    pub fn start() -> Load {
        let ends = Arc::new(AtomicBool::new(false));
        let work: [fn(u32); 6] = [short_calls, short_calls, files, pages, messages, programs];
        let threads = work.into_iter().zip(0..).map(|(work, nice)| {
            let ends = ends.clone();
            thread::spawn(move || {
                // SAFETY: `setpriority` takes numbers alone; on Linux, 0 is the calling thread.
                unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) };
                for round in 0.. {
                    if ends.load(Ordering::Relaxed) {
                        break;
                    }
                    move_to(round as usize % thread::available_parallelism().map_or(1, usize::from));
                    work(round);
                }
            })
        });
        let threads = threads.collect();
        Load { ends, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().expect("a thread of the load");
        }
    }
}

/// Moves the thread to a CPU, or leaves it where it is.
fn move_to(cpu: usize) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(cpu);
    let _ = rustix::thread::sched_setaffinity(None, &set);
}

fn short_calls(_: u32) {
    for _ in 0..2000 {
        let _ = rustix::process::getppid();
    }
}

fn files(round: u32) {
    let mut buffer = vec![b'x'; 1 << (round % 17)];
    let below = "a_long_name/".repeat(round as usize % 300);
    let _ = File::open(format!("/tmp/{below}"));
    let (Ok(mut zero), Ok(mut null)) = (File::open("/dev/zero"), File::create("/dev/null")) else { return };
    for _ in 0..8 {
        let _ = zero.read(&mut buffer).and_then(|_| null.write(&buffer));
    }
}

/// Fresh pages of memory, each of which faults; one faults first where the driver reads a path from it.
fn pages(round: u32) {
    let size = (round as usize % 64 + 1) * 64 * 1024;
    std::hint::black_box(vec![1_u8; size]);
    // SAFETY: the mapping is new, at an address that the kernel chooses, and no reference to it exists; its zeros are an empty path.
    unsafe {
        let (access, kind) = (libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let path = libc::mmap(std::ptr::null_mut(), 4096, access, kind, -1, 0);
        if path != libc::MAP_FAILED {
            libc::open(path.cast(), libc::O_RDONLY);
            libc::munmap(path, 4096);
        }
    }
}

fn messages(round: u32) {
    let Ok((one, other)) = UnixDatagram::pair() else { return };
    let mut buffer = vec![0; round as usize % 4096 + 1];
    for _ in 0..16 {
        let _ = one.send(&buffer).and_then(|_| other.recv(&mut buffer));
    }
}

fn programs(round: u32) {
    let long = "argument ".repeat(round as usize % 600);
    let _ = Command::new("/bin/true").args([&long, "", &long]).env("LONG", &long).stdin(Stdio::null()).status();
}
