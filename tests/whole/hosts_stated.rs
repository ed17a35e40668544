//! Hosts and ports in connection strings, and in variables that stand side by side.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

fn shop(containers: &str) -> String {
    let service = |name: &str, port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n\
             spec: {{selector: {{app: db}}, ports: [{{port: {port}, targetPort: 5432}}]}}\n---\n"
        )
    };
    let deployment = |name: &str, containers: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
             selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
             spec: {{containers: [{{name: c, image: 'registry.example.com/c:1', {containers}}}]}}\n---\n"
        )
    };
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n".to_owned()
        + &service("db", 5433)
        + &service("sql", 1434)
        + &deployment("db", "ports: [{containerPort: 5432}]")
        + &deployment("web", containers)
}

fn env(variables: &[(&str, &str)]) -> String {
    let all: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{{name: {name}, value: '{value}'}}"))
        .collect();
    shop(&format!("env: [{}]", all.join(", ")))
}

#[test]
fn ports_that_a_service_lacks() {
    let string = |value: &str| env(&[("CONNECTION", value)]);
    let beside = |port: &str| env(&[("DB_HOST", "db"), ("DB_PORT", port)]);
    let map = |port: &str| {
        shop("envFrom: [{configMapRef: {name: settings}}]")
            + &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: shop}}\ndata: {{DB_HOST: db, DB_PORT: '{port}'}}\n"
            )
    };
    // A ConfigMap with a wrong port, and the variables of who reads it.
    let map_by = |env: &[&str], is_whole: bool| {
        let all = if is_whole { "envFrom: [{configMapRef: {name: settings}}], " } else { "" };
        let reader = format!("{all}env: [{}]", env.join(", "));
        map("5432").replace("envFrom: [{configMapRef: {name: settings}}]", &reader)
    };
    const HOST: &str =
        "{name: DB_HOST, valueFrom: {configMapKeyRef: {name: settings, key: DB_HOST}}}";
    const PORT: &str =
        "{name: DB_PORT, valueFrom: {configMapKeyRef: {name: settings, key: DB_PORT}}}";
    let dotted = |text: String| {
        let text = text.replace("data: {DB_HOST: db, DB_PORT", "data: {db.host: db, db.port");
        text.replace("key: DB_HOST", "key: db.host").replace("key: DB_PORT", "key: db.port")
    };
    const OTHER: &str =
        "{name: OTHER_PORT, valueFrom: {configMapKeyRef: {name: settings, key: DB_PORT}}}";
    const PLAIN: &str = "{name: DB_PORT, value: '5432'}";
    let more = HOST.replacen("DB", "MORE_DB", 1);
    let cases = [
        ("Npgsql", string("Host=db;Port=5432;Database=a"), string("Host=db;Port=5433;Database=a")),
        (
            "PDO without a port",
            string("pgsql:host=db;dbname=a"),
            string("mysql:host=db;dbname=a;charset=utf8mb4"),
        ),
        ("a scheme with a port", string("mongodb://db/a"), string("mongodb+srv://db/a")),
        (
            "a variable stated twice",
            env(&[("DB_HOST", "db:5433"), ("DB_HOST", "db:5432")]),
            env(&[("DB_HOST", "db:5432"), ("DB_HOST", "db:5433")]),
        ),
        ("both keys", map_by(&[HOST, PORT], false), map_by(&[HOST], false)),
        (
            "a port of one's own",
            map_by(&[], true),
            map_by(&["{name: DB_PORT, value: '5433'}"], true),
        ),
        (
            "a host of one's own",
            map_by(&["{name: OTHER, value: a}"], true),
            map_by(&["{name: DB_HOST, value: db.example.com}"], true),
        ),
        (
            "a port beside a key",
            map_by(&[HOST, PORT], false),
            map_by(&[HOST, "{name: DB_PORT, value: '5433'}"], false),
        ),
        (
            "a key by two names",
            map_by(&[HOST, PORT, OTHER], false),
            map_by(&[HOST, "{name: DB_PORT, value: '5433'}", OTHER], false),
        ),
        (
            "keys with dots",
            dotted(map_by(&[HOST, PORT], false)),
            dotted(map_by(&[HOST, "{name: DB_PORT, value: '5433'}", OTHER], false)),
        ),
        (
            "keys by other names",
            map_by(&[&HOST.replacen("DB", "OTHER", 1), OTHER], false),
            map_by(&[&HOST.replacen("DB", "MORE", 1), OTHER], false),
        ),
        (
            "a port beside a key of another place",
            map_by(&[HOST, "{name: DB_PORT, value: '5432'}"], false),
            map_by(&[HOST, "{name: DB_PORT, value: '5433'}"], false),
        ),
        (
            "a port beside all keys",
            map_by(&["{name: DB_PORT, value: '5434'}"], true),
            map_by(&["{name: DB_PORT, value: '$(PORT)'}"], true),
        ),
        (
            "a key by two names with ports",
            map_by(&[HOST, PLAIN, &more, "{name: MORE_DB_PORT, value: '5432'}"], false),
            map_by(&[HOST, "{name: DB_PORT, value: '5433'}", &more], false),
        ),
        ("libpq", string("host=db port=5432 dbname=a"), string("host=db port=5433 dbname=a")),
        (
            "SQL Server",
            string("Server=sql,1433;Database=a"),
            string("Server=tcp:sql,1434;Database=a"),
        ),
        ("MySQL", string("Server=db;Port=3306;Uid=a"), string("Server=db;Port=5433;Uid=a")),
        ("a driver", string("jdbc:mariadb://db/a"), string("jdbc:mariadb://db:5433/a")),
        ("variables side by side", beside("5432"), beside("5433")),
        ("variables of a ConfigMap", map("5432"), map("5433")),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "service-port-missing", broken, mended));
    pairs(&cases, Extent::Whole);
    for fine in [
        string("Server=sql;Database=a"),
        string("Host=db;Database=a;Username=a;Password=b"),
        string("host=db;username=guest;password=guest"),
        string("Host=other;Port=5432;Database=a"),
        string("Host=db,sql;Port=5432;Database=a"),
        string("Host=db;Port=${PORT};Database=a"),
        env(&[("DB_HOST", "db"), ("WEB_PORT", "8080")]),
        env(&[("DB_HOST", "db"), ("DB_PORT", "tcp")]),
        env(&[("SERVER_HOST", "db"), ("SERVER_PORT", "8080")]),
        env(&[("DB_HOST", "db"), ("DB_PORT", "1"), ("DB_PORT", "5433")]),
    ] {
        let found = findings(&fine, Extent::Whole);
        assert!(found.is_empty(), "{found:?} in {fine}");
    }
}

