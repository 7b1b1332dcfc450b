//! The rules that tell which of a vendor's answers are errors, and what each means.

use std::collections::BTreeSet;

use field_mapping::VendorPath;
use serde_json::Value;

use crate::check::checker::{Checker, listed};
use crate::file::ErrorFile;
use crate::file::values::{Number, Tree};
use crate::plan::{ErrorMeaning, ErrorRule, Statuses};
use field_mapping::yaml::Placed;

pub(crate) fn compile(
    rule: &Placed<ErrorFile>,
    steps: &BTreeSet<&str>,
    checker: &mut Checker<'_>,
) -> Option<ErrorRule> {
    let written = &rule.value;
    let status = written.status.as_ref().map(|status| statuses(status, checker));
    check_narrow(rule, checker);
    let on: Vec<_> = written.on.iter().filter_map(|operation| checker.word("on", operation)).collect();
    for step in written.steps.iter().filter(|step| !steps.contains(step.value.as_str())) {
        let known = listed(steps.iter().copied());
        checker.mistake(step.place, format!("`steps`: there is no step `{}`; the steps are {known}", step.value));
    }
    let has = written.has.as_ref().and_then(|path| checker.path("has", path));
    let member: Vec<_> = written.member.iter().filter_map(|(path, value)| member(path, value, checker)).collect();
    let meaning = checker.word("as", &written.meaning)?;
    if meaning == ErrorMeaning::Failed && !status.flatten().is_some_and(Statuses::are_success) {
        let message = "`as: failed` is for an error inside a success; write a `status` such as 2xx beside it";
        checker.mistake(written.meaning.place, message);
    }
    Some(ErrorRule {
        status: status.flatten(),
        on,
        steps: written.steps.iter().map(|step| step.value.clone()).collect(),
        has,
        member,
        text: written.text,
        contains: written.contains.as_ref().and_then(|text| checker.filled("contains", text)),
        meaning,
        message: written.message.as_ref().and_then(|text| checker.filled("message", text)),
    })
}

/// A rule that fits every answer, or every success, would make errors of the vendor's records.
fn check_narrow(rule: &Placed<ErrorFile>, checker: &mut Checker<'_>) {
    let written = &rule.value;
    let looks_inside =
        written.has.is_some() || !written.member.0.is_empty() || written.contains.is_some() || written.text;
    match &written.status {
        None if !looks_inside => {
            let message = "`errors`: a rule needs `status`, `has`, `member`, `text` or `contains`; this one would match every answer";
            checker.mistake(rule.place, message);
        }
        Some(status) if !looks_inside && status.text == "2xx" => {
            let message = "`errors`: a rule for 2xx needs `has`, `member`, `text` or `contains`; this one would match every success";
            checker.mistake(rule.place, message);
        }
        None | Some(_) => {}
    }
}

fn statuses(written: &Number<Statuses>, checker: &mut Checker<'_>) -> Option<Statuses> {
    if written.parsed.is_none() {
        let message = format!("`status: {}`: allowed is a number from 100 to 599, or 1xx to 5xx", written.text);
        checker.mistake(written.place, message);
    }
    written.parsed
}

fn member(path: &Placed<String>, value: &Placed<Tree>, checker: &mut Checker<'_>) -> Option<(VendorPath, Value)> {
    let path = checker.path("member", path);
    match &value.value {
        Tree::Scalar(scalar) => Some((path?, scalar.clone())),
        Tree::List(_) | Tree::Mapping(_) => {
            checker.mistake(value.place, "`member` compares with a text, a number, true, false or null");
            None
        }
    }
}
