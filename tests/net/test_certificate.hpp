// Certificates made on the spot, for servers in tests.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tocsin::net::tests {

struct Certificate {
  EVP_PKEY* key = nullptr;
  X509* x509 = nullptr;
  std::string file;  // PEM, removed with this

  // Self-signed, valid from a day ago for `days` days.
  Certificate(const char* alternative_name, int days) : key(EVP_EC_gen("P-256")), x509(X509_new()) {
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86'400L);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86'400L * (days - 1));
    X509_set_pubkey(x509, key);
    X509_NAME* const name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x509, key, EVP_sha256());
    char path[] = "/tmp/egress_tls_XXXXXX";
    std::FILE* const out = ::fdopen(::mkstemp(path), "w");
    PEM_write_X509(out, x509);
    std::fclose(out);
    file = path;
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() {
    ::unlink(file.c_str());
    X509_free(x509);
    EVP_PKEY_free(key);
  }
};

}  // namespace tocsin::net::tests
