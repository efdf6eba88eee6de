//! The BPF programs, written from the description, and compiled together with the shared C of `bpf/`.

use crate::{
    schema::{ARCHES, At, Event, Param, Schema, Source, Syscall},
    source::{Expr, Ty, Vocabulary, width},
};
use std::{collections::HashMap, env, fmt::Write, path::Path, process::Command};

/// The program that makes exit events of system calls.
const SYS_EXIT: &str = "sys_exit";
/// The program that makes enter events of system calls.
const SYS_ENTER: &str = "sys_enter";
/// Makes no event: it notes the flags of new threads (`helpers/birth.h`).
const BIRTHS: &str = "task_newtask";
/// The tracepoints that only x86-64 has.
const PAGE_FAULTS: [&str; 2] = ["page_fault_user", "page_fault_kernel"];
/// The event of system calls without an event of their own.
const GENERIC: &str = "GENERIC_X";
/// Bytes of the header before the lengths.
const HEADER: usize = 26;

/// The calls of socketcall(2), by its first argument from 1: the system call of that name, the one to use if an architecture has no such call, and
/// the number of arguments.
const SOCKET_CALLS: [(&str, &str, u8); 20] = [
    ("socket", "", 3),
    ("bind", "", 3),
    ("connect", "", 3),
    ("listen", "", 2),
    ("accept", "accept4", 3),
    ("getsockname", "", 3),
    ("getpeername", "", 3),
    ("socketpair", "", 4),
    ("send", "sendto", 4),
    ("recv", "recvfrom", 4),
    ("sendto", "", 6),
    ("recvfrom", "", 6),
    ("shutdown", "", 2),
    ("setsockopt", "", 5),
    ("getsockopt", "", 5),
    ("sendmsg", "", 3),
    ("recvmsg", "", 3),
    ("accept4", "", 4),
    ("recvmmsg", "", 5),
    ("sendmmsg", "", 4),
];

/// A program: the function's name, its kind, its attachment point, and its event.
#[derive(Debug)]
struct Program<'a> {
    name: String,
    trigger: &'a str,
    tracepoint: &'a str,
    code: usize,
    event: &'a Event,
    /// The C expression of the counter for events that are dropped; see [`count_drops_by`].
    counted: String,
}

/// The generated texts.
#[derive(Debug)]
pub struct Generated {
    /// `constants.h`: the constants of the C code.
    pub constants: String,
    /// `programs.h`: the programs that make events.
    pub programs: String,
    /// `probe.rs`: the program of each system call and tracepoint.
    pub rust: String,
    /// `exit_programs.h` and `enter_programs.h`: the same for the module, which has a table where the probe has maps.
    pub exits: String,
    pub enters: String,
}

/// Writes the programs for an architecture (one of [`ARCHES`]).
pub fn generate(schema: &Schema, vocabulary: &Vocabulary, arch: &str) -> Result<Generated, String> {
    let column =
        ARCHES.iter().position(|a| *a == arch).ok_or(format!("the probe does not know the architecture {arch}"))?;
    let mut c = String::from("/* Generated from the description of the events. */\n");
    let (mut programs, mut described) = (Vec::new(), Vec::new());
    for (code, event) in schema.events.iter().enumerate() {
        if !has_sources(event)? {
            continue;
        }
        described.push(event);
        let triggers = triggers(event, vocabulary)?;
        for kind in vocabulary.programs.iter().filter(|p| triggers.contains(&p.name.as_str())) {
            let name = match kind.name.as_str() {
                SYS_EXIT => format!("x_{}", event.enum_name.trim_end_matches("_X").to_lowercase()),
                SYS_ENTER => format!("e_{}", event.enum_name.trim_end_matches("_E").to_lowercase()),
                other if PAGE_FAULTS.contains(&other) && arch != "x86_64" => continue,
                other => other.to_string(),
            };
            let (trigger, tracepoint) = (&kind.name, &kind.tracepoint);
            programs.push(Program { name, trigger, tracepoint, code, event, counted: String::new() });
        }
    }
    let tracepoints = count_drops_by(schema, &mut programs, column);
    for program in &programs {
        Body::default().write(&mut c, vocabulary, program)?;
    }
    vocabulary.check_all_used(&described.iter().flat_map(|e| sources(e)).collect::<Vec<_>>())?;
    let exits = exit_programs(schema, &programs, column);
    let enters = enter_programs(schema, &programs, column);
    let list = |entry: &str, numbers: &mut dyn Iterator<Item = (i32, &str)>| {
        numbers.map(|(number, name)| format!("{entry}({number}, {name})\n")).collect::<String>()
    };
    Ok(Generated {
        constants: constants(schema, column, &programs),
        programs: c,
        exits: list("EXIT_PROGRAM", &mut exits.iter().copied()),
        enters: list("ENTER_PROGRAM", &mut enters.iter().map(|(_, number, name)| (*number, *name))),
        rust: tables(schema, &programs, &exits, &enters, &tracepoints, arch),
    })
}

