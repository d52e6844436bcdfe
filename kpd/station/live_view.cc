#include "kpd/station/live_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kpd {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;

constexpr std::size_t kBar = 12;
constexpr std::size_t kLongestName = 24;
constexpr double kHour = 3600;

double seconds(std::chrono::nanoseconds time) {
  return duration_cast<duration<double>>(time).count();
}

/// Non-printing characters, which a reader's name or a script's text might hold, do not reach the
/// terminal.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
}

std::string cut(std::string text, std::size_t width) {
  if (text.size() > width) text.resize(width);
  return text;
}

std::string bar(const StationNow& station) {
  const double applications = static_cast<double>(std::max<std::size_t>(station.applications, 1));
  const double within = station.blocks == 0 ? 0
                                            : static_cast<double>(station.block) /
                                                  static_cast<double>(station.blocks);
  const double part = (static_cast<double>(station.application) + within) / applications;
  const auto full = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBar);
  return std::string(full, '#') + std::string(kBar - full, '.');
}

std::string doing(const StationNow& station, std::chrono::steady_clock::time_point now) {
  const double since = std::max(0.0, seconds(now - station.since));
  switch (station.phase) {
    case StationPhase::working:
      return fmt::format("[{}] {:>5.1f} s  record {}  {}", bar(station), since,
                         printable(station.record), printable(station.step));
    case StationPhase::waiting:
      return fmt::format("waits for a card, {:.0f} s", since);
    case StationPhase::gone:
      return fmt::format("READER GONE, {:.0f} s", since);
    case StationPhase::ended:
      return "ended";
  }
  return {};
}

std::string station_line(const StationNow& station, std::size_t name_width,
                         std::chrono::steady_clock::time_point now) {
  return fmt::format("  {:<{}} {:>6} good {:>4} bad  {}",
                     cut(printable(station.name), kLongestName), name_width, station.done,
                     station.failed, doing(station, now));
}

std::string head(const LiveView& view) {
  std::uint64_t done = 0, failed = 0;
  for (const StationNow& station : view.stations) {
    done += station.done;
    failed += station.failed;
  }
  const double elapsed = seconds(view.now - view.start);
  const double rate = elapsed > 0 ? static_cast<double>(done) * kHour / elapsed : 0;
  std::string text = fmt::format("{}: {}", printable(view.title), done);
  if (view.wanted > 0) text += fmt::format(" of {}", view.wanted);
  text += fmt::format(" cards good, {} failed, {:.0f} an hour", failed, rate);
  if (view.wanted > done + failed && rate > 0)
    text += fmt::format(", {:.0f} min left",
                        static_cast<double>(view.wanted - done - failed) / rate * 60);
  return text + fmt::format(", bottleneck: {}", name_of(bottleneck_of(sum_of(view.stations))));
}

}  // namespace

const char* name_of(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::unknown:
      return "not known yet";
    case Bottleneck::chip:
      return "chip";
    case Bottleneck::device:
      return "HSM";
    case Bottleneck::reader:
      return "reader";
    case Bottleneck::host:
      return "host";
  }
  return "";
}

Bottleneck bottleneck_of(const StationTimes& times) {
  const std::array<std::pair<std::chrono::nanoseconds, Bottleneck>, 4> parts{
      {{times.chip, Bottleneck::chip},
       {times.device, Bottleneck::device},
       {times.waiting, Bottleneck::reader},
       {times.host, Bottleneck::host}}};
  const auto& most =
      *std::ranges::max_element(parts, {}, [](const auto& part) { return part.first; });
  return most.first.count() > 0 ? most.second : Bottleneck::unknown;
}

StationTimes sum_of(const std::vector<StationNow>& stations) {
  StationTimes sum;
  for (const StationNow& station : stations) {
    sum.chip += station.times.chip;
    sum.device += station.times.device;
    sum.host += station.times.host;
    sum.waiting += station.times.waiting;
  }
  return sum;
}

std::vector<std::string> live_lines(const LiveView& view, std::size_t width) {
  std::size_t name_width = 0;
  for (const StationNow& station : view.stations)
    name_width = std::max(name_width, std::min(station.name.size(), kLongestName));
  std::vector<std::string> lines{cut(head(view), width)};
  for (const StationNow& station : view.stations)
    lines.push_back(cut(station_line(station, name_width, view.now), width));
  return lines;
}

}  // namespace kpd
