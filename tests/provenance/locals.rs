//! Names that a template binds itself: which value they stand for, where several are equal.

use crate::site::Site;

const APP: &str = "\
values:
  first: 8080
  second: 8080
  enabled: true
  one: 1
  text: a
  ports: [8080, 8080, 8080]
  mixed: [1, 2, true, 2]
  map: {k: 8080, l: 8080}
  list:
    - {port: 8080}
    - {port: 8080}
";

const FIRST: &str = "6";
const SECOND: &str = "7";
const ONE: &str = "9";
const TEXT: &str = "10";
const MIXED: &str = "12";
const LIST: [&str; 2] = ["15", "16"];

fn site(data: &str) -> Site {
    Site::new(APP, "  web: {}\n", data, &[]).sound()
}

/// The lines of `app.yaml` that a field comes from.
#[track_caller]
fn expect(site: &Site, field: &str, lines: &[&str]) {
    let origins = site.chain(&format!("/data/{field}")).2;
    let lines: Vec<_> = lines.iter().map(|line| format!("apps/web/app.yaml:{line}")).collect();
    assert_eq!(origins, lines, "{field}");
}

/// The text of the one origin of a field.
fn column(site: &Site, field: &str) -> u32 {
    let [origin] = *site.node(&format!("/data/{field}")).origins else {
        panic!("{field} has not one origin");
    };
    origin.start
}

#[test]
fn equal_values_are_told_apart() {
    let site = site(
        "  #% set p1 = values.first\n  #% set p2 = values.second\n  a: ${{ p1 }}\n  b: ${{ p2 }}\n  \
         #% set p3 = p1\n  c: \"${{ p3 }}\"\n  #% with w = values.second\n  d: ${{ w }}\n  #% endwith\n  \
         #% set p1 = values.second\n  e: ${{ p1 }}\n  f: ${{ p3 }}\n  #% set x, y = values.first, values.second\n  \
         g: ${{ y }}\n  #% set m = {\"one\": values.first, \"two\": values.second}\n  h: ${{ m.two }}\n  \
         #% set l = [values.first, values.second]\n  i: ${{ l[1] }}\n",
    );
    for (field, line) in [
        ("a", FIRST),
        ("b", SECOND),
        ("c", FIRST),
        ("d", SECOND),
        ("e", SECOND),
        ("f", FIRST),
        ("g", SECOND),
        ("h", SECOND),
        ("i", SECOND),
    ] {
        expect(&site, field, &[line]);
    }
}

#[test]
fn what_the_template_states_itself_has_no_origin() {
    let site = site(
        "  #% set p = values.first\n  a: ${{ 8080 }}\n  #% set o = values.one\n  b: ${{ true }}\n  \
         #% set q = 8080\n  c: ${{ q }}\n  #% set t = true\n  d: ${{ t }}\n  \
         e: \"{% if values.first == 8080 %}${{ 8080 }}{% endif %}\"\n  #% set x = values.first\n  f: \"{% set y = x %}${{ 8080 }}\"\n",
    );
    for field in ["a", "b", "c", "d", "e", "f"] {
        expect(&site, field, &[]);
    }
}

#[test]
fn a_value_has_the_origins_of_all_that_went_into_it() {
    let site = site(
        "  #% set p1 = values.first\n  #% set p2 = values.second\n  double: ${{ p1 * 2 }}\n  list: ${{ [p1, p2] }}\n  \
         text: ${{ p1 ~ \"-\" ~ values.text }}\n  filter: ${{ p2 | string }}\n  #% set sum = p1 + p2\n  sum: ${{ sum }}\n  \
         unknown: ${{ p1 ~ range(3) | length }}\n",
    );
    expect(&site, "double", &[FIRST]);
    expect(&site, "list/0", &[FIRST, SECOND]);
    expect(&site, "text", &[TEXT, FIRST]);
    expect(&site, "filter", &[SECOND]);
    expect(&site, "sum", &[FIRST, SECOND]);
    expect(&site, "unknown", &[FIRST]);
}

