//! Whether what came of a fault is what may come of it.

use crate::{Account, Fate, Figures, Protocol, Scenario};

impl Scenario {
    /// What did not come out as it has to; nothing if all is well.
    #[must_use]
    pub fn objection(
        &self,
        protocol: Protocol,
        account: &Account,
        figures: &Figures,
    ) -> Option<String> {
        let Account { sent, arrived, counted, unknown, .. } = *account;
        let fate = self.fate(protocol);
        let says = |what: &str| Some(format!("{}, {protocol}: {what}: {account:?}", self.title));
        if sent != figures.ended() || sent == 0 || unknown > 0 {
            return says("the program and the receiver do not mean the same spans");
        }
        if account.silently_lost() > 0 {
            return says("spans are lost that nobody counted");
        }
        if account.counted_and_arrived() > 0 && !self.leaves_doubt {
            return says("spans are counted as lost that arrived");
        }
        if counted != figures.told() {
            return says("`shutdown` and `health` do not say the same");
        }
        if counted > 0 && figures.reasons().is_empty() {
            return says("there is no reason for the loss");
        }
        let is_met = match fate {
            Fate::Arrive => arrived == sent && counted == 0,
            Fate::Lost => counted == sent && (arrived == 0 || self.leaves_doubt),
            Fate::Partly => arrived > 0 && counted > 0,
        };
        if is_met { None } else { says(&format!("expected {fate:?}")) }
    }
}
