//! The language of sources. Parses an expression and checks it against the vocabulary of `schema/helpers.txt`.

use crate::schema::{At, Row, Source, rows};
use std::collections::{HashMap, HashSet};

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// A number, by its C name, such as `s64`.
    Number(String),
    /// A pointer to a kernel object, by its name in the vocabulary.
    Object(String),
    /// A value of variable length, which its helper writes itself.
    Written(String),
}

/// The types of numbers, and their size in bytes.
const NUMBERS: [(&str, usize); 9] =
    [("s64", 8), ("u64", 8), ("s32", 4), ("u32", 4), ("s16", 2), ("u16", 2), ("s8", 1), ("u8", 1), ("bool", 1)];

/// The types that helpers write, and the parameter types that accept them.
const WRITTEN: [(&str, &str); 8] = [
    ("text", "CHARBUF FSPATH FSRELPATH"),
    ("texts", "BYTEBUF CHARBUFARRAY"),
    ("bytes", "BYTEBUF"),
    ("sockaddr", "SOCKADDR"),
    ("socktuple", "SOCKTUPLE"),
    ("variant", "DYN"),
    ("fdlist", "FDLIST"),
    ("maybe_u32", "UINT32"),
];

/// The size in bytes of a parameter of this type; `None` if it varies.
pub fn width(param: &str) -> Option<usize> {
    Some(match param {
        "INT8" | "UINT8" | "SIGTYPE" | "L4PROTO" | "SOCKFAMILY" | "FLAGS8" | "ENUMFLAGS8" => 1,
        "INT16" | "UINT16" | "SYSCALLID" | "PORT" | "FLAGS16" | "ENUMFLAGS16" => 2,
        "INT32" | "UINT32" | "BOOL" | "IPV4ADDR" | "FLAGS32" | "UID" | "GID" | "SIGSET" | "MODE" | "ENUMFLAGS32"
        | "FD32" | "PID32" => 4,
        "INT64" | "UINT64" | "ERRNO" | "FD" | "PID" | "RELTIME" | "ABSTIME" | "DOUBLE" => 8,
        _ => return None,
    })
}

/// A checked source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// No value: the parameter's length is zero.
    Empty,
    /// A literal number, or a constant of `flags.txt` with its prefix.
    Number(String),
    /// An argument of the system call, as a number of this type.
    Arg(u8, String),
    /// A parameter of the program: a value that its tracepoint passes.
    Parameter(String),
    /// The length of an earlier parameter of variable length.
    Length(String),
    /// A helper and what it is called with.
    Call(String, Vec<Expr>),
}

/// A row of the vocabulary.
#[derive(Debug)]
struct Helper {
    args: Vec<Ty>,
    result: Ty,
    at: At,
}

/// A program of the vocabulary.
#[derive(Debug)]
pub struct ProgramKind {
    /// Its name; `sys_exit` and `sys_enter` stand for the programs of all system calls.
    pub name: String,
    /// What it is attached to.
    pub tracepoint: String,
    /// The values that the tracepoint passes to it: name, type.
    pub parameters: Vec<(String, Ty)>,
}

/// `schema/helpers.txt`: what sources are made of.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// The programs, in order.
    pub programs: Vec<ProgramKind>,
    /// The C type of each kind of object.
    pub objects: Vec<(String, String)>,
    helpers: HashMap<String, Helper>,
}

impl Vocabulary {
    /// Reads the text of `helpers.txt`.
    pub fn parse(text: &str) -> Result<Vocabulary, String> {
        let mut v = Vocabulary::default();
        for row in rows("helpers.txt", text) {
            match row.text.split_once(char::is_whitespace) {
                Some(("object", rest)) => match rest.trim().split_once(char::is_whitespace) {
                    Some((name, c_type)) => v.objects.push((name.to_string(), c_type.trim().to_string())),
                    None => return row.fail("expected `object NAME C_TYPE`"),
                },
                Some(("program", rest)) => {
                    let Some((name, parameters)) = rest.split_once(':') else {
                        return row.fail("expected `program NAME [on TRACEPOINT]: TYPE NAME, …`");
                    };
                    let mut list = Vec::new();
                    for pair in parameters.split(',') {
                        match pair.trim().split_once(' ') {
                            Some((ty, name)) => list.push((name.trim().to_string(), v.ty(&row, ty)?)),
                            None => return row.fail("expected `program NAME [on TRACEPOINT]: TYPE NAME, …`"),
                        }
                    }
                    let (name, tracepoint) = name.trim().split_once(" on ").unwrap_or((name.trim(), name.trim()));
                    let (name, tracepoint) = (name.to_string(), tracepoint.to_string());
                    v.programs.push(ProgramKind { name, tracepoint, parameters: list });
                }
                _ => v.helper(&row)?,
            }
        }
        Ok(v)
    }

