//! The calls of a plugin as a source of events, beside those of the engine that reads them.

use crate::api::{rc, ss_plugin_event_input};
use crate::instance::Plugin;
use crate::loader::CAP_SOURCING;
use capi_common::bytes;
use scap::types::plugin_info::scap_source_plugin;
use serde_json::Value;
use std::ffi::c_void;
use std::ptr::NonNull;

/// Something that a plugin can be opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenParam {
    /// The parameters for `open`.
    pub value: Vec<u8>,
    /// What they are.
    pub description: Vec<u8>,
    /// What separates several values.
    pub separator: Vec<u8>,
}

impl Plugin {
    /// The plugin for an engine that reads its events. The record is at this address as long as the plugin; an engine that has it open sets
    /// its handle.
    ///
    /// # Errors
    /// It is not initialised, or no source of events.
    pub fn scap_source(&self) -> Result<NonNull<scap_source_plugin>, String> {
        let (state, api) = (self.state()?, &self.handle.api);
        if !self.description.can(CAP_SOURCING) {
            let name = &self.description.name;
            return Err(format!("can't create scap_source_plugin from plugin {name} without CAP_SOURCING capability"));
        }
        let record = self.source.get();
        // SAFETY: the record is the plugin's own; engines use it on the thread that uses the plugin, and none runs now.
        unsafe {
            let handle = (*record).handle;
            *record = scap_source_plugin {
                id: self.description.id,
                name: self.name.as_ptr(),
                state,
                handle,
                open: api.open,
                close: api.close,
                next_batch: api.next_batch,
                get_last_error: api.get_last_error,
            };
        }
        NonNull::new(record).ok_or_else(|| "null plugin".to_owned())
    }

    /// Notes that an engine opened or closed the source.
    pub fn set_open(&self, open: bool) {
        self.opened.set(open);
    }

    /// Whether the source is open.
    pub fn is_open(&self) -> bool {
        self.opened.get() || !self.instance().is_null()
    }

    /// The open source; null for none.
    fn instance(&self) -> *mut c_void {
        // SAFETY: as in `scap_source`.
        unsafe { (*self.source.get()).handle }
    }

    /// How far the open source was read, in hundredths of a percent, and the plugin's text of it; `None` if it does not say or is not open.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn progress(&self) -> Result<Option<(u32, Vec<u8>)>, String> {
        let (state, instance) = (self.state()?, self.instance());
        let Some(get) = self.handle.api.get_progress.filter(|_| !instance.is_null()) else { return Ok(None) };
        let mut hundredths = 0;
        // SAFETY: the API declares it so; the source is open, and the text is copied at once.
        let said = unsafe { bytes(get(state, instance, &mut hundredths)) };
        Ok(Some((hundredths, said.unwrap_or_default().to_owned())))
    }

    /// An event of the plugin as a text; empty if it has none.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn event_to_string(&self, event: &ss_plugin_event_input) -> Result<Vec<u8>, String> {
        let state = self.state()?;
        let Some(get) = self.handle.api.event_to_string else { return Ok(Vec::new()) };
        // SAFETY: the API declares it so; the input is good for the call, and the text is copied at once.
        Ok(unsafe { bytes(get(state, event)) }.unwrap_or_default().to_owned())
    }

    /// What it can be opened with; nothing if it does not say.
    ///
    /// # Errors
    /// It is not initialised, it fails, or its text is not what the API says.
    pub fn list_open_params(&self) -> Result<Vec<OpenParam>, String> {
        let state = self.state()?;
        let Some(list) = self.handle.api.list_open_params else { return Ok(Vec::new()) };
        let wrong = |cause: &str| format!("error in plugin {}: list_open_params {cause}", self.description.name);
        let mut code = rc::FAILURE;
        // SAFETY: the API declares it so; the text is copied at once.
        let json = unsafe { bytes(list(state, &mut code)) }.unwrap_or_default().to_owned();
        if code != rc::SUCCESS {
            return Err(wrong(&format!("has error {}", self.why())));
        }
        if json.is_empty() {
            return Ok(Vec::new());
        }
        let json = Carried::of(&json);
        let Ok(Value::Array(entries)) = serde_json::from_str(&json.text) else {
            return Err(wrong("returned a non-array JSON"));
        };
        let member = |entry: &Value, name: &str| json.bytes(entry[name].as_str().unwrap_or_default());
        let read = |entry: &Value| OpenParam {
            value: member(entry, "value"),
            description: member(entry, "desc"),
            separator: member(entry, "separator"),
        };
        let params: Vec<OpenParam> = entries.iter().map(read).collect();
        match params.iter().all(|p| !p.value.is_empty()) {
            true => Ok(params),
            false => Err(wrong("has entry with no value")),
        }
    }
}

/// The first of the characters that carry bytes: those of the last private plane.
const CARRIER: u32 = 0x10_ff00;

/// A text with the bytes that are not UTF-8 carried by characters, for a JSON parser that takes UTF-8 alone: a value may be a file's name.
struct Carried {
    text: String,
    /// Whether there are such bytes.
    any: bool,
}

impl Carried {
    fn of(bytes: &[u8]) -> Carried {
        let mut carried = Carried { text: String::with_capacity(bytes.len()), any: false };
        for chunk in bytes.utf8_chunks() {
            carried.text.push_str(chunk.valid());
            carried.any |= !chunk.invalid().is_empty();
            let of = |byte: &u8| char::from_u32(CARRIER + u32::from(*byte));
            carried.text.extend(chunk.invalid().iter().filter_map(of));
        }
        carried
    }

    /// The bytes of a part of the text.
    fn bytes(&self, part: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(part.len());
        for char in part.chars() {
            match u8::try_from((char as u32).wrapping_sub(CARRIER)) {
                Ok(byte) if self.any => bytes.push(byte),
                _ => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf_8_pass_a_parser() {
        for bytes in [&b""[..], b"plain", "caf\u{e9} \u{10ffe9}".as_bytes(), b"caf\xe9", b"\xff\xfe z\xc3", b"\xe9\x80"]
        {
            let carried = Carried::of(bytes);
            assert_eq!(carried.bytes(&carried.text), bytes, "{bytes:?}");
        }
        assert_eq!(Carried::of(b"a\xe9b").bytes("b"), b"b");
    }
}
