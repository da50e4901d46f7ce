//! Records are what their threads wrote, with masks.

use std::sync::atomic::{AtomicUsize, Ordering};

use opentelemetry::StringValue;

use super::*;
use crate::content::mask::{MaskFunction, Masks};
use crate::span::record::preamble;
use crate::span::value::ValueRef;
use crate::span::words::{INLINE_TEXT, Words};

const SECRET: &str = "password=hunter22abc";

fn texts() -> Texts {
    Texts::new(Arc::default())
}

fn read_with(texts: &mut Texts, operation: OperationKind, mut words: Words) -> Record {
    let head = Head { trace_flags: 1, ..Head::of(operation) };
    let identity =
        Identity { trace_id: (7 << 64) | 9, span_id: 3, parent_span_id: 2, start: 5, duration: 6 };
    let whole = [preamble(head, identity).as_slice(), words.as_slice()].concat();
    let mut record = Record::new();
    assert!(record.read(&whole, words.asides(), Extent::Nothing, texts));
    record
}

fn read_back(words: Words) -> Record {
    read_with(&mut texts(), OperationKind::Stage, words)
}

fn with_text(key: &'static str, text: &str) -> Words {
    let mut words = Words::default();
    words.attribute(key, Some(ValueRef::Text(text)));
    words
}

fn text_of<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    match record.attribute(key) {
        Some(Value::String(text)) => Some(StringValue::as_str(text)),
        _ => None,
    }
}

#[test]
fn text_of_every_length_comes_back_whole() {
    for length in (0..70).chain([INLINE_TEXT - 1, INLINE_TEXT, INLINE_TEXT + 1, 100_000]) {
        let text: String = "añ→".chars().cycle().take(length).collect();
        let record = read_back(with_text("k", &text));
        assert_eq!(record.attribute("k"), Some(&Value::from(text)));
    }
}

#[test]
fn a_key_set_twice_holds_the_last_value_whoever_put_it_together() {
    let mut words = Words::default();
    words.attribute("k", Some(ValueRef::Int(1)));
    words.attribute("other", Some(ValueRef::Bool(true)));
    words.set(Cow::Owned(String::from("k")), ValueRef::Float(0.5));
    let record = read_with(&mut texts(), OperationKind::Span, words);
    assert_eq!(record.attributes.len(), 2);
    assert_eq!(record.attribute("k"), Some(&Value::F64(0.5)));
}

#[test]
fn of_many_keys_each_has_its_own_value() {
    let keys: Vec<&'static str> = (0..300).map(|it| &*format!("key.{it}").leak()).collect();
    let mut words = Words::default();
    for round in 0..2 {
        for (number, key) in (0..).zip(&keys) {
            words.attribute(key, Some(ValueRef::Int(number * 2 + round)));
        }
    }
    let record = read_with(&mut texts(), OperationKind::Span, words);
    assert_eq!(record.attributes.len(), keys.len());
    for (number, key) in (0..).zip(keys) {
        assert_eq!(record.attribute(key), Some(&Value::I64(number * 2 + 1)));
    }
}

#[test]
fn identity_survives() {
    let record = read_back(Words::default());
    assert_eq!(record.identity.trace_id, (7 << 64) | 9);
    assert_eq!((record.identity.span_id, record.identity.parent_span_id), (3, 2));
    assert_eq!((record.identity.start, record.identity.duration), (5, 6));
}

#[test]
fn nothing_of_one_record_is_in_the_next() {
    let mut words = with_text("k", "text");
    words.attribute(attribute::STAGE_KIND, Some(ValueRef::Text("loader")));
    words.push(Word::StatusError);
    words.cow(Cow::Borrowed("broken"));
    words.event(Event::with_name("event"));
    let mut texts = texts();
    let mut record = read_with(&mut texts, OperationKind::Stage, words);
    assert!(record.measured(Measured::STAGE_KIND).is_some());
    let next = preamble(record.head, record.identity);
    assert!(record.read(&next, &mut [], Extent::Nothing, &mut texts));
    assert_eq!(record.attributes, [KeyValue::new(attribute::STAGE_NAME, "")]);
    assert_eq!(record.measured(Measured::STAGE_KIND), None);
    assert_eq!((record.status, record.events.len()), (None, 0));
}

#[test]
fn much_memory_is_not_kept() {
    let mut words = Words::default();
    for number in 0..10 * KEPT {
        words.set(Cow::Owned(format!("key.{number}")), ValueRef::Text(SECRET));
    }
    let mut texts = texts();
    let mut record = read_with(&mut texts, OperationKind::Span, words);
    assert_eq!(text_of(&record, "key.2559"), Some("password=[masked:password]"));
    let next = preamble(record.head, record.identity);
    assert!(record.read(&next, &mut [], Extent::Nothing, &mut texts));
    assert!(record.attributes.capacity() <= KEPT);
    assert!(record.unmasked.capacity() <= KEPT);
}

#[test]
fn words_that_are_not_whole_are_no_record() {
    let Record { head, identity, .. } = Record::new();
    let start = preamble(head, identity);
    let mut record = Record::new();
    for rest in [
        vec![Word::Key("k")],
        vec![Word::Key("k"), Word::Name],
        vec![Word::OwnedKey],
        vec![Word::Aside(0)],
        vec![Word::Text { length: 0, more: false, bytes: [0; 21] }],
        vec![Word::Key("k"), Word::Text { length: 21, more: true, bytes: [b'a'; 21] }],
    ] {
        let words = [start.as_slice(), &rest].concat();
        assert!(!record.read(&words, &mut [], Extent::All, &mut texts()), "{rest:?}");
    }
    assert!(!record.read(&start[..3], &mut [], Extent::All, &mut texts()));
}

