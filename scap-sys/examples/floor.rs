//! Prints what the least that a probe can do adds to a system call of the running kernel, in nanoseconds of CPU time (`getppid`, the lowest of
//! some rounds):
//!
//! - `empty`: a program at `sys_exit` that returns at once;
//! - `time`: one that reads the clock of the events;
//! - `lookup`: one that looks up an element of a map that has one for each CPU;
//! - `tail`: one that tail-calls another, which returns at once;
//! - `record`: one that reserves a record of 40 bytes, which the event of a call without data has, fills it and submits it.
//!
//! Each but the first contains the first.
//!
//! ```text
//! cargo run --release -p scap-sys --example floor
//! ```

use libbpf_sys::{self as sys, bpf_insn};
use rustix::time::{ClockId, clock_gettime};
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const CALLS: u32 = 1_000_000;
const RING: u32 = 8 << 20;
const RECORD: i32 = 40;
/// `BPF_FUNC_map_lookup_elem`, `BPF_FUNC_tail_call`, `BPF_FUNC_ktime_get_boot_ns`, `BPF_FUNC_ringbuf_reserve` and `BPF_FUNC_ringbuf_submit`.
const LOOKUP: i32 = 1;
const TAIL_CALL: i32 = 12;
const BOOT_NS: i32 = 125;
const RESERVE: i32 = 131;
const SUBMIT: i32 = 132;
/// `BPF_RB_NO_WAKEUP`.
const NO_WAKEUP: i32 = 1;

/// An instruction of BPF (`Documentation/bpf/standardization/instruction-set.rst`): opcode, destination and source register, offset, constant.
fn op(code: u8, dst: u8, src: u8, off: i16, imm: i32) -> bpf_insn {
    let mut insn = bpf_insn { code, off, imm, ..bpf_insn::default() };
    insn.set_dst_reg(dst);
    insn.set_src_reg(src);
    insn
}

/// `register = constant`.
fn set(register: u8, constant: i32) -> bpf_insn {
    op(0xb7, register, 0, 0, constant)
}

/// `register = register`.
fn copy(to: u8, from: u8) -> bpf_insn {
    op(0xbf, to, from, 0, 0)
}

fn call(function: i32) -> bpf_insn {
    op(0x85, 0, 0, 0, function)
}

fn exit() -> bpf_insn {
    op(0x95, 0, 0, 0, 0)
}

/// `register = map`: a load of 64 bits whose constant is a map (`BPF_PSEUDO_MAP_FD`) takes two instructions.
fn map_in(register: u8, map: &OwnedFd) -> [bpf_insn; 2] {
    [op(0x18, register, 1, 0, map.as_raw_fd()), op(0, 0, 0, 0, 0)]
}

fn empty() -> Vec<bpf_insn> {
    vec![set(0, 0), exit()]
}

fn time() -> Vec<bpf_insn> {
    [vec![call(BOOT_NS)], empty()].concat()
}

/// Looks up element 0, whose key is on the stack.
fn lookup(map: &OwnedFd) -> Vec<bpf_insn> {
    let key = [op(0x62, 10, 0, -4, 0), copy(2, 10), op(0x07, 2, 0, 0, -4)];
    [&key[..], &map_in(1, map), &[call(LOOKUP)], &empty()].concat()
}

/// Tail-calls program 0; the first argument is still the program's.
fn tail(programs: &OwnedFd) -> Vec<bpf_insn> {
    [&map_in(2, programs)[..], &[set(3, 0), call(TAIL_CALL)], &empty()].concat()
}

fn record(ring: &OwnedFd) -> Vec<bpf_insn> {
    let words = RECORD / 8;
    let stores = (0..words).map(|word| op(0x7b, 0, 1, (8 * word) as i16, 0));
    let mut program = [&map_in(1, ring)[..], &[set(2, RECORD), set(3, 0), call(RESERVE)]].concat();
    // Without a record: past the stores and the submission.
    program.extend([op(0x15, 0, 0, (words + 4) as i16, 0), set(1, 0)]);
    program.extend(stores.chain([copy(1, 0), set(2, NO_WAKEUP), call(SUBMIT)]));
    [program, empty()].concat()
}