    fn helper(&mut self, row: &Row) -> Result<(), String> {
        let parts = row.text.split_once('(').and_then(|(name, rest)| {
            let (args, result) = rest.split_once(')')?;
            Some((name.trim(), args, result.trim().strip_prefix("->")?.trim()))
        });
        let Some((name, args, result)) = parts else {
            return row.fail("expected `NAME(TYPE, …) -> TYPE`, `object …` or `program …`");
        };
        let args = args.split(',').map(str::trim).filter(|a| !a.is_empty());
        let args = args.map(|a| self.ty(row, a)).collect::<Result<Vec<_>, _>>()?;
        let result = self.ty(row, result)?;
        if self.programs.iter().any(|p| p.parameters.iter().any(|parameter| parameter.0 == name)) {
            return row.fail(format!("`{name}` is something that a program is given"));
        }
        if self.helpers.insert(name.to_string(), Helper { args, result, at: row.at() }).is_some() {
            return row.fail(format!("helper `{name}` is described twice"));
        }
        Ok(())
    }

    fn ty(&self, row: &Row, word: &str) -> Result<Ty, String> {
        if NUMBERS.iter().any(|n| n.0 == word) {
            Ok(Ty::Number(word.to_string()))
        } else if WRITTEN.iter().any(|n| n.0 == word) {
            Ok(Ty::Written(word.to_string()))
        } else if self.objects.iter().any(|n| n.0 == word) {
            Ok(Ty::Object(word.to_string()))
        } else {
            row.fail(format!("there is no type `{word}`"))
        }
    }

    /// The arguments of `program`, or an error at the row that names it.
    pub fn parameters(&self, program: &str, at: &At) -> Result<&[(String, Ty)], String> {
        match self.programs.iter().find(|p| p.name == program) {
            Some(p) => Ok(&p.parameters),
            None => at.fail(format!("there is no program `{program}`")),
        }
    }

