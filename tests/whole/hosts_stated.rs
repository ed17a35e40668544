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
    let cases = [
        ("Npgsql", string("Host=db;Port=5432;Database=a"), string("Host=db;Port=5433;Database=a")),
        ("Npgsql without a port", string("Host=db;Database=a"), string("Host=db:5433;Database=a")),
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
