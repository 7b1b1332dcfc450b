//! The part of a connector file that is about the vendor as a whole.

mod error_rule;
mod not_offered;
mod oauth;
mod row_members;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use field_mapping::Zone;
use unified_model::{Resource, ServiceId};

use crate::check::checker::{Checker, listed};
use crate::check::request::{Holes, Written, pairs, request, template};
use crate::check::{Beside, condition, deleted, resource, scalars};
use crate::file::{
    AuthFile, CheckFile, ConnectorFile, EntityTagFile, LimitHeadersFile, LookupFile, RetryReadsFile, SettingFile,
};
use crate::plan::template::{Hole, Template};
use crate::plan::{
    Auth, ConnectorDefinition, EntityTag, ErrorRule, LimitHeaders, Limits, Lookup, OAuth2, Pattern, RequestTemplate,
    RetryPolicy, Setting, SettingInput, Variant,
};
use field_mapping::yaml::{Place, Placed};

const DEFAULT_LIMITS: Limits = Limits { requests: 5, per: Duration::from_secs(1), concurrency: 4 };
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);
const DEFAULT_CACHE: Duration = Duration::from_mins(5);
/// Headers that `auth`, `encode` and the client write themselves.
const RESERVED_HEADERS: [&str; 5] = ["authorization", "content-length", "content-type", "host", "transfer-encoding"];

pub(crate) fn compile(
    written: &ConnectorFile,
    beside: Beside<'_>,
    checker: &mut Checker<'_>,
) -> Option<ConnectorDefinition> {
    let service_id = service_id(&written.service_id, beside.service, checker);
    let name = checker.filled("name", &written.name);
    let tag_line = written.tag_line.as_ref().and_then(|text| checker.filled("tag_line", text));
    let protocol = checker.word("protocol", &written.protocol);
    let docs = written.docs.as_ref().map(|docs| web_address(docs, checker));
    let settings: Vec<Option<Setting>> =
        written.settings.iter().map(|(name, setting)| self::setting(name, setting, checker)).collect();
    let base_url = address("base_url", &written.base_url, written, checker);
    let auth = auth(written, checker);
    if let (Some(base_url), Some(auth)) = (&base_url, &auth) {
        check_secrets_go_to(written, base_url, auth, checker);
    }
    let headers = headers(written, checker);
    let query = pairs("query", &written.query, Holes::SETTINGS, checker);
    let ids = scalars::optional_pattern("ids", written.ids.as_ref(), checker);
    let time_zone = time_zone(written.time_zone.as_ref(), checker);
    let limits = limits(written, checker);
    let timeout = written
        .timeout
        .as_ref()
        .map_or(Some(DEFAULT_TIMEOUT), |text| checker.noting("timeout", text.place, scalars::duration(&text.value)));
    let retry = retry(written.retry.as_ref().map(|retry| &retry.reads), checker);
    let mut lookups: BTreeMap<String, Lookup> = written
        .lookups
        .iter()
        .filter_map(|(name, lookup)| Some((name.value.clone(), self::lookup(name, lookup, checker)?)))
        .collect();
    let resources = resources(written, beside, ids.as_ref().and_then(Option::as_ref), checker);
    row_members::keep_used(&mut lookups, &resources);
    let not_offered = not_offered::compile(written, &resources, beside.schema, checker);
    deleted::warn_of_missing_marks(written, &resources, checker);
    let steps: BTreeSet<&str> =
        written.resources.iter().flat_map(|(_, resource)| resource::step_ids(resource)).collect();
    let errors: Vec<Option<ErrorRule>> =
        written.errors.iter().map(|rule| error_rule::compile(rule, &steps, checker)).collect();
    let error_messages =
        written.error_messages.iter().filter_map(|path| checker.path("error_messages", path)).collect();
    let error_codes = written.error_codes.iter().filter_map(|path| checker.path("error_codes", path)).collect();
    let entity_tag = entity_tag(written.entity_tag.as_ref(), checker);
    let check = check(written.check.as_ref(), checker);
    let limit_headers = limit_headers(written.limit_headers.as_ref(), checker);
    Some(ConnectorDefinition {
        service_id: service_id?,
        schema: beside.schema,
        name: name?,
        tag_line,
        protocol: protocol?,
        docs,
        settings: settings.into_iter().collect::<Option<_>>()?,
        base_url: base_url?,
        auth: auth?,
        headers: headers?,
        query: query?,
        ids: ids?,
        time_zone: time_zone?,
        limits: limits?,
        timeout: timeout?,
        retry: retry?,
        errors: errors.into_iter().collect::<Option<_>>()?,
        error_messages,
        error_codes,
        entity_tag: entity_tag?,
        check: check?,
        limit_headers,
        lookups,
        resources,
        not_offered,
        warnings: Vec::new(),
    })
}

