//! Small pieces of wire formats: fixed-width fields, tokens, optional whitespace.

/// RFC 9110, section 5.6.3: optional whitespace.
pub(crate) const OWS: [char; 2] = [' ', '\t'];

/// Takes the first `N` bytes off `rest`; `None` if there are fewer.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, remainder) = rest.split_first_chunk::<N>()?;
    *rest = remainder;
    Some(*taken)
}

/// Returns the first `N` bytes, padded with zeros where there are fewer.
pub(crate) fn leading<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    for (to, from) in taken.iter_mut().zip(bytes) {
        *to = *from;
    }
    taken
}

/// Tells whether `text` is a token (RFC 9110 5.6.2), as names of headers are.
pub(crate) fn is_token(text: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(in_token)
}
