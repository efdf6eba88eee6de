//! Objects of the program that hold the data of threads and fds.
//!
//! A C++ `sinsp_threadinfo` has members that a program reads and writes at any time. So the object holds the data once it was made, and
//! the core reaches them through the tables of functions in this file. Their objects are opaque here: they are only handed back.
//!
//! Rules for whoever implements the tables:
//!
//! - `make` and `duplicate` may run code of the program, which may read the inspector. All other functions touch nothing but the object.
//! - `release` is called once for each object that was made, adopted or duplicated, when the core no longer needs it. It may end the
//!   object, or leave that to others who hold it.
//! - What `text`, `list_text` and `cgroup_path` answer stays valid until the object's data are changed.

use crate::ffi::{Failure, sinsp_str};
use crate::state::fd_data::{sinsp_fd, sinsp_sock};
use crate::state::thread_data::{SINSP_NO_THREAD_GROUP, sinsp_thread, sinsp_thread_group_info};
use crate::table::api::{added_value, with_state_data};
use sinsp_core::state::store::{
    Exposures, FdScalars, FdStore, FdText, Relatives, ThreadList, ThreadScalars, ThreadStore, ThreadText,
};
use sinsp_core::state::tables::Value;
use sinsp_core::state::{Fd, FdTable, SockInfo, TextList, Thread};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// How a program's objects hold the data of threads. `size` is `sizeof` of the struct as the program knows it; all functions that it
/// covers are there.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_thread_store {
    /// The size of this struct.
    pub size: usize,
    /// Makes an object for a thread of which nothing is known; null if it cannot. `context` is that of `sinsp_inspector_set_stores`.
    pub make: Option<unsafe extern "C" fn(context: *mut c_void) -> *mut c_void>,
    /// Where the scalars of an object lie, for as long as it exists.
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
    /// The object is now that of the thread `id` of `inspector`.
    pub attach: Option<unsafe extern "C" fn(object: *mut c_void, inspector: *mut c_void, id: u64)>,
    /// Whether somebody else than the core holds the object.
    pub is_held: Option<unsafe extern "C" fn(object: *const c_void) -> bool>,
    /// A file that the thread has open as number `fd` when it leaves its inspector; of objects that are held alone, before `detach`.
    pub take_fd: Option<unsafe extern "C" fn(object: *mut c_void, fd: i64, fd_object: *mut c_void)>,
    /// The group of the thread, `SINSP_NO_THREAD_GROUP` and null if it is in none, and whether it is still the parent of others, when it leaves
    /// its inspector; of objects that are held alone, before `detach`.
    pub take_relatives: Option<
        unsafe extern "C" fn(
            object: *mut c_void,
            group: u64,
            known: *const sinsp_thread_group_info,
            has_children: bool,
        ),
    >,
    /// The thread left its inspector, which the object must not ask any more.
    pub detach: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// The core no longer needs the object.
    pub release: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// Up to which position the object has values of fields that were added to its table (`dynamic_field_info::index`).
    pub added_len: Option<unsafe extern "C" fn(object: *const c_void) -> usize>,
    /// Its value at such a position, in `*out` (`ss_plugin_state_data`); answers the type (`ss_plugin_state_type`), 0 if it was never written.
    pub added: Option<unsafe extern "C" fn(object: *const c_void, index: usize, out: *mut c_void) -> u32>,
    /// Writes a value (`ss_plugin_state_data`) of a type (`ss_plugin_state_type`) there.
    pub set_added: Option<unsafe extern "C" fn(object: *mut c_void, index: usize, ty: u32, value: *const c_void)>,
}

