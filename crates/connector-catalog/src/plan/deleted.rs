//! What becomes of records that the vendor marks as deleted.

use field_mapping::Mark;

/// What a definition says of deleted records. A marked record is never changed: an update answers that there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Deleted {
    /// Nothing.
    #[default]
    Unsaid,
    /// That the vendor shows none.
    Never,
    /// That lists leave them out, and that fetched by their id they are not there.
    LeftOut(Mark),
    /// That they are shown as what they are.
    Shown(Mark),
}

impl Deleted {
    /// How they are told, where there can be some.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        match self {
            Self::Unsaid | Self::Never => None,
            Self::LeftOut(mark) | Self::Shown(mark) => Some(mark),
        }
    }
}
