//! Each form once, and what only looks like one.

use super::{masked, steps};

fn become_(pairs: &[(&str, &str)]) {
    for (text, expected) in pairs {
        assert_eq!(masked(text), *expected, "{text}");
    }
}

fn stay(texts: &[&str]) {
    for text in texts {
        assert_eq!(masked(text), *text);
    }
}

#[test]
fn keys_are_known_by_their_forms() {
    let letters = "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cD3eF5gH7";
    for (start, name) in [
        ("sk-", "openai-key"),
        ("sk-proj-", "openai-key"),
        ("sk-svcacct-", "openai-key"),
        ("sk-ant-api03-", "anthropic-key"),
        ("sk-or-v1-", "api-key"),
        ("AIza", "google-key"),
        ("ghp_", "github-token"),
        ("gho_", "github-token"),
        ("github_pat_11AB_", "github-token"),
        ("glpat-", "api-key"),
        ("xoxb-123-", "slack-token"),
        ("xapp-1-", "slack-token"),
        ("sk_live_", "stripe-key"),
        ("rk_test_", "stripe-key"),
        ("whsec_", "stripe-key"),
        ("hf_", "huggingface-token"),
        ("gsk_", "api-key"),
        ("xai-", "api-key"),
        ("pplx-", "api-key"),
        ("r8_", "api-key"),
        ("npm_", "api-key"),
        ("pcsk_", "api-key"),
    ] {
        let key = format!("{start}{letters}");
        let expected = format!("refused ([masked:{name}]).");
        assert_eq!(masked(&format!("refused ({key}).")), expected);
        // At the ends of a text, and behind an escape.
        assert_eq!(masked(&key), format!("[masked:{name}]"));
        assert_eq!(masked(&format!(r"Err(\n{key})")), format!(r"Err(\n[masked:{name}])"));
        assert_eq!(masked(&format!("key%3D{key}&")), format!("key%3D[masked:{name}]&"));
    }
    become_(&[
        ("AKIAIOSFODNN7EXAMPLE is", "[masked:aws-key] is"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9 and", "[masked:jwt] and"),
    ]);
}

#[test]
fn words_that_start_as_keys_do_stay() {
    stay(&[
        "sk-learn and sk-SK are no keys",
        "a task-management-system-for-everybody-in-here",
        "the disk-0123456789abcdef0123456789 is full",
        "eyJust a word. Another.",
        "AIza is a start, AKIA too, ghp_ as well, and hf_hub_download",
        "hf_hub_download_with_a_very_long_name_indeed",
        "xoxo-",
    ]);
}

#[test]
fn values_are_secret_for_what_they_are_assigned_to() {
    become_(&[
        ("password=hunter2", "password=[masked:password]"),
        ("PASSWORD = hunter2;", "PASSWORD = [masked:password];"),
        ("Server=db;Uid=u;Pwd=1234;", "Server=db;Uid=u;Pwd=[masked:password];"),
        (
            r#"{ user: "u", password: "correct horse" }"#,
            r#"{ user: "u", password: "[masked:password]" }"#,
        ),
        (r#"Config { password: Some("pw") }"#, r#"Config { password: Some("[masked:password]") }"#),
        (
            r#"said \"db_password\": \"pw\", no"#,
            r#"said \"db_password\": \"[masked:password]\", no"#,
        ),
        ("client_secret: 's e'", "client_secret: '[masked:credential]'"),
        ("https://h/?token=abc123def456&page=2", "https://h/?token=[masked:credential]&page=2"),
        ("https://h/?page=2&api_key=abc123def456", "https://h/?page=2&api_key=[masked:api-key]"),
        ("OPENAI_API_KEY=abcdef1234567890", "OPENAI_API_KEY=[masked:api-key]"),
        ("x-api-key: abcdef1234567890", "x-api-key: [masked:api-key]"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "aws_secret_access_key = [masked:aws-key]",
        ),
        ("api_key=sk-aB3dE5gH7jK9mN1pQ3sT5vW7", "api_key=[masked:openai-key]"),
        ("postgres://user:p%40ss@host/db", "postgres://user:[masked:password]@host/db"),
        ("redis://:pw@host:6379", "redis://:[masked:password]@host:6379"),
        ("password=\"é\\é\"", "password=\"[masked:password]\""),
    ]);
}

#[test]
fn authorization_is_masked_behind_its_scheme() {
    become_(&[
        ("Bearer abc123def456", "Bearer [masked:authorization]"),
        ("Authorization: Bearer abc", "Authorization: Bearer [masked:authorization]"),
        (
            r#""authorization": "Basic dXNlcjpwYXNz""#,
            r#""authorization": "Basic [masked:authorization]""#,
        ),
        ("basic dXNlcjpwYXNz!", "basic [masked:authorization]!"),
        ("Authorization: token abc", "Authorization: token [masked:authorization]"),
    ]);
    stay(&[
        "Basic Understanding of bearer tokens",
        "Basic authentication is needed",
        "the bearer of this letter",
        "authorization: required",
    ]);
}

#[test]
fn numbers_and_prose_about_secrets_stay() {
    stay(&[
        "max_tokens=256 token=612 total_tokens: 1024",
        "token: 5",
        "the password: see below",
        "Forgot your password? Reset it.",
        "token type: bearer",
        "password=None password=$PASSWORD password={} password=***",
        "PWD=/home/me",
        "1763740800000 1763740800000000 3.1415926535897932384626",
        "ratio 0.4111111111111111",
        "2019 2020 2021 2022 and 2026-11-21 16 20 30",
        "00f067aa0ba902b7 4bf92f3577b34da6a3ce929d0e0e4736",
        "a@b, @user, user@, foo@bar, a@b.c",
        "DE is a country, DE12 a code",
        "a::b == c := d => e",
    ]);
}

#[test]
fn private_keys_go_as_a_whole() {
    become_(&[
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/=\n-----END RSA PRIVATE KEY-----\nb",
            "a\n[masked:private-key]\nb",
        ),
        (
            r"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
            r"[masked:private-key]\n",
        ),
        ("12-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "12[masked:private-key]"),
    ]);
    stay(&["-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "-----"]);
}

#[test]
fn addresses_are_masked() {
    become_(&[
        ("to alice@example.com.", "to [masked:email]."),
        ("<a.b+c@mail.example.co.uk>, x", "<[masked:email]>, x"),
        ("mailto:jörg@müller.de", "mailto:[masked:email]"),
        ("请联系alice@example.com谢谢", "请联系[masked:email]谢谢"),
        (r"one\nalice@example.com", r"one\n[masked:email]"),
        ("4711@example.com", "[masked:email]"),
    ]);
}

#[test]
fn cards_are_masked_if_their_check_digit_is_right() {
    become_(&[
        ("4111111111111111", "[masked:card]"),
        ("card 4111 1111 1111 1111, ok", "card [masked:card], ok"),
        ("5500-0055-5555-5559", "[masked:card]"),
        ("3782 822463 10005", "[masked:card]"),
        ("378282246310005", "[masked:card]"),
        ("no.6011111111111117", "no.[masked:card]"),
        ("order 12 4111 1111 1111 1111 7", "order 12 [masked:card] 7"),
        (r"\n4111111111111111", r"\n[masked:card]"),
        ("4222222222222", "[masked:card]"),
    ]);
    stay(&["4111111111111112", "a4111111111111111", "41111111111111111111111", "1111111111111117"]);
}

#[test]
fn bank_accounts_are_masked_if_their_check_digits_are_right() {
    become_(&[
        ("DE89370400440532013000", "[masked:iban]"),
        ("to DE89 3704 0044 0532 0130 00 today", "to [masked:iban] today"),
        ("GB82 WEST 1234 5698 7654 32.", "[masked:iban]."),
        ("NO9386011117947", "[masked:iban]"),
        ("MT84MALT011000012345MTLCAST001S", "[masked:iban]"),
    ]);
    stay(&["DE88370400440532013000", "GB82 WEST"]);
}

#[test]
fn what_is_masked_stays_as_it_is() {
    for text in [
        "password=[masked:password]",
        "https://u:[masked:password]@h",
        r#""api_key": "[masked:api-key]""#,
        "[masked:email]",
        "Bearer [masked:authorization]",
        "x[masked:card]4111",
    ] {
        assert_eq!(masked(text), text);
    }
    // A mark that nobody makes hides nothing.
    assert_eq!(masked("[masked:a@b.de]"), "[masked:[masked:email]]");
}

#[test]
fn no_text_takes_more_than_a_few_looks_at_each_byte() {
    const LENGTH: usize = 60_000;
    let pieces = [
        "a",
        "A",
        "1",
        "@",
        "=",
        ":",
        "-",
        "[",
        "\"",
        "\\",
        " ",
        ".",
        "é",
        "://",
        "a@",
        "a@a.",
        "1 ",
        "1-",
        "eyJ",
        "eyJ.",
        "sk-",
        "AIza",
        "AKIA",
        "ghp_",
        "xoxb-",
        "password",
        "password=",
        "password:",
        "password=\"",
        "password='a ",
        "token=\\\"",
        "token=\"a b ",
        "Bearer ",
        "bearer",
        "a://b:",
        "a://b:c",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----END ",
        "DE89 ",
        "DE",
        "DE89",
        "4111111111111111 ",
        "4111 1111 ",
        "[masked:",
        "authorization: bearer ",
    ];
    for piece in pieces {
        let of = |length: usize| steps(&piece.repeat(length / piece.len()));
        let (whole, half) = (of(LENGTH), of(LENGTH / 2));
        assert!(whole <= 120 * LENGTH as u64, "{piece:?}: {whole}");
        // Twice as much text is not more than about twice the work.
        assert!(whole <= 2 * half + half / 10 + 1000, "{piece:?}: {half} and {whole}");
    }
    for piece in ["a", "@", "1", "[", "=", "\""] {
        assert!(steps(&piece.repeat(1_000_000)) <= 120_000_000, "{piece:?}");
    }
}
