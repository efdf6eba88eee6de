//! The filter language: its parser, its compiler, and the programs that run on events.
//!
//! Filters that are made by one [`Factory`] share what they have in common: a field is extracted, and a check is made, at most once
//! an event, however many filters ask for it.
//!
//! A filter's way: text, [`parser`], [`Ast`], `compile.rs`, `program.rs` with its checks in `graph.rs`, whose comparisons are
//! `compare.rs`.
//!
//! To add an operator, name it in `ast.rs`, put it into the list in `parser.rs` that says what follows it, and tell `compare.rs` which
//! types it fits and when it holds. To add a transformer, name it in `parser.rs` and say in `transform.rs` what it makes of what.

pub mod ast;
mod compare;
mod compile;
pub mod escaping;
pub mod glob;
mod graph;
mod lexer;
pub mod parser;
mod paths;
mod posix_regex;
mod program;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod transform;
mod value;

pub use ast::Ast;
pub use compile::Warning;
pub use parser::{Parser, parse};

use crate::codes::CodeSet;
use crate::fields::Field;
use crate::{EventContext, Extracted, Result};
use compile::Compiler;
pub use graph::Shape;
use graph::{Graph, Source, ValueId};
use program::Program;
use std::cell::RefCell;
use std::rc::Rc;

/// Makes filters, and knows what they share. Copies are the same factory.
#[derive(Debug, Clone, Default)]
pub struct Factory(Rc<RefCell<Graph>>);

impl Factory {
    /// A factory without filters.
    pub fn new() -> Factory {
        Factory::default()
    }

    /// Compiles a filter.
    ///
    /// # Errors
    /// [`crate::Error::Check`]: the tree names fields that do not exist, compares what cannot be compared, or holds what is no
    /// check.
    pub fn compile(&self, ast: &Ast) -> Result<Filter> {
        let mut graph = self.0.borrow_mut();
        graph.sweep();
        let mut compiler = Compiler::new(&mut graph, ast);
        let compiled = compiler.filter();
        let warnings = compiler.warnings;
        let (program, types) = compiled.inspect_err(|_| graph.note_waste())?;
        program.checks().for_each(|check| graph.keep_check(check));
        Ok(Filter { factory: self.clone(), program, types, warnings })
    }

    /// Parses and compiles a filter.
    ///
    /// # Errors
    /// Those of [`parse`] and of [`Factory::compile`].
    pub fn compile_text(&self, text: &[u8]) -> Result<Filter> {
        self.compile(&parse(text)?)
    }

    /// How many values and how many checks its filters have in all, each counted once.
    pub fn size(&self) -> (usize, usize) {
        self.0.borrow().len()
    }

    /// A field or a transformed field.
    ///
    /// # Errors
    /// Those of [`Factory::compile`].
    pub fn extractor(&self, ast: &Ast, id: ast::NodeId) -> Result<Extractor> {
        let mut graph = self.0.borrow_mut();
        graph.sweep();
        let id = Compiler::new(&mut graph, ast).field(id).inspect_err(|_| graph.note_waste())?;
        graph.keep_values(id);
        Ok(Extractor { factory: self.clone(), id, shape: graph.shape(id).clone() })
    }
}

/// The values of a field or a transformed field.
#[derive(Debug)]
pub struct Extractor {
    factory: Factory,
    id: ValueId,
    shape: Shape,
}

impl Extractor {
    /// What is known of the values without an event.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The field, if it is not transformed.
    pub fn field(&self) -> Option<Field> {
        match self.factory.0.borrow().source(self.id) {
            Source::Field(field) => Some(field.clone()),
            _ => None,
        }
    }

    /// Hands the values for the event to `read`, which must not use the factory; `None` if the event does not have them.
    pub fn extract<T>(&self, event: &EventContext<'_>, read: impl FnOnce(&Extracted) -> T) -> Option<T> {
        let mut graph = self.factory.0.borrow_mut();
        graph.begin(event);
        graph.extract(self.id, event).map(read)
    }
}

impl Drop for Extractor {
    fn drop(&mut self) {
        self.factory.0.borrow_mut().drop_values(self.id);
    }
}

/// A compiled filter.
#[derive(Debug)]
pub struct Filter {
    factory: Factory,
    program: Program,
    types: CodeSet,
    warnings: Vec<Warning>,
}

impl Filter {
    /// Whether it holds for the event.
    #[inline]
    pub fn run(&self, event: &EventContext<'_>) -> bool {
        if !self.types.contains(event.info.ty.0) {
            return false;
        }
        let mut graph = self.factory.0.borrow_mut();
        graph.begin(event);
        self.program.run(&mut graph, event)
    }

    /// The types of events that it can hold for, as far as they tell.
    pub fn types(&self) -> &CodeSet {
        &self.types
    }

    /// What it says that is likely not meant.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        let mut graph = self.factory.0.borrow_mut();
        self.program.checks().for_each(|check| graph.drop_check(check));
    }
}
