//! Names of hosts in the texts of an object: environment, arguments, files of a ConfigMap.

use super::host_file::{self, Settings};
use super::host_name::{
    ANYWHERE, SCHEMES, WORDS, authority_end, host_and_port, is_host_name, is_service_name, is_talk,
    scheme_length, service_names,
};
use super::host_variable::{self, Holds, Stated, port_key};
use super::reference::each;
use super::{Host, Reading, host_string, pod, prose};
use crate::model::{Field, ObjectKey};

/// Every host in an object.
pub(super) fn all(reading: &Reading<'_>, key: &ObjectKey, root: &Field<'_>) -> Vec<Host> {
    let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
    let mut found = Found {
        reading,
        known: Box::default(),
        is_elsewhere: false,
        variable: None,
        is_file: false,
        settings: None,
        hosts: Vec::new(),
    };
    if kind == ("", "ConfigMap") {
        if let Some(data) = root.get("data") {
            found.files(&data);
        }
        return found.hosts;
    }
    if kind == ("", "Service") {
        each(root, "spec", &mut |spec| found.stands_for(spec));
        return found.hosts;
    }
    pod::with_template(kind, root, |template| {
        let Some(spec) = template.get("spec") else { return };
        found.known = pod::aliases(&spec);
        found.is_elsewhere = !pod::searches_namespace(&spec);
        for list in ["initContainers", "containers"] {
            let Some(list) = spec.get(list) else { continue };
            list.items().for_each(|container| found.container(&container));
        }
    });
    found.hosts
}

struct Found<'a> {
    reading: &'a Reading<'a>,
    /// Names that the pod itself resolves.
    known: Box<[Box<str>]>,
    /// Whether names that do not say that they are Services' are looked for elsewhere.
    is_elsewhere: bool,
    /// The key of a ConfigMap that is looked at as a variable, and the one beside it with the port.
    variable: Option<(Box<str>, Option<Box<str>>)>,
    /// Whether a file of a ConfigMap is looked at.
    is_file: bool,
    /// The same, where a program reads it as its settings.
    settings: Option<Settings>,
    hosts: Vec<Host>,
}

/// What is known of a host beside its name.
#[derive(Clone, Copy, Default)]
struct Said {
    port: Option<u16>,
    is_backend: bool,
    is_prose: bool,
    /// Whether the port is that of another variable.
    is_beside: bool,
    /// The same, where both may be the program's own.
    may_be_own: bool,
    /// Whether a port may stand beside it.
    takes_port: bool,
    /// The byte of the text that it begins at.
    at: usize,
}

