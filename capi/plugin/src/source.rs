//! The calls of a plugin as a source of events, beside those of the engine that reads them.

use crate::api::{plugin_api, rc, ss_plugin_event_input};
use crate::instance::Plugin;
use crate::loader::text;
use serde_json::Value;
use std::ffi::c_void;

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
    /// The state and the functions of the source.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn source_functions(&self) -> Result<(*mut c_void, &plugin_api), String> {
        Ok((self.state()?, &self.handle.api))
    }

    /// Notes the source that was opened; `None` for none.
    pub fn set_instance(&self, instance: Option<*mut c_void>) {
        self.instance.set(instance);
    }

    /// Whether a source is open. The end of the plugin's state closes it.
    #[inline]
    pub fn has_instance(&self) -> bool {
        self.instance.get().is_some()
    }

    /// Closes the source that is open.
    pub(crate) fn close_instance(&self, state: *mut c_void) {
        if let (Some(instance), Some(close)) = (self.instance.take(), self.handle.api.close) {
            // SAFETY: the API declares it so; the source is open, and is closed once.
            unsafe { close(state, instance) }
        }
    }

    /// How far the open source was read, in hundredths of a percent, and the plugin's text of it; `None` if it does not say or is not open.
    pub fn progress(&self) -> Option<(u32, String)> {
        let (state, instance) = (self.state().ok()?, self.instance.get()?);
        let get = self.handle.api.get_progress?;
        let mut hundredths = 0;
        // SAFETY: the API declares it so; the source is open, and the text is copied at once.
        let said = unsafe { text(get(state, instance, &mut hundredths)) };
        Some((hundredths, said.unwrap_or_default().to_owned()))
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
