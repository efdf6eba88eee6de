//! The filter language: parser, compiler and evaluation.
//!
//! The filters of a [`Factory`] share fields and checks: each field is extracted and each check evaluated at most once per
//! event.
//!
//! A filter is processed as follows: text, [`parser`], [`Ast`], `compile.rs`, `program.rs`, whose checks are in `graph.rs`
//! and use the comparisons of `compare.rs`. `reach.rs` finds for which kinds of events it can hold.
//!
//! To add an operator, add it to `ast.rs`, to the list in `parser.rs` that fits its right-hand side, and to `compare.rs`
//! (types, result). To add a transformer, add its name to `parser.rs` and its function to `transform.rs`.

pub mod ast;
mod cases;
mod compare;
mod compile;
pub mod escaping;
#[cfg(test)]
mod foreign_tests;
pub mod glob;
mod graph;
mod ids;
mod lexer;
pub mod loose;
pub mod parser;
mod paths;
mod posix_regex;
mod program;
mod reach;
#[cfg(test)]
pub(crate) mod sample;
mod stamps;
mod suspend;
#[cfg(test)]
mod tests;
mod transform;
mod value;

pub use ast::Ast;
pub use cases::{Cases, Outcome};
pub use compile::{Form, Warning};
pub use parser::{Parser, TRANSFORMERS, parse};
pub use transform::Transform;

use crate::codes::CodeSet;
use crate::context::Moment;
use crate::fields::{Arg, Field, FieldFlags, FieldInfo, Reads, Registry};
use crate::{Error, EventContext, Extracted, Result};
use compile::Compiler;
use driver::{Format, ParamType};
pub use graph::Shape;
use graph::{Graph, Source};
use ids::ValueId;
use program::Program;
use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use suspend::Suspended;

/// The nesting limit of foreign code that runs filters with foreign code.
const MAX_DEPTH: u32 = 32;

/// The limit of resumptions of one evaluation. Before each, the code of a foreign field or check has run.
const MAX_TRIES: u32 = 10_000;

/// Compiles filters and extractors, and holds what they share. Clones are the same factory.
#[derive(Debug, Clone, Default)]
pub struct Factory {
    graph: Rc<RefCell<Graph>>,
    registry: Rc<Registry>,
}

impl Factory {
    /// A new factory whose fields are those of the table.
    pub fn new() -> Factory {
        Factory::default()
    }

    /// A factory that shares the graph of this one and looks up fields in `registry`.
    pub fn with_registry(&self, registry: Rc<Registry>) -> Factory {
        Factory { graph: self.graph.clone(), registry }
    }

    /// Compiles a filter.
    ///
    /// # Errors
    /// [`crate::Error::Check`]: an unknown field, an invalid comparison, or a node that is no check.
    pub fn compile(&self, ast: &Ast) -> Result<Filter> {
        self.compiling(ast, Form::Compared, |compiler| {
            let (program, cases, types) = compiler.filter()?;
            let mut graph = self.graph.borrow_mut();
            program.checks().for_each(|check| graph.keep_check(check));
            let reads = program.checks().try_fold(Reads::Event, |all, check| Some(all.max(graph.reads(check)?)));
            let warnings = std::mem::take(&mut compiler.warnings);
            let counting = compiler.counting_field();
            let mut fields = std::mem::take(&mut compiler.fields);
            fields.sort_unstable_by_key(|field| field.name);
            fields.dedup_by_key(|field| field.name);
            Ok(Filter { factory: self.clone(), program, reads, types, cases, counting, fields, warnings })
        })
    }

    /// Parses and compiles a filter. Error messages name the place in the text.
    ///
    /// # Errors
    /// Those of [`parse`] and [`Factory::compile`].
    pub fn compile_text(&self, text: &[u8]) -> Result<Filter> {
        self.compile(&parse(text)?).map_err(Error::in_text)
    }

    /// The number of values and of checks of all its filters, each counted once.
    pub fn size(&self) -> (usize, usize) {
        self.graph.borrow().len()
    }

    /// A field or a transformed field, in the form that its values are for.
    ///
    /// # Errors
    /// Those of [`Factory::compile`].
    pub fn extractor(&self, ast: &Ast, id: ast::NodeId, form: Form) -> Result<Extractor> {
        self.compiling(ast, form, |compiler| {
            let id = compiler.field(id)?;
            let mut graph = self.graph.borrow_mut();
            graph.keep_values(id);
            Ok(Extractor { factory: self.clone(), id, shape: graph.shape(id).clone() })
        })
    }