/// The programs that make the event. No row of it may name another.
fn triggers<'a>(event: &'a Event, vocabulary: &Vocabulary) -> Result<Vec<&'a str>, String> {
    let mut triggers = Vec::new();
    for name in &event.from {
        vocabulary.parameters(&name.text, &name.at)?;
        triggers.push(name.text.as_str());
    }
    if triggers.is_empty() {
        triggers.push(SYS_EXIT);
    }
    for (name, at) in sources(event).filter_map(|s| Some((s.program.as_deref()?, &s.at))) {
        if !triggers.contains(&name) {
            return at.fail(format!("program `{name}` does not make {}", event.enum_name));
        }
    }
    Ok(triggers)
}

/// Every source of an event.
fn sources(event: &Event) -> impl Iterator<Item = &Source> {
    event.params.iter().flat_map(|p| &p.sources).chain(&event.only).chain(&event.tid).chain(&event.repeat)
}

/// Whether the probe makes the event. If one parameter has a source, all must.
fn has_sources(event: &Event) -> Result<bool, String> {
    let with = event.params.iter().filter(|p| !p.sources.is_empty()).count();
    if with == 0 {
        return match event.from.is_empty() || event.params.is_empty() {
            true => Ok(!event.from.is_empty()),
            false => event.at.fail("the event names a program, but its parameters have no sources"),
        };
    }
    match event.params.iter().find(|p| p.sources.is_empty()) {
        None if event.flags.iter().any(|f| f == "OLD_VERSION") => {
            event.at.fail("the event is an old version, which is read but not made any more")
        }
        None => Ok(true),
        Some(p) => p.at.fail(format!("parameter `{}` of {} has no source, others have", p.name, event.enum_name)),
    }
}

/// Chooses for each program how the events are counted that are dropped: by the number of the system call, which is a constant in a program of one
/// call, or as one of the tracepoints, whose codes it returns in the order of their counters. Programs of the scheduler whose event is a call's
/// count as that call, and what belongs to none, the marks of sampling, as code 0.
fn count_drops_by(schema: &Schema, programs: &mut [Program], column: usize) -> Vec<usize> {
    let (mut numbers, mut tracepoints) = (HashMap::<String, Vec<i32>>::new(), Vec::new());
    let exits = exit_programs(schema, programs, column).into_iter();
    for (number, name) in
        exits.chain(enter_programs(schema, programs, column).into_iter().map(|(_, n, name)| (n, name)))
    {
        numbers.entry(name.to_string()).or_default().push(number);
    }
    for p in programs {
        p.counted = if matches!(p.trigger, SYS_EXIT | SYS_ENTER) {
            match numbers.get(&p.name).map(Vec::as_slice) {
                Some([number]) => number.to_string(),
                _ => "nr".to_string(),
            }
        } else {
            let code_of = |is: &dyn Fn(&Syscall) -> bool| schema.scs.iter().position(is);
            let named = code_of(&|sc| sc.name.as_deref() == Some(p.trigger));
            let code = named.or_else(|| code_of(&|sc| sc.makes(p.code))).unwrap_or(0);
            match schema.scs.get(code).map_or(-1, |sc| sc.numbers[column]) {
                -1 => {
                    let known = tracepoints.iter().position(|t| *t == code);
                    let index = known.unwrap_or_else(|| {
                        tracepoints.push(code);
                        tracepoints.len() - 1
                    });
                    format!("SYSCALL_MAX + {index}")
                }
                number => number.to_string(),
            }
        };
    }
    tracepoints
}

