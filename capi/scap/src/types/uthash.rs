//! The handle of uthash, a hash table in a C header that programs use with the structs of this API.

use std::ffi::{c_uint, c_void};

/// `UT_hash_handle` of uthash 2.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct UT_hash_handle {
    pub tbl: *mut c_void,
    pub prev: *mut c_void,
    pub next: *mut c_void,
    pub hh_prev: *mut UT_hash_handle,
    pub hh_next: *mut UT_hash_handle,
    pub key: *const c_void,
    pub keylen: c_uint,
    pub hashv: c_uint,
}