    /// Checks that every helper is used.
    pub fn check_all_used(&self, sources: &[&Source]) -> Result<(), String> {
        let words = sources.iter().flat_map(|s| s.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
        let used: HashSet<&str> = words.collect();
        let mut unused: Vec<_> = self.helpers.iter().filter(|h| !used.contains(h.0.as_str())).collect();
        unused.sort_by_key(|h| h.0);
        match unused.first() {
            None => Ok(()),
            Some((name, helper)) => helper.at.fail(format!("no event uses helper `{name}`")),
        }
    }

    /// Checks that the C code of a driver, with that of both, defines the function of every helper.
    pub fn check_defined(&self, driver: &str, c: &str) -> Result<(), String> {
        let mut helpers: Vec<_> = self.helpers.iter().collect();
        helpers.sort_by_key(|(name, _)| name.as_str());
        for (name, helper) in helpers {
            let kind = if matches!(helper.result, Ty::Written(_)) { 'p' } else { 'v' };
            if ![" ", "*"].iter().any(|before| c.contains(&format!("{before}{kind}_{name}("))) {
                return helper.at.fail(format!(
                    "the helper has no C function `{kind}_{name}` in driver/helpers/ or driver/{driver}/"
                ));
            }
        }
        Ok(())
    }

    /// Parses and checks a source for a program.
    pub fn expr(&self, program: &str, text: &str, at: &At) -> Result<Expr, String> {
        let mut tokens = Tokens { rest: text, at };
        let expr = self.parse_expr(program, &mut tokens)?;
        match tokens.next()? {
            None => Ok(expr),
            Some(t) => at.fail(format!("`{t}` is too much after the source")),
        }
    }

    fn parse_expr(&self, program: &str, tokens: &mut Tokens) -> Result<Expr, String> {
        let at = tokens.at;
        let Some(word) = tokens.next()? else { return at.fail("a source is missing") };
        if word == "empty" {
            return Ok(Expr::Empty);
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            || word.starts_with(|c: char| c.is_ascii_uppercase())
        {
            return Ok(Expr::Number(word.to_string()));
        }
        if word == "arg" {
            if !matches!(program, "sys_exit" | "sys_enter") {
                return at.fail(format!("program `{program}` sees no arguments of a system call"));
            }
            let n = match tokens.next()?.and_then(|n| n.parse::<u8>().ok()) {
                Some(n) if n < 6 => n,
                _ => return at.fail("`arg` wants the number of an argument, 0 to 5"),
            };
            let ty = match tokens.peek() {
                Some(t) if NUMBERS.iter().any(|n| n.0 == t) => tokens.next()?.unwrap_or("u64").to_string(),
                _ => "u64".to_string(),
            };
            return Ok(Expr::Arg(n, ty));
        }
        if word == "length" {
            return match tokens.next()? {
                Some(name) => Ok(Expr::Length(name.to_string())),
                None => at.fail("`length` wants the name of an earlier parameter"),
            };
        }
        if self.parameters(program, at)?.iter().any(|g| g.0 == word) {
            return Ok(Expr::Parameter(word.to_string()));
        }
        let Some(helper) = self.helpers.get(word) else {
            return at.fail(format!("there is no helper `{word}`, nor is program `{program}` given one of that name"));
        };
        let mut args = Vec::new();
        if tokens.peek() == Some("(") {
            tokens.next()?;
            while tokens.peek() != Some(")") {
                args.push(self.parse_expr(program, tokens)?);
                match tokens.peek() {
                    Some(",") => _ = tokens.next()?,
                    Some(")") => {}
                    _ => return at.fail(format!("`{word}(` is not closed")),
                }
            }
            tokens.next()?;
        }
        if args.len() != helper.args.len() {
            return at.fail(format!("helper `{word}` takes {} arguments, not {}", helper.args.len(), args.len()));
        }
        for (i, (arg, want)) in args.iter().zip(&helper.args).enumerate() {
            let have = self.type_of(program, arg, at)?;
            let fits = matches!((&have, want), (Some(Ty::Number(_)), Ty::Number(_))) || have.as_ref() == Some(want);
            if !fits {
                return at.fail(format!("argument {} of helper `{word}` has the wrong type", i + 1));
            }
        }
        Ok(Expr::Call(word.to_string(), args))
    }

    /// The type of a source; `None` for an empty one.
    pub fn type_of(&self, program: &str, expr: &Expr, at: &At) -> Result<Option<Ty>, String> {
        Ok(Some(match expr {
            Expr::Empty => return Ok(None),
            Expr::Number(_) => Ty::Number("u8".to_string()),
            Expr::Length(_) => Ty::Number("u16".to_string()),
            Expr::Arg(_, ty) => Ty::Number(ty.clone()),
            Expr::Parameter(name) => match self.parameters(program, at)?.iter().find(|g| g.0 == *name) {
                Some(g) => g.1.clone(),
                None => return at.fail(format!("program `{program}` is not given `{name}`")),
            },
            Expr::Call(name, _) => match self.helpers.get(name) {
                Some(h) => h.result.clone(),
                None => return at.fail(format!("there is no helper `{name}`")),
            },
        }))
    }

    /// Checks that a parameter of type `param` accepts the type of the source.
    pub fn check_fit(&self, program: &str, expr: &Expr, param: &str, at: &At) -> Result<(), String> {
        match (self.type_of(program, expr, at)?, width(param)) {
            (None, _) => Ok(()),
            (Some(Ty::Number(n)), Some(room)) => match NUMBERS.iter().find(|x| x.0 == n) {
                Some((_, size)) if *size > room => at.fail(format!(
                    "the source has {size} bytes, a {param} only {room}: name the type, as in `arg 0 u32`"
                )),
                _ => Ok(()),
            },
            (Some(Ty::Written(w)), room) => {
                let takers = WRITTEN.iter().find(|x| x.0 == w).map_or("", |x| x.1);
                match (takers.split_whitespace().any(|t| t == param), room) {
                    (true, _) => Ok(()),
                    (false, None) => at.fail(format!("the source writes {w}, which is no value of a {param}")),
                    (false, Some(_)) => at.fail(format!("the source writes {w}, a {param} is a number")),
                }
            }
            (Some(Ty::Number(n)), None) => at.fail(format!("the source is a number ({n}), a {param} is none")),
            (Some(Ty::Object(o)), _) => at.fail(format!("the source is a {o}, of which no parameter can be made")),
        }
    }
}

/// The tokens of a source.
struct Tokens<'a> {
    rest: &'a str,
    at: &'a At,
}

impl<'a> Tokens<'a> {
    fn split(&self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_start();
        let first = rest.chars().next()?;
        let end = match first.is_ascii_alphanumeric() || first == '_' || first == '-' {
            true => rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(rest.len(), |n| n + 1),
            false => first.len_utf8(),
        };
        Some(rest.split_at(end))
    }

    fn peek(&self) -> Option<&'a str> {
        self.split().map(|s| s.0)
    }

    fn next(&mut self) -> Result<Option<&'a str>, String> {
        match self.split() {
            None => Ok(None),
            Some((token, rest)) => {
                self.rest = rest;
                let known = token.starts_with(|c: char| c.is_ascii_alphanumeric() || "_-(),".contains(c));
                if known { Ok(Some(token)) } else { self.at.fail(format!("`{token}` has no meaning in a source")) }
            }
        }
    }
}
