//! The two kinds of object: their properties, which of them are shown unasked, and what each can hold.

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Contact,
    Company,
}

/// A property of an object. Whatever it holds is written and shown as text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    /// Whether it is shown where nobody asks for it by name.
    pub(super) is_default: bool,
}

/// What a property can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Email,
    Number,
    /// One of these.
    Choice(&'static [&'static str]),
    /// The id of one who works with the account.
    Owner,
    /// What the vendor alone decides.
    Vendors,
}

const STAGES: &[&str] = &[
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
];

const fn own(name: &'static str, holds: Holds) -> Property {
    Property { name, holds, is_default: false }
}

const fn default(name: &'static str, holds: Holds) -> Property {
    Property { name, holds, is_default: true }
}

const CONTACT: &[Property] = &[
    default("createdate", Holds::Vendors),
    default("email", Holds::Email),
    default("firstname", Holds::Text),
    default("hs_object_id", Holds::Vendors),
    default("lastmodifieddate", Holds::Vendors),
    default("lastname", Holds::Text),
    own("address", Holds::Text),
    own("associatedcompanyid", Holds::Vendors),
    own("city", Holds::Text),
    own("company", Holds::Text),
    own("country", Holds::Text),
    own("date_of_birth", Holds::Text),
    own("favourite_fruit", Holds::Text),
    own("fax", Holds::Text),
    own("hs_additional_emails", Holds::Vendors),
    own("hubspot_owner_id", Holds::Owner),
    own("jobtitle", Holds::Text),
    own("lifecyclestage", Holds::Choice(STAGES)),
    own("mobilephone", Holds::Text),
    own("notes_last_updated", Holds::Vendors),
    own("phone", Holds::Text),
    own("salutation", Holds::Text),
    own("state", Holds::Text),
    own("twitterhandle", Holds::Text),
    own("website", Holds::Text),
    own("zip", Holds::Text),
];

const COMPANY: &[Property] = &[
    default("createdate", Holds::Vendors),
    default("domain", Holds::Text),
    default("hs_lastmodifieddate", Holds::Vendors),
    default("hs_object_id", Holds::Vendors),
    default("name", Holds::Text),
    own("address", Holds::Text),
    own("address2", Holds::Text),
    own("annualrevenue", Holds::Number),
    own("city", Holds::Text),
    own("country", Holds::Text),
    own("description", Holds::Text),
    own("favourite_fruit", Holds::Text),
    own("hs_parent_company_id", Holds::Vendors),
    own("hubspot_owner_id", Holds::Owner),
    own("industry", Holds::Choice(&["COMPUTER_SOFTWARE", "FOOD_PRODUCTION", "TEXTILES"])),
    own("lifecyclestage", Holds::Choice(STAGES)),
    own("linkedin_company_page", Holds::Text),
    own("facebook_company_page", Holds::Text),
    own("notes_last_updated", Holds::Vendors),
    own("numberofemployees", Holds::Number),
    own("phone", Holds::Text),
    own("state", Holds::Text),
    own("twitterhandle", Holds::Text),
    own("type", Holds::Choice(&["PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"])),
    own("website", Holds::Text),
    own("zip", Holds::Text),
];

impl Kind {
    /// By its name in a path: plural, or the id of the type.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "contacts" | "contact" | "0-1" => Some(Self::Contact),
            "companies" | "company" | "0-2" => Some(Self::Company),
            _ => None,
        }
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Company => "companies",
        }
    }

    pub(super) fn scope(self, reads: bool) -> String {
        format!("crm.objects.{}.{}", self.plural(), if reads { "read" } else { "write" })
    }

    pub(super) fn properties(self) -> &'static [Property] {
        match self {
            Self::Contact => CONTACT,
            Self::Company => COMPANY,
        }
    }

    pub(super) fn property(self, name: &str) -> Option<&'static Property> {
        self.properties().iter().find(|property| property.name == name)
    }

    /// A new object needs one of these.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Contact => &["email", "firstname", "lastname"],
            Self::Company => &["name", "domain"],
        }
    }

    /// The property that moves with every change.
    pub(super) fn changed_at(self) -> &'static str {
        match self {
            Self::Contact => "lastmodifieddate",
            Self::Company => "hs_lastmodifieddate",
        }
    }
}
