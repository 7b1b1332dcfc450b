//! Requests of which less is known than of the others: those that say so by `evidence`.

use field_mapping::Evidence;

use crate::check::checker::Checker;
use crate::file::values::Word;
use crate::file::{ResourceFile, WriteFile};
use crate::plan::Doubtful;
use field_mapping::yaml::Placed;

type Said<'f> = (&'f Placed<String>, &'f Option<Word<Evidence>>);

/// Every request that is seen or assumed alone, each once.
pub(crate) fn requests(written: &ResourceFile, checker: &mut Checker<'_>) -> Vec<Doubtful> {
    let alternatives = written.all.iter().flat_map(|all| &all.alternatives);
    let listed = alternatives.map(|way| (&way.value.request, &way.value.evidence));
    let one = written.one.iter().map(|one| (&one.request, &one.evidence));
    let writes = [&written.add, &written.update].into_iter().flatten().flat_map(|write| of_write(&write.value));
    let removed = written.delete.iter().map(|delete| (&delete.request, &delete.evidence));
    let mut all: Vec<Doubtful> = Vec::new();
    for (request, evidence) in listed.chain(one).chain(writes).chain(removed) {
        let Some(evidence) = evidence.as_ref().and_then(|word| checker.word("evidence", word)) else { continue };
        let doubtful = Doubtful { request: request.value.clone(), evidence };
        if evidence != Evidence::Documented && !all.contains(&doubtful) {
            all.push(doubtful);
        }
    }
    all
}

fn of_write(write: &WriteFile) -> impl Iterator<Item = Said<'_>> {
    let chosen = write.choose.iter().flatten().flat_map(|choice| &choice.value.steps);
    let steps = write.steps.iter().flatten().chain(chosen).map(|step| (&step.value.request, &step.value.evidence));
    write.request.iter().map(|request| (request, &write.evidence)).chain(steps)
}
