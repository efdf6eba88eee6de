//! The compiler: converts a tree to a program of checks, which the filters of a factory share.

use super::ast::{Ast, Expr, Modifier, NodeId, Operator};
use super::cases::Cases;
use super::compare::{Test, check_comparable, constant_bytes};
use super::graph::{Graph, Right, Shape, Source};
use super::ids::{CheckId, ValueId};
use super::parser::TRANSFORMERS;
use super::program::{Program, Target};
use super::reach::Reach;
use super::transform::Transform;
use super::value::{Kind, Value, kind, type_name};
use crate::codes::CodeSet;
use crate::error::{Error, Position, Result};
use crate::fields::{Arg, Comparison, Decided, Field, FieldFlags, FieldInfo, Known, Registry};
use crate::nearest::suggestion;
use crate::resolver::Names;
use bstr::{BStr, BString, ByteSlice};
use driver::{Format, ParamType};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// A construct that is valid but probably not intended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The position in the filter.
    pub at: Position,
    /// The message.
    pub what: String,
}

/// What values are for, which says in what form fields are extracted that are shown otherwise than they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// To be compared: the same whatever the display settings.
    Compared,
    /// To be shown, as the display settings say.
    Shown,
}

pub(crate) struct Compiler<'a> {
    graph: &'a RefCell<Graph>,
    registry: &'a Registry,
    ast: &'a Ast,
    form: Form,
    pub warnings: Vec<Warning>,
    /// The check that is compiled, and the part of it: what errors are about.
    at: Position,
    part: Position,
    /// For which kinds of events the checks can hold.
    reaches: HashMap<NodeId, (Rc<Reach>, &'static FieldInfo)>,
    /// The fields of the table that are used.
    pub fields: Vec<&'static FieldInfo>,
}

type Compiled<T> = std::result::Result<T, String>;

impl<'a> Compiler<'a> {
    pub fn new(graph: &'a RefCell<Graph>, registry: &'a Registry, ast: &'a Ast, form: Form) -> Compiler<'a> {
        Compiler {
            graph,
            registry,
            ast,
            form,
            warnings: Vec::new(),
            at: Position::default(),
            part: Position::default(),
            reaches: HashMap::new(),
            fields: Vec::new(),
        }
    }

    // The graph is borrowed only briefly, because the lookup of a field can run foreign code.

    fn value(&self, source: Source, shape: Shape) -> ValueId {
        self.graph.borrow_mut().value(source, shape)
    }

    fn shape(&self, id: ValueId) -> Shape {
        self.graph.borrow().shape(id).clone()
    }

    fn source(&self, id: ValueId) -> Source {
        self.graph.borrow().source(id).clone()
    }

    /// Compiles the tree as a filter; also returns the kinds of events of a capture, and the types of any events, for which it can hold.
    pub fn filter(&mut self) -> Result<(Program, Cases, CodeSet)> {
        let mut program = Program::default();
        let compiled = self.check_root().and_then(|()| {
            let root = self.ast.root();
            let entry = self.emit(root, Target::HOLDS, Target::FAILS, &mut program)?;
            program.start_at(entry);
            Ok((self.reach(root, true).hold, self.reach(root, false).hold.types()))
        });
        let (cases, types) = self.located(compiled)?;
        Ok((program, cases, types))
    }

    /// Compiles a node as a field, with or without transformers.
    pub fn field(&mut self, id: NodeId) -> Result<ValueId> {
        let compiled = self.check_root().and_then(|()| self.operand(id));
        self.located(compiled)
    }

    fn located<T>(&self, compiled: Compiled<T>) -> Result<T> {
        compiled.map_err(|what| Error::Check { at: self.at, part: self.part, what })
    }

    fn check_root(&self) -> Compiled<()> {
        if self.ast.nodes().is_empty() { Err("filter error: a filter without a node".into()) } else { Ok(()) }
    }

    fn expr(&mut self, id: NodeId) -> &'a Expr {
        let node = self.ast.node(id);
        self.at = node.at;
        self.part = node.at;
        &node.expr
    }

