//! The names of the environment variables that the library reads. Both can be set when the library is built: a consumer that runs in a
//! container may want a name of its own.

/// Where the host's root directory is mounted: `HOST_ROOT`, or what `SCAP_HOST_ROOT_ENV_VAR_NAME` is at build time.
pub const HOST_ROOT: &str = name(option_env!("SCAP_HOST_ROOT_ENV_VAR_NAME"), "HOST_ROOT");

/// The machine's name: `SCAP_HOSTNAME`, or what `SCAP_HOSTNAME_ENV_VAR` is at build time.
pub const HOSTNAME: &str = name(option_env!("SCAP_HOSTNAME_ENV_VAR"), "SCAP_HOSTNAME");

const fn name(configured: Option<&'static str>, usual: &'static str) -> &'static str {
    match configured {
        Some(name) if !name.is_empty() => name,
        _ => usual,
    }
}
