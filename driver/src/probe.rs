//! The BPF objects, compiled by the build script, and the tables of the probe's programs.

use crate::Sc;

/// Aligns an ELF object to 8 bytes, which reading it requires.
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

/// The iterators over threads and open files: a separate object, aligned to 8 bytes, because some kernels load the probe but not the iterators.
/// `driver/bpf/iterators.h` describes its records.
pub static ITERATORS: &[u8] = object!("/iterators.o");

include!(concat!(env!("OUT_DIR"), "/probe.rs"));
