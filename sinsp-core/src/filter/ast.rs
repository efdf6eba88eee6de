//! The syntax tree of a filter.
//!
//! All nodes are in one vector and refer to their children by index; children come before parents. So a tree can be copied,
//! passed over the C interface and dropped without recursion.

use super::escaping::escape;
use crate::error::Position;
use bstr::BString;

/// The index of a node in [`Ast::nodes`].
pub type NodeId = u32;

/// The most levels of a tree, because trees are traversed recursively.
pub const MAX_DEPTH: u32 = 1000;

/// A filter, a field or a transformed field, parsed or built.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ast {
    nodes: Vec<Node>,
    /// The height of each node above its deepest leaf.
    depths: Vec<u32>,
    root: NodeId,
}

/// A node and its position in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The position; offset 0, line 1, column 1 for a node that was not parsed.
    pub at: Position,
    /// The expression.
    pub expr: Expr,
}

/// The expression of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All children hold.
    And(Vec<NodeId>),
    /// At least one child holds.
    Or(Vec<NodeId>),
    /// The child does not hold.
    Not(NodeId),
    /// A bare word: the name of a macro or list, which the user of the tree replaces.
    Identifier(BString),
    /// A constant.
    Value(BString),
    /// Constants in parentheses.
    List(Vec<BString>),
    /// A list of transformer arguments in parentheses.
    TransformerList(Vec<NodeId>),
    /// A unary check of a field: `left exists`.
    Unary {
        /// The field, with or without transformers.
        left: NodeId,
        /// The operator.
        op: Operator,
    },
    /// A comparison: `left op right`.
    Binary {
        /// The field, with or without transformers.
        left: NodeId,
        /// The operator.
        op: Operator,
        /// How many of several right-hand values must match; `None`: as the operator defines.
        modifier: Option<Modifier>,
        /// A value, list, field or transformer.
        right: NodeId,
    },
    /// A field: `name` or `name[arg]`.
    Field {
        /// Its full name, such as `proc.aname`.
        name: BString,
        /// The argument in brackets.
        arg: Option<BString>,
    },
    /// `name(values)` or `name(values)[arg]`.
    Transformer {
        /// Its name, such as `tolower`.
        name: BString,
        /// Its arguments.
        values: Vec<NodeId>,
        /// The argument in brackets.
        arg: Option<BString>,
    },
}

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A comparison operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operator { $($(#[$doc])* $name),+ }

        impl Operator {
            /// All operators.
            pub const ALL: &'static [Operator] = &[$(Operator::$name),+];

            /// The operator's text.
            pub fn text(self) -> &'static str {
                match self { $(Operator::$name => $text),+ }
            }

            /// The operator with this text.
            pub fn from_text(text: &str) -> Option<Operator> {
                match text { $($text => Some(Operator::$name),)+ _ => None }
            }
        }
    };
}

operators! {
    /// Has a value.
    Exists = "exists",
    /// Less or equal.
    Le = "<=",
    /// Less.
    Lt = "<",
    /// Greater or equal.
    Ge = ">=",
    /// Greater.
    Gt = ">",
    /// Equal; another spelling of [`Operator::Eq`].
    EqEq = "==",
    /// Equal.
    Eq = "=",
    /// Not equal.
    Ne = "!=",
    /// Matches a shell pattern.
    Glob = "glob",
    /// Matches a shell pattern, ignoring case.
    IGlob = "iglob",
    /// Contains a text.
    Contains = "contains",
    /// Contains a text, ignoring case.
    IContains = "icontains",
    /// Contains bytes, given in hexadecimal.
    BContains = "bcontains",
    /// Starts with a text.
    StartsWith = "startswith",
    /// Starts with bytes, given in hexadecimal.
    BStartsWith = "bstartswith",
    /// Ends with a text.
    EndsWith = "endswith",
    /// Matches a regular expression as a whole.
    Regex = "regex",
    /// Has a value in common with a list.
    Intersects = "intersects",
    /// Is in a list; for a field with several values, all of them are.
    In = "in",
    /// Is one of several paths, or is below one.
    PMatch = "pmatch",
}

/// How many of several right-hand values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// Exactly one.
    OneOf,
    /// At least one.
    AnyOf,
    /// Every one.
    AllOf,
}

impl Modifier {
    /// All modifiers.
    pub const ALL: &'static [Modifier] = &[Modifier::OneOf, Modifier::AnyOf, Modifier::AllOf];

    /// The modifier's text.
    pub fn text(self) -> &'static str {
        match self {
            Modifier::OneOf => "oneof",
            Modifier::AnyOf => "anyof",
            Modifier::AllOf => "allof",
        }
    }

    /// The modifier with this text.
    pub fn from_text(text: &str) -> Option<Modifier> {
        Modifier::ALL.iter().copied().find(|m| m.text() == text)
    }
}

impl Ast {
    /// An empty tree.
    pub fn new() -> Ast {
        Ast::default()
    }

