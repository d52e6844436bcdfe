/// A PostgreSQL server of a test's own (test/e2e/kpd_postgres.py runs it).
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace kpd_test {

/// Serves from construction to destruction.
class PostgresServer {
 public:
  PostgresServer() {
    std::array<int, 2> to{}, from{};
    if (pipe(to.data()) != 0 || pipe(from.data()) != 0) throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0) {
      dup2(to[0], 0);
      dup2(from[1], 1);
      for (int end : {to[0], to[1], from[0], from[1]}) close(end);
      execlp("python3", "python3", "-B", KPD_SOURCE_DIR "/test/e2e/kpd_postgres.py", nullptr);
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    to_.reset(fdopen(to[1], "w"));
    from_.reset(fdopen(from[0], "r"));
    connect_ = answer();
  }
  ~PostgresServer() {
    to_.reset();
    waitpid(child_, nullptr, 0);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// As a job's `connect` names the database.
  const std::string& connect() const { return connect_; }

  /// Runs statements, on one line.
  void run(const std::string& sql) {
    std::fputs((sql + "\n").c_str(), to_.get());
    std::fflush(to_.get());
    if (answer() != "done") throw std::runtime_error("PostgreSQL refuses: " + sql);
  }

  /// Ends the server as a power cut does.
  void stop() { run("stop"); }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string answer() {
    std::array<char, 512> line{};
    if (std::fgets(line.data(), line.size(), from_.get()) == nullptr) return {};
    std::string text = line.data();
    text.pop_back();
    return text;
  }

  pid_t child_ = -1;
  std::unique_ptr<std::FILE, Close> to_, from_;
  std::string connect_;
};

}  // namespace kpd_test
