//! What the service says about itself: its sets, and the types of their rows.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::render::Form;
use super::schema::{SETS, Set};
use crate::exchange::VendorAnswer;

/// `GET /`: the sets by name.
pub(super) fn service_document(form: &Form) -> VendorAnswer {
    let sets: Vec<Value> = SETS.iter().map(|set| json!({"name": set.name, "url": set.name})).collect();
    let metadata = format!("{}/$metadata", form.base);
    VendorAnswer::json(200, &json!({"odata.metadata": metadata, "value": sets}))
}

/// `GET /$metadata`: EDMX, whatever is accepted.
pub(super) fn document() -> VendorAnswer {
    let mut types = String::new();
    let mut sets = String::new();
    for set in &SETS {
        write_type(&mut types, set);
        let _ = write!(sets, r#"<EntitySet Name="{}" EntityType="Prophet.{}"/>"#, set.name, set.entity);
    }
    let document = format!(
        r#"<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><Schema Namespace="Prophet" xmlns="http://schemas.microsoft.com/ado/2009/11/edm">{types}<EntityContainer Name="Container" m:IsDefaultEntityContainer="true">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"#
    );
    VendorAnswer::xml(200, document)
}

fn write_type(document: &mut String, set: &Set) {
    let _ = write!(document, r#"<EntityType Name="{}"><Key><PropertyRef Name="Id"/></Key>"#, set.entity);
    for (name, edm) in set.properties {
        let nullable = if *name == "Id" { r#" Nullable="false""# } else { "" };
        let _ = write!(document, r#"<Property Name="{name}" Type="{}"{nullable}/>"#, edm.name());
    }
    for navigation in set.navigations {
        let role = format!("Prophet.{}_{}", set.entity, navigation.name);
        let _ = write!(
            document,
            r#"<NavigationProperty Name="{0}" Relationship="{role}" ToRole="{0}" FromRole="{0}Partner"/>"#,
            navigation.name
        );
    }
    document.push_str("</EntityType>");
}
