//! What the service says about itself: its sets, and the types of their rows.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::render::Form;
use super::schema::{self, Navigation, Relation, SETS, Set};
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
    let mut associations = String::new();
    let mut sets = String::new();
    let mut association_sets = String::new();
    for set in &SETS {
        write_type(&mut types, set);
        let _ = write!(sets, r#"<EntitySet Name="{}" EntityType="Prophet.{}"/>"#, set.name, set.entity);
        for (navigation, target) in set.navigations.iter().filter_map(|way| Some((way, schema::set(way.target)?))) {
            write_association(&mut associations, set, navigation, target);
            write_association_set(&mut association_sets, set, navigation, target);
        }
    }
    let document = format!(
        r#"<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><Schema Namespace="Prophet" xmlns="http://schemas.microsoft.com/ado/2009/11/edm">{types}{associations}<EntityContainer Name="Container" m:IsDefaultEntityContainer="true">{sets}{association_sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"#
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
        let association = association(set, navigation);
        let _ = write!(
            document,
            r#"<NavigationProperty Name="{0}" Relationship="Prophet.{association}" ToRole="{0}" FromRole="{0}Partner"/>"#,
            navigation.name
        );
    }
    document.push_str("</EntityType>");
}

fn association(set: &Set, navigation: &Navigation) -> String {
    format!("{}_{}", set.entity, navigation.name)
}

/// What the ends of a way are: how many rows there may be at each.
fn write_association(document: &mut String, set: &Set, navigation: &Navigation, target: &Set) {
    let (here, there) = match navigation.relation {
        Relation::FromLeft(_) | Relation::FromRight(_) => ("*", "*"),
        Relation::Owns | Relation::OwnsCustomValues => ("0..1", "*"),
        Relation::OwnedBy => ("*", "0..1"),
    };
    let (name, way) = (association(set, navigation), navigation.name);
    let _ = write!(
        document,
        r#"<Association Name="{name}"><End Type="Prophet.{}" Role="{way}Partner" Multiplicity="{here}"/><End Type="Prophet.{}" Role="{way}" Multiplicity="{there}"/></Association>"#,
        set.entity, target.entity
    );
}

fn write_association_set(document: &mut String, set: &Set, navigation: &Navigation, target: &Set) {
    let (name, way) = (association(set, navigation), navigation.name);
    let _ = write!(
        document,
        r#"<AssociationSet Name="{name}Set" Association="Prophet.{name}"><End Role="{way}Partner" EntitySet="{}"/><End Role="{way}" EntitySet="{}"/></AssociationSet>"#,
        set.name, target.name
    );
}
