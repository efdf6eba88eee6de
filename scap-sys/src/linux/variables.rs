//! The names that the library reads from its surroundings: environment variables, and the kernel module's device. A program that runs in a
//! container may want names of its own, for an inspector or for a whole build.

use std::path::PathBuf;

/// Where the host's root directory is mounted: `HOST_ROOT`, or what `SCAP_HOST_ROOT_ENV_VAR_NAME` is at build time.
pub const HOST_ROOT: &str = name(option_env!("SCAP_HOST_ROOT_ENV_VAR_NAME"), "HOST_ROOT");

/// The machine's name: `SCAP_HOSTNAME`, or what `SCAP_HOSTNAME_ENV_VAR` is at build time.
pub const HOSTNAME: &str = name(option_env!("SCAP_HOSTNAME_ENV_VAR"), "SCAP_HOSTNAME");

/// The file with the memory use of the program's cgroup.
pub const CGROUP_MEMORY: &str = "AGENT_CGROUP_MEM_PATH";

/// The file that is read without such a variable: the first version of cgroups.
const CGROUP_MEMORY_FILE: &str = "/sys/fs/cgroup/memory/memory.usage_in_bytes";

/// The kernel module's device.
pub const DEVICE: &str = "scap";

/// The names that an inspector uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The environment variable with the directory at which the host's root is mounted.
    pub host_root: String,
    /// The environment variable with the machine's name.
    pub hostname: String,
    /// The environment variable with the file of the memory use of the program's cgroup.
    pub cgroup_memory: String,
    /// The name of the kernel module's device, without the CPU's number.
    pub device: String,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            host_root: HOST_ROOT.to_owned(),
            hostname: HOSTNAME.to_owned(),
            cgroup_memory: CGROUP_MEMORY.to_owned(),
            device: DEVICE.to_owned(),
        }
    }
}

impl Names {
    /// The file with the memory use of the program's cgroup. A path that leads upwards, or none, is not taken from the environment.
    pub fn cgroup_memory_file(&self) -> PathBuf {
        let path = std::env::var_os(&self.cgroup_memory).map(PathBuf::from);
        let climbs = |path: &PathBuf| path.components().any(|part| part == std::path::Component::ParentDir);
        path.filter(|path| !path.as_os_str().is_empty() && !climbs(path))
            .unwrap_or_else(|| PathBuf::from(CGROUP_MEMORY_FILE))
    }
}

const fn name(configured: Option<&'static str>, usual: &'static str) -> &'static str {
    match configured {
        Some(name) if !name.is_empty() => name,
        _ => usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_the_file_of_the_cgroup() {
        // A variable that every process has, so that the test need not set one.
        let names = Names { cgroup_memory: "PATH".to_owned(), ..Names::default() };
        assert_eq!(names.cgroup_memory_file(), PathBuf::from(std::env::var_os("PATH").unwrap()));
        let names = Names { cgroup_memory: "NO_SUCH_VARIABLE".to_owned(), ..Names::default() };
        assert_eq!(names.cgroup_memory_file(), PathBuf::from(CGROUP_MEMORY_FILE));
    }
}
