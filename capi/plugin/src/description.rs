//! The description of a plugin, before it is initialised: its name and versions, its capabilities, its fields, and the event sources that it is for.
//!
//! The lists are JSON texts. Each error names the plugin, the function that returned the text, and the entry.

use crate::loader::{self, Capabilities, plugin_handle_t};
use crate::version::Version;
use capi_common::bytes;
use serde_json::Value;
use std::ffi::c_char;

/// The name of the source of system calls, which is no plugin's.
pub const SYSCALL_SOURCE: &str = "syscall";

/// The type of a field's values (`ss_plugin_field_type`), with the name that the JSON has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum FieldType {
    Uint64 = 8,
    String = 9,
    RelTime = 20,
    AbsTime = 21,
    Bool = 25,
    IpAddr = 40,
    IpNet = 41,
}

impl FieldType {
    const NAMES: [(&str, FieldType); 7] = [
        ("uint64", FieldType::Uint64),
        ("string", FieldType::String),
        ("reltime", FieldType::RelTime),
        ("abstime", FieldType::AbsTime),
        ("bool", FieldType::Bool),
        ("ipaddr", FieldType::IpAddr),
        ("ipnet", FieldType::IpNet),
    ];
}

/// What argument a field takes, in brackets after its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArgumentRule {
    /// It must have one.
    pub required: bool,
    /// It may be a number.
    pub index: bool,
    /// It may be any text.
    pub key: bool,
}

/// A field that a plugin extracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub ty: FieldType,
    /// Whether it has a list of values.
    pub list: bool,
    /// What argument it takes.
    pub argument: ArgumentRule,
    /// A short name for people; may be empty.
    pub display: String,
    /// What it is.
    pub description: String,
    /// Whether it belongs into a program's default output.
    pub add_output: bool,
    /// Whether it is kept out of lists of fields.
    pub hidden: bool,
    /// Whether it is a summary of the event, for programs with a column for it.
    pub info: bool,
    /// Whether it names an end of a conversation.
    pub conversation: bool,
}

/// The description of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What it is, as the plugin has it.
    pub description: Vec<u8>,
    /// Its authors, as the plugin has them.
    pub contact: Vec<u8>,
    /// Its own version.
    pub version: Version,
    /// The version of the plugin API that it was written for.
    pub required_api: Version,
    /// What it can do: `CAP_*`.
    pub capabilities: Capabilities,
    /// Its registered number as a source of events; 0 if its events are of the source `syscall`.
    pub id: u32,
    /// The name of its source of events; empty with the number 0.
    pub event_source: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The sources of the events that have its fields; none for every source.
    pub extract_sources: Vec<String>,
    /// The sources of the events that it parses; none for every source.
    pub parse_sources: Vec<String>,
    /// The sources that its async events are for; none for every source.
    pub async_sources: Vec<String>,
    /// The names of its async events.
    pub async_events: Vec<String>,
}

type Getter = unsafe extern "C" fn() -> *const c_char;

impl Description {
    /// Checks a loaded plugin and gets its description.
    ///
    /// # Errors
    /// What makes the plugin unusable: its version, missing functions, no capability at all, or texts that are not what the API says.
    pub fn of(plugin: &plugin_handle_t) -> Result<Description, String> {
        plugin.check_version()?;
        plugin.check_symbols()?;
        let api = &plugin.api;
        let name = required(api.get_name, "plugin_get_name")?;
        let of_it = |cause: String| format!("plugin {name}: {cause}");
        let version = required(api.get_version, "plugin_get_version").map_err(of_it)?;
        let version = version
            .parse()
            .map_err(|_| of_it(format!("plugin_get_version returned '{version}', which is no version")))?;
        let (capabilities, missing) = plugin.capabilities();
        if capabilities & loader::CAP_BROKEN != 0 {
            return Err(of_it(missing));
        }
        if capabilities == 0 {
            return Err(of_it("it has no capability: no function beside the required ones".into()));
        }
        let mut found = Description {
            description: said(api.get_description).unwrap_or_default(),
            contact: said(api.get_contact).unwrap_or_default(),
            version,
            required_api: plugin.required_version()?,
            capabilities,
            id: 0,
            event_source: String::new(),
            fields: Vec::new(),
            extract_sources: Vec::new(),
            parse_sources: Vec::new(),
            async_sources: Vec::new(),
            async_events: Vec::new(),
            name: name.clone(),
        };
        found.read(plugin).map_err(of_it)?;
        Ok(found)
    }

    /// Whether it has all of these capabilities.
    pub fn can(&self, capabilities: Capabilities) -> bool {
        self.capabilities & capabilities == capabilities
    }