/// A program may have its own name and port in its environment, as the one behind the Service has them.
#[test]
fn ports_of_ones_own() {
    let beside = |name: &str, port: &str| {
        env(&[(&format!("{name}_HOST"), "db"), (&format!("{name}_PORT"), port)])
    };
    let named = |port: &str| {
        let text = beside("APP", port).replace("targetPort: 5432", "targetPort: pg");
        text.replace("containerPort: 5432", "containerPort: 5432, name: pg")
    };
    let cases = [
        ("a store, and a program", beside("DB", "5432"), beside("N8N", "5432")),
        ("a port that nobody has", beside("APP", "5434"), beside("APP", "5432")),
        ("a port by name", named("5434"), named("5432")),
        ("an address", env(&[("APP_HOST", "db:5432")]), env(&[("APP_HOST", "db:5433")])),
        ("options", args("--app-host=db, --app-port=1"), args("--app-host=db, --app-port=5432")),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "service-port-missing", broken, mended));
    pairs(&cases, Extent::Whole);
}

fn args(words: &str) -> String {
    shop(&format!("args: [{words}]"))
}

/// A file `app.env` that the container reads, whose environment has something.
fn dotenv(lines: &str, environment: &str) -> String {
    let mounts = "volumeMounts: [{name: f, mountPath: /etc/web}]";
    let text = shop(&format!("{environment}{mounts}"));
    let end = format!("{mounts}}}]");
    let volumes = format!("{end}, volumes: [{{name: f, configMap: {{name: settings}}}}]");
    let lines = lines.replace('\n', "\n    ");
    text.replace(&end, &volumes)
        + &format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: shop}}\ndata:\n  app.env: |\n    {lines}\n"
        )
}

