//! A system as C sees it: the platform keeps its machine, interfaces and users, and passes its threads and fds to the program's callbacks.

use crate::engine::modern_bpf::scap_modern_bpf_linux_vtable;
use crate::engine::{modern_bpf, test_events};
use crate::platform::hooks::{Hooks, ThreadList};
use crate::platform::scap_procs::default_proc_entry_callback;
use crate::types::engine::scap_engine_handle;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_LASTERR_SIZE, SCAP_SUCCESS};
use crate::types::scap_linux_platform::{scap_fetch_callbacks, scap_linux_platform};
use crate::types::scap_log::{falcosecurity_log_fn, falcosecurity_log_severity};
use crate::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};
use crate::types::scap_platform_impl::PublicPlatform;
use crate::types::scap_procs::{proc_entry_callback, scap_proc_callbacks, scap_proclist};
use crate::types::scap_test::scap_test_input_data;
use crate::types::to_c;
use crate::types::to_c::{Addresses, Users};
use capi_common::{Lent, c_string, text};
use scap_sys::capture::Snapshot;
use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{Error, FdInfo, Interface, MachineInfo, Result, SystemSink, ThreadInfo, UserList, linux};
use std::cell::{Cell, RefCell, RefMut};
use std::ffi::c_char;

/// The source of a platform's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// None: there is no data.
    Nothing,
    /// An engine, such as that of a capture file.
    Engine,
    /// A test, in the parameters of its engine.
    Test,
    /// This machine without its processes.
    Host,
    /// This machine.
    Linux,
}

/// Keeps the threads and fds of a platform in place of C's callbacks: an inspector of this library.
pub trait Keeper {
    /// Runs `describe` with a sink that stores the threads and fds passed to it. With `all` they replace all threads of the keeper. Fails if the
    /// keeper is in use.
    fn keep(&self, all: bool, describe: &mut dyn FnMut(&mut dyn SystemSink) -> Result<()>) -> Result<()>;
}

/// A system as C sees it. It is borrowed while it calls the program's callbacks; one that uses it then gets an error.
#[repr(C)]
pub struct scap_platform {
    /// The members that C may read and write.
    pub(crate) public: PublicPlatform,
    platform: RefCell<Platform>,
    /// Whether an inspector owns it.
    kept: bool,
}

impl scap_platform {
    /// A platform that an inspector owns: C cannot initialize or free it. It has no data until [`scap_platform::attach`].
    pub fn kept_by(keeper: Box<dyn Keeper>) -> scap_platform {
        let mut platform = scap_platform::new(Source::Nothing, scap_proc_callbacks::NONE);
        platform.kept = true;
        platform.platform.get_mut().keeper = Some(keeper);
        platform
    }

    /// Replaces the platform's data by what `describe` reports: the machine, its interfaces and users. With `running` it is the platform of the
    /// running system, and later scans use these options.
    pub fn attach(&self, running: Option<&ScanOptions>, describe: impl FnOnce(&mut dyn SystemSink)) -> Result<()> {
        let mut platform = self.platform()?;
        self.take_engine_back();
        platform.source = if running.is_some() { Source::Linux } else { Source::Engine };
        platform.close();
        if let Some(options) = running {
            platform.options = options.clone();
            platform.scans_late = true;
            platform.agent = Some(Lent::new(to_c::agent(&linux::agent_info(options)?)));
        }
        describe(&mut *platform);
        Ok(())
    }

    /// Replaces the addresses of the machine.
    pub fn set_interfaces(&self, interfaces: Vec<Interface>) -> Result<()> {
        self.platform()?.interfaces(interfaces);
        Ok(())
    }

    /// Replaces the description of the machine.
    pub fn set_machine(&self, machine: &MachineInfo) -> Result<()> {
        self.platform()?.machine(machine);
        Ok(())
    }