/// The descriptor that a function of libbpf returned, or its error.
fn owned(fd: i32) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(-fd));
    }
    // SAFETY: libbpf returned a new descriptor, which nothing else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn load(name: &CStr, program: &[bpf_insn]) -> io::Result<OwnedFd> {
    // SAFETY: the texts end with a NUL, and the instructions are as many as said; no options are passed.
    owned(unsafe {
        sys::bpf_prog_load(
            sys::BPF_PROG_TYPE_RAW_TRACEPOINT,
            name.as_ptr(),
            c"GPL".as_ptr(),
            program.as_ptr(),
            program.len() as sys::size_t,
            std::ptr::null_mut(),
        )
    })
}

/// A map of one element of four bytes, or a ring.
fn map(name: &CStr, kind: sys::bpf_map_type) -> io::Result<OwnedFd> {
    let (size, entries) = if kind == sys::BPF_MAP_TYPE_RINGBUF { (0, RING) } else { (4, 1) };
    // SAFETY: the name ends with a NUL; no options are passed.
    owned(unsafe { sys::bpf_map_create(kind, name.as_ptr(), size, size, entries, std::ptr::null()) })
}

/// The cost of a call: CPU time of this thread.
fn cost() -> f64 {
    let now = || {
        let t = clock_gettime(ClockId::ThreadCPUTime);
        t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
    };
    let round = || {
        let start = now();
        (0..CALLS).for_each(|_| {
            // SAFETY: getppid(2) takes nothing and changes nothing; the C library's function may not enter the kernel each time.
            unsafe { libc::syscall(libc::SYS_getppid) };
        });
        (now() - start) / f64::from(CALLS)
    };
    std::iter::repeat_with(round).take(7).fold(f64::INFINITY, f64::min)
}

/// What an attached program adds to a call.
fn added(program: &OwnedFd, without: f64) -> io::Result<f64> {
    // SAFETY: the name ends with a NUL, and the program is open.
    let _attached = owned(unsafe { sys::bpf_raw_tracepoint_open(c"sys_exit".as_ptr(), program.as_raw_fd()) })?;
    Ok(cost() - without)
}

/// Maps a page of a ring.
fn page(map: &OwnedFd, access: rustix::mm::ProtFlags, offset: u64) -> io::Result<&AtomicUsize> {
    let size = rustix::param::page_size();
    // SAFETY: a new mapping at an address that the kernel chooses changes no memory; it stays until the process ends. It begins with a position.
    Ok(unsafe {
        let at =
            rustix::mm::mmap(std::ptr::null_mut(), size, access, rustix::mm::MapFlags::SHARED, map.as_fd(), offset)?;
        &*at.cast()
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use rustix::mm::ProtFlags;
    let without = cost();
    let print = |name: &str, program: &OwnedFd| -> io::Result<()> {
        println!("{name}={:.1}", added(program, without)?);
        Ok(())
    };
    let nothing = load(c"empty", &empty())?;
    print("empty", &nothing)?;
    print("time", &load(c"time", &time())?)?;
    print("lookup", &load(c"lookup", &lookup(&map(c"counters", sys::BPF_MAP_TYPE_PERCPU_ARRAY)?))?)?;
    let programs = map(c"programs", sys::BPF_MAP_TYPE_PROG_ARRAY)?;
    let (key, value) = (0u32, nothing.as_raw_fd());
    // SAFETY: key and value have the sizes of the map's.
    let rc = unsafe {
        sys::bpf_map_update_elem(programs.as_raw_fd(), (&raw const key).cast(), (&raw const value).cast(), 0)
    };
    if rc < 0 {
        return Err(io::Error::from_raw_os_error(-rc).into());
    }
    print("tail", &load(c"tail", &tail(&programs))?)?;
    let ring = map(c"ring", sys::BPF_MAP_TYPE_RINGBUF)?;
    let program = load(c"record", &record(&ring))?;
    let consumer = page(&ring, ProtFlags::READ | ProtFlags::WRITE, 0)?;
    let producer = page(&ring, ProtFlags::READ, rustix::param::page_size() as u64)?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Empties the ring without a look at the records, so that there is always room.
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                consumer.store(producer.load(Ordering::Acquire), Ordering::Release);
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        let printed = print("record", &program);
        done.store(true, Ordering::Relaxed);
        printed
    })?;
    Ok(())
}
