//! Fields that are more than a place: cases, tables of the vendor's, patterns, computed numbers, elements of a text.

use std::sync::Arc;

use unified_model::schema::Kind;

use crate::check::Compiler;
use crate::check::case::{Case, Cases, Operand};
use crate::check::checked::{Arithmetic, Body, Computed};
use crate::check::fields::{Base, Owner, Subject};
use crate::check::sources::SourceParts;
use crate::check::types::noun;
use crate::file::place::FilePlace;
use crate::file::{CaseBody, FieldBody, Mode, OperandBody, ReferenceBody};
use crate::path::{Step, VendorPath};
use crate::value::convert::{Converter, LookupIn};
use crate::yaml::Placed;

impl Compiler<'_> {
    pub(super) fn cases(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<Body> {
        let Subject { path, property, place, .. } = subject;
        let scalar = !matches!(property.kind, Kind::List(_) | Kind::Object(_) | Kind::FreeObject);
        let dated = matches!(property.kind, Kind::Text { format: Some(_), .. });
        if !scalar || dated {
            self.wrong(place, format!("`cases` choose one value, but `{path}` is {}", noun(&property.kind)));
            return None;
        }
        let mut cases = Vec::new();
        for case in body.cases.iter().flatten() {
            cases.extend(self.case(subject, case));
        }
        if let Some(otherwise) = &body.otherwise {
            self.constant(path, &property.kind, place, otherwise);
        }
        Some(Body::Cases(Cases {
            list: cases,
            otherwise: body.otherwise.as_ref().map(|value| value.value.clone()),
            text: body
                .at
                .as_ref()
                .and_then(|words| self.text_beside_cases(Subject { place: &place.at(words), ..subject }, body)),
            yields_to: body.yields_to.iter().flatten().map(|name| name.value.clone()).collect(),
        }))
    }

    /// The place of what no case says.
    fn text_beside_cases(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<VendorPath> {
        let Subject { path, property, place, base } = subject;
        let free = matches!(&property.kind, Kind::Text { one_of, format: None, .. } if one_of.is_empty());
        let words = body.at.as_ref().map(|words| words.value.0.as_slice()).unwrap_or_default();
        let ([only], true, true, None) = (words, free, base == Base::Record, &body.otherwise) else {
            let message = "`at` beside `cases` is one place of a free text of the record, without `otherwise`";
            self.wrong(place, format!("`{path}`: {message}"));
            return None;
        };
        self.record_path(subject, only)
    }

    fn case(&mut self, subject: Subject<'_>, case: &Placed<CaseBody>) -> Option<Case> {
        let Subject { path, property, place, .. } = subject;
        let own = place.at(case);
        self.constant(path, &property.kind, place, &case.value.value);
        if case.value.when.0.is_empty() {
            self.wrong(&own, format!("`{path}`: a case needs `when` with what the vendor then holds"));
            return None;
        }
        let mut when = Vec::new();
        for (name, operand) in &case.value.when.0 {
            let place = place.at(name);
            let Some(member) = self.path(&place, &name.value) else { continue };
            let subject = Subject { place: &place, ..subject };
            self.readable(subject, &member, false);
            if let Some(operand) = self.operand(Subject { place: &place.at(operand), ..subject }, &operand.value) {
                when.push((member, operand));
            }
        }
        let read_only = case.value.mode.as_ref().is_some_and(|mode| mode.value == Mode::Read);
        Some(Case { place: own, value: case.value.value.value.clone(), when, read_only })
    }

    fn operand(&mut self, subject: Subject<'_>, body: &OperandBody) -> Option<Operand> {
        let Subject { path, place, .. } = subject;
        let reference = match body {
            OperandBody::Literals(values) => {
                if values.is_empty() || values.iter().any(|value| value.is_array() || value.is_object()) {
                    self.wrong(place, format!("`{path}`: a member is compared with a value or with several"));
                    return None;
                }
                return Some(Operand::Literals(values.clone()));
            }
            OperandBody::Reference(reference) => &**reference,
        };
        let or = reference.or.as_ref().map(|value| value.value.clone());
        match reference {
            ReferenceBody { at: Some(text), lookup: None, by: None, take: None, .. } => {
                let other = self.record_path(subject, text)?;
                Some(Operand::At { at: other, or })
            }
            ReferenceBody { at: None, lookup: Some(table), by: Some(by), take: Some(take), .. } => {
                let by = self.record_path(subject, by)?;
                let take = self.path(&place.at(take), &take.value)?;
                self.lookups.entry(table.value.clone()).or_default().push(take.clone());
                Some(Operand::Lookup { table: table.value.clone(), by, take, or })
            }
            _ => {
                self.wrong(
                    place,
                    format!("`{path}`: a member is compared with a value, `{{ at, else }}` or `{{ lookup, by, take, else }}`"),
                );
                None
            }
        }
    }

    fn record_path(&mut self, subject: Subject<'_>, text: &Placed<String>) -> Option<VendorPath> {
        let place = subject.place.at(text);
        let found = self.path(&place, &text.value)?;
        self.readable(Subject { place: &place, base: Base::Record, ..subject }, &found, false);
        Some(found)
    }

    /// Puts the pattern and the table before the other converters, behind one that takes a list or a document apart.
    pub(super) fn looked_up(&mut self, place: &FilePlace, body: &FieldBody, chain: &mut Vec<Converter>) {
        let mut first = usize::from(matches!(
            chain.first(),
            Some(Converter::CommaSeparated | Converter::JsonText | Converter::JsonList)
        ));
        if let Some(pattern) = &body.extract {
            let place = place.at(pattern);
            match regex_lite::Regex::new(&pattern.value) {
                Ok(regex) if regex.captures_len() == 2 => {
                    chain.insert(first, Converter::Extract(Arc::new(regex)));
                    first += 1;
                }
                Ok(_) => self.wrong(&place, "`extract` needs a pattern with one group, such as \"#([0-9]+)\""),
                Err(error) => self.wrong(&place, format!("`extract` is no regular expression: {error}")),
            }
        }
        if let Some(lookup) = &body.lookup
            && let Some(take) = self.path(&place.at(&lookup.value.take), &lookup.value.take.value)
        {
            let table = lookup.value.table.value.clone();
            self.lookups.entry(table.clone()).or_default().push(take.clone());
            chain.insert(first, Converter::Lookup(Arc::new(LookupIn { table, take })));
        }
    }

    pub(super) fn index(&mut self, subject: Subject<'_>) -> Option<Body> {
        let Subject { path, property, place, base } = subject;
        if !matches!(base, Base::Element | Base::Text) {
            self.wrong(place, format!("`index` counts the elements of a list, and `{path}` is in none"));
            return None;
        }
        if !matches!(property.kind, Kind::Integer { minimum: None | Some(..=0), .. } | Kind::Number | Kind::Any) {
            self.wrong(place, format!("`index` makes an integer, but `{path}` is {}", noun(&property.kind)));
            return None;
        }
        Some(Body::Index)
    }

    pub(super) fn computed(&mut self, subject: Subject<'_>, body: &FieldBody, mode: Mode) -> Option<Body> {
        let Subject { path, property, place, .. } = subject;
        if mode == Mode::Write {
            self.wrong(place, format!("`{path}` is computed, so it is read; say `mode: read`"));
        }
        if !matches!(property.kind, Kind::Integer { .. } | Kind::Number) {
            self.wrong(place, format!("a computed number does not fit, `{path}` is {}", noun(&property.kind)));
            return None;
        }
        let how = if body.product.is_some() { Arithmetic::Product } else { Arithmetic::Difference };
        let parts: Vec<String> =
            body.product.iter().chain(&body.difference).flatten().map(|name| name.value.clone()).collect();
        if parts.len() < 2 || (how == Arithmetic::Difference && parts.len() > 2) {
            self.wrong(place, format!("`{path}` needs two fields to be computed from"));
        }
        let divided_by = body.divided_by.as_ref().map_or(1.0, |number| number.value);
        if !divided_by.is_normal() {
            self.wrong(place, format!("`{path}`: nothing can be divided by {divided_by}"));
        }
        Some(Body::Computed(Computed { how, parts, divided_by }))
    }

    /// What separates the elements of a text.
    pub(super) fn separator(
        &mut self,
        owner: Owner<'_>,
        parts: &SourceParts<'_>,
        each: Option<&VendorPath>,
    ) -> Option<String> {
        let split = parts.split?;
        let (path, place) = (owner.path, owner.place.at(split));
        let plain = each.is_some_and(|each| each.steps.iter().all(|step| matches!(step, Step::Member(_))));
        if !plain || !parts.decode.0.is_empty() {
            self.wrong(&place, format!("`{path}`: `split` takes the text of one member apart, named by `each`"));
        } else if split.value.trim().is_empty() {
            self.wrong(&place, format!("`{path}`: `split` needs what stands between two elements"));
        }
        Some(split.value.clone())
    }
}