    /// Adds a node, which becomes the root. Its children must exist.
    ///
    /// # Errors
    /// A child does not exist, or the tree gets more than [`MAX_DEPTH`] levels.
    pub fn push(&mut self, at: Position, expr: Expr) -> crate::Result<NodeId> {
        let id = self.nodes.len() as NodeId;
        let below = |children: &[NodeId]| {
            let mut depths = children.iter().map(|child| self.depths.get(*child as usize).copied());
            depths.try_fold(0, |deepest, depth| depth.map(|d| d.max(deepest)))
        };
        let below = match &expr {
            Expr::And(c) | Expr::Or(c) | Expr::TransformerList(c) | Expr::Transformer { values: c, .. } => below(c),
            Expr::Not(c) | Expr::Unary { left: c, .. } => below(&[*c]),
            Expr::Binary { left, right, .. } => below(&[*left, *right]),
            Expr::Identifier(_) | Expr::Value(_) | Expr::List(_) | Expr::Field { .. } => Some(0),
        };
        let Some(below) = below else {
            return Err(crate::Error::Invalid(format!("node {id} of a filter names a child that does not precede it")));
        };
        if below >= MAX_DEPTH {
            return Err(crate::Error::Invalid(format!("a filter has at most {MAX_DEPTH} levels of nodes")));
        }
        self.depths.push(below + 1);
        self.nodes.push(Node { at, expr });
        self.root = id;
        Ok(id)
    }

    /// The root node.
    ///
    /// # Panics
    /// If the tree is empty; the parser never returns an empty tree.
    pub fn root(&self) -> NodeId {
        assert!(!self.nodes.is_empty(), "a filter without a node");
        self.root
    }

    /// All nodes; children come before parents.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node `id`.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The tree below `id` as text, with all groups in parentheses.
    pub fn text(&self, id: NodeId) -> BString {
        let mut out = Vec::new();
        self.write(id, &mut out);
        out.into()
    }

    fn write(&self, id: NodeId, out: &mut Vec<u8>) {
        match &self.node(id).expr {
            Expr::And(children) => self.write_list(children, " and ", out),
            Expr::Or(children) => self.write_list(children, " or ", out),
            Expr::Not(child) => {
                out.extend_from_slice(b"not ");
                self.write(*child, out);
            }
            Expr::Identifier(name) => out.extend_from_slice(name),
            Expr::Value(value) => escape(value, out),
            Expr::List(values) => {
                out.push(b'(');
                for (i, value) in values.iter().enumerate() {
                    out.extend_from_slice(if i > 0 { b", " } else { b"" });
                    escape(value, out);
                }
                out.push(b')');
            }
            Expr::TransformerList(children) => self.write_list(children, ",", out),
            Expr::Unary { left, op } => {
                self.write(*left, out);
                out.push(b' ');
                out.extend_from_slice(op.text().as_bytes());
            }
            Expr::Binary { left, op, modifier, right } => {
                self.write(*left, out);
                for word in std::iter::once(op.text()).chain(modifier.map(Modifier::text)) {
                    out.push(b' ');
                    out.extend_from_slice(word.as_bytes());
                }
                out.push(b' ');
                self.write(*right, out);
            }
            Expr::Field { name, arg } => {
                out.extend_from_slice(name);
                write_arg(arg, out);
            }
            Expr::Transformer { name, values, arg } => {
                out.extend_from_slice(name);
                self.write_list(values, ",", out);
                write_arg(arg, out);
            }
        }
    }

    fn write_list(&self, children: &[NodeId], separator: &str, out: &mut Vec<u8>) {
        out.push(b'(');
        for (i, child) in children.iter().enumerate() {
            out.extend_from_slice(if i > 0 { separator.as_bytes() } else { b"" });
            self.write(*child, out);
        }
        out.push(b')');
    }
}

fn write_arg(arg: &Option<BString>, out: &mut Vec<u8>) {
    if let Some(arg) = arg {
        out.push(b'[');
        if arg.is_empty() {
            out.extend_from_slice(b"\"\"");
        }
        escape(arg, out);
        out.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_to_precede_its_parent() {
        let mut ast = Ast::new();
        assert!(ast.push(Position::default(), Expr::Not(0)).is_err());
        let leaf = ast.push(Position::default(), Expr::Identifier("a".into())).unwrap();
        let not = ast.push(Position::default(), Expr::Not(leaf)).unwrap();
        assert_eq!(ast.root(), not);
        assert!(ast.push(Position::default(), Expr::And(vec![leaf, 7])).is_err());
    }

    #[test]
    fn a_tree_has_a_limited_depth() {
        let mut ast = Ast::new();
        let mut id = ast.push(Position::default(), Expr::Identifier("a".into())).unwrap();
        for _ in 1..MAX_DEPTH {
            id = ast.push(Position::default(), Expr::Not(id)).unwrap();
        }
        let error = ast.push(Position::default(), Expr::Not(id)).unwrap_err().to_string();
        assert!(error.contains("at most 1000 levels"), "{error}");
        // Recursive users handle the same depth.
        assert!(ast.text(ast.root()).len() > MAX_DEPTH as usize);
        let _ = crate::codes::of_filter(&ast, crate::codes::CodeKind::Event);
        assert!(crate::filter::Factory::new().compile(&ast).is_err());
    }

    #[test]
    fn operators_are_found_by_their_text() {
        for op in Operator::ALL {
            assert_eq!(Operator::from_text(op.text()), Some(*op));
        }
        assert_eq!(Operator::from_text("==="), None);
        assert_eq!(Modifier::from_text("anyof"), Some(Modifier::AnyOf));
    }
}
