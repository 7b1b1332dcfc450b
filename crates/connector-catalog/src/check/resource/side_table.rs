//! Rows in tables of their own: every lookup and every kind of value that they name must exist.

use crate::check::checker::{Checker, listed};
use crate::check::write::step::settled;
use crate::file::values::Entries;
use crate::file::{ConnectorFile, SideTableFile, TenantFieldsFile};
use crate::plan::{Choices, Protocol, SideTable, TenantFields, ValueKind, ValueTable};
use field_mapping::yaml::Placed;

pub(crate) fn compile(
    written: &Entries<SideTableFile>,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<Vec<SideTable>> {
    let mut tables = Vec::new();
    for (member, table) in written.iter() {
        if connector.protocol.word.as_ref().is_ok_and(|protocol| *protocol != Protocol::Odata) {
            checker.mistake(member.place, "`side_tables` needs `protocol: odata`");
        }
        let key = table.key.as_ref().map_or(Some("Id".to_owned()), |key| checker.filled("key", key));
        let owner = checker.filled("owner", &table.owner);
        let most = table.most.as_ref().map(|most| checker.within("most", most, 1..=1000));
        let fields = table.fields.as_ref().map(|fields| self::fields(&fields.value, connector, checker));
        let fields = match fields {
            None => Some(None),
            Some(compiled) => compiled.map(Some),
        };
        let member = member.value.clone();
        tables.push((|| Some(SideTable { member, key: key?, owner: owner?, most: settled(most)?, fields: fields? }))());
    }
    tables.into_iter().collect()
}

fn fields(written: &TenantFieldsFile, connector: &ConnectorFile, checker: &mut Checker<'_>) -> Option<TenantFields> {
    let definitions = lookup(&written.definitions, connector, checker);
    let choices = match &written.choices {
        None => Some(None),
        Some(choices) => lookup(&choices.lookup, connector, checker).map(|lookup| {
            let (definition, label) = (choices.definition.value.clone(), choices.label.value.clone());
            Some(Choices { lookup, definition, label })
        }),
    };
    let mut tables = Vec::new();
    for (kind, table) in written.tables.iter() {
        let holds = checker.word_or("holds", table.holds.as_ref(), ValueKind::Text);
        if holds == Some(ValueKind::Choice) && written.choices.is_none() {
            checker.mistake(kind.place, "`holds: choice` needs `choices`, the values that can be chosen from");
        }
        let set = checker.filled("set", &table.set);
        let value = checker.filled("value", &table.value);
        tables.push((|| Some((kind.value.clone(), ValueTable { set: set?, value: value?, holds: holds? })))());
    }
    Some(TenantFields {
        definition: checker.filled("definition", &written.definition)?,
        definitions: definitions?,
        name: checker.filled("name", &written.name)?,
        switch: checker.filled("switch", &written.switch)?,
        of: written.of.iter().map(|(member, text)| (member.value.clone(), text.value.clone())).collect(),
        form: settled(written.form.as_ref().map(|form| checker.filled("form", form)))?,
        choices: choices?,
        tables: tables.into_iter().collect::<Option<_>>()?,
    })
}

fn lookup(name: &Placed<String>, connector: &ConnectorFile, checker: &mut Checker<'_>) -> Option<String> {
    if connector.lookups.iter().any(|(known, _)| known.value == name.value) {
        return Some(name.value.clone());
    }
    let known = listed(connector.lookups.iter().map(|(known, _)| known.value.as_str()));
    checker.mistake(name.place, format!("`side_tables`: there is no lookup `{}`; the lookups are {known}", name.value));
    None
}
