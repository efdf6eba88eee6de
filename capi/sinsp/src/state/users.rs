//! The users and groups of the machine and of its containers, which a program can add and remove.

use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::ScanOptions;
use sinsp_core::state::Users;
use sinsp_core::state::accounts::Place;
use sinsp_core::state::{GroupInfo, UserInfo};
use std::cell::RefCell;
use std::ffi::c_void;

/// A user. The texts are borrowed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_user {
    /// Its id.
    pub uid: u32,
    /// The id of its group.
    pub gid: u32,
    /// Its name. Where a user is added, null `data` takes it from the files of the host or container.
    pub name: sinsp_str,
    /// Its home directory.
    pub homedir: sinsp_str,
    /// Its shell.
    pub shell: sinsp_str,
}

/// A group. The text is borrowed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_group {
    /// Its id.
    pub gid: u32,
    /// Its name. Where a group is added, null `data` takes it from the files of the host or container.
    pub name: sinsp_str,
}

impl sinsp_user {
    fn of(user: &UserInfo) -> sinsp_user {
        let UserInfo { uid, gid, name, homedir, shell } = user;
        let [name, homedir, shell] = [name, homedir, shell].map(|text| sinsp_str::of(text));
        sinsp_user { uid: *uid, gid: *gid, name, homedir, shell }
    }
}

impl sinsp_group {
    fn of(group: &GroupInfo) -> sinsp_group {
        sinsp_group { gid: group.gid, name: sinsp_str::of(&group.name) }
    }
}

/// Called with a user, which is borrowed for the call; false ends the iteration.
pub type sinsp_user_visitor = Option<unsafe extern "C" fn(context: *mut c_void, user: *const sinsp_user) -> bool>;

/// Called with a group, which is borrowed for the call; false ends the iteration.
pub type sinsp_group_visitor = Option<unsafe extern "C" fn(context: *mut c_void, group: *const sinsp_group) -> bool>;

/// Users and groups: those of an inspector, or a separate set. Owned; ended with `sinsp_users_free`, before the inspector.
pub struct sinsp_users {
    inspector: *const sinsp_inspector,
    /// The separate set; `None` for those of the inspector.
    beside: Option<RefCell<Users>>,
}

impl sinsp_users {
    fn read<T>(&self, body: impl FnOnce(&Users) -> T) -> Result<T, Failure> {
        // SAFETY: `sinsp_users_new` requires that the inspector is live until the handle is freed.
        let inspector = unsafe { &*self.inspector };
        match &self.beside {
            None => Ok(body(&inspector.core()?.state().users)),
            Some(beside) => Ok(body(&*beside.try_borrow().map_err(|_| Failure::illegal("the users are in use"))?)),
        }
    }

    /// Runs `body` with the users and the options of the scan, which name the host's files.
    fn with<T>(&self, body: impl FnOnce(&mut Users, &ScanOptions) -> T) -> Result<T, Failure> {
        // SAFETY: `sinsp_users_new` requires that the inspector is live until the handle is freed.
        let inspector = unsafe { &*self.inspector };
        let Some(beside) = &self.beside else {
            let mut core = inspector.core_mut()?;
            let host = core.scan_options().clone();
            return Ok(body(&mut core.state_mut().users, &host));
        };
        let host = inspector.core()?.scan_options().clone();
        let mut users = beside.try_borrow_mut().map_err(|_| Failure::illegal("the users are in use"))?;
        Ok(body(&mut users, &host))
    }

    /// Runs `body`, which makes events for its changes; with `notify` the inspector returns them, if it is open.
    fn change<T>(
        &self,
        notify: bool,
        body: impl FnOnce(&mut Users, &ScanOptions, &mut dyn FnMut(Vec<u8>)) -> T,
    ) -> Result<T, Failure> {
        let mut events = Vec::new();
        let result = self.with(|users, host| body(users, host, &mut |event| events.extend(notify.then_some(event))))?;
        // SAFETY: as in `with`.
        events.iter().for_each(|event| unsafe { &*self.inspector }.announce(event));
        Ok(result)
    }
}

