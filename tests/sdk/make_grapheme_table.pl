#!/usr/bin/perl
# Prints sdk/include/tocsin/cpp/grapheme_table.hpp from the Unicode tables that perl is built with: the ranges of every
# grapheme cluster class of UAX #29 but the Hangul syllables LV and LVT, which are arithmetic.
#   perl tests/sdk/make_grapheme_table.pl | clang-format --assume-filename=sdk/x.hpp >sdk/include/tocsin/cpp/grapheme_table.hpp
use strict;
use warnings;
use Unicode::UCD ();

my @classes = (
  ['control',  qr/\A[\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]\z/],
  ['extend',   qr/\A\p{GCB=Extend}\z/],
  ['zwj',      qr/\A\p{GCB=ZWJ}\z/],
  ['regional', qr/\A\p{GCB=Regional_Indicator}\z/],
  ['prepend',  qr/\A\p{GCB=Prepend}\z/],
  ['spacing',  qr/\A\p{GCB=SpacingMark}\z/],
  ['hangul_l', qr/\A\p{GCB=L}\z/],
  ['hangul_v', qr/\A\p{GCB=V}\z/],
  ['hangul_t', qr/\A\p{GCB=T}\z/],
  ['picture',  qr/\A\p{ExtPict}\z/],
);

my @ranges;
my $class = '';
for my $code (0x00A0 .. 0xE0FFF) {    # below: ASCII and C1, which the code knows
  next if $code >= 0xD800 && $code <= 0xDFFF;
  my $char = chr $code;
  my $found = '';
  for (@classes) { if ($char =~ $_->[1]) { $found = $_->[0]; last } }
  if ($found ne '' && $found eq $class && $ranges[-1][1] == $code - 1) {
    $ranges[-1][1] = $code;
  } elsif ($found ne '') {
    push @ranges, [$code, $code, $found];
  }
  $class = $found;
}

my $version = Unicode::UCD::UnicodeVersion();
my $count = @ranges;
print <<"TEXT";
// tocsin/cpp/grapheme_table.hpp - which characters belong to the one before them, by UAX #29 of Unicode $version.
//
// Why: cutting a text for a platform's limit must not split what a person sees as one character. What it does
// not do: it is only data, for graphemes.hpp. Made by tests/sdk/make_grapheme_table.pl; do not edit.
#pragma once

#include <array>
#include <cstdint>

namespace tocsin::detail {

enum class cluster : std::uint8_t {
  other, control, extend, zwj, regional, prepend, spacing, hangul_l, hangul_v, hangul_t, hangul_lv, hangul_lvt, picture
};

struct cluster_range {
  std::uint32_t first : 24;
  std::uint32_t length : 12;  // code points after the first
  cluster kind;
};

// clang-format off
inline constexpr std::array<cluster_range, $count> kClusterRanges{{
TEXT
my $line = ' ';
for (@ranges) {
  my $length = $_->[1] - $_->[0];
  die "too long" if $length > 4095;
  my $item = sprintf ' {0x%X,%d,cluster::%s},', $_->[0], $length, $_->[2];
  if (length($line) + length($item) > 150) { print "$line\n"; $line = ' ' }
  $line .= $item;
}
print "$line\n}};\n// clang-format on\n\n}  // namespace tocsin::detail\n";
