//! Mistakes in where fields of the account's own are found.

use crate::Case;

const ONE: &str = "    one: { request: \"GET /companies/{id}\", record: item }\n";

pub(crate) const CASES: &[Case] = &[
    (
        ONE,
        "    one: { request: \"GET /companies/{id}\", record: item }
    custom_fields:
      - { from: { lookup: fields }, id: id, finder: \"$[{id}]\" }
      - { from: { record: \"own[\" }, id: id, finder: \"$[{id}]\" }
      - { from: { members: \"[\" }, id: name, finder: \"$[{name}]\" }
",
        &[
            "connectors/acme.yaml:37:27: `custom_fields`: there is no lookup `fields`; the lookups are users",
            "connectors/acme.yaml:38:27: `record`: path \"own[\": '[' at character 4 is never closed",
            "connectors/acme.yaml:39:28: `members`: `[` is not a regular expression: found unclosed character class",
        ],
    ),
    (
        ONE,
        "    one: { request: \"GET /companies/{id}\", record: item }
    custom_fields:
      - { from: { lookup: users }, of: { \"a[\": b }, not: { c.: d }, id: \"\", name: \"n[\", description: \"d[\", finder: \"$.fields\" }
      - { from: { lookup: users }, id: id, finder: \"$.fields['{id}']\" }
      - { from: { lookup: users }, id: id, finder: \"$.fields[{id]\" }
",
        &[
            "connectors/acme.yaml:37:42: `of`: path \"a[\": '[' at character 2 is never closed",
            "connectors/acme.yaml:37:60: `not`: path \"c.\": no name after '.' at character 2",
            "connectors/acme.yaml:37:73: `id`: path \"\": an empty path; `$` is the whole",
            "connectors/acme.yaml:37:83: `name`: path \"n[\": '[' at character 2 is never closed",
            "connectors/acme.yaml:37:102: `description`: path \"d[\": '[' at character 2 is never closed",
            "connectors/acme.yaml:37:116: `finder`: `$.fields` is one place for all fields; write what tells them apart as in `{id}`",
            "connectors/acme.yaml:38:52: `finder`: `$.fields[''a'']` is no JSONPath: at character 12, before `a'']`: in long-hand segment, expected closing ']'; write a path such as $.properties.tier",
            "connectors/acme.yaml:39:52: `finder`: `{` is never closed in `$.fields[{id]`",
        ],
    ),
    (
        ONE,
        "    one: { request: \"GET /companies/{id}\", record: item }
    custom_fields: [ { from: { table: users }, id: id, finder: \"$[{id}]\" } ]
",
        &["connectors/acme.yaml:36:32: unknown variant `table`, expected one of lookup, record, members"],
    ),
];
