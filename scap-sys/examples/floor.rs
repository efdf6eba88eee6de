//! Prints what the least that a probe can do adds to a system call of the running kernel, in nanoseconds of CPU time (`getppid`, the lowest of
//! some rounds):
//!
//! - `empty`: a program at `sys_exit` that returns at once;
//! - `record`: one that reserves a record of 40 bytes, which the event of a call without data has, fills it and submits it.
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
/// `BPF_FUNC_ringbuf_reserve` and `BPF_FUNC_ringbuf_submit`.
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

/// The program that makes a record in the ring `map`.
fn record(map: i32) -> Vec<bpf_insn> {
    // A load of 64 bits, whose constant is a map (`BPF_PSEUDO_MAP_FD`), takes two instructions.
    let mut program = vec![op(0x18, 1, 1, 0, map), op(0, 0, 0, 0, 0), set(2, RECORD), set(3, 0), call(RESERVE)];
    let words = RECORD / 8;
    // Without a record: past the stores and the submission.
    program.push(op(0x15, 0, 0, (words + 4) as i16, 0));
    program.push(set(1, 0));
    program.extend((0..words).map(|word| op(0x7b, 0, 1, (8 * word) as i16, 0)));
    program.extend([copy(1, 0), set(2, NO_WAKEUP), call(SUBMIT)]);
    program.extend([set(0, 0), exit()]);
    program
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
    println!("empty={:.1}", added(&load(c"empty", &[set(0, 0), exit()])?, without)?);
    // SAFETY: the name ends with a NUL; no options are passed.
    let ring = owned(unsafe {
        sys::bpf_map_create(sys::BPF_MAP_TYPE_RINGBUF, c"ring".as_ptr(), 0, 0, RING, std::ptr::null())
    })?;
    let program = load(c"record", &record(ring.as_raw_fd()))?;
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
        let cost = added(&program, without);
        done.store(true, Ordering::Relaxed);
        println!("record={:.1}", cost?);
        Ok::<(), io::Error>(())
    })?;
    Ok(())
}
