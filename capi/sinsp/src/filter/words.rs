//! The words of the filter language.

use crate::ffi::{guard_plain, sinsp_str};
use sinsp_core::filter::TRANSFORMERS;
use sinsp_core::filter::ast::Operator;

/// What a word of the filter language is.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_word_kind {
    /// A comparison operator.
    SINSP_WORD_OPERATOR = 0,
    /// A comparison operator with a list on its right side.
    SINSP_WORD_LIST_OPERATOR = 1,
    /// A transformer.
    SINSP_WORD_TRANSFORMER = 2,
}

/// The word at `index` among those of a kind (`sinsp_word_kind`), valid forever; empty if there are not so many.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_filter_word(kind: u32, index: usize) -> sinsp_str {
    let operator = |operator: &Operator| operator.text();
    let lists = |operator: &&Operator| matches!(operator, Operator::Intersects | Operator::In | Operator::PMatch);
    guard_plain(sinsp_str::EMPTY, || {
        let word = match kind {
            k if k == sinsp_word_kind::SINSP_WORD_OPERATOR as u32 => Operator::ALL.iter().map(operator).nth(index),
            k if k == sinsp_word_kind::SINSP_WORD_LIST_OPERATOR as u32 => {
                Operator::ALL.iter().filter(lists).map(operator).nth(index)
            }
            k if k == sinsp_word_kind::SINSP_WORD_TRANSFORMER as u32 => TRANSFORMERS.get(index).copied(),
            _ => None,
        };
        word.map_or(sinsp_str::EMPTY, |word| sinsp_str::of(word.as_bytes()))
    })
}
