//! GUIDs: made from the sandbox's own numbers, and read from what callers send.

use super::random::SplitMix;

/// A GUID of version 4, as far as its looks go.
pub(crate) fn next(random: &mut SplitMix) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff,
    )
}

/// The GUID in lower case; `None` for any other text.
pub(crate) fn parse(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split('-').collect();
    let is_guid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_guid.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_can_be_read() {
        let guid = next(&mut SplitMix::new(1));
        assert_eq!(parse(&guid.to_uppercase()), Some(guid));
        assert_eq!(parse("00000000-0000-0000-0000-00000000000g"), None);
        assert_eq!(parse(""), None);
    }
}
