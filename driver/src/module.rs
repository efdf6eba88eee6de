//! The sources of the kernel module, put together by the build script.

/// Each file: its path in the module's folder, and its text. Those that end in `.in` have names and versions to replace.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/module.rs"));

/// What the names and versions in the sources are.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    /// The name of the module (`DRIVER_NAME`).
    pub name: &'a str,
    /// The name of its devices before the number of the CPU (`DRIVER_DEVICE_NAME`).
    pub device: &'a str,
    /// The name of the package for dkms (`DRIVER_PACKAGE_NAME`).
    pub package: &'a str,
    /// The version of the module (`DRIVER_VERSION`).
    pub version: &'a str,
    /// The commit that it was built from (`GIT_COMMIT`).
    pub commit: &'a str,
}

/// The files as they are in a package, with the names and versions still to replace: path and text.
pub fn templates() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// The files of a folder in which `make` builds the module: path and text.
pub fn files(names: &Names) -> Vec<(&'static str, String)> {
    let replace = |text: &str| {
        text.replace("@DRIVER_NAME@", names.name)
            .replace("@DRIVER_DEVICE_NAME@", names.device)
            .replace("@DRIVER_PACKAGE_NAME@", names.package)
            .replace("@DRIVER_VERSION@", names.version)
            .replace("@GIT_COMMIT@", names.commit)
    };
    FILES
        .iter()
        .map(|(path, text)| match path.strip_suffix(".in") {
            Some(path) => (path, replace(text)),
            None => (*path, text.to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_complete_and_have_their_names() {
        let names = Names { name: "falco", device: "probe", package: "falco-driver", version: "1.2.3", commit: "abc" };
        let files = files(&names);
        let text = |path: &str| {
            let found = files.iter().find(|f| f.0 == path);
            found.unwrap_or_else(|| panic!("there is no {path}")).1.as_str()
        };
        assert!(text("Makefile").contains("obj-m += falco.o\nfalco-y := "));
        assert!(text("dkms.conf").contains("PACKAGE_NAME=\"falco-driver\"\nPACKAGE_VERSION=\"1.2.3\""));
        assert!(text("driver_config.h").contains("#define DRIVER_DEVICE_NAME \"probe\""));
        assert!(text("programs.h").contains("PROGRAM(x_syscall_read, sys_exit)"));
        assert!(text("exit_programs.h").contains("EXIT_PROGRAM("));
        assert!(text("configure/SANITY.c").contains("MODULE_LICENSE"));
        for (path, text) in &files {
            assert!(!text.contains("@DRIVER_") && !text.contains("@GIT_"), "{path}");
            // What a file includes by quotes is in the folder.
            for name in text.lines().filter_map(|l| l.strip_prefix("#include \"")?.strip_suffix('"')) {
                assert!(files.iter().any(|f| f.0 == name), "{path} includes {name}");
            }
        }
    }
}
