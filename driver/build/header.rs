//! Writes the description as C: the public header, its tables, and the counts of `event_stats.h`.

use crate::schema::{ARCHES, Detail, Event, FORMATS, Param, Schema, TYPES};
use std::fmt::Write;

/// The tag under every generated file's title.
const GENERATED: &str = "Generated from driver/schema. Change it there, then run: ./dev headers";

/// The text of `driver/ppm_events_public.h`.
pub fn events_public(schema: &Schema) -> String {
    let mut anon_inodes = String::new();
    let mut tables = String::new();
    for t in &schema.tables {
        if t.name == "anon_inode_fd_types" {
            t.rows.iter().for_each(|(flag, value, _)| line(&mut anon_inodes, format_args!("\t{flag} = {value},")));
        }
        line(&mut tables, format_args!("extern const struct ppm_name_value {}[];", t.name));
    }
    for (name, _) in &schema.dynamics {
        line(&mut tables, format_args!("extern const struct ppm_param_info {name}_dynamic_param[];"));
    }
    let mut events = String::new();
    for (code, e) in schema.events.iter().enumerate() {
        line(&mut events, format_args!("\tPPME_{} = {code},", e.enum_name));
    }
    let scs: Vec<String> = (schema.scs.iter().enumerate())
        .filter_map(|(code, sc)| Some(format!("\tPPM_SC_X({}, {code})", sc.name.as_ref()?.to_uppercase())))
        .collect();
    let mut types = String::new();
    let mut n_types = 0;
    for (i, ty) in TYPES.split_whitespace().enumerate() {
        line(&mut types, format_args!("\tPT_{ty} = {i},"));
        n_types = i + 1;
    }
    line(&mut types, format_args!("\tPT_MAX = {n_types},"));
    let mut formats = String::new();
    for (i, format) in FORMATS.split_whitespace().enumerate() {
        line(&mut formats, format_args!("\tPF_{} = {i},", c_format(format)));
    }
    include_str!("ppm_events_public.h.in")
        .replace("@GENERATED@", GENERATED)
        .replace("@MACROS@", &macros(schema))
        .replace("@ANON_INODES@", &anon_inodes)
        .replace("@EVENTS@", &events)
        .replace("@EVENT_MAX@", &schema.events.len().to_string())
        .replace("@SCS@", &(scs.join(" \\\n") + "\n"))
        .replace("@PARAM_TYPES@", &types)
        .replace("@FORMATS@", &formats)
        .replace("@TABLES@", &tables)
}

/// The text of `driver/event_stats.h`: the number of events by origin.
pub fn event_stats(schema: &Schema) -> String {
    // An event of unknown category still has an origin; only one without an origin counts as unknown.
    let of = |category: &str| {
        let matches = |e: &&Event| match category {
            "UNKNOWN" => e.categories == ["UNKNOWN"],
            _ => e.categories.iter().any(|c| c == category),
        };
        schema.events.iter().filter(matches).count()
    };
    let mut o = format!(
        "/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n/*\n * The number of events, by origin.\n *\n * \
         {GENERATED}\n */\n#pragma once\n\n"
    );
    for (name, category) in [
        ("SYSCALL_EVENTS_NUM", "SYSCALL"),
        ("TRACEPOINT_EVENTS_NUM", "TRACEPOINT"),
        ("METAEVENTS_NUM", "METAEVENT"),
        ("PLUGIN_EVENTS_NUM", "PLUGIN"),
        ("ITER_EVENTS_NUM", "ITER"),
        ("UNKNOWN_EVENTS_NUM", "UNKNOWN"),
    ] {
        line(&mut o, format_args!("#define {name} {}", of(category)));
    }
    o
}

/// The text of the C file that defines what the public header declares: the tables of events, flags and system calls.
pub fn tables(schema: &Schema) -> String {
    let mut o = format!(
        "/* {GENERATED} */\n#include <driver/ppm_events_public.h>\n\nextern const struct ppm_event_info g_event_info[];\n\
         extern const struct syscall_evt_pair g_syscall_table[];\n\n"
    );
    for t in &schema.tables {
        line(&mut o, format_args!("const struct ppm_name_value {}[] = {{", t.name));
        for (flag, value, _) in &t.rows {
            line(&mut o, format_args!("\t{{{flag:?}, {value}U}},"));
        }
        o.push_str("\t{0, 0}\n};\n\n");
    }
    for (name, params) in &schema.dynamics {
        line(&mut o, format_args!("const struct ppm_param_info {name}_dynamic_param[] = {{"));
        params.iter().for_each(|p| param(&mut o, schema, p));
        o.push_str("};\n\n");
    }
    o.push_str("const struct ppm_event_info g_event_info[PPM_EVENT_MAX] = {\n");
    for e in &schema.events {
        let or = |prefix: &str, bits: &[String]| {
            let bits: Vec<String> = bits.iter().map(|b| format!("{prefix}{b}")).collect();
            if bits.is_empty() { format!("{prefix}NONE") } else { bits.join(" | ") }
        };
        let (category, flags, n) = (or("EC_", &e.categories), or("EF_", &e.flags), e.params.len());
        line(&mut o, format_args!("\t[PPME_{}] = {{{:?}, {category}, {flags}, {n}, {{", e.enum_name, e.name));
        match e.params.as_slice() {
            [] => o.push_str("\t\t{\"\", PT_NONE, PF_NA, 0, 0},\n"),
            params => params.iter().for_each(|p| param(&mut o, schema, p)),
        }
        o.push_str("\t}},\n");
    }
    o.push_str("};\n\nconst struct syscall_evt_pair g_syscall_table[SYSCALL_TABLE_SIZE] = {\n");
    for (i, arch) in ARCHES.iter().enumerate() {
        line(&mut o, format_args!("{} {}", if i == 0 { "#if" } else { "#elif" }, c_arch(arch)));
        syscalls(&mut o, schema, i);
    }
    o.push_str("#endif\n};\n");
    o
}

