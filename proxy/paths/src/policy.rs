//! Certificate policies (RFC 5280 section 6.1.2 to 6.1.5), on the graph of RFC 9618 section 5 instead
//! of the tree: in a tree, a few kilobytes of mappings grow to more nodes than memory holds.
//!
//! One level is enough. A node remembers the policies of the anchor's domain that lead to it, which
//! is all that is asked of the levels above it in the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::Certificate;
use crate::der;
use crate::question::PolicyInputs;
use crate::refusal::{Bound, Reason};

type Oid<'a> = &'a [u8];

/// The state variables that policies need, from one certificate to the next.
#[derive(Debug)]
pub(crate) struct Policies<'a> {
    /// valid_policy_tree's last level; None is NULL.
    level: Option<BTreeMap<Oid<'a>, Node<'a>>>,
    explicit: usize,
    mapping: usize,
    any: usize,
    acceptable: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Node<'a> {
    /// expected_policy_set.
    expected: BTreeSet<Oid<'a>>,
    /// The policies of the anchor's domain that lead here.
    roots: BTreeSet<Oid<'a>>,
}

impl<'a> Policies<'a> {
    /// Section 6.1.2 for a path of this many certificates below the anchor.
    pub(crate) fn new(inputs: &PolicyInputs, length: usize) -> Self {
        let at_first = |at_once: bool| if at_once { 0 } else { length + 1 };
        Self {
            level: Some(BTreeMap::from([(ANY, Node::of(ANY, ANY))])),
            explicit: at_first(inputs.explicit),
            mapping: at_first(inputs.inhibit_mapping),
            any: at_first(inputs.inhibit_any),
            acceptable: inputs.acceptable.clone(),
        }
    }

    /// Section 6.1.3 (d) to (f).
    pub(crate) fn enter(
        &mut self,
        certificate: &Certificate<'a>,
        last: bool,
    ) -> Result<(), Reason> {
        let any = self.any > 0 || (!last && certificate.self_issued());
        self.level = match (&self.level, &certificate.extensions.policies) {
            (Some(above), Some(policies)) => Some(below(above, policies, any)),
            _ => None,
        };
        if self.level.as_ref().is_some_and(BTreeMap::is_empty) {
            self.level = None;
        }
        if self.level.as_ref().is_some_and(|level| level.len() > NODES_MOST) {
            return Err(Reason::TooMany(Bound::Entries));
        }
        if self.explicit == 0 && self.level.is_none() { Err(Reason::Policy) } else { Ok(()) }
    }

    /// Section 6.1.4 (a), (b), (h) to (j): before the next certificate.
    pub(crate) fn prepare(&mut self, certificate: &Certificate<'a>) -> Result<(), Reason> {
        let extensions = &certificate.extensions;
        if extensions.mappings.iter().any(|(from, to)| *from == ANY || *to == ANY) {
            return Err(Reason::PolicyMapping);
        }
        self.map(&extensions.mappings);
        if !certificate.self_issued() {
            self.explicit = self.explicit.saturating_sub(1);
            self.mapping = self.mapping.saturating_sub(1);
            self.any = self.any.saturating_sub(1);
        }
        let least = |now: usize, skip: Option<u32>| skip.map_or(now, |skip| now.min(skip as usize));
        self.explicit = least(self.explicit, extensions.require_explicit);
        self.mapping = least(self.mapping, extensions.inhibit_mapping);
        self.any = least(self.any, extensions.inhibit_any);
        Ok(())
    }

    /// Section 6.1.5 (a), (b), (g): the authority-constrained policies, where enough are left.
    pub(crate) fn finish(mut self, certificate: &Certificate<'a>) -> Result<Vec<String>, Reason> {
        self.explicit = self.explicit.saturating_sub(1);
        if certificate.extensions.require_explicit == Some(0) {
            self.explicit = 0;
        }
        let nodes = self.level.into_iter().flat_map(BTreeMap::into_values);
        let roots: BTreeSet<Oid<'_>> = nodes.flat_map(|node| node.roots).collect();
        let wanted = |oid: &Oid<'_>| {
            *oid == ANY || self.acceptable.is_empty() || self.acceptable.contains(&der::dotted(oid))
        };
        if self.explicit == 0 && !roots.iter().any(wanted) {
            return Err(Reason::Policy);
        }
        Ok(roots.into_iter().map(der::dotted).collect())
    }

    fn map(&mut self, mappings: &[(Oid<'a>, Oid<'a>)]) {
        let Some(level) = &mut self.level else {
            return;
        };
        let mut targets: BTreeMap<Oid<'a>, BTreeSet<Oid<'a>>> = BTreeMap::new();
        for (from, to) in mappings {
            targets.entry(from).or_default().insert(to);
        }
        for (from, expected) in targets {
            if self.mapping == 0 {
                level.remove(from);
            } else if let Some(node) = level.get_mut(from) {
                node.expected = expected;
            } else if level.contains_key(ANY) {
                // "generate a child node of the node of depth i-1 that has a valid_policy of
                // anyPolicy": the anchor's domain knows it by this name.
                level.insert(from, Node { expected, roots: BTreeSet::from([from]) });
            }
        }
        if level.is_empty() {
            self.level = None;
        }
    }
}

impl<'a> Node<'a> {
    fn of(expected: Oid<'a>, root: Oid<'a>) -> Self {
        Self { expected: BTreeSet::from([expected]), roots: BTreeSet::from([root]) }
    }
}

/// Section 6.1.3 (d) (1) and (2).
fn below<'a>(
    above: &BTreeMap<Oid<'a>, Node<'a>>,
    policies: &[Oid<'a>],
    any: bool,
) -> BTreeMap<Oid<'a>, Node<'a>> {
    // Who expects what, looked up once.
    let mut expecting: BTreeMap<Oid<'a>, BTreeSet<Oid<'a>>> = BTreeMap::new();
    for node in above.values() {
        for expected in &node.expected {
            expecting.entry(expected).or_default().extend(node.roots.iter().copied());
        }
    }
    let mut level = BTreeMap::new();
    for &policy in policies.iter().filter(|policy| **policy != ANY) {
        if let Some(roots) = expecting.get(policy) {
            let expected = BTreeSet::from([policy]);
            level.insert(policy, Node { expected, roots: roots.clone() });
        } else if above.contains_key(ANY) {
            level.insert(policy, Node::of(policy, policy));
        }
    }
    if any && policies.contains(&ANY) {
        for (&policy, roots) in &expecting {
            let node = || Node { expected: BTreeSet::from([policy]), roots: roots.clone() };
            level.entry(policy).or_insert_with(node);
        }
    }
    level
}

/// anyPolicy (RFC 5280 section 4.2.1.4).
const ANY: Oid<'static> = &[0x55, 0x1d, 32, 0];

/// Bridges between governments map some dozens of policies.
const NODES_MOST: usize = 1_024;