/// The constants of the C code.
fn constants(schema: &Schema, column: usize, programs: &[Program]) -> String {
    let mut c = String::from("/* Generated from the description of the events. */\n#pragma once\n");
    let mut seen = HashMap::new();
    for table in &schema.tables {
        for (flag, value, c_macro) in &table.rows {
            let name = match c_macro.as_deref() {
                Some("-") => continue,
                Some(name) => name.to_string(),
                None => format!("{}{flag}", table.prefix),
            };
            seen.entry(name.clone()).or_insert_with(|| writeln!(c, "#define {name} {value}U"));
        }
    }
    for (name, value) in &schema.constants {
        seen.entry(name.clone()).or_insert_with(|| writeln!(c, "#define {name} ({value})"));
    }
    for (code, event) in schema.events.iter().enumerate() {
        let _ = writeln!(c, "#define PPME_{} {code}", event.enum_name);
    }
    let mut table = |name: &str, rows: &mut dyn Iterator<Item = (i32, String)>| {
        let _ = writeln!(c, "static const volatile u16 {name}[SYSCALL_MAX] = {{");
        for (number, value) in rows {
            let _ = writeln!(c, "\t[{number}] = {value},");
        }
        c.push_str("};\n");
    };
    let native = || schema.scs.iter().zip(0..).filter(|(sc, _)| sc.numbers[column] >= 0);
    let number = |sc: &Syscall| sc.numbers[column];
    table("sc_table", &mut native().map(|(sc, code): (&Syscall, u16)| (number(sc), code.to_string())));
    let sampled =
        native().filter_map(|(sc, _)| Some((number(sc), format!("SAMPLING_{}", sc.sampling?.to_uppercase()))));
    table("sampling_table", &mut sampled.into_iter());
    // A number is stored plus one: 0 stands for none.
    let compat = native().flat_map(|(sc, _)| sc.ia32.iter().map(|n| (*n, format!("{} + 1", number(sc)))));
    table("ia32_table", &mut compat.into_iter());
    let by_name = |name: &str| native().find(|(sc, _)| sc.name.as_deref() == Some(name)).map(|(sc, _)| number(sc));
    let calls = SOCKET_CALLS.iter().zip(1..).filter_map(|((name, instead, _), call)| {
        Some((call, format!("{} + 1", by_name(name).or_else(|| by_name(instead))?)))
    });
    table("socketcall_table", &mut calls.into_iter());
    let entered = native().filter(|(sc, _)| programs.iter().any(|p| p.trigger == SYS_ENTER && sc.makes(p.code)));
    table("enter_table", &mut entered.map(|(sc, _)| (number(sc), "1".to_string())));
    let own = exit_programs(schema, programs, column);
    table("own_program_table", &mut own.iter().map(|(number, _)| (*number, "1".to_string())));
    let args = SOCKET_CALLS.iter().zip(1..).map(|((_, _, args), call)| (call, args.to_string()));
    table("socketcall_args", &mut args.into_iter());
    c
}

/// The programs of system calls that have one of their own, by native number.
fn exit_programs<'a>(schema: &Schema, programs: &'a [Program], column: usize) -> Vec<(i32, &'a str)> {
    let mut list = Vec::new();
    for sc in schema.scs.iter().filter(|sc| sc.numbers[column] >= 0) {
        let own = |p: &&Program| p.trigger == SYS_EXIT && p.event.enum_name != GENERIC && sc.makes(p.code);
        if let Some(p) = programs.iter().filter(own).max_by_key(|p| p.code) {
            list.push((sc.numbers[column], p.name.as_str()));
        }
    }
    list
}

