//! Byte strings that threads and fds share: a fork increments a reference count and does not copy the bytes.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A name, a path or another text; any bytes. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<[u8]>);

impl Text {
    /// Sets the value; does not allocate if it stays the same.
    #[inline]
    pub fn set(&mut self, bytes: &[u8]) {
        if &*self.0 != bytes {
            self.0 = bytes.into();
        }
    }

    /// Its bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for Text {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        Text(bytes.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.as_bytes().into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        Text(bytes.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", bstr::BStr::new(&*self.0))
    }
}

/// A list of texts without NUL bytes, in one allocation: arguments, environment, cgroups. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TextList {
    /// Every text, each followed by a NUL.
    bytes: Text,
}

impl TextList {
    /// A list from its wire form: texts with a NUL between them; the last NUL is optional.
    pub fn from_wire(wire: &[u8]) -> TextList {
        let mut list = TextList::default();
        list.set_wire(wire);
        list
    }

    /// Sets the list from its wire form; does not allocate if the value stays the same.
    pub fn set_wire(&mut self, wire: &[u8]) {
        match wire {
            [] | [0] => self.bytes.set(&[]),
            [.., 0] => self.bytes.set(wire),
            _ => {
                let same = self.bytes.strip_suffix(&[0]).is_some_and(|bytes| bytes == wire);
                if !same {
                    self.bytes = [wire, &[0]].concat().into();
                }
            }
        }
    }

    /// A list of the given texts; each is cut at its first NUL.
    pub fn from_texts<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> TextList {
        let mut bytes = Vec::new();
        for text in texts {
            let text = text.as_ref();
            let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
            bytes.extend_from_slice(&text[..end]);
            bytes.push(0);
        }
        TextList { bytes: bytes.into() }
    }

    /// The texts in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
        let all = self.bytes.strip_suffix(&[0]);
        all.into_iter().flat_map(|all| all.split(|&b| b == 0))
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.bytes.iter().filter(|&&b| b == 0).count()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The text at position `i`.
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        self.iter().nth(i)
    }

    /// All texts, each followed by a NUL.
    pub fn as_wire(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends the texts to `out` with a space between them.
    pub fn join(&self, out: &mut Vec<u8>) {
        let start = out.len();
        if let Some(all) = self.bytes.strip_suffix(&[0]) {
            out.extend_from_slice(all);
            out[start..].iter_mut().filter(|b| **b == 0).for_each(|b| *b = b' ');
        }
    }
}

impl fmt::Debug for TextList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(bstr::BStr::new)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_split_as_on_the_wire() {
        let texts = |wire: &[u8]| TextList::from_wire(wire).iter().map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(texts(b""), Vec::<Vec<u8>>::new());
        assert_eq!(texts(b"\0"), Vec::<Vec<u8>>::new());
        assert_eq!(texts(b"a\0b\0"), [b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(texts(b"a\0b"), [b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(texts(b"\0\0"), [b"".to_vec(), b"".to_vec()]);
        assert_eq!(TextList::from_wire(b"a\0\0b").len(), 3);
        let mut out = b"x ".to_vec();
        TextList::from_wire(b"a\0\0b").join(&mut out);
        assert_eq!(out, b"x a  b");
    }

    #[test]
    fn the_same_value_keeps_its_memory() {
        let mut list = TextList::from_wire(b"a\0b");
        let before = list.as_wire().as_ptr();
        list.set_wire(b"a\0b");
        list.set_wire(b"a\0b\0");
        assert_eq!(list.as_wire().as_ptr(), before);
        list.set_wire(b"a\0c");
        assert_eq!(list.get(1), Some(&b"c"[..]));
    }
}
