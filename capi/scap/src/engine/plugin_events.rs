//! The events of a plugin as an engine.

use crate::types::plugin_info::scap_source_plugin;
use crate::types::plugin_types::*;
use crate::types::ppm::ppm_evt_hdr;
use capi_common::bytes;
use driver::EventType;
use scap_sys::engine::{Engine, NO_EVENT, Stats, Status};
use scap_sys::{Error, Event, HEADER_LEN, Result};
use std::ffi::c_char;
use std::ptr::{NonNull, null_mut};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the id and the data of a plugin's event begin: behind the header and two lengths, and four bytes later.
const ID_AT: usize = HEADER_LEN + 2 * 4;
const DATA_AT: usize = ID_AT + 4;
/// The most bytes of an event, and events of a batch: more are an error of the plugin.
const MAX_EVENT: usize = 64 << 20;
const MAX_BATCH: u32 = 1 << 20;

/// The name of a plugin.
fn title(plugin: &scap_source_plugin) -> String {
    // SAFETY: the name is null or a string that outlives the capture, like the plugin (plugin_info.h).
    let name = unsafe { bytes(plugin.name) };
    String::from_utf8_lossy(name.unwrap_or(b"without a name")).into_owned()
}

/// The events that a plugin returned, and the index of the next one.
struct Batch {
    events: *mut *mut ppm_evt_hdr,
    len: u32,
    at: u32,
}

impl Batch {
    const EMPTY: Batch = Batch { events: null_mut(), len: 0, at: 0 };
}

/// A plugin's open source of events.
pub struct Source {
    plugin: NonNull<scap_source_plugin>,
    batch: Batch,
    /// The code that the plugin returned with the batch. Other than success, it applies after the batch's last event.
    rc: ss_plugin_rc,
    /// The event that was read last, and its length.
    current: Option<(NonNull<u8>, usize)>,
    n_evts: u64,
}

impl Source {
    /// Opens a plugin's source with these parameters, which may be null.
    ///
    /// # Safety
    /// `plugin` must be readable and writable, its functions callable and its name valid, until the source is dropped. `params` must be
    /// null or a text.
    pub unsafe fn open(plugin: NonNull<scap_source_plugin>, params: *const c_char) -> Result<Source> {
        // SAFETY: by `# Safety`, the plugin is readable.
        let p = unsafe { *plugin.as_ptr() };
        let (Some(open), Some(_)) = (p.open, p.next_batch) else {
            return Err(Error::Invalid(format!("the plugin {} cannot open a source or has no events", title(&p))));
        };
        // A plugin that does not set the code has failed.
        let mut rc = 1;
        // SAFETY: the plugin's own function with its state; the parameters are those of the program for this plugin.
        let handle = unsafe { open(p.state, params, &mut rc) };
        // SAFETY: by `# Safety`, the plugin is writable.
        unsafe { (*plugin.as_ptr()).handle = handle };
        let source = Source { plugin, batch: Batch::EMPTY, rc: SS_PLUGIN_SUCCESS, current: None, n_evts: 0 };
        match rc {
            SS_PLUGIN_SUCCESS => Ok(source),
            rc => Err(source.failure(rc)),
        }
    }

    /// How many events were read.
    pub(crate) fn count(&self) -> u64 {
        self.n_evts
    }

    fn plugin(&self) -> scap_source_plugin {
        // SAFETY: the plugin outlives the capture (# Safety of `Source::open`).
        unsafe { *self.plugin.as_ptr() }
    }

    fn title(&self) -> String {
        title(&self.plugin())
    }

    /// The error of the plugin's code `rc`, with the plugin's own text.
    fn failure(&self, rc: ss_plugin_rc) -> Error {
        let plugin = self.plugin();
        // SAFETY: the plugin's own function with its state; it returns null or a string, which is copied before the next call.
        let text = plugin.get_last_error.and_then(|get| unsafe { bytes(get(plugin.state)) }).unwrap_or_default();
        let name = self.title();
        let text = match String::from_utf8_lossy(text) {
            text if text.is_empty() => format!("the plugin {name} failed ({rc}) and does not say why"),
            text => text.into_owned(),
        };
        match rc {
            SS_PLUGIN_NOT_SUPPORTED => Error::NotSupported(format!("{text}: what the plugin {name} was asked for")),
            _ => Error::Invalid(text),
        }
    }