/// The programs of system calls with an enter event: the call's code, its native number, the program.
fn enter_programs<'a>(schema: &Schema, programs: &'a [Program], column: usize) -> Vec<(usize, i32, &'a str)> {
    let mut list = Vec::new();
    for (code, sc) in schema.scs.iter().enumerate().filter(|(_, sc)| sc.numbers[column] >= 0) {
        if let Some(p) = programs.iter().find(|p| p.trigger == SYS_ENTER && sc.makes(p.code)) {
            list.push((code, sc.numbers[column], p.name.as_str()));
        }
    }
    list
}

fn tables(
    schema: &Schema,
    programs: &[Program],
    exits: &[(i32, &str)],
    enters: &[(usize, i32, &str)],
    tracepoints: &[usize],
    arch: &str,
) -> String {
    let mut o = String::from(
        "/// The programs of system calls with an exit program of their own, by native number.\npub static EXIT_PROGRAMS: &[(i32, &str)] = &[\n",
    );
    for (number, name) in exits {
        let _ = writeln!(o, "    ({number}, {name:?}),");
    }
    o.push_str("];\n/// The programs to attach for each system call or tracepoint.\npub static TRACEPOINT_PROGRAMS: &[(Sc, &str)] = &[\n");
    // If a new thread returns to user space through the exit of clone, its event is made there; see README.md.
    let fork_needed = !matches!(arch, "x86_64" | "ppc64le");
    for (trigger, names) in [
        ("sched_process_exec", &["execve", "execveat"][..]),
        ("sched_process_fork", &["clone", "clone3", "fork", "vfork"]),
        (BIRTHS, &["clone3"]),
        ("sched_process_exit", &["sched_process_exit"]),
        ("sched_switch", &["sched_switch"]),
        ("signal_deliver", &["signal_deliver"]),
        ("page_fault_user", &["page_fault_user"]),
        ("page_fault_kernel", &["page_fault_kernel"]),
    ] {
        let makes_events = programs.iter().any(|p| p.trigger == trigger);
        if !(makes_events || trigger == BIRTHS) || (trigger == "sched_process_fork" && !fork_needed) {
            continue;
        }
        for name in names {
            if let Some(code) = schema.scs.iter().position(|sc| sc.name.as_deref() == Some(name)) {
                let _ = writeln!(o, "    (Sc({code}), {trigger:?}),");
            }
        }
    }
    o.push_str("];\n/// The programs of system calls with an enter event, and the native numbers.\npub static ENTER_PROGRAMS: &[(Sc, i32, &str)] = &[\n");
    for (code, number, name) in enters {
        let _ = writeln!(o, "    (Sc({code}), {number}, {name:?}),");
    }
    o.push_str("];\n/// What the counters of drops after those of the system calls are for; code 0 for the marks of sampling.\npub static DROP_TRACEPOINTS: &[Sc] = &[");
    o.push_str(&tracepoints.iter().map(|code| format!("Sc({code})")).collect::<Vec<_>>().join(", "));
    o.push_str("];\n");
    o
}

/// A parameter, its width in bytes if that is constant, and its checked source.
struct Value<'a> {
    param: &'a Param,
    width: Option<usize>,
    expr: Expr,
    at: &'a At,
}

/// The C type of a stored number: as wide as the parameter, with the signedness of its source.
fn c_type(v: &Vocabulary, program: &str, value: &Value, width: usize) -> Result<String, String> {
    let signed = matches!(v.type_of(program, &value.expr, value.at)?, Some(Ty::Number(n)) if n.starts_with('s'));
    Ok(format!("{}{}", if signed { 's' } else { 'u' }, 8 * width))
}

/// The arguments by which `reserve` and `emit` count events that are dropped.
fn drops(program: &Program) -> String {
    let kind = program.event.drops.as_ref().map_or("0".to_string(), |kind| format!("DROP_KIND({kind})"));
    format!("{kind}, {}", program.counted)
}

