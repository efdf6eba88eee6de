//! The filter language: its parser, its compiler, and the programs that run on events.

pub mod ast;
pub mod escaping;
mod lexer;
pub mod parser;

pub use ast::Ast;
pub use parser::{Parser, parse};