    /// Lets C fetch threads and files through `m_linux_vtable`, as from an engine that captures with BPF, until the next
    /// [`scap_platform::attach`] or [`scap_platform::detach`].
    pub fn lend_engine(&self, iterators: bool) {
        modern_bpf::register(self.own_handle(), iterators);
        self.public.m_linux.m_engine.set(self.own_handle());
        self.public.m_linux.m_linux_vtable.set(&scap_modern_bpf_linux_vtable);
    }

    fn take_engine_back(&self) {
        modern_bpf::unregister(self.own_handle());
        self.public.m_linux.m_engine.set(scap_engine_handle { m_handle: std::ptr::null_mut() });
        self.public.m_linux.m_linux_vtable.set(std::ptr::null());
    }

    /// The platform's own address, which is the handle of no engine.
    fn own_handle(&self) -> scap_engine_handle {
        scap_engine_handle { m_handle: (&raw const *self).cast_mut().cast() }
    }

    /// Clears the data, like `scap_platform_close`.
    pub fn detach(&self) -> Result<()> {
        let mut platform = self.platform()?;
        self.take_engine_back();
        platform.source = Source::Nothing;
        platform.close();
        Ok(())
    }

    /// Whether an inspector owns the platform.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    pub(crate) fn new(source: Source, callbacks: scap_proc_callbacks) -> scap_platform {
        let m_linux = scap_linux_platform {
            m_engine: Cell::new(scap_engine_handle { m_handle: std::ptr::null_mut() }),
            m_linux_vtable: Cell::new(std::ptr::null()),
        };
        let list = scap_proclist { m_callbacks: callbacks, m_proclist: std::ptr::null_mut() };
        scap_platform {
            public: PublicPlatform { m_linux, m_proclist: Cell::new(list) },
            platform: RefCell::new(Platform::new(source, callbacks)),
            kept: false,
        }
    }

    /// The data; an error while it is in use.
    pub(crate) fn platform(&self) -> Result<RefMut<'_, Platform>> {
        let busy = |_| Error::Invalid("the platform is in use: it called the function that calls it".into());
        let mut platform = self.platform.try_borrow_mut().map_err(busy)?;
        if !self.kept {
            platform.hooks = Hooks::new(self.public.m_linux.m_engine.get(), self.public.m_linux.m_linux_vtable.get());
        }
        Ok(platform)
    }
}

impl Drop for scap_platform {
    fn drop(&mut self) {
        if self.is_kept() {
            self.take_engine_back();
        }
    }
}

/// The data of a `scap_platform`.
pub(crate) struct Platform {
    pub(crate) source: Source,
    callbacks: scap_proc_callbacks,
    keeper: Option<Box<dyn Keeper>>,
    /// Whether a scan of all threads is running.
    telling_all: bool,
    /// Whether the scanner is made at its first use, not by [`Platform::open`].
    scans_late: bool,
    /// `None` if a capture does not have it.
    pub(crate) machine: Option<Lent<_scap_machine_info>>,
    pub(crate) agent: Option<Lent<_scap_agent_info>>,
    pub(crate) addresses: Option<Addresses>,
    pub(crate) users: Option<Users>,
    /// The start of a capture of this system; with threads and fds if the program has no callback for them.
    pub(crate) known: Snapshot,
    keeps_threads: bool,
    pub(super) scanner: Option<Scanner>,
    pub(super) options: ScanOptions,
    /// What `scap_get_threadlist` returned last.
    pub(crate) thread_times: Vec<u64>,
    /// The functions of a program's own engine.
    pub(crate) hooks: Hooks,
    pub(crate) engine_list: ThreadList,
    pub(super) log: falcosecurity_log_fn,
    // Large structs, allocated once and reused for each entry.
    thread: Box<scap_threadinfo>,
    fd: Box<scap_fdinfo>,
    /// The first failure of a callback.
    failure: Option<Error>,
}

