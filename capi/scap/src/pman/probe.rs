//! The one probe of libpman's API.

use crate::engine::fetch::{self, Lender};
use crate::engine::metrics;
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap_const::SCAP_FAILURE;
use crate::types::scap_log::{falcosecurity_log_fn, falcosecurity_log_severity, with_libbpf};
use capi_common::{c_string, guard};
use scap_sys::engine::bpf::{BpfEngine, BpfOptions, Loader};
use scap_sys::linux::Scanner;
use scap_sys::{Error, Result};
use std::ffi::{c_int, c_void};
use std::io::{ErrorKind, Write};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

pub(crate) const DISPATCHER: &str = BpfEngine::DISPATCHER;

/// The state of the probe.
enum Probe {
    Closed,
    Loading(Box<Loader>),
    Open(Box<BpfEngine>),
}

/// The state of all functions.
pub(crate) struct State {
    options: Option<BpfOptions>,
    rings: usize,
    probe: Probe,
    /// What `pman_get_metrics_v2` returned last.
    metrics: Vec<metrics_v2>,
    /// Whether threads and open files are fetched through BPF iterators.
    iterators: bool,
    /// Made at the first fetch.
    scanner: Option<Box<Scanner>>,
}

static STATE: Mutex<State> = Mutex::new(State {
    options: None,
    rings: 0,
    probe: Probe::Closed,
    metrics: Vec::new(),
    iterators: false,
    scanner: None,
});
static LOG: Mutex<falcosecurity_log_fn> = Mutex::new(None);

impl State {
    /// Closes the probe, and sets the options of the next one.
    pub fn configure(&mut self, options: BpfOptions, iterators: bool) -> Result<()> {
        self.clear();
        self.iterators = iterators;
        self.rings = options.rings()?;
        self.options = Some(options);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.close();
        self.options = None;
        self.rings = 0;
    }

    pub fn close(&mut self) {
        self.probe = Probe::Closed;
        self.metrics = Vec::new();
        self.scanner = None;
    }

    /// The scanner of the running system.
    fn scanner(&mut self) -> Result<&mut Scanner> {
        let scanner = match self.scanner.take() {
            Some(scanner) => scanner,
            None => Box::new(Scanner::new(&fetch::options(self.iterators))?),
        };
        Ok(self.scanner.insert(scanner))
    }

    pub fn rings(&self) -> usize {
        self.rings
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.probe, Probe::Closed)
    }

    pub fn open(&mut self) -> Result<()> {
        let Some(options) = &self.options else {
            return Err(Error::Invalid("opening the BPF probe: pman_init_state was not called".into()));
        };
        if self.is_open() {
            return Err(Error::Invalid("opening the BPF probe: it is open already".into()));
        }
        self.probe = Probe::Loading(Box::new(Loader::open(options)?));
        Ok(())
    }

    /// The probe before it is ready.
    pub fn loader(&mut self) -> Result<&mut Loader> {
        match &mut self.probe {
            Probe::Loading(loader) => Ok(loader),
            Probe::Closed => Err(Error::Invalid("the BPF probe is not open".into())),
            Probe::Open(_) => Err(Error::Invalid("the BPF probe is loaded already".into())),
        }
    }

    /// Runs one of the two last steps. After both the probe is ready.
    pub fn finalize(&mut self, step: impl FnOnce(&mut Loader) -> Result<()>) -> Result<()> {
        let loader = self.loader()?;
        step(loader)?;
        if loader.is_finished()
            && let Probe::Loading(loader) = std::mem::replace(&mut self.probe, Probe::Closed)
        {
            self.probe = Probe::Open(Box::new(loader.finish()?));
        }
        Ok(())
    }

    /// The probe when it is ready.
    pub fn engine(&mut self) -> Result<&mut BpfEngine> {
        match &mut self.probe {
            Probe::Open(engine) => Ok(engine),
            Probe::Closed => Err(Error::Invalid("the BPF probe is not open".into())),
            Probe::Loading(_) => Err(Error::Invalid("the BPF probe is not loaded".into())),
        }
    }

    /// Runs `ready` on a probe that is ready, else `loading`.
    pub fn loaded(
        &mut self,
        loading: impl FnOnce(&mut Loader) -> Result<()>,
        ready: impl FnOnce(&mut BpfEngine) -> Result<()>,
    ) -> Result<()> {
        match &mut self.probe {
            Probe::Open(engine) => ready(engine),
            _ => loading(self.loader()?),
        }
    }

    /// The next event and its ring, or null and -1.
    pub fn take(&mut self) -> (*mut c_void, i16) {
        let Probe::Open(engine) = &mut self.probe else { return (null_mut(), -1) };
        engine.take().map_or((null_mut(), -1), |(event, ring)| (event.bytes().as_ptr() as *mut c_void, ring as i16))
    }

    /// The metrics of the kinds in `flags`, and how many there are.
    pub fn metrics(&mut self, flags: u32) -> Result<(*mut metrics_v2, u32)> {
        let mut metrics = std::mem::take(&mut self.metrics);
        metrics.clear();
        metrics::of_driver(self.engine()?.counts(), flags, &mut metrics)?;
        self.metrics = metrics;
        Ok((self.metrics.as_mut_ptr(), self.metrics.len() as u32))
    }
}

