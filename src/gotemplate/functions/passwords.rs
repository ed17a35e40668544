//! Keys, certificates and passwords: `crypto.go` of sprig. They have no place in a repository, and
//! all but two are random. Those two, `derivePassword` and `decryptAES`, want algorithms that
//! nothing else here needs.

use super::Functions;

pub(super) fn add(functions: &mut Functions) {
    functions.refuse(&["bcrypt", "htpasswd", "encryptAES"], "a password with random salt");
    functions.refuse(
        &[
            "genPrivateKey",
            "genCA",
            "genCAWithKey",
            "genSelfSignedCert",
            "genSelfSignedCertWithKey",
            "genSignedCert",
            "genSignedCertWithKey",
            "buildCustomCert",
        ],
        "a key or a certificate",
    );
    functions.refuse(&["derivePassword", "decryptAES"], "a password that is derived or decrypted");
}
