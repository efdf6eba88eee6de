//! Reads the description from its three files and checks each row. Every error names the file, the line and the row.

use std::{collections::HashMap, fs, path::Path};

/// The whole description.
#[derive(Debug, Default)]
pub struct Schema {
    pub events: Vec<Event>,
    pub dynamics: Vec<(String, Vec<Param>)>,
    pub tables: Vec<Table>,
    pub constants: Vec<(String, String)>,
    pub scs: Vec<Syscall>,
}

#[derive(Debug)]
pub struct Event {
    pub enum_name: String,
    pub name: String,
    pub categories: Vec<String>,
    pub flags: Vec<String>,
    pub params: Vec<Param>,
    /// `@from`: the programs of the probe that make the event.
    pub from: Vec<Source>,
    /// `@only` and `@tid`: the condition under which a program makes the event, and its thread if not the current one.
    pub only: Vec<Source>,
    pub tid: Vec<Source>,
    /// `@repeat`: the number of times it is made, with `index` from 0.
    pub repeat: Vec<Source>,
    /// `@drops`: the counter of its drops.
    pub drops: Option<String>,
    pub at: At,
}

/// The position of a row, for errors found after it was read.
#[derive(Debug, Clone)]
pub struct At {
    file: String,
    line: usize,
    text: String,
}

impl At {
    pub fn fail<T>(&self, why: impl std::fmt::Display) -> Result<T, String> {
        Err(format!("{}:{}: {why}\n  in the row: {}", self.file, self.line, self.text))
    }
}

/// The source of a value, in all programs or in one.
#[derive(Debug, Clone)]
pub struct Source {
    pub program: Option<String>,
    pub text: String,
    pub at: At,
}

#[derive(Debug)]
pub struct Param {
    pub name: String,
    pub ty: String,
    pub format: String,
    pub detail: Detail,
    /// The sources written after `<-`, those for single programs first.
    pub sources: Vec<Source>,
    pub at: At,
}

#[derive(Debug)]
pub enum Detail {
    None,
    Table(String),
    Dirfd(u8),
    Dynamic(String),
}

#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub prefix: String,
    /// Flag, value, and the C macro if it is not the prefix and the flag (`-`: no macro).
    pub rows: Vec<(String, u32, Option<String>)>,
}

#[derive(Debug)]
pub struct Syscall {
    pub name: Option<String>,
    pub state: bool,
    /// The treatment in dropping mode: `keep`, `shed`, or `None`.
    pub sampling: Option<&'static str>,
    pub numbers: [i32; ARCHES.len()],
    pub ia32: Vec<i32>,
    /// Codes of the events, enter and exit in turn.
    pub events: Vec<u16>,
}

impl Syscall {
    /// Whether it makes the event of that code.
    pub fn makes(&self, code: usize) -> bool {
        self.events.iter().any(|e| usize::from(*e) == code)
    }
}

/// The architectures, in the order of `driver::Arch`.
pub const ARCHES: [&str; 6] = ["x86_64", "aarch64", "riscv64", "s390x", "ppc64le", "loongarch64"];

/// The types of parameters, in the order of their codes.
pub const TYPES: &str = "NONE INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 CHARBUF BYTEBUF ERRNO SOCKADDR SOCKTUPLE FD \
    PID FDLIST FSPATH SYSCALLID SIGTYPE RELTIME ABSTIME PORT L4PROTO SOCKFAMILY BOOL IPV4ADDR DYN FLAGS8 FLAGS16 FLAGS32 \
    UID GID DOUBLE SIGSET CHARBUFARRAY CHARBUF_PAIR_ARRAY IPV4NET IPV6ADDR IPV6NET IPADDR IPNET MODE FSRELPATH ENUMFLAGS8 \
    ENUMFLAGS16 ENUMFLAGS32 FD32 PID32";
/// The formats of numbers, in the order of their codes.
pub const FORMATS: &str = "na dec hex padded_dec id dir oct";
const CATEGORIES: &str = "UNKNOWN OTHER FILE NET IPC MEMORY PROCESS SLEEP SYSTEM SIGNAL USER TIME PROCESSING IO_READ \
    IO_WRITE IO_OTHER WAIT SCHEDULER INTERNAL SYSCALL TRACEPOINT PLUGIN METAEVENT ITER";
