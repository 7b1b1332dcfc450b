//! Fingerprints: short marks of cursors and ids, by which one that was seen before is known without being kept.

use unified_model::Position;

/// How many of the last cursors are known for certain.
const RECENT: u64 = 16;
/// Characters of a mark.
const MARK: usize = 8;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 48 bits of a text (FNV-1a, its upper bits folded in): the same on every server and in every version.
pub(crate) fn of(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash ^ (hash >> 48)) & 0xffff_ffff_ffff
}

/// The cursors that led to a place: the last ones, and of those before them the 1st, 2nd, 4th, 8th and so on. So its size is
/// bounded by the logarithm of the number of pages, and a circle of any length is noticed after at most two rounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trail {
    steps: u64,
    marks: String,
}

impl Trail {
    /// A position taken apart: where it leads, and what came before it.
    pub(crate) fn split(position: &Position) -> (&Position, Self) {
        match position {
            Position::Trail { at, steps, seen } => (at, Self { steps: *steps, marks: seen.clone() }),
            plain => (plain, Self::default()),
        }
    }

    /// The position with its trail.
    pub(crate) fn join(self, at: Position) -> Position {
        if self.steps == 0 {
            return at;
        }
        Position::Trail { at: Box::new(at), steps: self.steps, seen: self.marks }
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        let mark = mark(text);
        self.marks.as_bytes().chunks(MARK).any(|known| known == mark.as_bytes())
    }

    /// The trail one step on.
    pub(crate) fn with(mut self, text: &str) -> Self {
        let older = self.older();
        self.steps += 1;
        self.marks.push_str(&mark(text));
        let leaves = self.steps.saturating_sub(RECENT);
        if leaves > 0 && !leaves.is_power_of_two() && self.marks.len() >= (older + 1) * MARK {
            self.marks.replace_range(older * MARK..(older + 1) * MARK, "");
        }
        self
    }

    /// How many marks stand before the recent ones.
    fn older(&self) -> usize {
        let left = self.steps.saturating_sub(RECENT);
        left.checked_ilog2().map_or(0, |power| power as usize + 1)
    }
}

fn mark(text: &str) -> String {
    let bits = of(text).to_le_bytes();
    let bit = |place: usize| usize::from(bits[place / 8] >> (place % 8) & 1) << (place % 6);
    let letter = |place: usize| LETTERS[(6 * place..6 * place + 6).map(bit).sum::<usize>()];
    (0..MARK).map(|place| char::from(letter(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(steps: u64, name: impl Fn(u64) -> String) -> Trail {
        (1..=steps).fold(Trail::default(), |trail, step| trail.with(&name(step)))
    }

    #[test]
    fn recent_cursors_and_powers_of_two_are_known() {
        let trail = walked(1000, |step| format!("cursor {step}"));
        let known: Vec<u64> = (1..=1000).filter(|step| trail.contains(&format!("cursor {step}"))).collect();
        let expected: Vec<u64> = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].into_iter().chain(985..=1000).collect();
        assert_eq!(known, expected);
        assert_eq!(trail.marks.len(), 26 * MARK);
        assert!(!trail.contains("another"));
    }

    #[test]
    fn a_circle_of_any_length_is_noticed() {
        for (tail, circle) in [(0, 1), (3, 16), (5, 17), (40, 100), (1, 333)] {
            let name = |step: u64| (if step <= tail { step } else { tail + (step - tail) % circle + 1 }).to_string();
            let mut trail = Trail::default();
            let noticed = (1..2_000).find(|step| {
                let is_known = trail.contains(&name(*step));
                trail = std::mem::take(&mut trail).with(&name(*step));
                is_known
            });
            let noticed = noticed.expect("a circle");
            assert!(noticed > circle && noticed <= 3 * (tail + circle) + RECENT, "{tail} {circle}: {noticed}");
        }
    }

    #[test]
    fn a_position_keeps_its_trail() {
        let trail = walked(3, |step| step.to_string());
        let position = trail.clone().join(Position::Cursor("4".to_owned()));
        assert_eq!(Trail::split(&position), (&Position::Cursor("4".to_owned()), trail));
        let plain = Position::Cursor("1".to_owned());
        assert_eq!(Trail::default().join(plain.clone()), plain);
    }
}
