// Reads one of the case tables in tests/corpora; a missing or broken table aborts the test binary.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

namespace tocsin::tests {

inline boost::json::value load_corpus(const std::string& file) {
  std::ifstream in(std::string(TOCSIN_CORPORA) + "/" + file);
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace tocsin::tests