const FLAGS: &str = "CREATES_FD DESTROYS_FD USES_FD READS_FROM_FD WRITES_TO_FD MODIFIES_STATE UNUSED WAITS SKIPPARSERESET \
    OLD_VERSION LARGE_PAYLOAD CONVERTER_MANAGED";

const DROPS: &str = "clone_fork_exit execve_exit connect_enter connect_exit open_enter open_exit dir_file_exit other_interest_exit \
    close_exit proc_exit";

/// The largest number of parameters in the C table.
const MAX_PARAMS: usize = 32;

/// A row of a file: its position, whether it is indented, its text.
pub struct Row<'a> {
    file: &'a str,
    line: usize,
    pub inner: bool,
    pub text: &'a str,
}

impl Row<'_> {
    pub fn at(&self) -> At {
        At { file: self.file.to_string(), line: self.line, text: self.text.to_string() }
    }

    pub fn fail<T>(&self, why: impl std::fmt::Display) -> Result<T, String> {
        self.at().fail(why)
    }

    /// `PROGRAM: SOURCE`, or a source alone.
    fn source(&self, text: &str) -> Source {
        let (program, text) = match text.split_once(':') {
            Some((program, text)) => (Some(program.trim().to_string()), text),
            None => (None, text),
        };
        Source { program, text: text.trim().to_string(), at: self.at() }
    }

    fn known(&self, what: &str, word: &str, among: &str) -> Result<String, String> {
        if among.split_whitespace().any(|w| w == word) {
            Ok(word.to_string())
        } else {
            self.fail(format!("there is no {what} `{word}`"))
        }
    }

    fn number<T: TryFrom<i64>>(&self, what: &str, word: &str) -> Result<T, String> {
        let value = match word.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => word.parse().ok(),
        };
        match value.and_then(|v| T::try_from(v).ok()) {
            Some(v) => Ok(v),
            None => self.fail(format!("{what} `{word}` is no number of the right size")),
        }
    }
}

pub fn rows<'a>(file: &'a str, text: &'a str) -> impl Iterator<Item = Row<'a>> {
    text.lines().enumerate().filter_map(move |(i, raw)| {
        let text = raw.split_once('#').map_or(raw, |(before, _)| before);
        let inner = text.starts_with(char::is_whitespace);
        let text = text.trim();
        (!text.is_empty()).then_some(Row { file, line: i + 1, inner, text })
    })
}

impl Schema {
    /// Reads and checks `events.txt`, `flags.txt` and `syscalls.txt` of a folder.
    pub fn read(dir: &Path) -> Result<Schema, String> {
        let load = |name: &str| {
            let path = dir.join(name);
            fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
        };
        Schema::parse(&load("events.txt")?, &load("flags.txt")?, &load("syscalls.txt")?)
    }

    /// Same, from the texts of the three files.
    pub fn parse(events: &str, flags: &str, syscalls: &str) -> Result<Schema, String> {
        let mut schema = Schema::default();
        schema.parse_flags(flags)?;
        schema.parse_events(events)?;
        schema.parse_syscalls(syscalls)?;
        Ok(schema)
    }

    fn parse_flags(&mut self, text: &str) -> Result<(), String> {
        let mut constants: Option<String> = None;
        for row in rows("flags.txt", text) {
            let words: Vec<&str> = row.text.split_whitespace().collect();
            match (row.inner, words.as_slice()) {
                (false, ["table", name, prefix]) => {
                    if self.tables.iter().any(|t| t.name == *name) {
                        return row.fail(format!("table `{name}` is described twice"));
                    }
                    constants = None;
                    self.tables.push(Table { name: name.to_string(), prefix: prefix.to_string(), rows: Vec::new() });
                }
                (false, ["constants", prefix]) => constants = Some(prefix.to_string()),
                (true, [name, value]) if constants.is_some() => {
                    let value: i64 = row.number("value", value)?;
                    self.constants.push((format!("{}{name}", constants.as_ref().unwrap()), value.to_string()));
                }
                (true, [name, value, rest @ ..]) if rest.len() < 2 => {
                    let value = row.number("value", value)?;
                    let c_macro = match rest {
                        [] => None,
                        [m] => match m.strip_prefix("macro=") {
                            Some(m) => Some(m.to_string()),
                            None => return row.fail(format!("`{m}` should be macro=NAME")),
                        },
                        _ => unreachable!("checked above"),
                    };
                    match self.tables.last_mut() {
                        Some(t) => t.rows.push((name.to_string(), value, c_macro)),
                        None => return row.fail("a flag stands before the first table"),
                    }
                }
                _ => return row.fail("expected `table NAME PREFIX`, `constants PREFIX`, or an indented `FLAG VALUE`"),
            }
        }
        Ok(())
    }

