//! Amounts of resources by name: `cpu`, `memory`, `nvidia.com/gpu`, `requests.storage`.

use crate::model::{Field, Quantity};
use crate::yaml::Node;

/// Amounts by the name of the resource, in the order of the names. An amount that is stated as zero
/// is there; one that is not stated is not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Amounts(Vec<(Box<str>, Quantity)>);

impl Amounts {
    /// The amounts in a map; those that are no quantities are left out.
    pub(super) fn of(map: Option<Field<'_>>) -> Self {
        Self::exact(map).rounded()
    }

    /// The same before the server rounds them.
    pub(super) fn exact(map: Option<Field<'_>>) -> Self {
        let mut amounts = Self::default();
        let Some(map) = map else { return amounts };
        for (name, field) in map.entries() {
            if let Some(amount) = Quantity::of(field.node) {
                amounts.set(name, amount);
            }
        }
        amounts.0.shrink_to_fit();
        amounts
    }

    /// Rounded up as the server does.
    #[must_use]
    pub fn rounded(&self) -> Self {
        Self(self.0.iter().map(|(name, amount)| (name.clone(), times(*amount, 1))).collect())
    }

    /// The amount of a resource.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Quantity> {
        self.find(name).ok().map(|index| self.0[index].1)
    }

    /// The amount of a resource, nothing being zero.
    #[must_use]
    pub fn of_resource(&self, name: &str) -> Quantity {
        self.get(name).unwrap_or(Quantity::ZERO)
    }

    /// Sets the amount of a resource.
    pub fn set(&mut self, name: &str, amount: Quantity) {
        match self.find(name) {
            Ok(index) => self.0[index].1 = amount,
            Err(index) => self.0.insert(index, (name.into(), amount)),
        }
    }

    /// Sets what is not there yet.
    pub fn default_to(&mut self, others: &Self) {
        for (name, amount) in others.iter() {
            if self.get(name).is_none() {
                self.set(name, amount);
            }
        }
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        for (name, amount) in others.iter() {
            self.add_one(name, amount);
        }
    }

    /// Adds to one resource. A sum that no computer can hold stays as large as it was.
    pub fn add_one(&mut self, name: &str, amount: Quantity) {
        let sum = self.get(name).map_or(Some(amount), |known| known.checked_add(amount));
        if let Some(sum) = sum {
            self.set(name, sum);
        }
    }

    /// Takes the greater of each two.
    pub fn raise(&mut self, others: &Self) {
        for (name, amount) in others.iter() {
            if self.get(name).is_none_or(|known| amount > known) {
                self.set(name, amount);
            }
        }
    }

    /// So many times these.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        let product =
            |&(ref name, amount): &(Box<str>, Quantity)| (name.clone(), times(amount, count));
        Self(self.0.iter().map(product).collect())
    }

    /// The resources with their amounts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Quantity)> {
        self.0.iter().map(|(name, amount)| (&**name, *amount))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
}

/// So many times an amount.
#[must_use]
pub fn times(amount: Quantity, count: u32) -> Quantity {
    amount.checked_mul(f64::from(count)).unwrap_or(amount)
}

impl<'a> FromIterator<(&'a str, Quantity)> for Amounts {
    fn from_iter<I: IntoIterator<Item = (&'a str, Quantity)>>(amounts: I) -> Self {
        let mut all = Self::default();
        amounts.into_iter().for_each(|(name, amount)| all.set(name, amount));
        all
    }
}

/// A quantity as the server reads it: rounded up to thousandths (`SetDefaults_ResourceList` of
/// `pkg/apis/core/v1/defaults.go`).
pub(super) fn quantity(node: &Node) -> Option<Quantity> {
    Quantity::of(node)?.checked_mul(1.0)
}
