//! The data of threads and thread groups in the form that C has for them.

use sinsp_core::state::{GroupData, Thread, ThreadId};
use std::ffi::c_void;

/// The scalars of a thread; `capi/headers` finds them where they are defined.
pub use sinsp_core::state::store::ThreadScalars as sinsp_thread;

/// The number of no thread.
pub const SINSP_NO_THREAD: u64 = 0;

const _: () = assert!(ThreadId::NONE_NUMBER == SINSP_NO_THREAD);

/// The texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_text_id {
    /// Its name.
    SINSP_THREAD_COMM = 0,
    /// `argv[0]`.
    SINSP_THREAD_EXE = 1,
    /// The full path of its executable.
    SINSP_THREAD_EXEPATH = 2,
    /// The root directory.
    SINSP_THREAD_ROOT = 3,
    /// The working directory of its process, with a `/` at its end.
    SINSP_THREAD_CWD = 4,
    /// Its name and arguments, with spaces between them.
    SINSP_THREAD_CMDLINE = 5,
    /// Its arguments, with spaces between them.
    SINSP_THREAD_ARGS_JOINED = 6,
    /// The environment of its process, with spaces between the variables.
    SINSP_THREAD_ENV_JOINED = 7,
}

/// The lists of texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_list_id {
    /// The arguments after `argv[0]`.
    SINSP_THREAD_ARGS = 0,
    /// The environment of its process, `name=value`.
    SINSP_THREAD_ENV = 1,
    /// Its cgroups, `subsystem=path`.
    SINSP_THREAD_CGROUPS = 2,
}

/// The number that C gets for a thread.
pub(crate) fn number_of(thread: Option<&Thread>) -> u64 {
    thread.map_or(SINSP_NO_THREAD, |t| t.id().to_number())
}

/// Called with the number of a thread; false ends the iteration.
pub type sinsp_thread_visitor = Option<unsafe extern "C" fn(context: *mut c_void, id: u64) -> bool>;

/// The number of no group.
pub const SINSP_NO_THREAD_GROUP: u64 = 0;

/// The data of a thread group: append only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_thread_group_info {
    /// The pid of its process.
    pub pid: i64,
    /// How many of its threads have not exited.
    pub alive: u64,
    /// Whether children that lose their parent come to this process.
    pub reaper: bool,
}

impl sinsp_thread_group_info {
    pub(crate) fn of(group: &GroupData) -> sinsp_thread_group_info {
        sinsp_thread_group_info { pid: group.pid, alive: group.alive, reaper: group.reaper }
    }
}

const _: () = assert!(SINSP_NO_THREAD_GROUP == SINSP_NO_THREAD);
