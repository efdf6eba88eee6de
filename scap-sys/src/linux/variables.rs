//! The names that the library reads from its surroundings: environment variables, and the kernel module's device. A program that runs in a
//! container may want names of its own, for an inspector or for a whole build.

/// Where the host's root directory is mounted: `HOST_ROOT`, or what `SCAP_HOST_ROOT_ENV_VAR_NAME` is at build time.
pub const HOST_ROOT: &str = name(option_env!("SCAP_HOST_ROOT_ENV_VAR_NAME"), "HOST_ROOT");

/// The machine's name: `SCAP_HOSTNAME`, or what `SCAP_HOSTNAME_ENV_VAR` is at build time.
pub const HOSTNAME: &str = name(option_env!("SCAP_HOSTNAME_ENV_VAR"), "SCAP_HOSTNAME");

/// The kernel module's device.
pub const DEVICE: &str = "scap";

/// The names that an inspector uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The environment variable with the directory at which the host's root is mounted.
    pub host_root: String,
    /// The environment variable with the machine's name.
    pub hostname: String,
    /// The name of the kernel module's device, without the CPU's number.
    pub device: String,
}

impl Default for Names {
    fn default() -> Names {
        Names { host_root: HOST_ROOT.to_owned(), hostname: HOSTNAME.to_owned(), device: DEVICE.to_owned() }
    }
}

const fn name(configured: Option<&'static str>, usual: &'static str) -> &'static str {
    match configured {
        Some(name) if !name.is_empty() => name,
        _ => usual,
    }
}