/// Lends the scanner of the state.
pub(crate) struct System;

impl Lender for System {
    fn with<T>(&self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T> {
        answer(|state| body(state.scanner()?))
    }

    fn note(&self, text: &str) {
        note(text);
    }
}

pub(crate) fn set_log(log: falcosecurity_log_fn) {
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = log;
}

fn log(severity: falcosecurity_log_severity, text: &str) {
    // Called outside the lock, because the log function may call libpman.
    let log = *LOG.lock().unwrap_or_else(PoisonError::into_inner);
    match log {
        // SAFETY: the program's log function; both texts are valid during the call.
        Some(log) => unsafe { log(c"libpman".as_ptr(), c_string(text).as_ptr(), severity) },
        // If standard error is closed, the text is lost.
        None => drop(writeln!(std::io::stderr(), "libpman: {text}")),
    }
}

/// Logs an informational text, if there is a log function.
fn note(text: &str) {
    if LOG.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
        log(falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_INFO, text);
    }
}

/// Runs `body` on the state; an error if it is in use.
fn answer<T>(body: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
    let panicked = |message: &str| Err(Error::Invalid(message.into()));
    guard(panicked, || match state() {
        Some(mut state) => body(&mut state),
        None => Err(Error::io("using the BPF probe", std::io::Error::from_raw_os_error(libc::EBUSY))),
    })
}

/// The state, unless it is in use. After a panic, which `guard` has reported, it can still be used.
fn state() -> Option<MutexGuard<'static, State>> {
    match STATE.try_lock() {
        Ok(state) => Some(state),
        Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Runs `body` on the state, and returns 0, or an `errno` after logging the cause.
pub(crate) fn call(body: impl FnOnce(&mut State) -> Result<()>) -> c_int {
    let log_fn = *LOG.lock().unwrap_or_else(PoisonError::into_inner);
    match with_libbpf(log_fn, || answer(body)) {
        Ok(()) => 0,
        Err(e) => {
            log(falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_ERROR, &e.to_string());
            errno(&e)
        }
    }
}

/// What `body` reads from the state; `otherwise` if it is in use.
pub(crate) fn read<T: Copy>(otherwise: T, body: impl FnOnce(&mut State) -> T) -> T {
    guard(|_| otherwise, || state().map_or(otherwise, |mut state| body(&mut state)))
}

/// Like [`call`], but returns `SCAP_FAILURE` without a log message if the probe is not ready: programs also stop a capture that did
/// not open.
pub(crate) fn enforce(body: impl FnOnce(&mut State) -> Result<()>) -> c_int {
    if read(false, |state| state.engine().is_ok()) { call(body) } else { SCAP_FAILURE }
}

pub(crate) fn attach(program: &str) -> c_int {
    call(|state| state.engine()?.attach(program))
}

pub(crate) fn detach(program: &str) -> c_int {
    call(|state| {
        state.engine()?.detach(program);
        Ok(())
    })
}

/// The `errno` of an error; -1 if it has none.
fn errno(error: &Error) -> c_int {
    match error {
        Error::Io { source, .. } => source.raw_os_error().unwrap_or(match source.kind() {
            ErrorKind::PermissionDenied => libc::EPERM,
            ErrorKind::InvalidData => libc::EINVAL,
            _ => -1,
        }),
        Error::NotSupported(_) => libc::ENOTSUP,
        Error::Invalid(_) => libc::EINVAL,
        _ => -1,
    }
}
