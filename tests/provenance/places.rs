//! Each node knows its place in the template, and its values their places in configuration.

use gitopsc::yaml::Value;

use crate::site::{Site, json};

#[test]
fn literal_text_is_found_at_its_offset() {
    let data = "  # a comment with ${{ gone }} that is blanked\n  plain: some text\n  'quoted': \"yes\"\n  \
                block: |\n    one\n    two\n  list: [a, 2]\n  ünïcode: ÿ\n";
    let site = Site::new("", "  web: {}\n", data, &[]).sound();
    site.expect("/metadata/name", "apps/web/template.yaml:4", "web", &[]);
    site.expect("/data/plain", "apps/web/template.yaml:7", "some text", &[]);
    site.expect("/data/quoted", "apps/web/template.yaml:8", "\"yes\"", &[]);
    site.expect("/data/block", "apps/web/template.yaml:10", "one\n    two", &[]);
    site.expect("/data/list/0", "apps/web/template.yaml:12", "a", &[]);
    site.expect("/data/list/1", "apps/web/template.yaml:12", "2", &[]);
    site.expect("/data/ünïcode", "apps/web/template.yaml:13", "ÿ", &[]);
    let (key, _) =
        site.manifests[0].node.get("data").unwrap().as_map().unwrap().entry("quoted").unwrap();
    assert_eq!(site.sources().slice(key.span), "'quoted'");
}

#[test]
fn values_are_followed_to_the_file_that_states_them() {
    let app = "values:\n  text: default\n  port: 80\n  map:\n    a: 1\n    b: [x, y]\n";
    let release = "  web:\n    values:\n      text: changed\n      map: {b: [z]}\n";
    let data = "  text: ${{ values.text }}\n  port: ${{ values.port }}\n  \
                address: \"http://${{ values.text }}:${{ values.port }}/\"\n  map: ${{ values.map }}\n";
    let site = Site::new(app, release, data, &[]).sound();
    let (app, environment) = ("apps/web/app.yaml", "environments/e/environment.yaml");
    let changed = format!("{environment}:10");
    let port = format!("{app}:7");
    site.expect("/data/text", "apps/web/template.yaml:6", "${{ values.text }}", &[&changed]);
    site.expect("/data/port", "apps/web/template.yaml:7", "${{ values.port }}", &[&port]);
    let whole = "\"http://${{ values.text }}:${{ values.port }}/\"";
    site.expect("/data/address", "apps/web/template.yaml:8", whole, &[&changed, &port]);
    assert_eq!(site.node("/data/address").as_str(), Some("http://changed:80/"));
    let expression = "${{ values.map }}";
    site.expect("/data/map/a", "apps/web/template.yaml:9", expression, &[&format!("{app}:9")]);
    let list = format!("{environment}:11");
    site.expect("/data/map/b/0", "apps/web/template.yaml:9", expression, &[&list]);
    assert_eq!(site.node("/data/port").value, Value::Int(80));
}

#[test]
fn loops_point_at_each_item() {
    let app = "values:\n  items:\n    - name: a\n      port: 1\n    - name: b\n      port: 2\n  map:\n    k: v\n    l: w\n";
    let data = "  #% for item in values.items\n  port-${{ item.name }}: ${{ item.port }}\n  #% endfor\n  \
                #% for key, value in values.map | items\n  ${{ key }}: \"<${{ value }}>\"\n  #% endfor\n  \
                #% for pair in values.items\n  l-${{ loop.index }}: ${{ pair }}\n  #% endfor\n";
    let site = Site::new(app, "  web: {}\n", data, &[]).sound();
    let template = "apps/web/template.yaml";
    site.expect(
        "/data/port-a",
        &format!("{template}:7"),
        "${{ item.port }}",
        &["apps/web/app.yaml:8"],
    );
    site.expect(
        "/data/port-b",
        &format!("{template}:7"),
        "${{ item.port }}",
        &["apps/web/app.yaml:10"],
    );
    site.expect(
        "/data/k",
        &format!("{template}:10"),
        "\"<${{ value }}>\"",
        &["apps/web/app.yaml:12"],
    );
    site.expect(
        "/data/l",
        &format!("{template}:10"),
        "\"<${{ value }}>\"",
        &["apps/web/app.yaml:13"],
    );
    site.expect(
        "/data/l-2/name",
        &format!("{template}:13"),
        "${{ pair }}",
        &["apps/web/app.yaml:9"],
    );
    let (key, _) =
        site.manifests[0].node.get("data").unwrap().as_map().unwrap().entry("port-b").unwrap();
    assert_eq!(site.sources().slice(key.span), "port-${{ item.name }}");
}

