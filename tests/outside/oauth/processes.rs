//! Servers as processes of their own: two that want the same token.

use reqwest::Method;

use super::office::Office;
use crate::support::send;
use crate::two_servers::Schema;

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_renew_a_token_once() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address()).await;
    let servers = [office.installation.serve(), office.installation.serve()];
    office.import(&servers[0], "ann").await;
    office.quay.close();
    let calls: Vec<_> = (0..200)
        .map(|number| tokio::spawn(send(office.request(&servers[number % 2], "ann", Method::GET, "/crm/contacts"))))
        .collect();
    office.quay.token_request_arrived().await;
    office.quay.open();
    for call in calls {
        let reply = call.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!((office.quay.token_requests().len(), office.quay.refused_calls()), (1, 0));
}
