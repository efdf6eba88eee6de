//! Who is told of the threads, fds, users and interfaces that exist already.

/// Who is told.
pub struct scap_platform {}
