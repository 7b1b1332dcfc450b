//! Mistakes in writes and removals.

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "    kind: { type: org }",
        "    kind: { type: org }\n    requires: { \"name[\": [name], title: [nmae], code: [] }",
        &[
            "connectors/acme.yaml:25:17: `requires`: path \"name[\": '[' at character 5 is never closed",
            "connectors/acme.yaml:25:42: `requires`: companies have no field `nmae`",
            "connectors/acme.yaml:25:55: `requires` names no field that fills the member; write at least one",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: \"POST /companies/{id}\" }",
        &[
            "connectors/acme.yaml:36:21: `request`: `{id}` has no value here; allowed are {changed.<path>}, {record.<path>}, {settings.<name>}",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: {}",
        &["connectors/acme.yaml:36:10: `add` needs exactly one of `request`, `steps` and `choose`"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, steps: [] }",
        &["connectors/acme.yaml:36:10: `add` needs exactly one of `request`, `steps` and `choose`"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [] }",
        &["connectors/acme.yaml:36:10: `steps` is empty; write at least one"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: POST /companies }], encode: form }",
        &[
            "connectors/acme.yaml:36:10: `add`: `encode`, `query`, `send`, `wrap` and `new_id` belong beside `request`; write them in the steps",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: changed }",
        &["connectors/acme.yaml:36:44: `send: changed` is for `update`; an add sends `record` or members"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { over: current } }",
        &["connectors/acme.yaml:36:44: `send: { over: current }` is for `update`; a new record has no current one"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { tags: { removed_from: tags } } }",
        &["connectors/acme.yaml:36:44: `removed_from` is for `update`; nothing goes away from a new record"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: all }",
        &[
            "connectors/acme.yaml:36:44: `send: all` means nothing; allowed are nothing, record, changed, item, a list of members, `{ record: { carry, drop, set } }`, `{ changed: { id, drop, only } }`, `{ item: { drop } }`, `{ over: current, carry, drop }` and `{ <member>: <source> }`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { record: { omit: [a] } } }",
        &["connectors/acme.yaml:36:56: `record`: unknown key `omit`; allowed here are carry, drop, set"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { record: record } }",
        &["connectors/acme.yaml:36:54: `record` is reserved and takes a mapping; allowed in it are carry, drop, set"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { name: 7 } }",
        &[
            "connectors/acme.yaml:36:52: `send.name` has no source; allowed are id, a member's name, a place such as item.id or record.owner, a text with holes, `{ changed: <member> }`, `{ added_to: <member> }`, `{ removed_from: <member> }`, `{ each: record.<member>, take: <path> }`, `{ lookup: <table>, by: <path>, take: <path> }` and `{ const: <value> }`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { name: { copied_from: name } } }",
        &[
            "connectors/acme.yaml:36:52: `send.name`: unknown source `copied_from`; allowed are id, a member's name, a place such as item.id or record.owner, a text with holes, `{ changed: <member> }`, `{ added_to: <member> }`, `{ removed_from: <member> }`, `{ each: record.<member>, take: <path> }`, `{ lookup: <table>, by: <path>, take: <path> }` and `{ const: <value> }`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { choose: [{ covers: [name], steps: [{ id: a, request: POST /companies }] }, { steps: [{ id: b, request: POST /companies }] }] }",
        &[
            "connectors/acme.yaml:36:21: `covers` is for `update`; a new record is written as a whole, so choose by `when`",
        ],
    ),
    ("id: tags,", "id: part,", &["connectors/acme.yaml:42:21: `id`: there is a step `part` already"]),
    (
        "id: tags,",
        "id: current,",
        &["connectors/acme.yaml:42:21: `id`: `current` is reserved; give the step another name"],
    ),
    (
        "id: tags,",
        "id: Tags,",
        &[
            "connectors/acme.yaml:42:21: `id`: `Tags` is not a name; write lower-case letters, digits and `-`, a letter first",
        ],
    ),
    (
        "send: [id, name]",
        "send: [id, name], new_id: id",
        &["connectors/acme.yaml:41:87: `new_id` is for `add` and for `for_each`; an update knows its record's id"],
    ),
    (
        "send: [id, name]",
        "send: [id, { name: name }]",
        &["connectors/acme.yaml:41:72: `send` is the name of a member or a vendor path"],
    ),
    (
        "PATCH /companies/{id}",
        "GET /companies/{id}",
        &[
            "connectors/acme.yaml:41:36: `request`: a step that reads one record says with `must_have` which one its answer must be, as in `{ id: \"{record.id}\" }`",
            "connectors/acme.yaml:41:65: `send` needs a request with a body, and GET has none",
        ],
    ),
    (
        "send: { over: current, drop: [owner] }",
        "send: record",
        &["connectors/acme.yaml:45:66: `send: record` is for `add`; an update sends `changed`, `over` or members"],
    ),
    (
        "send: { over: current, drop: [owner] }",
        "send: { over: previous, drop: owner, keep: [name] }",
        &[
            "connectors/acme.yaml:45:74: `over`: allowed is current",
            "connectors/acme.yaml:45:90: `drop` is a list of members, as in `[owner, count]`",
            "connectors/acme.yaml:45:97: `send`: unknown key `keep`; allowed here are over, carry, drop",
        ],
    ),
    (
        "lookup: users",
        "lookup: people",
        &["connectors/acme.yaml:43:92: `lookup`: there is no table `people`; the lookups are users"],
    ),
    (", take: email", "", &["connectors/acme.yaml:43:92: `lookup` needs `by` and `take`; `take` is missing"]),
    (
        "covers: [name, tags]",
        "covers: [name, tags, size]",
        &["connectors/acme.yaml:39:32: `covers` names `size`, which no step of the alternative sends"],
    ),
    (
        "        - steps:\n            - { id: whole",
        "        - covers: [name]\n          steps:\n            - { id: whole",
        &[
            "connectors/acme.yaml:44:11: `choose`: the last alternative must take every change, so it has neither `when` nor `covers`",
        ],
    ),
    (
        "        - covers: [name, tags]\n          steps:",
        "        - steps:",
        &[
            "connectors/acme.yaml:39:11: `choose`: an alternative without `when` and `covers` takes every change, so those after it are never reached",
        ],
    ),
    ("first: one", "first: all", &["connectors/acme.yaml:46:57: `first`: unknown variant `all`, expected `one`"]),
    ("first: one", "first: [one]", &["connectors/acme.yaml:46:57: expected string scalar"]),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: \"POST /companies/{changed.owner.id}/x\" }] }",
        &[
            "connectors/acme.yaml:36:38: `request`: `{changed.owner.id}` is there only when it changes; write `when: { has: [owner] }`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: \"POST /companies/{item.id}\", send: item }] }",
        &[
            "connectors/acme.yaml:36:38: `request`: `{item.id}` has no value here; allowed are {changed.<path>}, {record.<path>}, {settings.<name>}",
            "connectors/acme.yaml:36:73: `send: item` belongs to a step with `for_each`, which has an item",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: \"POST /x/{before.name}\" }, { id: b, for_each: { removed_from: tags }, request: POST /tags }] }",
        &[
            "connectors/acme.yaml:36:38: `request`: `{before.name}` has no value here; allowed are {changed.<path>}, {record.<path>}, {settings.<name>}",
            "connectors/acme.yaml:36:84: `for_each`: a new record has no current one; allowed on `add` are added_to and record",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, when: {}, request: POST /x }, { id: b, when: { settings: { size: big, token: x }, changed: { name: [a] } }, request: POST /y }] }",
        &[
            "connectors/acme.yaml:36:35: `when` is empty; allowed in it are has, holds, changed and settings",
            "connectors/acme.yaml:36:88: `when`: there is no setting `size`; the settings are domain, token",
            "connectors/acme.yaml:36:99: `when`: `token` is sensitive; nothing may depend on it",
            "connectors/acme.yaml:36:128: `changed` compares with a text, a number, true, false or null",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: GET /x, undo: GET /x, new_id: id, send: record }, { id: b, request: POST /x, new_id: { added_to: ids, since: c } }] }",
        &[
            "connectors/acme.yaml:36:52: `undo` takes something back, and GET changes nothing",
            "connectors/acme.yaml:36:52: `undo` belongs to a step that writes, and GET changes nothing",
            "connectors/acme.yaml:36:68: `new_id` belongs to a step that writes, and GET changes nothing",
            "connectors/acme.yaml:36:78: `send` needs a request with a body, and GET has none",
            "connectors/acme.yaml:36:147: `since`: there is no step `c` before this one",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, new_id: { location: /companies } }",
        &[
            "connectors/acme.yaml:36:58: `location`: `/companies` does not say where the id is; write the end of the address, as in `/contacts/{id}`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, new_id: { location: \"/{id}\", at: \"a[\", header: Location } }",
        &[
            "connectors/acme.yaml:36:71: `at`: path \"a[\": '[' at character 2 is never closed",
            "connectors/acme.yaml:36:77: `new_id`: unknown key `header`; allowed here are at, location",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: \"GET /x/{record.owner}\" }, { id: b, request: POST /x, must_have: { id: \"{record.id}\" } }] }",
        &[
            "connectors/acme.yaml:36:38: `request`: `{record.owner}` may have no value; write `when: { holds: [owner] }`",
            "connectors/acme.yaml:36:38: `request`: a step that reads one record says with `must_have` which one its answer must be, as in `{ id: \"{record.id}\" }`",
            "connectors/acme.yaml:36:105: `must_have` belongs to a step that reads; what a step has written is not looked at",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, new_id: { added_to: ids } }",
        &["connectors/acme.yaml:36:46: `new_id` needs `added_to` and `since`; `since` is missing"],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: { a: { each: tags }, b: item.id, c: \"{before.x}\", d: \"{x}\", e: { const: \"{item}\" } } }",
        &[
            "connectors/acme.yaml:36:57: `each` is a list of the record as it will be, as in `record.stages`",
            "connectors/acme.yaml:36:68: `send.b`: there is no `item` here; there are changed, record",
            "connectors/acme.yaml:36:80: `send.c`: `{before.x}` has no value here; allowed are {changed.<path>}, {record.<path>}, {settings.<name>}",
            "connectors/acme.yaml:36:97: `send.d`: unknown hole `{x}`; known are {id}, {parent}, {settings.<name>}, {filter.<name>}, {changed.<path>}, {record.<path>}, {before.<path>}, {item.<path>}, {item.index}",
            "connectors/acme.yaml:36:116: `send.e`: `{item}` has no value here; allowed are {changed.<path>}, {record.<path>}, {settings.<name>}",
        ],
    ),
    (
        "    kind: { type: org }",
        "    kind: { type: org }\n    mint: { Id: serial }\n    load: { a.b: { request: POST /x, one: sometimes, all: never } }",
        &[
            "connectors/acme.yaml:25:17: `mint`: unknown variant `serial`, expected `guid`",
            "connectors/acme.yaml:26:13: `load`: `a.b` is no top-level member of the record",
            "connectors/acme.yaml:26:29: `load` reads, so its request is a GET",
            "connectors/acme.yaml:26:43: `one`: unknown variant `sometimes`, expected `always` or `never`",
        ],
    ),
    (
        "    kind: { type: org }",
        "    kind: { type: org }\n    mint: { Id: guid, Key: guid }",
        &["connectors/acme.yaml:25:11: `mint` names one member and its kind, as in `{ Id: guid }`"],
    ),
    (
        "first: one }",
        "first: one, send: changed }",
        &["connectors/acme.yaml:46:68: `send` of a `delete` is members and their sources: it changes nothing"],
    ),
    (
        "send: [id, name]",
        "for_each: { changed_in: name }, send: [id, name]",
        &[
            "connectors/acme.yaml:41:85: `changed_in`: nothing tells the entries of `name` apart; write `lists: { name: { key: [id] } }` in the mapping",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies//x }",
        &["connectors/acme.yaml:36:21: `request`: the path `/companies//x` must not contain an empty segment"],
    ),
    (
        "id: tags, ",
        "id: gone, for_each: { removed_from: size }, request: \"DELETE /x/{item.id}\" }\n            - { id: tags, ",
        &[
            "connectors/acme.yaml:42:21: `steps`: `gone` takes something away, and nothing takes that back when `tags` fails after it; write it behind `tags`, or give it an `undo`",
        ],
    ),
    (
        "send: [id, name]",
        "may_be_gone: true, send: [id, name]",
        &["connectors/acme.yaml:41:74: `may_be_gone` belongs to a step that removes something"],
    ),
    (
        "send: { over: current, drop: [owner] }",
        "send: { over: current, drop: [owner, name] }",
        &[
            "connectors/acme.yaml:38:7: `update`: `name` is written to `name`, which no step sends; send it, or write `mode: read` at the field, or `leaves: [name]` at the alternative",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: POST /companies, send: [tags] }",
        &[
            "connectors/acme.yaml:36:10: `add`: `name` is written to `name`, which no step sends; send it, or write `mode: read` at the field, or `leaves: [name]` at the alternative",
        ],
    ),
    (
        "    kind: { type: org }",
        "    kind: { type: org }\n    references: { nmae: { lookup: users }, name: { lookup: users }, owner_id: { lookup: people } }\n    answers: part",
        &[
            "connectors/acme.yaml:25:19: `references`: companies have no field `nmae`",
            "connectors/acme.yaml:25:44: `references`: `name` holds no id of another record",
            "connectors/acme.yaml:25:89: `references`: there is no lookup `people`; the lookups are users",
            "connectors/acme.yaml:26:14: `answers`: unknown variant `part`, expected `record`",
        ],
    ),
    (
        "    kind: { type: org }",
        "    kind: { type: org }\n    references: { owner_id: { request: \"POST /users/{name}\" } }\n    follows: { links: { id: owner, x: y }, owners: { id: owner } }",
        &[
            "connectors/acme.yaml:25:40: `request`: unknown hole `{name}`; known are {id}, {parent}, {settings.<name>}, {filter.<name>}, {changed.<path>}, {record.<path>}, {before.<path>}, {item.<path>}, {item.index}",
            "connectors/acme.yaml:26:23: `follows` names the entries' id and the member that it follows, as in `{ Id: MainCompanyId }`",
            "connectors/acme.yaml:26:44: `follows`: nothing tells the entries of `owners` apart by `id`; write `lists: { owners: { key: [id] } }` in the mapping",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { steps: [{ id: a, request: POST /x }, { id: b, request: \"PUT /x/{record.owner.id}\" }, { id: c, request: POST /y, encode: odata_link, send: { uri: \"Users({changed.lead})\" } }, { id: d, request: POST /z, encode: odata_link, send: [name] }] }",
        &[
            "connectors/acme.yaml:36:67: `request`: `{record.owner.id}` may have no value; write `when: { holds: [owner] }`",
            "connectors/acme.yaml:36:115: `request`: `{changed.lead}` is there only when it changes; write `when: { has: [lead] }`",
            "connectors/acme.yaml:36:204: `encode: odata_link` names the record at the other end: `send: { uri: \"Users(guid'{item.Id}')\" }`",
        ],
    ),
];
