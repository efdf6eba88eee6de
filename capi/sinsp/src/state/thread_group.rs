//! Thread groups as C sees them: the threads that make up a process. C names a group by a number, which finds nothing once the group is
//! gone.

use crate::ffi::{Failure, borrow, entries_of, guard, guard_plain, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::access::{change, visit_all};
use crate::state::thread_data::{SINSP_NO_THREAD_GROUP, number_of, sinsp_thread_group_info, sinsp_thread_visitor};
use sinsp_core::state::{GroupId, ThreadId, ThreadTable};
use std::ffi::c_void;

/// The group of a thread; `SINSP_NO_THREAD_GROUP` if it is in none.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_group(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD_GROUP };
    guard_plain(SINSP_NO_THREAD_GROUP, || {
        let Ok(core) = inspector.core() else { return SINSP_NO_THREAD_GROUP };
        let threads = &core.state().threads;
        let group = threads.pinned(ThreadId::from_number(id)).and_then(|t| threads.group_of(t));
        group.map_or(SINSP_NO_THREAD_GROUP, GroupId::to_number)
    })
}

/// The group of the process `pid`; `SINSP_NO_THREAD_GROUP` if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_group(inspector: *const sinsp_inspector, pid: i64) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD_GROUP };
    guard_plain(SINSP_NO_THREAD_GROUP, || {
        let Ok(core) = inspector.core() else { return SINSP_NO_THREAD_GROUP };
        core.state().threads.group_of_pid(pid).map_or(SINSP_NO_THREAD_GROUP, GroupId::to_number)
    })
}

/// Copies the data of a group to `out`, at most `size` bytes. Returns whether the group is there.
///
/// # Safety
/// `inspector` must be null or live, `out` null or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_group_get(
    inspector: *const sinsp_inspector,
    group: u64,
    out: *mut sinsp_thread_group_info,
    size: usize,
) -> bool {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return false };
    let found = guard_plain(None, || {
        let core = inspector.core().ok()?;
        core.state().threads.group(GroupId::from_number(group)).map(|group| sinsp_thread_group_info::of(group))
    });
    let (Some(found), false) = (found, out.is_null()) else { return false };
    // SAFETY: not null, and by `# Safety` writable for `size` bytes.
    unsafe {
        let size = size.min(size_of::<sinsp_thread_group_info>());
        std::ptr::copy_nonoverlapping((&raw const found).cast::<u8>(), out.cast(), size);
    }
    true
}

/// Sets how many threads of a group count as alive, and whether orphans become its children.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_group_set(
    inspector: *mut sinsp_inspector,
    group: u64,
    alive: u64,
    reaper: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            let group = state.threads.group_mut(GroupId::from_number(group));
            let group = group.ok_or_else(|| Failure::illegal("the thread group is gone"))?;
            (group.alive, group.reaper) = (alive, reaper);
            Ok(())
        })
    }
}

/// Makes a group of `count` threads and stores it under its pid, in place of another; entries that are `SINSP_NO_THREAD` count as gone. The
/// threads themselves are not changed. Returns its number, or `SINSP_NO_THREAD_GROUP` with an error.
///
/// # Safety
/// `inspector` must be null or live, `group` null or readable, `threads` null or readable for `count` numbers, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_thread_group(
    inspector: *mut sinsp_inspector,
    group: *const sinsp_thread_group_info,
    threads: *const u64,
    count: usize,
    error: *mut *mut sinsp_error,
) -> u64 {
    // SAFETY: this `# Safety` includes that of `make`.
    unsafe {
        make(inspector, group, threads, count, error, |table, group, members| {
            Ok(table.replace_group(group.pid, group.reaper, group.alive, members))
        })
    }
}

/// Stores an existing group under `pid`, in place of another.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_name_thread_group(
    inspector: *mut sinsp_inspector,
    pid: i64,
    group: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            let there = state.threads.name_group(pid, GroupId::from_number(group));
            if there { Ok(()) } else { Err(Failure::illegal("the thread group is gone")) }
        })
    }
}

/// Makes a group of `count` threads, as `sinsp_inspector_set_thread_group` does, but stores it under no pid: it becomes the group of `thread`, and
/// exists as long as it is the group of a thread. Returns its number, or `SINSP_NO_THREAD_GROUP` with an error.
///
/// # Safety
/// As `sinsp_inspector_set_thread_group`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_give_group(
    inspector: *mut sinsp_inspector,
    thread: u64,
    group: *const sinsp_thread_group_info,
    threads: *const u64,
    count: usize,
    error: *mut *mut sinsp_error,
) -> u64 {
    // SAFETY: this `# Safety` includes that of `make`.
    unsafe {
        make(inspector, group, threads, count, error, |table, group, members| {
            let made = table.give_group(ThreadId::from_number(thread), group.pid, group.reaper, group.alive, members);
            made.ok_or_else(|| Failure::illegal("the thread is gone"))
        })
    }
}

/// Makes an existing group the group of a thread, or with `SINSP_NO_THREAD_GROUP` none. The members of the groups, and how many of them count
/// as alive, do not change.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_set_group(
    inspector: *mut sinsp_inspector,
    thread: u64,
    group: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let group = (group != SINSP_NO_THREAD_GROUP).then(|| GroupId::from_number(group));
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            let there = state.threads.set_group(ThreadId::from_number(thread), group);
            if there { Ok(()) } else { Err(Failure::illegal("the thread or the thread group is gone")) }
        })
    }
}

/// # Safety
/// As `sinsp_inspector_set_thread_group`.
unsafe fn make(
    inspector: *mut sinsp_inspector,
    group: *const sinsp_thread_group_info,
    threads: *const u64,
    count: usize,
    error: *mut *mut sinsp_error,
    make: impl FnOnce(&mut ThreadTable, &sinsp_thread_group_info, Vec<ThreadId>) -> Result<GroupId, Failure>,
) -> u64 {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `group` is null or readable.
        let (inspector, group) = unsafe { (borrow(inspector, "inspector")?, borrow(group, "group")?) };
        // SAFETY: by `# Safety`, `threads` is null or readable for `count` numbers.
        let members = unsafe { entries_of(threads, count, "threads")? };
        let members = members.iter().map(|&id| ThreadId::from_number(id)).collect();
        make(&mut inspector.core_mut()?.state_mut().threads, group, members).map(GroupId::to_number)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| SINSP_NO_THREAD_GROUP, body) }
}

/// Calls `visit` for each thread of a group, the main thread first if it is known, until it returns false; with `SINSP_NO_THREAD` for one that is
/// gone but still listed. Returns false if `visit` did.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_group_each_thread(
    inspector: *const sinsp_inspector,
    group: u64,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return false };
    let members = guard_plain(None, || {
        let core = inspector.core().ok()?;
        let threads = &core.state().threads;
        let group = threads.group(GroupId::from_number(group))?;
        Some(group.members().map(|id| number_of(threads.by_id(id))).collect::<Vec<u64>>())
    });
    // SAFETY: by `# Safety`, `visit` is callable with `context`. `members` is a copy: the calls may change the state.
    members.is_some_and(|members| unsafe { visit_all(members, visit, context) })
}
