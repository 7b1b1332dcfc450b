//! A table from known texts to numbers that costs one multiplication and, as a rule, one comparison.

/// Texts known when the mapping is compiled, each with a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyTable {
    /// For each slot, where its entries start and end.
    slots: Vec<(u16, u16)>,
    entries: Vec<Entry>,
    seed: u32,
    shift: u32,
}

#[derive(Debug, Clone)]
struct Entry {
    mixed: u32,
    number: u16,
    key: Box<str>,
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
            known.iter().filter(|(key, _)| std::mem::replace(&mut taken[slot(mixed(key), seed, shift)], true)).count()
        };
        // Odd multipliers only; some texts share length and sampled bytes, so that no seed parts them: take the best.
        let seed = (0..400_u32)
            .map(|n| 0x9E37_79B1_u32.wrapping_add(n.wrapping_mul(0x7F4A_7C16)) | 1)
            .min_by_key(|&s| collisions(s));
        let seed = seed.unwrap_or(1);
        let mut slots = Vec::with_capacity(1 << bits);
        let mut entries: Vec<Entry> = Vec::with_capacity(known.len());
        let end = |entries: &[Entry]| u16::try_from(entries.len()).unwrap_or(u16::MAX);
        for wanted in 0..1_usize << bits {
            let start = end(&entries);
            let here = known.iter().filter(|(key, _)| slot(mixed(key), seed, shift) == wanted);
            entries.extend(here.map(|&(key, number)| Entry { mixed: mixed(key), number, key: Box::from(key) }));
            slots.push((start, end(&entries)));
        }
        Self { slots, entries, seed, shift }
    }

    #[inline]
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        let mixed = mixed(key);
        let (from, to) = *self.slots.get(slot(mixed, self.seed, self.shift))?;
        let entries = self.entries.get(usize::from(from)..usize::from(to))?;
        entries.iter().find(|known| known.mixed == mixed && *known.key == *key).map(|known| usize::from(known.number))
    }
}

/// Length and three bytes: what tells nearly all texts apart.
#[inline]
fn mixed(key: &str) -> u32 {
    let bytes = key.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return 0 };
    let middle = bytes[bytes.len() / 2];
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits of the length are wanted")]
    let length = bytes.len() as u32;
    u32::from(first) | u32::from(last) << 8 | u32::from(middle) << 16 | length << 24
}

/// Multiplied and cut down.
#[inline]
fn slot(mixed: u32, seed: u32, shift: u32) -> usize {
    (mixed.wrapping_mul(seed) >> shift) as usize
}
