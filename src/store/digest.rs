//! Keyed digests: the only form in which personal content is named.
//!
//! A blob's salt is HMAC(study salt, SHA-256(content)) and its id is HMAC(salt, content): the same content has the same
//! id in one study and another in the next, and whoever has an id but neither salt cannot test a guess against it. The
//! study's salt stays after an erasure: who has the file can still confirm an exact guess of what was erased.

use sha2::{Digest, Sha256};

/// A salt or a digest: 32 bytes.
pub(super) type Key = [u8; 32];

const BLOCK: usize = 64;

/// SHA-256 (FIPS 180-4).
pub(super) fn sha256(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA256 (RFC 2104).
pub(super) fn hmac(key: &[u8], message: &[u8]) -> Key {
    let mut block = [0_u8; BLOCK];
    let short: Key;
    let key = if key.len() > BLOCK {
        short = sha256(key);
        &short[..]
    } else {
        key
    };
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The salt of a new study, from the random bytes that the caller draws.
pub(super) fn study_salt(seed: &[u8; 32]) -> Key {
    hmac(seed, b"themata study salt")
}

/// The salt of a blob.
pub(super) fn blob_salt(study: &Key, content: &[u8]) -> Key {
    hmac(study, &sha256(content))
}

/// The id of a blob.
pub(super) fn blob_id(salt: &Key, content: &[u8]) -> String {
    hex(&hmac(salt, content))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn hmac_gives_the_vectors_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 5] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, message, expected) in cases {
            assert_eq!(hex(&hmac(key, message)), expected);
        }
    }

    #[test]
    fn the_same_words_have_different_ids_in_different_studies() {
        let id = |seed: u8| {
            let study = study_salt(&[seed; 32]);
            blob_id(&blob_salt(&study, b"the tide comes in"), b"the tide comes in")
        };
        assert_eq!(id(1), id(1));
        assert_ne!(id(1), id(2));
        assert_ne!(id(1), hex(&sha256(b"the tide comes in")));
    }
}
