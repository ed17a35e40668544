//! Hosts and ports in the connection strings of databases.

use std::ops::Range;

use super::host_name::host_and_port;

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
const HOSTS: [&str; 4] = ["host", "server", DATA_SOURCE, "address"];

/// The key of a host for SQL Server alone: SQLite has a file there, Oracle an alias.
const DATA_SOURCE: &str = "data source";

/// Keys of a database that only servers have more than one of.
const DATABASES: [&str; 2] = ["database", "initial catalog"];

/// Keys of SQLite alone: `SqliteConnectionStringBuilder` of Microsoft.Data.Sqlite, and `version` of
/// System.Data.SQLite.
const SQLITE: [&str; 4] = ["cache", "foreign keys", "mode", "version"];

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

/// The hosts of a connection string, alone in a text or as the value of the first of its words; none
/// where it is not sure what belongs together.
pub(super) fn read(text: &str) -> Vec<Connection> {
    of_go(text).map_or_else(|| of_keys(text).unwrap_or_default(), |found| vec![found])
}

/// The host of `user:word@tcp(db:3306)/name`: `ParseDSN` and `ensureHavePort` of the `dsn.go` of
/// github.com/go-sql-driver/mysql.
fn of_go(text: &str) -> Option<Connection> {
    const PROTOCOL: &str = "tcp(";
    let is_start = |(at, _): &(usize, &str)| {
        text[..*at].chars().next_back().is_none_or(|c| "@=/ ".contains(c))
    };
    let (at, _) = text.match_indices(PROTOCOL).find(is_start)?;
    let start = at + PROTOCOL.len();
    let inner = &text[start..start + text[start..].find(")/")?];
    let (name, port) = host_and_port(inner)?;
    Some(Connection { at: start..start + name.len(), port: port.or(Some(3306)) })
}

fn of_keys(text: &str) -> Option<Vec<Connection>> {
    let is_semicolon = text.contains(';');
    let mut host: Option<(Range<usize>, &str)> = None;
    let (mut ports, mut is_connection, mut is_postgres) = (Vec::new(), false, false);
    let (mut has_database, mut is_sqlite) = (false, false);
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
        has_database |= DATABASES.contains(&key);
        is_sqlite |= SQLITE.contains(&key);
        if let Some(key) = HOSTS.into_iter().find(|known| *known == key) {
            if host.is_some() {
                return None;
            }
            let before = part[at + 1..].len() - part[at + 1..].trim_start().len();
            let start = start + at + 1 + before;
            host = Some((start..start + value.len(), key));
        } else if OTHERS.contains(&key) {
            is_connection = true;
            if key == "port" {
                let all = value.split(',').map(|port| port.trim().parse::<u16>());
                ports = all.collect::<Result<_, _>>().ok()?;
            }
        }
    }
    let (at, key) = host.filter(|_| is_connection)?;
    let written = &text[at.clone()];
    let is_server = has_database || written.contains(',') || written.starts_with("tcp:");
    if key == DATA_SOURCE && (is_sqlite || !is_server) {
        return None;
    }
    if key == "host" {
        return Some(listed((at.start, written), &ports, is_semicolon, is_postgres));
    }
    let ([] | [_]) = &*ports else { return None };
    // SQL Server has a protocol before the name and the port behind it.
    let name = written.strip_prefix("tcp:").unwrap_or(written);
    let start = at.end - name.len();
    let (name, behind) = match name.split_once(',') {
        Some((name, port)) => (name, Some(port.trim().parse().ok()?)),
        None => (name, None),
    };
    let port = behind.or(ports.first().copied());
    Some(vec![Connection { at: start..start + name.len(), port }])
}

/// The hosts that commas part, each for itself: libpq has a list of ports beside that of hosts
/// (`connectOptions2` of its `fe-connect.c`), Npgsql a port behind a host.
fn listed(
    (offset, written): (usize, &str),
    ports: &[u16],
    is_semicolon: bool,
    is_postgres: bool,
) -> Vec<Connection> {
    let count = written.split(',').count();
    let mut found = Vec::new();
    let mut next = offset;
    for (index, item) in written.split(',').enumerate() {
        let start = next + item.len() - item.trim_start().len();
        next += item.len() + 1;
        let Some((name, own)) = host_and_port(item.trim()) else { continue };
        // libpq takes the colon for a part of the name.
        if own.is_some() && !is_semicolon {
            continue;
        }
        let beside = match ports {
            [] => is_postgres.then_some(5432),
            // Of drivers with semicolons it is not sure that all hosts share it.
            [port] if count == 1 || !is_semicolon => Some(*port),
            all if all.len() == count => Some(all[index]),
            _ => None,
        };
        found.push(Connection { at: start..start + name.len(), port: own.or(beside) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::read;

    fn shown(text: &str) -> Vec<(&str, Option<u16>)> {
        read(text).into_iter().map(|it| (&text[it.at], it.port)).collect()
    }

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
            ("Data Source=sql,1434;User Id=a;Password=b", "sql", Some(1434)),
            ("Data Source=tcp:sql;User Id=a;Password=b", "sql", None),
            ("Server=db;Port=3307;Uid=a", "db", Some(3307)),
            ("Host=db:5434;Port=5433;Database=a", "db", Some(5434)),
            ("user:a@b@tcp(db:3307)/name?x=y", "db", Some(3307)),
            ("--dsn=tcp(db)/name", "db", Some(3306)),
        ] {
            assert_eq!(shown(text), [(name, port)], "{text}");
        }
        for (text, hosts) in [
            ("Host=a:1, b;Database=c", [("a", Some(1)), ("b", None)]),
            ("Host=a,b;Port=1;Database=c", [("a", None), ("b", None)]),
            ("host=a,b port=1,2 dbname=c", [("a", Some(1)), ("b", Some(2))]),
            ("host=a,b port=1 dbname=c", [("a", Some(1)), ("b", Some(1))]),
        ] {
            assert_eq!(shown(text), hosts, "{text}");
        }
        for text in [
            "Host=db",
            "Server=db",
            "Data Source=app.db;Password=a",
            "Data Source=app;Mode=ReadWriteCreate;Database=a",
            "Data Source=DB;User Id=a;Password=b",
            "host=a host=b dbname=c",
            "Host=db;Port=${PORT};Database=a",
            "--host=db",
            "a=b;c=d",
            "it has a host",
            "host=db:5433 dbname=a",
            "Server=a;Port=1,2;Uid=b",
            "user:word@tcp(${HOST}:3306)",
            "a_tcp(db:3307)/name",
        ] {
            assert_eq!(shown(text), [], "{text}");
        }
    }
}
