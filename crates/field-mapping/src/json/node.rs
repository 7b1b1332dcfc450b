//! One way to look at every kind of parsed JSON: the simd-json tape, borrowed trees, and the trees of `serde_json`.

use std::borrow::Cow;

use serde_json_borrow::Value as Borrowed;
use simd_json::{Node as TapeEntry, StaticNode};

use crate::json::bytes::float_text;

/// A value, looked at. Lists and objects are walked through [`Node`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum View<'d> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'d str),
    List,
    Object,
}

impl<'d> View<'d> {
    /// A scalar as text; `None` for null, lists and objects.
    pub(crate) fn text(self) -> Option<Cow<'d, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Self::Unsigned(number) => Some(Cow::Owned(number.to_string())),
            Self::Signed(number) => Some(Cow::Owned(number.to_string())),
            Self::Float(number) => Some(Cow::Owned(float_text(number))),
            Self::Null | Self::List | Self::Object => None,
        }
    }

    /// Whether a scalar, written as text, is this text.
    pub(crate) fn is_text(self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }
}

/// A value in a document.
pub(crate) trait Node<'d>: Copy {
    fn view(self) -> View<'d>;

    /// Calls for each member of an object, in document order, repeated names included; for other values never.
    fn members(self, call: impl FnMut(&'d str, Self));

    /// Calls for each element of a list until told to stop; for other values never.
    fn elements(self, call: impl FnMut(Self) -> bool);

    /// The last member of that name.
    fn member(self, name: &str) -> Option<Self> {
        let mut found = None;
        self.members(|own, value| {
            if own == name {
                found = Some(value);
            }
        });
        found
    }
}

/// A value on a simd-json tape: the entry that opens it, and all that follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnTape<'d>(pub(crate) &'d [TapeEntry<'d>]);

#[inline]
fn extent(entry: &TapeEntry<'_>) -> usize {
    match entry {
        TapeEntry::Object { count, .. } | TapeEntry::Array { count, .. } => count + 1,
        _ => 1,
    }
}

impl<'d> Node<'d> for OnTape<'d> {
    #[inline]
    fn view(self) -> View<'d> {
        match self.0.first() {
            Some(TapeEntry::String(text)) => View::Text(text),
            Some(TapeEntry::Static(StaticNode::U64(number))) => View::Unsigned(*number),
            Some(TapeEntry::Static(StaticNode::I64(number))) => View::Signed(*number),
            Some(TapeEntry::Static(StaticNode::F64(number))) => View::Float(*number),
            Some(TapeEntry::Static(StaticNode::Bool(flag))) => View::Bool(*flag),
            Some(TapeEntry::Object { .. }) => View::Object,
            Some(TapeEntry::Array { .. }) => View::List,
            Some(TapeEntry::Static(StaticNode::Null)) | None => View::Null,
        }
    }

    #[inline]
    fn members(self, mut call: impl FnMut(&'d str, Self)) {
        let Some((TapeEntry::Object { len, .. }, mut rest)) = self.0.split_first() else { return };
        for _ in 0..*len {
            let Some((TapeEntry::String(name), value)) = rest.split_first() else { return };
            let Some(entry) = value.first() else { return };
            call(name, OnTape(value));
            rest = value.get(extent(entry)..).unwrap_or_default();
        }
    }

    #[inline]
    fn elements(self, mut call: impl FnMut(Self) -> bool) {
        let Some((TapeEntry::Array { len, .. }, mut rest)) = self.0.split_first() else { return };
        for _ in 0..*len {
            let Some(entry) = rest.first() else { return };
            if !call(OnTape(rest)) {
                return;
            }
            rest = rest.get(extent(entry)..).unwrap_or_default();
        }
    }
}

impl<'d> Node<'d> for &'d Borrowed<'d> {
    fn view(self) -> View<'d> {
        match self {
            Borrowed::Null => View::Null,
            Borrowed::Bool(flag) => View::Bool(*flag),
            Borrowed::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => View::Unsigned(number),
                (None, Some(number)) => View::Signed(number),
                (None, None) => View::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Borrowed::Str(text) => View::Text(text),
            Borrowed::Array(_) => View::List,
            Borrowed::Object(_) => View::Object,
        }
    }

    fn members(self, mut call: impl FnMut(&'d str, Self)) {
        if let Borrowed::Object(members) = self {
            members.iter().for_each(|(name, value)| call(name, value));
        }
    }

    fn elements(self, mut call: impl FnMut(Self) -> bool) {
        if let Borrowed::Array(elements) = self {
            let _ = elements.iter().all(&mut call);
        }
    }
}

impl<'d> Node<'d> for &'d serde_json::Value {
    fn view(self) -> View<'d> {
        match self {
            serde_json::Value::Null => View::Null,
            serde_json::Value::Bool(flag) => View::Bool(*flag),
            serde_json::Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => View::Unsigned(number),
                (None, Some(number)) => View::Signed(number),
                (None, None) => View::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => View::Text(text),
            serde_json::Value::Array(_) => View::List,
            serde_json::Value::Object(_) => View::Object,
        }
    }

    fn member(self, name: &str) -> Option<Self> {
        self.get(name)
    }

    fn members(self, mut call: impl FnMut(&'d str, Self)) {
        if let Some(members) = self.as_object() {
            members.iter().for_each(|(name, value)| call(name, value));
        }
    }

    fn elements(self, mut call: impl FnMut(Self) -> bool) {
        if let Some(elements) = self.as_array() {
            let _ = elements.iter().all(&mut call);
        }
    }
}

/// A value of an element, or of the JSON text that one of its members holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decoded<'x, N> {
    /// From the vendor's document.
    Outer(N),
    /// A scalar found by the quick scan of the text.
    Scalar(View<'x>),
    /// From the text parsed in full.
    Inner(&'x Borrowed<'x>),
}

impl<'x, 'd: 'x, N: Node<'d>> Node<'x> for Decoded<'x, N> {
    #[inline]
    fn view(self) -> View<'x> {
        match self {
            Self::Outer(node) => node.view(),
            Self::Scalar(view) => view,
            Self::Inner(node) => node.view(),
        }
    }

    fn members(self, mut call: impl FnMut(&'x str, Self)) {
        match self {
            Self::Outer(node) => node.members(|name, value| call(name, Self::Outer(value))),
            Self::Inner(node) => node.members(|name, value| call(name, Self::Inner(value))),
            Self::Scalar(_) => (),
        }
    }

    fn elements(self, mut call: impl FnMut(Self) -> bool) {
        match self {
            Self::Outer(node) => node.elements(|value| call(Self::Outer(value))),
            Self::Inner(node) => node.elements(|value| call(Self::Inner(value))),
            Self::Scalar(_) => (),
        }
    }
}
