//! The names of environment variables, of the kernel module and of its devices, that an inspector uses.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;

/// The names of `sinsp_inspector_set_name`.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_name {
    /// The environment variable with the directory at which the host's root is mounted; `HOST_ROOT` by default.
    SINSP_NAME_HOST_ROOT_VARIABLE = 0,
    /// The environment variable with the machine's name; `SCAP_HOSTNAME` by default.
    SINSP_NAME_HOSTNAME_VARIABLE = 1,
    /// The kernel module's devices, without the CPU's number; `scap` by default.
    SINSP_NAME_DEVICE = 2,
    /// The kernel module, in `/sys/module`; `scap` by default.
    SINSP_NAME_MODULE = 3,
}

/// Sets one of the names (`sinsp_name`) that the inspector uses, and reads the variables of the host's root and of the machine's name. They take
/// effect at the next open. An empty name, or one with a NUL or `=`, is an error.
///
/// # Safety
/// `inspector` must be null or live, `name` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_name(
    inspector: *mut sinsp_inspector,
    which: u32,
    name: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, and `name` readable.
        let (inspector, bytes) = unsafe { (borrow(inspector, "inspector")?, name.bytes()) };
        let name = std::str::from_utf8(bytes).ok().filter(|name| !name.is_empty() && !name.contains(['\0', '=', '/']));
        let name = name.ok_or_else(|| {
            Failure::illegal(format!(
                "sinsp_inspector_set_name: no name of a variable, device or module: \"{}\"",
                bytes.escape_ascii()
            ))
        })?;
        let mut core = inspector.core_mut()?;
        let mut names = core.names().clone();
        let place = match which {
            w if w == sinsp_name::SINSP_NAME_HOST_ROOT_VARIABLE as u32 => &mut names.host_root,
            w if w == sinsp_name::SINSP_NAME_HOSTNAME_VARIABLE as u32 => &mut names.hostname,
            w if w == sinsp_name::SINSP_NAME_DEVICE as u32 => &mut names.device,
            w if w == sinsp_name::SINSP_NAME_MODULE as u32 => &mut names.module,
            unknown => {
                return Err(Failure::illegal(format!(
                    "sinsp_inspector_set_name: there is no name with the number {unknown}"
                )));
            }
        };
        name.clone_into(place);
        core.set_names(names);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
