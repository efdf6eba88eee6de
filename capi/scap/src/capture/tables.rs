//! System calls and the events that they make.

use crate::types::ppm::{PPM_EVENT_MAX, PPM_SC_MAX, ppm_sc_code};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use capi_common::bytes;
use driver::{SCS, Sc};
use std::ffi::{CStr, c_char, c_int};

/// The names with their NULs one after the other, and where each begins.
static NAMES: (&[u8], [u16; PPM_SC_MAX]) = (&NAMES_TEXT, NAMES_AT);

const NAMES_LEN: usize = {
    let (mut sum, mut i) = (1, 0);
    while i < PPM_SC_MAX {
        sum += match SCS[i].name {
            Some(name) => name.len() + 1,
            None => 0,
        };
        i += 1;
    }
    sum
};

/// Where each name begins in `NAMES_TEXT`; codes that are not in use share the empty name at 0.
const NAMES_AT: [u16; PPM_SC_MAX] = {
    let mut at = [0; PPM_SC_MAX];
    let (mut next, mut i) = (1, 0);
    while i < PPM_SC_MAX {
        if let Some(name) = SCS[i].name {
            at[i] = next as u16;
            next += name.len() + 1;
        }
        i += 1;
    }
    assert!(NAMES_LEN <= u16::MAX as usize);
    at
};

const NAMES_TEXT: [u8; NAMES_LEN] = {
    let mut text = [0; NAMES_LEN];
    let mut i = 0;
    while i < PPM_SC_MAX {
        if let Some(name) = SCS[i].name {
            let mut j = 0;
            while j < name.len() {
                text[NAMES_AT[i] as usize + j] = name.as_bytes()[j];
                j += 1;
            }
        }
        i += 1;
    }
    text
};

/// An array of `N` that C passes in.
///
/// # Safety
/// `p` is null or points to `N` bytes that stay unchanged for `'a`.
unsafe fn set<'a, const N: usize>(p: *const u8) -> Option<&'a [u8; N]> {
    // SAFETY: as the caller promises; bytes need no alignment.
    unsafe { p.cast::<[u8; N]>().as_ref() }
}

/// An array of `N` that C passes in to be filled; it is cleared first.
///
/// # Safety
/// `p` is null or points to `N` bytes that nobody else uses for `'a`.
unsafe fn cleared<'a, const N: usize>(p: *mut u8) -> Option<&'a mut [u8; N]> {
    // SAFETY: as the caller promises; bytes need no alignment.
    let set = unsafe { p.cast::<[u8; N]>().as_mut() }?;
    set.fill(0);
    Some(set)
}

/// Sets in `ppm_sc_array` (`PPM_SC_MAX` bytes) which system calls change what is known of threads and fds.
///
/// # Safety
/// `ppm_sc_array` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_modifies_state_ppm_sc(ppm_sc_array: *mut u8) -> c_int {
    // SAFETY: as the caller promises.
    let Some(out) = (unsafe { cleared::<PPM_SC_MAX>(ppm_sc_array) }) else { return SCAP_FAILURE };
    for (out, sc) in out.iter_mut().zip(&SCS) {
        *out = sc.modifies_state.into();
    }
    SCAP_SUCCESS
}

/// Sets in `events_array` (`PPM_EVENT_MAX` bytes) the events that the system calls set in `ppm_sc_array` (`PPM_SC_MAX` bytes)
/// make.
///
/// # Safety
/// The arrays are null or have these sizes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_events_from_ppm_sc(ppm_sc_array: *const u8, events_array: *mut u8) -> c_int {
    // SAFETY: as the caller promises.
    let (Some(scs), Some(events)) =
        (unsafe { (set::<PPM_SC_MAX>(ppm_sc_array), cleared::<PPM_EVENT_MAX>(events_array)) })
    else {
        return SCAP_FAILURE;
    };
    for (sc, _) in SCS.iter().zip(scs).filter(|(_, set)| **set != 0) {
        sc.events.iter().for_each(|e| events[e.0 as usize] = 1);
    }
    SCAP_SUCCESS
}

/// Sets in `ppm_sc_array` (`PPM_SC_MAX` bytes) the system calls that make an event set in `events_array` (`PPM_EVENT_MAX`
/// bytes).
///
/// # Safety
/// The arrays are null or have these sizes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_ppm_sc_from_events(events_array: *const u8, ppm_sc_array: *mut u8) -> c_int {
    // SAFETY: as the caller promises.
    let (Some(events), Some(scs)) =
        (unsafe { (set::<PPM_EVENT_MAX>(events_array), cleared::<PPM_SC_MAX>(ppm_sc_array)) })
    else {
        return SCAP_FAILURE;
    };
    for (out, sc) in scs.iter_mut().zip(&SCS) {
        *out = sc.events.iter().any(|e| events[e.0 as usize] != 0).into();
    }
    SCAP_SUCCESS
}

/// The code of the system call called `name`; `PPM_SC_UNKNOWN` if there is none.
///
/// # Safety
/// `name` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_ppm_sc_from_name(name: *const c_char) -> ppm_sc_code {
    // SAFETY: as the caller promises.
    let Some(name) = (unsafe { bytes(name) }) else { return 0 };
    SCS.iter().find(|sc| sc.name.is_some_and(|n| n.as_bytes() == name)).map_or(0, |sc| sc.sc.0.into())
}

