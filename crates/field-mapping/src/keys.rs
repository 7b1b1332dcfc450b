//! A table from known texts to numbers that costs one multiplication and, as a rule, one comparison.

/// Texts known when the mapping is compiled, each with a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyTable {
    /// For each slot, where its entries start; one more at the end.
    starts: Vec<u16>,
    entries: Vec<(Box<str>, u16)>,
    seed: u32,
    shift: u32,
}

impl KeyTable {
    /// The texts numbered as given. Of equal texts the first counts.
    pub(crate) fn new<'k>(keys: impl IntoIterator<Item = (&'k str, u16)>) -> Self {
        let mut known: Vec<(&str, u16)> = Vec::new();
        for (key, number) in keys {
            if known.iter().all(|&(other, _)| other != key) {
                known.push((key, number));
            }
        }
        let bits = (known.len().max(2) * 4).next_power_of_two().trailing_zeros();
        let shift = 32 - bits;
        let collisions = |seed: u32| {
            let mut taken = vec![false; 1 << bits];
            known.iter().filter(|(key, _)| std::mem::replace(&mut taken[slot(key, seed, shift)], true)).count()
        };
        // Odd multipliers only; some texts share length and sampled bytes, so that no seed parts them: take the best.
        let seed = (0..400_u32)
            .map(|n| 0x9E37_79B1_u32.wrapping_add(n.wrapping_mul(0x7F4A_7C16)) | 1)
            .min_by_key(|&s| collisions(s));
        let seed = seed.unwrap_or(1);
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut entries = Vec::with_capacity(known.len());
        for number in 0..1_usize << bits {
            starts.push(u16::try_from(entries.len()).unwrap_or(u16::MAX));
            let here = known.iter().filter(|(key, _)| slot(key, seed, shift) == number);
            entries.extend(here.map(|&(key, value)| (Box::from(key), value)));
        }
        starts.push(u16::try_from(entries.len()).unwrap_or(u16::MAX));
        Self { starts, entries, seed, shift }
    }

    #[inline]
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let slot = slot(key, self.seed, self.shift);
        let from = usize::from(*self.starts.get(slot)?);
        let to = usize::from(*self.starts.get(slot + 1)?);
        self.entries.get(from..to)?.iter().find(|(known, _)| **known == *key).map(|&(_, number)| usize::from(number))
    }
}

/// Length and three bytes, multiplied and cut down.
#[inline]
fn slot(key: &str, seed: u32, shift: u32) -> usize {
    let bytes = key.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return 0 };
    let middle = bytes[bytes.len() / 2];
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits of the length are wanted")]
    let mixed = u32::from(first) | u32::from(last) << 8 | u32::from(middle) << 16 | (bytes.len() as u32) << 24;
    (mixed.wrapping_mul(seed) >> shift) as usize
}