#[test]
fn items_of_loops_are_counted() {
    let site = site(
        "  #% for p in values.ports\n  p${{ loop.index0 }}: ${{ p }}\n  #% endfor\n  \
         #% for k, v in values.map | items\n  i${{ k }}: ${{ v }}\n  #% endfor\n  \
         #% for v in [values.first, values.second]\n  l${{ loop.index0 }}: ${{ v }}\n  #% endfor\n  \
         #% for item in values.list\n  #% set port = item.port\n  s${{ loop.index0 }}: ${{ port }}\n  #% endfor\n",
    );
    let places: Vec<_> = ["p0", "p1", "p2"].iter().map(|field| column(&site, field)).collect();
    assert!(places.is_sorted_by(|one, two| one < two), "{places:?}");
    assert!(column(&site, "ik") < column(&site, "il"));
    expect(&site, "l0", &[FIRST]);
    expect(&site, "l1", &[SECOND]);
    expect(&site, "s0", &[LIST[0]]);
    expect(&site, "s1", &[LIST[1]]);
}

#[test]
fn items_that_cannot_be_counted_count_where_only_one_is_equal() {
    let site = site(
        "  nested:\n  #% for m in values.mixed\n  #% for n in [0]\n    - ${{ m }}\n  #% endfor\n  #% endfor\n  \
         filtered:\n  #% for m in values.mixed if m != 2\n    - ${{ m }}\n  #% endfor\n  \
         reversed:\n  #% for p in values.ports | reverse\n    - ${{ p }}\n  #% endfor\n",
    );
    // 2 comes twice, `true` is not 1.
    expect(&site, "nested/0", &[MIXED]);
    expect(&site, "nested/1", &[]);
    expect(&site, "nested/2", &[MIXED]);
    expect(&site, "nested/3", &[]);
    assert_eq!(column(&site, "nested/0"), column(&site, "filtered/0"));
    assert_eq!(column(&site, "nested/2"), column(&site, "filtered/1"));
    assert!(column(&site, "filtered/0") < column(&site, "filtered/1"));
    for index in 0..3 {
        expect(&site, &format!("reversed/{index}"), &[]);
    }
}

#[test]
fn a_condition_between_equal_values_leaves_no_origin() {
    let site = site(
        "  #% if values.enabled\n  #% set p = values.first\n  #% else\n  #% set p = values.second\n  #% endif\n  a: ${{ p }}\n  \
         #% set q = values.first if values.enabled else values.one\n  b: ${{ q }}\n  \
         #% set r = values.first if values.enabled else 8080\n  c: ${{ r }}\n  \
         #% set s = values.one\n  #% if values.enabled\n  #% set s = values.second\n  #% endif\n  d: ${{ s }}\n  \
         #% set t = values.none | default(values.second)\n  e: ${{ t }}\n  #% set u = values.first | default(8080)\n  f: ${{ u }}\n  \
         #% set v = values.one if values.one == 2 else values.enabled\n  g: ${{ v }}\n  \
         #% set w = (values.first if values.enabled else values.second) * 2\n  h: ${{ w ~ p ~ values.text }}\n  \
         #% for i in range(2)\n  i${{ i }}: ${{ p ~ i }}\n  #% set p = values.second\n  #% endfor\n",
    );
    expect(&site, "a", &[]);
    expect(&site, "b", &[FIRST]);
    expect(&site, "c", &[]);
    expect(&site, "d", &[SECOND]);
    expect(&site, "e", &[SECOND]);
    expect(&site, "f", &[FIRST]);
    expect(&site, "g", &["8"]);
    expect(&site, "h", &[TEXT]);
    expect(&site, "i1", &[]);
}