/// How a program's objects hold the data of fds; as `sinsp_thread_store`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_fd_store {
    /// The size of this struct.
    pub size: usize,
    /// Makes an object for an fd of which nothing is known; null if it cannot.
    pub make: Option<unsafe extern "C" fn(context: *mut c_void) -> *mut c_void>,
    /// Where the scalars of an object lie, for as long as it exists.
    pub scalars: Option<unsafe extern "C" fn(object: *mut c_void) -> *mut sinsp_fd>,
    /// A text (`sinsp_fd_text_id`, up to `SINSP_FD_OLD_NAME`).
    pub text: Option<unsafe extern "C" fn(object: *const c_void, which: u32) -> sinsp_str>,
    /// Changes a text.
    pub set_text: Option<unsafe extern "C" fn(object: *mut c_void, which: u32, text: sinsp_str)>,
    /// The addresses of a socket; its kind is among the scalars.
    pub sock: Option<unsafe extern "C" fn(object: *const c_void, out: *mut sinsp_sock)>,
    /// Changes the addresses of a socket.
    pub set_sock: Option<unsafe extern "C" fn(object: *mut c_void, sock: *const sinsp_sock)>,
    /// An object for a copy of the fd, where the copy has to know more than this table tells; null where it need not.
    pub duplicate: Option<unsafe extern "C" fn(object: *const c_void) -> *mut c_void>,
    /// The core no longer needs the object.
    pub release: Option<unsafe extern "C" fn(object: *mut c_void)>,
    /// Up to which position the object has values of fields that were added to its table (`dynamic_field_info::index`).
    pub added_len: Option<unsafe extern "C" fn(object: *const c_void) -> usize>,
    /// Its value at such a position, in `*out` (`ss_plugin_state_data`); answers the type (`ss_plugin_state_type`), 0 if it was never written.
    pub added: Option<unsafe extern "C" fn(object: *const c_void, index: usize, out: *mut c_void) -> u32>,
    /// Writes a value (`ss_plugin_state_data`) of a type (`ss_plugin_state_type`) there.
    pub set_added: Option<unsafe extern "C" fn(object: *mut c_void, index: usize, ty: u32, value: *const c_void)>,
}

/// Copies a table that may be of a version with fewer functions; the rest is absent.
///
/// # Safety
/// `table` must be null or readable for the size that it begins with.
unsafe fn read_table<T: Copy>(table: *const T, what: &str) -> Result<T, Failure> {
    let Some(table) = NonNull::new(table.cast_mut()) else { return Err(Failure::illegal(format!("null {what}"))) };
    // SAFETY: every table begins with its size.
    let size = unsafe { table.cast::<usize>().read() };
    let mut copy = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: both are as long as is copied; all zeros are a table without functions.
    unsafe {
        std::ptr::copy_nonoverlapping(table.cast::<u8>().as_ptr(), copy.as_mut_ptr().cast(), size.min(size_of::<T>()));
        Ok(copy.assume_init())
    }
}

/// A table all of whose functions are there.
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

/// The functions that a program has for its objects.
pub(crate) struct Stores {
    thread: ThreadFns,
    fd: FdFns,
    context: *mut c_void,
    exposures: Exposures,
}

// SAFETY: the functions and the context are only used where the inspector is, which one operating-system thread uses at a time; the
// head of this crate says so to C.
unsafe impl Send for Stores {}
// SAFETY: as above; nothing in it changes.
unsafe impl Sync for Stores {}

impl Stores {
    /// Takes what `sinsp_inspector_set_stores` was given.
    ///
    /// # Safety
    /// The tables must be null or readable for the sizes that they begin with; their functions must be what they are said to be.
    pub unsafe fn new(
        thread: *const sinsp_thread_store,
        fd: *const sinsp_fd_store,
        context: *mut c_void,
        exposures: Exposures,
    ) -> Result<Arc<Stores>, Failure> {
        // SAFETY: passed on.
        let (thread, fd) = unsafe { (read_table(thread, "table of threads")?, read_table(fd, "table of fds")?) };
        Ok(Arc::new(Stores { thread: ThreadFns::new(&thread)?, fd: FdFns::new(&fd)?, context, exposures }))
    }

    /// A new object for a thread. Runs code of the program: nothing of the core may be borrowed exclusively.
    pub fn make_thread(self: &Arc<Stores>) -> Option<ThreadObject> {
        // SAFETY: the program's own function and context.
        self.thread_object(unsafe { (self.thread.make)(self.context) })
    }

    /// An object that the program made and gives away.
    pub fn thread_object(self: &Arc<Stores>, object: *mut c_void) -> Option<ThreadObject> {
        let object = NonNull::new(object)?;
        // SAFETY: an object of the program.
        let scalars = NonNull::new(unsafe { (self.thread.scalars)(object.as_ptr()) })?;
        Some(ThreadObject { object, scalars: scalars.cast(), stores: self.clone(), lent: false })
    }

    /// A new object for an fd; as [`Stores::make_thread`].
    pub fn make_fd(self: &Arc<Stores>) -> Option<FdObject> {
        // SAFETY: the program's own function and context.
        self.fd_object(unsafe { (self.fd.make)(self.context) })
    }