    /// The part that depends on the capabilities.
    fn read(&mut self, plugin: &plugin_handle_t) -> Result<(), String> {
        let api = &plugin.api;
        if self.can(loader::CAP_SOURCING)
            && let (Some(id), Some(source)) = (api.get_id, api.get_event_source)
        {
            // SAFETY: the function takes nothing and returns a number.
            self.id = unsafe { id() };
            if self.id != 0 {
                self.event_source = required(Some(source), "plugin_get_event_source")?;
            }
            if self.event_source == SYSCALL_SOURCE {
                return Err(format!("plugin_get_event_source returned '{SYSCALL_SOURCE}', which no plugin may use"));
            }
        }
        if self.can(loader::CAP_EXTRACTION) {
            // Their descriptions may be in any encoding.
            let json = said(api.get_fields).ok_or("plugin_get_fields returned null")?;
            self.fields = fields(&String::from_utf8_lossy(&json))?;
            self.extract_sources = self.sources(api.get_extract_event_sources, "plugin_get_extract_event_sources")?;
        }
        if self.can(loader::CAP_PARSING) {
            self.parse_sources = self.sources(api.get_parse_event_sources, "plugin_get_parse_event_sources")?;
        }
        if self.can(loader::CAP_ASYNC) {
            self.async_sources = self.sources(api.get_async_event_sources, "plugin_get_async_event_sources")?;
            let function = "plugin_get_async_events";
            self.async_events = names(&required(api.get_async_events, function)?, function)?;
        }
        Ok(())
    }

    /// The sources that a function lists. A plugin with a source of its own is for that one too.
    fn sources(&self, get: Option<Getter>, function: &str) -> Result<Vec<String>, String> {
        let list = said(get).unwrap_or_default();
        let mut sources = if list.is_empty() { Vec::new() } else { names(&utf8(list, function)?, function)? };
        if !self.event_source.is_empty() && !sources.contains(&self.event_source) {
            sources.push(self.event_source.clone());
        }
        Ok(sources)
    }
}

/// Whether a plugin for these sources is for events of `source`.
pub fn is_for_source(sources: &[String], source: &str) -> bool {
    sources.is_empty() || sources.iter().any(|s| s == source)
}

/// The text that a function returns; `None` if it returns null, or there is no such function.
fn said(get: Option<Getter>) -> Option<Vec<u8>> {
    // SAFETY: the API declares each of these functions without arguments; its text stays until the function is called again, and is copied at once.
    get.and_then(|get| unsafe { bytes(get()) }).map(<[u8]>::to_vec)
}

/// A text with names, which are compared with names in UTF-8.
fn utf8(text: Vec<u8>, function: &str) -> Result<String, String> {
    String::from_utf8(text).map_err(|e| {
        let text = String::from_utf8_lossy(e.as_bytes());
        format!("{function} returned '{text}', which is not UTF-8")
    })
}

/// The text that a function returns; an error if there is none.
fn required(get: Option<Getter>, function: &str) -> Result<String, String> {
    get.ok_or_else(|| format!("the plugin has no function {function}"))?;
    match said(get) {
        Some(text) if text.is_empty() => Err(format!("{function} returned an empty text")),
        Some(text) => utf8(text, function),
        None => Err(format!("{function} returned null")),
    }
}

fn list(json: &str, function: &str) -> Result<Vec<Value>, String> {
    match serde_json::from_str(json) {
        Ok(Value::Array(list)) => Ok(list),
        Ok(_) => Err(format!("{function} returned JSON that is no list")),
        Err(e) => Err(format!("{function} returned a text that is no JSON: {e}")),
    }
}