/// The code of the system call with this number on the architecture that the library is built for; `PPM_SC_UNKNOWN` if there is
/// none.
#[unsafe(no_mangle)]
pub extern "C" fn scap_native_id_to_ppm_sc(native_id: c_int) -> ppm_sc_code {
    SCS.iter().find(|sc| native_id >= 0 && sc.sc.native() == Some(native_id)).map_or(0, |sc| sc.sc.0.into())
}

/// The number of a system call on the architecture that the library is built for; -1 if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn scap_ppm_sc_to_native_id(sc_code: ppm_sc_code) -> c_int {
    u16::try_from(sc_code).ok().and_then(|code| Sc(code).native()).unwrap_or(-1)
}

/// The name of a system call; empty for a code that is not in use, null for one out of range.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_ppm_sc_name(sc: ppm_sc_code) -> *const c_char {
    match NAMES.1.get(sc as usize) {
        Some(&at) => CStr::from_bytes_until_nul(&NAMES.0[at as usize..]).map_or(std::ptr::null(), CStr::as_ptr),
        None => std::ptr::null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(sc: ppm_sc_code) -> &'static [u8] {
        // SAFETY: the names are strings.
        unsafe { bytes(scap_get_ppm_sc_name(sc)) }.expect("a name")
    }

    #[test]
    fn names_and_codes() {
        for sc in &SCS {
            let code = sc.sc.0.into();
            assert_eq!(name(code), sc.name.unwrap_or_default().as_bytes());
            if let Some(n) = sc.name {
                let text = std::ffi::CString::new(n).expect("no NUL");
                // SAFETY: a string.
                assert_eq!(unsafe { scap_ppm_sc_from_name(text.as_ptr()) }, code);
            }
        }
        assert!(scap_get_ppm_sc_name(PPM_SC_MAX as u32).is_null());
        assert_eq!((scap_ppm_sc_to_native_id(0), scap_ppm_sc_to_native_id(u32::MAX)), (-1, -1));
        assert_eq!(scap_native_id_to_ppm_sc(-1), 0);
        // SAFETY: null and the empty string are allowed.
        unsafe {
            assert_eq!(scap_ppm_sc_from_name(std::ptr::null()), 0);
            assert_eq!(scap_ppm_sc_from_name(c"".as_ptr()), 0);
        }
    }

    #[test]
    fn a_number_stands_for_what_drivers_make_of_it_today() {
        let tables = driver::c::EVENT_TABLES_C;
        let row = |sc: &str| tables.lines().find(|l| l.contains(&format!("PPM_SC_{sc}}}"))).expect("a row");
        // The newer of the two events of select is not made any more.
        assert!(row("SELECT").contains("{UF_USED | UF_ALWAYS_DROP, PPME_SYSCALL_SELECT_E, PPME_SYSCALL_SELECT_X,"));
        assert!(row("OPENAT").contains("{UF_USED | UF_NEVER_DROP, PPME_SYSCALL_OPENAT_2_E, PPME_SYSCALL_OPENAT_2_X,"));
        assert!(row("MOUNT").contains("{UF_USED, PPME_SYSCALL_MOUNT_E,"));
        assert!(row("GETPID").contains("{UF_NONE, PPME_GENERIC_E, PPME_GENERIC_E,"));
        for sc in SCS.iter().filter(|sc| sc.sc.native().is_some_and(|n| n >= 0)) {
            let made = sc.events.iter().filter_map(|e| e.info()).filter(|i| i.ty.is_exit());
            let made: Vec<_> = made.filter(|i| !i.flags.has(driver::EventFlags::OLD_VERSION)).collect();
            assert!(made.len() == 1, "{:?} makes {} exit events", sc.name, made.len());
        }
    }

    #[test]
    fn events_and_system_calls() {
        let mut scs = [7; PPM_SC_MAX];
        let mut events = [0; PPM_EVENT_MAX];
        events[driver::EventType::SYSCALL_OPENAT_2_X.0 as usize] = 1;
        // SAFETY: the arrays have the sizes.
        unsafe {
            assert_eq!(scap_get_ppm_sc_from_events(events.as_ptr(), scs.as_mut_ptr()), SCAP_SUCCESS);
            assert_eq!(scs.iter().map(|b| *b as usize).sum::<usize>(), 1);
            assert_eq!(scs[Sc::OPENAT.0 as usize], 1);
            assert_eq!(scap_get_events_from_ppm_sc(scs.as_ptr(), events.as_mut_ptr()), SCAP_SUCCESS);
            assert_eq!(events[driver::EventType::SYSCALL_OPENAT_X.0 as usize], 1);
            assert_eq!(scap_get_modifies_state_ppm_sc(scs.as_mut_ptr()), SCAP_SUCCESS);
            assert_eq!((scs[Sc::OPENAT.0 as usize], scs[Sc::READ.0 as usize]), (1, 0));
            assert_eq!(scap_get_modifies_state_ppm_sc(std::ptr::null_mut()), SCAP_FAILURE);
        }
    }
}
