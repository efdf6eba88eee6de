//! Filters as trees: the flat form in which they cross the border, both ways.
//!
//! A tree is an array of nodes in post-order: each node's children come before it, and it takes the last `children` of the
//! nodes that no other node has taken yet. The last node is the root.

use crate::event::codes::fill;
use crate::ffi::{
    Failure, build_text, entries, guard, guard_handle, guard_status, release, sinsp_error, sinsp_position,
    sinsp_status, sinsp_str,
};
use sinsp_core::Error;
use sinsp_core::codes;
use sinsp_core::error::Position;
use sinsp_core::filter::Parser;
use sinsp_core::filter::ast::{Ast, Expr, Modifier, NodeId, Operator};
use std::rc::Rc;

/// What a node of a filter is.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_ast_kind {
    /// All children hold.
    SINSP_AST_AND = 0,
    /// One of the children holds.
    SINSP_AST_OR = 1,
    /// Its child does not hold.
    SINSP_AST_NOT = 2,
    /// A bare word, `text`.
    SINSP_AST_IDENTIFIER = 3,
    /// A constant, `text`.
    SINSP_AST_VALUE = 4,
    /// Constants: the children are values.
    SINSP_AST_LIST = 5,
    /// Arguments of a transformer: the children.
    SINSP_AST_TRANSFORMER_LIST = 6,
    /// The operator `text` on its child.
    SINSP_AST_UNARY = 7,
    /// The operator `text` on its two children; `text` may end with a blank and a modifier.
    SINSP_AST_BINARY = 8,
    /// The field `text`, with the argument `arg` if `has_arg`.
    SINSP_AST_FIELD = 9,
    /// The transformer `text` on its children, with the argument `arg` if `has_arg`.
    SINSP_AST_TRANSFORMER = 10,
}

/// One node of a filter in its flat form.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_ast_node {
    /// A `sinsp_ast_kind`.
    pub kind: u32,
    /// How many children it has.
    pub children: u32,
    /// Word, constant, operator or name, by kind.
    pub text: sinsp_str,
    /// What stands in brackets after a field or a transformer.
    pub arg: sinsp_str,
    /// Whether anything stands in brackets.
    pub has_arg: bool,
    /// Where the node begins.
    pub at: sinsp_position,
}

/// A parsed filter. Owned; ended with `sinsp_ast_free`.
pub struct sinsp_ast {
    nodes: Vec<sinsp_ast_node>,
    end: sinsp_position,
    // The texts of the nodes point into these. In `Rc`s, whose values do not move with this one and may have other pointers to them.
    _ast: Rc<Ast>,
    _operators: Vec<Rc<str>>,
}

/// What `sinsp_ast_parse` accepts.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_ast_start {
    /// A whole filter, and nothing after it.
    SINSP_AST_FILTER = 0,
    /// A filter, whatever follows it.
    SINSP_AST_FILTER_PREFIX = 1,
    /// A field or a transformed field, whatever follows it.
    SINSP_AST_FIELD_PREFIX = 2,
}

/// Which codes `sinsp_ast_codes` returns.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_code_kind {
    /// Codes of events.
    SINSP_CODES_EVENT = 0,
    /// Codes of system calls.
    SINSP_CODES_SC = 1,
}

struct Flattening<'a> {
    ast: &'a Ast,
    nodes: Vec<sinsp_ast_node>,
    operators: Vec<Rc<str>>,
}