/// A JSON list of names. Empty ones are left out.
fn names(json: &str, function: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for (number, entry) in list(json, function)?.iter().enumerate() {
        let name = entry.as_str().ok_or_else(|| format!("{function}: entry {number} is no text"))?;
        if !name.is_empty() && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// The fields in the text of `plugin_get_fields`.
fn fields(json: &str) -> Result<Vec<Field>, String> {
    let mut fields = Vec::<Field>::new();
    for (number, entry) in list(json, "plugin_get_fields")?.iter().enumerate() {
        let name = entry["name"].as_str().unwrap_or_default();
        let field = field(entry, name).map_err(|e| format!("plugin_get_fields: field {number} '{name}': {e}"))?;
        fields.push(field);
    }
    match fields.is_empty() {
        true => Err("plugin_get_fields: there is no field in the list".into()),
        false => Ok(fields),
    }
}

fn field(entry: &Value, name: &str) -> Result<Field, String> {
    let text_of = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let truth = |of: &Value, key: &str| match &of[key] {
        Value::Null => Ok(false),
        Value::Bool(truth) => Ok(*truth),
        _ => Err(format!("'{key}' is neither true nor false")),
    };
    let needed = |key: &str, text: &str| if text.is_empty() { Err(format!("'{key}' is missing")) } else { Ok(()) };
    let (ty, description) = (text_of("type"), text_of("desc"));
    needed("name", name)?;
    needed("type", &ty)?;
    needed("desc", &description)?;
    let (_, ty) =
        FieldType::NAMES.into_iter().find(|(n, _)| *n == ty).ok_or_else(|| format!("'{ty}' is no type of fields"))?;
    let arg = &entry["arg"];
    if !arg.is_null() && !arg.is_object() {
        return Err("'arg' is no object".into());
    }
    let argument =
        ArgumentRule { required: truth(arg, "isRequired")?, index: truth(arg, "isIndex")?, key: truth(arg, "isKey")? };
    if argument.required && !argument.index && !argument.key {
        return Err("its argument is required, but neither 'isKey' nor 'isIndex' is true".into());
    }
    let no_properties = Vec::new();
    let properties = match &entry["properties"] {
        Value::Null => &no_properties,
        Value::Array(list) if list.iter().all(Value::is_string) => list,
        _ => return Err("'properties' is no list of texts".into()),
    };
    let has = |property: &str| properties.iter().any(|p| p.as_str() == Some(property));
    Ok(Field {
        name: name.to_owned(),
        ty,
        list: truth(entry, "isList")?,
        argument,
        display: text_of("display"),
        description,
        add_output: truth(entry, "addOutput")?,
        hidden: has("hidden"),
        info: has("info"),
        conversation: has("conversation"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        let json = r#"[
            {"type": "uint64", "name": "a.n", "desc": "a number"},
            {"type": "string", "name": "a.s", "desc": "texts", "display": "S", "isList": true, "addOutput": true,
             "arg": {"isRequired": true, "isIndex": true, "isKey": true}, "properties": ["hidden", "info", "conversation", "new"]}
        ]"#;
        let read = fields(json).expect("fields");
        let plain = Field {
            name: "a.n".into(),
            ty: FieldType::Uint64,
            list: false,
            argument: ArgumentRule::default(),
            display: String::new(),
            description: "a number".into(),
            add_output: false,
            hidden: false,
            info: false,
            conversation: false,
        };
        assert_eq!(read[0], plain);
        let all = ArgumentRule { required: true, index: true, key: true };
        let rich = Field {
            name: "a.s".into(),
            ty: FieldType::String,
            list: true,
            argument: all,
            display: "S".into(),
            description: "texts".into(),
            add_output: true,
            hidden: true,
            info: true,
            conversation: true,
        };
        assert_eq!(read[1], rich);
    }

    #[test]
    fn every_type_has_its_number() {
        let numbers: Vec<u32> = FieldType::NAMES.iter().map(|(_, ty)| *ty as u32).collect();
        assert_eq!(numbers, [8, 9, 20, 21, 25, 40, 41]);
    }

    #[test]
    fn errors_name_the_function_the_entry_and_the_cause() {
        for (json, parts) in [
            ("{", ["plugin_get_fields", "no JSON"]),
            ("{}", ["plugin_get_fields", "no list"]),
            ("[]", ["plugin_get_fields", "no field"]),
            (r#"[{"type":"string","name":"a","desc":"d"},{"type":"string","name":"b"}]"#, ["field 1 'b'", "'desc'"]),
            (r#"[{"type":"string","desc":"d"}]"#, ["field 0", "'name'"]),
            (r#"[{"name":"a","desc":"d"}]"#, ["field 0 'a'", "'type'"]),
            (r#"[{"type":"int","name":"a","desc":"d"}]"#, ["field 0 'a'", "'int' is no type"]),
            (r#"[{"type":"bool","name":"a","desc":"d","isList":1}]"#, ["field 0 'a'", "'isList'"]),
            (r#"[{"type":"bool","name":"a","desc":"d","addOutput":"x"}]"#, ["field 0 'a'", "'addOutput'"]),
            (r#"[{"type":"bool","name":"a","desc":"d","arg":{"isKey":1}}]"#, ["field 0 'a'", "'isKey'"]),
            (r#"[{"type":"bool","name":"a","desc":"d","arg":3}]"#, ["field 0 'a'", "'arg' is no object"]),
            (r#"[{"type":"bool","name":"a","desc":"d","arg":{"isRequired":true}}]"#, ["field 0 'a'", "isIndex"]),
            (r#"[{"type":"bool","name":"a","desc":"d","properties":{}}]"#, ["field 0 'a'", "'properties'"]),
            (r#"[{"type":"bool","name":"a","desc":"d","properties":[1]}]"#, ["field 0 'a'", "'properties'"]),
            (r#"[7]"#, ["field 0", "'name'"]),
        ] {
            let error = fields(json).expect_err(json);
            assert!(parts.iter().all(|p| error.contains(p)), "{json}: {error}");
        }
        assert_eq!(names(r#"["a", "", "b", "a"]"#, "f"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert!(
            names(r#"["a", 7]"#, "plugin_get_async_events")
                .expect_err("a number")
                .contains("plugin_get_async_events: entry 1")
        );
    }

    #[test]
    fn no_list_of_sources_means_all() {
        assert!(is_for_source(&[], "any"));
        assert!(is_for_source(&["a".into(), "b".into()], "b"));
        assert!(!is_for_source(&["a".into()], "b"));
    }
}