#[test]
fn branches_point_at_the_one_that_was_taken() {
    let data = "  #% if values.enabled\n  a: x\n  #% else\n  a: y\n  #% endif\n  b: z\n";
    let site = Site::new("values: {enabled: true}\n", "  web: {}\n", data, &[]).sound();
    site.expect("/data/a", "apps/web/template.yaml:7", "x", &[]);
    site.expect("/data/b", "apps/web/template.yaml:11", "z", &[]);
    let site = Site::new("values: {enabled: false}\n", "  web: {}\n", data, &[]).sound();
    site.expect("/data/a", "apps/web/template.yaml:9", "y", &[]);
}

#[test]
fn names_that_are_set_keep_the_origin() {
    let app = "values:\n  text: one\n  other: two\n  nested:\n    deep: three\n";
    let data = "  #% set a = values.text\n  #% set b = values.nested\n  first: ${{ a }}\n  \
                second: ${{ b.deep }}\n  third: ${{ values.other | upper }}\n  \
                fourth: ${{ values.text ~ \"-\" ~ values.other }}\n";
    let site = Site::new(app, "  web: {}\n", data, &[]).sound();
    let template = "apps/web/template.yaml";
    site.expect("/data/first", &format!("{template}:8"), "${{ a }}", &["apps/web/app.yaml:6"]);
    site.expect(
        "/data/second",
        &format!("{template}:9"),
        "${{ b.deep }}",
        &["apps/web/app.yaml:9"],
    );
    let upper = "${{ values.other | upper }}";
    site.expect("/data/third", &format!("{template}:10"), upper, &["apps/web/app.yaml:7"]);
    let both = "${{ values.text ~ \"-\" ~ values.other }}";
    let origins = ["apps/web/app.yaml:6", "apps/web/app.yaml:7"];
    site.expect("/data/fourth", &format!("{template}:11"), both, &origins);
}

#[test]
fn fragments_have_places_of_their_own() {
    let app = "values:\n  text: one\n";
    let data = "  own: ${{ fragment(\"own.yaml\", extra=values.text) }}\n  \
                shared: ${{ fragment(\"shared.yaml\") }}\n  \
                part: ${{ fragment(\"own.yaml\", extra=\"e\").list[1] }}\n";
    let more = [
        (
            "apps/web/fragments/own.yaml",
            "literal: here\nvalue: ${{ values.text }}\nextra: ${{ extra }}\nlist: [p, q]\n",
        ),
        (
            "apps/_lib/shared.yaml",
            "#% for n in [1, 2]\nn${{ n }}: \"${{ values.text }}\"\n#% endfor\nnested: ${{ fragment(\"own.yaml\", extra=1).literal }}\n",
        ),
    ];
    let site = Site::new(app, "  web: {}\n", data, &more).sound();
    let own = "apps/web/fragments/own.yaml";
    site.expect("/data/own/literal", &format!("{own}:1"), "here", &[]);
    site.expect(
        "/data/own/value",
        &format!("{own}:2"),
        "${{ values.text }}",
        &["apps/web/app.yaml:6"],
    );
    site.expect("/data/own/extra", &format!("{own}:3"), "${{ extra }}", &["apps/web/app.yaml:6"]);
    site.expect("/data/own/list/1", &format!("{own}:4"), "q", &[]);
    let shared = "apps/_lib/shared.yaml";
    site.expect(
        "/data/shared/n2",
        &format!("{shared}:2"),
        "\"${{ values.text }}\"",
        &["apps/web/app.yaml:6"],
    );
    assert_eq!(site.node("/data/shared/nested").as_str(), Some("here"));
    assert_eq!(site.node("/data/part").as_str(), Some("q"));
    let (place, _, _) = site.chain("/data/part");
    assert_eq!(place, "apps/web/template.yaml:8");
}

#[test]
fn includes_point_into_the_included_file() {
    let data = "  #% include \"fragments/more.yaml\"\n  after: ${{ values.text }}\n";
    let more = [("apps/web/fragments/more.yaml", "  literal: here\n  value: ${{ values.text }}\n")];
    let site = Site::new("values: {text: one}\n", "  web: {}\n", data, &more).sound();
    let file = "apps/web/fragments/more.yaml";
    site.expect("/data/literal", &format!("{file}:1"), "here", &[]);
    site.expect(
        "/data/value",
        &format!("{file}:2"),
        "${{ values.text }}",
        &["apps/web/app.yaml:5"],
    );
    site.expect(
        "/data/after",
        "apps/web/template.yaml:7",
        "${{ values.text }}",
        &["apps/web/app.yaml:5"],
    );
}

