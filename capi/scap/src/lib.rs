//! libscap's C API: engines and their raw events, the tables that explain them, and the platform behind them.
//!
//! Each module is the source of the C header of its name, or of a part of `scap.h`; `capi/headers` makes the headers. The
//! types are named as C names them.
//!
//! A capture, a platform, a dumper or a converter's buffer is used by one operating-system thread at a time; different ones do not know
//! of each other. A callback may call functions on what calls it, which answer an error where that is at work, but must not end it.
//!
//! A pointer that is null where it must not be is answered with an error, panics end at the border, and the text of an error is
//! on the handle (`scap_getlasterr`).

#![allow(non_camel_case_types, non_upper_case_globals)]

pub mod capture;
pub mod engine;
pub mod platform;
pub mod pman;
pub mod print;
pub mod savefile;
pub mod types;