/// The body of a program. A value that several parameters share is computed once.
#[derive(Default)]
struct Body {
    text: String,
    /// The arguments of the system call that were read, and the C function that reads them.
    args: Vec<u8>,
    arg_reader: &'static str,
    known: Vec<(Expr, String)>,
    /// The names of the written parameters of variable length.
    written: Vec<String>,
}

impl Body {
    fn write(mut self, c: &mut String, v: &Vocabulary, program: &Program) -> Result<(), String> {
        let Program { name, trigger, tracepoint, event, .. } = program;
        // Only socket calls can be made by socketcall(2).
        self.arg_reader = if event.enum_name.starts_with("SOCKET_") { "socket_arg" } else { "call_arg" };
        let mut values = Vec::new();
        for param in &event.params {
            let Some(source) = pick(&param.sources, trigger) else {
                return param.at.fail(format!("parameter `{}` has no source in program `{trigger}`", param.name));
            };
            let expr = v.expr(trigger, &source.text, &source.at)?;
            v.check_fit(trigger, &expr, &param.ty, &source.at)?;
            let width = match v.type_of(trigger, &expr, &source.at)? {
                None => Some(0),
                Some(Ty::Written(_)) => None,
                Some(_) => width(&param.ty),
            };
            values.push(Value { param, width, expr, at: &source.at });
        }
        if let Some(only) = pick(&event.only, trigger) {
            let condition = self.number(v, trigger, only)?;
            let _ = writeln!(self.text, "\tif (!{condition})\n\t\treturn 0;");
        }
        let tid = match pick(&event.tid, trigger) {
            Some(source) => self.number(v, trigger, source)?,
            None => "current_tid()".to_string(),
        };
        let begin = format!("\tbegin(buf, PPME_{}, {}, {tid});\n", event.enum_name, values.len());
        match values.iter().map(|value| value.width).sum::<Option<usize>>() {
            Some(size) => self.fixed(v, program, &values, &begin, size)?,
            None => self.variable(v, program, &values, &begin)?,
        }

        let section = format!("\n/* {} */\ninline_ int {name}_body(u64 *ctx)", event.enum_name);
        // The generic event is made by the dispatcher itself.
        let attached = match event.enum_name.as_str() {
            GENERIC => format!("\nPART({name})"),
            _ => format!("\nPROGRAM({name}, {tracepoint})"),
        };
        let declared = parameters(v, trigger, &event.at)?;
        let Some(repeat) = pick(&event.repeat, trigger) else {
            let _ =
                writeln!(c, "{section}\n{{\n\tu32 index = 0;\n\t(void)index;\n{declared}{}\treturn 0;\n}}", self.text);
            c.push_str(&attached);
            return Ok(());
        };
        let mut outer = Body { arg_reader: self.arg_reader, ..Body::default() };
        let count = outer.number(v, trigger, repeat)?;
        let _ = writeln!(
            c,
            "\nstatic noinline_ int {name}_once(u64 *ctx, u32 index)\n{{\n{declared}{}\treturn 0;\n}}",
            self.text
        );
        let _ = writeln!(c, "{section}\n{{\n\tu32 index = 0;\n{declared}{}\tu32 count = {count};", outer.text);
        let _ = writeln!(
            c,
            "\tfor (; index < REPEAT_MAX && index < count; index++)\n\t\t{name}_once(ctx, index);\n\treturn 0;\n}}"
        );
        c.push_str(&attached);
        Ok(())
    }

