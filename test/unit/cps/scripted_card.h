/// A card that expects certain commands, one after the other, and answers as written.
#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "cps/card.h"

namespace cps::test {

class ScriptedCard final : public Card {
 public:
  struct Line {
    std::string command;   ///< hexadecimal; empty: any
    std::string response;  ///< hexadecimal with status word; "lost", "broken"
  };

  explicit ScriptedCard(std::vector<Line> script) : script_(std::move(script)) {}

  Bytes atr() const override { return {}; }
  bool reset(Reset) override { return true; }

  Response transmit(ByteView command, std::chrono::milliseconds) override {
    REQUIRE(next_ < script_.size());
    const Line& line = script_[next_++];
    if (!line.command.empty()) CHECK(emvcrypto::to_hex(command) == line.command);
    if (line.response == "lost") return {Response::Kind::lost, {}, "the card went away"};
    if (line.response == "broken") return {Response::Kind::broken, {}, "no service"};
    return {Response::Kind::answered, emvcrypto::from_hex(line.response), ""};
  }

  std::size_t commands() const { return next_; }
  bool finished() const { return next_ == script_.size(); }

 private:
  std::vector<Line> script_;
  std::size_t next_ = 0;
};

}  // namespace cps::test