    fn parse_events(&mut self, text: &str) -> Result<(), String> {
        let mut in_event = false;
        let mut names = HashMap::new();
        for row in rows("events.txt", text) {
            let words: Vec<&str> = row.text.split_whitespace().collect();
            if row.inner && row.text.starts_with('@') {
                match self.events.last_mut() {
                    Some(event) if in_event => parse_directive(&row, event)?,
                    _ => return row.fail("a directive stands before the first event"),
                }
                continue;
            }
            if row.inner {
                let params = match (in_event, self.events.last_mut(), self.dynamics.last_mut()) {
                    (true, Some(e), _) => &mut e.params,
                    (false, _, Some(d)) => &mut d.1,
                    _ => return row.fail("a parameter stands before the first event"),
                };
                if params.len() == MAX_PARAMS {
                    return row.fail(format!("an event has {MAX_PARAMS} parameters at most"));
                }
                let param = parse_param(&row, in_event)?;
                if in_event && params.iter().any(|p| p.name == param.name) {
                    return row.fail(format!("the event has two parameters `{}`", param.name));
                }
                params.push(param);
                continue;
            }
            match words.as_slice() {
                ["dynamic", name] => {
                    in_event = false;
                    self.dynamics.push((name.to_string(), Vec::new()));
                }
                ["event", code, enum_name, name, categories, flags] => {
                    in_event = true;
                    let code: u16 = row.number("code", code)?;
                    if code as usize != self.events.len() {
                        return row.fail(format!("code {code} should be {}: codes have no gaps", self.events.len()));
                    }
                    if names.insert(enum_name.to_string(), code).is_some() {
                        return row.fail(format!("event `{enum_name}` is described twice"));
                    }
                    let list = |what: &str, words: &str, among: &str| -> Result<Vec<String>, String> {
                        words.split(',').filter(|w| *w != "-").map(|w| row.known(what, w, among)).collect()
                    };
                    self.events.push(Event {
                        enum_name: enum_name.to_string(),
                        name: name.to_string(),
                        categories: list("category", categories, CATEGORIES)?,
                        flags: list("flag", flags, FLAGS)?,
                        params: Vec::new(),
                        from: Vec::new(),
                        only: Vec::new(),
                        tid: Vec::new(),
                        repeat: Vec::new(),
                        drops: None,
                        at: row.at(),
                    });
                }
                _ => {
                    return row
                        .fail("expected `event CODE ENUM name CATEGORIES FLAGS`, `dynamic NAME`, or a parameter");
                }
            }
        }
        self.check_references()
    }

    fn check_references(&self) -> Result<(), String> {
        for event in &self.events {
            for p in &event.params {
                let wrong = match &p.detail {
                    Detail::Table(t) if !self.tables.iter().any(|x| x.name == *t) => format!("there is no table `{t}`"),
                    Detail::Dynamic(d) if !self.dynamics.iter().any(|x| x.0 == *d) => {
                        format!("there are no variants `{d}`")
                    }
                    Detail::Dirfd(i) if *i as usize >= event.params.len() => format!("there is no parameter {i}"),
                    _ => continue,
                };
                return Err(format!("events.txt: event {} parameter {}: {wrong}", event.enum_name, p.name));
            }
        }
        Ok(())
    }

