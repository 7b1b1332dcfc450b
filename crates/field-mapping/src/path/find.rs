//! The one way to follow a path: through a tape, a borrowed tree or an owned one.

use crate::json::node::Node;
use crate::path::{Step, Test};

/// The value at a path of a document.
pub(crate) fn find<'d, N: Node<'d>>(node: N, steps: &[Step]) -> Option<N> {
    let Some((step, rest)) = steps.split_first() else { return Some(node) };
    let tests: &[Test] = match step {
        Step::Member(name) => return find(node.member(name)?, rest),
        Step::Select(tests) | Step::Each(tests) => tests,
    };
    let mut found = None;
    node.elements(|element| {
        if tests.iter().all(|test| holds(test, element)) {
            found = find(element, rest);
        }
        found.is_none()
    });
    found
}

/// Whether an element passes a test; a member that is missing or null differs from every text.
pub(crate) fn holds<'d, N: Node<'d>>(test: &Test, element: N) -> bool {
    element.member(&test.member).is_some_and(|own| own.view().is_text(&test.value)) == test.equal
}
