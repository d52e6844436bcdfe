#include "kpd/commands/command.h"

int main(int argc, char** argv) {
  return kpd::run_command_line(argc, argv);
}
