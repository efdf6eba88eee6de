//! The names by which the library finds its surroundings: environment variables, the kernel module and its devices. A program that runs in a
//! container may want names of its own, for an inspector or for a whole build.

/// Where the host's root directory is mounted: `HOST_ROOT`, or what `SCAP_HOST_ROOT_ENV_VAR_NAME` is at build time.
pub const HOST_ROOT: &str = name(option_env!("SCAP_HOST_ROOT_ENV_VAR_NAME"), "HOST_ROOT");

/// The machine's name: `SCAP_HOSTNAME`, or what `SCAP_HOSTNAME_ENV_VAR` is at build time.
pub const HOSTNAME: &str = name(option_env!("SCAP_HOSTNAME_ENV_VAR"), "SCAP_HOSTNAME");

/// The kernel module: `scap`, or what `DRIVER_NAME` is at build time.
pub const MODULE: &str = name(option_env!("DRIVER_NAME"), "scap");

/// The kernel module's devices, before the number of the CPU: the name of the module, or what `DRIVER_DEVICE_NAME` is at build time.
pub const DEVICE: &str = name(option_env!("DRIVER_DEVICE_NAME"), MODULE);

/// The names that an inspector uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The environment variable with the directory at which the host's root is mounted.
    pub host_root: String,
    /// The environment variable with the machine's name.
    pub hostname: String,
    /// The name of the kernel module.
    pub module: String,
    /// The name of the kernel module's devices, before the number of the CPU.
    pub device: String,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            host_root: HOST_ROOT.to_owned(),
            hostname: HOSTNAME.to_owned(),
            module: MODULE.to_owned(),
            device: DEVICE.to_owned(),
        }
    }
}

const fn name(configured: Option<&'static str>, usual: &'static str) -> &'static str {
    match configured {
        Some(name) if !name.is_empty() => name,
        _ => usual,
    }
}