impl Found<'_> {
    fn container(&mut self, container: &Field<'_>) {
        let lists = ["command", "args"].map(|list| container.get(list));
        let words: Vec<Field<'_>> = lists.iter().flatten().flat_map(Field::items).collect();
        let texts: Vec<&str> =
            words.iter().map(|word| word.node.as_str().unwrap_or_default()).collect();
        // What follows `--` belongs to another command: guideline 10 of the Utility Syntax Guidelines
        // of POSIX.
        let mut words_left = words.as_slice();
        for command in texts.split(|text| *text == "--") {
            self.stated(words_left, &host_variable::options(command));
            words_left = words_left.get(command.len() + 1..).unwrap_or_default();
        }
        words.iter().for_each(|word| self.argument(word));
        let Some(env) = container.get("env") else { return };
        let port = |name: &str| {
            // Of two with one name the last one counts.
            let port = env.items().filter(|it| it.text("name") == name).last()?;
            port.text("value").parse().ok()
        };
        let names: Vec<&str> = env.items().map(|it| it.text("name")).collect();
        for (index, variable) in env.items().enumerate() {
            if names[index + 1..].contains(&names[index]) {
                continue;
            }
            if let Some(value) = variable.get("value") {
                self.value(variable.text("name"), &value, port);
            }
        }
    }

    /// The files of a ConfigMap, each of which may be the value of a variable too.
    fn files(&mut self, data: &Field<'_>) {
        self.known = host_file::own_names(data).into_iter().map(Into::into).collect();
        for (key, file) in data.entries() {
            let text = file.node.as_str().unwrap_or_default();
            self.settings = Settings::of(key, text);
            self.is_file = true;
            if key.ends_with(".env") {
                self.stated(std::slice::from_ref(&file), &host_variable::lines(text));
            }
            self.scan(&file, true);
            self.is_file = false;
            self.settings = None;
            // Keys as `db.host` are called as the variables are that they come to be.
            let name = host_variable::of_key(key);
            let mut keys = data.entries().map(|(key, _)| key);
            let beside =
                port_key(&name).and_then(|port| keys.find(|it| host_variable::of_key(it) == port));
            self.variable = Some((key.into(), beside.map(Into::into)));
            self.value(&name, &file, |_| data.text(beside?).parse().ok());
            self.variable = None;
        }
    }

    /// Options of a command, or variables of a file, with the texts that their values are in.
    fn stated(&mut self, texts: &[Field<'_>], all: &[Stated<'_>]) {
        let port = |name: &str| host_variable::last(all, name)?.value.parse().ok();
        for one in all {
            let is_last =
                host_variable::last(all, &one.name).is_some_and(|it| std::ptr::eq(it, one));
            let Some(field) = texts.get(one.index).filter(|_| is_last) else { continue };
            let keys = || (one.name.as_str().into(), port_key(&one.name).map(Into::into));
            self.variable = self.is_file.then(keys);
            self.hosts_of(&one.name, (field, one.at, one.value), port);
            self.variable = None;
        }
    }

    /// The value of a variable of the environment, where `port_of` is the number that another one has.
    fn value(&mut self, name: &str, value: &Field<'_>, port_of: impl Fn(&str) -> Option<u16>) {
        let text = value.node.as_str().unwrap_or_default();
        if !is_talk(name) && !self.hosts_of(name, (value, 0, text), port_of) {
            self.argument(value);
        }
    }

    /// What a variable holds that is by its name for hosts alone: one, or several with commas between
    /// them. Where one alone has no port, one may stand in the variable beside it.
    fn hosts_of(
        &mut self,
        name: &str,
        (field, offset, text): (&Field<'_>, usize, &str),
        port_of: impl Fn(&str) -> Option<u16>,
    ) -> bool {
        let Some(holds) = Holds::of(name) else { return false };
        let beside = || port_of(&port_key(name)?);
        let is_own = host_variable::may_be_own(name);
        let is_one = !text.contains(',');
        let mut said = Vec::new();
        let mut next = offset;
        for item in text.split(',') {
            let at = next + item.len() - item.trim_start().len();
            next += item.len() + 1;
            let Some((name, own)) = host_and_port(item.trim()) else { return false };
            let port = own.or_else(|| is_one.then(beside).flatten());
            if !is_host_name(name) || (port.is_none() && holds == Holds::HostWithPort) {
                return false;
            }
            if own.is_none() && holds == Holds::Addresses {
                return false;
            }
            let is_beside = own.is_none();
            let may_be_own = is_beside && is_own;
            let takes_port = is_beside && is_one;
            said.push((
                name,
                Said { port, is_beside, may_be_own, takes_port, at, ..Said::default() },
            ));
        }
        said.into_iter().for_each(|(name, said)| self.push(field, name, said));
        true
    }

    /// The Service that a Service of type ExternalName is another name of.
    fn stands_for(&mut self, spec: &Field<'_>) {
        let is_service = |name: &Field<'_>| {
            let name = name.node.as_str().unwrap_or_default().trim_end_matches('.');
            is_service_name(name) || name.matches('.').count() == 1
        };
        let name = spec.get("externalName").filter(is_service);
        if let Some(name) = name.filter(|_| spec.text("type") == "ExternalName") {
            let text = name.node.as_str().unwrap_or_default();
            if is_host_name(text) {
                self.push(&name, text, Said::default());
            }
        }
    }

    /// A value of which addresses may be a part. A script is text as files are.
    fn argument(&mut self, value: &Field<'_>) {
        let option = value.node.as_str().and_then(|text| text.split_once('='));
        if option.is_some_and(|(name, _)| is_talk(name)) {
            return;
        }
        let text = value.node.as_str().unwrap_or_default();
        let is_script = text.contains('\n');
        if !is_script {
            self.connection(value, (0, text));
        }
        self.scan(value, is_script);
    }

    /// The hosts of a connection string.
    fn connection(&mut self, value: &Field<'_>, (offset, text): (usize, &str)) {
        for found in host_string::read(text) {
            let (port, name) = (found.port, &text[found.at.clone()]);
            let at = offset + found.at.start;
            if is_host_name(name) {
                self.push(value, name, Said { port, is_backend: true, at, ..Said::default() });
            }
        }
    }

    /// Finds hosts in a text; in prose, which may be an example, only names of Services.
    fn scan(&mut self, value: &Field<'_>, is_prose: bool) {
        let Some(text) = value.node.as_str() else { return };
        // Most texts have nothing of these.
        let may_be_connection = self.settings.is_some() && text.contains(['=', '(']);
        if !text.contains("://") && !text.contains(".svc") && !may_be_connection {
            return;
        }
        if !is_prose && !text.contains('\n') {
            let urls = self.urls(value, (0, text), false);
            return self.names(value, (0, text), &urls);
        }
        for line in prose::lines(text) {
            self.settings.iter_mut().for_each(|settings| settings.enter(line.1));
            let urls = self.urls(value, line, is_prose);
            self.names(value, line, &urls);
            if self.settings.is_some() {
                self.quoted(value, line);
            }
        }
    }

    /// Connection strings in a line of settings, which are quoted or all of it.
    fn quoted(&mut self, value: &Field<'_>, (offset, line): (usize, &str)) {
        let mut next = offset;
        for part in line.split(['"', '\'']) {
            self.connection(value, (next, part));
            next += part.len() + 1;
        }
    }

    /// Hosts of URLs; gives back where these lie in the line.
    fn urls(
        &mut self,
        value: &Field<'_>,
        (offset, line): (usize, &str),
        is_prose: bool,
    ) -> Vec<(usize, usize)> {
        let mut seen = Vec::new();
        for (at, _) in line.match_indices("://") {
            let start = at + 3;
            let rest = &line[start..];
            let authority = &rest[..authority_end(rest)];
            let before = authority.rfind('@').map_or(0, |at| at + 1);
            seen.push((start, start + authority.len()));
            let Some((name, port)) = host_and_port(&authority[before..]) else { continue };
            let begin = at - scheme_length(&line[..at]);
            let scheme = line[begin..at].split('+').next().unwrap_or_default();
            // A record in DNS has the port.
            let is_srv = line[begin..at].ends_with("+srv");
            let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
            // What follows other schemes may be a bucket, a topic or a path; `name.zone` without a
            // port is a domain as well.
            let is_plain = known.is_some() && (port.is_some() || !name.contains('.'));
            let has_port = port.is_some();
            let port = port.or(known.and_then(|(_, port)| *port)).filter(|_| !is_srv);
            if is_host_name(name) && (is_plain || is_service_name(name)) {
                let is_backend = known.is_some_and(|(scheme, _)| !ANYWHERE.contains(scheme));
                let (before_it, after) = (&line[..begin], &line[start + authority.len()..]);
                let is_address = |it: &Settings| it.is_address(before_it, after, has_port);
                let is_prose = is_prose && !self.settings.as_ref().is_some_and(is_address);
                let at = offset + start + before;
                let said = Said { port, is_backend, is_prose, at, ..Said::default() };
                self.push(value, name, said);
                // Others of one database or queue follow behind commas.
                let mut next = start + authority.len();
                while let Some(rest) = line[next..].strip_prefix(',').filter(|_| is_backend) {
                    let item = &rest[..authority_end(rest)];
                    let Some((name, port @ Some(_))) = host_and_port(item) else { break };
                    if is_host_name(name) {
                        self.push(value, name, Said { port, at: offset + next + 1, ..said });
                    }
                    seen.push((next + 1, next + 1 + item.len()));
                    next += 1 + item.len();
                }
            }
        }
        seen
    }

    /// Names that end in `.svc` or go on from there, outside of URLs.
    fn names(&mut self, value: &Field<'_>, (offset, line): (usize, &str), urls: &[(usize, usize)]) {
        for (name, port) in service_names(line) {
            if !urls.iter().any(|(start, end)| (*start..*end).contains(&name.start)) {
                let (at, name) = (offset + name.start, &line[name]);
                self.push(value, name, Said { port, is_prose: true, at, ..Said::default() });
            }
        }
    }

    fn push(&mut self, value: &Field<'_>, written: &str, said: Said) {
        let Said { port, is_backend, is_prose, may_be_own, at, .. } = said;
        let name = written.trim_end_matches('.').to_ascii_lowercase();
        // A word in prose may be anything; what has more than one dot, or is of the network's own
        // `.local`, is somebody else's.
        let is_foreign = name.matches('.').count() > 1 || name.ends_with(".local");
        let is_other = is_prose || is_foreign || self.is_elsewhere;
        if name.is_empty() || (is_other && !is_service_name(&name)) {
            return;
        }
        let is_alias = self.known.iter().any(|known| **known == *name);
        if WORDS.contains(&&*name) || is_alias {
            return;
        }
        let name: Box<str> = name.into();
        let place = self.reading.place_in(value, at..at + written.len());
        // What a text states is known with the port that stands beside it.
        let is_same = |host: &Host| host.port == port || (port.is_none() && host.place == place);
        let is_known = |host: &Host| host.name == name && is_same(host);
        if self.hosts.iter().any(|host| is_known(host) && host.place.field == place.field) {
            return;
        }
        let is_of_file = self.is_file;
        let (variable, beside) = self.variable.clone().unzip();
        let port_variable = beside.flatten().filter(|_| said.is_beside && port.is_some());
        self.hosts.push(Host {
            place,
            name,
            port,
            is_backend,
            variable,
            port_variable,
            takes_port: said.takes_port,
            may_be_own,
            is_of_file,
        });
    }
}