#[test]
fn ports_beside_hosts_and_in_lists() {
    let string = |value: &str| env(&[("CONNECTION", value)]);
    let beside = |host: &str, key: &str, port: &str| env(&[(host, "db"), (key, port)]);
    let cases = [
        ("libpq", beside("PGHOST", "PGPORT", "5432"), beside("PGHOST", "PGPORT", "5433")),
        (
            "a host name",
            beside("DB_HOSTNAME", "DB_PORT", "5432"),
            beside("DB_HOSTNAME", "DB_PORT", "5433"),
        ),
        (
            "brokers",
            env(&[("KAFKA_BROKERS", "db:5433,db:5432")]),
            env(&[("KAFKA_BROKERS", "db:5433, sql:1434")]),
        ),
        (
            "hosts",
            env(&[("REDIS_HOST", "db:5433,sql:5433")]),
            env(&[("REDIS_HOST", "db:5433,sql")]),
        ),
        (
            "a URL of several",
            string("mongodb://a@db:5433,sql:27017/b"),
            string("mongodb://a@db:5433,sql:1434/b"),
        ),
        ("Go", string("user:a@tcp(db:3307)/name"), string("user:a@tcp(db:5433)/name")),
        ("Go without a port", string("user:a@tcp(db)/name"), string("user:a@unix(/db)/name")),
        (
            "Npgsql with a port in the host",
            string("Host=db:5432;Database=a"),
            string("Host=db:5433;Database=a"),
        ),
        (
            "libpq with several",
            string("host=db,sql port=5433,5433 dbname=a"),
            string("host=db,sql port=5433,1434 dbname=a"),
        ),
        ("options", args("--db-host=db, --db-port=5432"), args("--db-host=db, --db-port=5433")),
        (
            "options and their words",
            args("--db-host, db, --db-port, '5432'"),
            args("--db-host, db, --db-port, '5433'"),
        ),
        (
            "options of the command behind another one",
            args("tini, '--', web, --db-host=db, --db-port=5432"),
            args("--db-host=db, '--', psql, --db-port=5432"),
        ),
        ("an option with a list", args("'--brokers=db:5432'"), args("'--brokers=db:5433'")),
        (
            "lines of a file",
            dotenv("export DB_HOST=\"db\"\nDB_PORT=5432 # of old", ""),
            dotenv("export DB_HOST=\"db\"\nDB_PORT=5433", ""),
        ),
        (
            "lines that count, and lines that do not",
            dotenv("DB_HOST=db\nDB_PORT=5433\nDB_PORT=5432", ""),
            dotenv("DB_HOST=db\nDB_PORT=5432", "env: [{name: DB_PORT, value: '5433'}], "),
        ),
        (
            "a string in lines of a file",
            dotenv("DSN=a:b@tcp(db:3307)/c", ""),
            dotenv("# DSN=a:b@tcp(db:3307)/c\nDSN=a:b@tcp(db:5433)/c", ""),
        ),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "service-port-missing", broken, mended));
    pairs(&cases, Extent::Whole);
    let cases = [
        ("libpq", env(&[("PGHOST", "db-svc")]), env(&[("PGHOST", "db")])),
        (
            "brokers",
            env(&[("BROKERS", "db:5433,db-svc:5433")]),
            env(&[("BROKERS", "db:5433,sql:1434")]),
        ),
        ("an option", args("--db-host=db-svc"), args("--db-host=db")),
        ("a line of a file", dotenv("DB_HOST=db-svc", ""), dotenv("DB_HOST=db", "")),
        ("Go", string("a@tcp(db-svc:5433)/b"), string("a@tcp(db:5433)/b")),
        (
            "SQL Server, and an alias of Oracle",
            string("Data Source=db-svc;Initial Catalog=a;Password=b"),
            string("Data Source=db-svc;User Id=a;Password=b"),
        ),
        (
            "SQL Server, and a file of SQLite",
            string("Data Source=app.shop,1433;Password=a"),
            string("Data Source=app.shop;Mode=ReadWriteCreate;Password=a"),
        ),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "host-unresolved", broken, mended));
    pairs(&cases, Extent::Whole);
    for fine in [
        beside("PGHOST", "DB_PORT", "5432"),
        beside("NODE_HOSTNAME", "NODE_PORT", "5432"),
        env(&[("DB_HOSTNAME", "db-svc")]),
        env(&[("WEIGHTS", "db:5432,sql:20")]),
        env(&[("KAFKA_BROKERS", "db:5433,$(BROKER):5432")]),
        env(&[("KAFKA_ADVERTISED_HOSTS", "db:1")]),
        dotenv("DB_HOST=gone.shop.svc\nDB_PORT=5432", "env: [{name: DB_HOST, value: 'db:5433'}], "),
        args("--bind-host=db, --bind-port=5432"),
        args("--db-host=db, '--db-port=$(PORT)'"),
        args("--db-host=db, --db-port=5432, --db-port=5433"),
        dotenv("DB_HOST=db\nDB_PORT=${PORT}", ""),
        string("user:a@tcp(${HOST}:3307)/name"),
    ] {
        let found = findings(&fine, Extent::Whole);
        assert!(found.is_empty(), "{found:?} in {fine}");
    }
}

