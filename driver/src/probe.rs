//! The BPF probe, compiled by the build script, and which of its programs serves what.

use crate::Sc;

/// An ELF object is read in words of eight bytes.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

static OBJECT: Aligned<{ include_bytes!(concat!(env!("OUT_DIR"), "/probe.o")).len() }> =
    Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/probe.o")));

/// The probe: an ELF object with BTF, aligned to 8 bytes. `driver/bpf/shared.h` describes its maps and globals.
pub static PROBE: &[u8] = &OBJECT.0;

include!(concat!(env!("OUT_DIR"), "/probe.rs"));
