// tocsin-plugin-host: started by the daemon with a socket as descriptor 3 and the plugin as descriptor 4; of
// no use by hand.
#include <cstdlib>
#include <cstring>

#include "plugin_host/serve.hpp"

int main(int argc, char** argv) {
  tocsin::plugin_host::Options options;
  if (argc < 2) return 2;
  options.parent = std::atoi(argv[1]);
  options.only_full = argc > 2 && std::strcmp(argv[2], "full") == 0;
  return tocsin::plugin_host::serve(options);
}