    /// Adds the steps of a node, the last first, because each step has the targets for success and failure. Returns the
    /// first step.
    fn emit(&mut self, id: NodeId, holds: Target, fails: Target, program: &mut Program) -> Compiled<Target> {
        match self.expr(id) {
            Expr::And(children) => {
                children.iter().rev().try_fold(holds, |next, child| self.emit(*child, next, fails, program))
            }
            Expr::Or(children) => {
                children.iter().rev().try_fold(fails, |next, child| self.emit(*child, holds, next, program))
            }
            Expr::Not(child) => self.emit(*child, fails, holds, program),
            Expr::Unary { left, op } => {
                let check = self.check(*left, *op, None, None)?;
                self.note_reach(id, check);
                Ok(program.push(check, holds, fails))
            }
            Expr::Binary { left, op, modifier, right } => {
                let check = self.check(*left, *op, *modifier, Some(*right))?;
                self.note_reach(id, check);
                Ok(program.push(check, holds, fails))
            }
            Expr::Identifier(name) => Err(format!("filter error: unexpected identifier '{name}'")),
            _ => Err("filter error: a value or a field stands where a check was expected".into()),
        }
    }

    fn check(
        &mut self,
        left_node: NodeId,
        op: Operator,
        modifier: Option<Modifier>,
        right: Option<NodeId>,
    ) -> Compiled<CheckId> {
        let op = if op == Operator::EqEq { Operator::Eq } else { op };
        let at = self.at;
        let mut left = self.operand(left_node)?;
        if !matches!(self.ast.node(left_node).expr, Expr::Field { .. } | Expr::Transformer { .. }) {
            return Err("filter error: missing field in left-hand of a check".into());
        }
        self.at = at;
        let shape = self.shape(left);
        check_comparable(op, modifier.is_some(), shape.ty, shape.list).map_err(|what| {
            let list = if shape.list { " (list)" } else { "" };
            format!("filter error: {what}: field '{}' has type '{}'{list}", shape.name, type_name(shape.ty))
        })?;
        let mut comparison = Comparison::Values;
        let mut foreign = None;
        match self.source(left) {
            Source::Field(field) => {
                comparison = field.comparison();
                if comparison != Comparison::Values && !(comparison == Comparison::Named && op == Operator::Exists) {
                    left = self.value(Source::Candidates(field), shape.clone());
                }
            }
            Source::Foreign(field) => foreign = Some(field),
            _ => {}
        }
        let key = |right: &[&[u8]]| {
            let mut key = format!("{left:?} {op:?} {modifier:?}").into_bytes();
            for part in right {
                key.extend_from_slice(&(part.len() as u64).to_le_bytes());
                key.extend_from_slice(part);
            }
            key.into_boxed_slice()
        };
        let constants: Option<Vec<&[u8]>> = match right.map(|right| &self.ast.node(right).expr) {
            None => Some(Vec::new()),
            Some(Expr::Value(value)) => Some(vec![value]),
            Some(Expr::List(values)) => Some(values.iter().map(|v| v.as_slice()).collect()),
            Some(_) => None,
        };
        if let (Some(field), Some(constants)) = (foreign, constants) {
            self.part = right.map_or(self.part, |right| self.ast.node(right).at);
            let list = matches!(right.map(|right| &self.ast.node(right).expr), Some(Expr::List(_)));
            let key = key(&[&[&b"of others"[..], if list { b"in a list" } else { b"" }], &constants[..]].concat());
            if let Some(check) = self.graph.borrow().find_check(&key) {
                return Ok(check);
            }
            let bytes =
                constants.iter().map(|text| Ok(constant_bytes(op, text)?.map_or(Cow::Borrowed(*text), Cow::Owned)));
            let bytes = bytes.collect::<Compiled<Vec<Cow<'_, [u8]>>>>()?;
            let bytes: Vec<&[u8]> = bytes.iter().map(|bytes| bytes.as_ref()).collect();
            if let Some(check) = field.code().check(op, modifier, &bytes).map_err(|e| e.to_string())? {
                let right = Right::Foreign(check.into());
                return Ok(self.graph.borrow_mut().add_check(left, op, right, comparison, key));
            }
        }
        let (right, key) = match right.map(|right| (right, &self.ast.node(right).expr)) {
            None => (Right::Constants(Test::Exists), key(&[])),
            Some((node, Expr::Value(value))) => {
                (self.constants(left, op, modifier, comparison, node, std::slice::from_ref(value))?, key(&[value]))
            }
            Some((node, Expr::List(values))) => {
                let mut parts: Vec<&[u8]> = values.iter().map(|v| v.as_slice()).collect();
                parts.push(b"in a list");
                (self.constants(left, op, modifier, comparison, node, values)?, key(&parts))
            }
            Some((node, _)) => {
                let right = self.operand(node)?;
                self.at = at;
                self.check_fields(op, &shape, right)?;
                (Right::Values(right), key(&[b"field", format!("{right:?}").as_bytes(), b""]))
            }
        };
        let mut graph = self.graph.borrow_mut();
        Ok(match graph.find_check(&key) {
            Some(check) => check,
            None => graph.add_check(left, op, right, comparison, key),
        })
    }