#[test]
fn different_short_texts_are_not_taken_for_each_other() {
    let mut texts = texts();
    let all: Vec<String> = (0..5000).map(|number| format!("{number:o}")).collect();
    for _ in 0..2 {
        for text in &all {
            let record = read_with(&mut texts, OperationKind::Span, with_text("k", text));
            assert_eq!(text_of(&record, "k"), Some(text.as_str()));
        }
    }
    // Without its end, and with zeros in place of it.
    for text in ["ab", "a", "a\0", "ab\0"] {
        let record = read_with(&mut texts, OperationKind::Span, with_text("k", text));
        assert_eq!(text_of(&record, "k"), Some(text));
    }
}

#[test]
fn a_short_text_that_comes_again_is_one_copy() {
    let mut texts = texts();
    let mut address = || {
        let record = read_with(&mut texts, OperationKind::Span, with_text("k", "retriever"));
        let Some(Value::String(text)) = record.attribute("k").cloned() else { panic!() };
        text
    };
    assert_eq!(address().as_str().as_ptr(), address().as_str().as_ptr());
}

#[test]
fn a_secret_is_masked_and_counted_each_time_it_comes() {
    let masks = Arc::new(Masks::default());
    let mut texts = Texts::new(Arc::clone(&masks));
    for _ in 0..3 {
        let record = read_with(&mut texts, OperationKind::Span, with_text("note", SECRET));
        assert_eq!(text_of(&record, "note"), Some("password=[masked:password]"));
        let mut constant = Words::default();
        constant.fixed("note", SECRET);
        let record = read_with(&mut texts, OperationKind::Span, constant);
        assert_eq!(text_of(&record, "note"), Some("password=[masked:password]"));
    }
    assert_eq!(masks.counts(), [(String::from("password"), 6)]);
}

#[test]
fn what_a_text_is_under_one_key_it_is_not_under_another() {
    let mut texts = texts();
    for _ in 0..2 {
        for (key, text, expected) in [
            (attribute::USER_ID, SECRET, SECRET),
            ("note", SECRET, "password=[masked:password]"),
            ("note", "hunter22abc", "hunter22abc"),
            ("password", "hunter22abc", "[masked:password]"),
            ("note", "jo@example.org", "jo@example.org"),
            ("input.value", "jo@example.org", "[masked:email]"),
        ] {
            let record = read_with(&mut texts, OperationKind::Span, with_text(key, text));
            assert_eq!(text_of(&record, key), Some(expected), "{key}");
            let mut constant = Words::default();
            constant.fixed(key, text);
            let record = read_with(&mut texts, OperationKind::Span, constant);
            assert_eq!(text_of(&record, key), Some(expected), "{key}");
        }
    }
}

#[test]
fn a_text_that_another_took_the_place_of_is_not_counted() {
    let masks = Arc::new(Masks::default());
    let mut words = with_text("note", SECRET);
    words.attribute("note", Some(ValueRef::Text("token=hunter22abc0")));
    let record = read_with(&mut Texts::new(Arc::clone(&masks)), OperationKind::Span, words);
    assert_eq!(text_of(&record, "note"), Some("token=[masked:credential]"));
    assert_eq!(masks.counts(), [(String::from("credential"), 1)]);
}

#[test]
fn a_function_of_the_programs_is_given_each_text_each_time() {
    let mut masks = Masks::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    masks.add_function(MaskFunction(Arc::new(move |_| {
        Some(format!("text {}", counter.fetch_add(1, Ordering::Relaxed)))
    })));
    let mut texts = Texts::new(Arc::new(masks));
    for number in 0..3 {
        let mut words = with_text("note", "a note");
        words.fixed("constant", "a constant");
        words.push(Word::Name);
        words.cow(Cow::Borrowed("a name"));
        let record = read_with(&mut texts, OperationKind::Span, words);
        let found = [text_of(&record, "note"), text_of(&record, "constant"), Some(&*record.name)];
        let expected = [0, 1, 2].map(|place| format!("text {}", number * 4 + place));
        assert_eq!(found, expected.each_ref().map(|it| Some(it.as_str())));
        let name = texts.name("chat", Some(&Value::from("a-large")));
        assert_eq!(name, format!("text {}", number * 4 + 3));
    }
    assert_eq!(calls.load(Ordering::Relaxed), 12);
}

#[test]
fn a_name_is_the_operation_and_what_it_is_done_to() {
    let masks = Arc::new(Masks::default());
    let mut texts = Texts::new(Arc::clone(&masks));
    let shared = |text: &str| Value::from(Arc::<str>::from(text));
    let (large, secret) = (shared("a-large"), shared("api_key=hunter22abc0"));
    for _ in 0..3 {
        assert_eq!(texts.name("chat", Some(&large)), "chat a-large");
        assert_eq!(texts.name("embeddings", Some(&large)), "embeddings a-large");
        assert_eq!(texts.name("chat", Some(&Value::from(7_i64))), "chat 7");
        assert_eq!(texts.name("chat", None), "chat");
        assert_eq!(texts.name("chat", Some(&secret)), "chat api_key=[masked:api-key]");
    }
    assert_eq!(masks.counts(), [(String::from("api-key"), 3)]);
}
