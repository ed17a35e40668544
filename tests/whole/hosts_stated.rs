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