    fn constants(
        &mut self,
        left: ValueId,
        op: Operator,
        modifier: Option<Modifier>,
        comparison: Comparison,
        node: NodeId,
        values: &[BString],
    ) -> Compiled<Right> {
        self.part = self.ast.node(node).at;
        for value in values {
            self.warn_about(op, self.part, value.as_ref());
        }
        if comparison == Comparison::Around {
            let Source::Candidates(field) = self.source(left) else {
                return Err("evt.around cannot be transformed".into());
            };
            let (Arg::Index(time), Operator::Eq, [distance]) = (field.arg(), op, values) else {
                return Err("evt.around supports only '=' comparison operator".into());
            };
            let distance = Value::parse(ParamType::UINT64, distance);
            let milliseconds =
                match distance.map_err(|what| format!("{what}, in a comparison of field 'evt.around'"))? {
                    Value::Uint(n) => n,
                    _ => 0,
                };
            return Ok(Right::Around { time: *time as u64, distance: milliseconds.wrapping_mul(1_000_000) });
        }
        if comparison == Comparison::Named {
            if !matches!(op, Operator::Eq | Operator::Ne | Operator::In) || modifier.is_some() {
                let name = self.shape(left).name;
                return Err(format!("filter error: field '{name}' supports only the operators '=', '!=' and 'in'"));
            }
            let names: Vec<_> = values.iter().map(|value| value.to_str_lossy()).collect();
            let names = Names::new(names.iter().map(|name| &**name));
            return Ok(Right::Names { names, negated: op == Operator::Ne });
        }
        let Shape { ty, name, .. } = self.shape(left);
        let compared = |what: String| format!("{what}, in a comparison of field '{name}'");
        let test = Test::new(op, modifier, ty, values).map_err(compared)?;
        if let Some(field) = self.root_field(left) {
            // The empty name matches calls without a name.
            for value in values.iter().filter(|v| !v.is_empty()) {
                field.check_value(value).map_err(|e| compared(e.to_string()))?;
            }
        }
        Ok(Right::Constants(test))
    }

    /// The field below transformers with one argument.
    fn root_field(&self, mut id: ValueId) -> Option<Field> {
        loop {
            match self.source(id) {
                Source::Field(field) | Source::Candidates(field) => return Some(field),
                Source::Transformed(_, inner) => id = inner,
                _ => return None,
            }
        }
    }

