use std::path::Path;

use serde_json::Value;

use crate::HarnessError;
use crate::desktop::driver::failed;
use crate::desktop::page::Page;

/// A rule that a page breaks, by axe-core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule, such as `color-contrast`.
    pub rule: String,
    /// What it asks.
    pub help: String,
    /// Where it is broken.
    pub nodes: Vec<String>,
}

impl Page<'_> {
    /// What the page breaks of WCAG 2.1, levels A and AA, and how many rules it keeps.
    ///
    /// # Errors
    /// axe-core is not there (the pages' packages hold it), or could not run.
    pub fn accessibility(&self) -> Result<(Vec<Violation>, usize), HarnessError> {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file).map_err(HarnessError::file(&file))?;
        self.script(&axe, vec![])?;
        let mut seen = self.look()?;
        for _ in 1..LOOKS {
            if seen.0.is_empty() {
                break;
            }
            seen = self.look()?;
        }
        Ok(seen)
    }

    fn look(&self) -> Result<(Vec<Violation>, usize), HarnessError> {
        let found = self.script_async(RUN)?;
        if let Some(said) = found.get("error") {
            return Err(failed(&said.to_string()));
        }
        let list = |name: &str| found.get(name).and_then(Value::as_array).cloned();
        let violations = list("violations").unwrap_or_default().iter().map(violation).collect();
        Ok((violations, list("passes").unwrap_or_default().len()))
    }
}

fn violation(found: &Value) -> Violation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
    Violation {
        rule: text(&found["id"]),
        help: text(&found["help"]),
        nodes: nodes
            .iter()
            .map(|node| format!("{} {}", text(&node["html"]), text(&node["failureSummary"])))
            .collect(),
    }
}

/// A page that changed while it was looked at is looked at again: what is wrong with it is wrong then too. Each look
/// is a script of its own: a driver gives a script half a minute.
const LOOKS: usize = 3;
/// A colour on its way to another is none that anybody reads: what moves comes to its end first.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
const still = () => {
  const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
  return Promise.allSettled(moving.map((one) => one.finished));
};
still()
  .then(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
  .then(
    ({ violations, passes }) => done({ violations, passes: passes.map(({ id }) => id) }),
    (error) => done({ error: String(error) }),
  );
";
