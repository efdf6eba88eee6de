//! The BPF programs, written from the description, and compiled together with the shared C of `bpf/`.

use crate::{
    schema::{ARCHES, At, Event, Schema, Source},
    source::{Expr, Ty, Vocabulary, width},
};
use std::{collections::HashMap, env, fmt::Write, fs, path::Path, process::Command};

/// The program that makes exit events of system calls.
const SYS_EXIT: &str = "sys_exit";
/// The event of the system calls that have none of their own.
const GENERIC: &str = "GENERIC_X";
/// Bytes of the header before the lengths.
const HEADER: usize = 26;

/// A program: the function's name, what triggers it, and the event that it makes.
#[derive(Debug)]
struct Program<'a> {
    name: String,
    trigger: &'a str,
    code: usize,
    event: &'a Event,
}

/// What the build needs of the generated programs.
#[derive(Debug)]
pub struct Generated {
    /// `constants.h`: the numbers that the C code knows by name.
    pub constants: String,
    /// `programs.h`: the programs that make events.
    pub programs: String,
    /// `probe.rs`: which program belongs to which system call and tracepoint, without the object itself.
    pub rust: String,
}

/// Writes the programs for an architecture (one of [`ARCHES`]).
pub fn generate(schema: &Schema, vocabulary: &Vocabulary, arch: &str) -> Result<Generated, String> {
    let column =
        ARCHES.iter().position(|a| *a == arch).ok_or(format!("the probe does not know the architecture {arch}"))?;
    let mut c = String::from("/* Generated from the description of the events. */\n");
    let mut programs = Vec::new();
    for (code, event) in schema.events.iter().enumerate() {
        if !has_sources(event)? {
            continue;
        }
        let sys_exit = [SYS_EXIT.to_string()];
        let from: &[String] = if event.from.is_empty() { &sys_exit } else { &event.from };
        for (trigger, _) in vocabulary.programs.iter().filter(|p| from.contains(&p.0)) {
            let name = match trigger == SYS_EXIT {
                true => format!("x_{}", event.enum_name.trim_end_matches("_X").to_lowercase()),
                false => trigger.clone(),
            };
            programs.push(Program { name, trigger, code, event });
        }
        for name in from {
            vocabulary.given(name, &event.at)?;
        }
    }
    for program in &programs {
        Body::default().write(&mut c, vocabulary, program)?;
    }
    Ok(Generated { constants: constants(schema, column), programs: c, rust: tables(schema, &programs, column, arch) })
}

/// Whether the probe makes the event; if one parameter has a source, all must.
fn has_sources(event: &Event) -> Result<bool, String> {
    let with = event.params.iter().filter(|p| !p.sources.is_empty()).count();
    if with == 0 {
        return match event.from.is_empty() {
            true => Ok(false),
            false => event.at.fail("the event names a program, but its parameters have no sources"),
        };
    }
    match event.params.iter().find(|p| p.sources.is_empty()) {
        None => Ok(true),
        Some(p) => p.at.fail(format!("parameter `{}` of {} has no source, others have", p.name, event.enum_name)),
    }
}

/// The numbers that the C code knows by name.
fn constants(schema: &Schema, column: usize) -> String {
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
    c.push_str("static const volatile u16 sc_table[SYSCALL_MAX] = {\n");
    for (code, sc) in schema.scs.iter().enumerate().filter(|(_, sc)| sc.numbers[column] >= 0) {
        let _ = writeln!(c, "\t[{}] = {code},", sc.numbers[column]);
    }
    c.push_str("};\n");
    c
}

