//! The enums of this API as arguments and members that C fills in: it may pass any number, which a Rust enum must not hold. The headers name the enums.

use std::ffi::{c_int, c_uint};

/// A `scap_setting`.
pub type scap_setting = c_uint;
/// A `scap_print_evt_info`.
pub type scap_print_evt_info = c_uint;
/// A `compression_mode`.
pub type compression_mode = c_uint;
/// A `scap_fd_type`.
pub type scap_fd_type = c_int;
