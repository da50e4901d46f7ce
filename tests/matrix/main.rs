//! Every macro on every shape of function, ending in every way that the shape can end: the whole
//! exported tree, the metrics, and what the caller gets.
#![cfg(test)]
#![allow(
    clippy::large_futures,
    clippy::panic,
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    reason = "functions as users write them, in every shape"
)]

mod body;
mod cell;
mod expected;
mod functions;
mod picture;
mod run;
mod settings;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cell::Cell;
use expected::{Expected, expected};
use picture::{Point, Points};
use run::{Place, Seen};
use settings::{discarded, recorded, unrecorded};

/// What is wrong, a block for each cell.
fn report(wrong: &[String]) {
    let mut text = format!("{} cells are not as expected\n", wrong.len());
    for block in wrong {
        let _ = write!(text, "\n{block}");
    }
    assert!(wrong.is_empty(), "{text}");
}

/// Runs all cells, and checks what their callers and their bodies saw.
fn run_all(place: Place, is_recording: bool, wrong: &mut Vec<String>) {
    for cell in Cell::all() {
        let Seen { output, inside } = run::run(cell, place);
        let expected = expected::output(cell);
        if output != expected {
            wrong.push(format!(
                "{place:?}: {cell}: the caller saw {output:?}, expected {expected:?}\n"
            ));
        }
        if inside.is_empty() == expected::runs(cell) || inside.contains(&!is_recording) {
            wrong.push(format!(
                "{place:?}: {cell}: whether its span was recording: {inside:?}, expected {is_recording}\n"
            ));
        }
    }
}

/// Compares what is exported of all cells with what is expected.
fn check(is_sampled: bool) {
    let mut wrong = Vec::new();
    for place in Place::ALL {
        let exported = recorded(is_sampled, || run_all(place, is_sampled, &mut wrong));
        let mut expected: Vec<(Cell, Expected)> =
            Cell::all().into_iter().map(|cell| (cell, expected(cell, place))).collect();
        if !is_sampled {
            for (_, expected) in &mut expected {
                expected.trees.clear();
            }
        }
        check_trees(place, &expected, exported.trees, &mut wrong);
        check_points(place, &expected, &exported.points, &mut wrong);
    }
    report(&wrong);
}

fn check_trees(
    place: Place,
    expected: &[(Cell, Expected)],
    mut trees: BTreeMap<String, String>,
    wrong: &mut Vec<String>,
) {
    for (cell, Expected { trees: expected, .. }) in expected {
        let found = trees.remove(&cell.id.to_string()).unwrap_or_default();
        if found != *expected {
            wrong.push(format!("{place:?}: {cell}: exported\n{found}expected\n{expected}"));
        }
    }
    let of_no_cell = trees.into_iter();
    wrong.extend(of_no_cell.map(|(of, tree)| format!("{place:?}: {of} is of no cell\n{tree}")));
}

fn check_points(
    place: Place,
    expected: &[(Cell, Expected)],
    measured: &Points,
    wrong: &mut Vec<String>,
) {
    // What `impl` blocks measure has the name of the method in all cells.
    let mut wanted: BTreeMap<&str, (Point, Vec<Cell>)> = BTreeMap::new();
    for (cell, Expected { points, .. }) in expected {
        for (name, point) in points {
            let (all, cells) = wanted.entry(name).or_default();
            all.count += point.count;
            all.sum += point.sum;
            cells.push(*cell);
        }
    }
    for name in measured.keys() {
        let (_, cells) = wanted.entry(name).or_default();
        if cells.is_empty() {
            cells.extend(expected.iter().map(|(cell, _)| *cell).filter(|cell| cell.is_in(name)));
        }
    }
    for (name, (expected, cells)) in wanted {
        let found = measured.get(name).copied().unwrap_or_default();
        if found != expected {
            let cells: Vec<String> = cells.iter().map(Cell::to_string).collect();
            let cells = cells.join(", ");
            wrong.push(format!(
                "{place:?}: {cells}: measured {found:?}, expected {expected:?}\n{name}\n"
            ));
        }
    }
}

#[test]
fn every_cell_leaves_its_tree_and_its_metrics() {
    check(true);
}

#[test]
fn every_cell_is_measured_the_same_when_it_is_not_sampled() {
    check(false);
}

#[test]
fn every_cell_does_what_its_body_does_when_nothing_is_kept() {
    let mut wrong = Vec::new();
    discarded(|| {
        for place in Place::ALL {
            run_all(place, false, &mut wrong);
        }
    });
    report(&wrong);
}

#[test]
fn every_cell_does_what_its_body_does_when_nothing_is_set_up() {
    let mut wrong = Vec::new();
    unrecorded(|| {
        for place in Place::ALL {
            run_all(place, false, &mut wrong);
        }
    });
    report(&wrong);
}