impl Platform {
    fn new(source: Source, callbacks: scap_proc_callbacks) -> Platform {
        Platform {
            source,
            callbacks,
            keeper: None,
            telling_all: false,
            scans_late: false,
            machine: None,
            agent: None,
            addresses: None,
            users: None,
            known: Snapshot::default(),
            keeps_threads: callbacks
                .m_proc_entry_cb
                .is_none_or(|cb| cb as usize == default_proc_entry_callback as *const () as usize),
            scanner: None,
            options: ScanOptions::from_env(),
            thread_times: Vec::new(),
            hooks: Hooks::NONE,
            engine_list: ThreadList::NONE,
            log: None,
            thread: to_c::empty_thread(),
            fd: to_c::empty_fd(),
            failure: None,
        }
    }

    /// A receiver of threads and fds, for the callbacks of a list of the program.
    pub(crate) fn of_list(callbacks: scap_proc_callbacks) -> Platform {
        Platform::new(Source::Nothing, callbacks)
    }

    /// The first failure of a callback since this was called last.
    pub(crate) fn first_failure(&mut self) -> Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Sets whether this machine is scanned through BPF iterators, if the kernel has them.
    pub(crate) fn set_iterators(&mut self, on: bool) {
        self.options.iterators = on;
    }

    /// Clears the data; [`Platform::open`] may follow.
    pub(crate) fn close(&mut self) {
        let keeper = self.keeper.take();
        *self = Platform { keeper, ..Platform::new(self.source, self.callbacks) };
    }

    /// The callback for threads and fds: the program's, or `keep` if the platform keeps them itself, in its snapshot.
    pub(crate) fn fetch_callbacks(&mut self, keep: proc_entry_callback) -> scap_fetch_callbacks {
        if self.keeps_threads {
            scap_fetch_callbacks { proc_entry_cb: keep, ctx: (&raw mut self.known).cast() }
        } else {
            scap_fetch_callbacks {
                proc_entry_cb: self.callbacks.m_proc_entry_cb,
                ctx: self.callbacks.m_callback_context,
            }
        }
    }

    /// Runs `body`, which passes all threads, between the callbacks for the start and the end. Returns its error, or the first
    /// failure of a callback.
    pub(crate) fn refresh_with(&mut self, body: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let context = self.callbacks.m_callback_context;
        if let Some(start) = self.callbacks.m_refresh_start_cb {
            // SAFETY: the program's callback with its own context.
            unsafe { start(context) };
        }
        self.known.threads.clear();
        self.known.fds.clear();
        self.telling_all = true;
        let answer = body(self);
        self.telling_all = false;
        if let Some(end) = self.callbacks.m_refresh_end_cb {
            // SAFETY: the program's callback with its own context.
            unsafe { end(context) };
        }
        answer.and(self.first_failure())
    }

    /// Passes the threads and fds of a test to the callbacks.
    pub(crate) fn fetch_test(&mut self, data: &scap_test_input_data) -> Result<()> {
        self.refresh_with(|platform| {
            // SAFETY: the program's input has as many threads and fds as it says (scap_test.h).
            for (thread, fds) in unsafe { test_events::system(data) } {
                // The callback gets copies, because it may change them and the originals are the program's.
                *platform.thread = *thread;
                let reported: *mut scap_threadinfo = &mut *platform.thread;
                platform.call_back(thread.tid as i64, reported, std::ptr::null_mut());
                for fd in fds {
                    *platform.fd = *fd;
                    let reported: *mut scap_fdinfo = &mut *platform.fd;
                    platform.call_back(thread.tid as i64, std::ptr::null_mut(), reported);
                }
            }
            Ok(())
        })
    }

    /// Removes one process, before it is scanned again.
    pub(crate) fn forget(&mut self, tid: i64) {
        self.known.threads.retain(|t| t.tid != tid);
        self.known.fds.retain(|(pid, _)| *pid != tid);
    }