fn service_id(text: &Placed<String>, named_after: &str, checker: &mut Checker<'_>) -> Option<ServiceId> {
    let parsed = text.value.parse().map_err(|error: unified_model::vocabulary::UnknownName| error.to_string());
    let service_id: ServiceId = checker.noting("service_id", text.place, parsed)?;
    if service_id.as_str() != named_after {
        let message = format!("`service_id: {service_id}` must be `{named_after}`, as the file is named");
        checker.mistake(text.place, message);
    }
    Some(service_id)
}

fn web_address(text: &Placed<String>, checker: &mut Checker<'_>) -> String {
    if !text.value.starts_with("https://") {
        checker.mistake(text.place, format!("`docs`: `{}` must start with `https://`", text.value));
    }
    text.value.clone()
}

fn setting(name: &Placed<String>, written: &SettingFile, checker: &mut Checker<'_>) -> Option<Setting> {
    checker.noting("settings", name.place, scalars::name(&name.value, '_'));
    let label = checker.filled("label", &written.label);
    let input = checker.word_or("type", written.input.as_ref(), SettingInput::Text);
    let pattern = scalars::optional_pattern("pattern", written.pattern.as_ref(), checker);
    let (label, input, pattern) = (label?, input?, pattern?);
    let options = options(name, written, input, checker);
    let sensitive = written.sensitive.unwrap_or(input == SettingInput::Password);
    if written.from_token && (written.required || sensitive) {
        let message =
            format!("`from_token`: nobody is asked for `{}`, so it is neither required nor sensitive", name.value);
        checker.mistake(name.place, message);
    }
    if let Some(default) = &written.default {
        if sensitive {
            checker.mistake(default.place, "`default`: a sensitive setting has none; a secret in a file is no secret");
        }
        if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.regex.is_match(&default.value)) {
            let message = format!("`default: {}` does not match `pattern: {}`", default.value, pattern.source);
            checker.mistake(default.place, message);
        }
        if !options.is_empty() && !options.contains(&default.value) {
            let allowed = listed(options.iter().map(String::as_str));
            checker.mistake(default.place, format!("`default: {}`: allowed are {allowed}", default.value));
        }
    }
    Some(Setting {
        name: name.value.clone(),
        label,
        input,
        options,
        pattern,
        required: written.required,
        sensitive,
        default: written.default.as_ref().map(|text| text.value.clone()),
        help: written.help.as_ref().map(|text| text.value.clone()),
        from_token: written.from_token,
        secrets_go_to: written.secrets_go_to,
    })
}

/// What a setting with a few values can be.
fn options(
    name: &Placed<String>,
    written: &SettingFile,
    input: SettingInput,
    checker: &mut Checker<'_>,
) -> Vec<String> {
    let options = written.options.as_ref();
    match (input, options) {
        (SettingInput::Checkbox, _) => {
            if let Some(options) = options {
                checker.mistake(options.place, "`options`: a checkbox is true or false; it has no others");
            }
            condition::CHECKBOX.map(str::to_owned).to_vec()
        }
        (SettingInput::Select, Some(options)) if !options.value.is_empty() => {
            options.value.iter().filter_map(|option| checker.filled("options", option)).collect()
        }
        (SettingInput::Select, _) => {
            checker.mistake(name.place, "`type: select` needs `options`, the values that it takes");
            Vec::new()
        }
        (SettingInput::Text | SettingInput::Email | SettingInput::Password | SettingInput::Url, options) => {
            if let Some(options) = options {
                checker.mistake(options.place, "`options` needs `type: select`");
            }
            Vec::new()
        }
    }
}

/// The zone is named here, or by a setting as a whole, so that it can be checked when it is saved.
#[expect(clippy::option_option, reason = "a mistake and an absent zone are two things")]
fn time_zone(written: Option<&Placed<String>>, checker: &mut Checker<'_>) -> Option<Option<Template>> {
    let Some(text) = written else { return Some(None) };
    let template = template("time_zone", text, Holes::default(), checker)?;
    if template.setting().is_none() && Zone::named(&text.value).is_none() {
        let message =
            format!("`time_zone`: there is no zone `{}`; write an IANA name or `{{settings.<name>}}`", text.value);
        checker.mistake(text.place, message);
    }
    let default = template.setting().and_then(|name| checker.setting(name)?.default.as_ref());
    if let Some(default) = default.filter(|default| Zone::named(&default.value).is_none()) {
        let message = format!("`default: {}`: there is no such time zone; write an IANA name", default.value);
        checker.mistake(default.place, message);
    }
    Some(Some(template))
}

fn entity_tag(written: Option<&EntityTagFile>, checker: &mut Checker<'_>) -> Option<EntityTag> {
    Some(match written {
        None => EntityTag::WhereTold,
        Some(EntityTagFile::None) => EntityTag::None,
        Some(EntityTagFile::Header) => EntityTag::Header,
        Some(EntityTagFile::Record(path)) => EntityTag::Record(checker.path("entity_tag.record", path)?),
    })
}

