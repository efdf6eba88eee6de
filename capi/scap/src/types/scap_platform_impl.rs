//! What a program may read of a platform.

use crate::types::scap_linux_platform::scap_linux_platform;
use crate::types::scap_procs::scap_proclist;
use std::cell::Cell;

/// The first members of every platform. The library allocates platforms: more members may follow.
#[repr(C)]
pub struct PublicPlatform {
    /// What a program's own engine may set.
    pub m_linux: scap_linux_platform,
    /// The callbacks of the platform. `scap_proc_read_thread` with this list passes a thread to where the platform's scans do.
    pub m_proclist: Cell<scap_proclist>,
}
