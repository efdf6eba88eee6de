//! Scans the system of a platform: threads and open files come from the functions that a program's own engine put into its
//! `scap_linux_platform`, or, without them, from /proc and the BPF iterators.

use crate::platform::hooks::ThreadList;
use crate::platform::state::{Platform, Source};
use crate::types::engine::scap_engine_handle;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_NOT_SUPPORTED, SCAP_SUCCESS};
use crate::types::scap_linux_platform::{scap_fetch_callbacks, scap_linux_vtable};
use crate::types::scap_log::falcosecurity_log_fn;
use crate::types::{from_c, to_c};
use capi_common::{ErrorText, Lent, guard, text, write_error};
use scap_sys::capture::Snapshot;
use scap_sys::linux::Scanner;
use scap_sys::{Error, FdInfo, Result, SystemSink, linux};
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::time::Duration;

/// A sink that passes on open files alone.
struct Files<'a>(&'a mut dyn SystemSink);

impl SystemSink for Files<'_> {
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.0.fd(pid, fd);
    }

    fn progress(&mut self, message: &str) {
        self.0.progress(message);
    }
}

/// The callback for a platform that keeps its threads and fds itself.
unsafe extern "C" fn keep(
    context: *mut c_void,
    error: *mut c_char,
    tid: i64,
    tinfo: *mut scap_threadinfo,
    fdinfo: *mut scap_fdinfo,
    _new_tinfo: *mut *mut scap_threadinfo,
) -> i32 {
    // SAFETY: the context is the `Snapshot` that `fetch_callbacks` sets; the other pointers are null or valid during the call.
    let (known, thread, fd) = unsafe { (context.cast::<Snapshot>().as_mut(), tinfo.as_ref(), fdinfo.as_ref()) };
    let Some(known) = known else { return SCAP_FAILURE };
    let body = || {
        match (thread, fd) {
            (_, Some(fd)) => {
                if let Some(fd) = from_c::fd(fd)? {
                    known.fd(tid, fd);
                }
            }
            (Some(thread), None) => known.thread(from_c::thread(thread)),
            (None, None) => {
                return Err(Error::Invalid(
                    "an engine's scap_linux_vtable: its callback was given neither a thread nor an fd".into(),
                ));
            }
        }
        Ok(())
    };
    match guard(|message| Err(Error::Invalid(message.into())), body) {
        Ok(()) => SCAP_SUCCESS,
        Err(e) => {
            // SAFETY: null or SCAP_LASTERR_SIZE bytes (`proc_entry_callback`).
            unsafe { write_error(error, &e) };
            SCAP_FAILURE
        }
    }
}

type Call<'a> =
    &'a mut dyn FnMut(&scap_linux_vtable, scap_engine_handle, &scap_fetch_callbacks, *mut c_char) -> Option<i32>;

impl Platform {
    /// Reads the data of the source, and passes all threads and fds.
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
        self.agent = Some(Lent::new(to_c::agent(&linux::agent_info(&self.options)?)));
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

