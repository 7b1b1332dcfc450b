//! Names that are nobody's, lead inwards, move between two questions, or are never answered.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connection_vault::{NewConnection, StoreLocation, VaultOptions};
use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::APPLICATION;
use vendor_client::Resolver;

use super::site::Site;
use super::vendor::{Act, Ground, Vendor};
use super::{EXECUTION, FINE, Owed, REEF, SETTINGS, error, ok, success, surprise};

/// What a name server answers, one after the other; the last answer stays. No answer at all: it never does.
type Answers = &'static [Option<&'static [&'static str]>];

/// A fault: its name, what is answered to the questions for the vendor's host, and what the first and the second call owe.
struct Misnamed {
    name: &'static str,
    answers: Answers,
    owed: [Owed<'static>; 2],
}

struct NameServer(Mutex<BTreeMap<String, VecDeque<Option<Vec<IpAddr>>>>>);

#[async_trait]
impl Resolver for NameServer {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let next = {
            let mut names = self.0.lock().unwrap();
            let answers = names.get_mut(host).ok_or_else(|| io::Error::other("no such host"))?;
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        match next.ok_or_else(|| io::Error::other("no such host"))? {
            Some(addresses) => Ok(addresses),
            None => std::future::pending().await,
        }
    }
}

fn misnamed() -> Vec<Misnamed> {
    let fault = |name, answers, first, second| Misnamed { name, answers, owed: [first, second] };
    let inward = |name, answers| fault(name, answers, error(422, SETTINGS, 0), error(422, SETTINGS, 0));
    let lost = |name, answers| fault(name, answers, error(503, EXECUTION, 0), error(503, EXECUTION, 0));
    vec![
        lost("a name of nobody", &[]),
        lost("a name without an address", &[Some(&[])]),
        lost("a name that is never answered", &[None]),
        inward("a name for an inner address", &[Some(&["10.0.0.1"])]),
        inward("a name for the metadata of a cloud", &[Some(&["169.254.169.254"])]),
        inward("a name for the machine itself over IPv6", &[Some(&["::1"])]),
        inward("a name for an inner address of IPv6", &[Some(&["fd00:ec2::254"])]),
        inward("a name for an inner address within IPv6", &[Some(&["::ffff:192.168.1.1"])]),
        inward("a name for an inner address behind a translator", &[Some(&["64:ff9b::a00:1"])]),
        inward("a name for an outer and an inner address", &[Some(&["192.0.2.1", "127.0.0.2"])]),
        fault(
            "a name that moves inwards",
            &[Some(&["127.0.0.1"]), Some(&["127.0.0.2"])],
            success(200, 1),
            error(422, SETTINGS, 1),
        ),
        fault("a name that is gone", &[Some(&["127.0.0.1"]), Some(&[])], success(200, 1), error(503, EXECUTION, 1)),
        fault("a name that stays where it is", &[Some(&["127.0.0.1"])], success(200, 1), success(200, 2)),
    ]
}

#[tokio::test]
async fn a_name_owes_what_it_leads_to() {
    let parsed = |answers: Answers| {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        answers.iter().map(|answer| answer.map(addresses)).collect()
    };
    let host = |number: usize, what: &str| format!("{what}-{number}.vendor.test");
    let names = misnamed();
    let known = names
        .iter()
        .enumerate()
        .flat_map(|(number, fault)| ["read", "write"].map(|what| (host(number, what), parsed(fault.answers))));
    let site =
        Site::start(VaultOptions::new(StoreLocation::Memory), Arc::new(NameServer(Mutex::new(known.collect())))).await;
    let mut surprises = Vec::new();
    for (number, fault) in names.iter().enumerate() {
        for (what, method) in [("read", Method::GET), ("write", Method::POST)] {
            let vendor = Vendor::start(Ground::Plain, vec![vec![Act::Hear, Act::Say(ok(FINE))]]).await;
            let home = vendor.home().replace("127.0.0.1", &host(number, what));
            let consumer = format!("{what}-{number}");
            let new =
                NewConnection::new(&APPLICATION.parse().unwrap(), &consumer.parse().unwrap(), REEF.parse().unwrap());
            site.vault.connections().add(new.with_setting("home", home).with_setting("token", "hush")).await.unwrap();
            for owed in fault.owed {
                let status = if owed.type_name.is_none() { success_of(&method) } else { owed.status };
                let person = if method == Method::GET { Value::Null } else { json!({ "first_name": "Ada" }) };
                let reply = site.call(REEF, &consumer, method.clone(), "/crm/contacts", &person).await;
                surprises.extend(surprise(
                    &format!("{}, {what}", fault.name),
                    &reply,
                    vendor.calls(),
                    Owed { status, ..owed },
                ));
            }
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

fn success_of(method: &Method) -> u16 {
    if *method == Method::POST { 201 } else { 200 }
}
