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
    /// Its name. Where a user is added, `data` is null if the files of the host or container are to tell.
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
    /// Its name. Where a group is added, `data` is null if the files of the host or container are to tell.
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

/// Called for each user, which lives for the call; answers whether to go on.
pub type sinsp_user_visitor = Option<unsafe extern "C" fn(context: *mut c_void, user: *const sinsp_user) -> bool>;

/// Called for each group, which lives for the call; answers whether to go on.
pub type sinsp_group_visitor = Option<unsafe extern "C" fn(context: *mut c_void, group: *const sinsp_group) -> bool>;

/// Users and groups: those of an inspector, or others beside them. Owned; ended with `sinsp_users_free`, before the inspector.
pub struct sinsp_users {
    inspector: *const sinsp_inspector,
    /// Those that are not the inspector's.
    beside: Option<RefCell<Users>>,
}

impl sinsp_users {
    /// Runs `body`, which reads the users.
    fn read<T>(&self, body: impl FnOnce(&Users) -> T) -> Result<T, Failure> {
        // SAFETY: whoever made the handle keeps the inspector until it is freed.
        let inspector = unsafe { &*self.inspector };
        match &self.beside {
            None => Ok(body(&inspector.core()?.state().users)),
            Some(beside) => Ok(body(&*beside.try_borrow().map_err(|_| Failure::illegal("the users are in use"))?)),
        }
    }

    /// Runs `body` with the users, and where the host's files are.
    fn with<T>(&self, body: impl FnOnce(&mut Users, &ScanOptions) -> T) -> Result<T, Failure> {
        // SAFETY: whoever made the handle keeps the inspector until it is freed.
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

    /// Runs `body`, which takes events that tell of changes; with `notify` they come from the inspector, if it is open.
    fn change<T>(
        &self,
        notify: bool,
        body: impl FnOnce(&mut Users, &ScanOptions, &mut dyn FnMut(Vec<u8>)) -> T,
    ) -> Result<T, Failure> {
        let mut events = Vec::new();
        let answer = self.with(|users, host| body(users, host, &mut |event| events.extend(notify.then_some(event))))?;
        // SAFETY: as above.
        events.iter().for_each(|event| unsafe { &*self.inspector }.announce(event));
        Ok(answer)
    }
}

/// Where something is added: a container, empty for the host, and a process of it, or -1.
///
/// # Safety
/// `container` must be readable as long as the answer is used.
unsafe fn place<'a>(container: sinsp_str, pid: i64, host: &'a ScanOptions) -> Place<'a> {
    // SAFETY: as the caller promises.
    Place { container: unsafe { container.bytes() }, pid, host }
}

/// A text; what is shown for an unknown one if it is null.
///
/// # Safety
/// `text` must be readable as long as the answer is used.
unsafe fn known<'a>(text: sinsp_str) -> &'a [u8] {
    // SAFETY: as the caller promises.
    if text.data.is_null() { b"<NA>" } else { unsafe { text.bytes() } }
}

/// The users and groups that the inspector knows; with `beside` others, none at first, which only this handle leads to. Null with an error if
/// there is no inspector.
///
/// # Safety
/// `inspector` must be null or live, and stay so until the answer is freed; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_new(
    inspector: *const sinsp_inspector,
    beside: bool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_users {
    let body = move || {
        // SAFETY: the caller vouches for it.
        unsafe { borrow(inspector, "inspector")? };
        Ok(sinsp_users { inspector, beside: beside.then(RefCell::default) })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// Ends a handle; null is ignored.
///
/// # Safety
/// `users` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_free(users: *mut sinsp_users) {
    // SAFETY: passed on.
    unsafe { release(users) }
}

/// Runs `body` on the users behind a handle; false if it fails.
///
/// # Safety
/// `users` must be null or live, `error` null or writable.
unsafe fn on(
    users: *const sinsp_users,
    error: *mut *mut sinsp_error,
    body: impl FnOnce(&sinsp_users) -> Result<bool, Failure>,
) -> bool {
    // SAFETY: the caller vouches for both.
    unsafe { guard(error, |_| false, || body(borrow(users, "users")?)) }
}

/// Makes sure that a user is known in a container (in the host if that is empty): by its names, which replace those that were known before;
/// or, without a name, by the files of the host or of the process `pid` of the container. Answers whether it is known.
///
/// With `notify` events that tell of it come from the inspector, if it is open.
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
        // SAFETY: the caller vouches for it.
        let user = unsafe { borrow(user, "user")? };
        // SAFETY: the caller vouches for the texts.
        let names = (!user.name.data.is_null())
            .then(|| [user.name, user.homedir, user.shell].map(|text| unsafe { known(text) }));
        // SAFETY: the caller vouches for the container.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_user(place(container, pid, host), (user.uid, user.gid), names, announce)
        })
    };
    // SAFETY: passed on.
    unsafe { on(users, error, body) }
}

