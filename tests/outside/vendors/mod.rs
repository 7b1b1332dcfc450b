//! What is owed by every vendor alike. These tests ask the catalogue what there is, so that a vendor, a resource, a filter
//! or a field is tested as soon as it is defined.

/// Each named `async fn(&Connected)` as a test of every vendor, in each variant that its settings choose; `by_name`: each
/// `async fn(&str)`, which is told the vendor's service id alone.
macro_rules! on_every_vendor {
    (by_name: $($test:ident),+ $(,)?) => {
        on_every_vendor!(@name agile_crm "agile-crm": $($test),+);
        on_every_vendor!(@name avid_crm "avid-crm": $($test),+);
        on_every_vendor!(@name axiomatic_crm "axiomatic-crm": $($test),+);
        on_every_vendor!(@name hubspot "hubspot": $($test),+);
        on_every_vendor!(@name pipedrive "pipedrive": $($test),+);
        on_every_vendor!(@name teamswork_crm "teamswork-crm": $($test),+);
    };
    (@name $module:ident $service:literal: $($test:ident),+) => {
        mod $module {
            $(#[tokio::test]
            async fn $test() {
                super::$test($service).await;
            })+
        }
    };
    ($($test:ident),+ $(,)?) => {
        on_every_vendor!(@vendor agile_crm "agile-crm": $($test),+);
        on_every_vendor!(@vendor avid_crm "avid-crm": $($test),+);
        on_every_vendor!(@vendor axiomatic_crm "axiomatic-crm": $($test),+);
        on_every_vendor!(@vendor hubspot "hubspot": $($test),+);
        on_every_vendor!(@vendor pipedrive "pipedrive": $($test),+);
        on_every_vendor!(@vendor teamswork_crm "teamswork-crm": $($test),+);
    };
    (@vendor $module:ident $service:literal: $($test:ident),+) => {
        mod $module {
            $(#[tokio::test]
            async fn $test() {
                for connected in crate::vendors::connected::Connected::every_variant($service).await {
                    super::$test(&connected).await;
                }
            })+
        }
    };
}

mod bad_days;
mod compare;
mod connected;
mod findings;
mod half_done;
mod listing;
mod matrix;
mod meanwhile;
mod paces;
mod questions;
mod round_trip;
mod selection;
mod values;
mod vendor_rules;
