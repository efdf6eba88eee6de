//! The names of addresses for programs, beside those that filters look up.

use crate::ffi::{build_text, guard_plain, sinsp_str};
use parking_lot::Mutex;
use sinsp_core::resolver::{self, Name};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A name that a program asked for, and when it last did.
struct Asked {
    name: Arc<Name>,
    last: Instant,
}

struct Kept {
    names: BTreeMap<String, Asked>,
    /// After how long a name that was not asked for is forgotten.
    patience: Duration,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept { names: BTreeMap::new(), patience: Duration::from_secs(3600) });

/// # Safety
/// `address` must be null or have 4 bytes, or 16 if `ipv6`.
unsafe fn address(address: *const u8, ipv6: bool) -> Option<IpAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: by `# Safety`, an address that is not null has that many bytes; arrays of bytes have no alignment.
    Some(unsafe {
        if ipv6 { address.cast::<[u8; 16]>().read().into() } else { address.cast::<[u8; 4]>().read().into() }
    })
}

/// Whether a name has this address, in network order: of 16 bytes if `ipv6`, else of 4. The first call for a name waits for its addresses, one
/// second at most; they are looked up anew from time to time, in the background. Any thread may call this.
///
/// # Safety
/// `name` must be readable, `bytes` null or an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_name_has_address(name: sinsp_str, bytes: *const u8, ipv6: bool) -> bool {
    // SAFETY: by `# Safety`, `name` is readable, and `bytes` null or an address.
    let (name, ip) = unsafe { (String::from_utf8_lossy(name.bytes()), address(bytes, ipv6)) };
    guard_plain(false, || {
        let Some(ip) = ip else { return false };
        let known = KEPT.lock().names.get(&*name).map(|asked| asked.name.clone());
        // Not locked while this waits.
        let found = known.unwrap_or_else(|| Name::new(&name));
        let mut kept = KEPT.lock();
        let (now, patience) = (Instant::now(), kept.patience);
        kept.names.retain(|_, asked| now.duration_since(asked.last) <= patience);
        kept.names.insert(name.into_owned(), Asked { name: found.clone(), last: now });
        drop(kept);
        found.has(ip)
    })
}

/// The first name, of those that filters and `sinsp_name_has_address` look up, that has this address; empty if none has. Valid until the next text
/// on the same operating-system thread.
///
/// # Safety
/// `bytes` must be null or an address: 16 bytes if `ipv6`, else 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_name_of_address(bytes: *const u8, ipv6: bool) -> sinsp_str {
    // SAFETY: by `# Safety`, `bytes` is null or an address.
    let Some(ip) = (unsafe { address(bytes, ipv6) }) else { return sinsp_str::EMPTY };
    build_text(|out| _ = resolver::name_of(ip, |name| out.extend_from_slice(name.as_bytes())))
}

/// How many names `sinsp_name_has_address` keeps.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_names_kept() -> usize {
    KEPT.lock().names.len()
}

/// Forgets the names that `sinsp_name_has_address` keeps; those of filters stay.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_names_forget() {
    guard_plain((), || drop(std::mem::take(&mut KEPT.lock().names)));
}

/// Sets, in nanoseconds, after how long without a question a name is forgotten that `sinsp_name_has_address` keeps, and the first and the longest
/// time after which a name is looked up anew; 0 leaves a value as it is: one hour, 10 and 320 seconds.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_names_set_times(forget: u64, first: u64, longest: u64) {
    let time = |ns: u64| (ns != 0).then(|| Duration::from_nanos(ns));
    guard_plain((), || {
        time(forget).into_iter().for_each(|forget| KEPT.lock().patience = forget);
        resolver::set_intervals(time(first), time(longest));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_program_asks_for_are_kept() {
        let name = sinsp_str::of(b"192.0.2.9");
        let ip = [192u8, 0, 2, 9];
        // SAFETY: literals and locals.
        unsafe {
            assert!(sinsp_name_has_address(name, ip.as_ptr(), false));
            assert!(!sinsp_name_has_address(name, [192u8, 0, 2, 10].as_ptr(), false));
            assert!(!sinsp_name_has_address(name, std::ptr::null(), false));
            assert_eq!(sinsp_name_of_address(ip.as_ptr(), false).bytes(), b"192.0.2.9");
            assert_eq!(sinsp_names_kept(), 1);
            sinsp_names_forget();
            assert_eq!(sinsp_names_kept(), 0);
            assert_eq!(sinsp_name_of_address(ip.as_ptr(), false).bytes(), b"");
        }
    }
}
