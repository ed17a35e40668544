//! What the readers are compared on.

/// Where a scalar may stand.
#[rustfmt::skip]
pub(crate) const POSITIONS: &[&str] = &[
    "a: @@\n", "@@: 1\n", "- @@\n", "a: [@@]\n", "a: {b: @@}\n", "{@@: 1}\n", "@@\n",
    "a:\n  - b: @@\n    c: 1\n", "a: !!str @@\n", "- - @@\n", "a:\n  @@\nb: 1\n", "a: @@ # x\n",
];

/// Scalars that readers disagree about.
#[rustfmt::skip]
pub(crate) const SCALARS: &[&str] = &[
    "y", "Y", "yes", "Yes", "YES", "yEs", "n", "N", "no", "No", "NO", "on", "On", "ON", "off",
    "Off", "OFF", "oFf", "true", "True", "TRUE", "tRue", "false", "False", "FALSE", "~", "null",
    "Null", "NULL", "nULL", "none", "nil", "", "''", "\"\"", "0", "-0", "+0", "00", "1", "-1", "+1",
    "01", "010", "0644", "0755", "08", "09", "-08", "0o17", "0o8", "0O17", "-0o17", "+0o17", "0b11",
    "0B11", "-0b11", "+0b11", "0b", "0b2", "0b-11", "0b+11", "-0b-1", "0x1F", "0X1f", "-0x1f", "0x",
    "0xg", "0x_1", "0x1p4", "1_000", "_1", "1_", "1__0", "0_7", "+_", "-_", "1_000.5", "1e3", "1E3",
    "1e+3", "1e-3", "1e", "1e+", "e3", "+e3", ".5", "-.5", "+.5", "5.", "1.", "-1.", "1.5", "1.0",
    "1.50", "1.e5", ".e5", ".", "..", "...x", "-", ".5_0", "._5", "1.2.3", "1.2.3.4", "192.168.0.1",
    "192.168.0.0/24", "1:30", "1:30:00", "-1:30", "190:20:30.15", "::1", "[::1]", "a:1", "1:",
    ".inf", ".Inf", ".INF", "-.inf", "+.inf", "+.INF", ".iNf", "inf", "Inf", "+inf", "-Inf",
    "infinity", ".nan", ".NaN", ".NAN", "nan", "NaN", "-.nan", "2001-01-01", "2001-1-1",
    "2001-13-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10", "2001-12-14T21:59:43Z",
    "2001-", "20010101", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "+9223372036854775808", "18446744073709551615", "18446744073709551616",
    "0xffffffffffffffff", "1e308", "1e309", "-1e309", "1e-400", "123456789012345678901234567890",
    "1e21", "1e20", "1e15", "1234567.0", "0.1", "0.000001", "0.0000001", "1e-5", "1000000.0",
    "100000.0", "16777217.0", "1.1e40", "3.4028236e38", "<<", "=", "!", "!!", "!x", "!!str",
    "!!str 1", "!!int 1", "!!int '1'", "!!int x", "!!int 1.5", "!!float 1", "!!float 1.5",
    "!!float x", "!!float 18446744073709551615", "!!bool yes", "!!bool 'no'", "!!bool x", "!!null",
    "!!null ''", "!!null x", "!!null ~", "!!binary aGk=", "!!binary a", "!!binary 'aGk='",
    "!!binary /w==", "!!timestamp 2001-01-01", "!!timestamp x",
    "!!timestamp 2001-12-14t21:59:43.10-05:00", "!!timestamp 2001-02-30", "!!merge <<", "!!set x",
    "!foo bar", "!foo 12", "! 12", "! x", "!<tag:yaml.org,2002:int> 3", "!<x> 3", "!e!x 1",
    "!!foo 12", "!!seq x", "!!map x", "&a 1", "&a", "*a", "&a.b x", "&é x", "&a: x", "& x", "* x",
    "*", "&", "@x", "`x", "%x", "x%", "x@", "x`", "|", "|-", "|+", "|2", ">", "> x", "| x", "?",
    "? x", "?x", ":", ": x", ":x", "-x", "- x", "--", "---", "--- x", "---x", "-- x", "...",
    "... x", ", x", ",x", "[", "]", "{", "}", "[]", "{}", "[ ]", "{ }", "[,]", "{,}", "[a,]",
    "{a,}", "[a,,b]", "{a: 1,}", "{a}", "{a,b}", "[a: 1]", "{a:1}", "{a:b}", "[a:b]", "{\"a\":1}",
    "{'a':1}", "[\"a\":1]", "{\"a\": 1}", "{a: }", "{a:}", "{: a}", "{? a}", "[? a]", "[?a]",
    "[-a]", "[- a]", "[-]", "[-1]", "[:]", "[:a]", "[a:]", "{-: 1}", "x #y", "x#y", "#", "# x",
    "'x' #y", "'x'#y", "\"x\"#y", "[x] #y", "[x]#y", "x:", "x: y", "x:y", "x::y", "x: : y", "a b",
    "a  b", "a\tb", "a\t", "\ta", "\t", "a: \tb", "a:\tb", "-\ta", "- \ta", "?\ta", "'", "''''",
    "'a''b'", "'a", "a'", "'a'b", "'a' b", "\"", "\"a", "a\"", "\"a\"b", "\"a\" b", "\"\\\"\"",
    "\"\\x41\"", "\"\\u0041\"", "\"\\U00000041\"", "\"\\U0001F600\"", "\"\\uD83D\\uDE00\"",
    "\"\\uD83D\"", "\"\\uFFFE\"", "\"\\uFEFF\"", "\"\\/\"", "\"\\a\"", "\"\\q\"", "\"\\0\"",
    "\"\\e\"", "\"\\N\\_\\L\\P\"", "\"\\ \"", "\"\\t\"", "\"\\\t\"", "\"a\tb\"", "'a\tb'",
    "\"\\x4\"", "\"\\u12\"", "\"\\U00110000\"", "\"\\\"", "\"a\n  b\"", "\"a\n\n  b\"", "'a\n  b'",
    "\"a\\\n  b\"", "\"a \\\n  b\"", "\"a\\n\\\n  \\ b\"", "a\n  b", "a\n\n  b", "a\n  # c\n  b",
    "a #c\n  b", "\"a\nb\"", "é", "日本", "😀", "\u{a0}", "\u{a0}x", "\u{85}", "a\u{85}b",
    "a\u{2028}b", "a\u{2029}b", "\u{feff}", "a\u{feff}b", "\u{fffd}", "\u{fffe}", "\u{ffff}",
    "\u{fdd0}", "\u{1fffe}", "\u{10ffff}", "\u{e000}", "\u{200b}", "\u{7f}", "\u{80}", "\u{9f}",
    "\0", "\u{1}", "\u{1b}", "\u{b}", "\u{c}", "a\rb", "\r", "${{ x }}", "{{ x }}", "{% x %}", "$x",
    "${x}", "$(x)", "<x>", "(x)", "/x", "\\x", "~x", "^x", "x,y", "x, y", "x[0]", "x{0}", "x]",
    "x}", "100m", "1Gi", "500Mi", "1.5Gi", "1e3Mi", "0.5", "30s", "1h30m", "*.example.com",
    "*/5 * * * *", "http://x:80/y?z#w", "a@b", "sha256:abc", "-Xmx1g", "--foo=bar", "--foo", "-f",
    "!ref", "a!b", "a&b", "a*b", "a|b", "a>b", "v1", "1.0.0", "0.0.0.0", "::", "fe80::1",
];

