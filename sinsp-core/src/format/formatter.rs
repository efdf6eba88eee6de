//! Compiled format strings: literal text and fields.

use super::json;
use super::shown::{Line, Shown};
use crate::fields::Field;
use crate::filter::ast::{Ast, Expr, NodeId};
use crate::filter::{Extractor, Factory, Form, Parser};
use crate::{Error, EventContext, Result};
use bstr::{BStr, BString};

/// The placeholder for a missing value.
pub const NOT_AVAILABLE: &[u8] = b"<NA>";

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// The format string's text.
    #[default]
    Text,
    /// A JSON object of the fields in the format string, sorted by name.
    Json,
}

/// Formats events as text.
///
/// A format string is text with fields: `%`, an optional width to which the text is padded or cut, and the field's name. A
/// field may have transformers: `%toupper(proc.name)`. If the string begins with `*`, a missing value is written as `<NA>`;
/// otherwise an event without one of the fields is not formatted.
#[derive(Debug)]
pub struct Formatter {
    factory: Factory,
    parts: Vec<Part>,
    tokens: Vec<Token>,
    /// The members of the JSON object, sorted by name, without duplicates.
    members: Vec<Member>,
    optional: bool,
    show_transformed: bool,
    line: Line,
    scratch: Vec<u8>,
}

#[derive(Debug)]
enum Part {
    Literal(Box<[u8]>),
    Value { value: Shown, width: usize },
}

/// A field in the format string, by itself or inside transformers.
#[derive(Debug)]
struct Token {
    name: BString,
    value: Shown,
    transformed: bool,
}

#[derive(Debug)]
struct Member {
    /// The name in quotes, with a colon.
    key: Box<[u8]>,
    token: usize,
}

impl Formatter {
    /// Compiles a format string.
    ///
    /// # Errors
    /// It is empty, ends within a field, or has an unknown field.
    pub fn new(factory: &Factory, format: &[u8]) -> Result<Formatter> {
        if format.is_empty() {
            return Err(Error::Invalid("empty formatting token".into()));
        }
        let mut formatter = Formatter {
            factory: factory.clone(),
            parts: Vec::new(),
            tokens: Vec::new(),
            members: Vec::new(),
            optional: format.starts_with(b"*"),
            show_transformed: false,
            line: Line::default(),
            scratch: Vec::new(),
        };
        let mut rest = &format[usize::from(formatter.optional)..];
        while let Some(percent) = rest.iter().position(|b| *b == b'%') {
            formatter.literal(&rest[..percent]);
            rest = &rest[percent + 1..];
            if rest.is_empty() {
                return Err(Error::Invalid("invalid formatting syntax: formatting cannot end with a %".into()));
            }
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let width = parse_width(&rest[..digits])?;
            rest = &rest[digits..];
            if rest.is_empty() {
                return Err(Error::Invalid("invalid formatting syntax: formatting cannot end with a number".into()));
            }
            let (ast, value, len) = formatter.field(rest).map_err(|e| {
                let word = rest.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                let word = String::from_utf8_lossy(&word[..word.len().min(64)]);
                Error::Invalid(format!("unknown filter: '{word}' at index {}: {e}", format.len() - rest.len()))
            })?;
            formatter.parts.push(Part::Value { value: Shown::new(value), width });
            formatter.collect_tokens(&ast, ast.root(), &mut false)?;
            rest = &rest[len..];
        }
        formatter.literal(rest);
        formatter.collect_members();
        Ok(formatter)
    }

