//! Writes the description as Rust tables.

use crate::schema::{Detail, Param, Schema};
use std::fmt::Write;

/// The text of `tables.rs`, which the library includes.
pub fn tables(schema: &Schema) -> String {
    let mut out = String::new();
    let o = &mut out;
    flag_tables(o, schema);
    for (name, params) in &schema.dynamics {
        let upper = name.to_uppercase();
        let _ = writeln!(
            o,
            "/// The variants of a `{name}` value.\npub static {upper}_VARIANTS: [ParamInfo; {}] = [",
            params.len()
        );
        params.iter().for_each(|p| param(o, p));
        o.push_str("];\n");
    }
    let n = schema.events.len();
    let _ = writeln!(o, "/// The number of events.\npub const EVENT_COUNT: usize = {n};");
    o.push_str("#[allow(missing_docs)]\nimpl EventType {\n");
    for (code, e) in schema.events.iter().enumerate() {
        let _ = writeln!(o, "pub const {}: EventType = EventType({code});", e.enum_name);
    }
    let _ = writeln!(o, "}}\n/// The event table, by code.\npub static EVENTS: [EventInfo; {n}] = [");
    for (code, e) in schema.events.iter().enumerate() {
        let or = |ty: &str, bits: &[String]| {
            let sum: Vec<String> = bits.iter().map(|b| format!("{ty}::{b}.0")).collect();
            format!("{ty}({})", if sum.is_empty() { "0".to_string() } else { sum.join(" | ") })
        };
        let _ = write!(
            o,
            "EventInfo {{ ty: EventType({code}), enum_name: {:?}, name: {:?}, category: {}, flags: {}, params: &[",
            e.enum_name,
            e.name,
            or("Category", &e.categories),
            or("EventFlags", &e.flags),
        );
        e.params.iter().for_each(|p| param(o, p));
        o.push_str("] },\n");
    }
    o.push_str("];\n");
    syscalls(o, schema);
    out
}

fn param(o: &mut String, p: &Param) {
    let detail = match &p.detail {
        Detail::None => "Detail::None".to_string(),
        Detail::Table(t) => format!("Detail::Flags(&{})", t.to_uppercase()),
        Detail::Dirfd(i) => format!("Detail::Dirfd({i})"),
        Detail::Dynamic(d) => format!("Detail::Variants(&{}_VARIANTS)", d.to_uppercase()),
    };
    let (name, ty, format) = (&p.name, &p.ty, p.format.to_uppercase());
    let _ =
        writeln!(o, "ParamInfo {{ name: {name:?}, ty: ParamType::{ty}, format: Format::{format}, detail: {detail} }},");
}

fn flag_tables(o: &mut String, schema: &Schema) {
    for t in &schema.tables {
        let upper = t.name.to_uppercase();
        let _ = write!(o, "/// `{0}`.\npub static {upper}: FlagTable = FlagTable {{ name: {0:?}, rows: &[", t.name);
        for (flag, value, _) in &t.rows {
            let _ = write!(o, "({flag:?}, {value}), ");
        }
        o.push_str("] };\n");
    }
    o.push_str("/// Every flag table.\npub static FLAG_TABLES: &[&FlagTable] = &[");
    for t in &schema.tables {
        let _ = write!(o, "&{}, ", t.name.to_uppercase());
    }
    o.push_str("];\n/// The flags' values, named as in C without `PPM_`.\n#[allow(missing_docs, non_upper_case_globals)]\npub mod flags {\n");
    let mut seen = std::collections::HashSet::new();
    for t in &schema.tables {
        for (flag, value, c_macro) in &t.rows {
            let name = match c_macro.as_deref() {
                Some("-") => continue,
                Some(m) => m.to_string(),
                None => format!("{}{flag}", t.prefix),
            };
            let name = name.trim_start_matches("PPM_").to_string();
            if seen.insert(name.clone()) {
                let _ = writeln!(o, "pub const {name}: u32 = {value};");
            }
        }
    }
    for (name, value) in &schema.constants {
        let name = name.trim_start_matches("PPM_");
        let ty = match value.parse::<i64>() {
            Ok(v) if v < 0 => "i32",
            Ok(v) if v > u32::MAX as i64 => "u64",
            _ => "u32",
        };
        if seen.insert(name.to_string()) {
            let _ = writeln!(o, "pub const {name}: {ty} = {value};");
        }
    }
    o.push_str("}\n");
}

fn syscalls(o: &mut String, schema: &Schema) {
    let n = schema.scs.len();
    let _ = writeln!(o, "/// The number of system-call codes.\npub const SC_COUNT: usize = {n};");
    o.push_str("#[allow(missing_docs)]\nimpl Sc {\n");
    for (code, sc) in schema.scs.iter().enumerate() {
        if let Some(name) = &sc.name {
            let _ = writeln!(o, "pub const {}: Sc = Sc({code});", name.to_uppercase());
        }
    }
    let _ = writeln!(o, "}}\n/// The system calls and tracepoints, by code.\npub static SCS: [ScInfo; {n}] = [");
    for (code, sc) in schema.scs.iter().enumerate() {
        let events: Vec<String> = sc.events.iter().map(|c| format!("EventType({c})")).collect();
        let _ = writeln!(
            o,
            "ScInfo {{ sc: Sc({code}), name: {:?}, modifies_state: {}, numbers: {:?}, ia32: &{:?}, events: &[{}] }},",
            sc.name,
            sc.state,
            sc.numbers,
            sc.ia32,
            events.join(", ")
        );
    }
    o.push_str("];\n");
}
