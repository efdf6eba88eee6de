//! Objects of the program that hold the data of threads and fds.
//!
//! A C++ `sinsp_threadinfo` has members that a program reads and writes at any time. So the object holds the data once it was made, and
//! the core accesses them through the tables of functions in this file. The objects are opaque here.
//!
//! The contract of the functions in the tables, which is called "the contract of the stores" below:
//!
//! - They take the objects that `make`, `duplicate` or the program returned, until `release`.
//! - `make` and `duplicate` may run code of the program, which may read the inspector. All other functions access the object alone.
//! - `release` is called once for each object that was made, adopted or duplicated, when the core no longer needs it. It may free the
//!   object, or leave that to another owner.
//! - `scalars` returns memory that is there as long as the object.
//! - What `text`, `list_text` and `cgroup_path` return is valid until the object's data are changed.

use crate::ffi::{Failure, sinsp_str};
use crate::state::fd_data::{sinsp_fd, sinsp_sock};
use crate::state::thread_data::{SINSP_NO_THREAD_GROUP, sinsp_thread, sinsp_thread_group_info};
use crate::table::api::{added_value, with_state_data};
use sinsp_core::state::store::{
    AddedValues, Exposures, FdScalars, FdStore, FdText, Relatives, ThreadList, ThreadScalars, ThreadStore, ThreadText,
};
use sinsp_core::state::tables::Value;
use sinsp_core::state::{Fd, FdTable, SockInfo, TextList, Thread};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// How a program's objects hold the data of threads. `size` is `sizeof` of the struct in the program's version; no function may be null.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_thread_store {
    /// The size of this struct.
    pub size: usize,
    /// Makes an object for a thread without data; null if it cannot. `context` is that of `sinsp_inspector_set_stores`.
    pub make: Option<unsafe extern "C" fn(context: *mut c_void) -> *mut c_void>,
    /// The scalars of an object, valid as long as it exists.
    pub scalars: Option<unsafe extern "C" fn(object: *mut c_void) -> *mut sinsp_thread>,
    /// A text (`sinsp_thread_text_id`, up to `SINSP_THREAD_CWD`).
    pub text: Option<unsafe extern "C" fn(object: *const c_void, which: u32) -> sinsp_str>,
    /// Changes a text.
    pub set_text: Option<unsafe extern "C" fn(object: *mut c_void, which: u32, text: sinsp_str)>,
    /// How many texts a list (`sinsp_thread_list_id`) has.
    pub list_len: Option<unsafe extern "C" fn(object: *const c_void, which: u32) -> usize>,
    /// The text at position `i` of a list; the subsystem in the list of cgroups. `i` is within the list.
    pub list_text: Option<unsafe extern "C" fn(object: *const c_void, which: u32, i: usize) -> sinsp_str>,
    /// The path of the cgroup at position `i`, which is within the list.
    pub cgroup_path: Option<unsafe extern "C" fn(object: *const c_void, i: usize) -> sinsp_str>,
    /// Replaces a list by `count` texts, each ended by a NUL; a cgroup's is `subsystem=path`.
    pub set_list: Option<unsafe extern "C" fn(object: *mut c_void, which: u32, texts: sinsp_str, count: usize)>,
    /// Called when the object becomes that of the thread `id` of `inspector`.
    pub attach: Option<unsafe extern "C" fn(object: *mut c_void, inspector: *mut c_void, id: u64)>,
    /// Whether the program holds the object beside the core.
    pub is_held: Option<unsafe extern "C" fn(object: *const c_void) -> bool>,
    /// Called for each open file, with its number `fd`, when the thread leaves its inspector: before `detach`, if `is_held`.
    pub take_fd: Option<unsafe extern "C" fn(object: *mut c_void, fd: i64, fd_object: *mut c_void)>,
    /// Called with the group of the thread, `SINSP_NO_THREAD_GROUP` and null if it is in none, and whether it still has children, when the
    /// thread leaves its inspector: before `detach`, if `is_held`.
    pub take_relatives: Option<
        unsafe extern "C" fn(
            object: *mut c_void,
            group: u64,
            known: *const sinsp_thread_group_info,
            has_children: bool,
        ),
    >,
    /// Called when the thread leaves its inspector, which the object must not use any more.
    pub detach: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// Called when the core no longer needs the object.
    pub release: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// One more than the highest index (`dynamic_field_info::index`) at which the object has a value of an added field.
    pub added_len: Option<unsafe extern "C" fn(object: *const c_void) -> usize>,
    /// Writes the value at an index to `*out` (`ss_plugin_state_data`). Returns its type (`ss_plugin_state_type`), 0 if it was never written.
    pub added: Option<unsafe extern "C" fn(object: *const c_void, index: usize, out: *mut c_void) -> u32>,
    /// Sets the value (`ss_plugin_state_data`) at an index, of the type `ty` (`ss_plugin_state_type`).
    pub set_added: Option<unsafe extern "C" fn(object: *mut c_void, index: usize, ty: u32, value: *const c_void)>,
}

