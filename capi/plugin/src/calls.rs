//! The calls of an initialised plugin: its configuration, metrics, fields and parser, and the check of the event schema.

use crate::api::{
    rc, ss_plugin_event_input, ss_plugin_event_parse_input, ss_plugin_extract_field, ss_plugin_extract_value_offsets,
    ss_plugin_field_extract_input, ss_plugin_metric, ss_plugin_set_config_input,
};
use crate::instance::Plugin;
use crate::loader::{CAP_EXTRACTION, CAP_PARSING};
use crate::schema;
use crate::types::{CurrentTypes, PLUGIN_EVENT};
use crate::version::Version;
use capi_common::bytes;
use std::ffi::CStr;

/// The event schema that a plugin was written for if it does not say: the last one before plugins could.
const OLD_SCHEMA: Version = Version { major: 3, minor: 0, patch: 0 };

/// The most metrics of a plugin: more are an error of it.
const MAX_METRICS: u32 = 1 << 16;

impl Plugin {
    /// Whether it works with the events of a driver of this schema version, if it uses such events: those that no plugin makes.
    ///
    /// # Errors
    /// The version that it requires is none, or is not compatible.
    pub fn check_schema_version(&self, present: Version) -> Result<(), String> {
        let name = &self.description.name;
        let uses = |capability, types: &CurrentTypes| {
            self.description.can(capability) && types.get().has_other_than(PLUGIN_EVENT)
        };
        if !uses(CAP_PARSING, self.parse_types()) && !uses(CAP_EXTRACTION, self.extract_types()) {
            return Ok(());
        }
        let get = self.handle.api.get_required_event_schema_version;
        // SAFETY: the function is of the type that the API declares; the text is used before the plugin is called anew.
        let said = get.and_then(|get| unsafe { bytes(get(self.state.get())) }).map(String::from_utf8_lossy);
        let required = match said {
            Some(said) => said
                .parse()
                .map_err(|_| format!("plugin {name} provided an invalid required event schema version: '{said}'"))?,
            None => OLD_SCHEMA,
        };
        let why = match () {
            () if present.major != required.major => "major versions disagree",
            () if present.minor < required.minor => "minor version is less than the requested one",
            () if present.minor == required.minor && present.patch < required.patch => {
                "patch version is less than the requested one"
            }
            () => return Ok(()),
        };
        Err(format!(
            "plugin {name} required event schema version '{required}' not compatible with the event schema version in use '{present}': {why}"
        ))
    }

    /// Checks a configuration against the plugin's schema; an empty one becomes `{}` if there is one.
    pub(crate) fn checked<'a>(&self, config: &'a CStr) -> Result<&'a CStr, String> {
        let (kind, schema) = self.init_schema();
        schema::check(kind, schema, config).map_err(|cause| format!("plugin {}: {cause}", self.description.name))
    }

    /// Sets a new configuration; the inner result says whether the plugin accepted it, and why not.
    ///
    /// # Errors
    /// It is not initialised, or its schema does not allow the configuration.
    pub fn set_config(&self, config: &CStr) -> Result<Result<(), String>, String> {
        let (state, name) = (self.state()?, &self.description.name);
        let config = self.checked(config)?;
        let Some(set) = self.handle.api.set_config else {
            return Ok(Err(format!("plugin {name} takes no new configuration")));
        };
        let input = ss_plugin_set_config_input { config: config.as_ptr() };
        // SAFETY: the function is of the type that the API declares; the input is valid during the call.
        Ok(match unsafe { set(state, &input) } {
            rc::SUCCESS => Ok(()),
            _ => Err(format!("plugin {name}: {}", self.why())),
        })
    }

    /// The plugin's metrics. Their names are valid until the next call of this function.
    ///
    /// # Errors
    /// It is not initialised, returns an absurd number of them, or one of no type that the API has.
    pub fn metrics(&self) -> Result<Vec<ss_plugin_metric>, String> {
        let (state, name) = (self.state()?, &self.description.name);
        let Some(get) = self.handle.api.get_metrics else { return Ok(Vec::new()) };
        let mut count = 0;
        // SAFETY: the function is of the type that the API declares.
        let metrics = unsafe { get(state, &mut count) };
        if count > MAX_METRICS {
            return Err(format!("plugin {name}: plugin_get_metrics returned {count} metrics, more than {MAX_METRICS}"));
        }
        let read = |at| {
            // SAFETY: the API requires as many metrics, until the next call of the function; any bytes are valid.
            let metric: ss_plugin_metric = unsafe { metrics.add(at).read_unaligned() };
            match value_alone(&metric) {
                Some(value) => Ok(ss_plugin_metric { value, ..metric }),
                None => Err(format!(
                    "plugin {name}: plugin_get_metrics returned a metric of type {} with a value of type {}",
                    metric.ty, metric.value_type
                )),
            }
        };
        (0..count as usize).filter(|_| !metrics.is_null()).map(read).collect()
    }

    /// Extracts the values of fields. `false`: the event does not have them, or the plugin failed.
    ///
    /// # Errors
    /// It is not initialised, or has no fields.
    #[inline]
    pub fn extract(
        &self,
        event: &ss_plugin_event_input,
        fields: &mut [ss_plugin_extract_field],
        offsets: Option<&mut ss_plugin_extract_value_offsets>,
    ) -> Result<bool, String> {
        let state = self.state()?;
        let extract = self.handle.api.extract_fields.ok_or("the plugin has no fields")?;
        let input = ss_plugin_field_extract_input {
            owner: self.owner(),
            get_owner_last_error: self.host_error_fn(),
            num_fields: fields.len() as u32,
            fields: fields.as_mut_ptr(),
            table_reader: self.host.reader.reader,
            table_reader_ext: self.host.reader,
            value_offsets: offsets.map_or(std::ptr::null_mut(), |o| o),
        };
        // SAFETY: the function is of the type that the API declares; all arguments are valid during the call.
        Ok(unsafe { extract(state, event, &input) } == rc::SUCCESS)
    }

    /// Calls the plugin's parser for an event. `false`: it failed.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn parse(&self, event: &ss_plugin_event_input) -> Result<bool, String> {
        let state = self.state()?;
        let Some(parse) = self.handle.api.parse_event else { return Ok(true) };
        let input = ss_plugin_event_parse_input {
            owner: self.owner(),
            get_owner_last_error: self.host_error_fn(),
            table_reader: self.host.reader.reader,
            table_writer: *self.host.writer,
            table_reader_ext: self.host.reader,
            table_writer_ext: self.host.writer,
        };
        // SAFETY: the function is of the type that the API declares; all arguments are valid during the call.
        Ok(unsafe { parse(state, event, &input) } == rc::SUCCESS)
    }
}

/// The value of a metric with its unused bytes zero: a plugin may leave them as they were. `None` if its type or that of its value is none of the
/// API's.
fn value_alone(metric: &ss_plugin_metric) -> Option<u64> {
    // ss_plugin_metric_type has 2 enumerators; ss_plugin_metric_value_type: U32, S32, U64, S64, D, F, I.
    let size = match (metric.ty, metric.value_type) {
        (0..2, 0 | 1 | 5 | 6) => 4,
        (0..2, 2..5) => 8,
        _ => return None,
    };
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(&metric.value.to_ne_bytes()[..size]);
    Some(u64::from_ne_bytes(bytes))
}
