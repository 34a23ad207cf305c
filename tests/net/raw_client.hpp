// A client that sends exactly the bytes it is told, for what no proper client would send, and reads answers
// one by one. Every wait has a generous deadline, so that a hung server fails a test instead of hanging it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::net {

struct RawAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names lower-cased
  std::string body;
};

class RawClient {
 public:
  // "127.0.0.1:4242" or "unix:/path".
  explicit RawClient(const std::string& target);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  // False where the server has closed.
  bool send(std::string_view bytes);
  // One byte a packet.
  bool send_slowly(std::string_view bytes);
  void end_sending();
  // nullopt: closed or reset before a whole answer came. Skips 100 Continue unless told.
  std::optional<RawAnswer> read_answer(bool head_request = false, bool want_continue = false);
  // Reads until `text` has come, and returns everything up to its end; nullopt: it did not in time, or the
  // end came.
  std::optional<std::string> read_until(std::string_view text);
  // True: the server closed in order; false: it reset, sent more, or kept the connection for 10 s.
  bool read_end();
  // True: the connection was reset.
  bool read_reset();

 private:
  // Bytes received, 0 at the end, -1 on a reset, -2 where nothing came in time.
  int receive();
  int fd_ = -1;
  std::string received_;
};

}  // namespace tocsin::net