    /// Runs `compile` on a tree. The graph is not borrowed meanwhile, because the lookup of a field can run foreign code.
    fn compiling<T>(&self, ast: &Ast, form: Form, compile: impl FnOnce(&mut Compiler<'_>) -> Result<T>) -> Result<T> {
        let mut graph = self.use_graph()?;
        graph.sweep();
        graph.compilers += 1;
        drop(graph);
        let compiled = compile(&mut Compiler::new(&self.graph, &self.registry, ast, form));
        let mut graph = self.graph.borrow_mut();
        graph.compilers -= 1;
        compiled.inspect_err(|_| graph.note_waste())
    }

    /// The graph; an error within a field that is extracted at once ([`crate::fields::ForeignField::at_once`]).
    #[inline]
    fn use_graph(&self) -> Result<RefMut<'_, Graph>> {
        self.graph.try_borrow_mut().map_err(|_| {
            Error::Invalid("filters and formats cannot be used by a field that one of them is extracting".into())
        })
    }

    /// The graph, for evaluations for the event; an error as that of [`Factory::use_graph`].
    #[inline]
    fn begun(&self, event: &EventContext<'_>) -> Result<RefMut<'_, Graph>> {
        let mut graph = self.use_graph()?;
        graph.begin(&event.moment());
        Ok(graph)
    }

    #[inline]
    fn evaluate<T>(
        &self,
        event: &EventContext<'_>,
        mut question: impl FnMut(&mut Graph) -> std::result::Result<T, Suspended>,
    ) -> Result<T> {
        let mut graph = self.begun(event)?;
        match question(&mut graph) {
            Ok(answer) => Ok(answer),
            Err(Suspended) => Ok(self.evaluate_foreign(event, graph, &mut question)?.1),
        }
    }

    /// A reader of values for the event.
    #[inline]
    pub fn reader<'a, 'e>(&'a self, event: &'a EventContext<'e>) -> Reader<'a, 'e> {
        Reader { factory: self, event, graph: None }
    }

    /// Resumes a suspended evaluation: runs the foreign code without a borrow of the graph, and evaluates again.
    #[cold]
    fn evaluate_foreign<'a, T>(
        &'a self,
        event: &EventContext<'_>,
        mut graph: RefMut<'a, Graph>,
        question: &mut dyn FnMut(&mut Graph) -> std::result::Result<T, Suspended>,
    ) -> Result<(RefMut<'a, Graph>, T)> {
        if graph.depth >= MAX_DEPTH {
            return Err(Error::Invalid(format!(
                "checks of the program that run filters are nested too deeply: more than {MAX_DEPTH} times"
            )));
        }
        for _ in 0..MAX_TRIES {
            let Some((mut work, mark)) = graph.take_pending() else { break };
            graph.depth += 1;
            drop(graph);
            let done = work.run(event);
            graph = self.graph.borrow_mut();
            graph.depth -= 1;
            graph.resume(work, mark, done.as_ref().ok().copied());
            done?;
            if let Ok(answer) = question(&mut graph) {
                return Ok((graph, answer));
            }
        }
        Err(Error::Invalid(format!(
            "a filter or a format has no result after {MAX_TRIES} tries: checks of the program change what other checks read"
        )))
    }
}

/// The values of a field, with or without transformers.
#[derive(Debug)]
pub struct Extractor {
    factory: Factory,
    id: ValueId,
    shape: Shape,
}

impl Extractor {
    /// The static description of the values.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The field, if it is one of the table without transformers. A copy: not for each event.
    pub fn field(&self) -> Option<Field> {
        match self.factory.graph.borrow().source(self.id) {
            Source::Field(field) => Some(field.clone()),
            _ => None,
        }
    }

    /// The type and the print format of its values for an event: those of the shape, unless they depend on the event.
    pub fn type_for(&self, event: &EventContext<'_>) -> (ParamType, Format) {
        match self.factory.graph.borrow().source(self.id) {
            Source::Field(field) => field.type_for(event),
            _ => (self.shape.ty, self.shape.format),
        }
    }

    /// Whether it is a field that could have an argument in brackets, and has none.
    pub fn lacks_argument(&self) -> bool {
        match self.factory.graph.borrow().source(self.id) {
            Source::Field(field) => *field.arg() == Arg::None && field.info().flags.has(FieldFlags::ARG_ALLOWED),
            Source::Foreign(field) => field.lacks_argument(),
            _ => false,
        }
    }

    /// Asks for the positions of the values in the event ([`Extracted::span`]).
    pub fn locate(&self) {
        self.factory.graph.borrow_mut().locate(self.id);
    }

    /// Passes the values for the event to `read`, which must not use the factory; `None` if the event does not have them.
    ///
    /// # Errors
    /// A foreign field failed.
    pub fn extract<T>(&self, event: &EventContext<'_>, read: impl FnOnce(&Extracted) -> T) -> Result<Option<T>> {
        Ok(self.factory.reader(event).read(self)?.map(read))
    }
}

