//! Templates that both evaluate, the data that they see, and templates that only Go evaluates.

mod functions;
mod language;
mod printing;
mod sprig;

/// What every template sees as `.`.
pub(crate) const DATA: &str = r#"{
    "s": "hello", "empty": "", "text": "The quick brown fox jumps over the lazy dog",
    "uni": "Grüße, Welt — ñandú 日本 😀", "lines": "one\ntwo\n\nthree\n", "tabs": "a\tb \"q\" 'r' \\ <&>",
    "n": 7, "zero": 0, "neg": -3, "f": 2.5, "big": 1234567, "huge": 1e21, "tiny": 1e-7, "max": 9007199254740993,
    "yes": true, "no": false, "nul": null,
    "list": [1, "two", 3.5, null, true, [4], {"k": "v"}], "none": [], "strs": ["b", "a", "c", "a"],
    "nums": [3, 1, 2, 10], "m": {"b": 2, "a": 1, "c": {"d": {"e": "deep"}}, "x-y": "dash", "nul": null},
    "nomap": {}, "people": [{"name": "ann", "age": 30}, {"name": "bob", "age": 25}, {"age": 1}],
    "path": {"path": "apps/guestbook/prod", "basename": "prod", "segments": ["apps", "guestbook", "prod"]},
    "values": {"env": "prod", "team": "core"}, "labels": ["z", "y"],
    "version": "v1.2.3-beta.1+build", "json": "{\"a\": [1, 2.5, \"x\"], \"b\": null}", "url": "https://user:pa%20ss@example.com:8443/a/b%20c?q=1&r=2#frag",
    "yaml": "a: 1\nb:\n- x\n- y: on\nc: '010'\nd: 010\n", "yamllist": "- a\n- 2\n- null\n", "dup": {"a": {"b": 1, "l": [1]}, "z": 0},
    "long": "word word word word word word word word word word word word word word word word word word word word end"
}"#;

/// Those of the data that are of type `map[string]string` and `[]string`, as Argo CD's own
/// parameters are.
pub(crate) const TEXTS: &[&str] = &["values", "labels"];

/// Templates with the option that they are rendered with.
pub(crate) fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lists = [
        language::PIPELINES,
        language::BRANCHES,
        language::LOOPS,
        language::DEFINITIONS,
        language::SPACE,
        language::SYNTAX,
        language::COMPARISONS,
        printing::VERBS,
        printing::VALUES,
        functions::BUILTIN,
        functions::ARGOCD,
        functions::YAML,
        sprig::STRINGS,
        sprig::WORDS,
        sprig::NUMBERS,
        sprig::LISTS,
        sprig::DICTS,
        sprig::DEFAULTS,
        sprig::ENCODING,
        sprig::PATHS,
        sprig::PATTERNS,
        sprig::VERSIONS,
        sprig::DATES,
    ];
    let plain = lists.into_iter().flatten().map(|template| ("", *template));
    plain.chain(language::OPTIONS.iter().copied())
}

/// Pieces for templates that are made at random.
pub(crate) const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "\n",
    "text",
    "{{if .yes}}",
    "{{else}}",
    "{{end}}",
    "{{range .list}}",
    "{{with .m}}",
    "{{.}}",
    "{{$}}",
    "{{break}}",
    "{{continue}}",
    "{{define \"d\"}}",
    "{{template \"d\" .}}",
    "{{block \"d\" .}}",
    "{{/* c */}}",
    "{{$x := 1}}",
    "{{$x = 2}}",
    "{{$x}}",
    "|",
    "(",
    ")",
    ".",
    ".s",
    "\"a\"",
    "`r`",
    "1",
    "-2.5",
    "'c'",
    "nil",
    "true",
    "printf \"%v\" ",
    "| quote",
    "len ",
    "index ",
    "eq ",
    "{{.m.c.d.e}}",
    "{{range $i, $e := .strs}}",
    "{{else if .no}}",
    ":=",
    ",",
    "{{.nul}}",
    "é",
];

/// What Go evaluates, or may, and we refuse to guess.
pub(crate) const REFUSED: &[&str] = &[
    "{{now}}",
    "{{ago 1}}",
    "{{date \"2006\" now}}",
    "{{date \"2006\" \"x\"}}",
    "{{dateInZone \"15:04\" 0 \"Europe/Berlin\"}}",
    "{{toDate \"2006\" \"x\"}}",
    "{{randAlphaNum 5}}",
    "{{randAlpha 5}}",
    "{{randAscii 5}}",
    "{{randNumeric 5}}",
    "{{randInt 1 5}}",
    "{{randBytes 5}}",
    "{{shuffle \"abc\"}}",
    "{{uuidv4}}",
    "{{bcrypt \"x\"}}",
    "{{htpasswd \"u\" \"p\"}}",
    "{{encryptAES \"k\" \"v\"}}",
    "{{decryptAES \"k\" \"v\"}}",
    "{{derivePassword 1 \"long\" \"p\" \"u\" \"s\"}}",
    "{{genPrivateKey \"rsa\"}}",
    "{{genCA \"a\" 1}}",
    "{{genCAWithKey \"a\" 1 \"k\"}}",
    "{{genSelfSignedCert \"a\" nil nil 1}}",
    "{{genSelfSignedCertWithKey \"a\" nil nil 1 \"k\"}}",
    "{{genSignedCert \"a\" nil nil 1 \"c\"}}",
    "{{genSignedCertWithKey \"a\" nil nil 1 \"c\" \"k\"}}",
    "{{buildCustomCert \"a\" \"b\"}}",
    // Letters of several bytes, cut in two.
    "{{trunc 3 \"grün\"}}",
    "{{substr 0 3 \"grün\"}}",
    "{{abbrev 6 \"grüße an alle\"}}",
    "{{initials \"über alles\"}}",
    "{{nospace \"ü a\"}}",
    "{{b64dec \"/w==\"}}",
    "{{b32dec \"x\"}}",
    "{{toYaml (dict \"a10\" 1 \"a1b\" 2 \"a2\" 3)}}",
    "{{toYaml \"a\\u0085b\"}}",
    "{{toYaml \"a\\u2028b\"}}",
    "{{toYaml \"\\ufeffa\"}}",
    "{{urlParse \"http://a%41/\"}}",
    "{{(semver \"1.2.3\").IncPatch}}",
    "{{printf \"%10000000d\" 3}}",
    // Numbers.
    "{{1i}}",
    "{{1+2i}}",
    "{{printf \"%x\" 1.5}}",
    "{{printf \"%p\" .m}}",
    "{{mulf 1.1111111111111111 1.1111111111111111 1.1111111111111111}}",
];
