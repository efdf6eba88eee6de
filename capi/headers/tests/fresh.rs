//! The committed headers equal the generated ones.

use std::fs;

#[test]
fn headers_are_fresh() {
    for (path, text) in headers::outputs().expect("the sources can be read") {
        let committed = fs::read_to_string(headers::root().join(&path)).unwrap_or_default();
        assert!(committed == text, "{} is not what the sources make: run `./dev headers`", path.display());
    }
}
