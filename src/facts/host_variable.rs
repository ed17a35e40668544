//! Names of variables and options that hold a host, and where texts state such.

use super::{host_name, prose};

/// Ends of the names of variables that hold a host, each with that of the variable beside it that has
/// the port.
const HOSTS: [(&str, &str); 2] = [("_HOST", "_PORT"), ("_HOSTNAME", "_PORT")];

/// The same of libpq: `PQconninfoOptions` of PostgreSQL's `fe-connect.c`.
const LIBPQ: (&str, &str) = ("PGHOST", "PGPORT");

/// Ends of the names of variables that hold addresses, if there is a port in each.
const ADDRESSES: [&str; 11] = [
    "BROKERS",
    "BROKER_LIST",
    "_ADDR",
    "_ADDRESS",
    "_ADDRESSES",
    "_ADDRS",
    "_BROKER",
    "_ENDPOINT",
    "_HOSTS",
    "_SERVER",
    "_SERVERS",
];

/// Beginnings of the names of variables that speak of the program itself.
const OWN: [&str; 6] = ["MY_", "NODE_", "OWN_", "POD_", "SELF", "SERVER_HOST"];

/// Parts of the names of such variables.
const LISTENING: [&str; 2] = ["BIND", "LISTEN"];

/// Ends of what the names of variables of a client have before `_HOST`: data stores and queues, which
/// programs connect to, and their drivers.
const STORES: [&str; 18] = [
    "AMQP",
    "CASSANDRA",
    "CLICKHOUSE",
    "DATABASE",
    "DB",
    "ELASTICSEARCH",
    "ETCD",
    "KAFKA",
    "MEMCACHED",
    "MONGO",
    "NATS",
    "OPENSEARCH",
    "PG",
    "POSTGRES",
    "RABBITMQ",
    "REDIS",
    "SQL",
    "VALKEY",
];

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A host, perhaps with a port.
    Host,
    /// A host where its port is in it or beside it: else it may be the name that something has itself.
    HostWithPort,
    /// Hosts with a port each.
    Addresses,
}

impl Holds {
    /// By the name of a variable.
    pub(super) fn of(name: &str) -> Option<Self> {
        let is_own = OWN.iter().any(|start| name.starts_with(start))
            || LISTENING.iter().any(|part| name.contains(part));
        if is_own || host_name::is_talk(name) {
            return None;
        }
        if name.ends_with("_HOST") || name == LIBPQ.0 {
            return Some(Self::Host);
        }
        if port_key(name).is_some() {
            return Some(Self::HostWithPort);
        }
        ADDRESSES.iter().any(|end| name.ends_with(end)).then_some(Self::Addresses)
    }
}

/// The name of the variable that has the port of what another one names.
pub(super) fn port_key(name: &str) -> Option<String> {
    if name == LIBPQ.0 {
        return Some(LIBPQ.1.to_owned());
    }
    let of = |(end, port): (&str, &str)| Some(format!("{}{port}", name.strip_suffix(end)?));
    HOSTS.into_iter().find_map(of)
}

/// Whether a variable and the one beside it that has the port may be the program's own, by which it
/// listens, as `N8N_HOST` and `N8N_PORT` are.
pub(super) fn may_be_own(name: &str) -> bool {
    let part = HOSTS.into_iter().find_map(|(end, _)| name.strip_suffix(end));
    name != LIBPQ.0 && !part.is_some_and(|part| STORES.iter().any(|store| part.ends_with(store)))
}

/// A name with a value, in one of several texts.
#[derive(Debug, PartialEq)]
pub(super) struct Stated<'t> {
    /// The name as that of a variable.
    pub(super) name: String,
    /// Which text has the value.
    pub(super) index: usize,
    /// The byte of the text that the value begins at.
    pub(super) at: usize,
    /// The value.
    pub(super) value: &'t str,
}

/// The last value that each name has: it is the one that counts.
pub(super) fn last<'s, 't>(all: &'s [Stated<'t>], name: &str) -> Option<&'s Stated<'t>> {
    all.iter().rev().find(|stated| stated.name == name)
}