    /// Checks that values of a shape can be compared with those of another field.
    fn check_fields(&self, op: Operator, left: &Shape, right: ValueId) -> Compiled<()> {
        let right = self.shape(right);
        match op {
            Operator::PMatch | Operator::Regex => {
                let name = op.text().to_uppercase();
                return Err(format!("operator '{name}' doesn't support right-hand side fields"));
            }
            _ if kind(left.ty) == Kind::Net => {
                return Err("field type 'IPNET' doesn't support right-hand side fields".into());
            }
            _ if !left.comparable_with_fields => {
                return Err(format!("field '{}' doesn't support right-hand side fields", left.name));
            }
            _ if !right.comparable_with_fields => {
                return Err(format!("field '{}' can't be used as a right-hand side field", right.name));
            }
            _ => {}
        }
        if left.ty == right.ty && left.list == right.list {
            return Ok(());
        }
        let list = |shape: &Shape| if shape.list { " (list)" } else { "" };
        Err(format!(
            "field '{}' has type '{}'{} while the right-hand side field '{}' has incompatible type '{}'{}",
            left.name,
            type_name(left.ty),
            list(left),
            right.name,
            type_name(right.ty),
            list(&right)
        ))
    }

    fn operand(&mut self, id: NodeId) -> Compiled<ValueId> {
        match self.expr(id) {
            Expr::Field { name, arg } => self.named_field(name, arg.as_ref()),
            Expr::Value(text) => Ok(self.value(Source::Text(text.as_slice().into()), text_shape(false, false))),
            Expr::List(texts) => {
                let parts = texts
                    .iter()
                    .map(|t| self.value(Source::Text(t.as_slice().into()), text_shape(false, false)))
                    .collect();
                Ok(self.value(Source::List(parts), text_shape(true, false)))
            }
            Expr::TransformerList(children) => {
                let parts =
                    children.iter().map(|c| self.operand(*c).map(|v| self.as_text(v))).collect::<Compiled<_>>()?;
                Ok(self.value(Source::List(parts), text_shape(true, false)))
            }
            Expr::Transformer { name, values, arg } => {
                let parts = values.iter().map(|c| self.operand(*c)).collect::<Compiled<Vec<_>>>()?;
                self.transformer(name.as_ref(), &parts, arg.as_ref())
            }
            Expr::Identifier(name) => Err(format!("filter error: unexpected identifier '{name}' in place of a field")),
            _ => Err("filter error: unexpected check in place of a field".into()),
        }
    }

    fn named_field(&mut self, name: &BString, arg: Option<&BString>) -> Compiled<ValueId> {
        let mut text = name.clone();
        if let Some(arg) = arg {
            text.extend_from_slice(b"[");
            text.extend_from_slice(arg);
            text.extend_from_slice(b"]");
        }
        let utf8 = std::str::from_utf8(&text);
        let utf8 = utf8.map_err(|_| format!("filter_check called with nonexistent field {text}"))?;
        let field = match self.registry.find(utf8).map_err(|e| e.to_string())? {
            Known::Table(field) if self.form == Form::Shown => field.shown(),
            Known::Table(field) => field,
            Known::Foreign(field) => {
                let info = field.info();
                let shape = Shape {
                    ty: info.ty,
                    list: info.list,
                    format: info.format,
                    name: info.name.clone().into(),
                    comparable_with_fields: info.comparable_with_fields,
                    transformable: info.transformable,
                };
                return Ok(self.value(Source::Foreign(field), shape));
            }
        };
        let info = field.info();
        self.fields.push(info);
        let shape = Shape {
            ty: field.ty(),
            list: info.flags.has(FieldFlags::IS_LIST),
            format: info.format,
            name: info.name.into(),
            comparable_with_fields: !info.flags.has(FieldFlags::NO_RHS),
            transformable: !info.flags.has(FieldFlags::NO_TRANSFORMER),
        };
        Ok(self.value(Source::Field(field), shape))
    }