/// Makes sure that the user of a process is known: that of id 0 is `root`, the others as if added without a name.
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
        // SAFETY: the caller vouches for the container.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_user_id(place(container, pid, host), (uid, gid), announce)
        })
    };
    // SAFETY: passed on.
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
        // SAFETY: the caller vouches for it.
        let group = unsafe { borrow(group, "group")? };
        // SAFETY: the caller vouches for the text.
        let name = (!group.name.data.is_null()).then(|| unsafe { group.name.bytes() });
        // SAFETY: the caller vouches for the container.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_group(place(container, pid, host), group.gid, name, announce)
        })
    };
    // SAFETY: passed on.
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
        // SAFETY: the caller vouches for the container.
        users.change(notify, |all, host, announce| unsafe {
            all.learn_group_id(place(container, pid, host), gid, announce)
        })
    };
    // SAFETY: passed on.
    unsafe { on(users, error, body) }
}

/// Forgets a user; answers whether it was known. With `notify` an event tells of it.
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
    // SAFETY: the caller vouches for the container.
    let container = unsafe { container.bytes() };
    // SAFETY: passed on.
    unsafe {
        on(users, error, |users| users.change(notify, |all, _, announce| all.forget_user(container, uid, announce)))
    }
}

/// Forgets a group; answers whether it was known. With `notify` an event tells of it.
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
    // SAFETY: the caller vouches for the container.
    let container = unsafe { container.bytes() };
    // SAFETY: passed on.
    unsafe {
        on(users, error, |users| users.change(notify, |all, _, announce| all.forget_group(container, gid, announce)))
    }
}

/// Forgets all users and groups of a container; events tell of each. Answers whether it worked.
///
/// # Safety
/// `users` must be null or live, `container` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_users_remove_container(
    users: *const sinsp_users,
    container: sinsp_str,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: the caller vouches for the container.
    let container = unsafe { container.bytes() };
    let body = |users: &sinsp_users| {
        users.change(true, |all, _, announce| all.forget_container(container, announce))?;
        Ok(true)
    };
    // SAFETY: passed on.
    unsafe { on(users, error, body) }
}

/// Calls `visit` for each user of a container (of the host if that is empty), in no order, or for the one with the id `*uid` alone if `uid`
/// is not null; answers whether it was called. The callback must not use these users or their inspector.
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
    // SAFETY: the caller vouches for both.
    let (container, uid) = unsafe { (container.bytes(), uid.as_ref()) };
    let body = |users: &sinsp_users| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        // SAFETY: C's own function and context; the user is good for the call.
        let told = |user: &UserInfo| unsafe { visit(context, &sinsp_user::of(user)) };
        users.read(|all| match uid {
            Some(uid) => all.user_in(container, *uid).map(told).is_some(),
            None => {
                let mut list = all.users_in(container).into_iter().flatten().peekable();
                let any = list.peek().is_some();
                list.all(told);
                any
            }
        })
    };
    // SAFETY: passed on.
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
    // SAFETY: the caller vouches for both.
    let (container, gid) = unsafe { (container.bytes(), gid.as_ref()) };
    let body = |users: &sinsp_users| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        // SAFETY: C's own function and context; the group is good for the call.
        let told = |group: &GroupInfo| unsafe { visit(context, &sinsp_group::of(group)) };
        users.read(|all| match gid {
            Some(gid) => all.group_in(container, *gid).map(told).is_some(),
            None => {
                let mut list = all.groups_in(container).into_iter().flatten().peekable();
                let any = list.peek().is_some();
                list.all(told);
                any
            }
        })
    };
    // SAFETY: passed on.
    unsafe { on(users, error, body) }
}
