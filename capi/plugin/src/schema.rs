//! The check of a plugin's configuration against the JSON schema that the plugin has for it.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;
use std::ffi::CStr;

/// `SS_PLUGIN_SCHEMA_NONE` and `SS_PLUGIN_SCHEMA_JSON`.
const NONE: u32 = 0;
const JSON: u32 = 1;

/// Checks a configuration; an empty one counts as `{}` if there is a schema, and that is returned. `kind` is the schema's `ss_plugin_schema_type`; an empty schema allows everything.
///
/// # Errors
/// The configuration is no JSON, or the schema does not allow it: the text has the path to the first value that is wrong, and why. Also a schema that
/// is none, or of another kind.
pub fn check<'a>(kind: u32, schema: &[u8], config: &'a CStr) -> Result<&'a CStr, String> {
    if schema.is_empty() || kind == NONE {
        return Ok(config);
    }
    if kind != JSON {
        return Err(format!("get_init_schema returned an unknown schema type {kind}"));
    }
    let schema: Value = serde_json::from_slice(schema)
        .map_err(|e| format!("get_init_schema returned a schema that is no JSON: {e}"))?;
    let validator = validator(&schema).map_err(|e| format!("get_init_schema returned a schema that is none: {e}"))?;
    let config = if config.is_empty() { c"{}" } else { config };
    let value: Value =
        serde_json::from_slice(config.to_bytes()).map_err(|e| format!("the configuration is no valid JSON: {e}"))?;
    match validator.iter_errors(&value).next() {
        None => Ok(config),
        Some(wrong) => {
            let path = wrong.instance_path().to_string();
            let path = if path.is_empty() { "/" } else { &path };
            Err(format!("the configuration does not fit the schema at '{path}': {}", cause(&wrong)))
        }
    }
}

/// Why a value is wrong; for a property that is missing as other validators say it, since programs look for those words.
fn cause(wrong: &ValidationError<'_>) -> String {
    match wrong.kind() {
        ValidationErrorKind::Required { property: Value::String(name) } => {
            format!("Missing required property '{name}'")
        }
        _ => wrong.to_string(),
    }
}

/// The validator of a schema, by the draft that it names. Published plugins have schemas that their draft does not allow (`"required": []` in draft 4):
/// such a schema is read by draft 7.
fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::validator_for(schema)
        .or_else(|wrong| jsonschema::options().with_draft(Draft::Draft7).build(schema).map_err(|_| wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &[u8] =
        br#"{"$schema": "http://json-schema.org/draft-04/schema#", "required": ["list"], "type": "object",
        "properties": {"list": {"type": "array", "items": {"type": "integer"}}}}"#;

    #[test]
    fn what_does_not_fit_is_said_with_its_path() {
        assert_eq!(check(JSON, SCHEMA, cr#"{"list": [1, 2]}"#), Ok(cr#"{"list": [1, 2]}"#));
        for (config, part) in [
            (cr#"{"list": [1, "x"]}"#, "at '/list/1'"),
            (c"{}", "at '/': Missing required property 'list'"),
            (c"[]", "at '/'"),
            (c"", "at '/'"),
            (c"{", "no valid JSON"),
        ] {
            let error = check(JSON, SCHEMA, config).expect_err("wrong");
            assert!(error.contains(part), "{config:?}: {error}");
        }
    }

    #[test]
    fn a_schema_that_its_draft_does_not_allow_is_read_by_draft_7() {
        let schema = br#"{"$schema": "http://json-schema.org/draft-04/schema#", "required": [],
            "properties": {"n": {"type": "integer"}}}"#;
        assert_eq!(check(JSON, schema, c""), Ok(c"{}"));
        assert!(check(JSON, schema, cr#"{"n": "x"}"#).expect_err("a text").contains("at '/n'"));
        // An older form, which draft 7 does not allow.
        let schema = br#"{"$schema": "http://json-schema.org/draft-04/schema#",
            "properties": {"n": {"minimum": 3, "exclusiveMinimum": true}}}"#;
        assert!(check(JSON, schema, cr#"{"n": 3}"#).expect_err("too small").contains("at '/n'"));
    }

    #[test]
    fn schemas_may_be_absent_or_wrong() {
        assert_eq!(check(NONE, b"", c"anything"), Ok(c"anything"));
        assert_eq!(check(JSON, b"", c"anything"), Ok(c"anything"));
        assert!(check(7, b"x", c"").expect_err("kind").contains("unknown schema type 7"));
        assert!(check(JSON, b"{", c"{}").expect_err("no JSON").contains("no JSON"));
        assert!(check(JSON, br#"{"type": 3}"#, c"{}").expect_err("no schema").contains("that is none"));
    }
}