    /// An object that the program made and gives away.
    pub fn fd_object(self: &Arc<Stores>, object: *mut c_void) -> Option<FdObject> {
        let object = NonNull::new(object)?;
        // SAFETY: an object of the program.
        let scalars = NonNull::new(unsafe { (self.fd.scalars)(object.as_ptr()) })?;
        Some(FdObject { object, scalars: scalars.cast(), stores: self.clone(), lent: false })
    }

    /// A thread of which the program has the object, which it lends.
    ///
    /// # Safety
    /// `object` must be null or an object of the program that lives as long as the answer.
    pub unsafe fn lent_thread(self: &Arc<Stores>, object: *mut c_void) -> Option<Thread> {
        let mut object = self.thread_object(object)?;
        object.lent = true;
        Some(Thread::outside(Box::new(object), FdTable::default(), self.exposures.add()))
    }

    /// An fd of which the program has the object, which it lends.
    ///
    /// # Safety
    /// As [`Stores::lent_thread`].
    pub unsafe fn lent_fd(self: &Arc<Stores>, object: *mut c_void) -> Option<Fd> {
        let mut object = self.fd_object(object)?;
        object.lent = true;
        Some(Fd::outside(Box::new(object), self.exposures.add()))
    }

    /// Tells an object of a thread whose it is.
    pub fn attach(&self, object: *mut c_void, inspector: *mut c_void, id: u64) {
        // SAFETY: an object of the program.
        unsafe { (self.thread.attach)(object, inspector, id) }
    }

    /// Counts what its objects expose.
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
    /// Tells the object what is known of a thread.
    pub fn fill(&mut self, thread: &Thread) {
        // SAFETY: the scalars of an object are there as long as it is, and cells both here and there.
        unsafe { self.scalars.as_ptr().write((**thread).clone()) };
        for which in ThreadText::ALL {
            self.set_text(which, thread.text(which));
        }
        self.set_list(ThreadList::Args, &thread.args().to_list());
        self.set_list(ThreadList::Env, &thread.own_env().to_list());
        self.set_list(ThreadList::Cgroups, &thread.cgroup_list());
        thread.dynamic().each(|index, value| self.set_added(index, value));
    }

    /// Tells the object whose it is.
    pub fn attach(&self, inspector: *mut c_void, id: u64) {
        self.stores.attach(self.object.as_ptr(), inspector, id);
    }

    /// The program's own pointer.
    pub fn as_ptr(&self) -> *mut c_void {
        self.object.as_ptr()
    }
}

impl Drop for ThreadObject {
    fn drop(&mut self) {
        if !self.lent {
            // SAFETY: made or given away by the program, and not used again.
            unsafe { (self.stores.thread.release)(self.object.as_ptr()) }
        }
    }
}

impl ThreadStore for ThreadObject {
    #[inline]
    fn scalars(&self) -> &ThreadScalars {
        // SAFETY: they are there as long as the object is. Being cells, they may change under the reference.
        unsafe { self.scalars.as_ref() }
    }

    fn text(&self, which: ThreadText) -> &[u8] {
        // SAFETY: the text lies in the object and stays until it is changed, which `&self` excludes on this side; the rules above on
        // the other.
        unsafe { (self.stores.thread.text)(self.object.as_ptr(), which as u32).bytes() }
    }

    fn set_text(&mut self, which: ThreadText, text: &[u8]) {
        // SAFETY: an object of the program.
        unsafe { (self.stores.thread.set_text)(self.object.as_ptr(), which as u32, sinsp_str::of(text)) }
    }

    fn list_len(&self, which: ThreadList) -> usize {
        // SAFETY: as above.
        unsafe { (self.stores.thread.list_len)(self.object.as_ptr(), which as u32) }
    }

    fn list_text(&self, which: ThreadList, i: usize) -> &[u8] {
        if i >= self.list_len(which) {
            return &[];
        }
        // SAFETY: as for texts.
        unsafe { (self.stores.thread.list_text)(self.object.as_ptr(), which as u32, i).bytes() }
    }

    fn cgroup_path(&self, i: usize) -> &[u8] {
        if i >= self.list_len(ThreadList::Cgroups) {
            return &[];
        }
        // SAFETY: as for texts.
        unsafe { (self.stores.thread.cgroup_path)(self.object.as_ptr(), i).bytes() }
    }

