//! The members that a record is judged by before it is mapped, all found in one pass over its names.

use crate::json::node::Node;
use crate::path::{Step, VendorPath, find};

/// No guard looks at more; what it looks at beyond is found one by one.
const MOST: usize = 8;

/// The names of the members to look for.
pub(crate) struct Glance<'p>(Vec<&'p str>);

/// What a record has of them.
pub(crate) struct Seen<'g, N> {
    names: &'g [&'g str],
    found: [Option<N>; MOST],
    record: N,
}

impl<'p> Glance<'p> {
    /// Looks for the members that these paths begin with.
    pub(crate) fn new(paths: impl Iterator<Item = &'p VendorPath>) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for path in paths {
            if let Some(Step::Member(name)) = path.steps.first()
                && !names.contains(&name.as_str())
                && names.len() < MOST
            {
                names.push(name);
            }
        }
        Self(names)
    }

    /// Of a repeated member the last counts.
    pub(crate) fn at<'d, N: Node<'d>>(&self, record: N) -> Seen<'_, N> {
        let mut found = [None; MOST];
        record.members(|name, value| {
            if let Some(place) = self.0.iter().position(|wanted| *wanted == name) {
                found[place] = Some(value);
            }
        });
        Seen { names: &self.0, found, record }
    }
}

impl<'d, N: Node<'d>> Seen<'_, N> {
    /// The value at a path of the record.
    pub(crate) fn find(&self, steps: &[Step]) -> Option<N> {
        let Some((Step::Member(name), rest)) = steps.split_first() else { return find(self.record, steps) };
        match self.names.iter().position(|wanted| wanted == name) {
            Some(place) => find(self.found[place]?, rest),
            None => find(self.record, steps),
        }
    }
}
