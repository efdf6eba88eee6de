//! A system as C sees it: its machine, interfaces and users, which are kept, and its threads and fds, of which a program is
//! told through its callbacks.

use crate::engine::modern_bpf;
use crate::engine::modern_bpf_public::scap_modern_bpf_linux_vtable;
use crate::engine::test_input;
use crate::platform::hooks::{Hooks, ThreadList};
use crate::platform::scap_linux_platform::{scap_fetch_callbacks, scap_linux_platform};
use crate::platform::scap_procs::{default_proc_entry_callback, proc_entry_callback, scap_proc_callbacks};
use crate::types::engine_handle::scap_engine_handle;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_LASTERR_SIZE, SCAP_SUCCESS};
use crate::types::scap_log::{falcosecurity_log_fn, falcosecurity_log_severity};
use crate::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};
use crate::types::scap_test::scap_test_input_data;
use crate::types::to_c::{self, Addresses, Users};
use capi_common::{Lent, c_string, text};
use scap_sys::capture::Snapshot;
use scap_sys::linux::{self, ScanOptions, Scanner};
use scap_sys::{AgentInfo, Error, FdInfo, Interface, MachineInfo, Result, SystemSink, ThreadInfo, UserList};
use std::cell::{Cell, RefCell, RefMut};
use std::ffi::c_char;
use std::time::Duration;

/// Where a platform has its knowledge from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: it knows nothing.
    Nothing,
    /// What an engine tells it, such as a capture file.
    Engine,
    /// What a test says, by the parameters of its engine.
    Test,
    /// This machine without its processes.
    Host,
    /// This machine.
    Linux,
}

/// Who keeps the threads and fds that a platform finds, in place of C's callbacks: an inspector of the same library.
pub trait Keeper {
    /// Runs `tell` with a sink that keeps what it is told: of all threads anew if `all`, else of single ones. Fails if the keeper is at work.
    fn keep(&self, all: bool, tell: &mut dyn FnMut(&mut dyn SystemSink) -> Result<()>) -> Result<()>;
}

/// A system as C sees it. It is in use while it calls the program's callbacks, which may call it in turn.
#[repr(C)]
pub struct scap_platform {
    /// What C may read and write: it is a `scap_linux_platform` to it.
    pub(crate) linux: scap_linux_platform,
    platform: RefCell<Platform>,
    /// Whether it is an inspector's, which ends it.
    kept: bool,
}

impl scap_platform {
    /// A platform of an inspector's, which owns it: C cannot initialize or free it. It knows nothing until [`scap_platform::attach`].
    pub fn kept_by(keeper: Box<dyn Keeper>) -> scap_platform {
        let mut platform = scap_platform::new(Source::Nothing, scap_proc_callbacks::NONE);
        platform.kept = true;
        platform.platform.get_mut().keeper = Some(keeper);
        platform
    }

    /// Knows from now on what `tell` tells of the machine, its interfaces and users. With `running` this is the running system, which is
    /// scanned in that way when something more is asked for.
    pub fn attach(&self, running: Option<&ScanOptions>, tell: impl FnOnce(&mut dyn SystemSink)) -> Result<()> {
        let mut platform = self.platform()?;
        self.take_engine_back();
        platform.source = if running.is_some() { Source::Linux } else { Source::Engine };
        platform.close();
        if let Some(options) = running {
            platform.options = options.clone();
            platform.scans_late = true;
            platform.agent = Some(Lent::new(agent(&linux::agent_info(options)?)));
        }
        tell(&mut *platform);
        Ok(())
    }

    /// Lets C fetch threads and files through `m_linux_vtable`, as an engine that captures by BPF does, until the platform is attached anew
    /// or detached.
    pub fn lend_engine(&self, iterators: bool) {
        modern_bpf::register(self.own_handle(), iterators);
        self.linux.m_engine.set(self.own_handle());
        self.linux.m_linux_vtable.set(&scap_modern_bpf_linux_vtable);
    }

    fn take_engine_back(&self) {
        modern_bpf::unregister(self.own_handle());
        self.linux.m_engine.set(scap_engine_handle { m_handle: std::ptr::null_mut() });
        self.linux.m_linux_vtable.set(std::ptr::null());
    }

    /// A handle that no engine has: the platform's own address.
    fn own_handle(&self) -> scap_engine_handle {
        scap_engine_handle { m_handle: (&raw const *self).cast_mut().cast() }
    }

    /// Knows nothing any more, as after `scap_platform_close`.
    pub fn detach(&self) -> Result<()> {
        let mut platform = self.platform()?;
        self.take_engine_back();
        platform.source = Source::Nothing;
        platform.close();
        Ok(())
    }