#[test]
fn expressions_without_text_between_them_are_told_apart() {
    let site = site(
        "  a: \"{% if values.enabled %}${{ values.text }}{% else %}${{ values.first }}{% endif %}\"\n  \
         b: \"{% if values.enabled %}${{ values.first }}{% else %}${{ values.second }}{% endif %}\"\n  \
         c: \"{% for p in values.ports %}${{ p }}{% endfor %}\"\n  #% set p = values.first\n  \
         d: \"{% if values.enabled %}${{ p }}{% else %}${{ values.second }}{% endif %}\"\n  e: ${{ p }}${{ \"}}\" }}${{ values.text }}\n",
    );
    expect(&site, "a", &[TEXT]);
    expect(&site, "b", &[FIRST]);
    let list: Vec<_> = site.node("/data/c").origins.iter().map(|origin| origin.start).collect();
    assert!(list.len() == 3 && list.is_sorted(), "{list:?}");
    expect(&site, "d", &[FIRST]);
    expect(&site, "e", &[FIRST, TEXT]);
    let whole = "${{ p }}${{ \"}}\" }}${{ values.text }}";
    assert_eq!(site.chain("/data/e").1, whole);
}

#[test]
fn loops_that_come_by_without_text_name_no_other_expression() {
    let site = site(
        "  a: |\n    {% if not values.enabled %}${{ values.first }}{% endif -%}\n    \
         {% for i in [0, 1] %}{% if i == 1 %}text{% endif %}${{ values.second }}{% endfor %}\n  \
         b: \"{% for i in [0, 1] %}{% if i == 0 %}P{% endif %}{% if i == 1 %}N{% endif %}${{ values.second }}{% endfor %}\"\n  \
         #% set p = values.text\n  c: \"{% if values.enabled -%} ${{ p }}{% endif %}\"\n",
    );
    expect(&site, "a", &[SECOND]);
    expect(&site, "b", &[SECOND]);
    expect(&site, "c", &[TEXT]);
}

#[test]
fn what_an_include_writes_before_does_not_mislead() {
    let data = "  a: ${{ values.first }}\n  \
                b: \"{% for i in [0, 1] %}x{% include 'fragments/x.yaml' %}${{ values.second }}{% endfor %}\"\n";
    let more = [("apps/web/fragments/x.yaml", "y")];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    expect(&site, "a", &[FIRST]);
    expect(&site, "b", &[SECOND]);
}

#[test]
fn a_call_that_read_its_argument_early_is_not_another_one() {
    let data = "  #% set s = values.second\n  \
                a: ${{ fragment(\"f.yaml\", z=values.first, x=fragment(\"g.yaml\")) }}\n  \
                b: ${{ fragment(\"f.yaml\", z=s, x=fragment(\"g.yaml\")) }}\n";
    let more =
        [("apps/web/fragments/f.yaml", "z: ${{ z }}\n"), ("apps/web/fragments/g.yaml", "a: 1\n")];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    expect(&site, "a/z", &[]);
    expect(&site, "b/z", &[SECOND]);
}

/// A fragment that shows its arguments.
const SHOWS: (&str, &str) = (
    "apps/web/fragments/f.yaml",
    "p: ${{ p }}\nsum: ${{ p + q }}\n#% set r = q\nr: ${{ r }}\nliteral: 8080\n",
);