/// Reads the values of several extractors of a factory for one event. Until it is dropped nothing else may use the factory, except the code of foreign
/// fields that it reads.
pub struct Reader<'a, 'e> {
    factory: &'a Factory,
    event: &'a EventContext<'e>,
    graph: Option<RefMut<'a, Graph>>,
}

impl<'a> Reader<'a, '_> {
    /// The values of an extractor, which is of this factory; `None` if the event does not have them.
    ///
    /// # Errors
    /// A foreign field failed.
    #[inline]
    pub fn read(&mut self, extractor: &Extractor) -> Result<Option<&Extracted>> {
        debug_assert!(Rc::ptr_eq(&self.factory.graph, &extractor.factory.graph));
        if self.graph.is_none() {
            self.graph = Some(self.factory.begun(self.event)?);
        }
        let id = extractor.id;
        let present = match self.graph.as_mut().map(|graph| graph.present(id, self.event)) {
            Some(Ok(present)) => present,
            _ => self.read_foreign(id)?,
        };
        Ok(self.graph.as_ref().filter(|_| present).map(|graph| graph.extracted(id)))
    }

    /// As [`Reader::read`] without the values, if they need foreign code.
    #[cold]
    fn read_foreign(&mut self, id: ValueId) -> Result<bool> {
        let graph = match self.graph.take() {
            Some(graph) => graph,
            None => self.factory.begun(self.event)?,
        };
        let event = self.event;
        let (mut graph, present) =
            self.factory.evaluate_foreign(event, graph, &mut |graph: &mut Graph| graph.present(id, event))?;
        // The code may have changed what the next values depend on.
        graph.begin(&event.moment());
        self.graph = Some(graph);
        Ok(present)
    }
}

impl Drop for Extractor {
    fn drop(&mut self) {
        // Within a field that is extracted at once, the values stay.
        if let Ok(mut graph) = self.factory.use_graph() {
            graph.drop_values(self.id);
        }
    }
}

/// A compiled filter.
#[derive(Debug)]
pub struct Filter {
    factory: Factory,
    program: Program,
    /// What its result depends on; `None` if that can change at any time.
    reads: Option<Reads>,
    types: CodeSet,
    cases: Cases,
    counting: Option<&'static str>,
    fields: Vec<&'static FieldInfo>,
    warnings: Vec<Warning>,
}

impl Filter {
    /// Whether it holds for the event.
    ///
    /// # Errors
    /// A foreign field or check failed.
    #[inline]
    pub fn run(&self, event: &EventContext<'_>) -> Result<bool> {
        if !self.types.contains(event.info.ty.0) {
            return Ok(false);
        }
        self.factory.evaluate(event, |graph| self.program.run(graph, event))
    }

    /// Whether it holds for the event of `moment`, if that follows from checks that were evaluated already, also for other filters. Otherwise
    /// [`Filter::run`] finds out.
    #[inline]
    pub fn known(&self, moment: &Moment) -> Option<bool> {
        if !self.types.contains(moment.ty.0) {
            return Some(false);
        }
        let mut graph = self.factory.graph.try_borrow_mut().ok()?;
        graph.begin(moment);
        self.program.known(&graph)
    }

    /// Whether its result for the event stays the same while that is the current event and the [`Clock`](crate::state::Clock) of the state does not
    /// advance. Not if it reads what the clock does not see: values of programs and plugins, the addresses of names, and with the state, a plugin's table of
    /// containers, and threads or fds that objects outside the core hold.
    pub fn lasts(&self, event: &EventContext<'_>) -> bool {
        let unwritten = match self.reads {
            Some(Reads::Event) => true,
            Some(Reads::State) => event.state.threads.exposed() == 0 && event.view.containers.0.is_none(),
            None => false,
        };
        unwritten && event.is_only_one()
    }

    /// The event types for which it can hold.
    pub fn types(&self) -> &CodeSet {
        &self.types
    }

    /// The kinds of events of a capture for which it can hold.
    pub fn cases(&self) -> &Cases {
        &self.cases
    }

    /// A field by which its result depends on which events came before: on their number, their times, or what was remembered of them.
    pub fn counting_field(&self) -> Option<&'static str> {
        self.counting
    }

    /// The fields of the table that it uses, each once.
    pub fn fields(&self) -> &[&'static FieldInfo] {
        &self.fields
    }

    /// Constructs that are valid but probably not intended.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // Within a field that is extracted at once, the checks stay.
        if let Ok(mut graph) = self.factory.use_graph() {
            self.program.checks().for_each(|check| graph.drop_check(check));
        }
    }
}
