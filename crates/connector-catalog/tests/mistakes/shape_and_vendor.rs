//! Mistakes of shape, and in what a file says of the vendor as a whole.

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "name: Acme\n",
        "name: Acme\nnmae: Acme\n",
        &[
            "connectors/acme.yaml:3:1: unknown field `nmae`, expected one of service_id, name, tag_line, protocol, docs, settings, base_url, auth, headers, query, ids, time_zone, limits, timeout, retry, errors, error_messages, error_codes, entity_tag, limit_headers, check, lookups, not_offered, resources",
        ],
    ),
    ("name: Acme\n", "", &["connectors/acme.yaml:21:1: missing field `name`"]),
    ("name: Acme\n", "name: Acme\nname: Acme\n", &["connectors/acme.yaml:3:1: duplicate mapping key: name"]),
    ("timeout: 30s", "timeout: [30s", &["connectors/acme.yaml:14:10: expected string scalar"]),
    (
        "auth: { bearer: { token: \"{settings.token}\" } }",
        "auth: { digest: { token: a } }",
        &["connectors/acme.yaml:9:9: unknown variant `digest`, expected one of basic, bearer, header, oauth2"],
    ),
    (
        "attempts: 3",
        "attempts: many",
        &["connectors/acme.yaml:15:45: `attempts: many`: allowed is a number from 1 to 10"],
    ),
    (
        "service_id: acme",
        "service_id: acme-two",
        &["connectors/acme.yaml:1:13: `service_id: acme-two` must be `acme`, as the file is named"],
    ),
    (
        "service_id: acme",
        "service_id: Acme",
        &["connectors/acme.yaml:1:13: `service_id`: `Acme` is not a service id (lower-case letters, digits, hyphens)"],
    ),
    (
        "protocol: rest",
        "protocol: soap",
        &["connectors/acme.yaml:3:11: `protocol`: unknown variant `soap`, expected one of `rest`, `odata`, `agile`"],
    ),
    ("name: Acme", "name: \"\"", &["connectors/acme.yaml:2:7: `name` is empty"]),
    (
        "docs: https",
        "docs: http",
        &["connectors/acme.yaml:4:7: `docs`: `http://acme.example/docs` must start with `https://`"],
    ),
    (
        "  token: {",
        "  Token: {",
        &[
            "connectors/acme.yaml:7:3: `settings`: `Token` is not a name; write lower-case letters, digits and `_`, a letter first",
            "connectors/acme.yaml:9:26: `token`: there is no setting `token`; the settings are domain, Token",
        ],
    ),
    (
        "pattern: \"[a-z]+\"",
        "pattern: \"[a-z\"",
        &["connectors/acme.yaml:6:41: `pattern`: `[a-z` is not a regular expression: found unclosed character class"],
    ),
    (
        "pattern: \"[a-z]+\"",
        "pattern: \"[a-z]+\", default: ACME",
        &["connectors/acme.yaml:6:60: `default: ACME` does not match `pattern: [a-z]+`"],
    ),
    (
        "type: password",
        "type: password, default: secret",
        &["connectors/acme.yaml:7:51: `default`: a sensitive setting has none; a secret in a file is no secret"],
    ),
    (
        "type: password",
        "type: secret",
        &[
            "connectors/acme.yaml:7:32: `type`: unknown variant `secret`, expected one of `text`, `email`, `password`, `url`, `select`, `checkbox`",
        ],
    ),
    (
        "add: { request: POST /companies }",
        "add: { request: \"POST /companies/{settings.token}\" }",
        &[
            "connectors/acme.yaml:36:21: `request`: `token` is sensitive; only `base_url`, `auth`, `headers` and the connector's own `query` may send it",
        ],
    ),
    (
        "{settings.domain}.acme",
        "{settings.domian}.acme",
        &["connectors/acme.yaml:8:11: `base_url`: there is no setting `domian`; the settings are domain, token"],
    ),
    (
        "{settings.domain}.acme",
        "{settings.domain.acme",
        &["connectors/acme.yaml:8:11: `base_url`: `{` is never closed in `https://{settings.domain.acme.example/v1`"],
    ),
    (
        "{settings.domain}.acme",
        "{setting.domain}.acme",
        &[
            "connectors/acme.yaml:8:11: `base_url`: unknown hole `{setting.domain}`; known are {id}, {parent}, {settings.<name>}, {filter.<name>}, {changed.<path>}, {record.<path>}, {before.<path>}, {item.<path>}, {item.index}",
        ],
    ),
    (
        "base_url: https:",
        "base_url: http:",
        &["connectors/acme.yaml:8:11: `base_url` must start with `https://` or with a setting of `type: url`"],
    ),
    (
        "acme.example/v1",
        "acme.example/v1/",
        &["connectors/acme.yaml:8:11: `base_url` must not end with `/`, nor contain `?` or `#`"],
    ),
    (
        "base_url: https://{settings.domain}.acme.example/v1",
        "base_url: \"{settings.domain}/v1\"",
        &["connectors/acme.yaml:8:11: `base_url` starts with the setting `domain`, which must be `type: url`"],
    ),
    (
        "label: Sub-domain, pattern: \"[a-z]+\"",
        "label: Sub-domain",
        &["connectors/acme.yaml:8:11: `base_url` contains the setting `domain`, which must have a `pattern`"],
    ),
    (
        ", required: true, secrets_go_to: true",
        ", required: true",
        &[
            "connectors/acme.yaml:8:11: `base_url` contains the setting `domain`, which must say `secrets_go_to: true`: whoever changes it enters the secrets again",
        ],
    ),
    (
        "base_url: https://{settings.domain}.acme.example/v1\nauth: { bearer: { token: \"{settings.token}\" } }",
        "  zone: { label: Zone, pattern: \"[a-z]+\" }\nbase_url: https://{settings.domain}.acme.example/v1\nauth:\n  oauth2:\n    authorize_url: https://{settings.zone}.acme.example/a\n    token_url: https://{settings.zone}.acme.example/t\n    revoke: { request: \"POST https://{settings.zone}.acme.example/r\" }",
        &[
            "connectors/acme.yaml:12:20: `authorize_url` contains the setting `zone`, which must say `secrets_go_to: true`: whoever changes it enters the secrets again",
            "connectors/acme.yaml:13:16: `token_url` contains the setting `zone`, which must say `secrets_go_to: true`: whoever changes it enters the secrets again",
            "connectors/acme.yaml:14:24: `request` contains the setting `zone`, which must say `secrets_go_to: true`: whoever changes it enters the secrets again",
        ],
    ),
    (
        "base_url: https://{settings.domain}.acme.example/v1",
        "base_url: https://acme.example/v1",
        &["connectors/acme.yaml:6:3: `secrets_go_to`: no address contains `{settings.domain}`; leave it out"],
    ),
    (
        "Accept: app",
        "\"Ac cept\": app",
        &["connectors/acme.yaml:10:12: `headers`: `Ac cept` is not the name of a header"],
    ),
    (
        "Accept: app",
        "Authorization: app",
        &["connectors/acme.yaml:10:12: `headers`: `Authorization` is reserved; `auth` and `encode` decide it"],
    ),
    (
        "ids: \"[0-9]+\"",
        "ids: \"(\"",
        &["connectors/acme.yaml:12:6: `ids`: `(` is not a regular expression: found open group without closing ')'"],
    ),
    (
        "requests: 10",
        "requests: 0",
        &["connectors/acme.yaml:13:21: `requests: 0`: allowed is a number from 1 to 100000"],
    ),
    (
        "per: 1s",
        "per: 1",
        &[
            "connectors/acme.yaml:13:30: `per`: `1` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h",
        ],
    ),
    (
        "per: 1s",
        "per: 1 second",
        &[
            "connectors/acme.yaml:13:30: `per`: `1 second` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h",
        ],
    ),
    (
        "timeout: 30s",
        "timeout: 0s",
        &["connectors/acme.yaml:14:10: `timeout`: `0s` is out of bounds; allowed are 1ms to 24h"],
    ),
    (
        "timeout: 30s",
        "timeout: 99999999999999999999s",
        &[
            "connectors/acme.yaml:14:10: `timeout`: `99999999999999999999s` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h",
        ],
    ),
    ("[429, 503]", "[200]", &["connectors/acme.yaml:15:24: `on: 200`: allowed is a number from 400 to 599"]),
    ("attempts: 3", "attempts: 11", &["connectors/acme.yaml:15:45: `attempts: 11`: allowed is a number from 1 to 10"]),
    ("factor: 2", "factor: 0.5", &["connectors/acme.yaml:15:80: `factor: 0.5`: allowed is a number from 1 to 10"]),
    (
        "wait_header: Retry-After",
        "wait_header: \"Retry After\"",
        &["connectors/acme.yaml:15:98: `wait_header`: `Retry After` is not the name of a header"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ as: not_found }",
        &[
            "connectors/acme.yaml:17:5: `errors`: a rule needs `status`, `has`, `member`, `text` or `contains`; this one would match every answer",
        ],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 99, as: not_found }",
        &["connectors/acme.yaml:17:15: `status: 99`: allowed is a number from 100 to 599, or 1xx to 5xx"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 2xx, as: failed }",
        &[
            "connectors/acme.yaml:17:5: `errors`: a rule for 2xx needs `has`, `member`, `text` or `contains`; this one would match every success",
        ],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 6xx, member: { success: false }, as: refused }",
        &["connectors/acme.yaml:17:15: `status: 6xx`: allowed is a number from 100 to 599, or 1xx to 5xx"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ member: { success: false }, as: failed }",
        &[
            "connectors/acme.yaml:17:39: `as: failed` is for an error inside a success; write a `status` such as 2xx beside it",
        ],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 2xx, member: { errors: [] }, as: failed }",
        &["connectors/acme.yaml:17:38: `member` compares with a text, a number, true, false or null"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 2xx, member: { \"error[\": 1 }, as: failed }",
        &["connectors/acme.yaml:17:30: `member`: path \"error[\": '[' at character 6 is never closed"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 404, on: [fetch], as: not_found }",
        &["connectors/acme.yaml:17:25: `on`: `fetch` is not an operation (all, one, add, update, delete)"],
    ),
    (
        "{ status: 404, as: not_found }",
        "{ status: 404, as: missing }",
        &[
            "connectors/acme.yaml:17:24: `as`: unknown variant `missing`, expected one of `not_found`, `credentials`, `forbidden`, `rate_limited`, `cursor_gone`, `refused`, `failed`",
        ],
    ),
    (
        "steps: [owner]",
        "steps: [onwer]",
        &[
            "connectors/acme.yaml:18:28: `steps`: there is no step `onwer`; the steps are add, delete, owner, part, tags, whole",
        ],
    ),
    (
        "[error.message]",
        "[\"error[code.message\"]",
        &[
            "connectors/acme.yaml:19:18: `error_messages`: path \"error[code.message\": '[' at character 6 is never closed",
        ],
    ),
    (
        "[error.message]\n",
        "[error.message]\nentity_tag: { record: \"meta[version\" }\n",
        &["connectors/acme.yaml:20:23: `entity_tag.record`: path \"meta[version\": '[' at character 5 is never closed"],
    ),
    (
        "[error.message]\n",
        "[error.message]\nentity_tag: always\n",
        &["connectors/acme.yaml:20:13: unknown variant `always`, expected one of none, header, record"],
    ),
    (
        "key: id, cache",
        "key: \"\", cache",
        &["connectors/acme.yaml:21:38: `key`: path \"\": an empty path; `$` is the whole"],
    ),
    (
        "cache: 5m",
        "cache: 5 minutes",
        &[
            "connectors/acme.yaml:21:49: `cache`: `5 minutes` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h",
        ],
    ),
    (
        "ids: \"[0-9]+\"",
        "ids: \"a)|(b\"",
        &[
            "connectors/acme.yaml:12:6: `ids`: `a)|(b` is not a regular expression: found closing ')' without matching '('",
        ],
    ),
    (
        "required: true, secrets_go_to: true }\n  token",
        "required: maybe, secrets_go_to: true }\n  token",
        &["connectors/acme.yaml:6:61: invalid boolean"],
    ),
    ("name: Acme\n", "name: \"\"\n", &["connectors/acme.yaml:2:7: `name` is empty"]),
];