#[test]
fn arguments_of_fragments_are_followed_to_the_call() {
    let data = "  #% set one = values.first\n  #% set two = values.second\n  \
                a: ${{ fragment(\"f.yaml\", p=one, q=values.second) }}\n  b: ${{ fragment(\"g.yaml\", m=values.list[1], p=two * 2) }}\n  \
                c: ${{ fragment(\"f.yaml\", p=values.text, q=values.text) }}\n  \
                #% for item in values.list\n  d${{ loop.index0 }}: ${{ fragment(\"h.yaml\", port=item.port) }}\n  #% endfor\n  \
                #% for port in values.ports\n  e${{ loop.index0 }}: ${{ fragment(\"i.yaml\", port=port) }}\n  #% endfor\n";
    let more = [
        SHOWS,
        (
            "apps/web/fragments/g.yaml",
            "m: ${{ m.port }}\n#% set n = m.port\no: ${{ n }}\np: ${{ p }}\n",
        ),
        ("apps/web/fragments/h.yaml", "port: ${{ port }}\n"),
        ("apps/web/fragments/i.yaml", "port: ${{ port }}\n"),
    ];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    expect(&site, "a/p", &[FIRST]);
    expect(&site, "a/sum", &[FIRST, SECOND]);
    expect(&site, "a/r", &[SECOND]);
    expect(&site, "b/m", &[LIST[1]]);
    expect(&site, "b/o", &[LIST[1]]);
    expect(&site, "b/p", &[SECOND]);
    expect(&site, "c/p", &[TEXT]);
    expect(&site, "d0/port", &[LIST[0]]);
    expect(&site, "d1/port", &[LIST[1]]);
    assert!(column(&site, "e0/port") < column(&site, "e1/port"));
}

#[test]
fn calls_that_cannot_be_told_apart_leave_no_origin() {
    let data = "  #% set one = values.first\n  #% set two = values.second\n  \
                a: ${{ fragment(\"f.yaml\", p=one, q=values.one) }}\n  b: ${{ fragment(\"f.yaml\", p=two, q=values.one) }}\n  \
                c: ${{ fragment(\"h.yaml\", port=values.first) }}\n  d: ${{ fragment(\"h.yaml\", port=values.second) }}\n  \
                e: ${{ fragment(\"h.yaml\", port=8080) }}\n";
    let more = [SHOWS, ("apps/web/fragments/h.yaml", "port: ${{ port }}\n")];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    for field in ["a/p", "b/p", "e/port"] {
        expect(&site, field, &[]);
    }
    expect(&site, "a/sum", &[ONE]);
    expect(&site, "a/r", &[ONE]);
    expect(&site, "c/port", &[]);
}

#[test]
fn parts_of_a_fragment_keep_their_origin() {
    let data = "  #% set one = values.first\n  a: ${{ fragment(\"f.yaml\", p=one, q=values.one).p }}\n  \
                b: ${{ fragment(\"f.yaml\", p=one, q=values.one).literal }}\n  \
                #% set made = fragment(\"f.yaml\", p=one, q=values.one)\n  c: ${{ made.r }}\n  d: ${{ made.literal }}\n  \
                e: ${{ made.p ~ values.text }}\n";
    let site = Site::new(APP, "  web: {}\n", data, &[SHOWS]).sound();
    expect(&site, "a", &[FIRST]);
    expect(&site, "b", &[]);
    expect(&site, "c", &[ONE]);
    expect(&site, "d", &[]);
    expect(&site, "e", &[FIRST, TEXT]);
}

#[test]
fn names_that_others_share_are_not_followed() {
    let included = "  #% set p = values.second\n  m: ${{ p }}\n";
    let data = "  #% set p = values.first\n  #% include \"fragments/more.yaml\"\n  a: ${{ p }}\n";
    let more = [("apps/web/fragments/more.yaml", included)];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    expect(&site, "m", &[SECOND]);
    expect(&site, "a", &[]);

    let data =
        "  #% set values = {\"first\": values.second}\n  #% include \"fragments/more.yaml\"\n";
    let included = "  #% set p = values.first\n  m: ${{ p }}\n";
    let more = [("apps/web/fragments/more.yaml", included)];
    let site = Site::new(APP, "  web: {}\n", data, &more).sound();
    expect(&site, "m", &[]);
}

#[test]
fn what_a_namespace_holds_is_not_followed() {
    let data = "  #% set ns = namespace(p=values.first)\n  #% set ns.p = 8080\n  a: ${{ ns.p }}\n  \
                b: ${{ ns | tojson }}\n";
    let site = site(data);
    expect(&site, "a", &[]);
    expect(&site, "b", &[]);
}
