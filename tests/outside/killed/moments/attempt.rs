//! What is tried, and when it is cut off: the same every time.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Connect,
    Confirm,
    Refresh,
    Rotate,
}

#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub operation: Operation,
    /// Which of the consumers.
    pub consumer: usize,
    /// Whether the consumer's connection is deleted before.
    pub is_first: bool,
    /// When the kill comes, as a share of the time that the operation takes; `None`: once it is done.
    pub share: Option<f64>,
}

/// Each operation once to its end, so that it is known how long it takes, and then so many that are cut off.
pub fn attempts(seed: u64, consumers: usize, kills: usize) -> Vec<Attempt> {
    let operations = [Operation::Connect, Operation::Confirm, Operation::Refresh, Operation::Rotate];
    let mut chance = Chance(seed);
    let attempts = operations.into_iter().cycle().take(operations.len() + kills).enumerate();
    attempts
        .map(|(number, operation)| Attempt {
            operation,
            consumer: chance.below(consumers),
            is_first: chance.below(2) == 0,
            share: (number >= operations.len()).then(|| chance.share() * 1.5),
        })
        .collect()
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap() % end
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }
}
