//! The filter language: its parser, its compiler, and the programs that run on events.
//!
//! Filters that are made by one [`Factory`] share what they have in common: a field is extracted, and a check is made, at most once
//! an event, however many filters ask for it.

pub mod ast;
mod compile;
pub mod escaping;
mod glob;
mod graph;
mod lexer;
pub mod parser;
mod paths;
mod posix_regex;
mod program;
#[cfg(test)]
pub(crate) mod sample;
mod test;
#[cfg(test)]
mod tests;
mod transform;
mod value;

pub use ast::Ast;
pub use compile::Warning;
pub use parser::{Parser, parse};

use crate::codes::CodeSet;
use crate::{EventContext, Extracted, Result};
use compile::Compiler;
use graph::Graph;
use program::Program;
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use graph::{Shape, Source, ValueId};

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
        let mut compiler = Compiler::new(&mut graph, ast);
        let (program, types) = compiler.filter()?;
        let warnings = compiler.warnings;
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

    /// The values of a field or a transformed field, for [`Factory::extract`].
    pub(crate) fn value(&self, ast: &Ast, id: ast::NodeId) -> Result<ValueId> {
        Compiler::new(&mut self.0.borrow_mut(), ast).field(id)
    }

    /// What is known of values without an event.
    pub(crate) fn shape(&self, id: ValueId) -> Shape {
        self.0.borrow().shape(id).clone()
    }

    /// Where values come from.
    pub(crate) fn source(&self, id: ValueId) -> Source {
        self.0.borrow().source(id).clone()
    }

    /// Hands the values for the event to `read`; `None` if there are none.
    pub(crate) fn extract<T>(
        &self,
        id: ValueId,
        event: &EventContext<'_>,
        read: impl FnOnce(&Extracted) -> T,
    ) -> Option<T> {
        let mut graph = self.0.borrow_mut();
        graph.begin(event);
        graph.extract(id, event).map(read)
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
