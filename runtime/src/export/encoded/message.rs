//! Protobuf, written in one pass: fields in the order of their numbers, none that has its default value.

/// The bytes of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(pub(super) Vec<u8>);

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED32: u32 = 5;

impl Message {
    /// Writes the number of a field whose value follows.
    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from((field << 3) | wire_type));
    }

    #[allow(clippy::cast_possible_truncation, reason = "seven bits at a time")]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn whole(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.whole_or_default(field, value);
        }
    }

    /// A choice among several is made by writing it.
    pub(super) fn whole_or_default(&mut self, field: u32, value: u64) {
        self.key(field, VARINT);
        self.varint(value);
    }

    pub(super) fn double_or_default(&mut self, field: u32, value: f64) {
        self.key(field, FIXED64);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.key(field, FIXED64);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    pub(super) fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.key(field, FIXED32);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.bytes_or_default(field, bytes);
        }
    }

    pub(super) fn bytes_or_default(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A message inside this one.
    pub(super) fn nested(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, LENGTH);
        let start = self.0.len();
        // Most are short enough for a length of one byte; others make room for theirs.
        self.0.push(0);
        write(self);
        let length = self.0.len() - start - 1;
        if let (Ok(length @ ..0x80), Some(place)) = (u8::try_from(length), self.0.get_mut(start)) {
            *place = length;
        } else {
            let mut prefix = Self::default();
            prefix.varint(length as u64);
            self.0.splice(start..=start, prefix.0);
        }
    }
}

/// How many bytes a message of this length takes inside another, at most.
pub(super) fn nested_length(length: usize) -> usize {
    // Keys of fields below 16 are one byte, lengths of 32 bits are five.
    length + 6
}
