//! Which way a list takes, and which parameters of it belong to the definition.

use std::collections::BTreeSet;

use crate::plan::{ConnectorDefinition, FilterRules, ListPlan, ListWay, Paging, SettingValues, SortStyle};

/// Why a list cannot be had as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRefusal {
    /// No way to list carries these filters.
    #[error("unsupported filters: {}; supported: {}", unsupported.join(", "), supported.join(", "))]
    UnsupportedFilters {
        /// The filters asked for that no way carries.
        unsupported: Vec<String>,
        /// Every filter that some way carries.
        supported: Vec<String>,
    },
    /// Each filter is supported, but the vendor has no request for all of them together.
    #[error("the filters {} cannot be combined", asked.join(", "))]
    FiltersNotTogether {
        /// The filters asked for.
        asked: Vec<String>,
        /// The filters that can be had together, one list for each way.
        combinations: Vec<Vec<String>>,
    },
    /// The vendor answered records that the filters exclude, so it does not know them.
    #[error("the vendor ignored the filters {}", ignored.join(", "))]
    Ignored {
        /// The filters that it ignored.
        ignored: Vec<String>,
    },
    /// No way that carries the filters carries the sort.
    #[error("unsupported sort: {by}; supported: {}", supported.join(", "))]
    UnsupportedSort {
        /// The sort asked for.
        by: String,
        /// The sorts that can be had with the filters asked for.
        supported: Vec<String>,
    },
}

/// What a caller asks of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'q> {
    /// The filters.
    pub filters: &'q [&'q str],
    /// Those of them whose value stands for several of the vendor's, so that no request carries it.
    pub unsendable: &'q [&'q str],
    /// The sort.
    pub sort: Option<&'q str>,
}

impl ListPlan {
    /// The way to list with these filters and this sort; see [`Self::choose_for`].
    ///
    /// # Errors
    /// What the vendor cannot do, and what it can.
    pub fn choose(&self, filters: &[&str], sort: Option<&str>) -> Result<&ListWay, ListRefusal> {
        self.choose_for(Asked { filters, unsendable: &[], sort })
    }

    /// The way to list what is asked for: of those that serve it the one that leaves the fewest filters to the gateway; of several
    /// the base way, else the first.
    ///
    /// # Errors
    /// What the vendor cannot do, and what it can.
    pub fn choose_for(&self, asked: Asked<'_>) -> Result<&ListWay, ListRefusal> {
        let Asked { filters, sort, .. } = asked;
        let supported = distinct(self.ways.iter().flat_map(ListWay::filter_names));
        let unsupported: Vec<String> = filters
            .iter()
            .filter(|name| !supported.iter().any(|known| known == *name))
            .map(|&name| name.to_owned())
            .collect();
        if !unsupported.is_empty() {
            return Err(ListRefusal::UnsupportedFilters { unsupported, supported });
        }
        let mut carrying: Vec<&ListWay> = self.base_first().filter(|way| way.carries(asked)).collect();
        carrying.sort_by_key(|way| way.left_to_gateway(asked));
        if carrying.is_empty() && !filters.is_empty() {
            let combinations = self
                .base_first()
                .map(|way| way.filter_names().map(str::to_owned).collect::<Vec<_>>())
                .filter(|together| !together.is_empty())
                .collect();
            let asked = filters.iter().map(|&name| name.to_owned()).collect();
            return Err(ListRefusal::FiltersNotTogether { asked, combinations });
        }
        let sorted = carrying.iter().find(|way| sort.is_none_or(|by| way.sorts_by(by)));
        sorted.copied().ok_or_else(|| ListRefusal::UnsupportedSort {
            by: sort.unwrap_or_default().to_owned(),
            supported: distinct(carrying.iter().flat_map(|way| way.sorts.iter().map(String::as_str))),
        })
    }

    /// Every filter that some way carries, in the order declared.
    #[must_use]
    pub fn filters(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.base_first().flat_map(ListWay::filter_names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The way without filters, then the others in the order written.
    pub(crate) fn base_first(&self) -> impl Iterator<Item = &ListWay> {
        let base = if self.parents.is_some() { None } else { self.ways.last() };
        let others = self.ways.len() - usize::from(base.is_some());
        base.into_iter().chain(self.ways.iter().take(others))
    }
}

impl ListWay {
    /// Parameters that `pass_through` may not override, because the definition sends them itself.
    #[must_use]
    pub fn reserved_parameters<'d>(
        &'d self,
        connector: &'d ConnectorDefinition,
        settings: &'d SettingValues,
    ) -> Vec<&'d str> {
        let own = self.request.query.iter().filter_map(|(name, _)| settings.parameter(name));
        let fixed = connector.query.iter().map(|(name, _)| name.as_str()).chain(own);
        let sort = self.sort.iter().flat_map(SortStyle::parameters);
        let rules = self.rules.iter().filter(|rules| rules.joined().is_none()).map(|rules| rules.parameter());
        let names: BTreeSet<&str> = fixed.chain(self.paging.parameters()).chain(sort).chain(rules).collect();
        names.into_iter().collect()
    }

    /// The filters that the request carries, then those that the gateway applies alone.
    pub(crate) fn filter_names(&self) -> impl Iterator<Item = &str> {
        let is_sent = |name: &str| self.filters.iter().any(|(known, _)| known == name);
        let applied = self.post_filters.iter().map(|own| own.filter.as_str()).filter(move |name| !is_sent(name));
        self.filters.iter().map(|(name, _)| name.as_str()).chain(applied)
    }

    /// Whether the way serves the filters, by its request or by the gateway.
    pub(crate) fn carries(&self, asked: Asked<'_>) -> bool {
        asked.filters.iter().all(|name| self.sends(name, asked) || self.applies(name))
            && self.needs.iter().all(|needed| asked.filters.contains(&needed.as_str()))
    }

    /// How many of the filters the request leaves to the gateway.
    fn left_to_gateway(&self, asked: Asked<'_>) -> usize {
        asked.filters.iter().filter(|name| !self.sends(name, asked)).count()
    }

    fn sends(&self, name: &str, asked: Asked<'_>) -> bool {
        self.filters.iter().any(|(known, _)| known == name) && !asked.unsendable.contains(&name)
    }

    fn applies(&self, name: &str) -> bool {
        self.post_filters.iter().any(|own| own.filter == name)
    }

    /// One record is in any order.
    fn sorts_by(&self, sort: &str) -> bool {
        self.one_or_none || self.sorts.iter().any(|known| known == sort)
    }
}

impl Paging {
    /// The parameters that paging sends.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        match self {
            Self::None | Self::Sliced => Vec::new(),
            Self::Cursor { size, send, .. } | Self::Page { size, send, .. } | Self::Offset { size, send, .. } => {
                vec![&size.send, send]
            }
            Self::NextUrl { size, .. } => vec![&size.send],
        }
    }
}

impl SortStyle {
    /// The parameters that a sort sends.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        match self {
            Self::Signed { send } | Self::OrderBy { send, .. } => vec![send],
            Self::Pair { by, direction, .. } => vec![by, direction],
        }
    }
}

impl FilterRules {
    /// The parameter whose value a caller may narrow with one of its own, since the two can be joined.
    #[must_use]
    pub fn joined(self) -> Option<&'static str> {
        match self {
            Self::AgileFilter => None,
            Self::OdataFilter => Some(self.parameter()),
        }
    }

    /// The parameter that carries the rules.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::AgileFilter => "filterJson",
            Self::OdataFilter => "$filter",
        }
    }
}

fn distinct<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().map(str::to_owned).collect()
}
