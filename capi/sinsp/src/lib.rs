//! libsinsp's C ABI, on which the C++ facade in `include/falcosecurity/libsinsp` is built.
//!
//! The rules that hold for every function (ownership, numbers, objects, references, threads, callbacks, errors, growth) are the head
//! text of `include/falcosecurity/libsinsp/capi.h`, which stands in `cbindgen.toml`. What Rust adds to them:
//!
//! - **Panics.** No panic leaves the library: [`ffi`] turns it into an error.
//! - **Pointers.** `# Safety` is the function's contract with its caller, and a SAFETY comment names the clause that it relies on. Unless the
//!   clause says more, it holds on the calling thread until the function returns. *Live*: the library returned the handle, and no thread
//!   frees it before the function returns. *Readable*, *writable*: aligned and initialized, and no other thread writes there
//!   meanwhile; a text is readable for its `len` bytes. *Owned*: live, and freed by this call alone.
//! - **Threads.** A live inspector may be shared by threads: its state is behind the gate (`inspector/gate.rs`), which lets one
//!   operating-system thread at a time in. What is not behind the gate is atomic.
//! - **Callbacks.** A function pointer of the program is called with the context that came with it, on the thread that called the library
//!   (an output of the logger: on any thread). Pointers that the callback gets are valid until it returns.
#![allow(non_camel_case_types)]

pub mod event;
pub mod ffi;
pub mod filter;
pub mod inspector;
pub mod logger;
pub mod metrics;
pub mod plugin;
pub mod resolver;
pub mod state;
pub mod table;
pub mod text;
