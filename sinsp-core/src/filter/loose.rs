//! Comparisons and constants outside of filters, for those who hold values themselves.

use super::ast::{Modifier, Operator};
use super::compare::{self, Test};
use super::value::Value;
use crate::{Error, Extracted, Result};
use driver::ParamType;

/// Whether values of a type can be compared by an operator.
///
/// # Errors
/// Says why not.
pub fn check_comparable(op: Operator, modified: bool, ty: ParamType, list: bool) -> Result<()> {
    compare::check_comparable(op, modified, ty, list).map_err(Error::Invalid)
}

/// Parses `text` as a constant of the type and adds it to `values`.
///
/// # Errors
/// It is none of the type.
pub fn parse_constant(ty: ParamType, text: &[u8], values: &mut Extracted) -> Result<()> {
    Value::parse(ty, text).map(|value| value.push_to(values)).map_err(Error::Invalid)
}

/// A comparison with constants, made ready.
#[derive(Debug)]
pub struct Constants {
    op: Operator,
    list: bool,
    test: Test,
}

impl Constants {
    /// Compares values of the type, or lists of such, by the operator with constants as they lie in memory.
    ///
    /// # Errors
    /// The operator does not fit the type, or a constant is none of it.
    pub fn of_raw(
        op: Operator,
        modifier: Option<Modifier>,
        ty: ParamType,
        list: bool,
        constants: &[impl AsRef<[u8]>],
    ) -> Result<Constants> {
        check_comparable(op, modifier.is_some(), ty, list)?;
        let test = match op {
            Operator::Exists => Test::Exists,
            // An operator that takes one value takes the first.
            _ if modifier.is_none() && !constants.is_empty() && takes_one(op) => {
                Test::of_raw(op, modifier, ty, &constants[..1]).map_err(Error::Invalid)?
            }
            _ => Test::of_raw(op, modifier, ty, constants).map_err(Error::Invalid)?,
        };
        Ok(Constants { op, list, test })
    }

    /// Whether it holds for the values.
    pub fn hold(&self, values: &Extracted) -> bool {
        self.test.holds_for(self.op, self.list, values)
    }
}

fn takes_one(op: Operator) -> bool {
    !matches!(op, Operator::In | Operator::Intersects | Operator::PMatch)
}

/// `left op right` for the values of two fields, or of lists.
pub fn values_compare(op: Operator, list: bool, left: &Extracted, right: &Extracted) -> bool {
    op == Operator::Exists || compare::fields_hold(op, list, left, right)
}
