//! The forms that say which fields records have: read, and put anew as a whole.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::records::json_body;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, VendorRequest};

const TENANT_ID: &str = "3f1d2c66-8a44-4d7b-9a0e-5b1c00000001";

/// A field of a form.
#[derive(Debug, Clone)]
pub(super) struct Field {
    id: String,
    label: String,
}

/// The forms of an instance, by what they are for.
#[derive(Debug, Clone, Default)]
pub(super) struct Forms {
    organizations: Vec<Field>,
    contacts: Vec<Field>,
    /// Of leads and of opportunities.
    opportunities: Vec<Field>,
}

impl Forms {
    /// Every form with the same fields.
    pub(super) fn alike(fields: &[(&str, &str)]) -> Self {
        let fields: Vec<Field> =
            fields.iter().map(|(id, label)| Field { id: (*id).to_owned(), label: (*label).to_owned() }).collect();
        Self { organizations: fields.clone(), contacts: fields.clone(), opportunities: fields }
    }

    /// The label of a field; `None` when the form of that kind does not have it.
    pub(super) fn label(&self, kind: Kind, id: &str) -> Option<&str> {
        let form = match kind {
            Kind::Organization => &self.organizations,
            Kind::Contact => &self.contacts,
            Kind::Lead | Kind::Opportunity => &self.opportunities,
        };
        form.iter().find(|field| field.id == id).map(|field| field.label.as_str())
    }

    fn at(&mut self, area: &str, form: &str) -> Option<&mut Vec<Field>> {
        match (area, form) {
            ("pipeline", "opportunities") => Some(&mut self.opportunities),
            ("directory", "contacts") => Some(&mut self.contacts),
            ("directory", "organizations") => Some(&mut self.organizations),
            _ => None,
        }
    }
}

/// `GET {area}/forms/{form}`: leads and opportunities share one.
pub(super) fn show(account: &mut Account, area: &str, form: &str) -> Outcome {
    let fields = account.forms.at(area, form).ok_or_else(replies::no_such_page)?;
    let fields: Vec<Value> = fields.iter().map(|field| json!({"id": field.id, "label": field.label})).collect();
    Ok(replies::item(200, &json!({"tenantId": TENANT_ID, "fields": fields})))
}

/// `PUT {area}/forms/{form}`: the fields that are sent are the form's from now on.
pub(super) fn replace(account: &mut Account, request: &VendorRequest, area: &str, form: &str) -> Outcome {
    account.forms.at(area, form).ok_or_else(replies::no_such_page)?;
    let body = json_body(request)?;
    let sent = body.get("fields").and_then(Value::as_array).ok_or_else(|| replies::wrong("fields is required."))?;
    let text =
        |field: &Value, name: &str| field[name].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let fields = sent.iter().map(|field| Some(Field { id: text(field, "id")?, label: text(field, "label")? }));
    let fields =
        fields.collect::<Option<Vec<_>>>().ok_or_else(|| replies::wrong("A field needs an id and a label."))?;
    if let Some(kept) = account.forms.at(area, form) {
        *kept = fields;
    }
    account.clock.tick();
    show(account, area, form)
}