/// The name of a variable for what a key or an option is called, as `DB_HOST` for `db.host`.
pub(super) fn of_key(key: &str) -> String {
    key.to_ascii_uppercase().replace(['-', '.'], "_")
}

/// The options among the words of a command line, as `--db-host=db` or `--db-host db`.
pub(super) fn options<'t>(words: &[&'t str]) -> Vec<Stated<'t>> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let key = word.split('=').next().unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if !key.starts_with('-') || !key.chars().all(is_part) {
            continue;
        }
        let name = of_key(key.trim_start_matches('-'));
        match (word.get(key.len() + 1..), words.get(index + 1)) {
            (Some(value), _) => found.push(Stated { name, index, at: key.len() + 1, value }),
            (None, Some(value)) if !value.starts_with('-') => {
                found.push(Stated { name, index: index + 1, at: 0, value });
            }
            _ => {}
        }
    }
    found
}

/// The variables of a file of lines `NAME=value`.
pub(super) fn lines(text: &str) -> Vec<Stated<'_>> {
    prose::lines(text).into_iter().filter_map(variable).collect()
}

fn variable((offset, line): (usize, &str)) -> Option<Stated<'_>> {
    let at = line.find('=')?;
    let name = line[..at].trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_part) {
        return None;
    }
    let rest = &line[at + 1..];
    let value = rest.trim();
    let before = rest.len() - rest.trim_start().len();
    let quotes = ['"', '\''];
    let inner = quotes.into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let at = offset + at + 1 + before + usize::from(inner.is_some());
    Some(Stated { name: name.to_owned(), index: 0, at, value: inner.unwrap_or(value) })
}

#[cfg(test)]
mod tests {
    use super::{Holds, lines, may_be_own, options, port_key};

    #[test]
    fn names_of_variables() {
        for (name, holds, port) in [
            ("DB_HOST", Some(Holds::Host), Some("DB_PORT")),
            ("PGHOST", Some(Holds::Host), Some("PGPORT")),
            ("DB_HOSTNAME", Some(Holds::HostWithPort), Some("DB_PORT")),
            ("KAFKA_BROKERS", Some(Holds::Addresses), None),
            ("BROKERS", Some(Holds::Addresses), None),
            ("KAFKA_BOOTSTRAP_SERVERS", Some(Holds::Addresses), None),
            ("HOST", None, None),
            ("GHOST", None, None),
            ("WEB_LISTEN_ADDRESS", None, None),
            ("ALLOWED_HOSTS", None, None),
        ] {
            assert_eq!((Holds::of(name), port_key(name).as_deref()), (holds, port), "{name}");
        }
    }

    #[test]
    fn names_of_ones_own() {
        for name in ["APP_HOSTNAME", "N8N_HOST", "MYSQL_EXPORTER_HOST"] {
            assert!(may_be_own(name), "{name}");
        }
        for name in ["DB_HOST", "DB_HOSTNAME", "DB_POSTGRESDB_HOST", "MYSQL_HOST", "PGHOST"] {
            assert!(!may_be_own(name), "{name}");
        }
    }

    #[test]
    fn values_and_where_they_are() {
        let words = ["run", "--db-host=db", "--db-port", "5432", "--quiet", "-Da.b=c", "--x"];
        let found: Vec<_> =
            options(&words).into_iter().map(|it| (it.name, it.index, it.at, it.value)).collect();
        let of = |name: &str, index, at, value| (name.to_owned(), index, at, value);
        let expected =
            [of("DB_HOST", 1, 10, "db"), of("DB_PORT", 3, 0, "5432"), of("DA_B", 5, 6, "c")];
        assert_eq!(found, expected);
        let text = "# A=b\nexport DB_HOST = \"db\"\nDB_PORT=5432 # as it is\nan url = x\n";
        let found: Vec<_> = lines(text).into_iter().map(|it| (it.name, it.at, it.value)).collect();
        assert_eq!(found, [("DB_HOST".to_owned(), 24, "db"), ("DB_PORT".to_owned(), 36, "5432")]);
    }
}