/// Where something is added: a container, empty for the host, and a process of it, or -1.
///
/// # Safety
/// `container` must be readable as long as the result is used.
unsafe fn place<'a>(container: sinsp_str, pid: i64, host: &'a ScanOptions) -> Place<'a> {
    // SAFETY: by `# Safety`, `container` is readable.
    Place { container: unsafe { container.bytes() }, pid, host }
}

/// A text; what is shown for an unknown one if it is null.
///
/// # Safety
/// `text` must be readable as long as the result is used.
unsafe fn known<'a>(text: sinsp_str) -> &'a [u8] {
    // SAFETY: by `# Safety`, `text` is readable.
    if text.data.is_null() { b"<NA>" } else { unsafe { text.bytes() } }
}

/// The users and groups of the inspector; with `beside` a separate set, which is empty at first and belongs to the handle. Null with an error if
/// `inspector` is null.
///
/// # Safety
/// `inspector` must be null or live, and stay so until the handle is freed; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_new(
    inspector: *const sinsp_inspector,
    beside: bool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_users {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        unsafe { borrow(inspector, "inspector")? };
        Ok(sinsp_users { inspector, beside: beside.then(RefCell::default) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Ends a handle; null is ignored.
///
/// # Safety
/// `users` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_free(users: *mut sinsp_users) {
    // SAFETY: by `# Safety`, `users` is null or owned, and this call is the one that frees it.
    unsafe { release(users) }
}

/// Runs `body` on the users of a handle; false if it fails.
///
/// # Safety
/// `users` must be null or live, `error` null or writable.
unsafe fn on(
    users: *const sinsp_users,
    error: *mut *mut sinsp_error,
    body: impl FnOnce(&sinsp_users) -> Result<bool, Failure>,
) -> bool {
    // SAFETY: by `# Safety`, `users` is null or live, `error` is null or writable.
    unsafe { guard(error, |_| false, || body(borrow(users, "users")?)) }
}

/// Adds a user to a container (to the host if that is empty), in place of one of the same id; without a name only if it is not known, from the
/// files of the host or of the process `pid` of the container. Returns whether it is known then.
///
/// With `notify` the inspector returns an event for the change, if it is open.
///
/// # Safety
/// `users` must be null or live, `user` null or readable with its texts, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_add_user(
    users: *const sinsp_users,
    container: sinsp_str,
    pid: i64,
    user: *const sinsp_user,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = |users: &sinsp_users| {
        // SAFETY: by `# Safety`, `user` is null or readable.
        let user = unsafe { borrow(user, "user")? };
        // SAFETY: by `# Safety`, the texts of `user` are readable.
        let names = (!user.name.data.is_null())
            .then(|| [user.name, user.homedir, user.shell].map(|text| unsafe { known(text) }));
        // SAFETY: by `# Safety`, `container` is readable.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_user(place(container, pid, host), (user.uid, user.gid), names, announce)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// Adds the user of a process, if it is not known: id 0 as `root`, others as `sinsp_users_add_user` without a name.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_add_user_id(
    users: *const sinsp_users,
    container: sinsp_str,
    pid: i64,
    uid: u32,
    gid: u32,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = |users: &sinsp_users| {
        // SAFETY: by `# Safety`, `container` is readable.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_user_id(place(container, pid, host), (uid, gid), announce)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// As `sinsp_users_add_user`, for a group.
///
/// # Safety
/// `users` must be null or live, `group` null or readable with its text, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_add_group(
    users: *const sinsp_users,
    container: sinsp_str,
    pid: i64,
    group: *const sinsp_group,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = |users: &sinsp_users| {
        // SAFETY: by `# Safety`, `group` is null or readable.
        let group = unsafe { borrow(group, "group")? };
        // SAFETY: by `# Safety`, `group.name` is readable.
        let name = (!group.name.data.is_null()).then(|| unsafe { group.name.bytes() });
        // SAFETY: by `# Safety`, `container` is readable.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_group(place(container, pid, host), group.gid, name, announce)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// As `sinsp_users_add_user_id`, for a group.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_add_group_id(
    users: *const sinsp_users,
    container: sinsp_str,
    pid: i64,
    gid: u32,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = |users: &sinsp_users| {
        // SAFETY: by `# Safety`, `container` is readable.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_group_id(place(container, pid, host), gid, announce)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// Removes a user. Returns whether it was known. With `notify` the inspector returns an event for it.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_remove_user(
    users: *const sinsp_users,
    container: sinsp_str,
    uid: u32,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `container` is readable.
    let container = unsafe { container.bytes() };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe {
        on(users, error, |users| users.change(notify, |all, _, announce| all.forget_user(container, uid, announce)))
    }
}

/// Removes a group. Returns whether it was known. With `notify` the inspector returns an event for it.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_remove_group(
    users: *const sinsp_users,
    container: sinsp_str,
    gid: u32,
    notify: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `container` is readable.
    let container = unsafe { container.bytes() };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe {
        on(users, error, |users| users.change(notify, |all, _, announce| all.forget_group(container, gid, announce)))
    }
}

/// Removes all users and groups of a container; the inspector returns an event for each. Returns false with an error.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_remove_container(
    users: *const sinsp_users,
    container: sinsp_str,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `container` is readable.
    let container = unsafe { container.bytes() };
    let body = |users: &sinsp_users| {
        users.change(true, |all, _, announce| all.forget_container(container, announce))?;
        Ok(true)
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// Calls `visit` for `one` if that is `Some`, and it exists; else for each of `all` until it returns false. Returns whether it was called.
fn visit_each<'a, T: 'a>(
    one: Option<Option<&'a T>>,
    all: impl Iterator<Item = &'a T>,
    visit: impl FnMut(&'a T) -> bool,
) -> bool {
    match one {
        Some(one) => one.map(visit).is_some(),
        None => {
            let mut all = all.peekable();
            let any = all.peek().is_some();
            all.all(visit);
            any
        }
    }
}

/// Calls `visit` for each user of a container (of the host if that is empty), in no order, or for the one with the id `*uid` alone if `uid`
/// is not null. Returns whether it was called. The callback must not use these users or their inspector.
///
/// # Safety
/// `users` must be null or live, `container` readable, `uid` null or readable; `visit` must be callable with `context` and must not throw;
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_each_user(
    users: *const sinsp_users,
    container: sinsp_str,
    uid: *const u32,
    visit: sinsp_user_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `container` is readable, `uid` is null or readable.
    let (container, uid) = unsafe { (container.bytes(), uid.as_ref()) };
    let body = |users: &sinsp_users| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        // SAFETY: by `# Safety`, `visit` is callable with `context`; the user is valid during the call.
        let visit = |user: &UserInfo| unsafe { visit(context, &sinsp_user::of(user)) };
        users.read(|all| {
            let one = uid.map(|uid| all.user_in(container, *uid));
            visit_each(one, all.users_in(container).into_iter().flatten(), visit)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}

/// As `sinsp_users_each_user`, for groups.
///
/// # Safety
/// `users` must be null or live, `container` readable, `gid` null or readable; `visit` must be callable with `context` and must not throw;
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_each_group(
    users: *const sinsp_users,
    container: sinsp_str,
    gid: *const u32,
    visit: sinsp_group_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `container` is readable, `gid` is null or readable.
    let (container, gid) = unsafe { (container.bytes(), gid.as_ref()) };
    let body = |users: &sinsp_users| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        // SAFETY: by `# Safety`, `visit` is callable with `context`; the group is valid during the call.
        let visit = |group: &GroupInfo| unsafe { visit(context, &sinsp_group::of(group)) };
        users.read(|all| {
            let one = gid.map(|gid| all.group_in(container, *gid));
            visit_each(one, all.groups_in(container).into_iter().flatten(), visit)
        })
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(users, error, body) }
}