impl Flattening<'_> {
    fn add(&mut self, at: Position, kind: sinsp_ast_kind, children: usize, text: &[u8], arg: Option<&[u8]>) {
        self.nodes.push(sinsp_ast_node {
            kind: kind as u32,
            children: children as u32,
            text: sinsp_str::of(text),
            arg: arg.map_or(sinsp_str::EMPTY, sinsp_str::of),
            has_arg: arg.is_some(),
            at: at.into(),
        });
    }

    fn all(&mut self, children: &[NodeId]) -> usize {
        children.iter().for_each(|child| self.node(*child));
        children.len()
    }

    fn node(&mut self, id: NodeId) {
        use sinsp_ast_kind::*;
        let ast = self.ast;
        let node = ast.node(id);
        match &node.expr {
            Expr::And(c) => {
                let n = self.all(c);
                self.add(node.at, SINSP_AST_AND, n, b"", None);
            }
            Expr::Or(c) => {
                let n = self.all(c);
                self.add(node.at, SINSP_AST_OR, n, b"", None);
            }
            Expr::Not(c) => {
                self.node(*c);
                self.add(node.at, SINSP_AST_NOT, 1, b"", None);
            }
            Expr::Identifier(name) => self.add(node.at, SINSP_AST_IDENTIFIER, 0, name, None),
            Expr::Value(value) => self.add(node.at, SINSP_AST_VALUE, 0, value, None),
            Expr::List(values) => {
                for value in values {
                    self.add(node.at, SINSP_AST_VALUE, 0, value, None);
                }
                self.add(node.at, SINSP_AST_LIST, values.len(), b"", None);
            }
            Expr::TransformerList(c) => {
                let n = self.all(c);
                self.add(node.at, SINSP_AST_TRANSFORMER_LIST, n, b"", None);
            }
            Expr::Unary { left, op } => {
                self.node(*left);
                self.add(node.at, SINSP_AST_UNARY, 1, op.text().as_bytes(), None);
            }
            Expr::Binary { left, op, modifier, right } => {
                self.node(*left);
                self.node(*right);
                match modifier {
                    None => self.add(node.at, SINSP_AST_BINARY, 2, op.text().as_bytes(), None),
                    Some(modifier) => {
                        let joined: Rc<str> = format!("{} {}", op.text(), modifier.text()).into();
                        self.add(node.at, SINSP_AST_BINARY, 2, joined.as_bytes(), None);
                        self.operators.push(joined);
                    }
                }
            }
            Expr::Field { name, arg } => {
                self.add(node.at, SINSP_AST_FIELD, 0, name, arg.as_ref().map(|a| a.as_slice()));
            }
            Expr::Transformer { name, values, arg } => {
                let n = self.all(values);
                self.add(node.at, SINSP_AST_TRANSFORMER, n, name, arg.as_ref().map(|a| a.as_slice()));
            }
        }
    }
}

/// Reads a tree from its flat form.
///
/// # Safety
/// `nodes` must be null or point to `count` nodes whose texts are readable.
pub(crate) unsafe fn read(nodes: *const sinsp_ast_node, count: usize) -> Result<Ast, Failure> {
    use sinsp_ast_kind as Kind;
    // SAFETY: by `# Safety`, `nodes` is null or readable for `count` nodes.
    let nodes = unsafe { entries(nodes, count) };
    if nodes.is_empty() {
        return Err(Failure::illegal("a filter without a node"));
    }
    let wrong = |i: usize, what: &str| Failure::illegal(format!("node {i} of a filter {what}"));
    let mut ast = Ast::new();
    // The tree has no nodes for the values of a list: a list copies their texts.
    let mut open: Vec<NodeId> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        // SAFETY: by `# Safety`, the texts of a node are readable.
        let (text, arg) = unsafe { (node.text.bytes(), node.arg.bytes()) };
        let split = open
            .len()
            .checked_sub(node.children as usize)
            .ok_or_else(|| wrong(i, "has more children than there are"))?;
        let children = open.split_off(split);
        let exactly =
            |n: usize| if children.len() == n { Ok(()) } else { Err(wrong(i, "has the wrong number of children")) };
        let arg = node.has_arg.then(|| arg.into());
        let word = || std::str::from_utf8(text).unwrap_or_default();
        let operator = |name: &str| {
            Operator::from_text(name).ok_or_else(|| wrong(i, &format!("has the unknown operator '{name}'")))
        };
        let kind = KINDS.iter().find(|k| **k as u32 == node.kind).ok_or_else(|| wrong(i, "is of an unknown kind"))?;
        let expr = match kind {
            Kind::SINSP_AST_AND => Expr::And(children),
            Kind::SINSP_AST_OR => Expr::Or(children),
            Kind::SINSP_AST_NOT => {
                exactly(1)?;
                Expr::Not(children[0])
            }
            Kind::SINSP_AST_IDENTIFIER => {
                exactly(0)?;
                Expr::Identifier(text.into())
            }
            Kind::SINSP_AST_VALUE => {
                exactly(0)?;
                Expr::Value(text.into())
            }
            Kind::SINSP_AST_LIST => {
                let value = |id: &NodeId| match &ast.node(*id).expr {
                    Expr::Value(value) => Ok(value.clone()),
                    _ => Err(wrong(i, "is a list of something else than values")),
                };
                Expr::List(children.iter().map(value).collect::<Result<_, _>>()?)
            }
            Kind::SINSP_AST_TRANSFORMER_LIST => Expr::TransformerList(children),
            Kind::SINSP_AST_UNARY => {
                exactly(1)?;
                Expr::Unary { left: children[0], op: operator(word())? }
            }
            Kind::SINSP_AST_BINARY => {
                exactly(2)?;
                let (op, modifier) = match word().rsplit_once(' ') {
                    Some((op, modifier)) => {
                        let unknown = || wrong(i, &format!("has the unknown modifier '{modifier}'"));
                        (op.trim_end(), Some(Modifier::from_text(modifier).ok_or_else(unknown)?))
                    }
                    None => (word(), None),
                };
                Expr::Binary { left: children[0], op: operator(op)?, modifier, right: children[1] }
            }
            Kind::SINSP_AST_FIELD => {
                exactly(0)?;
                Expr::Field { name: text.into(), arg }
            }
            Kind::SINSP_AST_TRANSFORMER => Expr::Transformer { name: text.into(), values: children, arg },
        };
        let at = Position { offset: node.at.offset, line: node.at.line, column: node.at.column };
        open.push(ast.push(at, expr)?);
    }
    if open.len() == 1 { Ok(ast) } else { Err(wrong(count - 1, "is not the only root")) }
}

