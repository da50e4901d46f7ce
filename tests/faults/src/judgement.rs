//! Whether what came of a fault is what may come of it.

use crate::{Account, Endpoint, Fate, Fault, Figures, Protocol, Scenario};

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

    /// The same where there is a spool and a second start.
    #[must_use]
    pub fn objection_with_spool(
        &self,
        protocol: Protocol,
        runs: &[(Account, Figures); 2],
    ) -> Option<String> {
        let [(first, figures), (last, at_last)] = runs;
        let says = |what: &str| {
            Some(format!("{}, {protocol}: {what}: {first:?}, then {last:?}", self.title))
        };
        if first.sent != figures.ended() || first.sent == 0 || first.unknown + last.unknown > 0 {
            return says("the program and the receiver do not mean the same spans");
        }
        if first.silently_lost() + last.silently_lost() > 0 {
            return says("spans are lost that nobody counted");
        }
        let counted_and_arrived = first.counted_and_arrived() + last.counted_and_arrived();
        let is_doubtful = counted_and_arrived > 0 || last.twice > 0;
        if is_doubtful && !self.script().contains(Fault::LoseAnswer) && !self.leaves_doubt {
            return says("spans are counted that arrived, or arrive twice");
        }
        if figures.lost() != figures.told() || at_last.lost() != at_last.told() {
            return says("`shutdown` and `health` do not say the same");
        }
        let is_met = if self.endpoint == Endpoint::Unknown {
            last.on_disk == last.sent
        } else if self.is_final(protocol) {
            last.on_disk == 0 && last.counted > 0
        } else {
            last.on_disk == 0 && last.counted == 0 && last.arrived == last.sent
        };
        if is_met { None } else { says("not what was expected") }
    }

    /// Whether the receiver refuses something for good: waiting would change nothing.
    fn is_final(&self, protocol: Protocol) -> bool {
        let script = self.script();
        let is_quota = protocol == Protocol::Grpc && script.contains(Fault::Refuse(429, None));
        let refusals = [Fault::Refuse(400, None), Fault::Reject(2), Fault::AnswerOtherwise];
        is_quota || refusals.into_iter().any(|fault| script.contains(fault))
    }
}
