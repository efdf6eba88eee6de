//! The filter language: text to tree.
//!
//! ```text
//! Or          := And ('or' (' ' And | '(' Or ')'))*
//! And         := Not ('and' (' ' Not | '(' Or ')'))*
//! Not         := 'not '* ('not(' Or ')' | Check)
//! Check       := '(' Or ')' | (Field | Transformer) Condition | Identifier
//! Field       := Name ('[' Arg ']')?
//! Transformer := ('tolower(' | ...) Argument (',' Argument)* ')' ('[' Arg ']')?
//! Argument    := Number | Quoted | '(' (Element (',' Element)*)? ')' | Transformer | Field
//! Element     := Field | Transformer | Quoted | Number
//! Condition   := 'exists'
//!              | ('<' | '<=' | '>' | '>=') (Right | Number)
//!              | ('=' | 'contains ' | ...) (('oneof ' | 'anyof ' | 'allof ') (List | Identifier) | Right | String)
//!              | ('in' | 'intersects' | 'pmatch') (List | Right | Identifier)
//! Right       := 'val(' Field ')' | Transformer
//! ```
//! Operators that are words must be followed by a blank, except `exists` and those with lists.

use super::ast::{Ast, Expr, Modifier, NodeId, Operator};
use super::lexer::Lexer;
use crate::error::{Error, Position, Result};
use crate::nearest::suggestion;
use bstr::BString;

/// The transformers, without `val`, which only marks a field on the right-hand side.
pub const TRANSFORMERS: &[&str] = &["tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"];

/// The default of [`Parser::max_depth`].
pub const MAX_DEPTH: u32 = 100;
/// The upper limit of [`Parser::max_depth`]: the parser is recursive, and a thread's stack may be small.
pub const MOST_DEPTH: u32 = 300;

const NUMERIC: &[Operator] = &[Operator::Le, Operator::Lt, Operator::Ge, Operator::Gt];
const SYMBOLS: &[Operator] = &[Operator::EqEq, Operator::Eq, Operator::Ne];
const WORDS: &[Operator] = &[
    Operator::Glob,
    Operator::IGlob,
    Operator::Contains,
    Operator::IContains,
    Operator::BContains,
    Operator::StartsWith,
    Operator::BStartsWith,
    Operator::EndsWith,
    Operator::Regex,
];
const LISTS: &[Operator] = &[Operator::Intersects, Operator::In, Operator::PMatch];

/// Parses a filter.
///
/// # Errors
/// [`Error::Filter`] with the position of the error.
pub fn parse(text: &[u8]) -> Result<Ast> {
    Parser::new(text).parse()
}

/// The parser of a text.
pub struct Parser<'a> {
    lexer: Lexer<'a>,
    ast: Ast,
    empty: bool,
    partial: bool,
    max_depth: u32,
    depth: u32,
}

type Parsed<T> = std::result::Result<T, String>;

impl<'a> Parser<'a> {
    /// A parser of `text`.
    pub fn new(text: &'a [u8]) -> Parser<'a> {
        Parser {
            lexer: Lexer::new(text),
            ast: Ast::new(),
            empty: text.is_empty(),
            partial: false,
            max_depth: MAX_DEPTH,
            depth: 0,
        }
    }

    /// Accepts text after the filter; [`Parser::position`] is where the filter ends.
    pub fn partial(mut self, partial: bool) -> Parser<'a> {
        self.partial = partial;
        self
    }

