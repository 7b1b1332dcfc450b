//! No setting moves an address to where its definition does not point.

use connector_catalog::{Pattern, Setting, SettingInput, Template};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use secrecy::SecretString;

use super::*;
use crate::credentials::Credentials;

const AGILE: &str = "https://{settings.domain}.agilecrm.com/dev/api";

fn address_in(template: &str, value: &str, pattern: Option<&str>, guard: &Guard) -> Result<Address, VendorError> {
    let pattern = pattern.map(|source| Pattern {
        source: source.to_owned(),
        regex: regex_lite::Regex::new(&format!("^(?:{source})$")).expect("pattern"),
    });
    let declared = [Setting {
        name: "domain".to_owned(),
        label: String::new(),
        input: SettingInput::Text,
        options: Vec::new(),
        pattern,
        required: true,
        sensitive: false,
        default: None,
        help: None,
        from_token: false,
        secrets_go_to: false,
    }];
    let settings = [("domain".to_owned(), SecretString::from(value))].into();
    let credentials = Credentials { settings };
    let settings = Settings { declared: &declared, credentials: &credentials };
    Address::of_connection(&Template::parse(template).expect("template"), settings, guard)
}

fn address(template: &str, value: &str) -> Result<Address, VendorError> {
    address_in(template, value, None, &Guard::new(&[]))
}

#[test]
fn a_label_becomes_part_of_the_host() {
    let address = address(AGILE, "Acme-1").expect("address");
    assert_eq!(address.host, "acme-1.agilecrm.com");
    assert_eq!(address.trust, Trust::Tenant);
    let url = address.url("/contacts/5", "page_size=2").expect("url");
    assert_eq!(url.as_str(), "https://acme-1.agilecrm.com/dev/api/contacts/5?page_size=2");
}

#[test]
fn what_would_change_the_host_is_refused() {
    for value in [
        "",
        " ",
        "evil.com/",
        "evil.com#",
        "evil.com?",
        "evil.com\\",
        "user@evil",
        "a:b",
        "a b",
        "a\n",
        "a%2f",
        "a.b",
        ".",
        "-a",
        "a-",
        "é",
        "127.0.0.1:80/",
        "[::1]",
        &"a".repeat(64),
    ] {
        assert!(matches!(address(AGILE, value), Err(VendorError::Settings(_))), "{value:?}");
    }
}

#[test]
fn a_pattern_decides_whether_dots_are_allowed() {
    let guard = Guard::new(&[]);
    assert!(address_in(AGILE, "eu.acme", Some("[a-z.]+"), &guard).is_ok());
    assert!(address_in(AGILE, "eu.acme", Some("[a-z]+"), &guard).is_err());
    assert!(address_in(AGILE, "evil.com/", Some(".*"), &guard).is_err());
}

#[test]
fn a_whole_host_may_have_dots_but_no_port() {
    for template in ["https://{settings.domain}/api", "https://{settings.domain}:8443/api", "https://{settings.domain}"]
    {
        assert_eq!(address(template, "crm.acme.com").expect(template).host, "crm.acme.com");
        for value in ["crm.acme.com:80", "crm.acme.com.", "crm..acme.com", "crm.acme.com/x"] {
            assert!(address(template, value).is_err(), "{value}");
        }
    }
}

#[test]
fn an_address_of_the_tenants_own_is_https_and_nothing_but_an_address() {
    let own = |value| address("{settings.domain}/api", value);
    let good = own(" https://crm.acme.com:8443/odata/ ").expect("address");
    let url = good.url("/Contacts(guid'0')", "").expect("url");
    assert_eq!(url.as_str(), "https://crm.acme.com:8443/odata/api/Contacts(guid'0')");
    for value in [
        "http://crm.acme.com",
        "ftp://crm.acme.com",
        "file:///etc/passwd",
        "crm.acme.com",
        "https://u:p@crm.acme.com",
        "https://@crm.acme.com",
        "https://crm.acme.com:0",
        "https://crm.acme.com?x",
        "https://crm.acme.com#x",
        "https://",
        "javascript:alert(1)",
        "https:/crm.acme.com",
        "https:///crm.acme.com",
        "https:crm.acme.com",
        "",
        "https://a b",
        "https://crm.acme.com:99999",
    ] {
        assert!(matches!(own(value), Err(VendorError::Settings(_))), "{value:?}");
    }
}