    fn literal(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.parts.push(Part::Literal(text.into()));
        }
    }

    /// Parses the longest field at the start of `text`; returns it with its length. If there is none, the error is that of parsing all of `text`.
    /// A bracket after a field that takes an argument is its argument, never literal text: an unacceptable argument is an error.
    fn field(&self, text: &[u8]) -> std::result::Result<(Ast, Extractor, usize), String> {
        let mut len = text.len();
        let mut first = None;
        loop {
            let mut parser = Parser::new(&text[..len]);
            let found = parser.parse_field_or_transformer();
            let read = parser.position().offset as usize;
            let error = match found.and_then(|ast| Ok((self.factory.extractor(&ast, ast.root(), Form::Shown)?, ast))) {
                Ok((value, ast)) if !refused(&value, text, read) => return Ok((ast, value, read)),
                Ok(_) => return Err(first.unwrap_or_else(|| "the argument of the field is not acceptable".into())),
                // The caller reports the position in the format string.
                Err(Error::Filter { what, .. }) => what,
                Err(e) => e.to_string(),
            };
            let first = first.get_or_insert(error);
            // The error cannot be in text that was not read.
            len = read.min(len - 1);
            if len == 0 {
                return Err(std::mem::take(first));
            }
        }
    }

    /// Adds a token for each field below a node, and one for the outermost of nested transformers.
    fn collect_tokens(&mut self, ast: &Ast, id: NodeId, after_transformer: &mut bool) -> Result<()> {
        let transformed = match &ast.node(id).expr {
            Expr::TransformerList(children) => {
                return children.iter().try_for_each(|c| self.collect_tokens(ast, *c, after_transformer));
            }
            Expr::Transformer { values, .. } => {
                values.iter().try_for_each(|c| self.collect_tokens(ast, *c, after_transformer))?;
                if *after_transformer {
                    self.tokens.pop();
                }
                true
            }
            Expr::Field { .. } => false,
            _ => return Ok(()),
        };
        let value = Shown::new(self.factory.extractor(ast, id, Form::Shown)?);
        self.tokens.push(Token { name: ast.text(id), value, transformed });
        *after_transformer = transformed;
        Ok(())
    }

    /// Sets whether transformed fields are part of [`Output::Json`] and [`Formatter::resolve`]; off by default.
    pub fn show_transformed(&mut self, show: bool) {
        self.show_transformed = show;
        self.collect_members();
    }

    /// The names of its fields, and of those within transformed ones, in order.
    pub fn names(&self) -> impl Iterator<Item = &BStr> {
        self.tokens.iter().map(|token| token.name.as_ref())
    }

    fn is_shown(&self, token: &Token) -> bool {
        self.show_transformed || !token.transformed
    }

    fn collect_members(&mut self) {
        let mut order: Vec<usize> = (0..self.tokens.len()).filter(|i| self.is_shown(&self.tokens[*i])).collect();
        order.sort_by(|a, b| self.tokens[*a].name.cmp(&self.tokens[*b].name));
        order.dedup_by(|a, b| self.tokens[*a].name == self.tokens[*b].name);
        let member = |token: usize| {
            let mut key = Vec::new();
            json::string(&self.tokens[token].name, &mut key);
            key.push(b':');
            Member { key: key.into(), token }
        };
        self.members = order.into_iter().map(member).collect();
    }

    /// Appends the event; returns `false` if it lacks a required field, and then `out` may have partial text.
    ///
    /// # Errors
    /// A foreign field failed.
    pub fn format(&mut self, event: &EventContext<'_>, output: Output, out: &mut Vec<u8>) -> Result<bool> {
        match output {
            Output::Text => self.format_text(event, out),
            Output::Json => self.format_json(event, out),
        }
    }

    fn format_text(&mut self, event: &EventContext<'_>, out: &mut Vec<u8>) -> Result<bool> {
        let Formatter { factory, parts, line, optional, .. } = self;
        line.append_to(out, |line| {
            let mut reader = factory.reader(event);
            for part in &*parts {
                let (value, width) = match part {
                    Part::Literal(text) => {
                        line.literal(text);
                        continue;
                    }
                    Part::Value { value, width } => (value, *width),
                };
                let start = line.len();
                if !value.text(&mut reader, event, line)? {
                    if !*optional {
                        return Ok(false);
                    }
                    line.replace_from(start, NOT_AVAILABLE);
                }
                if width != 0 {
                    line.fit(start, width);
                }
            }
            Ok(true)
        })
    }

    fn format_json(&mut self, event: &EventContext<'_>, out: &mut Vec<u8>) -> Result<bool> {
        if self.members.is_empty() {
            out.extend_from_slice(b"null");
            return Ok(true);
        }
        let start = out.len();
        let missing = self.members_before(usize::MAX, event, out)?;
        let (false, Some(token)) = (self.optional, missing) else { return Ok(true) };
        // The fields before the missing one in the format string.
        out.truncate(start);
        self.members_before(token, event, out)?;
        Ok(false)
    }

    /// Appends the members whose tokens are before the token `end`; returns the first token among them without a value.
    fn members_before(&mut self, end: usize, event: &EventContext<'_>, out: &mut Vec<u8>) -> Result<Option<usize>> {
        let mut missing: Option<usize> = None;
        let mut mark = b'{';
        let mut reader = self.factory.reader(event);
        for Member { key, token } in self.members.iter().filter(|member| member.token < end) {
            out.push(std::mem::replace(&mut mark, b','));
            out.extend_from_slice(key);
            if !self.tokens[*token].value.json(&mut reader, event, &mut self.scratch, out)? {
                missing = Some(missing.map_or(*token, |first| first.min(*token)));
            }
        }
        match mark {
            b'{' => out.extend_from_slice(b"null"),
            _ => out.push(b'}'),
        }
        Ok(missing)
    }

    /// Passes the name and text of each field to `each`; returns `false` if the event lacks a required field.
    ///
    /// # Errors
    /// A foreign field failed.
    pub fn resolve(&mut self, event: &EventContext<'_>, mut each: impl FnMut(&BStr, &[u8])) -> Result<bool> {
        let mut text = std::mem::take(&mut self.scratch);
        let mut line = std::mem::take(&mut self.line);
        let mut resolved = Ok(true);
        for token in self.tokens.iter().filter(|t| self.is_shown(t)) {
            text.clear();
            // `each` may use the factory: the reader is dropped before.
            let found =
                line.append_to(&mut text, |line| token.value.text(&mut self.factory.reader(event), event, line));
            match found {
                Ok(true) => each(token.name.as_ref(), &text),
                Ok(false) if self.optional => each(token.name.as_ref(), NOT_AVAILABLE),
                incomplete => {
                    resolved = incomplete;
                    break;
                }
            }
        }
        (self.scratch, self.line) = (text, line);
        resolved
    }

    /// The names of the fields, in the order of the format string; fields inside transformers come before the transformed
    /// field.
    pub fn field_names(&self) -> impl Iterator<Item = &BStr> {
        self.tokens.iter().map(|t| t.name.as_ref())
    }
}

/// Whether a field that was read from the first `read` bytes of `text` is not what the text means: a bracket follows that begins an argument,
/// or it has the name of another field, which was not acceptable.
fn refused(value: &Extractor, text: &[u8], read: usize) -> bool {
    if text.get(read) == Some(&b'[') && value.lacks_argument() {
        return true;
    }
    let in_a_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let meant = text.utf8_chunks().next().and_then(|chunk| Field::named_by(chunk.valid())).map(|info| info.name);
    let meant = meant.filter(|name| !text.get(name.len()).is_some_and(in_a_word));
    value.field().zip(meant).is_some_and(|(found, meant)| meant.len() > found.info().name.len())
}

const MAX_WIDTH: usize = 65535;

fn parse_width(digits: &[u8]) -> Result<usize> {
    let width = digits.iter().fold(0usize, |n, d| n.saturating_mul(10).saturating_add((d - b'0') as usize));
    match width <= MAX_WIDTH {
        true => Ok(width),
        false => Err(Error::Invalid(format!("invalid formatting syntax: a field cannot be wider than {MAX_WIDTH}"))),
    }
}

#[cfg(test)]
mod tests;
