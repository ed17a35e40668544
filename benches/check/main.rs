//! How long `gitopsc check` takes, against kubeconform on the same files with the same schemas.
//!
//! `cargo bench --bench check` renders 10,000 objects with the generator of `benches/scale`, builds
//! kubeconform (the version in `kubeconform/go.mod`; Go is needed), gives it JSON Schemas made from
//! the pack that `gitopsc` judges by, and runs the two in turn: on 10,000 small files, on one file,
//! and on one file of 100,000 documents. It prints the median wall time with the fastest and the
//! slowest run, the processor time, the peak memory, and how many times faster `gitopsc` is. It
//! judges nothing: machines differ. kubeconform applies its schemas; `gitopsc` applies all its rules
//! to each object and then holds all objects against each other, or only the first of the two.
//! At the end it prints what each kind of check adds over 20 environments of 2,000 objects each.
//!
//! `GITOPSC_RUNS` sets the runs of each case, 5 if not set.

mod environments;
#[path = "../scale/measure.rs"]
mod measure;
#[path = "../scale/repository.rs"]
#[expect(dead_code, reason = "only the other benchmark changes values")]
mod repository;
mod schemas;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use measure::{Run, Sample};
use repository::Size;

const SIZE: Size = Size { environments: 20, apps: 50 };
/// The Kubernetes version of the generated environments.
const MINOR: &str = "1.34";
const DOCUMENTS: usize = 100_000;

/// Something to check.
struct Case {
    name: &'static str,
    path: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = match env::var("GITOPSC_RUNS") {
        Ok(runs) => runs.parse::<usize>()?.max(1),
        Err(_) => 5,
    };
    let scratch = tempfile::tempdir()?;
    let root = scratch.path();
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let gitopsc = PathBuf::from(env!("CARGO_BIN_EXE_gitopsc"));
    let kubeconform = build_kubeconform(&crate_root.join("benches/check/kubeconform"), root)?;
    let pack = crate_root.join(format!("schemas/kubernetes/packs/v{MINOR}.json.gz"));
    schemas::write(&pack, &root.join("schemas"))?;
    let cases = cases(root, &gitopsc)?;
    let template = root.join("schemas/{{.ResourceKind}}{{.KindSuffix}}.json");
    let of = |case: &Case| {
        let path = case.path.display().to_string();
        let version = ["check", "--kubernetes-version", MINOR, &path];
        let own = Run {
            program: gitopsc.clone(),
            arguments: version.map(str::to_owned).to_vec(),
            threads: None,
        };
        // The peer judges each object by itself.
        let mut objects = own.clone();
        objects.arguments.extend(["--select", "object"].map(str::to_owned));
        let schemas = template.display().to_string();
        let peer = Run {
            program: kubeconform.clone(),
            arguments: ["-strict", "-schema-location", &schemas, &path].map(str::to_owned).to_vec(),
            threads: None,
        };
        [own, objects, peer]
    };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n{:<28} {:<16} {:>27} {:>9} {:>9}  faster by",
        "case", "program", "wall ms", "CPU ms", "peak MiB"
    )?;
    for case in &cases {
        let programs = of(case);
        let mut samples = [Vec::new(), Vec::new(), Vec::new()];
        // One more that does not count, for what the system keeps in memory.
        for round in 0..=runs {
            for (run, samples) in programs.iter().zip(&mut samples) {
                let sample = run.time(root)?;
                if sample.code != Some(0) {
                    return Err(format!("{:?} ended with {:?}", run, sample.code).into());
                }
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        for (name, (run, own)) in
            ["gitopsc", "gitopsc objects", "kubeconform"].iter().zip(programs.iter().zip(&samples))
        {
            let peak = run.peak_memory(root)?;
            line(case.name, name, own, peak, &samples[2], &mut out)?;
        }
    }
    environments::run(root, &gitopsc, runs, &mut out)?;
    Ok(())
}

/// Builds the peer; Go keeps what it has compiled.
fn build_kubeconform(module: &Path, root: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let program = root.join("kubeconform");
    let status = Command::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&program)
        .arg("github.com/yannh/kubeconform/cmd/kubeconform")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0")
        .current_dir(module)
        .status()?;
    if status.success() { Ok(program) } else { Err("kubeconform cannot be built".into()) }
}

fn cases(root: &Path, gitopsc: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    let repository = root.join("repository");
    repository::generate(&repository, SIZE)?;
    let built = Command::new(gitopsc).arg("build").arg("-q").current_dir(&repository).status()?;
    if !built.success() {
        return Err("the generated repository cannot be built".into());
    }
    // One cluster of all of them: each environment gets namespaces of its own.
    let small = root.join("small");
    fs::create_dir(&small)?;
    let mut files = Vec::new();
    for environment in 0..SIZE.environments {
        // Only what Kubernetes itself serves: both know the schemas of these.
        let name = repository::environment_name(environment);
        let mut rendered = Vec::new();
        collect(&repository.join("rendered").join(name).join("manifests"), &mut rendered)?;
        rendered.sort();
        for file in rendered {
            let mut text = fs::read_to_string(file)?;
            for layer in repository::LAYERS {
                for (before, after) in [("namespace: ", "\n"), ("name: ", "\n"), (".", ".svc")] {
                    let [from, to] = [layer, &format!("{layer}-{environment}")]
                        .map(|name| format!("{before}{name}{after}"));
                    text = text.replace(&from, &to);
                }
            }
            let path = small.join(format!("{:05}.yaml", files.len()));
            fs::write(&path, text)?;
            files.push(path);
        }
    }
    let large = root.join("large.yaml");
    let mut stream = io::BufWriter::new(fs::File::create(&large)?);
    for number in 0..DOCUMENTS {
        writeln!(stream, "---\n{}", fs::read_to_string(&files[number % files.len()])?)?;
    }
    stream.into_inner()?;
    writeln!(io::stdout(), "{} small files, {DOCUMENTS} documents in one", files.len())?;
    Ok(vec![
        Case { name: "10,000 small files", path: small },
        Case { name: "one file", path: files.swap_remove(0) },
        Case { name: "100,000 documents in one", path: large },
    ])
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

fn line(
    case: &str,
    program: &str,
    samples: &[Sample],
    peak: Option<u64>,
    peer: &[Sample],
    out: &mut dyn Write,
) -> io::Result<()> {
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let mut walls: Vec<f64> = samples.iter().map(|sample| milliseconds(sample.wall)).collect();
    walls.sort_by(f64::total_cmp);
    let median = walls[walls.len() / 2];
    let cpu: Option<Duration> = samples.iter().map(|sample| sample.cpu).sum();
    let cpu = cpu.map(|cpu| milliseconds(cpu) / samples.len() as f64);
    let mut ratios: Vec<f64> =
        peer.iter().zip(samples).map(|(peer, own)| peer.wall.div_duration_f64(own.wall)).collect();
    ratios.sort_by(f64::total_cmp);
    let or_dash = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"));
    writeln!(
        out,
        "{case:<28} {program:<16} {:>27} {:>9} {:>9}  {:.2}",
        format!("{median:.1} ({:.1} - {:.1})", walls[0], walls[walls.len() - 1]),
        or_dash(cpu),
        or_dash(peak.map(|bytes| bytes as f64 / f64::from(1 << 20))),
        ratios[ratios.len() / 2],
    )
}