    /// The meaning of the plugin's code `rc` without events.
    fn end(&self, rc: ss_plugin_rc) -> Result<Status> {
        match rc {
            SS_PLUGIN_TIMEOUT => Ok(Status::Timeout),
            SS_PLUGIN_EOF => Ok(Status::Eof),
            rc => Err(self.failure(rc)),
        }
    }

    /// Gets a batch from the plugin. `Some` if there is none.
    fn fetch(&mut self) -> Result<Option<Status>> {
        if self.rc != SS_PLUGIN_SUCCESS {
            let rc = std::mem::replace(&mut self.rc, SS_PLUGIN_SUCCESS);
            return self.end(rc).map(Some);
        }
        let plugin = self.plugin();
        let Some(next_batch) = plugin.next_batch else {
            return Err(Error::Invalid(format!("the plugin {} has no events", self.title())));
        };
        self.batch = Batch::EMPTY;
        let (mut len, mut events) = (0, null_mut());
        // SAFETY: the plugin's own function with its state and its open source; the outputs are local.
        let rc = unsafe { next_batch(plugin.state, plugin.handle, &mut len, &mut events) };
        match (len, rc) {
            (0, SS_PLUGIN_SUCCESS) => {
                Err(Error::Invalid(format!("unexpected 0 size event returned by plugin {}", self.title())))
            }
            (0, rc) => self.end(rc).map(Some),
            _ if events.is_null() => {
                Err(Error::Invalid(format!("the plugin {} announced {len} events and gave none", self.title())))
            }
            _ if len > MAX_BATCH => Err(Error::Invalid(format!(
                "the plugin {} announced a batch of {len} events, more than {MAX_BATCH}",
                self.title()
            ))),
            (len, rc) => {
                self.batch = Batch { events, len, at: 0 };
                self.rc = rc;
                Ok(None)
            }
        }
    }

    /// The next event of the batch, which has one. A malformed one is an error, and the batch goes on behind it.
    fn take(&mut self) -> Result<Status> {
        let found = match self.peek() {
            Some(event) => self.complete(event).map(|len| (event, len)),
            None => Err(Error::Invalid(format!("the plugin {} gave no event", self.title()))),
        };
        match found {
            Ok((event, len)) => {
                self.advance(event, len);
                Ok(Status::Event)
            }
            Err(cause) => {
                self.batch.at += 1;
                let (at, len) = (self.batch.at, self.batch.len);
                Err(Error::Invalid(format!("{cause} (event {at} of {len} in its batch)")))
            }
        }
    }

    /// The next event of the batch; `None` if there is none, or no pointer where it should be.
    #[inline(always)]
    fn peek(&self) -> Option<NonNull<ppm_evt_hdr>> {
        if self.batch.at >= self.batch.len {
            return None;
        }
        // SAFETY: the plugin returned `len` events, valid until the next batch, and `at` is less; the array may be unaligned.
        NonNull::new(unsafe { self.batch.events.add(self.batch.at as usize).read_unaligned() })
    }

    /// Makes the next event of the batch, which has `len` bytes, the current one.
    #[inline(always)]
    fn advance(&mut self, event: NonNull<ppm_evt_hdr>, len: usize) {
        self.current = Some((event.cast(), len));
        self.batch.at += 1;
        self.n_evts += 1;
    }