    pub(crate) fn refresh_addresses(&mut self) -> Result<()> {
        match self.source {
            Source::Host | Source::Linux => {
                self.interfaces(linux::interfaces()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Passes all threads and fds again.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        self.refresh_with(Platform::fetch_all)
    }

    /// Calls a function of the program's engine through `call`, which returns `None` if the engine does not have it. `None` if
    /// there is no such function or it is not supported.
    fn ask_engine(&mut self, what: &str, call: Call<'_>) -> Option<Result<()>> {
        if self.source != Source::Linux {
            return None;
        }
        // SAFETY: the program keeps the functions valid as long as the platform (`m_linux_vtable`).
        let vtable = unsafe { self.hooks.vtable.as_ref() }?;
        let callbacks = self.fetch_callbacks(Some(keep));
        let mut error = ErrorText::new();
        match call(vtable, self.hooks.engine, &callbacks, error.0.as_mut_ptr())? {
            SCAP_SUCCESS => Some(Ok(())),
            SCAP_NOT_SUPPORTED => None,
            rc => {
                let why = String::from_utf8_lossy(text(&error.0));
                Some(Err(Error::Invalid(format!("the engine's {what} failed ({rc}): {why}"))))
            }
        }
    }

    /// Passes all threads and open files.
    pub(crate) fn fetch_all(&mut self) -> Result<()> {
        let threads = self.ask_engine("fetch_threads", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.fetch_threads.map(|f| unsafe { f(engine, callbacks, error) })
        });
        match threads {
            None => return self.scan(|scanner, sink| scanner.threads(sink)),
            Some(reported) => reported?,
        }
        let files = self.ask_engine("fetch_procs_files", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.fetch_procs_files.map(|f| unsafe { f(engine, callbacks, error) })
        });
        files.unwrap_or_else(|| self.scan(|scanner, sink| scanner.threads(&mut Files(sink))))
    }

    /// Passes one thread and, if it is a main thread, its open files, with its sockets if `sockets`.
    pub(crate) fn fetch_thread(&mut self, tid: i64, sockets: bool) -> Result<()> {
        let id = u32::try_from(tid).unwrap_or(0);
        let mut thread = to_c::empty_thread();
        let reported = self.ask_engine("fetch_thread", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.fetch_thread.map(|f| unsafe { f(engine, callbacks, id, &mut *thread, error) })
        });
        match reported {
            None => return self.scan(|scanner, sink| scanner.thread(tid, sockets, sink)),
            Some(reported) => reported?,
        }
        if thread.pid != thread.tid {
            return Ok(());
        }
        let files = self.ask_files(id, sockets);
        files.unwrap_or_else(|| self.scan(|scanner, sink| scanner.thread(tid, sockets, &mut Files(sink))))
    }

    fn ask_files(&mut self, pid: u32, sockets: bool) -> Option<Result<()>> {
        self.ask_engine("fetch_proc_files", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.fetch_proc_files.map(|f| unsafe { f(engine, callbacks, pid, sockets, null_mut(), error) })
        })
    }

    /// Passes the open files of a process.
    pub(crate) fn fetch_files(&mut self, pid: i64) -> Result<()> {
        let reported = self.ask_files(u32::try_from(pid).unwrap_or(0), true);
        reported.unwrap_or_else(|| self.scan(|scanner, sink| scanner.fds(pid, sink)))
    }

    /// Passes one open file of a process.
    pub(crate) fn fetch_file(&mut self, pid: i64, fd: i64) -> Result<()> {
        let reported = match (u32::try_from(pid), u32::try_from(fd)) {
            (Ok(pid), Ok(fd)) => self.ask_engine("fetch_proc_file", &mut |v, engine, callbacks, error| {
                // SAFETY: the engine's own function and object; the other pointers are valid during the call.
                v.fetch_proc_file.map(|f| unsafe { f(engine, callbacks, pid, fd, error) })
            }),
            _ => None,
        };
        reported.unwrap_or_else(|| self.scan(|scanner, sink| scanner.fd(pid, fd, sink)))
    }

    /// The pid of this process in the host's pid namespace.
    pub(crate) fn own_pid(&mut self) -> Result<i64> {
        let mut pid = 0;
        let reported = self.ask_engine("getpid_global", &mut |v, engine, _, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.getpid_global.map(|f| unsafe { f(engine, &mut pid, error) })
        });
        match reported {
            Some(reported) => reported.map(|()| pid),
            None => self.read(Scanner::own_pid),
        }
    }

    /// The CPU times of all threads from the engine; `None` if it has none.
    pub(crate) fn engine_times(&mut self) -> Option<Result<*mut ppm_proclist_info>> {
        let mut list = std::mem::replace(&mut self.engine_list, ThreadList::NONE);
        let reported = self.ask_engine("get_threadlist", &mut |v, engine, _, error| {
            // SAFETY: the engine's own function and object; the other pointers are valid during the call.
            v.get_threadlist.map(|f| unsafe { f(engine, &mut list.0, error) })
        });
        self.engine_list = list;
        reported.map(|reported| reported.map(|()| self.engine_list.0))
    }
}

#[cfg(test)]
mod tests;