/// How a program's objects hold the data of fds; as `sinsp_thread_store`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_fd_store {
    /// The size of this struct.
    pub size: usize,
    /// Makes an object for an fd without data; null if it cannot.
    pub make: Option<unsafe extern "C" fn(context: *mut c_void) -> *mut c_void>,
    /// The scalars of an object, valid as long as it exists.
    pub scalars: Option<unsafe extern "C" fn(object: *mut c_void) -> *mut sinsp_fd>,
    /// A text (`sinsp_fd_text_id`, up to `SINSP_FD_OLD_NAME`).
    pub text: Option<unsafe extern "C" fn(object: *const c_void, which: u32) -> sinsp_str>,
    /// Changes a text.
    pub set_text: Option<unsafe extern "C" fn(object: *mut c_void, which: u32, text: sinsp_str)>,
    /// The addresses of a socket; its kind is among the scalars.
    pub sock: Option<unsafe extern "C" fn(object: *const c_void, out: *mut sinsp_sock)>,
    /// Changes the addresses of a socket.
    pub set_sock: Option<unsafe extern "C" fn(object: *mut c_void, sock: *const sinsp_sock)>,
    /// An object for a copy of the fd, if the copy needs more of the object than these functions return; else null.
    pub duplicate: Option<unsafe extern "C" fn(object: *const c_void) -> *mut c_void>,
    /// Called when the core no longer needs the object.
    pub release: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// One more than the highest index (`dynamic_field_info::index`) at which the object has a value of an added field.
    pub added_len: Option<unsafe extern "C" fn(object: *const c_void) -> usize>,
    /// Writes the value at an index to `*out` (`ss_plugin_state_data`). Returns its type (`ss_plugin_state_type`), 0 if it was never written.
    pub added: Option<unsafe extern "C" fn(object: *const c_void, index: usize, out: *mut c_void) -> u32>,
    /// Sets the value (`ss_plugin_state_data`) at an index, of the type `ty` (`ss_plugin_state_type`).
    pub set_added: Option<unsafe extern "C" fn(object: *mut c_void, index: usize, ty: u32, value: *const c_void)>,
}

/// Copies a table that may be of a version with fewer functions; the rest is absent.
///
/// # Safety
/// `table` must be null or readable for the size that it begins with.
unsafe fn read_table<T: Copy>(table: *const T, what: &str) -> Result<T, Failure> {
    let Some(table) = NonNull::new(table.cast_mut()) else { return Err(Failure::illegal(format!("null {what}"))) };
    // SAFETY: not null, and by `# Safety` readable for its size, which it begins with.
    let size = unsafe { table.cast::<usize>().read() };
    let mut copy = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: `table` is readable for `size` bytes, `copy` has room for a `T`; all zeros are a table without functions.
    unsafe {
        std::ptr::copy_nonoverlapping(table.cast::<u8>().as_ptr(), copy.as_mut_ptr().cast(), size.min(size_of::<T>()));
        Ok(copy.assume_init())
    }
}

