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

include!(concat!(env!("OUT_DIR"), "/probe.rs"));