#[test]
fn macros_and_captures_give_text_at_the_expression_that_emits_it() {
    let data = "  #% macro greet(name)\n  m: hello ${{ name }}\n  #% endmacro\n  \
                made: \"${{ greet(values.text) | trim }}\"\n  #% set kept\n  c: ${{ values.text }}\n  #% endset\n  \
                kept: \"${{ kept | trim }}\"\n  length: ${{ kept | trim | length }}\n  \
                same: ${{ greet(values.text) == greet(\"one\") }}\n";
    let site = Site::new("values: {text: one}\n", "  web: {}\n", data, &[]).sound();
    assert_eq!(site.node("/data/made").as_str(), Some("m: hello one"));
    assert_eq!(site.chain("/data/made").0, "apps/web/template.yaml:9");
    assert_eq!(site.chain("/data/made").1, "\"${{ greet(values.text) | trim }}\"");
    assert_eq!(site.node("/data/kept").as_str(), Some("c: one"));
    assert_eq!(site.chain("/data/kept").0, "apps/web/template.yaml:13");
    // No sentinel is seen inside a capture.
    assert_eq!(site.node("/data/length").value, Value::Int(6));
    assert_eq!(site.node("/data/same").value, Value::Bool(true));
}

#[test]
fn blocks_of_text_have_control_flow_of_their_own() {
    let data = "  conf: |\n    start\n    {% for n in [1, 2] -%}\n    line ${{ n }} ${{ values.text }}\n    {% endfor -%}\n    end {{ .Values.x }} ${#array[@]}\n    {% raw %}${{ github.sha }}{% endraw %}\n";
    let site = Site::new("values: {text: one}\n", "  web: {}\n", data, &[]).sound();
    let expected =
        "start\nline 1 one\nline 2 one\nend {{ .Values.x }} ${#array[@]}\n${{ github.sha }}\n";
    assert_eq!(site.node("/data/conf").as_str(), Some(expected));
    let (place, text, origins) = site.chain("/data/conf");
    assert_eq!(place, "apps/web/template.yaml:7");
    assert!(text.starts_with("start\n") && text.contains("${{ github.sha }}"), "{text}");
    assert_eq!(origins, ["apps/web/app.yaml:5"]);
}

#[test]
fn several_expressions_on_a_line_are_told_apart() {
    let data = "  a: \"${{ values.a }}${{ values.b }}\"\n  b: ${{ values.b }}-${{ values.a }}\n  \
                ${{ values.a }}: ${{ values.b }}\n";
    let site = Site::new("values:\n  a: x\n  b: y\n", "  web: {}\n", data, &[]).sound();
    let (a, b) = ("apps/web/app.yaml:6", "apps/web/app.yaml:7");
    site.expect(
        "/data/a",
        "apps/web/template.yaml:6",
        "\"${{ values.a }}${{ values.b }}\"",
        &[a, b],
    );
    site.expect("/data/b", "apps/web/template.yaml:7", "${{ values.b }}-${{ values.a }}", &[b, a]);
    site.expect("/data/x", "apps/web/template.yaml:8", "${{ values.b }}", &[b]);
    let (key, _) =
        site.manifests[0].node.get("data").unwrap().as_map().unwrap().entry("x").unwrap();
    assert_eq!(site.sources().slice(key.span), "${{ values.a }}");
}

#[test]
fn types_are_kept_by_whole_scalars_only() {
    let app = "values:\n  bool: true\n  int: 7\n  float: 1.5\n  none: null\n  text: \"0644\"\n  yes: \"yes\"\n  list: [1, a]\n  empty: {}\n";
    let data = "  bool: ${{ values.bool }}\n  int: ${{ values.int }}\n  float: ${{ values.float }}\n  none: ${{ values.none }}\n  text: ${{ values.text }}\n  \"yes\": ${{ values[\"true\"] }}\n  list: ${{ values.list }}\n  empty: ${{ values.empty }}\n  \
                q-bool: \"${{ values.bool }}\"\n  q-int: '${{ values.int }}'\n  i-int: ${{ values.int }}s\n  sum: ${{ values.int + 1 }}\n  #% set map = {\"a\": [values.int]}\n  made: ${{ map | tojson }}\n";
    let site = Site::new(app, "  web: {}\n", data, &[]).sound();
    assert_eq!(
        json(site.node("/data")),
        serde_json::json!({
            "bool": true, "int": 7, "float": 1.5, "none": null, "text": "0644", "yes": "yes",
            "list": [1, "a"], "empty": {}, "q-bool": "true", "q-int": "7", "i-int": "7s", "sum": 8,
            "made": "{\"a\":[7]}",
        })
    );
}