    fn set_list(&mut self, which: ThreadList, list: &TextList) {
        let (texts, count) = (sinsp_str::of(list.as_wire()), list.len());
        // SAFETY: an object of the program, and a list that is there for the call.
        unsafe { (self.stores.thread.set_list)(self.object.as_ptr(), which as u32, texts, count) }
    }

    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>)) {
        let ask = |out| {
            // SAFETY: an object of the program, and a place for the answer.
            unsafe { (self.stores.thread.added)(self.object.as_ptr(), index, out) }
        };
        added_value(ask, read);
    }

    fn added_len(&self) -> usize {
        // SAFETY: an object of the program.
        unsafe { (self.stores.thread.added_len)(self.object.as_ptr()) }
    }

    fn set_added(&mut self, index: usize, value: Value<'_>) {
        with_state_data(value, |ty, data| {
            // SAFETY: an object of the program, and a value that is there for the call.
            unsafe { (self.stores.thread.set_added)(self.object.as_ptr(), index, ty, data) }
        });
    }

    fn leave(&mut self, fds: &FdTable, relatives: &Relatives) {
        let (fns, object) = (self.stores.thread, self.object.as_ptr());
        // SAFETY: an object of the program, which tells who else holds it.
        if unsafe { (fns.is_held)(object) } {
            for fd in fds.iter() {
                if let Some(file) = fd_object_of(fd, &self.stores) {
                    // SAFETY: two objects of the program.
                    unsafe { (fns.take_fd)(object, fd.fd.get(), file) }
                }
            }
            let known =
                relatives.group.map(|g| sinsp_thread_group_info { pid: g.pid, alive: g.alive, reaper: g.reaper });
            let number = relatives.group.map_or(SINSP_NO_THREAD_GROUP, |g| g.id.to_number());
            let known = known.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: an object of the program, and what is known, which is there for the call.
            unsafe { (fns.take_relatives)(object, number, known, relatives.has_children) }
        }
        // SAFETY: as above.
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
    /// Tells the object what is known of an fd.
    pub fn fill(&mut self, fd: &Fd) {
        // SAFETY: as for `ThreadObject`.
        unsafe { self.scalars.as_ptr().write((**fd).clone()) };
        for which in FdText::ALL {
            self.set_text(which, fd.text(which));
        }
        self.set_sock(fd.sock());
        fd.dynamic().each(|index, value| self.set_added(index, value));
    }

    /// The program's own pointer.
    pub fn as_ptr(&self) -> *mut c_void {
        self.object.as_ptr()
    }
}

impl Drop for FdObject {
    fn drop(&mut self) {
        if !self.lent {
            // SAFETY: made or given away by the program, and not used again.
            unsafe { (self.stores.fd.release)(self.object.as_ptr()) }
        }
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
        // SAFETY: an object of the program.
        unsafe { (self.stores.fd.set_text)(self.object.as_ptr(), which as u32, sinsp_str::of(text)) }
    }

    fn sock(&self) -> SockInfo {
        let mut sock = sinsp_sock::default();
        // SAFETY: an object of the program, and a place for the answer.
        unsafe { (self.stores.fd.sock)(self.object.as_ptr(), &mut sock) };
        sock.info()
    }

    fn set_sock(&mut self, info: SockInfo) {
        let sock = sinsp_sock::of(&info);
        // SAFETY: an object of the program.
        unsafe { (self.stores.fd.set_sock)(self.object.as_ptr(), &sock) }
    }

    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>)) {
        let ask = |out| {
            // SAFETY: an object of the program, and a place for the answer.
            unsafe { (self.stores.fd.added)(self.object.as_ptr(), index, out) }
        };
        added_value(ask, read);
    }

    fn added_len(&self) -> usize {
        // SAFETY: an object of the program.
        unsafe { (self.stores.fd.added_len)(self.object.as_ptr()) }
    }

    fn set_added(&mut self, index: usize, value: Value<'_>) {
        with_state_data(value, |ty, data| {
            // SAFETY: an object of the program, and a value that is there for the call.
            unsafe { (self.stores.fd.set_added)(self.object.as_ptr(), index, ty, data) }
        });
    }

    fn duplicate(&self) -> Option<Box<dyn FdStore>> {
        // SAFETY: an object of the program.
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
    // Code of the program that `make` ran may have asked for the same.
    if !fd.expose(Box::new(object), stores.exposures().add()) {
        return known_fd_object(fd);
    }
    Some(address)
}
