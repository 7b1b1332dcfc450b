//! Mistakes in resources, requests and lists.

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "  companies:\n",
        "  companies:\n    relations: {}\n",
        &[
            "connectors/acme.yaml:24:5: unknown field `relations`, expected one of when, variants, sequence, id_prefix, takes, mapping, ids, kind, deleted, envelope, evidence, requires, side_tables, mint, references, one_of, answers, follows, completes, load, custom_fields, all, one, add, update, delete",
        ],
    ),
    (
        "  companies:\n",
        "  firms:\n",
        &[
            "connectors/acme.yaml:23:3: `resources`: there is no resource `firms`; allowed are activities, companies, contacts, custom-object-schemas, custom-objects, leads, list-members, lists, notes, opportunities, pipelines, users",
        ],
    ),
    (
        "  companies:\n",
        "  contacts:\n",
        &["connectors/acme.yaml:23:3: `contacts` has no mapping; write mappings/acme/contacts.yaml"],
    ),
    (
        "kind: { type: org }",
        "kind: {}",
        &["connectors/acme.yaml:24:11: `kind` is empty; write a vendor path and its text, as in `{ type: PERSON }`"],
    ),
    (
        "kind: { type: org }",
        "kind: { \"type[\": org }",
        &["connectors/acme.yaml:24:13: `kind`: path \"type[\": '[' at character 5 is never closed"],
    ),
    (
        "kind: { type: org }",
        "evidence: rumour",
        &[
            "connectors/acme.yaml:24:15: `evidence`: unknown variant `rumour`, expected one of `documented`, `seen`, `assumed`",
        ],
    ),
    (
        "GET /companies\n",
        "GET\n",
        &["connectors/acme.yaml:26:16: `request`: `GET` needs a method and a path, as in `GET /contacts`"],
    ),
    (
        "GET /companies\n",
        "FETCH /companies\n",
        &["connectors/acme.yaml:26:16: `request`: `FETCH` is not a method; allowed are GET, POST, PUT, PATCH, DELETE"],
    ),
    (
        "GET /companies\n",
        "GET companies\n",
        &["connectors/acme.yaml:26:16: `request`: the path `companies` must start with `/`"],
    ),
    (
        "GET /companies\n",
        "GET /companies?archived=false\n",
        &[
            "connectors/acme.yaml:26:16: `request`: the path `/companies?archived=false` must not contain `?` or `#`; fixed parameters go under `query`",
        ],
    ),
    (
        "GET /companies\n",
        "GET /companies /all\n",
        &["connectors/acme.yaml:26:16: `request`: the path `/companies /all` must not contain blanks or `\\`"],
    ),
    (
        "GET /companies\n",
        "GET /companies/../users\n",
        &["connectors/acme.yaml:26:16: `request`: the path `/companies/../users` must not contain `.` or `..`"],
    ),
    (
        "GET /companies\n",
        "GET /companies\n      encode: form\n",
        &["connectors/acme.yaml:27:15: `encode: form` needs a request with a body, and GET has none"],
    ),
    (
        "GET /companies\n",
        "GET /companies\n      encode: xml\n",
        &["connectors/acme.yaml:27:15: `encode`: unknown variant `xml`, expected one of `json`, `form`, `odata_link`"],
    ),
    (
        "GET /companies\n",
        "GET /companies/{id}\n",
        &[
            "connectors/acme.yaml:26:16: `request`: `{id}` has no value here; allowed are {filter.<name>}, {settings.<name>}",
        ],
    ),
    (
        "one: { request: \"GET /companies/{id}\"",
        "one: { request: \"GET /companies/{parent}\"",
        &["connectors/acme.yaml:35:21: `request`: `{parent}` has no value here; allowed are {id}, {settings.<name>}"],
    ),
    (
        "/since/{filter.updated_since}",
        "/since/{filter.created_since}",
        &[
            "connectors/acme.yaml:34:63: `request`: `{filter.created_since}` has no value here; the filters of this request are updated_since",
        ],
    ),
    (
        "{ name: contains }",
        "{ title: contains }",
        &[
            "connectors/acme.yaml:31:22: `query.name`: `{filter.name}` has no value here; the filters of this request are title",
            "connectors/acme.yaml:32:18: `filter`: companies have no filter `title`; allowed are name, updated_since, created_since, status, owner_id, row_type_id",
        ],
    ),
    (
        "{ name: contains }",
        "{ name: like }",
        &["connectors/acme.yaml:32:24: `filter`: unknown variant `like`, expected one of `eq`, `ge`, `contains`"],
    ),
    (
        "      query: { name: \"{filter.name}\" }\n",
        "",
        &[
            "connectors/acme.yaml:31:18: `filter`: `name` reaches the vendor neither as `{filter.name}` in the request nor through `rules`",
        ],
    ),
    (
        "      query: { name: \"{filter.name}\" }\n",
        "      rules: agile_filter\n",
        &["connectors/acme.yaml:31:14: `rules: agile_filter` needs `protocol: agile`"],
    ),
    (
        "GET /companies\n",
        "GET /companies/{filter.name}\n",
        &[
            "connectors/acme.yaml:26:16: `request`: a list without filters must be possible, and this one needs `name`; move it to `alternatives`",
        ],
    ),
    (
        "sorts: [name]",
        "sorts: [size]",
        &[
            "connectors/acme.yaml:30:15: `sorts`: companies have no sort `size`; allowed are created_at, updated_at, name",
        ],
    ),
    (
        "sorts: [name]",
        "sorts: [created_at]",
        &[
            "connectors/acme.yaml:30:15: `sorts`: `created_at` has no vendor field; name it under `sorts` in mappings/acme/companies.yaml",
        ],
    ),
    (
        "      sort: { pair: { by: sort, direction: order } }\n",
        "",
        &[
            "connectors/acme.yaml:29:15: `sorts` needs `sort`, which says how a sort is sent, as in `sort: { signed: order }`",
        ],
    ),
    (
        "page: { size: per_page, max: 100, send: page, total: { document: total } }",
        "cursor: { size: per_page, max: 100, send: page, next: { document: next }, short_page_ends: true }",
        &["connectors/acme.yaml:28:91: unknown field `short_page_ends`, expected one of size, max, send, next, total"],
    ),
    (
        "send: page, total",
        "send: page, short_page_ends: maybe, total",
        &["connectors/acme.yaml:28:80: invalid boolean"],
    ),
    ("max: 100", "max: 0", &["connectors/acme.yaml:28:46: `max: 0`: allowed is a number from 1 to 10000"]),
    (
        "document: total",
        "document: \"total[\"",
        &["connectors/acme.yaml:28:82: `total`: path \"total[\": '[' at character 6 is never closed"],
    ),
    (
        "send: page",
        "send: per_page",
        &["connectors/acme.yaml:28:15: `paging`: the parameter `per_page` is already one of `paging`"],
    ),
    (
        "query: { name: \"{filter.name}\" }",
        "query: { page: \"2\", name: \"{filter.name}\" }",
        &["connectors/acme.yaml:31:16: `query`: the parameter `page` is reserved; `paging` sends it"],
    ),
    (
        "{ when: { filter: { updated_since: ge } }, request: \"GET /companies/since/{filter.updated_since}\" }",
        "{ request: GET /companies/old }",
        &["connectors/acme.yaml:34:11: `alternatives`: one without `when` and `sorts` would never be taken"],
    ),
    (
        "{ when: { filter: { updated_since: ge } }, request: \"GET /companies/since/{filter.updated_since}\" }",
        "{ when: { filter: {} }, request: GET /companies/old }",
        &["connectors/acme.yaml:34:19: `when.filter` is empty; name a filter, as in `{ email: eq }`"],
    ),
    (
        "records: items",
        "records: items\n      empty: [is_null, nil]",
        &[
            "connectors/acme.yaml:28:24: `empty`: unknown variant `nil`, expected one of `no_body`, `is_null`, `missing`",
        ],
    ),
    (
        "records: items",
        "records: one_or_none",
        &["connectors/acme.yaml:27:16: `records: one_or_none` needs `paging: none`"],
    ),
    (
        "    one: { request: \"GET /companies/{id}\", record: item }\n",
        "",
        &[
            "connectors/acme.yaml:24:11: `kind` is checked before `update` and `delete`, which needs `one`; it is missing",
        ],
    ),
    (
        "{ updated_since: ge }",
        "{ updated_since: eq }",
        &["connectors/acme.yaml:34:46: `filter`: `updated_since` means at or after an instant; allowed is ge"],
    ),
    (
        "send: page, total",
        "send: page, first: 2000, total",
        &["connectors/acme.yaml:28:70: `first: 2000`: allowed is a number from 0 to 1000"],
    ),
];
