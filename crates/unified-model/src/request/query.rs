//! Query strings: percent-encoding, bracketed keys, and the values that count as absent.

use std::borrow::Cow;

use crate::request::PassThroughValue;
use crate::request::findings::{Findings, shortened};
use percent_encoding::percent_decode_str;

/// Far beyond what a client sends; a longer query is a mistake or an attack.
const MAX_PAIRS: usize = 200;
const MAX_BRACKETS: usize = 8;

/// `filter[name]=Acme`: root `filter`, brackets `["name"]`, value `Acme`.
#[derive(Debug)]
struct Pair {
    root: String,
    brackets: Vec<String>,
    value: String,
}

/// A query string taken apart.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<Pair>,
}

impl Query {
    pub(crate) fn parse(query: &str, findings: &mut Findings) -> Self {
        let parts = || query.split('&').filter(|part| !part.is_empty());
        let count = parts().count();
        if count > MAX_PAIRS {
            findings.violation("query", format!("has {count} parameters; send at most {MAX_PAIRS}"));
            return Self::default();
        }
        let mut pairs = Vec::new();
        for part in parts() {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match (decode(key), decode(value)) {
                (Ok(key), Ok(value)) => pairs.extend(pair(&key, value, findings)),
                (Err(message), _) | (_, Err(message)) => findings.violation("query", message),
            }
        }
        Self { pairs }
    }

    /// A parameter without brackets; empty text and the text `null`, which one SDK sends for unset values, are absent.
    pub(crate) fn scalar(&self, name: &str, findings: &mut Findings) -> Option<&str> {
        let pairs = self.pairs.iter().filter(|pair| pair.root == name && pair.brackets.is_empty());
        single(pairs.map(|pair| pair.value.as_str()), name, findings).filter(|value| !is_absent(value))
    }

    /// The members of `root[member]`, each once, with their values; the text `null` is absent.
    pub(crate) fn members(&self, root: &str, findings: &mut Findings) -> Vec<(&str, &str)> {
        let mut members = Vec::new();
        for (member, values) in self.repeated(root, findings) {
            let at = format!("{root}[{}]", shortened(member));
            members.extend(single(values.into_iter(), &at, findings).map(|value| (member, value)));
        }
        members.retain(|(_, value)| *value != "null");
        members
    }

    /// The members of `root[member]`, each once, with all that they are given.
    pub(crate) fn repeated(&self, root: &str, findings: &mut Findings) -> Vec<(&str, Vec<&str>)> {
        let mut members: Vec<(&str, Vec<&str>)> = Vec::new();
        for pair in self.pairs.iter().filter(|pair| pair.root == root) {
            match pair.brackets.as_slice() {
                [] if is_absent(&pair.value) => {}
                [] => findings.violation(root, format!("must be written with brackets: {root}[member]=value")),
                [member] => match members.iter_mut().find(|(known, _)| known == member) {
                    Some((_, values)) => values.push(&pair.value),
                    None => members.push((member, vec![&pair.value])),
                },
                [member, ..] => {
                    let at = format!("{root}[{}]", shortened(member));
                    findings.violation(at, "takes one value and no further brackets");
                }
            }
        }
        members
    }

    /// `root[a][b]=c` as a tree, in the order sent; a repeated key makes a list.
    pub(crate) fn tree(&self, root: &str, findings: &mut Findings) -> Vec<(String, PassThroughValue)> {
        let mut tree = Vec::new();
        for pair in self.pairs.iter().filter(|pair| pair.root == root) {
            if pair.brackets.is_empty() && is_absent(&pair.value) {
                continue;
            }
            if plant(&mut tree, &pair.brackets, &pair.value).is_none() {
                let brackets = shortened(&pair.brackets.join("]["));
                let message =
                    "needs a name in its brackets, and one name cannot hold both a value and further brackets";
                findings.violation(format!("{root}[{brackets}]"), message);
            }
        }
        tree
    }
}

pub(crate) fn is_absent(value: &str) -> bool {
    value.is_empty() || value == "null"
}

/// The one value that a parameter has, however often it is repeated.
pub(crate) fn single<'v>(
    mut values: impl Iterator<Item = &'v str>,
    at: &str,
    findings: &mut Findings,
) -> Option<&'v str> {
    let first = values.next()?;
    if values.any(|value| value != first) {
        findings.violation(at, "is given more than once with different values; send it once");
    }
    Some(first)
}

fn plant(tree: &mut Vec<(String, PassThroughValue)>, brackets: &[String], value: &str) -> Option<()> {
    let (name, rest) = brackets.split_first().filter(|(name, _)| !name.is_empty())?;
    let is_list = rest.len() == 1 && rest[0].is_empty();
    let known = tree.iter_mut().find(|(known, _)| known == name).map(|(_, known)| known);
    if rest.is_empty() || is_list {
        match known {
            None if is_list => tree.push((name.clone(), PassThroughValue::List(vec![value.to_owned()]))),
            None => tree.push((name.clone(), PassThroughValue::Text(value.to_owned()))),
            Some(PassThroughValue::List(values)) => values.push(value.to_owned()),
            Some(PassThroughValue::Nested(_)) => return None,
            Some(known) => {
                if let PassThroughValue::Text(first) = known {
                    *known = PassThroughValue::List(vec![std::mem::take(first), value.to_owned()]);
                }
            }
        }
        return Some(());
    }
    match known {
        Some(PassThroughValue::Nested(below)) => plant(below, rest, value),
        Some(_) => None,
        None => {
            let mut below = Vec::new();
            plant(&mut below, rest, value)?;
            tree.push((name.clone(), PassThroughValue::Nested(below)));
            Some(())
        }
    }
}

/// Takes a key apart. A key with broken brackets names no parameter, so it is ignored like every unknown key.
fn pair(key: &str, value: String, findings: &mut Findings) -> Option<Pair> {
    let (root, rest) = key.split_at(key.find('[').unwrap_or(key.len()));
    let mut brackets = Vec::new();
    let mut rest = rest;
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix('[')?.split_once(']')?;
        brackets.push(name.to_owned());
        rest = after;
        if brackets.len() > MAX_BRACKETS {
            let message = format!("nests brackets deeper than {MAX_BRACKETS}");
            findings.violation(shortened(root), message);
            return None;
        }
    }
    Some(Pair { root: root.to_owned(), brackets, value })
}

/// Decodes `%41` and `+`.
fn decode(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    for (index, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%') {
        let digits = bytes.get(index + 1..index + 3).unwrap_or_default();
        if digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(format!("has a % without two hexadecimal digits in `{}`; write % as %25", shortened(text)));
        }
    }
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(format!("is not UTF-8 once decoded: `{}`", shortened(text))),
    }
}