const KINDS: [sinsp_ast_kind; 11] = {
    use sinsp_ast_kind::*;
    [
        SINSP_AST_AND,
        SINSP_AST_OR,
        SINSP_AST_NOT,
        SINSP_AST_IDENTIFIER,
        SINSP_AST_VALUE,
        SINSP_AST_LIST,
        SINSP_AST_TRANSFORMER_LIST,
        SINSP_AST_UNARY,
        SINSP_AST_BINARY,
        SINSP_AST_FIELD,
        SINSP_AST_TRANSFORMER,
    ]
};

fn flatten(ast: Ast, end: Position) -> sinsp_ast {
    let ast = Rc::new(ast);
    let mut flat = Flattening { ast: &ast, nodes: Vec::new(), operators: Vec::new() };
    flat.node(ast.root());
    let (nodes, operators) = (flat.nodes, flat.operators);
    sinsp_ast { nodes, end: end.into(), _ast: ast, _operators: operators }
}

/// Parses a filter, or a field with its transformers. `start` is a `sinsp_ast_start`; `max_depth` is how deep parentheses may be
/// nested, 0 for the default. Owned by the caller; null with an error that has a position, which its message does not repeat, if it is not
/// well formed.
///
/// # Safety
/// `text` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_parse(
    text: sinsp_str,
    start: u32,
    max_depth: u32,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_ast {
    let body = move || {
        // SAFETY: by `# Safety`, `text` is readable.
        let text = unsafe { text.bytes() };
        let mut parser = Parser::new(text);
        if max_depth != 0 {
            parser = parser.max_depth(max_depth);
        }
        let ast = match start {
            s if s == sinsp_ast_start::SINSP_AST_FILTER as u32 => parser.parse(),
            s if s == sinsp_ast_start::SINSP_AST_FILTER_PREFIX as u32 => {
                parser = parser.partial(true);
                parser.parse()
            }
            s if s == sinsp_ast_start::SINSP_AST_FIELD_PREFIX as u32 => parser.parse_field_or_transformer(),
            other => {
                return Err(Failure::illegal(format!("sinsp_ast_parse: there is no start with the number {other}")));
            }
        };
        let ast = ast.map_err(|e| match e {
            // The position is not part of the message.
            Error::Filter { at, what } => Failure::new(sinsp_status::SINSP_FAILURE, what).at(Some(at.into())),
            other => other.into(),
        })?;
        Ok(flatten(ast, parser.position()))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// The nodes of a parsed filter, `*count` of them, valid until it is freed; null for null.
///
/// # Safety
/// `ast` must be null or live, `count` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_nodes(ast: *const sinsp_ast, count: *mut usize) -> *const sinsp_ast_node {
    // SAFETY: by `# Safety`, `ast` is null or live, `count` is null or writable.
    let (ast, count) = unsafe { (ast.as_ref(), count.as_mut()) };
    if let Some(count) = count {
        *count = ast.map_or(0, |a| a.nodes.len());
    }
    ast.map_or(std::ptr::null(), |a| a.nodes.as_ptr())
}

/// Where the parser stopped reading.
///
/// # Safety
/// `ast` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_end(ast: *const sinsp_ast) -> sinsp_position {
    // SAFETY: by `# Safety`, `ast` is null or live.
    unsafe { ast.as_ref() }.map_or(sinsp_position { offset: 0, line: 1, column: 1 }, |a| a.end)
}

