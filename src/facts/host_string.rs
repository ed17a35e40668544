//! Hosts and ports in the connection strings of databases.

use std::ops::Range;

/// A host in a connection string.
#[derive(Debug, PartialEq)]
pub(super) struct Connection {
    /// Where in the text the name is.
    pub(super) at: Range<usize>,
    /// The port, where one is stated, or the driver is and means it.
    pub(super) port: Option<u16>,
}

/// Keys of a host, in lower case: Npgsql's (`NpgsqlConnectionStringBuilder`), SQL Server's
/// (`SqlConnectionStringBuilder`) and libpq's (`PQconninfoOptions`).
const HOSTS: [&str; 4] = ["host", "server", "data source", "address"];

/// Keys that stand in such strings beside a host.
const OTHERS: [&str; 10] = [
    "database",
    "dbname",
    "initial catalog",
    "password",
    "port",
    "pwd",
    "uid",
    "user",
    "user id",
    "username",
];

/// The driver of PostgreSQL before a string of PHP: `host` alone is a key of MySqlConnector, EasyNetQ
/// and others as well.
const POSTGRES: &str = "pgsql:";

/// The host of a connection string, alone in a text or as the value of the first of its words; none
/// where several are named.
pub(super) fn read(text: &str) -> Option<Connection> {
    let is_semicolon = text.contains(';');
    let mut host: Option<(Range<usize>, bool)> = None;
    let (mut port, mut is_connection, mut is_postgres) = (None, false, false);
    let mut next = 0;
    for part in text.split(|c: char| if is_semicolon { c == ';' } else { c.is_whitespace() }) {
        let start = next;
        next += part.len() + 1;
        // What stands before the first key is the name of the whole.
        let is_first = host.is_none() && !is_connection;
        let at = if is_first { part.rfind('=') } else { part.find('=') };
        let Some(at) = at else { continue };
        let (key, value) = (part[..at].trim().to_ascii_lowercase(), part[at + 1..].trim());
        is_postgres |= is_first && key.contains(POSTGRES);
        let key = match is_first {
            true => key.rsplit([':', '=']).next().unwrap_or_default().trim(),
            false => &*key,
        };
        if HOSTS.contains(&key) {
            if host.is_some() {
                return None;
            }
            let before = part[at + 1..].len() - part[at + 1..].trim_start().len();
            let start = start + at + 1 + before;
            host = Some((start..start + value.len(), key == "host"));
        } else if OTHERS.contains(&key) {
            is_connection = true;
            if key == "port" {
                port = Some(value.parse().ok()?);
            }
        }
    }
    let (at, is_list) = host.filter(|_| is_connection)?;
    let written = &text[at.clone()];
    // SQL Server has a protocol before the name and the port behind it.
    let name = written.strip_prefix("tcp:").unwrap_or(written);
    let start = at.end - name.len();
    let (name, behind) = match name.split_once(',') {
        Some((name, port)) if !is_list => (name, Some(port.trim().parse().ok()?)),
        _ => (name, None),
    };
    let port = behind.or(port).or(is_postgres.then_some(5432));
    Some(Connection { at: start..start + name.len(), port })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn hosts_and_ports_of_connection_strings() {
        for (text, name, port) in [
            ("Host=db;Port=5433;Database=app", "db", Some(5433)),
            ("Host=db;Database=app", "db", None),
            ("Default: Host = db ; Username=a", "db", None),
            ("ConnectionStrings__Main=Host=db;Database=app;Password=a=", "db", None),
            ("pgsql:host=db;dbname=app", "db", Some(5432)),
            ("DSN=pgsql:dbname=app;host=db", "db", Some(5432)),
            ("pgsql:host=db;port=5433;dbname=app", "db", Some(5433)),
            ("mysql:host=db;dbname=app;charset=utf8mb4", "db", None),
            ("host=db;username=guest;password=guest", "db", None),
            ("host=db port=5433 dbname=app", "db", Some(5433)),
            ("host=db user=a", "db", None),
            ("Server=sql,1434;Database=a", "sql", Some(1434)),
            ("Server=tcp:sql,1434;User Id=a", "sql", Some(1434)),
            ("Data Source=sql;Initial Catalog=a", "sql", None),
            ("Server=db;Port=3307;Uid=a", "db", Some(3307)),
        ] {
            let found = read(text).map(|it| (&text[it.at], it.port));
            assert_eq!(found, Some((name, port)), "{text}");
        }
        for text in [
            "Host=db",
            "Server=db",
            "host=a host=b dbname=c",
            "Host=db;Port=${PORT};Database=a",
            "--host=db",
            "a=b;c=d",
            "it has a host",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