/// The rows of an architecture's native system-call table.
fn syscalls(o: &mut String, schema: &Schema, arch: usize) {
    for sc in &schema.scs {
        let (Some(name), 0..512) = (&sc.name, sc.numbers[arch]) else { continue };
        // The row of a call has the exit event that drivers make today, and the enter event before it. The generic event has no
        // row of its own.
        let made =
            |code: &u16| code & 1 == 1 && !schema.events[usize::from(*code)].flags.iter().any(|f| f == "OLD_VERSION");
        let exit = sc.events.iter().copied().find(made).map_or(0, usize::from);
        let (enter, exit) = if exit <= 1 { (0, 0) } else { (exit - 1, exit) };
        let flags = match (exit, sc.sampling) {
            (0, _) => "UF_NONE",
            (_, Some("keep")) => "UF_USED | UF_NEVER_DROP",
            (_, Some("shed")) => "UF_USED | UF_ALWAYS_DROP",
            _ => "UF_USED",
        };
        let event = |code: usize| &schema.events[code].enum_name;
        let (number, sc_name) = (sc.numbers[arch], name.to_uppercase());
        line(
            o,
            format_args!("\t[{number}] = {{{flags}, PPME_{}, PPME_{}, PPM_SC_{sc_name}}},", event(enter), event(exit)),
        );
    }
}

fn param(o: &mut String, schema: &Schema, p: &Param) {
    let info = match &p.detail {
        Detail::None => "0, 0".to_string(),
        Detail::Table(t) => format!("{t}, 0"),
        Detail::Dirfd(i) => format!("DIRFD_PARAM({i}), 0"),
        Detail::Dynamic(d) => {
            let n = schema.dynamics.iter().find(|x| x.0 == *d).map_or(0, |x| x.1.len());
            format!("{d}_dynamic_param, {n}")
        }
    };
    line(o, format_args!("\t\t{{{:?}, PT_{}, PF_{}, {info}}},", p.name, p.ty, c_format(&p.format)));
}

/// The flags and constants as macros, each once, below the first table that has it.
fn macros(schema: &Schema) -> String {
    let mut o = String::new();
    let mut seen = std::collections::HashMap::new();
    let mut define = |o: &mut String, name: String, value: String| match seen.insert(name.clone(), value.clone()) {
        None => line(o, format_args!("#define {name} {value}")),
        Some(before) => assert_eq!(before, value, "flags.txt: {name} has two values"),
    };
    for t in &schema.tables {
        line(&mut o, format_args!("/* {} */", t.name));
        for (flag, value, c_macro) in &t.rows {
            let name = match c_macro.as_deref() {
                Some("-") => continue,
                Some(name) => name.to_string(),
                None => format!("{}{flag}", t.prefix),
            };
            let value = if *value > i32::MAX as u32 { format!("{value:#x}U") } else { format!("{value:#x}") };
            define(&mut o, name, value);
        }
        o.push('\n');
    }
    o.push_str("/* Values that no table prints. */\n");
    for (name, value) in &schema.constants {
        let value = match value.parse::<i64>() {
            Ok(v) if v < 0 => format!("({v})"),
            Ok(v) if v > i32::MAX as i64 => format!("{v:#x}UL"),
            _ => value.clone(),
        };
        define(&mut o, name.clone(), value);
    }
    o
}

fn c_format(format: &str) -> String {
    match format {
        "padded_dec" => "10_PADDED_DEC".to_string(),
        other => other.to_uppercase(),
    }
}

fn c_arch(arch: &str) -> &'static str {
    match arch {
        "x86_64" => "defined(__x86_64__)",
        "aarch64" => "defined(__aarch64__)",
        "riscv64" => "defined(__riscv) && __riscv_xlen == 64",
        "s390x" => "defined(__s390x__)",
        "ppc64le" => "defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)",
        "loongarch64" => "defined(__loongarch64)",
        other => panic!("the architecture {other} has no macro in C"),
    }
}

fn line(o: &mut String, text: std::fmt::Arguments) {
    let _ = writeln!(o, "{text}");
}