    /// Converts a number to text; other values stay.
    fn as_text(&mut self, id: ValueId) -> ValueId {
        match kind(self.shape(id).ty) {
            Kind::Int(_) | Kind::Uint(_) | Kind::Double => self.value(Source::Digits(id), text_shape(false, false)),
            _ => id,
        }
    }

    fn transformer(&mut self, name: &BStr, parts: &[ValueId], arg: Option<&BString>) -> Compiled<ValueId> {
        if name != "getopt" && arg.is_some() {
            return Err(format!("filter error: transformer '{name}' does not support field arguments"));
        }
        if name == "val" && parts.len() == 1 {
            return Ok(parts[0]);
        }
        if let (Some(transform), [inner]) = (Transform::by_name(name), parts) {
            return self.transformed(transform, *inner);
        }
        let shapes: Vec<Shape> = parts.iter().map(|p| self.shape(*p)).collect();
        let is_text = |s: &Shape| s.ty == ParamType::CHARBUF;
        let source = match (&**name, parts) {
            (b"join", &[separator, list]) => {
                if shapes[0].list {
                    return Err("join() first argument (separator) must be a single value, not a list".into());
                }
                if !shapes[1].list {
                    return Err("join() second argument must be a list".into());
                }
                Source::Join(separator, list)
            }
            (b"join", _) => return Err("join() requires exactly 2 arguments: separator and list".into()),
            (b"concat", [_, _, ..]) => {
                if shapes.iter().any(|s| s.list || !is_text(s)) {
                    return Err("concat() arguments must be strings".into());
                }
                Source::Concat(parts.into())
            }
            (b"concat", _) => return Err("concat() requires at least 2 arguments".into()),
            (b"getopt", &[args, letters]) => {
                if !shapes[0].list {
                    return Err("getopt() first argument must be a list".into());
                }
                if shapes[1].list {
                    return Err("getopt() second argument (optstring) must be a single value".into());
                }
                if !shapes.iter().all(is_text) {
                    return Err("getopt() arguments must be strings".into());
                }
                let only = match arg.map(|a| a.as_slice()) {
                    None => None,
                    Some([letter]) => Some(*letter),
                    Some(_) => return Err("getopt() field argument must be a single option character".into()),
                };
                Source::Options(args, letters, only)
            }
            (b"getopt", _) => {
                return Err("getopt() requires exactly 2 arguments: args list and optstring".into());
            }
            _ => {
                return Err(format!(
                    "filter error: unknown transformer '{name}'{}, or not for {} arguments",
                    suggestion(&name.to_string(), TRANSFORMERS.iter().copied()),
                    parts.len()
                ));
            }
        };
        let list = matches!(source, Source::Options(_, _, None));
        Ok(self.value(source, text_shape(list, true)))
    }

    fn transformed(&mut self, transform: Transform, inner: ValueId) -> Compiled<ValueId> {
        let mut shape = self.shape(inner);
        if !shape.transformable {
            return Err(format!("field '{}' does not support transformers", shape.name));
        }
        let Some((ty, list)) = transform.shape(shape.ty, shape.list) else {
            return Err(format!(
                "can't add field transformer: type '{}' is not supported by '{}' transformer applied on {}field '{}'",
                type_name(shape.ty),
                transform.name(),
                if shape.list { "list " } else { "" },
                shape.name
            ));
        };
        if transform == Transform::Len {
            shape.format = Format::DEC;
        }
        (shape.ty, shape.list) = (ty, list);
        Ok(self.value(Source::Transformed(transform, inner), shape))
    }

