//! JUnit's XML, as CI systems read it: one suite an environment or file, one case an object.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, Event};

use super::Report;
use super::case::{Case, Outcome, Suite, suites};
use super::human::human;
use super::visible::{line, visible};

type Xml<'w> = Writer<&'w mut dyn Write>;

/// The document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    let suites = suites(report);
    let mut xml: Xml<'_> = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    xml.create_element("testsuites")
        .with_attribute(("name", "gitopsc"))
        .with_attributes(borrowed(&counts(all)))
        .write_inner_content(|xml| suites.iter().try_for_each(|one| suite(report, xml, one)))?;
    xml.into_inner().write_all(b"\n")
}

fn suite(report: &Report<'_>, xml: &mut Xml<'_>, suite: &Suite<'_>) -> io::Result<()> {
    xml.create_element("testsuite")
        .with_attribute(("name", &*line(&suite.name)))
        .with_attributes(borrowed(&counts(|| suite.cases.iter())))
        .write_inner_content(|xml| suite.cases.iter().try_for_each(|one| case(report, xml, one)))?;
    Ok(())
}

fn case(report: &Report<'_>, xml: &mut Xml<'_>, case: &Case<'_>) -> io::Result<()> {
    let file = case.file.map(|file| line(&report.plain(file))).unwrap_or_default();
    let name = line(&case.name);
    let number = case.line.map(|number| number.to_string());
    let mut element = xml
        .create_element("testcase")
        .with_attribute(("name", &*name))
        .with_attribute(("classname", &*file));
    if !file.is_empty() {
        element = element.with_attribute(("file", &*file));
    }
    if let Some(number) = &number {
        element = element.with_attribute(("line", &**number));
    }
    if case.findings.is_empty() && case.outcome == Outcome::Passed {
        return element.write_empty().map(drop);
    }
    element.write_inner_content(|xml| outcome(report, xml, case)).map(drop)
}

fn outcome(report: &Report<'_>, xml: &mut Xml<'_>, case: &Case<'_>) -> io::Result<()> {
    let texts: Vec<_> =
        case.findings.iter().map(|finding| human(finding, report.sources, false)).collect();
    let text = visible(&texts.join("\n"));
    // Tables and excerpts stay readable in the file itself.
    let text = |xml: &mut Xml<'_>| {
        BytesCData::escaped(&text).try_for_each(|part| xml.write_event(Event::CData(part)))
    };
    match case.outcome {
        Outcome::Failed => {
            // The gravest speaks for all.
            let first = case.findings.iter().rev().max_by_key(|finding| finding.severity);
            let (message, id) =
                first.map_or((String::new(), ""), |first| (line(&first.message), first.id));
            xml.create_element("failure")
                .with_attribute(("message", &*message))
                .with_attribute(("type", id))
                .write_inner_content(text)?;
        }
        Outcome::Skipped => {
            xml.create_element("skipped").with_attribute(("message", "no schema")).write_empty()?;
            if !case.findings.is_empty() {
                xml.create_element("system-out").write_inner_content(text)?;
            }
        }
        Outcome::Passed => {
            xml.create_element("system-out").write_inner_content(text)?;
        }
    }
    Ok(())
}

fn counts<'c, I>(cases: impl Fn() -> I) -> [(&'static str, String); 4]
where
    I: Iterator<Item = &'c Case<'c>>,
{
    let count = |outcome| cases().filter(|case| case.outcome == outcome).count().to_string();
    [
        ("tests", cases().count().to_string()),
        ("failures", count(Outcome::Failed)),
        ("errors", "0".to_owned()),
        ("skipped", count(Outcome::Skipped)),
    ]
}

fn borrowed<'c>(
    attributes: &'c [(&'static str, String)],
) -> impl Iterator<Item = (&'c str, &'c str)> {
    attributes.iter().map(|(name, value)| (*name, &**value))
}
