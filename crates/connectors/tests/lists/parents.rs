//! Lists that are reachable only through other records.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use unified_model::{Position, Resource};

use crate::gateway::{Gateway, ids};
use crate::vendor::{Asked, Vendor};

/// The people and the deals that a note is about.
type About = (Vec<usize>, Vec<usize>);

/// People in pages of at most four behind a cursor, deals all at once; a note has any number of people and deals.
#[derive(Debug, Clone)]
struct Notes {
    people: usize,
    deals: usize,
    /// The people and deals of each note.
    about: Vec<About>,
}

impl Notes {
    fn resource(calls: usize) -> String {
        format!(
            "  notes:
    all:
      parents:
        - request: GET /people
          paging: {{ cursor: {{ size: size, max: 4, send: from, next: {{ last_record: cursor }} }} }}
          id: id
          children: \"GET /people/{{parent}}/notes\"
          keep: {{ first: \"people[].id\" }}
        - request: GET /deals
          records: items
          paging: sliced
          id: id
          children: \"GET /deals/{{parent}}/notes\"
          children_at: notes
          keep: {{ none: \"people[].id\", first: \"deals[]\" }}
      fan_out: 3
      calls: {calls}
"
        )
    }

    fn answer(&self, asked: &Asked) -> Value {
        let notes = |of: &dyn Fn(&About) -> bool| -> Value {
            let mine = self.about.iter().enumerate().filter(|(_, note)| of(note));
            mine.map(|(id, (people, deals))| {
                let people: Vec<Value> = people.iter().map(|id| json!({ "id": id })).collect();
                json!({ "id": id, "subject": "Called", "people": people, "deals": deals })
            })
            .collect()
        };
        match asked.path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            ["people"] => {
                let from = asked.number("from").unwrap_or(0);
                let to = (from + asked.number("size").unwrap()).min(self.people);
                let person = |id: usize| match id + 1 {
                    next if next == to && to < self.people => json!({ "id": id, "cursor": to.to_string() }),
                    _ => json!({ "id": id }),
                };
                (from..to).map(person).collect()
            }
            ["deals"] => json!({ "items": (0..self.deals).map(|id| json!({ "id": id })).collect::<Vec<_>>() }),
            ["people", id, "notes"] => notes(&|(people, _)| people.contains(&id.parse().unwrap())),
            ["deals", id, "notes"] => json!({ "notes": notes(&|(_, deals)| deals.contains(&id.parse().unwrap())) }),
            _ => Value::Null,
        }
    }

    /// Every note that has a parent.
    fn reachable(&self) -> Vec<String> {
        let has_one = |note: &&(usize, &About)| !note.1.0.is_empty() || !note.1.1.is_empty();
        self.about.iter().enumerate().filter(|note| has_one(&note)).map(|(id, _)| id.to_string()).collect()
    }

    async fn gateway(&self, calls: usize) -> (Gateway, Vendor) {
        let notes = self.clone();
        let vendor = Vendor::answering(move |asked| notes.answer(asked)).await;
        (Gateway::to(&vendor, &Self::resource(calls)), vendor)
    }
}

fn notes() -> impl Strategy<Value = Notes> {
    (1..13usize, 1..6usize).prop_flat_map(|(people, deals)| {
        let some = |of: usize| proptest::collection::hash_set(0..of, 0..of.min(3) + 1);
        let note = (some(people), some(deals)).prop_map(|(people, deals)| {
            (people.into_iter().collect::<Vec<_>>(), deals.into_iter().collect::<Vec<_>>())
        });
        proptest::collection::vec(note, 0..25).prop_map(move |notes| Notes { people, deals, about: notes })
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_child_comes_once_within_the_calls_allowed(
        notes in notes(),
        limits in proptest::collection::vec(1..12u16, 1..4),
        calls in 2..9usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (gateway, vendor) = notes.gateway(calls).await;
            let (mut found, mut position, mut asked) = (Vec::new(), None, 0);
            for limit in limits.iter().cycle() {
                let page = gateway.page(Resource::Notes, &format!("limit={limit}"), position).await;
                assert!(page.ids.len() <= usize::from(*limit));
                let now = vendor.seen().len();
                assert!(now - asked <= calls, "{} calls: {:?}", now - asked, &vendor.seen()[asked..]);
                asked = now;
                found.extend(page.ids);
                let Some(next) = page.next else { break };
                position = Some(next);
            }
            found.sort_by_key(|id| id.parse::<usize>().unwrap());
            assert_eq!(found, notes.reachable(), "{notes:?} {limits:?} {calls}");
        });
    }
}

#[tokio::test]
async fn a_child_of_two_parents_is_listed_under_the_first_alone() {
    let notes = Notes { people: 1, deals: 2, about: vec![(vec![], vec![0, 1])] };
    let (gateway, _vendor) = notes.gateway(25).await;
    assert_eq!(ids(&gateway.pages(Resource::Notes, &[20]).await), ["0"]);
}

#[tokio::test]
async fn a_page_whose_calls_are_used_up_is_short_and_goes_on() {
    // Only the last of the people has notes.
    let notes = Notes { people: 10, deals: 0, about: vec![(vec![9], vec![]), (vec![9], vec![])] };
    let (gateway, _vendor) = notes.gateway(5).await;
    let pages = gateway.pages(Resource::Notes, &[20]).await;
    assert!(pages[0].ids.is_empty() && pages[0].next.is_some());
    assert_eq!(ids(&pages), ["0", "1"]);
}

#[tokio::test]
async fn a_parent_is_found_again_when_others_came_before_it() {
    let before = Notes { people: 1, deals: 3, about: vec![(vec![], vec![2]), (vec![], vec![2])] };
    let (gateway, _vendor) = before.gateway(25).await;
    let first = gateway.page(Resource::Notes, "limit=1", None).await;
    assert_eq!(first.ids, ["0"]);
    let Some(Position::Parents { source, page, id, taken, .. }) = first.next else { panic!("another position") };
    // As if deal 2 had been the first when the cursor was made.
    let moved = Position::Parents { source, page, parent: 0, id, taken };
    assert_eq!(gateway.page(Resource::Notes, "limit=1", Some(moved)).await.ids, ["1"]);
}

#[tokio::test]
async fn a_parent_that_went_away_meanwhile_has_no_children() {
    let vendor = Vendor::answering(|asked| match asked.path.as_str() {
        "/people" => json!([{ "id": 1 }, { "id": 2 }]),
        "/people/2/notes" => json!([{ "id": 7, "subject": "Called" }]),
        _ => Value::Null,
    });
    let vendor = vendor.await;
    let resource = "  notes:
    all: { parents: [ { request: GET /people, paging: none, id: id, children: \"GET /people/{parent}/notes\" } ] }
";
    let page = Gateway::to(&vendor, resource).page(Resource::Notes, "raw=true&fields=id", None).await;
    assert_eq!((page.ids, page.next), (vec!["7".to_owned()], None));
    assert_eq!(page.raw, ["all", "all-2"]);
}
