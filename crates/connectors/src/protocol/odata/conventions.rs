//! The names that `OData` has for what HTTP leaves open. Vendors of other protocols use them too.

use vendor_client::VendorBody;

use super::link;
use crate::call::dialect::Conventions;

/// Those of `OData` itself: weak tags are compared, and times are times of the service's own zone.
pub(crate) const OWN: Conventions = Conventions { compares_weak_tags: true, compares_local_times: true, ..BORROWED };

/// What other protocols have of them.
pub(crate) const BORROWED: Conventions = Conventions {
    version_members: &["odata.etag", "@odata.etag"],
    version_at: ("__metadata", "etag"),
    compares_weak_tags: false,
    // HTTP's own, and those of `OData` 4 and of `OData` 1 to 3.
    new_record_headers: &["location", "odata-entityid", "dataserviceid"],
    compares_local_times: false,
    linked: link::record,
    link: |base, members| link::body(base, members).map(|text| VendorBody::Xml(text.into_bytes())),
};
