//! A Prometheus server: `apt-get install prometheus`, or the binary of its release in the `PATH`.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than a server takes to start and to scrape twice, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const MISSING: &str = "this test needs a Prometheus server: `apt-get install prometheus`, or its \
                       binary in the PATH";

/// Scrapes one target every second; stops when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    port: u16,
    /// Its configuration and its data.
    _folder: TempDir,
}

/// The only series that a query finds.
#[derive(Debug)]
pub(crate) struct Found {
    labels: BTreeMap<String, String>,
    pub(crate) value: String,
}

impl Found {
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).unwrap_or_else(|| panic!("no label {name} in {self:?}"))
    }
}

/// What a target said of a metric.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) kind: String,
    pub(crate) unit: String,
}

impl Server {
    pub(crate) fn start(target: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("prometheus.yml");
        std::fs::write(
            &configuration,
            format!(
                "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
                 scrape_configs: [{{job_name: spanline, static_configs: [{{targets: ['{target}']}}]}}]\n"
            ),
        )
        .unwrap();
        // It takes no port of the system's choice. Somebody may be faster, so it may have to try again.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut process = Command::new("prometheus")
                .arg(format!("--config.file={}", configuration.display()))
                .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{MISSING} ({error})"));
            if is_ready(&mut process, port) {
                return Self { process, port, _folder: folder };
            }
        }
        panic!("no port for a Prometheus server");
    }

    /// Asks until something is found.
    fn until<T>(&self, path: &str, find: impl Fn(&serde_json::Value) -> Option<T>) -> T {
        let start = Instant::now();
        let mut last = None;
        while start.elapsed() < PATIENCE {
            last = get(self.port, path);
            let json = last.as_ref().and_then(|body| serde_json::from_str(body).ok());
            if let Some(found) = json.as_ref().and_then(&find) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nothing found at {path}: {last:?}");
    }

    /// The one series that there is for a query, as soon as there is one.
    pub(crate) fn query(&self, query: &str) -> Found {
        let path = format!("/api/v1/query?query={}", encoded(query));
        self.until(&path, |json| {
            let [series] = json["data"]["result"].as_array()?.as_slice() else { return None };
            let labels = series["metric"].as_object()?.iter();
            let labels =
                labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
            let value = series["value"][1].as_str()?.to_owned();
            Some(Found { labels: labels.collect(), value })
        })
    }

    pub(crate) fn metadata(&self, metric: &str) -> Metadata {
        let path = format!("/api/v1/targets/metadata?metric={}", encoded(metric));
        self.until(&path, |json| {
            let text = |name: &str| Some(json["data"][0][name].as_str()?.to_owned());
            Some(Metadata { kind: text("type")?, unit: text("unit")? })
        })
    }
}

/// Waits for it; false if it ended.
fn is_ready(process: &mut Child, port: u16) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if get(port, "/-/ready").is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = process.kill();
    panic!("the Prometheus server is not ready");
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: h\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).map(char::from).collect()
}