fn tables(schema: &Schema, programs: &[Program], column: usize, arch: &str) -> String {
    let mut o = String::from(
        "/// The program of each system call that has one of its own, by native number.\npub static EXIT_PROGRAMS: &[(i32, &str)] = &[\n",
    );
    for sc in schema.scs.iter().filter(|sc| sc.numbers[column] >= 0) {
        let own = |p: &&Program| {
            p.trigger == SYS_EXIT && p.event.enum_name != GENERIC && sc.events.contains(&(p.code as u16))
        };
        if let Some(p) = programs.iter().filter(own).max_by_key(|p| p.code) {
            let _ = writeln!(o, "    ({}, {:?}),", sc.numbers[column], p.name);
        }
    }
    o.push_str("];\n/// The attached programs, by each system call or tracepoint that needs them.\npub static TRACEPOINT_PROGRAMS: &[(Sc, &str)] = &[\n");
    // Where a new thread returns to user space through the system call, its event is made there; see README.md.
    let fork_needed = !matches!(arch, "x86_64" | "ppc64le");
    for (trigger, names) in [
        ("sched_process_exec", &["execve", "execveat"][..]),
        ("sched_process_fork", &["clone", "clone3", "fork", "vfork"]),
        ("sched_process_exit", &["sched_process_exit"]),
    ] {
        if !programs.iter().any(|p| p.trigger == trigger) || (trigger == "sched_process_fork" && !fork_needed) {
            continue;
        }
        for name in names {
            if let Some(code) = schema.scs.iter().position(|sc| sc.name.as_deref() == Some(name)) {
                let _ = writeln!(o, "    (Sc({code}), {trigger:?}),");
            }
        }
    }
    o.push_str("];\n");
    o
}

/// The body of one program under way: values that several parameters share are computed once.
#[derive(Default)]
struct Body {
    text: String,
    known: Vec<(Expr, String)>,
}

impl Body {
    fn write(mut self, c: &mut String, v: &Vocabulary, program: &Program) -> Result<(), String> {
        let Program { name, trigger, code, event } = program;
        let n = event.params.len();
        let data = HEADER + 2 * n;
        let mut values = Vec::new();
        for p in &event.params {
            let Some(source) = pick(&p.sources, trigger) else {
                return p.at.fail(format!("parameter `{}` has no source in program `{trigger}`", p.name));
            };
            let expr = v.expr(trigger, &source.text, &source.at)?;
            v.check_fit(trigger, &expr, &p.ty, &source.at)?;
            values.push((expr, source));
        }
        let fixed = values.iter().zip(&event.params).all(|((e, _), p)| *e == Expr::Empty || width(&p.ty).is_some());
        let drops = event.drops.as_ref().map_or("0".to_string(), |d| format!("DROP_KIND({d})"));

        if let Some(only) = pick(&event.only, trigger) {
            let condition = self.number(v, trigger, only)?;
            let _ = writeln!(self.text, "\tif (!{condition})\n\t\treturn 0;");
        }
        let tid = match pick(&event.tid, trigger) {
            Some(source) => self.number(v, trigger, source)?,
            None => "(u32)bpf_get_current_pid_tgid()".to_string(),
        };
        if fixed {
            let width = |(expr, p): (&(Expr, &Source), &crate::schema::Param)| {
                if expr.0 == Expr::Empty { 0 } else { width(&p.ty).unwrap_or(0) }
            };
            let size = data + values.iter().zip(&event.params).map(width).sum::<usize>();
            let _ = writeln!(self.text, "\tu8 *buf = reserve({size}, {drops});\n\tif (!buf)\n\t\treturn 0;");
            let _ = writeln!(self.text, "\tset_event_length(buf, {size});");
        } else {
            self.text.push_str("\tu8 *buf = my_scratch();\n\tif (!buf)\n\t\treturn 0;\n");
            let _ = writeln!(self.text, "\tstruct out o = {{ buf, {data} }};\n\tu64 start;");
        }
        let _ = writeln!(self.text, "\tbegin(buf, {code}, {n}, {tid});");

        let mut at = Some(data);
        for (i, ((expr, source), p)) in values.iter().zip(&event.params).enumerate() {
            let _ = writeln!(self.text, "\t/* {} */", p.name);
            let (Some(width), true) = (width(&p.ty), *expr != Expr::Empty) else {
                if *expr == Expr::Empty {
                    let _ = writeln!(self.text, "\tset_length(buf, {i}, 0);");
                    continue;
                }
                let Expr::Call(helper, args) = expr else {
                    return source.at.fail("a value of variable length is written by a helper");
                };
                let mut list = vec!["&o".to_string()];
                for arg in args {
                    list.push(self.value(v, trigger, arg, &source.at)?);
                }
                if let Some(at) = at.take() {
                    let _ = writeln!(self.text, "\to.pos = {at};");
                }
                let call = format!("p_{helper}({})", list.join(", "));
                let _ = writeln!(
                    self.text,
                    "\tstart = o.pos;\n\t{call};\n\tset_length(buf, {i}, o.pos - start);\n\topaque(o.pos);"
                );
                continue;
            };
            let value = self.value(v, trigger, expr, &source.at)?;
            let (ty, signed) = (8 * width, is_signed(v, trigger, expr, &source.at)?);
            let ty = format!("{}{ty}", if signed { 's' } else { 'u' });
            match &mut at {
                Some(at) => {
                    let _ = writeln!(self.text, "\tstore_at(buf, {at}, {ty}, {value});");
                    *at += width;
                }
                None => _ = writeln!(self.text, "\tstore(&o, {ty}, {value});"),
            }
            let _ = writeln!(self.text, "\tset_length(buf, {i}, {width});");
        }
        match fixed {
            true => self.text.push_str("\tbpf_ringbuf_submit(buf, BPF_RB_NO_WAKEUP);\n"),
            false => _ = writeln!(self.text, "\temit(&o, {drops});"),
        }

        let _ = writeln!(c, "\n/* {} */\nSEC(\"tp_btf/{trigger}\")\nint {name}(u64 *ctx)\n{{", event.enum_name);
        for (i, (given, ty)) in v.given(trigger, &event.at)?.iter().enumerate() {
            let _ =
                writeln!(c, "\t{} = ({})given_{trigger}_{i}(ctx);", declare(v, ty, given), declare(v, ty, "").trim());
            let _ = writeln!(c, "\t(void){given};");
        }
        let _ = writeln!(c, "{}\treturn 0;\n}}", self.text);
        Ok(())
    }