    /// Sets the nesting limit of parentheses and transformers, at most [`MOST_DEPTH`].
    pub fn max_depth(mut self, depth: u32) -> Parser<'a> {
        self.max_depth = depth.min(MOST_DEPTH);
        self
    }

    /// The position of the error, or of the end of what was parsed.
    pub fn position(&self) -> Position {
        self.lexer.at()
    }

    /// Parses a filter.
    ///
    /// # Errors
    /// [`Error::Filter`] with the position of the error.
    pub fn parse(&mut self) -> Result<Ast> {
        let parsed = if self.empty { Err("filter input string is empty".into()) } else { self.complete() };
        self.finish(parsed)
    }

    /// Parses a field, with or without transformers, at the start of the text; more text may follow.
    ///
    /// # Errors
    /// [`Error::Filter`] with the position of the error.
    pub fn parse_field_or_transformer(&mut self) -> Result<Ast> {
        let at = self.lexer.at();
        let parsed = match self.operand(at) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err("expected a field or a transformer".into()),
            Err(e) => Err(e),
        };
        self.finish(parsed)
    }

    fn finish(&mut self, parsed: Parsed<()>) -> Result<Ast> {
        match parsed {
            Ok(()) => Ok(std::mem::take(&mut self.ast)),
            Err(what) => Err(Error::Filter { at: self.lexer.at(), what }),
        }
    }

    fn node(&mut self, at: Position, expr: Expr) -> Parsed<NodeId> {
        self.ast.push(at, expr).map_err(|e| e.to_string())
    }

    fn token(&self) -> BString {
        self.lexer.last.clone().into()
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= self.max_depth {
            return Err(format!("exceeded max depth limit of {}", self.max_depth));
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn expect(&mut self, token: &str, message: &str) -> Parsed<()> {
        if self.lexer.exact(token) { Ok(()) } else { Err(message.into()) }
    }

    fn complete(&mut self) -> Parsed<()> {
        self.or()?;
        if self.partial || self.lexer.at_end() {
            return Ok(());
        }
        let word = self.token();
        // A word and a parenthesis are meant as a transformer.
        let transformer = match self.lexer.ahead() {
            [b'(', ..] => suggestion(&String::from_utf8_lossy(&word), TRANSFORMERS.iter().copied()),
            _ => String::new(),
        };
        Err(format!("unexpected token after '{word}', expecting 'or', 'and'{transformer}"))
    }

    fn or(&mut self) -> Parsed<NodeId> {
        self.junction("or", Parser::and, Expr::Or)
    }

    fn and(&mut self) -> Parsed<NodeId> {
        self.junction("and", Parser::not, Expr::And)
    }

    /// Terms that are joined by `word`; a single term is returned as it is.
    fn junction(
        &mut self,
        word: &str,
        term: fn(&mut Self) -> Parsed<NodeId>,
        join: fn(Vec<NodeId>) -> Expr,
    ) -> Parsed<NodeId> {
        let at = self.lexer.at();
        self.lexer.blank();
        let first = term(self)?;
        self.lexer.blank();
        let mut children = vec![first];
        while self.lexer.exact(word) {
            children.push(if self.lexer.blank() {
                term(self)?
            } else if self.lexer.exact("(") {
                self.group()?
            } else {
                return Err(format!("expected blank or '(' after '{word}'"));
            });
            self.lexer.blank();
        }
        if children.len() == 1 { Ok(first) } else { self.node(at, join(children)) }
    }

    fn not(&mut self) -> Parsed<NodeId> {
        let at = self.lexer.at();
        self.lexer.blank();
        let mut negated = self.lexer.nots();
        let child = if self.lexer.exact("not(") {
            negated = !negated;
            self.group()?
        } else {
            self.check()?
        };
        if negated { self.node(at, Expr::Not(child)) } else { Ok(child) }
    }

    fn group(&mut self) -> Parsed<NodeId> {
        self.nested(|p| {
            p.lexer.blank();
            let child = p.or()?;
            p.lexer.blank();
            p.expect(")", "expected a ')' token")?;
            Ok(child)
        })
    }

    fn check(&mut self) -> Parsed<NodeId> {
        let at = self.lexer.at();
        self.lexer.blank();
        if self.lexer.exact("(") {
            return self.group();
        }
        if let Some(left) = self.operand(at)? {
            return self.condition(left, at);
        }
        if self.lexer.identifier() {
            let name = self.token();
            return self.node(at, Expr::Identifier(name));
        }
        Err("expected a '(' token, a field check, or an identifier".into())
    }

    /// A field, with or without transformers, if there is one.
    fn operand(&mut self, at: Position) -> Parsed<Option<NodeId>> {
        if self.lexer.field_name() { self.field(at).map(Some) } else { self.transformer(at) }
    }

    fn field(&mut self, at: Position) -> Parsed<NodeId> {
        let name = self.token();
        let arg = self.arg()?;
        self.node(at, Expr::Field { name, arg })
    }

    fn arg(&mut self) -> Parsed<Option<BString>> {
        if !self.lexer.exact("[") {
            return Ok(None);
        }
        if !self.lexer.quoted()? && !self.lexer.bare_arg() {
            return Err("expected a valid field argument: a quoted string or a bare string".into());
        }
        let arg = self.token();
        self.expect("]", "expected a ']' token")?;
        Ok(Some(arg))
    }

    fn transformer(&mut self, at: Position) -> Parsed<Option<NodeId>> {
        let lexer = &mut self.lexer;
        let Some(name) = TRANSFORMERS.iter().find(|name| lexer.exact(&format!("{name}("))) else { return Ok(None) };
        self.nested(|p| {
            p.lexer.blank();
            let mut values = Vec::new();
            loop {
                let at = p.lexer.at();
                values.push(p.argument(at)?);
                p.lexer.blank();
                if !p.lexer.exact(",") {
                    break;
                }
            }
            p.expect(")", "expected a ')' token closing the transformer")?;
            let arg = p.arg()?;
            p.node(at, Expr::Transformer { name: (*name).into(), values, arg })
        })
        .map(Some)
    }

    fn argument(&mut self, at: Position) -> Parsed<NodeId> {
        self.lexer.blank();
        if let Some(value) = self.constant(at)? {
            return Ok(value);
        }
        if self.lexer.exact("(") {
            return self.transformer_list(at);
        }
        self.operand(at)?.ok_or_else(|| {
            "expected field transformer argument: field, transformer, quoted string, number, or transformer list".into()
        })
    }

    fn constant(&mut self, at: Position) -> Parsed<Option<NodeId>> {
        if !self.lexer.number() && !self.lexer.quoted()? {
            return Ok(None);
        }
        let value = self.token();
        self.node(at, Expr::Value(value)).map(Some)
    }

    /// The list of a transformer, after the opening parenthesis. All elements get the position of the list.
    fn transformer_list(&mut self, at: Position) -> Parsed<NodeId> {
        let mut elements = Vec::new();
        self.lexer.blank();
        if !self.lexer.exact(")") {
            loop {
                let element = match self.operand(at)? {
                    Some(element) => Some(element),
                    None => self.constant(at)?,
                };
                elements.push(
                    element
                        .ok_or("expected transformer list argument: field, transformer, quoted string, or number")?,
                );
                self.lexer.blank();
                if !self.lexer.exact(",") {
                    break;
                }
                self.lexer.blank();
            }
            self.expect(")", "expected ')'")?;
        }
        self.node(at, Expr::TransformerList(elements))
    }

    fn condition(&mut self, left: NodeId, at: Position) -> Parsed<NodeId> {
        self.lexer.blank();
        if self.lexer.exact(Operator::Exists.text()) {
            return self.node(at, Expr::Unary { left, op: Operator::Exists });
        }
        let lexer = &mut self.lexer;
        let mut modifier = None;
        let (op, right) = if let Some(op) = NUMERIC.iter().find(|op| lexer.exact(op.text())) {
            (*op, self.number_or_field()?)
        } else if let Some(op) = SYMBOLS.iter().find(|op| lexer.exact(op.text())) {
            let blank = self.lexer.blank();
            modifier = if blank { self.modifier() } else { None };
            (*op, self.string_operand(modifier)?)
        } else if let Some(op) = WORDS.iter().find(|op| lexer.exact_blank(op.text())) {
            modifier = self.modifier();
            (*op, self.string_operand(modifier)?)
        } else if let Some(op) = LISTS.iter().find(|op| lexer.exact(op.text())) {
            (*op, self.list_or_field()?)
        } else {
            let operators =
                || std::iter::once(&Operator::Exists).chain(NUMERIC).chain(SYMBOLS).chain(WORDS).chain(LISTS);
            return Err(format!(
                "expected a valid check operator: one of {}{}",
                quoted_list(operators().map(|op| op.text())),
                suggestion(&String::from_utf8_lossy(self.lexer.ahead()), operators().map(|op| op.text()))
            ));
        };
        self.node(at, Expr::Binary { left, op, modifier, right })
    }

    /// `oneof`, `anyof` or `allof` if a list follows; otherwise the word is a value.
    fn modifier(&mut self) -> Option<Modifier> {
        let before = self.lexer.at();
        let lexer = &mut self.lexer;
        let modifier = Modifier::ALL.iter().find(|m| lexer.exact_blank(m.text()));
        if modifier.is_some() && self.lexer.list_follows() {
            return modifier.copied();
        }
        self.lexer.rewind(before);
        None
    }

    fn string_operand(&mut self, modifier: Option<Modifier>) -> Parsed<NodeId> {
        self.lexer.blank();
        let at = self.lexer.at();
        if modifier.is_some() {
            return self.list_or_name(at, "expected a list or an identifier");
        }
        if let Some(field) = self.right_field(at)? {
            return Ok(field);
        }
        if !self.string()? {
            return Err(expected("a string value or a field"));
        }
        let value = self.token();
        self.node(at, Expr::Value(value))
    }

    fn string(&mut self) -> Parsed<bool> {
        Ok(self.lexer.quoted()? || self.lexer.bare_string())
    }

    fn number_or_field(&mut self) -> Parsed<NodeId> {
        self.lexer.blank();
        let at = self.lexer.at();
        if let Some(field) = self.right_field(at)? {
            return Ok(field);
        }
        if !self.lexer.number() {
            return Err(expected("a number value or a field"));
        }
        let value = self.token();
        self.node(at, Expr::Value(value))
    }

    fn list_or_field(&mut self) -> Parsed<NodeId> {
        self.lexer.blank();
        let at = self.lexer.at();
        if let Some(field) = self.right_field(at)? {
            return Ok(field);
        }
        self.list_or_name(at, &expected("a list, an identifier, or a field"))
    }

    fn list_or_name(&mut self, at: Position, message: &str) -> Parsed<NodeId> {
        if self.lexer.exact("(") {
            return self.list(at);
        }
        if !self.lexer.identifier() {
            return Err(message.into());
        }
        let name = self.token();
        self.node(at, Expr::Value(name))
    }

    /// A list of values, after the opening parenthesis.
    fn list(&mut self, at: Position) -> Parsed<NodeId> {
        let mut values = Vec::new();
        self.lexer.blank();
        if self.string()? {
            values.push(self.token());
            self.lexer.blank();
            while self.lexer.exact(",") {
                self.lexer.blank();
                if !self.string()? {
                    return Err("expected a string value".into());
                }
                values.push(self.token());
                self.lexer.blank();
            }
        }
        self.expect(")", "expected a ')' token")?;
        self.node(at, Expr::List(values))
    }

    fn right_field(&mut self, at: Position) -> Parsed<Option<NodeId>> {
        if !self.lexer.exact("val(") {
            return self.transformer(at);
        }
        self.lexer.blank();
        let inner = self.lexer.at();
        if !self.lexer.field_name() {
            return Err("expected a field within 'val' transformer".into());
        }
        let field = self.field(inner)?;
        self.lexer.blank();
        self.expect(")", "expected a ')' token closing the transformer")?;
        let arg = self.arg()?;
        self.node(at, Expr::Transformer { name: "val".into(), values: vec![field], arg }).map(Some)
    }
}

fn expected(what: &str) -> String {
    let names = quoted_list(std::iter::once("val").chain(TRANSFORMERS.iter().copied()));
    format!("expected {what} with a valid transformer: {names}")
}

fn quoted_list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(|t| format!("'{t}'")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