/// Declares a table in which no function is null.
macro_rules! complete {
    ($(#[$doc:meta])* $name:ident from $raw:ident { $($function:ident: $ty:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        struct $name { $($function: $ty,)+ }

        impl $name {
            fn new(raw: &$raw) -> Result<$name, Failure> {
                Ok($name { $($function: raw.$function.ok_or_else(|| {
                    Failure::illegal(concat!(stringify!($raw), " has no function ", stringify!($function)))
                })?,)+ })
            }
        }
    };
}

complete! {
    /// The functions of [`sinsp_thread_store`].
    ThreadFns from sinsp_thread_store {
        make: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
        scalars: unsafe extern "C" fn(*mut c_void) -> *mut sinsp_thread,
        text: unsafe extern "C" fn(*const c_void, u32) -> sinsp_str,
        set_text: unsafe extern "C" fn(*mut c_void, u32, sinsp_str),
        list_len: unsafe extern "C" fn(*const c_void, u32) -> usize,
        list_text: unsafe extern "C" fn(*const c_void, u32, usize) -> sinsp_str,
        cgroup_path: unsafe extern "C" fn(*const c_void, usize) -> sinsp_str,
        set_list: unsafe extern "C" fn(*mut c_void, u32, sinsp_str, usize),
        attach: unsafe extern "C" fn(*mut c_void, *mut c_void, u64),
        is_held: unsafe extern "C" fn(*const c_void) -> bool,
        take_fd: unsafe extern "C" fn(*mut c_void, i64, *mut c_void),
        take_relatives: unsafe extern "C" fn(*mut c_void, u64, *const sinsp_thread_group_info, bool),
        detach: unsafe extern "C" fn(*mut c_void),
        release: unsafe extern "C" fn(*mut c_void),
        added_len: unsafe extern "C" fn(*const c_void) -> usize,
        added: unsafe extern "C" fn(*const c_void, usize, *mut c_void) -> u32,
        set_added: unsafe extern "C" fn(*mut c_void, usize, u32, *const c_void),
    }
}

complete! {
    /// The functions of [`sinsp_fd_store`].
    FdFns from sinsp_fd_store {
        make: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
        scalars: unsafe extern "C" fn(*mut c_void) -> *mut sinsp_fd,
        text: unsafe extern "C" fn(*const c_void, u32) -> sinsp_str,
        set_text: unsafe extern "C" fn(*mut c_void, u32, sinsp_str),
        sock: unsafe extern "C" fn(*const c_void, *mut sinsp_sock),
        set_sock: unsafe extern "C" fn(*mut c_void, *const sinsp_sock),
        duplicate: unsafe extern "C" fn(*const c_void) -> *mut c_void,
        release: unsafe extern "C" fn(*mut c_void),
        added_len: unsafe extern "C" fn(*const c_void) -> usize,
        added: unsafe extern "C" fn(*const c_void, usize, *mut c_void) -> u32,
        set_added: unsafe extern "C" fn(*mut c_void, usize, u32, *const c_void),
    }
}

/// The functions of a program for its objects.
pub(crate) struct Stores {
    thread: ThreadFns,
    fd: FdFns,
    context: *mut c_void,
    exposures: Exposures,
}

// SAFETY: the functions and the context are used with the inspector only, which one operating-system thread uses at a time (the head of this
// crate states it for C).
unsafe impl Send for Stores {}
// SAFETY: no member changes after `new`, and one thread at a time calls the functions, as for `Send`.
unsafe impl Sync for Stores {}

impl Stores {
    /// Copies the tables of `sinsp_inspector_set_stores`.
    ///
    /// # Safety
    /// The tables must be null or readable for the sizes that they begin with; their functions must keep the contract of the stores.
    pub unsafe fn new(
        thread: *const sinsp_thread_store,
        fd: *const sinsp_fd_store,
        context: *mut c_void,
        exposures: Exposures,
    ) -> Result<Arc<Stores>, Failure> {
        // SAFETY: this `# Safety` includes that of `read_table`.
        let (thread, fd) = unsafe { (read_table(thread, "table of threads")?, read_table(fd, "table of fds")?) };
        Ok(Arc::new(Stores { thread: ThreadFns::new(&thread)?, fd: FdFns::new(&fd)?, context, exposures }))
    }

    /// A new object for a thread. Runs code of the program: nothing of the core may be borrowed exclusively.
    pub fn make_thread(self: &Arc<Stores>) -> Option<ThreadObject> {
        // SAFETY: the contract of the stores: `make` takes the context of `sinsp_inspector_set_stores`.
        self.thread_object(unsafe { (self.thread.make)(self.context) })
    }

    /// Takes over an object that the program made; `None` for null.
    pub fn thread_object(self: &Arc<Stores>, object: *mut c_void) -> Option<ThreadObject> {
        let object = NonNull::new(object)?;
        // SAFETY: the contract of the stores.
        let scalars = NonNull::new(unsafe { (self.thread.scalars)(object.as_ptr()) })?;
        Some(ThreadObject { object, scalars: scalars.cast(), stores: self.clone(), lent: false })
    }

    /// A new object for an fd; as [`Stores::make_thread`].
    pub fn make_fd(self: &Arc<Stores>) -> Option<FdObject> {
        // SAFETY: the contract of the stores: `make` takes the context of `sinsp_inspector_set_stores`.
        self.fd_object(unsafe { (self.fd.make)(self.context) })
    }

    /// Takes over an object that the program made; `None` for null.
    pub fn fd_object(self: &Arc<Stores>, object: *mut c_void) -> Option<FdObject> {
        let object = NonNull::new(object)?;
        // SAFETY: the contract of the stores.
        let scalars = NonNull::new(unsafe { (self.fd.scalars)(object.as_ptr()) })?;
        Some(FdObject { object, scalars: scalars.cast(), stores: self.clone(), lent: false })
    }

    /// A thread whose data are in an object that stays the program's.
    ///
    /// # Safety
    /// `object` must be null or an object of the program that lives as long as the result.
    pub unsafe fn lent_thread(self: &Arc<Stores>, object: *mut c_void) -> Option<Thread> {
        let mut object = self.thread_object(object)?;
        object.lent = true;
        Some(Thread::outside(Box::new(object), FdTable::default(), self.exposures.add()))
    }

    /// An fd whose data are in an object that stays the program's.
    ///
    /// # Safety
    /// As [`Stores::lent_thread`].
    pub unsafe fn lent_fd(self: &Arc<Stores>, object: *mut c_void) -> Option<Fd> {
        let mut object = self.fd_object(object)?;
        object.lent = true;
        Some(Fd::outside(Box::new(object), self.exposures.add()))
    }

    /// Attaches an object to the thread `id` of an inspector.
    pub fn attach(&self, object: *mut c_void, inspector: *mut c_void, id: u64) {
        // SAFETY: the contract of the stores.
        unsafe { (self.thread.attach)(object, inspector, id) }
    }

    pub fn exposures(&self) -> &Exposures {
        &self.exposures
    }
}

/// The object of a thread, as long as the core needs it.
pub(crate) struct ThreadObject {
    object: NonNull<c_void>,
    scalars: NonNull<ThreadScalars>,
    stores: Arc<Stores>,
    /// Whether it stays the program's.
    lent: bool,
}

// SAFETY: the object's count of holders is atomic, and its data are used by one operating-system thread at a time, as the inspector is.
unsafe impl Send for ThreadObject {}

impl ThreadObject {
    /// Copies the data of a thread to the object.
    pub fn fill(&mut self, thread: &Thread) {
        // SAFETY: `scalars` is there as long as the object (the contract of the stores); its members are cells.
        unsafe { self.scalars.as_ptr().write((**thread).clone()) };
        for which in ThreadText::ALL {
            self.set_text(which, thread.text(which));
        }
        self.set_list(ThreadList::Args, &thread.args().to_list());
        self.set_list(ThreadList::Env, &thread.own_env().to_list());
        self.set_list(ThreadList::Cgroups, &thread.cgroup_list());
        thread.each_added(|index, value| self.set_added(index, value));
    }

    pub fn attach(&self, inspector: *mut c_void, id: u64) {
        self.stores.attach(self.object.as_ptr(), inspector, id);
    }

    pub fn as_ptr(&self) -> *mut c_void {
        self.object.as_ptr()
    }
}

impl Drop for ThreadObject {
    fn drop(&mut self) {
        if !self.lent {
            // SAFETY: the contract of the stores; the object is not used after this.
            unsafe { (self.stores.thread.release)(self.object.as_ptr()) }
        }
    }
}

impl AddedValues for ThreadObject {
    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>)) {
        let ask = |out| {
            // SAFETY: the contract of the stores; `out` is a `StateData` of `added_value`.
            unsafe { (self.stores.thread.added)(self.object.as_ptr(), index, out) }
        };
        added_value(ask, read);
    }

    fn added_len(&self) -> usize {
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.thread.added_len)(self.object.as_ptr()) }
    }

    fn set_added(&self, index: usize, value: Value<'_>) {
        with_state_data(value, |ty, data| {
            // SAFETY: the contract of the stores; `data` is valid during the call.
            unsafe { (self.stores.thread.set_added)(self.object.as_ptr(), index, ty, data) }
        });
    }
}