    /// A condition or a tid: a source on a row of its own.
    fn number(&mut self, v: &Vocabulary, program: &str, source: &Source) -> Result<String, String> {
        let expr = v.expr(program, &source.text, &source.at)?;
        match v.type_of(program, &expr, &source.at)? {
            Some(Ty::Number(_)) => self.value(v, program, &expr, &source.at),
            _ => source.at.fail("a number is wanted here"),
        }
    }

    /// The C expression of a value, with the statements that it needs before.
    fn value(&mut self, v: &Vocabulary, program: &str, expr: &Expr, at: &At) -> Result<String, String> {
        Ok(match expr {
            Expr::Empty => return at.fail("`empty` is a parameter's value, not a helper's argument"),
            Expr::Number(n) => n.clone(),
            Expr::Arg(n, ty) => format!("({ty})regs_arg(regs, {n})"),
            Expr::Given(name) => name.clone(),
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

/// The source for a program: its own, or the one for all.
fn pick<'a>(sources: &'a [Source], program: &str) -> Option<&'a Source> {
    let own = sources.iter().find(|s| s.program.as_deref() == Some(program));
    own.or_else(|| sources.iter().find(|s| s.program.is_none()))
}

fn is_signed(v: &Vocabulary, program: &str, expr: &Expr, at: &At) -> Result<bool, String> {
    Ok(matches!(v.type_of(program, expr, at)?, Some(Ty::Number(n)) if n.starts_with('s')))
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

/// Compiles `bpf/probe.c` with the generated programs into `OUT_DIR/probe.o`.
pub fn compile(out: &Path, target: &str, big_endian: bool) -> Result<(), String> {
    let clang = env::var("CLANG").unwrap_or_else(|_| "clang".to_string());
    let object = out.join("probe.o");
    let machine = if big_endian { "bpfeb" } else { "bpfel" };
    let result = Command::new(&clang)
        .args([
            "-target",
            machine,
            "-O2",
            "-g",
            "-c",
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fno-stack-protector",
        ])
        .args(["-mcpu=v2", &format!("-DTARGET_{target}"), "-Ibpf", "-I"])
        .arg(out)
        .args(["bpf/probe.c", "-o"])
        .arg(&object)
        .output();
    match result {
        Err(e) => {
            return Err(format!(
                "cannot run {clang} ({e}): install the package `clang`, or name the compiler in CLANG"
            ));
        }
        Ok(o) if !o.status.success() => {
            return Err(format!("{clang} does not compile the probe:\n{}", String::from_utf8_lossy(&o.stderr)));
        }
        Ok(_) => {}
    }
    // The loader needs BTF alone; without llvm-strip the object is larger, not different.
    let strip = env::var("LLVM_STRIP").unwrap_or_else(|_| "llvm-strip".to_string());
    let _ = Command::new(strip).arg("-g").arg(&object).output();
    fs::metadata(&object).map_err(|e| format!("{}: {e}", object.display()))?;
    Ok(())
}
