//! Bits of [`ThreadScalars::flags`](super::store::ThreadScalars::flags) (`PPM_CL_*`).
#![allow(missing_docs)]

pub const CLONE_FILES: u32 = 1;
pub const CLONE_FS: u32 = 1 << 1;
pub const CLONE_NEWPID: u32 = 1 << 6;
pub const CLONE_PARENT: u32 = 1 << 8;
pub const CLONE_THREAD: u32 = 1 << 13;
/// The exit event of the child's clone call was parsed before that of the parent's.
pub const CLONE_INVERTED: u32 = 1 << 16;
pub const NAME_CHANGED: u32 = 1 << 17;
/// The exit event of the thread was parsed.
pub const CLOSED: u32 = 1 << 18;
/// An event of the thread itself was parsed.
pub const ACTIVE: u32 = 1 << 19;
pub const CLONE_NEWUSER: u32 = 1 << 20;
pub const PIPE_SRC: u32 = 1 << 21;
pub const PIPE_DST: u32 = 1 << 22;
pub const CLONE_VFORK: u32 = 1 << 27;
pub const CHILD_IN_PIDNS: u32 = 1 << 29;
pub const IS_MAIN_THREAD: u32 = 1 << 30;