impl ThreadStore for ThreadObject {
    #[inline]
    fn scalars(&self) -> &ThreadScalars {
        // SAFETY: `scalars` is there as long as the object (the contract of the stores). Its members are cells, so they may change.
        unsafe { self.scalars.as_ref() }
    }

    fn text(&self, which: ThreadText) -> &[u8] {
        // SAFETY: the contract of the stores: the text is valid until the object is changed, which the core does with `&mut self` only, and
        // the program only outside the core's calls.
        unsafe { (self.stores.thread.text)(self.object.as_ptr(), which as u32).bytes() }
    }

    fn set_text(&mut self, which: ThreadText, text: &[u8]) {
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.thread.set_text)(self.object.as_ptr(), which as u32, sinsp_str::of(text)) }
    }

    fn list_len(&self, which: ThreadList) -> usize {
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.thread.list_len)(self.object.as_ptr(), which as u32) }
    }

    fn list_text(&self, which: ThreadList, i: usize) -> &[u8] {
        if i >= self.list_len(which) {
            return &[];
        }
        // SAFETY: as in `text`; `i` is within the list.
        unsafe { (self.stores.thread.list_text)(self.object.as_ptr(), which as u32, i).bytes() }
    }

    fn cgroup_path(&self, i: usize) -> &[u8] {
        if i >= self.list_len(ThreadList::Cgroups) {
            return &[];
        }
        // SAFETY: as in `text`; `i` is within the list.
        unsafe { (self.stores.thread.cgroup_path)(self.object.as_ptr(), i).bytes() }
    }

    fn set_list(&mut self, which: ThreadList, list: &TextList) {
        let (texts, count) = (sinsp_str::of(list.as_wire()), list.len());
        // SAFETY: the contract of the stores; the list is valid during the call.
        unsafe { (self.stores.thread.set_list)(self.object.as_ptr(), which as u32, texts, count) }
    }

    fn leave(&mut self, fds: &FdTable, relatives: &Relatives) {
        let (fns, object) = (self.stores.thread, self.object.as_ptr());
        // SAFETY: the contract of the stores.
        if unsafe { (fns.is_held)(object) } {
            for fd in fds.iter() {
                if let Some(file) = fd_object_of(fd, &self.stores) {
                    // SAFETY: the contract of the stores; `file` is an object of the program too.
                    unsafe { (fns.take_fd)(object, fd.fd.get(), file) }
                }
            }
            let known = relatives.group.map(|(_, group)| sinsp_thread_group_info::of(&group));
            let number = relatives.group.map_or(SINSP_NO_THREAD_GROUP, |(id, _)| id.to_number());
            let known = known.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: the contract of the stores; `known` is null or valid during the call.
            unsafe { (fns.take_relatives)(object, number, known, relatives.has_children) }
        }
        // SAFETY: the contract of the stores.
        unsafe { (fns.detach)(object) }
    }

    fn address(&self) -> usize {
        self.object.as_ptr().expose_provenance()
    }
}

