// kpd key: the life of keys.
#include "kpd/commands/key_command.h"

namespace kpd {

void add_key(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("key", "Make, move, show and end the keys of an area");
  command->require_subcommand(1);
  command->footer(
      "Examples:  kpd key list --area demo\n"
      "           kpd key import KEK1 --area demo --components 3 --type des2 --kcv A43D42\n"
      "           kpd key rotate IMK-AC --area demo");
  add_key_list(*command, invocation);
  add_key_show(*command, invocation);
  add_key_generate(*command, invocation);
  add_key_import(*command, invocation);
  add_key_export(*command, invocation);
  add_key_rotate(*command, invocation);
  add_key_retire(*command, invocation);
  add_key_destroy(*command, invocation);
  add_key_register(*command, invocation);
}

}  // namespace kpd
