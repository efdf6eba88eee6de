//! The BPF objects, compiled by the build script, and which of the probe's programs serves what.

use crate::Sc;

/// An ELF object is read in words of eight bytes.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

macro_rules! object {
    ($file:literal) => {{
        const BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), $file));
        static OBJECT: Aligned<{ BYTES.len() }> = Aligned(*include_bytes!(concat!(env!("OUT_DIR"), $file)));
        &OBJECT.0
    }};
}

/// The probe: an ELF object with BTF, aligned to 8 bytes. `driver/bpf/shared.h` describes its maps and globals.
pub static PROBE: &[u8] = object!("/probe.o");

/// The iterators over threads and open files, which not every kernel that takes the probe has: an object as [`PROBE`].
/// `driver/bpf/iterators.h` describes its records.
pub static ITERATORS: &[u8] = object!("/iterators.o");

/// A program that makes the enter event of a system call. It belongs to one of the kernel's functions, or, the first one of a
/// system call, to the tracepoint of all calls.
#[derive(Debug, Clone, Copy)]
pub struct EnterProgram {
    /// The system call.
    pub sc: Sc,
    /// Its native number.
    pub number: i32,
    /// The program's name.
    pub name: &'static str,
    /// The functions of the kernel that make the call, with its registers as their argument. A kernel has the first or
    /// another; none are named where kernels of the architecture do not make calls that way.
    pub functions: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/probe.rs"));
