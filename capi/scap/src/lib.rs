//! libscap's C API: engines and their raw events, the event tables, the platform, and capture files.
//!
//! Each module is the source of the C header of its name, or of a part of `scap.h`; `capi/headers` generates the headers. Types have their
//! C names.
//!
//! One operating-system thread at a time uses a capture, a platform, a dumper or a conversion buffer; different objects are independent. A
//! callback may call functions on the object that calls it, except those that close or free it. A function that needs the object while it
//! is busy fails with an error.
//!
//! A null pointer where none is allowed is an error, panics do not leave a function, and the handle has the text of the last error
//! (`scap_getlasterr`).

#![allow(non_camel_case_types, non_upper_case_globals)]

pub mod capture;
pub mod engine;
pub mod platform;
pub mod pman;
pub mod print;
pub mod savefile;
pub mod types;
