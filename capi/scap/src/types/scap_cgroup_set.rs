//! The cgroups of a thread.

use crate::types::scap_limits::SCAP_MAX_CGROUPS_SIZE;
use capi_common::copy;
use std::ffi::{c_char, c_int};

/// Strings of the form `controller=path` one after the other, each ended by a NUL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_cgroup_set {
    /// How many bytes of `path` are in use.
    pub len: c_int,
    /// The strings.
    pub path: [c_char; SCAP_MAX_CGROUPS_SIZE],
}

impl scap_cgroup_set {
    /// Adds a string, given in parts, if there is room; answers whether there was.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) -> bool {
        let mut at = usize::try_from(self.len).unwrap_or(0);
        let len: usize = parts.iter().map(|part| part.len()).sum();
        if self.path.len().checked_sub(at).is_none_or(|room| room <= len) {
            return false;
        }
        for part in parts {
            at += copy(&mut self.path[at..], part);
        }
        self.len = (at + 1) as c_int;
        true
    }

    /// The strings; the length may lie.
    pub(crate) fn strings(&self) -> impl Iterator<Item = &[c_char]> {
        let len = usize::try_from(self.len).unwrap_or(0).min(self.path.len());
        self.path[..len].split(|&c| c == 0).filter(|s| !s.is_empty())
    }
}
