//! The calls of a plugin as a source of events, beside those of the engine that reads them.

use crate::api::{rc, ss_plugin_event_input};
use crate::instance::Plugin;
use crate::loader::{CAP_SOURCING, text};
use scap::types::plugin_info::scap_source_plugin;
use serde_json::Value;
use std::ffi::c_void;
use std::ptr::NonNull;

/// Something that a plugin can be opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenParam {
    /// The parameters for `open`.
    pub value: String,
    /// What they are.
    pub description: String,
    /// What separates several values.
    pub separator: String,
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
    pub fn progress(&self) -> Result<Option<(u32, String)>, String> {
        let (state, instance) = (self.state()?, self.instance());
        let Some(get) = self.handle.api.get_progress.filter(|_| !instance.is_null()) else { return Ok(None) };
        let mut hundredths = 0;
        // SAFETY: the API declares it so; the source is open, and the text is copied at once.
        let said = unsafe { text(get(state, instance, &mut hundredths)) };
        Ok(Some((hundredths, said.unwrap_or_default().to_owned())))
    }

    /// An event of the plugin as a text; empty if it has none.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn event_to_string(&self, event: &ss_plugin_event_input) -> Result<String, String> {
        let state = self.state()?;
        let Some(get) = self.handle.api.event_to_string else { return Ok(String::new()) };
        // SAFETY: the API declares it so; the input is good for the call, and the text is copied at once.
        Ok(unsafe { text(get(state, event)) }.unwrap_or_default().to_owned())
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
        let json = unsafe { text(list(state, &mut code)) }.unwrap_or_default().to_owned();
        if code != rc::SUCCESS {
            return Err(wrong(&format!("has error {}", self.last_error())));
        }
        if json.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(Value::Array(entries)) = serde_json::from_str(&json) else {
            return Err(wrong("returned a non-array JSON"));
        };
        let member = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
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
