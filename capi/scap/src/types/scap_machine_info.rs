//! The machine that events come from, and the program that captures them.

use std::ffi::c_char;

/// The machine, as it stands in capture files.
#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct _scap_machine_info {
    /// Number of processors; `UINT32_MAX` if the capture does not tell.
    pub num_cpus: u32,
    /// Physical memory.
    pub memory_size_bytes: u64,
    /// The highest pid that the kernel gives out.
    pub max_pid: u64,
    /// The machine's name.
    pub hostname: [c_char; 128],
    /// When it was booted: nanoseconds since the epoch.
    pub boot_ts_epoch: u64,
    /// `PPM_*` flags of the machine and the driver.
    pub flags: u64,
    /// Not in use.
    pub reserved3: u64,
    /// Not in use.
    pub reserved4: u64,
}

/// The machine, as it stands in capture files.
pub type scap_machine_info = _scap_machine_info;

/// The program that captures; never in a capture file.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct _scap_agent_info {
    /// When it was started: nanoseconds since the epoch.
    pub start_ts_epoch: u64,
    /// When it was started: seconds since the boot.
    pub start_time: f64,
    /// The kernel's release, as `uname -r` prints it.
    pub uname_r: [c_char; 128],
}

/// The program that captures; never in a capture file.
pub type scap_agent_info = _scap_agent_info;
