//! How the running kernel is captured, as C says it.

use crate::event::codes;
use crate::ffi::Failure;
use sinsp_core::inspector::BpfOptions;

/// One ring buffer for all CPUs, in `sinsp_modern_bpf_params.cpus_per_buffer`.
pub const SINSP_ALL_CPUS: u16 = u16::MAX;

/// How `sinsp_inspector_open_modern_bpf` captures; all of it zero is the defaults.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_modern_bpf_params {
    /// The size of each ring buffer, in bytes; 0 for the default.
    pub buffer_bytes: u64,
    /// How many CPUs share a ring buffer; 0: each has its own; `SINSP_ALL_CPUS`: all share one.
    pub cpus_per_buffer: u16,
    /// Whether CPUs that are not online get a ring buffer, too.
    pub offline_too: bool,
    /// Whether the initial scan reads /proc only, without BPF iterators.
    pub no_iterators: bool,
    /// The system calls to capture: byte `i` is 1 to capture the code `i`, else 0; null for all.
    pub scs: *const u8,
    /// How many bytes `scs` has.
    pub scs_len: usize,
}

impl sinsp_modern_bpf_params {
    /// The same for the engine.
    ///
    /// # Safety
    /// `scs` must be null or have so many bytes.
    pub(crate) unsafe fn options(&self) -> Result<BpfOptions, Failure> {
        let mut options = BpfOptions { online_cpus_only: !self.offline_too, ..BpfOptions::default() };
        match self.cpus_per_buffer {
            0 => {}
            SINSP_ALL_CPUS => options.cpus_per_buffer = 0,
            cpus => options.cpus_per_buffer = cpus,
        }
        if let Some(bytes) = codes::ring_bytes(self.buffer_bytes)? {
            options.buffer_bytes = bytes;
        }
        // SAFETY: by `# Safety`, the array is as long as is passed.
        options.interesting = unsafe { codes::read_scs(self.scs, self.scs_len) };
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_the_defaults() {
        let zeros = sinsp_modern_bpf_params {
            buffer_bytes: 0,
            cpus_per_buffer: 0,
            offline_too: false,
            no_iterators: false,
            scs: std::ptr::null(),
            scs_len: 0,
        };
        // SAFETY: there is no array.
        let options = |params: sinsp_modern_bpf_params| unsafe { params.options() }.expect("they make sense");
        let (same, default) = (options(zeros), BpfOptions::default());
        assert_eq!(format!("{same:?}"), format!("{default:?}"));
        let one = options(sinsp_modern_bpf_params { cpus_per_buffer: SINSP_ALL_CPUS, offline_too: true, ..zeros });
        assert_eq!((one.cpus_per_buffer, one.online_cpus_only), (0, false));
        assert_eq!(options(sinsp_modern_bpf_params { cpus_per_buffer: 2, ..zeros }).cpus_per_buffer, 2);
    }
}