#[test]
fn a_literal_address_is_checked_however_it_is_spelled() {
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "169.254.169.254",
        "0",
        "10.1",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "１２７.0.0.1",
    ] {
        let refused = address("{settings.domain}", &format!("https://{host}/")).expect_err(host);
        assert!(matches!(refused, VendorError::Forbidden { .. }), "{host}: {refused:?}");
    }
    for host in ["127.0.0.1", "2130706433", "0x7f.1"] {
        let refused = address("https://{settings.domain}/api", host).expect_err(host);
        assert!(matches!(refused, VendorError::Forbidden { .. }), "{host}: {refused:?}");
    }
    assert!(address("{settings.domain}", "https://8.8.8.8").is_ok());
}

#[test]
fn plain_http_needs_a_network_that_the_operator_allows() {
    let guard = Guard::new(&["10.1.0.0/16".parse().expect("network")]);
    let plain = |value| address_in("{settings.domain}", value, None, &guard);
    assert_eq!(plain("http://crm.internal").expect("checked when resolved").trust, Trust::Plain);
    assert!(plain("http://10.1.2.3").is_ok());
    assert!(matches!(plain("http://10.2.2.3"), Err(VendorError::Forbidden { .. })));
    assert!(matches!(plain("http://8.8.8.8"), Err(VendorError::Forbidden { .. })));
}

#[test]
fn a_definition_without_holes_is_trusted() {
    assert_eq!(address("https://10.0.0.1/api", "").expect("address").trust, Trust::Operator);
    assert!(address("http://api.vendor.test", "").is_err());
}

#[test]
fn a_setting_in_the_path_stays_one_segment() {
    let tenant = "https://api.vendor.test/{settings.domain}/v1";
    let address_of = |value| address(tenant, value);
    let url = address_of("a/b c").expect("address").url("/x", "").expect("url");
    assert_eq!(url.path(), "/a%2Fb%20c/v1/x");
    for value in ["..", "."] {
        assert!(address_of(value).is_err(), "{value}");
    }
}

#[test]
fn a_request_path_is_sent_as_written_or_not_at_all() {
    let address = address(AGILE, "acme").expect("address");
    for path in
        ["/contacts/..", "/contacts/.", "/a/%2e%2e/b", "/a/.%2E", "contacts", "/a b", "/a?b", "/a#b", "/a\\b", "/a\n"]
    {
        assert!(address.url(path, "").is_err(), "{path:?}");
    }
    for path in ["", "/", "/a%2Fb", "/Contacts(guid'0')", "/$batch", "/a;b=c", "/a:b@c"] {
        assert!(address.url(path, "").is_ok(), "{path:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_setting_leaves_the_definitions_host(value in any::<String>()) {
        stays_at_agile(&value)?;
    }

    #[test]
    fn no_crafted_setting_leaves_the_definitions_host(value in "[a-z0-9./:@?#\\\\\\[\\]%\\t\\n -]{0,24}") {
        stays_at_agile(&value)?;
    }
}

fn stays_at_agile(value: &str) -> Result<(), TestCaseError> {
    for pattern in [None, Some("(?s).*")] {
        if let Ok(address) = address_in(AGILE, value, pattern, &Guard::new(&[])) {
            let url = address.url("/contacts", "").expect("url");
            prop_assert_eq!(url.scheme(), "https");
            prop_assert!(url.host_str().expect("host").ends_with(".agilecrm.com"));
            prop_assert_eq!(url.path(), "/dev/api/contacts");
            prop_assert_eq!(url.port(), None);
            prop_assert!(url.username().is_empty() && url.password().is_none());
        }
    }
    Ok(())
}
