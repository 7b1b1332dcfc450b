//! The unified API that this server offers: the one place that says which.

use unified_model::UnifiedApi;

/// The one that routes, connections and connectors are of.
pub(crate) const OFFERED: UnifiedApi = UnifiedApi::WHERE_NONE_IS_NAMED;

/// What paths and members call it.
pub(crate) const OFFERED_ID: &str = OFFERED.as_str();
