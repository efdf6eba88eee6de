//! The versions of the library, and whether those of a driver match it.

use crate::types::engine::{scap_engine_handle, scap_vtable};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use capi_common::{LIBRARY_VERSION, REFERENCE_VERSION, write_error};
use std::ffi::{c_char, c_ulong};

/// The version of this library, such as `1.0.0`: a constant text. Programs linked to an earlier version with the same first number run with it.
#[unsafe(no_mangle)]
pub extern "C" fn scap_library_version() -> *const c_char {
    LIBRARY_VERSION.as_ptr()
}

/// The version of falcosecurity/libs whose interface this library has, `0.25.4`: a constant text.
#[unsafe(no_mangle)]
pub extern "C" fn scap_reference_version() -> *const c_char {
    REFERENCE_VERSION.as_ptr()
}

/// Major, minor and patch number of a packed version (`PPM_API_VERSION`).
fn parts(version: u64) -> [u32; 3] {
    [(version >> 44) as u32 & 0x7ffff, (version >> 24) as u32 & 0xfffff, version as u32 & 0xffffff]
}

/// Returns whether a version has the required major number and is not older than required.
#[unsafe(no_mangle)]
pub extern "C" fn scap_apply_semver_check(
    current_major: u32,
    current_minor: u32,
    current_patch: u32,
    required_major: u32,
    required_minor: u32,
    required_patch: u32,
) -> bool {
    current_major == required_major && (current_minor, current_patch) >= (required_minor, required_patch)
}

/// The same for packed versions (`PPM_API_VERSION`).
#[unsafe(no_mangle)]
pub extern "C" fn scap_is_api_compatible(driver_api_version: c_ulong, required_api_version: c_ulong) -> bool {
    let ([a, b, c], [x, y, z]) = (parts(driver_api_version), parts(required_api_version));
    scap_apply_semver_check(a, b, c, x, y, z)
}

/// Checks the versions of an engine's driver: on `SCAP_FAILURE`, `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes both versions.
///
/// # Safety
/// `vtable` is null or valid; `engine` is an open object of it; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn check_api_compatibility(
    vtable: *const scap_vtable,
    engine: scap_engine_handle,
    error: *mut c_char,
) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    let Some(vtable) = (unsafe { vtable.as_ref() }) else { return SCAP_SUCCESS };
    let checks = [("API", vtable.get_api_version, [10, 0, 0]), ("schema", vtable.get_schema_version, [4, 3, 0])];
    for (what, get, [x, y, z]) in checks {
        let Some(get) = get else { continue };
        // SAFETY: the object is an open one of this vtable (# Safety).
        let [a, b, c] = parts(unsafe { get(engine) });
        if !scap_apply_semver_check(a, b, c, x, y, z) {
            let text = format!(
                "Minimum {what} version supported by scap: {x}.{y}.{z}, but the running driver uses {a}.{b}.{c}"
            );
            // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
            unsafe { write_error(error, text) };
            return SCAP_FAILURE;
        }
    }
    SCAP_SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let pack = |major: u64, minor: u64, patch: u64| major << 44 | minor << 24 | patch;
        assert_eq!(parts(pack(10, 1, 7)), [10, 1, 7]);
        for (driver, fits) in [((10, 1, 0), true), ((10, 0, 9), false), ((11, 1, 0), false), ((10, 2, 0), true)] {
            assert_eq!(scap_is_api_compatible(pack(driver.0, driver.1, driver.2), pack(10, 1, 0)), fits, "{driver:?}");
        }
    }
}