    /// Checks the event at `event`, and sets what a plugin may leave open: its id, the tid and the time. Returns the event's
    /// length.
    #[inline(always)]
    fn complete(&self, event: NonNull<ppm_evt_hdr>) -> Result<usize> {
        // SAFETY: the plugin outlives the capture (# Safety of `Source::open`).
        let own = unsafe { (*self.plugin.as_ptr()).id };
        // SAFETY: the plugin API makes a plugin return at least a header, which may be unaligned.
        let header = unsafe { event.as_ptr().read_unaligned() };
        let len = header.len as usize;
        let of_plugin = EventType(header.r#type) == EventType::PLUGINEVENT_E;
        let mut id = None;
        if of_plugin && own != 0 && header.nparams == 2 && (DATA_AT..=MAX_EVENT).contains(&len) {
            // SAFETY: by its length, the event has two lengths and four bytes behind its header.
            let [id_len, data_len, found] = unsafe { event.as_ptr().add(1).cast::<[u32; 3]>().read_unaligned() };
            // As plugins make them; for others `check` says what is wrong.
            id = (id_len == 4 && data_len as usize == len - DATA_AT && (found == 0 || found == own)).then_some(found);
        }
        if id.is_none() {
            id = self.check(event, header, own)?;
        }
        // SAFETY: the checks put the header and the id, behind two lengths of four bytes, inside the event. The plugin API
        // lets the engine write to an event until the next batch, and no slice of it is used any more.
        unsafe {
            let at = event.as_ptr();
            if id == Some(0) {
                at.cast::<u8>().add(ID_AT).cast::<u32>().write_unaligned(own);
            }
            if of_plugin && header.tid != u64::MAX {
                (&raw mut (*at).tid).write_unaligned(u64::MAX);
            }
            if header.ts == u64::MAX {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
                (&raw mut (*at).ts).write_unaligned(now);
            }
        }
        Ok(len)
    }

    /// Checks an event, and returns the id in it; `None` for one that is no event of a plugin.
    #[cold]
    fn check(&self, event: NonNull<ppm_evt_hdr>, header: ppm_evt_hdr, own: u32) -> Result<Option<u32>> {
        let malformed = |why: &dyn std::fmt::Display| {
            Error::Invalid(format!("malformed plugin event produced by plugin: '{}': {why}", self.title()))
        };
        let (len, nparams) = (header.len as usize, header.nparams);
        if len < HEADER_LEN {
            return Err(malformed(&"it is shorter than its header"));
        }
        if len > MAX_EVENT {
            return Err(malformed(&format!("it has {len} bytes, more than the {MAX_EVENT} of the longest event")));
        }
        // SAFETY: the plugin API makes the event as long as its header says, and valid until the next batch.
        let bytes = unsafe { std::slice::from_raw_parts(event.as_ptr().cast::<u8>(), len) };
        let checked = Event::new(bytes, 0, 0).map_err(|e| malformed(&e))?;
        if checked.end_of_params() != len {
            return Err(malformed(&format!(
                "it has {len} bytes, but its parameters end at {}",
                checked.end_of_params()
            )));
        }
        let of_plugin = checked.ty() == EventType::PLUGINEVENT_E;
        if own != 0 && (!of_plugin || nparams != 2) {
            return Err(malformed(&"it is no event of a plugin"));
        }
        let id = match (of_plugin, checked.param(0)) {
            (false, _) => return Ok(None),
            (true, Some(&[a, b, c, d])) => u32::from_ne_bytes([a, b, c, d]),
            _ => return Err(malformed(&"its id does not have four bytes")),
        };
        if nparams != 2 {
            return Err(malformed(&"it does not have two parameters"));
        }
        if id == 0 && own == 0 {
            let name = self.title();
            return Err(Error::Invalid(format!("malformed plugin event produced by plugin (no ID): '{name}'")));
        }
        if own != 0 && id != 0 && id != own {
            return Err(Error::Invalid(format!(
                "unexpected plugin ID in plugin event: plugin='{}', expected_id={own}, actual_id={id}",
                self.title()
            )));
        }
        Ok(Some(id))
    }
}

impl Engine for Source {
    fn name(&self) -> &'static str {
        "source_plugin"
    }

    fn next(&mut self) -> Result<Status> {
        self.current = None;
        if self.batch.at >= self.batch.len
            && let Some(status) = self.fetch()?
        {
            return Ok(status);
        }
        self.take()
    }

    #[inline]
    fn next_at_hand(&mut self) -> Option<&[u8]> {
        let event = self.peek()?;
        let len = self.complete(event).ok()?;
        self.advance(event, len);
        Some(self.bytes())
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: `complete` checked the length; the event is valid until the next batch, for which `next` takes `&mut self`.
        self.current.map_or(&NO_EVENT, |(at, len)| unsafe { std::slice::from_raw_parts(at.as_ptr(), len) })
    }

    fn stats(&mut self) -> Result<Stats> {
        Ok(Stats { n_evts: self.n_evts, ..Stats::default() })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let plugin = self.plugin();
        if let Some(close) = plugin.close {
            // SAFETY: the plugin's own function with its state and its source, which is closed once.
            unsafe { close(plugin.state, plugin.handle) };
        }
        // SAFETY: the plugin outlives the capture (# Safety of `Source::open`).
        unsafe { (*self.plugin.as_ptr()).handle = null_mut() };
    }
}