    /// Whether the platform is an inspector's.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    pub(crate) fn new(source: Source, callbacks: scap_proc_callbacks) -> scap_platform {
        let linux = scap_linux_platform {
            m_engine: Cell::new(scap_engine_handle { m_handle: std::ptr::null_mut() }),
            m_linux_vtable: Cell::new(std::ptr::null()),
        };
        scap_platform { linux, platform: RefCell::new(Platform::new(source, callbacks)), kept: false }
    }

    /// The platform, if it is not in use.
    pub(crate) fn platform(&self) -> Result<RefMut<'_, Platform>> {
        let busy = |_| Error::Invalid("the platform is in use: it called the function that calls it".into());
        let mut platform = self.platform.try_borrow_mut().map_err(busy)?;
        if !self.kept {
            platform.hooks = Hooks::new(self.linux.m_engine.get(), self.linux.m_linux_vtable.get());
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

/// What C sees as a `scap_platform`.
pub(crate) struct Platform {
    pub(crate) source: Source,
    callbacks: scap_proc_callbacks,
    keeper: Option<Box<dyn Keeper>>,
    /// Whether all threads are told anew now.
    telling_all: bool,
    /// Whether the scanner is made when it is needed, not by [`Platform::open`].
    scans_late: bool,
    /// Unless a capture does not tell.
    pub(crate) machine: Option<Lent<_scap_machine_info>>,
    pub(crate) agent: Option<Lent<_scap_agent_info>>,
    pub(crate) addresses: Option<Addresses>,
    pub(crate) users: Option<Users>,
    /// What a capture of this system would begin with: threads and fds if no callback of the program's keeps them.
    pub(crate) known: Snapshot,
    keeps_threads: bool,
    scanner: Option<Scanner>,
    options: ScanOptions,
    /// What `scap_get_threadlist` answered last.
    pub(crate) thread_times: Vec<u64>,
    /// What a program's own engine can tell.
    pub(crate) hooks: Hooks,
    pub(crate) engine_list: ThreadList,
    log: falcosecurity_log_fn,
    // Large and always of the same size: one of each serves all.
    thread: Box<scap_threadinfo>,
    fd: Box<scap_fdinfo>,
    /// The first answer of a callback that was not a success.
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
            options: ScanOptions::from_env("HOST_ROOT", "SCAP_HOSTNAME"),
            thread_times: Vec::new(),
            hooks: Hooks::NONE,
            engine_list: ThreadList::NONE,
            log: None,
            thread: to_c::empty_thread(),
            fd: to_c::empty_fd(),
            failure: None,
        }
    }

    /// Says whether the threads and fds of this machine are asked of BPF iterators, where the kernel has them.
    pub(crate) fn set_iterators(&mut self, on: bool) {
        self.options.iterators = on;
    }

    /// Reads what the source has, and tells of all threads and fds.
    pub(crate) fn open(
        &mut self,
        without_users: bool,
        log: falcosecurity_log_fn,
        timeout: u64,
        interval: u64,
    ) -> Result<()> {
        let milliseconds = |n: u64| (n != 0).then(|| Duration::from_millis(n));
        self.log = log;
        self.options.without_users = without_users;
        self.options.timeout = milliseconds(timeout);
        self.options.log_interval = milliseconds(interval);
        if !matches!(self.source, Source::Host | Source::Linux) {
            return Ok(());
        }
        self.agent = Some(Lent::new(agent(&linux::agent_info(&self.options)?)));
        self.machine(&linux::machine_info(&self.options)?);
        self.refresh_addresses()?;
        if self.source == Source::Host {
            return Ok(());
        }
        if !without_users {
            self.users(linux::users(&self.options)?);
        }
        self.scanner = Some(Scanner::new(&self.options)?);
        self.refresh()
    }

    /// Forgets everything; [`Platform::open`] may follow.
    pub(crate) fn close(&mut self) {
        let keeper = self.keeper.take();
        *self = Platform { keeper, ..Platform::new(self.source, self.callbacks) };
    }

    /// Who is told of threads and fds: the program's callback, or `keep` if the platform keeps them itself, in its snapshot.
    pub(crate) fn told_by(&mut self, keep: proc_entry_callback) -> scap_fetch_callbacks {
        if self.keeps_threads {
            scap_fetch_callbacks { proc_entry_cb: keep, ctx: (&raw mut self.known).cast() }
        } else {
            scap_fetch_callbacks {
                proc_entry_cb: self.callbacks.m_proc_entry_cb,
                ctx: self.callbacks.m_callback_context,
            }
        }
    }

    pub(crate) fn refresh_addresses(&mut self) -> Result<()> {
        match self.source {
            Source::Host | Source::Linux => {
                self.interfaces(linux::interfaces()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Tells of all threads and fds anew.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        self.told(Platform::tell_all)
    }

    /// Runs `body`, which tells of all threads, between the callbacks for the start and the end; answers with the first
    /// failure of a callback.
    pub(crate) fn told(&mut self, body: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let context = self.callbacks.m_callback_context;
        if let Some(start) = self.callbacks.m_refresh_start_cb {
            // SAFETY: the program's callback with the program's context.
            unsafe { start(context) };
        }
        self.known.threads.clear();
        self.known.fds.clear();
        self.telling_all = true;
        let answer = body(self);
        self.telling_all = false;
        if let Some(end) = self.callbacks.m_refresh_end_cb {
            // SAFETY: as above.
            unsafe { end(context) };
        }
        answer.and(self.failure.take().map_or(Ok(()), Err))
    }

    /// Tells of the threads and fds of a test.
    pub(crate) fn tell_test(&mut self, data: &scap_test_input_data) -> Result<()> {
        self.told(|platform| {
            // SAFETY: the program says how many threads and fds there are.
            for (thread, fds) in unsafe { test_input::system(data) } {
                // The callback gets a copy of each, as the program's own are not ours to have changed.
                *platform.thread = *thread;
                let told: *mut scap_threadinfo = &mut *platform.thread;
                platform.tell(thread.tid as i64, told, std::ptr::null_mut());
                for fd in fds {
                    *platform.fd = *fd;
                    let told: *mut scap_fdinfo = &mut *platform.fd;
                    platform.tell(thread.tid as i64, std::ptr::null_mut(), told);
                }
            }
            Ok(())
        })
    }

    /// Forgets one process, of which the platform is to be told anew.
    pub(crate) fn forget(&mut self, tid: i64) {
        self.known.threads.retain(|t| t.tid != tid);
        self.known.fds.retain(|(pid, _)| *pid != tid);
    }

    /// Asks the running system, if that is what this platform knows; the sink takes the threads and fds that it tells of.
    pub(crate) fn scan<T>(&mut self, body: impl FnOnce(&mut Scanner, &mut dyn SystemSink) -> Result<T>) -> Result<T> {
        let Some(keeper) = self.keeper.take() else {
            return self.with_scanner(|platform, scanner| {
                let answer = body(scanner, platform);
                platform.failure.take().map_or(answer, Err)
            });
        };
        let all = self.telling_all;
        let mut body = Some(body);
        let mut told = None;
        let kept = self.with_scanner(|_, scanner| {
            keeper.keep(all, &mut |sink| {
                told = body.take().map(|body| body(scanner, sink)).transpose()?;
                Ok(())
            })
        });
        self.keeper = Some(keeper);
        kept?;
        told.ok_or_else(|| Error::Invalid("the inspector of the platform keeps nothing".into()))
    }

    /// Asks the running system what needs no telling.
    pub(crate) fn ask<T>(&mut self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T> {
        self.with_scanner(|_, scanner| body(scanner))
    }

    /// Runs `body` with the scanner. An inspector's platform makes it when it is needed first.
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

    /// Tells the callback of one thread or one fd; the other pointer is null.
    fn tell(&mut self, tid: i64, thread: *mut scap_threadinfo, fd: *mut scap_fdinfo) {
        let Some(callback) = self.callbacks.m_proc_entry_cb else { return };
        let mut error: [c_char; SCAP_LASTERR_SIZE] = [0; SCAP_LASTERR_SIZE];
        let context = self.callbacks.m_callback_context;
        // SAFETY: the program's callback with the program's context; what it gets lives for the call.
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
        let told: *mut scap_threadinfo = &mut *self.thread;
        self.tell(thread.tid, told, std::ptr::null_mut());
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        if self.keeps_threads {
            return self.known.fd(pid, fd);
        }
        to_c::fd(&fd, &mut self.fd);
        let told: *mut scap_fdinfo = &mut *self.fd;
        self.tell(pid, std::ptr::null_mut(), told);
    }

    fn progress(&mut self, message: &str) {
        self.log(falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_INFO, message);
    }
}

impl Platform {
    /// Logs a message, if there is where to.
    pub(crate) fn log(&self, severity: falcosecurity_log_severity, text: &str) {
        if let Some(log) = self.log {
            // SAFETY: the program's function; both texts live for the call.
            unsafe { log(c"libscap".as_ptr(), c_string(text).as_ptr(), severity) };
        }
    }
}

fn agent(info: &AgentInfo) -> _scap_agent_info {
    let mut agent =
        _scap_agent_info { start_ts_epoch: info.start_ts_epoch, start_time: info.start_time, uname_r: [0; 128] };
    capi_common::copy(&mut agent.uname_r, &info.kernel_release);
    agent
}
