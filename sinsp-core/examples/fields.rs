//! Prints the field classes, one per line: name, number of fields, and the fields that are not implemented.
//!
//! ```text
//! cargo run -p sinsp-core --example fields
//! ```

fn main() {
    for class in sinsp_core::fields::classes() {
        let missing: Vec<_> = class.fields.iter().filter(|f| !f.extracted()).map(|f| f.name).collect();
        println!("{}\t{}\t{}", class.name, class.fields.len(), missing.join(","));
    }
}