/// An address that secrets are sent to. A setting in it decides who gets them, so it needs a pattern or must be an address
/// itself.
pub(super) fn address(
    key: &str,
    text: &Placed<String>,
    written: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<Template> {
    let template = template(key, text, Holes::SETTINGS, checker);
    let rest = text.value.strip_prefix("https://");
    let is_setting = text.value.starts_with("{settings.");
    if rest.is_none() && !is_setting {
        let message = format!("`{key}` must start with `https://` or with a setting of `type: url`");
        checker.mistake(text.place, message);
    }
    if text.value.ends_with('/') || text.value.contains(['?', '#']) {
        checker.mistake(text.place, format!("`{key}` must not end with `/`, nor contain `?` or `#`"));
    }
    let template = template?;
    for (position, hole) in template.holes().enumerate() {
        let Hole::Setting(name) = hole else { continue };
        let Some((_, setting)) = written.settings.iter().find(|(setting, _)| setting.value == *name) else { continue };
        let is_url = setting.input.as_ref().is_some_and(|input| input.word == Ok(SettingInput::Url));
        if is_setting && position == 0 {
            if !is_url {
                let message = format!("`{key}` starts with the setting `{name}`, which must be `type: url`");
                checker.mistake(text.place, message);
            }
        } else if setting.pattern.is_none() {
            let message = format!("`{key}` contains the setting `{name}`, which must have a `pattern`");
            checker.mistake(text.place, message);
        }
        if !setting.secrets_go_to {
            let message = format!(
                "`{key}` contains the setting `{name}`, which must say `secrets_go_to: true`: whoever changes it enters the \
                 secrets again"
            );
            checker.mistake(text.place, message);
        }
    }
    Some(template)
}

/// A setting that says where secrets go must be in an address.
fn check_secrets_go_to(written: &ConnectorFile, base_url: &Template, auth: &Auth, checker: &mut Checker<'_>) {
    let of_oauth = auth.oauth2().into_iter().flat_map(OAuth2::addresses);
    let addresses: Vec<&Template> = std::iter::once(base_url).chain(of_oauth).collect();
    let is_in_an_address = |setting: &str| {
        let mut holes = addresses.iter().flat_map(|address| address.holes());
        holes.any(|hole| matches!(hole, Hole::Setting(name) if name == setting))
    };
    for (name, _) in written.settings.iter().filter(|(_, setting)| setting.secrets_go_to) {
        if !is_in_an_address(&name.value) {
            let message = format!("`secrets_go_to`: no address contains `{{settings.{}}}`; leave it out", name.value);
            checker.mistake(name.place, message);
        }
    }
}

fn auth(written: &ConnectorFile, checker: &mut Checker<'_>) -> Option<Auth> {
    let settings = Holes::SETTINGS;
    let from_token = written.settings.iter().find(|(_, setting)| setting.from_token);
    if let (Some((name, _)), false) = (from_token, matches!(written.auth, AuthFile::Oauth2(_))) {
        checker.mistake(name.place, "`from_token` needs `auth: { oauth2: ... }`, whose replies name the setting");
    }
    match &written.auth {
        AuthFile::Basic(basic) => {
            let username = template("username", &basic.username, settings, checker);
            let password = template("password", &basic.password, settings, checker);
            Some(Auth::Basic { username: username?, password: password? })
        }
        AuthFile::Bearer(bearer) => Some(Auth::Bearer { token: template("token", &bearer.token, settings, checker)? }),
        AuthFile::Header(header) => {
            checker.noting("name", header.name.place, scalars::header_name(&header.name.value));
            let value = template("value", &header.value, settings, checker)?;
            Some(Auth::Header { name: header.name.value.clone(), value })
        }
        AuthFile::Oauth2(oauth2) => Some(Auth::Oauth2(Box::new(oauth::compile(oauth2, written, checker)?))),
    }
}

fn headers(written: &ConnectorFile, checker: &mut Checker<'_>) -> Option<Vec<(String, Template)>> {
    for (name, _) in written.headers.iter() {
        checker.noting("headers", name.place, scalars::header_name(&name.value));
        if RESERVED_HEADERS.contains(&name.value.to_ascii_lowercase().as_str()) {
            let message = format!("`headers`: `{}` is reserved; `auth` and `encode` decide it", name.value);
            checker.mistake(name.place, message);
        }
    }
    pairs("headers", &written.headers, Holes::SETTINGS, checker)
}

fn limits(written: &ConnectorFile, checker: &mut Checker<'_>) -> Option<Limits> {
    let Some(written) = &written.limits else { return Some(DEFAULT_LIMITS) };
    let requests = checker.within("requests", &written.requests, 1..=100_000);
    let per = checker.noting("per", written.per.place, scalars::duration(&written.per.value));
    let concurrency = checker.within("concurrency", &written.concurrency, 1..=1_000);
    Some(Limits { requests: requests?, per: per?, concurrency: concurrency? })
}

/// The request of `check`, which reads: nobody asks for a change when they ask whether a key is right.
#[expect(clippy::option_option, reason = "none written, and one with a mistake")]
fn check(written: Option<&CheckFile>, checker: &mut Checker<'_>) -> Option<Option<RequestTemplate>> {
    let Some(written) = written else { return Some(None) };
    let parts = Written { request: &written.request, encode: None, query: &written.query };
    let request = request(parts, Holes::default(), checker)?;
    if request.method != http::Method::GET {
        checker.mistake(written.request.place, format!("`check` must be a GET request; found {}", request.method));
    }
    Some(Some(request))
}

fn limit_headers(written: Option<&LimitHeadersFile>, checker: &mut Checker<'_>) -> LimitHeaders {
    let Some(written) = written else { return LimitHeaders::default() };
    let mut name = |key: &str, header: Option<&Placed<String>>| {
        let header = header?;
        checker.noting(key, header.place, scalars::header_name(&header.value));
        Some(header.value.to_ascii_lowercase())
    };
    LimitHeaders {
        limit: name("limit_headers.limit", written.limit.as_ref()),
        remaining: name("limit_headers.remaining", written.remaining.as_ref()),
        reset: name("limit_headers.reset", written.reset.as_ref()),
    }
}

fn retry(written: Option<&RetryReadsFile>, checker: &mut Checker<'_>) -> Option<RetryPolicy> {
    let Some(written) = written else {
        let base = Duration::from_millis(1);
        return Some(RetryPolicy { on: Vec::new(), attempts: 1, base, factor: 1.0, jitter: false, wait_header: None });
    };
    let on: Vec<Option<u16>> = written.on.iter().map(|status| checker.within("on", status, 400..=599)).collect();
    let attempts = checker.within("attempts", &written.attempts, 1..=10);
    let base = checker.noting("base", written.backoff.base.place, scalars::duration(&written.backoff.base.value));
    let factor =
        written.backoff.factor.as_ref().map_or(Some(2.0), |factor| checker.within("factor", factor, 1.0..=10.0));
    if let Some(header) = &written.wait_header {
        checker.noting("wait_header", header.place, scalars::header_name(&header.value));
    }
    Some(RetryPolicy {
        on: on.into_iter().collect::<Option<_>>()?,
        attempts: attempts?,
        base: base?,
        factor: factor?,
        jitter: written.backoff.jitter.unwrap_or(true),
        wait_header: written.wait_header.as_ref().map(|header| header.value.clone()),
    })
}

fn lookup(name: &Placed<String>, written: &LookupFile, checker: &mut Checker<'_>) -> Option<Lookup> {
    checker.noting("lookups", name.place, scalars::name(&name.value, '_'));
    let parts = Written { request: &written.request, encode: written.encode.as_ref(), query: &written.query };
    let request = request(parts, Holes::default(), checker);
    let records = checker.path_or_whole("records", written.records.as_ref());
    let empty = checker.empty(&written.empty);
    let key = checker.path("key", &written.key);
    let cache = written
        .cache
        .as_ref()
        .map_or(Some(DEFAULT_CACHE), |text| checker.noting("cache", text.place, scalars::duration(&text.value)));
    let next = match &written.next {
        None => Some(None),
        Some(path) => checker.path("next", path).map(Some),
    };
    Some(Lookup {
        request: request?,
        records: records?,
        empty,
        next: next?,
        key: key?,
        members: None,
        cache: cache?,
        optional: written.optional,
    })
}

fn resources(
    written: &ConnectorFile,
    Beside { mappings, schema, .. }: Beside<'_>,
    ids: Option<&Pattern>,
    checker: &mut Checker<'_>,
) -> BTreeMap<Resource, Vec<Variant>> {
    if written.resources.0.is_empty() {
        checker.mistake(Place::START, "`resources` is empty; a connector needs at least one");
    }
    let mut compiled = BTreeMap::new();
    for (name, resource) in written.resources.iter() {
        let Ok(canonical) = name.value.parse::<Resource>() else {
            let allowed = listed(Resource::EVERY.iter().map(|resource| resource.as_str()));
            checker.mistake(
                name.place,
                format!("`resources`: there is no resource `{}`; allowed are {allowed}", name.value),
            );
            continue;
        };
        let context = resource::Context { schema: schema.resource(canonical), connector: written, mappings, ids };
        if let Some(variants) = resource::compile(name.place, resource, context, checker) {
            compiled.insert(canonical, variants);
        }
    }
    compiled
}
