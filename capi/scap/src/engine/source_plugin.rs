//! The events of a plugin behind the C vtable.

use super::metrics::counter;
use super::{NO_FILE, Opener};
use crate::engine::source_plugin_public::scap_source_plugin_engine_params;
use crate::types::metrics_v2::metrics_v2;
use crate::types::plugin_info::scap_source_plugin;
use crate::types::plugin_types::*;
use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_vtable::scap_vtable;
use capi_common::bytes;
use driver::EventType;
use scap_sys::engine::{Engine, NO_EVENT, Stats, Status};
use scap_sys::{Error, Event, HEADER_LEN, Result};
use std::ffi::CStr;
use std::ptr::{NonNull, null_mut};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct SourcePlugin;

pub(crate) const VTABLE: scap_vtable = super::vtable::<SourcePlugin>(NO_FILE);

#[cfg(test)]
mod tests;

impl Opener for SourcePlugin {
    type Engine = Source;
    const NAME: &'static CStr = c"source_plugin";

    unsafe fn open(args: &scap_open_args) -> Result<Source> {
        // SAFETY: the parameters are those of this engine, or null, and the plugin outlives the capture.
        let params = unsafe { args.engine_params.cast::<scap_source_plugin_engine_params>().as_ref() };
        let Some((params, plugin)) = params.and_then(|p| Some((p, NonNull::new(p.input_plugin)?))) else {
            return Err(Error::Invalid("opening a plugin's events: no plugin given".into()));
        };
        // SAFETY: as above.
        let p = unsafe { *plugin.as_ptr() };
        let (Some(open), Some(_)) = (p.open, p.next_batch) else {
            return Err(Error::Invalid(format!("the plugin {} cannot open a source or has no events", title(&p))));
        };
        // A plugin that sets none has failed.
        let mut rc = 1;
        // SAFETY: the plugin's function with the plugin's state.
        let handle = unsafe { open(p.state, params.input_plugin_params, &mut rc) };
        // SAFETY: the plugin is valid as long as the capture.
        unsafe { (*plugin.as_ptr()).handle = handle };
        let source = Source { plugin, batch: Batch::EMPTY, rc: SS_PLUGIN_SUCCESS, current: None, n_evts: 0 };
        match rc {
            SS_PLUGIN_SUCCESS => Ok(source),
            rc => Err(source.failure(rc)),
        }
    }

    fn metrics(source: &mut Source, _flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        // It is of no kind, so that every choice of kinds brings it.
        metrics.push(metrics_v2 { flags: 0, ..counter("n_evts", source.n_evts) });
        Ok(())
    }
}

/// What a plugin calls itself.
fn title(plugin: &scap_source_plugin) -> String {
    // SAFETY: the name is null or a string.
    let name = unsafe { bytes(plugin.name) };
    String::from_utf8_lossy(name.unwrap_or(b"without a name")).into_owned()
}

/// What a plugin handed over, and how far it is read.
struct Batch {
    events: *mut *mut ppm_evt_hdr,
    len: u32,
    at: u32,
}

impl Batch {
    const EMPTY: Batch = Batch { events: null_mut(), len: 0, at: 0 };
}

/// A plugin's open source of events.
pub(crate) struct Source {
    plugin: NonNull<scap_source_plugin>,
    batch: Batch,
    /// What the plugin answered with the batch. If that is no success, it holds after the batch's last event.
    rc: ss_plugin_rc,
    /// The event that was read last, and its length.
    current: Option<(NonNull<u8>, usize)>,
    n_evts: u64,
}

impl Source {
    fn plugin(&self) -> scap_source_plugin {
        // SAFETY: whoever opens the engine promises that the plugin outlives it.
        unsafe { *self.plugin.as_ptr() }
    }

    fn title(&self) -> String {
        title(&self.plugin())
    }

