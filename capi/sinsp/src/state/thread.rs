//! Threads as C sees them.
//!
//! C names a thread by a number, which finds nothing once the thread is gone: no address of the core reaches C. The functions return
//! copies, or texts that are borrowed.

use crate::ffi::{build_text, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use crate::state::access::read_thread;
use crate::state::thread_data::{sinsp_thread, sinsp_thread_list_id, sinsp_thread_text_id};
use sinsp_core::state::store::ThreadScalars;
use sinsp_core::state::{List, Thread, ThreadTable};

/// Copies the scalars of a thread to `out`, at most `size` bytes: `sizeof` of the struct in the caller's version. Returns whether the thread is
/// there.
///
/// # Safety
/// `inspector` must be null or live, `out` null or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_get(
    inspector: *const sinsp_inspector,
    id: u64,
    out: *mut sinsp_thread,
    size: usize,
) -> bool {
    if out.is_null() {
        return false;
    }
    let copy = |_: &ThreadTable, t: &Thread| {
        let scalars: &ThreadScalars = t;
        let size = size.min(size_of::<ThreadScalars>());
        // SAFETY: not null, and by `# Safety` writable for `size` bytes; `sinsp_thread` is `ThreadScalars`.
        unsafe { std::ptr::copy_nonoverlapping((&raw const *scalars).cast::<u8>(), out.cast(), size) };
        true
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, false, copy) }
}

/// A text of a thread (`sinsp_thread_text_id`). `COMM`, `EXE`, `EXEPATH`, `ROOT` and `CWD` are borrowed until the thread changes or the inspector
/// goes on, the others until the next text on this operating-system thread. Empty for null and for a thread that is gone.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_text(inspector: *const sinsp_inspector, id: u64, which: u32) -> sinsp_str {
    use sinsp_thread_text_id as Id;
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_COMM as u32 => sinsp_str::of(t.comm()),
        w if w == Id::SINSP_THREAD_EXE as u32 => sinsp_str::of(t.exe()),
        w if w == Id::SINSP_THREAD_EXEPATH as u32 => sinsp_str::of(t.exepath()),
        w if w == Id::SINSP_THREAD_ROOT as u32 => sinsp_str::of(t.root()),
        w if w == Id::SINSP_THREAD_CWD as u32 => sinsp_str::of(threads.cwd(t)),
        w if w == Id::SINSP_THREAD_CMDLINE as u32 => build_text(|out| t.cmdline(out)),
        w if w == Id::SINSP_THREAD_ARGS_JOINED as u32 => build_text(|out| t.args_joined(out)),
        w if w == Id::SINSP_THREAD_ENV_JOINED as u32 => build_text(|out| threads.env(t).join(out)),
        _ => sinsp_str::EMPTY,
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, sinsp_str::EMPTY, read) }
}

/// How many texts a list of a thread (`sinsp_thread_list_id`) has; 0 for null and for a thread that is gone.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list_len(inspector: *const sinsp_inspector, id: u64, which: u32) -> usize {
    use sinsp_thread_list_id as Id;
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_ARGS as u32 => t.args().len(),
        w if w == Id::SINSP_THREAD_ENV as u32 => threads.env(t).len(),
        w if w == Id::SINSP_THREAD_CGROUPS as u32 => t.cgroups().count(),
        _ => 0,
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, 0, read) }
}

/// All texts of a list of a thread, each ended by a NUL; borrowed until the next text on this operating-system thread.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list(inspector: *const sinsp_inspector, id: u64, which: u32) -> sinsp_str {
    use sinsp_thread_list_id as Id;
    let wire = |list: List<'_>| {
        build_text(|out| {
            for text in list.iter() {
                out.extend_from_slice(text);
                out.push(0);
            }
        })
    };
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_ARGS as u32 => wire(t.args()),
        w if w == Id::SINSP_THREAD_ENV as u32 => wire(threads.env(t)),
        w if w == Id::SINSP_THREAD_CGROUPS as u32 => build_text(|out| out.extend_from_slice(t.cgroup_list().as_wire())),
        _ => sinsp_str::EMPTY,
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, sinsp_str::EMPTY, read) }
}

/// The value of an environment variable of a thread's process, borrowed like the environment; empty if there is none.
///
/// # Safety
/// `inspector` must be null or live, `name` readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_env_var(
    inspector: *const sinsp_inspector,
    id: u64,
    name: sinsp_str,
) -> sinsp_str {
    // SAFETY: by `# Safety`, `name` is readable.
    unsafe {
        let name = name.bytes();
        read_thread(inspector, id, sinsp_str::EMPTY, |threads, t| {
            threads.env_var(t, name).map_or(sinsp_str::EMPTY, sinsp_str::of)
        })
    }
}