/// What a container takes whole: the last that has a name counts.
#[test]
fn sources_that_come_later() {
    let map = |name: &str, data: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {{{data}}}\n---\n"
        )
    };
    let secret = |data: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: secret, namespace: shop}}\nstringData: {{{data}}}\n---\n"
        )
    };
    let all = |sources: &[&str], others: &[String]| {
        let of = |source: &&str| match *source {
            "secret" => "{secretRef: {name: secret}}".to_owned(),
            source => match source.split_once('/') {
                Some((prefix, name)) => {
                    format!("{{prefix: {prefix}, configMapRef: {{name: {name}}}}}")
                }
                None => format!("{{configMapRef: {{name: {source}}}}}"),
            },
        };
        let sources: Vec<String> = sources.iter().map(of).collect();
        shop(&format!("envFrom: [{}]", sources.join(", ")))
            + &map("settings", "DB_HOST: db, DB_PORT: '5432'")
            + &others.concat()
    };
    let port = [map("other", "DB_PORT: '5433'")];
    let host = [map("other", "DB_HOST: db.example.com")];
    let cases = [
        ("a port", all(&["other", "settings"], &port), all(&["settings", "other"], &port)),
        ("a host", all(&["other", "settings"], &host), all(&["settings", "other"], &host)),
        (
            "a prefix",
            all(&["settings", "X_/other"], &port),
            all(&["X_/settings", "X_/other"], &port),
        ),
        (
            "a Secret",
            all(&["settings", "secret"], &[secret("OTHER: '${A}'")]),
            all(&["settings", "secret"], &[secret("DB_PORT: '${A}'")]),
        ),
        (
            "a file",
            dotenv("DB_HOST=db\nDB_PORT=5432", "envFrom: [{configMapRef: {name: other}}], ")
                + "---\n"
                + &map("other", "PORT: '1'"),
            dotenv("DB_HOST=db\nDB_PORT=5432", "envFrom: [{configMapRef: {name: other}}], ")
                + "---\n"
                + &port[0],
        ),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "service-port-missing", broken, mended));
    pairs(&cases, Extent::Whole);
}
