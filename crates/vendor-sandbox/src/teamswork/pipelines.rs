//! What no caller can change: pipelines with their stages.

use serde_json::{Value, json};

use super::records::page_of;
use super::replies;
use crate::exchange::{Outcome, VendorRequest};

/// A stage's id, name and probability.
type Stage = (&'static str, &'static str, u8);

struct Pipeline {
    id: &'static str,
    name: &'static str,
    stages: &'static [Stage],
}

const PIPELINES: [Pipeline; 2] = [
    Pipeline {
        id: "3f1d2c66-8a44-4d7b-9a0e-5b1c00000501",
        name: "Sales",
        stages: &[
            ("3f1d2c66-8a44-4d7b-9a0e-5b1c00000511", "Qualification", 10),
            ("3f1d2c66-8a44-4d7b-9a0e-5b1c00000512", "Proposal", 60),
            ("3f1d2c66-8a44-4d7b-9a0e-5b1c00000513", "Closing", 90),
        ],
    },
    Pipeline {
        id: "3f1d2c66-8a44-4d7b-9a0e-5b1c00000502",
        name: "Renewals & Verlängerungen",
        stages: &[
            ("3f1d2c66-8a44-4d7b-9a0e-5b1c00000521", "Due", 50),
            ("3f1d2c66-8a44-4d7b-9a0e-5b1c00000522", "50% agreed", 75),
        ],
    },
];

/// `GET pipeline/pipelines/opportunities`.
pub(super) fn list(request: &VendorRequest) -> Outcome {
    Ok(replies::items(page_of(request, PIPELINES.iter().map(show))?))
}

/// `GET pipeline/pipelines/opportunities/{id}`.
pub(super) fn one(id: &str) -> Outcome {
    let pipeline = PIPELINES.iter().find(|pipeline| pipeline.id.eq_ignore_ascii_case(id));
    let pipeline = pipeline.ok_or_else(|| replies::not_found("pipeline"))?;
    Ok(replies::item(200, &show(pipeline)))
}

/// The pipeline and the stage that an opportunity stands in which names neither.
pub(super) fn first_place() -> (&'static str, &'static str) {
    places().next().unwrap_or_default()
}

/// Every pipeline's id with every stage's.
pub(super) fn places() -> impl Iterator<Item = (&'static str, &'static str)> {
    PIPELINES.iter().flat_map(|pipeline| pipeline.stages.iter().map(|(id, ..)| (pipeline.id, *id)))
}

/// The stage inside an opportunity.
pub(super) fn stage_reference(id: &str) -> Value {
    let stage = PIPELINES.iter().flat_map(|pipeline| pipeline.stages).find(|(known, ..)| *known == id);
    stage.map_or(Value::Null, |(id, name, _)| json!({"id": id, "name": name}))
}

fn show(pipeline: &Pipeline) -> Value {
    let stages: Vec<Value> = (1..)
        .zip(pipeline.stages)
        .map(|(order, (id, name, probability))| json!({"id": id, "name": name, "order": order, "probability": probability}))
        .collect();
    json!({"id": pipeline.id, "name": pipeline.name, "stages": stages})
}