#[test]
fn style_and_tags_decide_about_types() {
    let data = "  \"a #b\": |-\n    ${{ values.num }}\n  folded: >-\n    ${{ values.num }}\n  f: !!str ${{ values.num }}\n  \
                g: &x ${{ values.num }}\n  h: *x\n  \"c: ${{ values.num }}\": \"${{ values.num }}\"\n";
    let site = Site::new("values: {num: 8080}\n", "  web: {}\n", data, &[]).sound();
    assert_eq!(
        json(site.node("/data")),
        serde_json::json!({
            "a #b": "8080", "folded": "8080", "f": "8080", "g": 8080, "h": 8080, "c: 8080": "8080",
        })
    );
    assert_eq!(site.chain("/data/h").2, ["apps/web/app.yaml:5"]);
}

#[test]
fn line_ends_of_windows_change_nothing() {
    let app = "values:\n  text: one\n";
    let data = "  #% if true\n  a: ${{ values.text }}\n  #% endif\n  b: |\n    x\n    ${{ values.text }}\n";
    let unix = Site::new(app, "  web: {}\n", data, &[]).sound();
    let windows = data.replace('\n', "\r\n");
    let windows = Site::new(&app.replace('\n', "\r\n"), "  web: {}\r\n", &windows, &[]).sound();
    assert_eq!(json(unix.node("")), json(windows.node("")));
    windows.expect(
        "/data/a",
        "apps/web/template.yaml:7",
        "${{ values.text }}",
        &["apps/web/app.yaml:6"],
    );
}

#[test]
fn what_the_compiler_adds_points_at_the_object() {
    let site = Site::new("version: \"2\"\n", "  web: {}\n", "  a: b\n", &[]).sound();
    assert_eq!(site.chain("/metadata/namespace").0, "apps/web/template.yaml:2");
    assert_eq!(
        site.chain("/metadata/labels/app.kubernetes.io~1version").0,
        "apps/web/template.yaml:2"
    );
    assert_eq!(site.node("/metadata/labels/app.kubernetes.io~1version").as_str(), Some("2"));
    assert_eq!(
        site.chain("/metadata/labels/app.kubernetes.io~1version").2,
        ["apps/web/app.yaml:5"]
    );
    assert_eq!(
        site.chain("/metadata/labels/app.kubernetes.io~1part-of").2,
        ["apps/web/app.yaml:3"]
    );
    assert_eq!(site.chain("/metadata/namespace").2, ["apps/web/app.yaml:4"]);
    assert!(site.chain("/metadata/labels/app.kubernetes.io~1managed-by").2.is_empty());
}

#[test]
fn facts_of_releases_are_followed_to_who_states_them() {
    let data = "  image: r/web:${{ release.version }}\n  layer: ${{ release.layer }}\n  \
                name: ${{ release.name }}\n  port: \"${{ releases.other.ports.http }}\"\n  \
                there: ${{ release_namespace(\"other\") }}\n  labels: ${{ selector() }}\n";
    let app = "version: \"1\"\nports: {http: 80}\n";
    let release = "  web: {version: \"2\"}\n  other:\n    app: web\n";
    let site = Site::new(app, release, data, &[]).sound();
    let environment = |line: usize| format!("environments/e/environment.yaml:{line}");
    assert_eq!(site.node("/data/image").as_str(), Some("r/web:2"));
    assert_eq!(site.chain("/data/image").2, [environment(8)]);
    assert_eq!(site.chain("/data/layer").2, ["apps/web/app.yaml:3"]);
    assert_eq!(site.chain("/data/name").2, [environment(8)]);
    assert_eq!(site.node("/data/port").as_str(), Some("80"));
    assert_eq!(site.chain("/data/port").2, ["apps/web/app.yaml:6"]);
    assert_eq!(site.chain("/data/there").2, ["apps/web/app.yaml:4"]);
    assert_eq!(site.chain("/data/labels/app.kubernetes.io~1instance").2, [environment(8)]);
}
