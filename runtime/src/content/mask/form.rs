//! Keys and tokens that are known by how they look.

/// One known form: how it starts, and what may follow.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) name: Name,
    pub(super) start: &'static str,
    body: fn(u8) -> bool,
    /// Fewer bytes of the body are something else.
    least: usize,
    /// Whether it is told from other words only where a word starts.
    starts_word: bool,
}

/// What a masked text is called in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Name {
    AnthropicKey,
    ApiKey,
    Authorization,
    AwsKey,
    Card,
    Credential,
    Email,
    GithubToken,
    GoogleKey,
    HuggingfaceToken,
    Iban,
    Jwt,
    OpenaiKey,
    Password,
    PrivateKey,
    SlackToken,
    StripeKey,
}

impl Name {
    /// All of them, in their order.
    pub(super) const WORDS: [&'static str; 17] = [
        "anthropic-key",
        "api-key",
        "authorization",
        "aws-key",
        "card",
        "credential",
        "email",
        "github-token",
        "google-key",
        "huggingface-token",
        "iban",
        "jwt",
        "openai-key",
        "password",
        "private-key",
        "slack-token",
        "stripe-key",
    ];
}

const fn form(name: Name, start: &'static str, body: fn(u8) -> bool, least: usize) -> Form {
    Form { name, start, body, least, starts_word: true }
}

/// Of a start that nothing else has, wherever it stands.
const fn unique(name: Name, start: &'static str, body: fn(u8) -> bool, least: usize) -> Form {
    Form { name, start, body, least, starts_word: false }
}

/// Of forms that start alike, the one that says more comes first.
static A: [Form; 3] = [
    unique(Name::GoogleKey, "AIza", is_word, 35),
    unique(Name::AwsKey, "AKIA", is_upper, 16),
    unique(Name::AwsKey, "ASIA", is_upper, 16),
];
static S: [Form; 11] = [
    unique(Name::AnthropicKey, "sk-ant-", is_word, 16),
    unique(Name::OpenaiKey, "sk-proj-", is_word, 16),
    unique(Name::OpenaiKey, "sk-svcacct-", is_word, 16),
    unique(Name::OpenaiKey, "sk-admin-", is_word, 16),
    form(Name::ApiKey, "sk-or-v1-", is_word, 16),
    form(Name::ApiKey, "sk-lf-", is_word, 16),
    // The words that are written with dashes and start so are shorter.
    form(Name::OpenaiKey, "sk-", is_alphanumeric, 20),
    unique(Name::StripeKey, "sk_live_", is_alphanumeric, 16),
    unique(Name::StripeKey, "sk_test_", is_alphanumeric, 16),
    form(Name::ApiKey, "sgp_", is_alphanumeric, 32),
    form(Name::StripeKey, "sk_", is_alphanumeric, 32),
];
static R: [Form; 3] = [
    unique(Name::StripeKey, "rk_live_", is_alphanumeric, 16),
    unique(Name::StripeKey, "rk_test_", is_alphanumeric, 16),
    form(Name::ApiKey, "r8_", is_alphanumeric, 32),
];
static G: [Form; 8] = [
    unique(Name::GithubToken, "github_pat_", is_word, 22),
    unique(Name::GithubToken, "ghp_", is_alphanumeric, 30),
    unique(Name::GithubToken, "gho_", is_alphanumeric, 30),
    unique(Name::GithubToken, "ghu_", is_alphanumeric, 30),
    unique(Name::GithubToken, "ghs_", is_alphanumeric, 30),
    unique(Name::GithubToken, "ghr_", is_alphanumeric, 30),
    form(Name::ApiKey, "gsk_", is_alphanumeric, 32),
    form(Name::ApiKey, "glpat-", is_word, 20),
];
static X: [Form; 7] = [
    unique(Name::SlackToken, "xoxb-", is_word, 10),
    unique(Name::SlackToken, "xoxp-", is_word, 10),
    unique(Name::SlackToken, "xoxa-", is_word, 10),
    unique(Name::SlackToken, "xoxr-", is_word, 10),
    unique(Name::SlackToken, "xoxs-", is_word, 10),
    unique(Name::SlackToken, "xapp-", is_word, 10),
    form(Name::ApiKey, "xai-", is_alphanumeric, 32),
];
static H: [Form; 1] = [form(Name::HuggingfaceToken, "hf_", is_alphanumeric, 30)];
static N: [Form; 1] = [form(Name::ApiKey, "npm_", is_alphanumeric, 36)];
static P: [Form; 2] =
    [form(Name::ApiKey, "pplx-", is_alphanumeric, 32), form(Name::ApiKey, "pcsk_", is_word, 32)];
static W: [Form; 1] = [form(Name::StripeKey, "whsec_", is_alphanumeric, 24)];

/// Those that start with this byte.
pub(super) fn forms(start: u8) -> &'static [Form] {
    match start {
        b'A' => &A,
        b's' => &S,
        b'r' => &R,
        b'g' => &G,
        b'x' => &X,
        b'h' => &H,
        b'n' => &N,
        b'p' => &P,
        b'w' => &W,
        _ => &[],
    }
}

/// The known form that `text` starts with: its name, and how many bytes it has. `is_word_start` says
/// whether a word starts with it; `run` measures how many bytes from there on are of a class.
pub(super) fn at_start(
    text: &[u8],
    is_word_start: impl Fn() -> bool,
    run: impl Fn(usize, fn(u8) -> bool) -> usize,
) -> Option<(Name, usize)> {
    let forms = forms(*text.first()?);
    let found =
        forms.iter().filter(|form| text.starts_with(form.start.as_bytes())).find_map(|form| {
            let length = run(form.start.len(), form.body);
            let is_found = length >= form.least && (!form.starts_word || is_word_start());
            is_found.then_some((form.name, form.start.len() + length))
        });
    found.or_else(|| {
        // Three parts, of which the first two are JSON in base64.
        if !text.starts_with(b"eyJ") || !is_word_start() {
            return None;
        }
        let header = run(0, is_word);
        let claims = (text.get(header) == Some(&b'.')).then(|| run(header + 1, is_word))?;
        let signature = header + 1 + claims;
        let is_found = header >= 10 && claims >= 4 && text.get(signature) == Some(&b'.');
        is_found.then(|| (Name::Jwt, signature + 1 + run(signature + 1, is_word)))
    })
}

pub(super) fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Base64 as it is written in URLs.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}
