//! Generates one C header from the Rust sources that belong to it, with cbindgen.

use crate::Output;
use cbindgen::{Builder, Config, DocumentationStyle, ItemType, Language, Style};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A header and its sources.
pub struct Header {
    /// Its path below the library's include folder.
    pub path: &'static str,
    /// The Rust files whose public items it declares, below the crate's `src`: `file.rs` for all of them, `file.rs: NAME, NAME` for some.
    pub sources: &'static [&'static str],
    /// What it includes, in angle brackets.
    pub includes: &'static [&'static str],
    /// C text before the declarations, such as forward declarations.
    pub before: &'static str,
    /// C text after the declarations, such as functions with variable arguments.
    pub after: &'static str,
    /// Types that C writes with their tag here, `struct NAME`, because another header defines them.
    pub tags: &'static [&'static str],
    /// Types of other crates that it declares.
    pub foreign: &'static [Foreign],
}

/// A type of another crate that a header declares.
pub struct Foreign {
    /// The Rust file that defines it, below the project's root; cbindgen reads this file alone.
    pub source: &'static str,
    /// Its name in Rust.
    pub name: &'static str,
    /// Its name in C.
    pub c_name: &'static str,
}

impl Foreign {
    fn path(&self) -> PathBuf {
        crate::root().join(self.source)
    }

    /// Makes a header declare it. Functions use its C name, which cbindgen takes for another type.
    fn declare(&self, config: &mut Config) {
        config.export.include.push(self.name.to_string());
        config.export.rename.insert(self.name.to_string(), self.c_name.to_string());
        config.export.rename.extend([tagged(self.c_name)]);
    }
}

/// An empty header.
pub const EMPTY: Header =
    Header { path: "", sources: &[], includes: &[], before: "", after: "", tags: &[], foreign: &[] };

/// Returns the headers of a library, and `exports.txt` next to its `Cargo.toml`: the names of all functions and variables that the
/// headers declare, and of `more`.
pub fn library(krate: &str, include: &str, headers: &[Header], more: &[String]) -> Result<Vec<Output>, String> {
    check_divided(krate, headers)?;
    let mut outputs = Vec::new();
    let mut symbols = more.to_vec();
    for header in headers {
        let (text, exported) = generate(krate, header)?;
        symbols.extend(exported);
        outputs.push((Path::new(include).join(header.path), text));
    }
    symbols.sort();
    symbols.dedup();
    outputs.push((Path::new(krate).join("exports.txt"), symbols.join("\n") + "\n"));
    Ok(outputs)
}