    /// An event of constant size: computes all values, then reserves a record and fills it.
    fn fixed(
        &mut self,
        v: &Vocabulary,
        program: &Program,
        values: &[Value],
        begin: &str,
        size: usize,
    ) -> Result<(), String> {
        let mut at = HEADER + 2 * values.len();
        let size = at + size;
        let mut stores = format!("\tset_event_length(buf, {size});\n{begin}");
        for (i, value) in values.iter().enumerate() {
            let width = value.width.unwrap_or(0);
            if width != 0 {
                let c = self.value(v, program.trigger, &value.expr, value.at)?;
                let ty = c_type(v, program.trigger, value, width)?;
                let _ = writeln!(stores, "\tstore_at(buf, {at}, {ty}, {c}); /* {} */", value.param.name);
            }
            let _ = writeln!(stores, "\tset_length(buf, {i}, {width});");
            at += width;
        }
        let _ = writeln!(self.text, "\tu8 *buf = reserve({size}, {});", drops(program));
        let _ = writeln!(self.text, "\tif (!buf)\n\t\treturn 0;\n{stores}\tsubmit(buf);");
        Ok(())
    }

    /// An event of variable size: builds it in the scratch buffer and copies it to the ring.
    fn variable(&mut self, v: &Vocabulary, program: &Program, values: &[Value], begin: &str) -> Result<(), String> {
        let trigger = program.trigger;
        let data = HEADER + 2 * values.len();
        self.text.push_str("\tu8 *buf = my_scratch();\n\tif (!buf)\n\t\treturn 0;\n");
        let _ = writeln!(self.text, "\tstruct out o = {{ buf, {data} }};\n\tu64 start;\n{begin}");
        // The offset of the next value, until one of variable length has been written.
        let mut known = Some(data);
        for (i, value) in values.iter().enumerate() {
            let name = &value.param.name;
            let _ = writeln!(self.text, "\t/* {name} */");
            if let Some(width) = value.width {
                if width != 0 {
                    let c = self.value(v, trigger, &value.expr, value.at)?;
                    let ty = c_type(v, trigger, value, width)?;
                    let _ = match &mut known {
                        Some(at) => writeln!(self.text, "\tstore_at(buf, {at}, {ty}, {c});"),
                        None => writeln!(self.text, "\tstore(&o, {ty}, {c});"),
                    };
                    known = known.map(|at| at + width);
                }
                let _ = writeln!(self.text, "\tset_length(buf, {i}, {width});");
                continue;
            }
            let Expr::Call(helper, args) = &value.expr else {
                return value.at.fail("a value of variable length is written by a helper");
            };
            let mut list = vec!["&o".to_string()];
            for arg in args {
                list.push(self.value(v, trigger, arg, value.at)?);
            }
            if let Some(at) = known.take() {
                let _ = writeln!(self.text, "\to.pos = {at};");
            }
            let _ = writeln!(self.text, "\tstart = o.pos;\n\tp_{helper}({});", list.join(", "));
            let _ = writeln!(self.text, "\tu16 length_{name} = o.pos - start;\n\tset_length(buf, {i}, length_{name});");
            self.text.push_str("\tforget(&o);\n");
            self.written.push(name.clone());
        }
        let _ = writeln!(self.text, "\temit(&o, {});", drops(program));
        Ok(())
    }

    /// The C expression of a condition or a tid.
    fn number(&mut self, v: &Vocabulary, program: &str, source: &Source) -> Result<String, String> {
        let expr = v.expr(program, &source.text, &source.at)?;
        match v.type_of(program, &expr, &source.at)? {
            Some(Ty::Number(_)) => self.value(v, program, &expr, &source.at),
            _ => source.at.fail("a number is wanted here"),
        }
    }