    /// Scans the running system, if that is the platform's source; the sink takes the threads and fds.
    pub(crate) fn scan<T>(&mut self, body: impl FnOnce(&mut Scanner, &mut dyn SystemSink) -> Result<T>) -> Result<T> {
        let Some(keeper) = self.keeper.take() else {
            return self.with_scanner(|platform, scanner| {
                let answer = body(scanner, platform);
                platform.failure.take().map_or(answer, Err)
            });
        };
        let all = self.telling_all;
        let mut body = Some(body);
        let mut reported = None;
        let kept = self.with_scanner(|_, scanner| {
            keeper.keep(all, &mut |sink| {
                reported = body.take().map(|body| body(scanner, sink)).transpose()?;
                Ok(())
            })
        });
        self.keeper = Some(keeper);
        kept?;
        reported.ok_or_else(|| Error::Invalid("the inspector of the platform keeps nothing".into()))
    }

    /// Reads from the running system without a sink.
    pub(crate) fn read<T>(&mut self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T> {
        self.with_scanner(|_, scanner| body(scanner))
    }

    /// Runs `body` with the scanner, which an inspector's platform makes at its first use.
    fn with_scanner<T>(&mut self, body: impl FnOnce(&mut Self, &mut Scanner) -> Result<T>) -> Result<T> {
        if self.scanner.is_none() && self.scans_late {
            self.scanner = Some(Scanner::new(&self.options)?);
        }
        let Some(mut scanner) = self.scanner.take() else {
            return Err(Error::NotSupported("scanning processes on this platform".into()));
        };
        let answer = body(self, &mut scanner);
        self.scanner = Some(scanner);
        answer
    }

    /// Passes one thread or one fd to the callback; the other pointer is null.
    fn call_back(&mut self, tid: i64, thread: *mut scap_threadinfo, fd: *mut scap_fdinfo) {
        let Some(callback) = self.callbacks.m_proc_entry_cb else { return };
        let mut error: [c_char; SCAP_LASTERR_SIZE] = [0; SCAP_LASTERR_SIZE];
        let context = self.callbacks.m_callback_context;
        // SAFETY: the program's callback with its own context; the other pointers are null or valid during the call.
        let rc = unsafe { callback(context, error.as_mut_ptr(), tid, thread, fd, std::ptr::null_mut()) };
        if rc != SCAP_SUCCESS && self.failure.is_none() {
            let why = String::from_utf8_lossy(text(&error));
            self.failure = Some(Error::Invalid(format!("the callback for the thread {tid} failed ({rc}): {why}")));
        }
    }
}

impl SystemSink for Platform {
    fn machine(&mut self, machine: &MachineInfo) {
        self.machine = (machine.num_cpus != u32::MAX).then(|| Lent::new(to_c::machine(machine)));
        self.known.machine(machine);
    }

    fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.addresses = Some(Addresses::new(&interfaces));
        self.known.interfaces(interfaces);
    }

    fn users(&mut self, users: UserList) {
        self.users = Some(Users::new(&users));
        self.known.users(users);
    }

    fn thread(&mut self, thread: ThreadInfo) {
        if self.keeps_threads {
            return self.known.thread(thread);
        }
        to_c::thread(&thread, &mut self.thread);
        let reported: *mut scap_threadinfo = &mut *self.thread;
        self.call_back(thread.tid, reported, std::ptr::null_mut());
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        if self.keeps_threads {
            return self.known.fd(pid, fd);
        }
        to_c::fd(&fd, &mut self.fd);
        let reported: *mut scap_fdinfo = &mut *self.fd;
        self.call_back(pid, std::ptr::null_mut(), reported);
    }

    fn progress(&mut self, message: &str) {
        self.log(falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_INFO, message);
    }
}

impl Platform {
    /// Logs a message, if there is a log function.
    pub(crate) fn log(&self, severity: falcosecurity_log_severity, text: &str) {
        if let Some(log) = self.log {
            // SAFETY: the program's log function; both texts are valid during the call.
            unsafe { log(c"libscap".as_ptr(), c_string(text).as_ptr(), severity) };
        }
    }
}
