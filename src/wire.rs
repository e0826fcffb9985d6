//! Fixed-width fields of a byte string.

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
