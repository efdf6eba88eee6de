//! libpman: the BPF probe in single steps.

pub mod libpman;
pub(crate) mod probe;

#[cfg(test)]
mod tests;
