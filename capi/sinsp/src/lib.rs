//! libsinsp's C ABI, on which the C++ facade in `include/falcosecurity/libsinsp` is built.
//!
//! Rules that hold for every function:
//!
//! - **Ownership.** What a `*_new`, `*_open`, `*_parse` or `*_compile` function answers is owned by the caller, who ends it with the
//!   `*_free` function of its type, once. Everything else that is answered is borrowed: the bytes of an event until the next call of
//!   `sinsp_inspector_next`, `_open_*`, `_close` or `_free` on its inspector; a text until the next call on the same operating-system
//!   thread that answers a text, unless its function says otherwise.
//! - **Numbers.** Threads and thread groups are named by numbers, a file by its thread and its fd. A number may be kept: once what it
//!   named is gone, it finds nothing. It is only of use with the inspector that it came from.
//! - **Objects.** A program that called `sinsp_inspector_set_stores` has the data of threads and files in objects of its own from the
//!   moment that it asks for one. The library reads and writes them by the program's functions, on the operating-system thread that
//!   is in the inspector, and gives each up once, by `release`.
//! - **Counts.** An inspector lives until the last reference to it is given back by `sinsp_inspector_free`. An entry of a table that is held is
//!   such a reference: see `sinsp_inspector_table` for what is valid for how long.
//! - **Programs.** A filter, a formatter or a field is of one inspector. Asked about an event of another it answers an error. It may
//!   outlive the inspector, and can then only be ended.
//! - **Threads.** An inspector, with the threads, files, events, programs, formatters and dumps that belong to it, is used by one
//!   operating-system thread at a time: a second one waits for one that reads, and is refused with an error while one is in
//!   `next`, `open` or `close`. Statistics (`sinsp_inspector_stats`, `_state_stats`) and `sinsp_inspector_push_async_event` are free for any
//!   thread at any time. Different inspectors do not know of each other.
//! - **Callbacks** of `next`, `open` and `close` may read the inspector that calls them, run filters and formatters, and change its
//!   tables and options; visitors may read it, and those of threads and files change it too. `next`, `open`, `close` and the functions that
//!   change who is called are refused with an error that names them.
//! - **Errors.** A fallible function answers `SINSP_SUCCESS` or another status (or a null handle) and, where `error` is not null,
//!   leaves an owned `sinsp_error` there with the message. Null handles and impossible arguments are errors, not crashes. A
//!   function without an `error` answers what stands for nothing. No panic leaves the library.
//! - **Growth.** Structs and tables of functions that may grow begin with their size, or come with it (`docs/abi.md`).
//! - **Texts** are bytes with a length, which need not be UTF-8.
#![allow(non_camel_case_types)]

pub mod event;
pub mod ffi;
pub mod filter;
pub mod inspector;
pub mod logger;
pub mod plugin;
pub mod state;
pub mod table;
pub mod text;