    fn warn_about(&mut self, op: Operator, at: Position, value: &BStr) {
        let mut warn = |what: String| self.warnings.push(Warning { at, what });
        if op == Operator::Regex && !needs_regex(value) {
            warn(format!(
                "regex check with '{value}' may be optimized with simpler operators such as '=', 'contains', 'startswith', \
                 'endswith'"
            ));
        }
        let bare: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b' ' | 9..=13)).collect();
        // Most constants begin with no field's name: an error, with its search for names that are near, would take long.
        let whole = |text: &str| Field::parse(text).is_ok_and(|(_, len)| len == text.len());
        let is_field = |text: &str| Field::named_by(text).is_some() && whole(text);
        if std::str::from_utf8(&bare).is_ok_and(is_field) {
            warn(format!("'{value}' may be a valid field misused as a const string value"));
        }
        let is_call = |name: &&str| bare.strip_prefix(name.as_bytes()).is_some_and(|r| matches!(r, [b'(', .., b')']));
        for _ in std::iter::once(&"val").chain(TRANSFORMERS).filter(|name| is_call(name)) {
            warn(format!("'{value}' may be a valid field transformer misused as a const string value"));
        }
    }

    /// For which kinds of events a node can hold and can fail. `numbered`: they are numbered, as those of a capture are.
    fn reach(&self, id: NodeId, numbered: bool) -> Reach {
        let of = |id: &NodeId| self.reach(*id, numbered);
        match &self.ast.node(id).expr {
            Expr::And(children) => children.iter().fold(Reach::TRUE, |sum, child| sum.and(of(child))),
            Expr::Or(children) => children.iter().fold(Reach::FALSE, |sum, child| sum.or(of(child))),
            Expr::Not(child) => of(child).negated(),
            _ => match self.reaches.get(&id) {
                Some((reach, field)) if numbered || field.decided() != Decided::Number => **reach,
                _ => Reach::UNKNOWN,
            },
        }
    }

    /// Notes for which kinds of events the check of a node can hold, if it compares a field with constants.
    fn note_reach(&mut self, id: NodeId, check: CheckId) {
        let reach = self.graph.borrow().reach(check);
        self.reaches.extend(reach.map(|reach| (id, reach)));
    }

    /// A field of the filter that makes its result depend on which events came before. A check of it that always holds, or never, does not.
    pub fn counting_field(&self) -> Option<&'static str> {
        let constant = |name: &str| {
            let of_field = |(reach, field): &&(Rc<Reach>, &FieldInfo)| field.name == name && reach.is_constant();
            self.reaches.values().filter(of_field).count()
        };
        let uses = |name: &&str| self.fields.iter().filter(|field| field.name == *name).count();
        let counting = self.fields.iter().filter(|field| field.depends_on_earlier_events());
        counting.map(|field| field.name).find(|name| uses(name) > constant(name))
    }
}

/// The shape of a text that does not come directly from a field.
fn text_shape(list: bool, by_transformer: bool) -> Shape {
    Shape {
        ty: ParamType::CHARBUF,
        list,
        format: Format::NA,
        name: if by_transformer && list { "INTERNAL".into() } else { "NA".into() },
        comparable_with_fields: true,
        transformable: true,
    }
}

/// Whether a regular expression is not replaceable by a simpler operator: it has special characters besides anchors and
/// "any text" at its ends.
fn needs_regex(pattern: &[u8]) -> bool {
    let any = |text: &[u8]| matches!(text, [b'.', b'+' | b'*' | b'?', ..]);
    let mut rest = pattern.strip_prefix(b"^").unwrap_or(pattern);
    rest = rest.strip_suffix(b"$").unwrap_or(rest);
    if rest.len() == pattern.len() && any(rest) {
        rest = &rest[2..];
    }
    if rest.len() >= 2 && any(&rest[rest.len() - 2..]) && pattern.ends_with(rest) {
        rest = &rest[..rest.len() - 2];
    }
    rest.iter().any(|b| b".+*?^$()[]{}|\\".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_that_are_needed() {
        for pattern in ["a.b", "a|b", ".*a.*b", "[a-z]", "a+", "(a)"] {
            assert!(needs_regex(pattern.as_bytes()), "{pattern}");
        }
        for pattern in ["abc", "^abc", "abc$", "^abc$", ".*abc", "abc.*", ".*abc.+"] {
            assert!(!needs_regex(pattern.as_bytes()), "{pattern}");
        }
    }
}