    /// The error that the plugin's answer `rc` stands for, in the plugin's own words.
    fn failure(&self, rc: ss_plugin_rc) -> Error {
        let plugin = self.plugin();
        // SAFETY: the plugin's function with the plugin's state answers null or a string.
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

    /// What the plugin's answer `rc` means where there is no event.
    fn end(&self, rc: ss_plugin_rc) -> Result<Status> {
        match rc {
            SS_PLUGIN_TIMEOUT => Ok(Status::Timeout),
            SS_PLUGIN_EOF => Ok(Status::Eof),
            rc => Err(self.failure(rc)),
        }
    }

    /// Asks the plugin for a batch. `Some` if there is none.
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
        // SAFETY: the plugin's function with the plugin's state and its open source.
        let rc = unsafe { next_batch(plugin.state, plugin.handle, &mut len, &mut events) };
        match (len, rc) {
            (0, SS_PLUGIN_SUCCESS) => {
                Err(Error::Invalid(format!("unexpected 0 size event returned by plugin {}", self.title())))
            }
            (0, rc) => self.end(rc).map(Some),
            _ if events.is_null() => {
                Err(Error::Invalid(format!("the plugin {} announced {len} events and gave none", self.title())))
            }
            (len, rc) => {
                self.batch = Batch { events, len, at: 0 };
                self.rc = rc;
                Ok(None)
            }
        }
    }

    /// Checks the event at `event`, and fills in what a plugin may leave open: its id, the tid and the time. Answers the
    /// event's length.
    fn complete(&self, event: NonNull<ppm_evt_hdr>) -> Result<usize> {
        let malformed = |why: &dyn std::fmt::Display| {
            Error::Invalid(format!("malformed plugin event produced by plugin: '{}': {why}", self.title()))
        };
        // SAFETY: the plugin hands over events, whose header is unaligned.
        let header = unsafe { event.as_ptr().read_unaligned() };
        let (len, ty, nparams) = (header.len as usize, EventType(header.r#type), header.nparams);
        if len < HEADER_LEN {
            return Err(malformed(&"it is shorter than its header"));
        }
        // SAFETY: as long as the event says it is.
        let bytes = unsafe { std::slice::from_raw_parts(event.as_ptr().cast::<u8>(), len) };
        let checked = Event::new(bytes, 0, 0).map_err(|e| malformed(&e))?;
        let own = self.plugin().id;
        let of_plugin = ty == EventType::PLUGINEVENT_E;
        if own != 0 && (!of_plugin || nparams != 2) {
            return Err(malformed(&"it is no event of a plugin"));
        }
        let id = match (of_plugin, checked.param(0)) {
            (false, _) => None,
            (true, Some(&[a, b, c, d])) => Some(u32::from_ne_bytes([a, b, c, d])),
            _ => return Err(malformed(&"its id does not have four bytes")),
        };
        if id == Some(0) && own == 0 {
            let name = self.title();
            return Err(Error::Invalid(format!("malformed plugin event produced by plugin (no ID): '{name}'")));
        }
        if let Some(id) = id.filter(|id| own != 0 && *id != 0 && *id != own) {
            return Err(Error::Invalid(format!(
                "unexpected plugin ID in plugin event: plugin='{}', expected_id={own}, actual_id={id}",
                self.title()
            )));
        }
        // SAFETY: the header was read, and the id lies behind it and two lengths of four bytes, which was checked. The event
        // belongs to us until the next batch, and nothing else refers to it here.
        unsafe {
            let header = event.as_ptr();
            if id == Some(0) {
                header.cast::<u8>().add(HEADER_LEN + nparams as usize * 4).cast::<u32>().write_unaligned(own);
            }
            if of_plugin {
                (&raw mut (*header).tid).write_unaligned(u64::MAX);
            }
            if header.read_unaligned().ts == u64::MAX {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
                (&raw mut (*header).ts).write_unaligned(now);
            }
        }
        Ok(len)
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
        // SAFETY: the batch has `len` events, more than `at`.
        let event = NonNull::new(unsafe { *self.batch.events.add(self.batch.at as usize) });
        let Some(event) = event else {
            let (name, at, len) = (self.title(), self.batch.at, self.batch.len);
            return Err(Error::Invalid(format!("the plugin {name} gave no event where the {at}th of {len} should be")));
        };
        let len = self.complete(event)?;
        self.current = Some((event.cast(), len));
        self.batch.at += 1;
        self.n_evts += 1;
        Ok(Status::Event)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the event was checked, and lives until the plugin is asked for more, which takes `&mut self`.
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
            // SAFETY: the plugin's function with the plugin's state and its source, which is not used any more.
            unsafe { close(plugin.state, plugin.handle) };
        }
        // SAFETY: the plugin outlives the capture.
        unsafe { (*self.plugin.as_ptr()).handle = null_mut() };
    }
}
