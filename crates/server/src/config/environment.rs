//! Keys that the environment overrides.

/// What an environment variable starts with to override a key: `TRUNKLINE__SERVER__LISTEN`.
pub(super) const PREFIX: &str = "TRUNKLINE__";

/// Sets `SECTION__KEY` in the table. Service ids are written with `_` for `-`, as shells want it.
pub(super) fn lay_over(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let mut names: Vec<String> = key.split("__").map(str::to_lowercase).collect();
    if names.len() < 2 || names.iter().any(String::is_empty) {
        return Err(format!("name a section and a key: {PREFIX}SECTION__KEY"));
    }
    if names[0] == "connectors" {
        names[1] = names[1].replace('_', "-");
    }
    let last = names.pop().unwrap_or_default();
    let mut place = table;
    for name in names {
        place = place
            .entry(name.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("`{name}` is no section"))?;
    }
    // `8080`, `true` and `["10.0.0.0/8"]` are TOML values; anything else is a text.
    let parsed =
        toml::from_str::<toml::Table>(&format!("value = {value}")).ok().and_then(|mut one| one.remove("value"));
    place.insert(last, parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Ok(())
}
