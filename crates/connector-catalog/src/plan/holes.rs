//! Texts with holes taken apart: `/contacts/{id}`. What a hole may name is the business of whoever asks.

/// A part of a text with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text between holes; never empty.
    Text(&'t str),
    /// What stands between two braces.
    Hole(&'t str),
}

/// The parts of a text, in order. A brace that is never closed is the last, and an error.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find('{').unwrap_or(rest.len());
        if open > 0 {
            let (before, behind) = rest.split_at(open);
            rest = behind;
            return Some(Ok(Piece::Text(before)));
        }
        let inside = rest.strip_prefix('{')?;
        let Some((name, behind)) = inside.split_once('}') else {
            rest = "";
            return Some(Err(format!("`{{` is never closed in `{text}`")));
        };
        rest = behind;
        Some(Ok(Piece::Hole(name)))
    })
}
