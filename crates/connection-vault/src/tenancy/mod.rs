//! Applications, their consumers, and what applications define for themselves: integrations, fields of their own, origins.

mod application_rows;
mod applications;
mod consumer_rows;
mod consumers;
mod integration_rows;
mod integrations;
mod mapping_target_rows;
mod mapping_targets;
mod origins;

pub use applications::{ApplicationPatch, ApplicationSummary, Applications};
#[cfg(test)]
pub(crate) use consumer_rows::ONE;
pub use consumers::{ConsumerPage, ConsumerSummary, Consumers};
pub use integrations::{IntegrationPatch, IntegrationState, IntegrationSummary, Integrations};
pub(crate) use integrations::{IntegrationRow, IntegrationsOfApplication};
pub(crate) use mapping_targets::MappingTargetsOfApplication;
pub use mapping_targets::{MappingTarget, MappingTargets, NewMappingTarget};
pub use origins::Origins;