    /// The C expression of a value. Appends the statements it needs to the body.
    fn value(&mut self, v: &Vocabulary, program: &str, expr: &Expr, at: &At) -> Result<String, String> {
        Ok(match expr {
            Expr::Empty => return at.fail("`empty` is a parameter's value, not a helper's argument"),
            Expr::Number(n) => n.clone(),
            Expr::Arg(n, ty) => {
                if !self.args.contains(n) {
                    let _ = writeln!(self.text, "\tu64 arg_{n} = {}(regs, compat, {n});", self.arg_reader);
                    self.args.push(*n);
                }
                format!("({ty})arg_{n}")
            }
            Expr::Parameter(name) => name.clone(),
            Expr::Length(name) if self.written.contains(name) => format!("length_{name}"),
            Expr::Length(name) => return at.fail(format!("`{name}` is no earlier parameter of variable length")),
            Expr::Call(helper, args) => {
                if let Some((_, name)) = self.known.iter().find(|k| k.0 == *expr) {
                    return Ok(name.clone());
                }
                let mut list = Vec::new();
                for arg in args {
                    list.push(self.value(v, program, arg, at)?);
                }
                let ty = match v.type_of(program, expr, at)? {
                    Some(Ty::Written(w)) => {
                        return at.fail(format!("a value that is written ({w}) is no helper's argument"));
                    }
                    Some(ty) => ty,
                    None => return at.fail("a value is missing"),
                };
                let name = format!("v{}", self.known.len());
                let _ = writeln!(self.text, "\t{} = v_{helper}({});", declare(v, &ty, &name), list.join(", "));
                self.known.push((expr.clone(), name.clone()));
                name
            }
        })
    }
}

/// The declarations of a program's parameters.
fn parameters(v: &Vocabulary, program: &str, at: &At) -> Result<String, String> {
    let mut text = String::new();
    for (i, (name, ty)) in v.parameters(program, at)?.iter().enumerate() {
        // The index of a repeated event is the function's own.
        if name != "index" {
            let cast = declare(v, ty, "");
            let _ = writeln!(text, "\t{} = ({})parameter_{program}_{i}(ctx);", declare(v, ty, name), cast.trim());
            let _ = writeln!(text, "\t(void){name};");
        }
    }
    Ok(text)
}

/// The source for a program: its own, or the common one.
fn pick<'a>(sources: &'a [Source], program: &str) -> Option<&'a Source> {
    let own = sources.iter().find(|s| s.program.as_deref() == Some(program));
    own.or_else(|| sources.iter().find(|s| s.program.is_none()))
}

/// A declaration in C.
fn declare(v: &Vocabulary, ty: &Ty, name: &str) -> String {
    match ty {
        Ty::Number(n) => format!("{n} {name}"),
        Ty::Object(o) | Ty::Written(o) => {
            let c_type = v.objects.iter().find(|x| x.0 == *o).map_or("void", |x| x.1.as_str());
            format!("{c_type} *{name}")
        }
    }
}

/// Compiles `NAME.c` of the folder `bpf`, with the generated headers in `out`, to `out/NAME.o`. `target`: the architecture as Rust names
/// it.
pub fn compile(name: &str, bpf: &Path, out: &Path, target: &str, big_endian: bool) -> Result<(), String> {
    let clang = env::var("CLANG").unwrap_or_else(|_| "clang".to_string());
    let object = out.join(format!("{name}.o"));
    let machine = if big_endian { "bpfeb" } else { "bpfel" };
    let result = Command::new(&clang)
        .args(["-target", machine, "-mcpu=v2", "-O2", "-g", "-c", "-std=gnu11"])
        .args(["-Wall", "-Wextra", "-Werror", "-fno-stack-protector", &format!("-DTARGET_{target}")])
        // Keeps the build's paths out of the object.
        .args([format!("-fdebug-prefix-map={}=generated", out.display()), "-fdebug-compilation-dir=.".to_string()])
        .arg("-I")
        .arg(out)
        .arg("-I")
        .arg("helpers")
        .arg("-I")
        .arg(bpf)
        .arg(bpf.join(format!("{name}.c")))
        .arg("-o")
        .arg(&object)
        .output();
    match result {
        Err(e) => Err(format!("cannot run {clang} ({e}): install the package `clang`, or name the compiler in CLANG")),
        Ok(o) if !o.status.success() => {
            Err(format!("{clang} does not compile {name}.c:\n{}", String::from_utf8_lossy(&o.stderr)))
        }
        Ok(_) => {
            // The loader needs BTF only. Without llvm-strip the object is larger, but works the same.
            let strip = env::var("LLVM_STRIP").unwrap_or_else(|_| "llvm-strip".to_string());
            let _ = Command::new(strip).arg("-g").arg(&object).output();
            Ok(())
        }
    }
}