/// A tree of `count` nodes as text, valid until the next text on the same operating-system thread; empty with an error.
///
/// # Safety
/// `nodes` must be null or point to `count` nodes whose texts are readable, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_text(
    nodes: *const sinsp_ast_node,
    count: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_str {
    let body = move || {
        // SAFETY: this `# Safety` includes that of `read`.
        let ast = unsafe { read(nodes, count)? };
        Ok(build_text(|text| text.extend_from_slice(&ast.text(ast.root()))))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| sinsp_str::EMPTY, body) }
}

/// Ends a parsed filter; null is ignored.
///
/// # Safety
/// `ast` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_free(ast: *mut sinsp_ast) {
    // SAFETY: by `# Safety`, `ast` is null or owned, and this call is the one that frees it.
    unsafe { release(ast) }
}

/// Which events (`kind` `SINSP_CODES_EVENT`) or system calls (`SINSP_CODES_SC`) a filter can match: `out[code]` becomes 1 or 0 for
/// every code below `len`.
///
/// # Safety
/// `nodes` must be null or point to `count` nodes whose texts are readable, `out` be null or point to `len` writable bytes, `error` be null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_ast_codes(
    nodes: *const sinsp_ast_node,
    count: usize,
    kind: u32,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: this `# Safety` includes that of `read`.
        let ast = unsafe { read(nodes, count)? };
        let kind = match kind {
            k if k == sinsp_code_kind::SINSP_CODES_EVENT as u32 => codes::CodeKind::Event,
            k if k == sinsp_code_kind::SINSP_CODES_SC as u32 => codes::CodeKind::Sc,
            other => {
                return Err(Failure::illegal(format!(
                    "sinsp_ast_codes: there is no kind of codes with the number {other}"
                )));
            }
        };
        let set = codes::of_filter(&ast, kind)?;
        // SAFETY: by `# Safety`, `out` is null or writable for `len` bytes.
        unsafe { fill(&set, out, len) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;

    #[test]
    fn a_tree_that_moved_comes_back() {
        // So many operators with modifiers that what keeps their texts has to grow.
        let one = "a.b[c] == oneof (x, y) and not toupper(a.b) contains 'z' and a.b exists and (a.b in (1, 2) or a.b = allof z)";
        let text = vec![one; 20].join(" or ");
        let ast = sinsp_core::filter::parse(text.as_bytes()).unwrap();
        let kept = vec![flatten(ast.clone(), Position::default())];
        let flat = kept.into_iter().next_back().unwrap();
        let texts = |word: &str| {
            // SAFETY: the tree is there.
            flat.nodes.iter().filter(|node| unsafe { node.text.bytes() } == word.as_bytes()).count()
        };
        assert_eq!((texts("== oneof"), texts("= allof"), texts("exists")), (20, 20, 20));
        let mut count = 0;
        // SAFETY: the tree is there, and its nodes are as many as it says.
        let back = unsafe {
            let nodes = sinsp_ast_nodes(&flat, &mut count);
            read(nodes, count).unwrap()
        };
        // The positions are those of the text in both.
        let second = flatten(back, Position::default());
        assert_eq!(second.nodes.len(), flat.nodes.len());
        for (a, b) in second.nodes.iter().zip(&flat.nodes) {
            // SAFETY: both trees are there.
            let (a_text, b_text) = unsafe { ((a.text.bytes(), a.arg.bytes()), (b.text.bytes(), b.arg.bytes())) };
            assert_eq!((a.kind, a.children, a.has_arg, a.at, a_text), (b.kind, b.children, b.has_arg, b.at, b_text));
        }
        // SAFETY: null is allowed.
        unsafe {
            assert!(sinsp_ast_nodes(null_mut(), &mut count).is_null() && count == 0);
            assert_eq!(sinsp_ast_end(null_mut()).line, 1);
        }
    }
}
