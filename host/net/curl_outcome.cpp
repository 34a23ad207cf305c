// Why an exchange has no answer: libcurl's codes, reduced to our categories and to phrases for people.
#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>

#include "net/curl_handle.hpp"

namespace tocsin::net {
namespace {

constexpr const char* kLongHeaders = "the answer's headers are too long";

Failure judge_connect(const TransferEnd& end) {
  switch (end.os_error) {
    case ECONNREFUSED:
      return {IoError::kConnect, "connection refused"};
    case ENETUNREACH:
    case EHOSTUNREACH:
      return {IoError::kConnect, "no route to the host"};
    case ECONNRESET:
      return {IoError::kConnect, "connection reset while connecting"};
    case ETIMEDOUT:
      return {IoError::kConnect, "connecting timed out"};
    default:
      return {IoError::kConnect, "no connection to the host"};
  }
}

Failure judge_timeout(const TransferEnd& end) {
  if (end.connected) {
    return {IoError::kTimeout, "no whole answer within the time"};
  }
  if (!end.resolved) {
    return {IoError::kDns, "the host's name was not resolved within the time"};
  }
  if (end.handshake) {
    return {IoError::kTls, "the TLS handshake timed out"};
  }
  return {IoError::kConnect, "connecting timed out"};
}

Failure judge_certificate(const TransferEnd& end) {
  switch (end.verify_result) {
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:  // the chain was good and the name was not looked at by OpenSSL
      return {IoError::kCertificate, "the certificate is for another name"};
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {IoError::kCertificate, "the certificate has expired"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {IoError::kCertificate, "the certificate is not valid yet"};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return {IoError::kCertificate, "the certificate is self-signed"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return {IoError::kCertificate, "the certificate's issuer is not trusted"};
    default:
      return {IoError::kCertificate, "the certificate is not trusted"};
  }
}

Failure judge_code(const TransferEnd& end) {
  switch (end.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {IoError::kDns, "the host's name does not resolve"};
    case CURLE_COULDNT_CONNECT:
      return judge_connect(end);
    case CURLE_OPERATION_TIMEDOUT:
      return judge_timeout(end);
    case CURLE_PEER_FAILED_VERIFICATION:
      return judge_certificate(end);
    case CURLE_SSL_CONNECT_ERROR:
      return {IoError::kTls, "the TLS handshake failed"};
    case CURLE_SSL_CACERT_BADFILE:
      return {IoError::kLocal, "the file of trusted certificates cannot be read"};
    case CURLE_OUT_OF_MEMORY:  // also libcurl's word for one header line above its own 100 KiB
    case CURLE_FAILED_INIT:
      return end.connected ? Failure{IoError::kProtocol, kLongHeaders}
                           : Failure{IoError::kLocal, "not enough memory"};
    case CURLE_URL_MALFORMAT:
      return {IoError::kInvalid, "the URL cannot be read"};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return {IoError::kClosed, "the connection was closed before the answer was whole"};
    default:
      return end.connected ? Failure{IoError::kProtocol, "the answer is not HTTP"}
                           : Failure{IoError::kTls, "the TLS handshake failed"};
  }
}

}  // namespace

Failure judge_end(const TransferEnd& end) {
  if (end.code == CURLE_OK) {
    return {};
  }
  if (end.refusal != nullptr) {
    return {IoError::kBlocked, end.refusal};
  }
  if (end.repeated) {
    return {IoError::kClosed, "the connection was closed before the answer"};
  }
  if (end.flooded) {
    return {IoError::kProtocol, kLongHeaders};
  }
  if (end.cut) {
    return {};
  }
  if (end.no_socket) {
    return {IoError::kLocal, "no socket left: raise the limit of open files"};
  }
  return judge_code(end);
}

}  // namespace tocsin::net
