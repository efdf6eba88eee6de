//! The versions that both C libraries report.

use std::ffi::CStr;

/// The version of this release, as in `Cargo.toml`. Its first two numbers are the ABI's.
pub const LIBRARY_VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes())
{
    Ok(text) => text,
    Err(_) => panic!("a version has no NUL"),
};

/// The version of falcosecurity/libs whose C and C++ interfaces this release has, as in `CMakeLists.txt`.
pub const REFERENCE_VERSION: &CStr = c"0.25.4";

/// The first two numbers of `LIBRARY_VERSION`, in the upper and the lower 16 bits.
pub const ABI_VERSION: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16 | number(env!("CARGO_PKG_VERSION_MINOR"));

const fn number(text: &str) -> u32 {
    match u16::from_str_radix(text, 10) {
        Ok(n) => n as u32,
        Err(_) => panic!("cargo makes decimal numbers"),
    }
}
