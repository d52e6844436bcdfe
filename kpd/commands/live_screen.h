/// A few lines at the bottom of a terminal that are drawn again and again; nothing in a pipe.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kpd {

class LiveScreen {
 public:
  /// `lines` gives what stands there now, for a terminal so many columns wide; it is asked from a
  /// thread of the screen's own.
  explicit LiveScreen(std::function<std::vector<std::string>(std::size_t width)> lines);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  /// A line that stays, above the others.
  void say(const std::string& line);

 private:
  void run();
  void draw();
  void clear();

  std::function<std::vector<std::string>(std::size_t)> lines_;
  bool terminal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::size_t drawn_ = 0;  ///< lines
  std::thread thread_;
};

}  // namespace kpd
