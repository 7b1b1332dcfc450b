//! The way to a place in the record, as a `JSONPath` (RFC 9535).

use crate::custom::json_path::JsonPath;
use crate::path::Test;

/// The way from the record to one of its places.
#[derive(Debug, Clone)]
pub(super) struct Location(String);

impl Location {
    pub(super) fn record() -> Self {
        Self("$".to_owned())
    }

    pub(super) fn member(&self, name: &str) -> Self {
        Self(format!("{}[{}]", self.0, quoted(name)))
    }

    /// The elements for which all tests hold.
    pub(super) fn elements(&self, tests: &[Test]) -> Self {
        if tests.is_empty() {
            return Self(format!("{}[*]", self.0));
        }
        let tests: Vec<String> = tests.iter().map(condition).collect();
        Self(format!("{}[?{}]", self.0, tests.join(" && ")))
    }

    pub(super) fn is(&self, path: &str) -> bool {
        self.0 == path
    }

    /// The path, where a custom mapping can take it.
    pub(super) fn path(&self) -> Option<&str> {
        JsonPath::parse(&self.0).is_ok().then_some(&self.0)
    }
}

fn condition(test: &Test) -> String {
    let comparison = if test.equal { "==" } else { "!=" };
    format!("@[{}] {comparison} {}", quoted(&test.member), quoted(&test.value))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