/// Returns the one header of a crate, written as its `cbindgen.toml` says and with the types `foreign`, and its `exports.txt`.
pub fn configured(krate: &str, header: &str, foreign: &[Foreign]) -> Result<Vec<Output>, String> {
    let dir = crate::root().join(krate);
    let mut config = Config::from_file(dir.join("cbindgen.toml"))?;
    foreign.iter().for_each(|f| f.declare(&mut config));
    // cbindgen follows the `mod` lines of the crate's root.
    let builder = Builder::new().with_config(config).with_src(dir.join("src/lib.rs"));
    let builder = foreign.iter().fold(builder, |builder, f| builder.with_src(f.path()));
    let bindings = builder.generate().map_err(|e| format!("{header}: {e}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = without_headings(&String::from_utf8(text).map_err(|e| format!("{header}: {e}"))?);
    let mut symbols: Vec<&str> = bindings.dynamic_symbols_names().collect();
    symbols.sort();
    Ok(vec![(header.into(), text), (Path::new(krate).join("exports.txt"), symbols.join("\n") + "\n")])
}

fn generate(krate: &str, header: &Header) -> Result<(String, Vec<String>), String> {
    let mut config = Config {
        language: Language::C,
        style: Style::Both,
        cpp_compat: true,
        pragma_once: true,
        no_includes: true,
        usize_is_size_t: true,
        include_version: false,
        documentation_style: DocumentationStyle::Doxy,
        line_length: 120,
        tab_width: 4,
        sys_includes: header.includes.iter().map(|s| s.to_string()).collect(),
        header: Some("/* SPDX-License-Identifier: Apache-2.0 */".to_string()),
        after_includes: (!header.before.is_empty()).then(|| format!("\n{}", header.before.trim_end())),
        trailer: (!header.after.is_empty()).then(|| extern_c(header.after)),
        ..Config::default()
    };
    config.layout.packed = Some("__attribute__((packed))".to_string());
    config.export.item_types = vec![
        ItemType::Constants,
        ItemType::Globals,
        ItemType::Enums,
        ItemType::Structs,
        ItemType::Unions,
        ItemType::Typedefs,
        ItemType::Functions,
    ];
    config.export.rename = header.tags.iter().map(|t| tagged(t)).collect::<HashMap<_, _>>();
    for source in header.sources {
        let (file, wanted) = parts(source);
        let path = crate::root().join(krate).join("src").join(file);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let is_wanted = |name: &&str| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
        config.export.include.extend(types(&text).filter(is_wanted).map(str::to_string));
        config.export.exclude.extend(items(&text).filter(|name| !is_wanted(name)).map(str::to_string));
    }
    let mut declared = config.export.include.clone();
    declared.extend(header.foreign.iter().map(|f| f.c_name.to_string()));
    header.foreign.iter().for_each(|f| f.declare(&mut config));
    let mut builder = Builder::new().with_config(config);
    for foreign in header.foreign {
        builder = builder.with_src(foreign.path());
    }
    for source in header.sources {
        builder = builder.with_src(crate::root().join(krate).join("src").join(parts(source).0));
    }
    let bindings = builder.generate().map_err(|e| format!("{}: {e}", header.path))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).map_err(|e| format!("{}: {e}", header.path))?;
    if let Some(lost) = declared.iter().find(|name| !text.contains(name.as_str())) {
        return Err(format!("{}: cbindgen does not understand the type {lost}", header.path));
    }
    let mut symbols: Vec<String> = bindings.dynamic_symbols_names().map(str::to_string).collect();
    symbols.extend(functions(header.after));
    Ok((tidy(&text, header), symbols))
}

/// A type and its name with the keyword: `enum ppm_event_category` has its own, all others are structs.
fn tagged(tag: &str) -> (String, String) {
    match tag.split_once(' ') {
        Some((_, name)) => (name.to_string(), tag.to_string()),
        None => (tag.to_string(), format!("struct {tag}")),
    }
}

/// The file that an entry of `sources` names, and its items that are meant; `None` for all.
fn parts(source: &str) -> (&str, Option<Vec<&str>>) {
    match source.split_once(": ") {
        Some((file, names)) => (file, Some(names.split(", ").collect())),
        None => (source, None),
    }
}

/// Returns an error if a file is divided between headers and one of its items is in none of them.
fn check_divided(krate: &str, headers: &[Header]) -> Result<(), String> {
    let sources: Vec<_> = headers.iter().flat_map(|h| h.sources).map(|s| parts(s)).collect();
    for (file, _) in sources.iter().filter(|(_, names)| names.is_some()) {
        let path = crate::root().join(krate).join("src").join(file);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let declared = |name: &str| {
            let mut here = sources.iter().filter(|(f, _)| f == file);
            here.any(|(_, names)| names.as_ref().is_none_or(|names| names.contains(&name)))
        };
        if let Some(lost) = items(&text).find(|name| !declared(name)) {
            return Err(format!("{file}: no header declares {lost}"));
        }
    }
    Ok(())
}

/// The public top-level items of a Rust text that C gets: types, constants, variables and functions.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let mut words = line.strip_prefix("pub ")?.split(|c: char| !c.is_alphanumeric() && c != '_');
        let kinds = ["struct", "enum", "union", "type", "const", "static", "fn"];
        let mut kind = words.find(|word| !matches!(*word, "unsafe" | "extern" | "C" | ""))?;
        // C does not get a `const fn`.
        let name = words.next()?;
        if kind == "const" && name == "fn" {
            kind = "";
        }
        kinds.contains(&kind).then_some(name)
    })
}

/// The public top-level types of a Rust text. cbindgen omits those that no function mentions, unless they are named.
fn types(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let mut words = line.strip_prefix("pub ")?.split(|c: char| !c.is_alphanumeric() && c != '_');
        matches!(words.next()?, "struct" | "enum" | "union" | "type").then_some(())?;
        words.next()
    })
}

fn extern_c(text: &str) -> String {
    format!("#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n{}\n\n#ifdef __cplusplus\n}}\n#endif", text.trim())
}

/// `exports.txt` of a crate whose header is written by hand: the names of all functions that the header declares.
pub fn handwritten(krate: &str, header: &str) -> Result<Output, String> {
    let text = std::fs::read_to_string(crate::root().join(header)).map_err(|e| format!("{header}: {e}"))?;
    let mut symbols: Vec<String> = functions(&text).collect();
    symbols.sort();
    Ok((Path::new(krate).join("exports.txt"), symbols.join("\n") + "\n"))
}

/// The names of the functions that a C text declares: the word before the parenthesis in a line that starts a declaration.
fn functions(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase()) && !l.contains(" inline ")).filter_map(
        |line| {
            let (before, _) = line.split_once('(')?;
            let name = before.rsplit([' ', '*']).next()?;
            (!line.starts_with("typedef")).then(|| name.to_string())
        },
    )
}

/// Adds the note under the first line.
fn tidy(text: &str, header: &Header) -> String {
    let foreign = header.foreign.iter().map(|f| f.source.to_string());
    let sources = header.sources.iter().map(|s| format!("src/{}", parts(s).0)).chain(foreign).collect::<Vec<_>>();
    let sources = sources.join(", ");
    let note = format!(" */\n/* Generated from {sources}. Change it there, then run: ./dev headers */");
    without_headings(&text.replacen(" */", &note, 1))
}

/// Removes the lines `* # Safety`, which mean nothing in C, with the blank line before them.
fn without_headings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let blank = line.trim() == "*";
        if line.trim() == "* # Safety" || (blank && lines.peek().is_some_and(|next| next.trim() == "* # Safety")) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