/// The object of an fd, as long as the core needs it.
pub(crate) struct FdObject {
    object: NonNull<c_void>,
    scalars: NonNull<FdScalars>,
    stores: Arc<Stores>,
    /// Whether it stays the program's.
    lent: bool,
}

// SAFETY: as for `ThreadObject`.
unsafe impl Send for FdObject {}

impl FdObject {
    /// Copies the data of an fd to the object.
    pub fn fill(&mut self, fd: &Fd) {
        // SAFETY: as for `ThreadObject`.
        unsafe { self.scalars.as_ptr().write((**fd).clone()) };
        for which in FdText::ALL {
            self.set_text(which, fd.text(which));
        }
        self.set_sock(fd.sock());
        fd.each_added(|index, value| self.set_added(index, value));
    }

    pub fn as_ptr(&self) -> *mut c_void {
        self.object.as_ptr()
    }
}

impl Drop for FdObject {
    fn drop(&mut self) {
        if !self.lent {
            // SAFETY: the contract of the stores; the object is not used after this.
            unsafe { (self.stores.fd.release)(self.object.as_ptr()) }
        }
    }
}

impl AddedValues for FdObject {
    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>)) {
        let ask = |out| {
            // SAFETY: the contract of the stores; `out` is a `StateData` of `added_value`.
            unsafe { (self.stores.fd.added)(self.object.as_ptr(), index, out) }
        };
        added_value(ask, read);
    }

    fn added_len(&self) -> usize {
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.fd.added_len)(self.object.as_ptr()) }
    }

    fn set_added(&self, index: usize, value: Value<'_>) {
        with_state_data(value, |ty, data| {
            // SAFETY: the contract of the stores; `data` is valid during the call.
            unsafe { (self.stores.fd.set_added)(self.object.as_ptr(), index, ty, data) }
        });
    }
}

