//! One thread, and what is known of its process.

use std::cell::Cell;

/// A thread.
///
/// The public scalars come first and in this order, which C++ sees as data members of `sinsp_threadinfo`: append only. They are
/// cells because C++ may write them while Rust looks.
#[derive(Debug)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Thread {
    pub tid: Cell<i64>,
    pub pid: Cell<i64>,
    pub ptid: Cell<i64>,
    pub reaper_tid: Cell<i64>,
    pub sid: Cell<i64>,
    pub vtid: Cell<i64>,
    pub vpid: Cell<i64>,
    pub vpgid: Cell<i64>,
    pub pgid: Cell<i64>,
    pub fdlimit: Cell<i64>,
    pub flags: Cell<u32>,
    pub uid: Cell<u32>,
    pub gid: Cell<u32>,
    pub loginuid: Cell<u32>,
    pub tty: Cell<u32>,
    pub vmsize_kb: Cell<u32>,
    pub vmrss_kb: Cell<u32>,
    pub vmswap_kb: Cell<u32>,
    pub pfmajor: Cell<u64>,
    pub pfminor: Cell<u64>,
    pub cap_permitted: Cell<u64>,
    pub cap_effective: Cell<u64>,
    pub cap_inheritable: Cell<u64>,
    pub exe_ino: Cell<u64>,
    pub exe_ino_ctime: Cell<u64>,
    pub exe_ino_mtime: Cell<u64>,
    pub exe_ino_ctime_duration_clone_ts: Cell<u64>,
    pub exe_ino_ctime_duration_pidns_start: Cell<u64>,
    pub pidns_init_start_ts: Cell<u64>,
    pub clone_ts: Cell<u64>,
    pub lastexec_ts: Cell<u64>,
    pub lastevent_ts: Cell<u64>,
    pub prevevent_ts: Cell<u64>,
    pub lastaccess_ts: Cell<u64>,
    pub lastevent_fd: Cell<i64>,
    pub not_expired_children: Cell<u64>,
    pub exe_writable: Cell<bool>,
    pub exe_upper_layer: Cell<bool>,
    pub exe_lower_layer: Cell<bool>,
    pub exe_from_memfd: Cell<bool>,
    pub filtered_out: Cell<bool>,
    // From here on the layout is Rust's own business.
    pub comm: Vec<u8>,
    pub exe: Vec<u8>,
    pub exepath: Vec<u8>,
    pub args: Vec<Vec<u8>>,
    pub env: Vec<Vec<u8>>,
    pub cgroups: Vec<(Vec<u8>, Vec<u8>)>,
    pub cwd: Vec<u8>,
    pub root: Vec<u8>,
}