/// Pieces of random scalars.
#[rustfmt::skip]
pub(crate) const ALPHABET: &[&str] = &[
    "a", "b", "x", "y", "n", "e", "E", "o", "0", "1", "7", "8", "_", ".", "-", "+", ":", " ", "#",
    ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "?", "=", "<", "~",
    "\\", "/", "\t", "\n", "\n  ", "é", "\u{a0}", ": ", " #", "- ", "'a'", "\"b\"", "0x", "0b",
    "0o", ".inf", "yes", "null", "<<", "${{ x }}", "---", "...", "2001-01-01",
];

/// Whole documents and streams.
#[rustfmt::skip]
pub(crate) const DOCUMENTS: &[&str] = &[
    "", "\n", "# x\n", "---\n", "---\n---\n", "--- # x\na: 1\n", "a: 1\n---\nb: 2\n",
    "a: 1\n---\n---\nb: 2\n", "a: 1\r\n---\r\nb: 2\r\n", "a: 1\n--- x\nb: 2\n", "---x\n",
    "a: |\n  x\n---\nb: 1\n", "a: 1\n...\nb: 2\n", "a: 1\n...\n", "...\n",
    "a: 1\n... # x\n---\nb: 1\n", "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n",
    "%TAG ! x\n---\na: 1\n", "\u{feff}a: 1\n", "\u{feff}---\na: 1\n", "\u{feff}",
    "a: 1\n---\n\u{feff}b: 1\n", "a: [\n---\nb: 1\n", "a: 'x\n---\nb'\n", "a: 1\na: 2\n",
    "1: a\n'1': a\n", "a: {b: 1, b: 2}\n", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n",
    "a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n", "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n",
    "a: &x {b: 1}\nd: &y {b: 2, c: 3}\nc:\n  <<: [*x, *y]\n", "c:\n  <<: {a: 1}\n",
    "c:\n  <<: [{a: 1}, {a: 2}]\n", "c:\n  <<: 1\n", "c:\n  <<: [1]\n", "c:\n  <<:\n",
    "c:\n  \"<<\": {a: 1}\n", "c:\n  <<: {a: 1}\n  <<: {a: 2}\n", "a: &x [1]\nc:\n  <<: *x\n",
    "a: &x {b: &y {c: 1}}\nd: *y\n", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "a: &a [*a]\n", "a: *x\n",
    "&k a: 1\nb: *k\n", "&k a: 1\n*k : 2\n", "a: &x b\n*x : 1\n", "a: &x [1]\n*x : 1\n",
    "a: &x ~\n*x : 1\n", "a: &x 1.5\n*x : 1\n", "? a\n: b\n", "? a\n", "? [a]\n: b\n",
    "? |\n  a\n: b\n", "? a\n? b\n", "{? a : b}\n", "[a: b, c]\n", "a:\n- b\n- c\n",
    "a:\n  - b\n  -\n  - c\n", "- a\n-\n- b\n", "- - a\n  - b\n- c\n", "a:\n - b\n  - c\n",
    "a:\n  b: 1\n c: 2\n", "a: 1\n b: 2\n", "a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n",
    "a: 1\t\nb: 2\n", "a: 1 \t # x\n", "\ta: 1\n", "a:\n  - b\n\t\n  - c\n", "a: b\n\t\nc: d\n",
    "  a: 1\n  b: 2\n", " a: 1\nb: 2\n", "a:\n  \n  b: 1\n", "a: 1\n  \nb: 2\n",
    "a: 1\n\t# x\nb: 2\n", "[\n\ta\n]\n", "{\n\t\"a\": 1,\n\t\"b\": [\n\t\t1\n\t]\n}\n",
    "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":null}}\n", "[1,2]\n", "[1 ,2]\n", "a: [\n1,\n2\n]\n",
    "a: [\n  1,\n  2\n]\nb: 1\n", "a: [1,\n2]\n", "a: {\nb: 1\n}\n", "a: {b: 1\n,c: 2}\n",
    "a: [b\n  c, d]\n", "a: {b\n  c: d}\n", "a: [b # x\n  , c]\n", "a: |\n  x\n  y\n",
    "a: |\n  x\n\n", "a: |-\n  x\n\n", "a: |+\n  x\n\n", "a: |+\n  x\n\nb: 1\n", "a: |\n\n  x\n",
    "a: |2\n    x\n", "a: |1\n  x\n", "a: |\n    x\n  y\n", "a: |\n  x\n y\n",
    "a: |\n  x\n # c\nb: 1\n", "a: |\n x\nb: |\n   y\n", "a: |\n", "a: |\nb: 1\n",
    "a: |\n   \n  x\n", "a: |\n  x\n   \n", "a: |\n  x\n  \n", "a: |\n  x\n \n", "a: |+\n  \n",
    "a: |\n  \tx\n", "a: |\n\tx\n", "a: |\n  x\n\ty\n", "a: | # c\n  x\n", "a: |#c\n  x\n",
    "a: |-2\n   x\n", "a: |2-\n   x\n", "a: |0\n  x\n", "a: |10\n  x\n", "a: |+-\n  x\n",
    "a: |\n  x", "a: |-\n  x", "a: >\n  x\n  y\n\n  z\n", "a: >\n  x\n    y\n  z\n",
    "a: >-\n  x\n\n\n  y\n", "a: >\n\n  x\n", "a: >\n  x\n\n    y\n\n  z\n", "a: >+\n  x\n\n",
    "- |\n  x\n- y\n", "- |\n x\n", "-  |\n  x\n", "|\n  x\n", "|\nx\n", "--- |\n  x\n",
    "a: !!str |\n  x\n", "a: &x |\n  x\nb: *x\n", "a: |\r\n  x\r\n  y\r\n", "a: |\n  x\r\n  y\n",
    "a: |\n  # x\n", "a: |\n  ---\n", "a: |\n  x\n...\n", "a: x\n  y\n", "a: x\n  y: z\n",
    "a:\n  x\n  y\n", "a: x\n# c\n  y\n", "a: 'x\n  y'\n", "a: 'x\ny'\n", "a: \"x\n\n\n  y\"\n",
    "a: \"x\\\n  y\"\n", "a: 'x\n\n  y'\n", "a:\n  'b'\n", "a:\n  'b': c\n", "'a': b\n",
    "\"a\" : b\n", "a : b\n", "a   :   b\n", "a:b\n", "a:\n", "a: \n", "a:#b\n", "a: #b\n",
    "a: b #c\n", "a: b# c\n", "a\n", "a b: c\n", "a: b: c\n", "a: b:\n", "- a: b\n  c: d\n",
    "- a: b\n c: d\n", "- a\nb: c\n", "a: - b\n", "a: -b\n", "a: - \n", "-a\n", "- \n", "-\n",
    "- # x\n", "a:\n  # x\n  b: 1\n# y\n  c: 2\n", "a: [1, 2\n", "a: 1]\n", "a: [1]]\n",
    "a: {b: 1\n", "a: [}\n", "a: 'b' c\n", "a: [b] c\n", "a: {b} : c\n", "[a]: b\n", "[a, b]: c\n",
    "{a: b}: c\n", "a: [b, c]: d\n", "a: !!map {b: 1}\n", "a: !!seq [1]\n", "a: !!str [1]\n",
    "a: !!set {b, c}\n", "a: !!omap [b: 1]\n", "a: !foo {b: 1}\n", "!!map\na: 1\n",
    "a: !!map\n  b: 1\n", "a: &x\n  b: 1\nc: *x\n", "a: &x\n- b\n", "&x\na: 1\n",
    "a: !!str\nb: 1\n", "a: &x\nb: *x\n", "!!str a: 1\n", "a: !!str &x 1\nb: *x\n",
    "a: &x !!str 1\nb: *x\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: x}\n  data:\n    a.yaml: |\n      # comment\n      b: [1, 2]\n\n      c: |\n        d\n    e: \"f\\n\"\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n  annotations:\n    a: \"true\"\n    b: '{\"c\": 1}'\nspec:\n  replicas: 1.0\n  template:\n    spec:\n      containers:\n        - name: x\n          image: \"r/x:1\"\n          command: [\"sh\", \"-c\", \"echo a: b # c\"]\n          args:\n            - --x=y\n            - -v\n          env:\n            - {name: A, value: \"1\"}\n            - name: B\n              value: on\n          resources: {limits: {cpu: 0.5, memory: 1Gi}}\n",
];

/// Pieces of the lines of random documents.
#[rustfmt::skip]
pub(crate) const LINES: &[&str] = &[
    "", "a: ", "b: ", "c:", "a:", "- ", "- ", "-", "x", "y z", "1", "? ", ": ", "? a", "# c",
    " # c", "a: |", "b: |-", "c: >", "a: |2", "b: >+", "|", "'x", "x'", "\"x", "x\"", "'x'",
    "\"x\"", "[", "]", "{", "}", ",", "[a, b]", "{a: b}", "{a: ", "&x ", "*x", "&y a: ", "<<: ",
    "<<: *x", "!!str ", "!!int ", "!t ", "---", "...", "--- ", "a: b", "- a: b", "- - ", "a: [",
    "b: {", "\t", "${{ x }}", "{{ x }}", "a: 'x", "b: \"x",
];
