//! `figures.tsv`: what a run measured, and the floors below which no later run may fall.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What was counted for one kind or one class.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) accepted: u32,
    pub(crate) refused: u32,
    /// Of the refused, those that we refuse too.
    pub(crate) caught: u32,
    /// Of the caught, those of which the server names a field.
    pub(crate) named: u32,
    /// Of those, the ones where we name it too.
    pub(crate) same: u32,
    /// In thousandths: caught of refused, same of named.
    pub(crate) floors: [u32; 2],
}

impl Count {
    pub(crate) fn shares(&self) -> [u32; 2] {
        [share(self.caught, self.refused), share(self.same, self.named)]
    }
}

/// In thousandths; all of nothing is all.
pub(crate) fn share(part: u32, whole: u32) -> u32 {
    (part * 1000).checked_div(whole).unwrap_or(1000)
}

/// How often something happened, and how often at least it must.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fired {
    pub(crate) times: u32,
    pub(crate) floor: u32,
}

/// Everything that a run measured.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Server, seed, number of mutants, and so on.
    pub(crate) run: BTreeMap<String, String>,
    pub(crate) kinds: BTreeMap<String, Count>,
    pub(crate) classes: BTreeMap<String, Count>,
    /// On how many refused mutants each check fired.
    pub(crate) checks: BTreeMap<String, Fired>,
    /// The same by class of mutation.
    pub(crate) rules: BTreeMap<(String, String), Fired>,
    /// What the server refuses and we do not, by reason.
    pub(crate) missed: BTreeMap<String, u32>,
    /// Where we name another field than the server does, by reason.
    pub(crate) elsewhere: BTreeMap<String, u32>,
}

const HEAD: &str = "\
# How far `gitopsc::check` agrees with kube-apiserver: written by tests/live.rs under GITOPSC_UPDATE=1, floors only ever upwards.
# run: key, value. kind, class: name, accepted, refused, caught, field named, same field, floors of caught and of same field in thousandths.
# check: id, times, floor. rule: class, id, times, floor. missed, elsewhere: times, reason.
";

impl Figures {
    pub(crate) fn read(text: &str) -> Self {
        let mut figures = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let number = |index: usize| {
                let cell: &str = cells.get(index).unwrap_or_else(|| panic!("too short: {line}"));
                cell.parse::<u32>().unwrap_or_else(|_| panic!("no number: {line}"))
            };
            let name = |index: usize| cells[index].to_owned();
            let count = || Count {
                accepted: number(2),
                refused: number(3),
                caught: number(4),
                named: number(5),
                same: number(6),
                floors: [number(7), number(8)],
            };
            match cells[0] {
                "run" => drop(figures.run.insert(name(1), name(2))),
                "kind" => drop(figures.kinds.insert(name(1), count())),
                "class" => drop(figures.classes.insert(name(1), count())),
                "check" => {
                    figures.checks.insert(name(1), Fired { times: number(2), floor: number(3) });
                }
                "rule" => {
                    let fired = Fired { times: number(3), floor: number(4) };
                    figures.rules.insert((name(1), name(2)), fired);
                }
                "missed" => drop(figures.missed.insert(name(2), number(1))),
                "elsewhere" => drop(figures.elsewhere.insert(name(2), number(1))),
                other => panic!("`{other}` is no row"),
            }
        }
        figures
    }

    pub(crate) fn write(&self) -> String {
        let mut text = HEAD.to_owned();
        for (key, value) in &self.run {
            let _ = writeln!(text, "run\t{key}\t{value}");
        }
        for (what, counts) in [("kind", &self.kinds), ("class", &self.classes)] {
            for (name, c) in counts {
                let Count {
                    accepted,
                    refused,
                    caught,
                    named,
                    same,
                    floors: [caught_floor, same_floor],
                } = c;
                let _ = writeln!(
                    text,
                    "{what}\t{name}\t{accepted}\t{refused}\t{caught}\t{named}\t{same}\t{caught_floor}\t{same_floor}"
                );
            }
        }
        for (id, Fired { times, floor }) in &self.checks {
            let _ = writeln!(text, "check\t{id}\t{times}\t{floor}");
        }
        for ((class, id), Fired { times, floor }) in &self.rules {
            let _ = writeln!(text, "rule\t{class}\t{id}\t{times}\t{floor}");
        }
        for (what, reasons) in [("missed", &self.missed), ("elsewhere", &self.elsewhere)] {
            for (reason, times) in reasons {
                let _ = writeln!(text, "{what}\t{times}\t{reason}");
            }
        }
        text
    }

    /// Takes over the floors of `before` and lifts them to what was measured now.
    pub(crate) fn lift(&mut self, before: &Self) {
        for (counts, old) in
            [(&mut self.kinds, &before.kinds), (&mut self.classes, &before.classes)]
        {
            for (name, count) in counts {
                let floors = old.get(name).map_or([0, 0], |count| count.floors);
                let shares = count.shares();
                count.floors = [0, 1].map(|index: usize| floors[index].max(shares[index]));
            }
        }
        // Chance decides how often a rule is asked: half of it is enough, and none never.
        for (id, fired) in &mut self.checks {
            let floor = before.checks.get(id).map_or(0, |fired| fired.floor);
            fired.floor = floor.max(fired.times.div_ceil(2));
        }
        for (rule, fired) in &mut self.rules {
            let floor = before.rules.get(rule).map_or(0, |fired| fired.floor);
            fired.floor = floor.max(fired.times / 2);
        }
    }

    /// What fell below the floors of `before`, in words.
    pub(crate) fn fallen(&self, before: &Self) -> Vec<String> {
        let mut fallen = Vec::new();
        let all = [("kind", &self.kinds, &before.kinds), ("class", &self.classes, &before.classes)];
        for (what, now, before) in all {
            for (name, old) in before {
                let count = now.get(name).cloned().unwrap_or_default();
                if count.refused == 0 && old.refused > 0 {
                    fallen.push(format!("{what} {name}: nothing was asked of it"));
                }
                let words = ["refused objects are caught", "fields are the server's"];
                // One mutant more or less is chance: the rendered trees are among the sound objects.
                let lenient = Count { caught: count.caught + 1, same: count.same + 1, ..count };
                for ((share, floor), words) in
                    lenient.shares().into_iter().zip(old.floors).zip(words)
                {
                    if share < floor {
                        fallen.push(format!(
                            "{what} {name}: not even {share} ‰ of its {words}, the floor is {floor} ‰"
                        ));
                    }
                }
            }
        }
        for (id, old) in &before.checks {
            let times = self.checks.get(id).map_or(0, |fired| fired.times);
            if times < old.floor {
                fallen.push(format!("check {id}: fired {times} times, the floor is {}", old.floor));
            }
        }
        for ((class, id), old) in &before.rules {
            let times = self.rules.get(&(class.clone(), id.clone())).map_or(0, |fired| fired.times);
            if times < old.floor {
                fallen.push(format!(
                    "rule {class} x {id}: fired {times} times, the floor is {}",
                    old.floor
                ));
            }
        }
        fallen
    }

    pub(crate) fn total(&self) -> Count {
        self.kinds.values().fold(Count::default(), |sum, c| Count {
            accepted: sum.accepted + c.accepted,
            refused: sum.refused + c.refused,
            caught: sum.caught + c.caught,
            named: sum.named + c.named,
            same: sum.same + c.same,
            floors: [0, 0],
        })
    }
}
