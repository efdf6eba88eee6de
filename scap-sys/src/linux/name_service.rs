//! Users and groups of this machine by the system's name service (nsswitch.conf(5)), which has more than the files, and can take long.

use crate::{GroupInfo, UserInfo};
use std::ffi::{CStr, c_char};

/// The most bytes of an entry: a group can have thousands of members.
const LIMIT: usize = 1 << 20;

/// The user `uid`; `None` if the name service does not know it, or fails.
pub fn user(uid: u32) -> Option<UserInfo> {
    entry(|buffer| {
        // SAFETY: numbers and null pointers are all zeros.
        let mut found = unsafe { std::mem::zeroed::<libc::passwd>() };
        let mut result = std::ptr::null_mut();
        // SAFETY: all are locals, and the buffer has the length that is passed.
        let code = unsafe { libc::getpwuid_r(uid, &mut found, buffer.as_mut_ptr(), buffer.len(), &mut result) };
        let known = (code == 0 && !result.is_null()).then(|| {
            // SAFETY: the texts of an entry are in the buffer, which lives until they are copied.
            let [name, homedir, shell] =
                [found.pw_name, found.pw_dir, found.pw_shell].map(|text| unsafe { copy(text) });
            UserInfo { uid, gid: found.pw_gid, name, homedir, shell }
        });
        (code, known)
    })
}

/// The group `gid`; `None` if the name service does not know it, or fails.
pub fn group(gid: u32) -> Option<GroupInfo> {
    entry(|buffer| {
        // SAFETY: numbers and null pointers are all zeros.
        let mut found = unsafe { std::mem::zeroed::<libc::group>() };
        let mut result = std::ptr::null_mut();
        // SAFETY: all are locals, and the buffer has the length that is passed.
        let code = unsafe { libc::getgrgid_r(gid, &mut found, buffer.as_mut_ptr(), buffer.len(), &mut result) };
        // SAFETY: the text of an entry is in the buffer, which lives until it is copied.
        let known = (code == 0 && !result.is_null()).then(|| GroupInfo { gid, name: unsafe { copy(found.gr_name) } });
        (code, known)
    })
}

/// Calls `ask`, which returns the error number, with a larger buffer each time that it needs one.
fn entry<T>(mut ask: impl FnMut(&mut [c_char]) -> (i32, Option<T>)) -> Option<T> {
    let mut buffer = vec![0; 4096];
    loop {
        match ask(&mut buffer) {
            (libc::ERANGE, _) if buffer.len() < LIMIT => buffer.resize(buffer.len() * 4, 0),
            (_, found) => return found,
        }
    }
}

/// # Safety
/// `text` must be null or end with a NUL.
unsafe fn copy(text: *const c_char) -> Vec<u8> {
    // SAFETY: by `# Safety`, a text that is not null ends with a NUL.
    if text.is_null() { Vec::new() } else { unsafe { CStr::from_ptr(text) }.to_bytes().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known_and_others_are_not() {
        let root = user(0).unwrap();
        assert_eq!((root.uid, root.gid, &*root.name), (0, 0, &b"root"[..]));
        assert!(root.homedir.starts_with(b"/"));
        assert_eq!(group(0).unwrap().name, b"root");
        assert!(user(4_000_000_001).is_none() && group(4_000_000_001).is_none());
    }

    #[test]
    fn the_buffer_grows_to_its_limit() {
        let mut sizes = Vec::new();
        let found = entry(|buffer| {
            sizes.push(buffer.len());
            (libc::ERANGE, None::<()>)
        });
        assert!(found.is_none());
        assert_eq!((sizes.first(), sizes.last()), (Some(&4096), Some(&LIMIT)));
    }
}
