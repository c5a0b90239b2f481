use mail::Domain;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::record::Provider;

/// What an organisation sets about the parts that the guide leaves open: the table `[nta]` of the
/// settings. The default accepts least where a proof is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Marks of certified suppliers in a certificate's OU (R-SEND-7); empty: annex B is refused.
    #[serde(deserialize_with = "marks")]
    pub ou_marks: Vec<String>,
    /// Suppliers that are accepted for recipients (R-SEND-10); `None`: all that records name.
    pub suppliers: Option<Vec<Provider>>,
    /// Suppliers whose domain is known, so that their own record can be asked for (R-DNS-4).
    #[serde(deserialize_with = "known")]
    pub supplier: Vec<KnownSupplier>,
}

/// A supplier and the domain at which its supplier's record stands. DNS has no way from the mark
/// to the domain, so a person says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownSupplier {
    /// The mark, as records name it.
    pub mark: Provider,
    /// The supplier's domain.
    pub domain: Domain,
}

impl Policy {
    /// The domain of the supplier with this mark, where it is known.
    #[must_use]
    pub fn domain_of(&self, mark: &Provider) -> Option<&Domain> {
        self.supplier.iter().find(|known| known.mark == *mark).map(|known| &known.domain)
    }
}

/// A mark is compared exactly: a blank one, or one with blanks around it, would match by mistake
/// or never.
fn marks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let marks = Vec::<String>::deserialize(from)?;
    match marks.iter().find(|mark| mark.is_empty() || mark.trim() != *mark) {
        None => Ok(marks),
        Some(mark) => Err(D::Error::custom(format!(
            "`{mark}` is no mark of an OU: it is empty or has blanks around it"
        ))),
    }
}

fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<KnownSupplier>, D::Error> {
    let known = Vec::<KnownSupplier>::deserialize(from)?;
    let again = known
        .iter()
        .enumerate()
        .find(|(at, one)| known.iter().take(*at).any(|earlier| earlier.mark == one.mark));
    match again {
        None => Ok(known),
        Some((_, one)) => {
            Err(D::Error::custom(format!("the supplier {} stands here twice", one.mark)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_accepts_all_suppliers_and_no_mark() {
        let policy: Policy = serde_json::from_str("{}").unwrap();
        assert_eq!(policy, Policy::default());
        assert!(policy.ou_marks.is_empty() && policy.suppliers.is_none());
    }

    #[test]
    fn a_suppliers_domain_is_found_by_its_exact_mark() {
        let text = r#"{"supplier":[{"mark":"ZorgMail","domain":"zorgmail.example"}]}"#;
        let policy: Policy = serde_json::from_str(text).unwrap();
        let domain = |mark: &str| policy.domain_of(&Provider::parse(mark).unwrap());
        assert_eq!(domain("ZorgMail").unwrap().as_str(), "zorgmail.example");
        assert_eq!(domain("zorgmail"), None);
    }

    #[test]
    fn marks_that_would_match_by_mistake_or_never_are_refused() {
        for text in [
            r#"{"ou_marks":[""]}"#,
            r#"{"ou_marks":["NTA "]}"#,
            r#"{"suppliers":["a;b"]}"#,
            r#"{"supplier":[{"mark":"a","domain":"a b"}]}"#,
            r#"{"supplier":[{"mark":"a","domain":"a.nl"},{"mark":"a","domain":"b.nl"}]}"#,
            r#"{"oumarks":[]}"#,
        ] {
            assert!(serde_json::from_str::<Policy>(text).is_err(), "{text}");
        }
    }
}