    fn parse_syscalls(&mut self, text: &str) -> Result<(), String> {
        let codes: HashMap<&str, u16> = self.events.iter().zip(0..).map(|(e, i)| (e.enum_name.as_str(), i)).collect();
        for row in rows("syscalls.txt", text) {
            let words: Vec<&str> = row.text.split_whitespace().collect();
            let ["sc", code, name, rest @ ..] = words.as_slice() else {
                return row.fail("expected `sc CODE name …`");
            };
            let code: u16 = row.number("code", code)?;
            if code as usize != self.scs.len() {
                return row.fail(format!("code {code} should be {}: codes have no gaps", self.scs.len()));
            }
            let mut sc = Syscall {
                name: (*name != "-").then(|| name.to_string()),
                state: false,
                sampling: None,
                numbers: [-1; ARCHES.len()],
                ia32: Vec::new(),
                events: Vec::new(),
            };
            for word in rest {
                match word.split_once('=') {
                    None if *word == "state" => sc.state = true,
                    None if *word == "keep" => sc.sampling = Some("keep"),
                    None if *word == "shed" => sc.sampling = Some("shed"),
                    Some(("ia32", numbers)) => {
                        sc.ia32 = numbers.split(',').map(|n| row.number("number", n)).collect::<Result<_, _>>()?;
                    }
                    Some(("events", names)) => {
                        for name in names.split(',') {
                            let pair = [format!("{name}_E"), format!("{name}_X")];
                            let found: Vec<u16> = match codes.get(name) {
                                Some(&c) => vec![c],
                                None => pair.iter().filter_map(|n| codes.get(n.as_str()).copied()).collect(),
                            };
                            if found.is_empty() {
                                return row.fail(format!("there is no event `{name}`"));
                            }
                            sc.events.extend(found);
                        }
                    }
                    Some((arch, number)) => match ARCHES.iter().position(|a| *a == arch) {
                        Some(i) => sc.numbers[i] = row.number("number", number)?,
                        None => return row.fail(format!("there is no architecture `{arch}`")),
                    },
                    None => return row.fail(format!("`{word}` is not understood")),
                }
            }
            self.scs.push(sc);
        }
        Ok(())
    }
}

/// `@from PROGRAM …`, `@only [PROGRAM:] SOURCE`, `@tid [PROGRAM:] SOURCE`, `@repeat [PROGRAM:] SOURCE`,
/// `@drops KIND`.
fn parse_directive(row: &Row, event: &mut Event) -> Result<(), String> {
    match row.text.split_once(char::is_whitespace) {
        Some(("@from", programs)) => event.from.extend(programs.split_whitespace().map(|name| row.source(name))),
        Some(("@only", source)) => event.only.push(row.source(source)),
        Some(("@tid", source)) => event.tid.push(row.source(source)),
        Some(("@repeat", source)) => event.repeat.push(row.source(source)),
        Some(("@drops", kind)) => event.drops = Some(row.known("kind of drops", kind.trim(), DROPS)?),
        _ => {
            return row
                .fail("expected `@from PROGRAM …`, `@only SOURCE`, `@tid SOURCE`, `@repeat SOURCE` or `@drops KIND`");
        }
    }
    Ok(())
}

fn parse_param(row: &Row, named: bool) -> Result<Param, String> {
    let (text, sources) = match row.text.split_once("<-") {
        Some((text, sources)) => {
            let mut sources: Vec<Source> = sources.split('|').map(|s| row.source(s)).collect();
            sources.sort_by_key(|s| s.program.is_none());
            if sources.iter().filter(|s| s.program.is_none()).count() > 1 {
                return row.fail("only the first source may go without the name of its program");
            }
            (text, sources)
        }
        None => (row.text, Vec::new()),
    };
    let mut words = text.split_whitespace();
    let mut word = |what: &str| match words.next() {
        Some(w) => Ok(w),
        None => row.fail(format!("the parameter's {what} is missing")),
    };
    let name = if named { word("name")?.to_string() } else { String::new() };
    let ty = row.known("type", word("type")?, TYPES)?;
    let format = row.known("format", word("format")?, FORMATS)?;
    let mut detail = Detail::None;
    for extra in words {
        detail = match extra.split_once('=') {
            Some(("table", t)) => Detail::Table(t.to_string()),
            Some(("dirfd", i)) => Detail::Dirfd(row.number("parameter", i)?),
            Some(("dynamic", d)) => Detail::Dynamic(d.to_string()),
            _ => return row.fail(format!("`{extra}` is not understood")),
        };
    }
    Ok(Param { name, ty, format, detail, sources, at: row.at() })
}