impl FdStore for FdObject {
    #[inline]
    fn scalars(&self) -> &FdScalars {
        // SAFETY: as for `ThreadObject`.
        unsafe { self.scalars.as_ref() }
    }

    fn text(&self, which: FdText) -> &[u8] {
        // SAFETY: as for `ThreadObject`.
        unsafe { (self.stores.fd.text)(self.object.as_ptr(), which as u32).bytes() }
    }

    fn set_text(&mut self, which: FdText, text: &[u8]) {
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.fd.set_text)(self.object.as_ptr(), which as u32, sinsp_str::of(text)) }
    }

    fn sock(&self) -> SockInfo {
        let mut sock = sinsp_sock::default();
        // SAFETY: the contract of the stores; `sock` is writable.
        unsafe { (self.stores.fd.sock)(self.object.as_ptr(), &mut sock) };
        sock.info()
    }

    fn set_sock(&mut self, info: SockInfo) {
        let sock = sinsp_sock::of(&info);
        // SAFETY: the contract of the stores.
        unsafe { (self.stores.fd.set_sock)(self.object.as_ptr(), &sock) }
    }

    fn duplicate(&self) -> Option<Box<dyn FdStore>> {
        // SAFETY: the contract of the stores.
        let copy = unsafe { (self.stores.fd.duplicate)(self.object.as_ptr()) };
        Some(Box::new(self.stores.fd_object(copy)?))
    }

    fn address(&self) -> usize {
        self.object.as_ptr().expose_provenance()
    }
}

/// The object that holds the data of a thread already, if one does.
pub(crate) fn known_object(thread: &Thread) -> Option<*mut c_void> {
    thread.store().map(|store| std::ptr::with_exposed_provenance_mut(store.address()))
}

/// The object that holds the data of an fd already, if one does.
#[inline]
pub(crate) fn known_fd_object(fd: &Fd) -> Option<*mut c_void> {
    fd.store().map(|store| std::ptr::with_exposed_provenance_mut(store.address()))
}

/// The program's object for an fd of the core, which is made if there is none.
pub(crate) fn fd_object_of(fd: &Fd, stores: &Arc<Stores>) -> Option<*mut c_void> {
    if let Some(known) = known_fd_object(fd) {
        return Some(known);
    }
    let mut object = stores.make_fd()?;
    object.fill(fd);
    let address = object.as_ptr();
    // The program's code in `make` may have made an object for the same fd.
    if !fd.expose(Box::new(object), stores.exposures().add()) {
        return known_fd_object(fd);
    }
    Some(address)
}
