//! Comparisons and constants outside filters, for callers with their own values.

use super::ast::{Modifier, Operator};
use super::compare::{self, Test};
use super::value::Value;
pub use super::value::type_name;
use crate::{Error, Extracted, Result};
use driver::ParamType;

/// Checks that values of a type can be compared with an operator.
///
/// # Errors
/// The reason why not.
pub fn check_comparable(op: Operator, modified: bool, ty: ParamType, list: bool) -> Result<()> {
    compare::check_comparable(op, modified, ty, list).map_err(Error::Invalid)
}

/// Parses `text` as a constant of the type and adds it to `values`.
///
/// # Errors
/// `text` is no such constant.
pub fn parse_constant(ty: ParamType, text: &[u8], values: &mut Extracted) -> Result<()> {
    Value::parse(ty, text).map(|value| value.push_to(values)).map_err(Error::Invalid)
}

/// A prepared comparison with constants.
#[derive(Debug)]
pub struct Constants {
    op: Operator,
    list: bool,
    test: Test,
}

impl Constants {
    /// Prepares a comparison of values of the type, or of lists of them, with constants in the memory format of the plugin
    /// API.
    ///
    /// # Errors
    /// The operator does not fit the type, or a constant does not.
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
            // An operator for one value uses the first constant.
            _ if modifier.is_none() && !constants.is_empty() && takes_one(op) => {
                Test::of_raw(op, modifier, ty, &constants[..1]).map_err(Error::Invalid)?
            }
            _ => Test::of_raw(op, modifier, ty, constants).map_err(Error::Invalid)?,
        };
        Ok(Constants { op, list, test })
    }

    /// Whether the comparison holds for the values.
    pub fn hold(&self, values: &Extracted) -> bool {
        self.test.holds_for(self.op, self.list, values)
    }
}

fn takes_one(op: Operator) -> bool {
    !matches!(op, Operator::In | Operator::Intersects | Operator::PMatch)
}

/// `left op right` for the values of two fields or lists.
pub fn values_compare(op: Operator, list: bool, left: &Extracted, right: &Extracted) -> bool {
    op == Operator::Exists || compare::fields_hold(op, list, left, right)
}
