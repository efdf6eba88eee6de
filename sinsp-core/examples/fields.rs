//! Prints which fields are extracted, a line a class: its name, how many there are, and those that have no value yet.
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
