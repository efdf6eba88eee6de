//! The sizes of fixed buffers.

/// A path, without the NUL.
pub const SCAP_MAX_PATH_SIZE: usize = 1024;
/// The arguments of a process, without a last NUL.
pub const SCAP_MAX_ARGS_SIZE: usize = 4096;
/// The environment of a process, without a last NUL.
pub const SCAP_MAX_ENV_SIZE: usize = 4096;
/// The cgroups of a thread.
pub const SCAP_MAX_CGROUPS_SIZE: usize = 4096;
/// An IPv6 address.
pub const SCAP_IPV6_ADDR_LEN: usize = 16;
