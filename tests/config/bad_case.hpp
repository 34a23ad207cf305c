// A text that must be refused, with the line that is named and a piece of the message.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "config/config.hpp"
#include "config/config_folder.hpp"

namespace tocsin::config {

struct BadCase {
  const char* sentence;
  const char* text;
  int line;         // 0: the file as a whole
  const char* key;  // what stands between "file:line: " and the message
  const char* says;
};

inline void expect_refused(const BadCase& c) {
  const ConfigFolder folder;
  const auto config = folder.load(c.text);
  ASSERT_FALSE(config) << c.sentence;
  const auto& error = config.error();
  EXPECT_EQ(error.code, Errc::kInvalid) << c.sentence;
  std::string place = folder.path("tocsin.toml");
  if (c.line != 0) place += ":" + std::to_string(c.line);
  if (*c.key != '\0') place += std::string(": ") + c.key;
  const auto fits = [&](const FieldError& field) {
    return field.pointer == place && field.message.find(c.says) != std::string::npos;
  };
  std::string all;
  for (const auto& field : error.fields) all += field.pointer + ": " + field.message + "\n";
  EXPECT_TRUE(std::any_of(error.fields.begin(), error.fields.end(), fits))
      << c.sentence << "\nwanted " << place << ": … " << c.says << "\nfound\n"
      << all;
  EXPECT_EQ(error.fields.size(), 1U) << c.sentence << ": one mistake is one problem\n" << all;
  EXPECT_EQ(error.detail, error.fields[0].pointer + ": " + error.fields[0].message) << c.sentence;
}

}  // namespace tocsin::config
