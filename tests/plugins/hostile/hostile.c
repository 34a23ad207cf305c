/* A plugin that means harm: each delivery tries what the event's title names, and says in its outcome whether
 * that went well ("hostile.done") or not ("hostile.refused").  What it does not do: hide it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <tocsin/helpers.h>
#include <tocsin/plugin.h>
#include <unistd.h>

struct tocsin_instance {
  const tocsin_host* host;
};

static int read_passwd(void) {
  return open("/etc/passwd", O_RDONLY) >= 0;
}

/* A path that never asks the kernel by name: the descriptors of the process it is in. */
static int read_parent(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid());
  return open(path, O_RDONLY) >= 0;
}

static int connect_out(void) {
  struct sockaddr_in to;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  memset(&to, 0, sizeof to);
  to.sin_family = AF_INET;
  to.sin_port = htons(80);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0) fd = 3; /* then by the one there is */
  return connect(fd, (struct sockaddr*)&to, sizeof to) == 0;
}

static int execute(void) {
  char* const arguments[] = {(char*)"/bin/sh", NULL};
  char* const environment[] = {NULL};
  execve("/bin/sh", arguments, environment);
  return syscall(SYS_execveat, 4, "", arguments, environment, AT_EMPTY_PATH) == 0;
}

static int trace_parent(void) {
  char byte = 0;
  struct iovec here = {&byte, 1};
  struct iovec there = {(void*)0x400000, 1};
  if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0) return 1;
  return process_vm_readv(getppid(), &here, 1, &there, 1, 0) > 0;
}

static int kill_parent(void) {
  return kill(getppid(), SIGKILL) == 0 || syscall(SYS_tgkill, getppid(), getppid(), SIGKILL) == 0;
}

static int fill_memory(void) {
  enum { kBlock = 16 * 1024 * 1024, kMost = 1024 };
  static void* blocks[kMost];
  int n = 0;
  int all;
  while (n < kMost && (blocks[n] = malloc(kBlock)) != NULL) memset(blocks[n++], 1, kBlock);
  all = n == kMost;
  while (n > 0) free(blocks[--n]);
  return all;
}

static int fill_disk(void) {
  static char block[4096];
  int fd = open("/tmp/tocsin-hostile", O_CREAT | O_WRONLY, 0600);
  if (fd < 0) fd = (int)syscall(SYS_memfd_create, "hostile", 0);
  if (fd < 0) fd = 4; /* the plugin's own file */
  return write(fd, block, sizeof block) > 0;
}

static int fork_bomb(void) {
  int born = 0;
  int i;
  for (i = 0; i < 1000; ++i) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) ++born, waitpid(child, NULL, 0);
  }
  if (vfork() == 0) _exit(0);
  return born > 0;
}

static int map_code(void) {
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0) return 1;
  return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

/* A frame of the protocol between the two processes, by hand: kind 64 says what the jail lacks, 69 that a
 * delivery is done. */
static int write_frame(unsigned short kind, unsigned instance, unsigned long long handle, const char* text) {
  struct {
    unsigned length;
    unsigned short kind, more;
    unsigned instance, call;
    unsigned long long handle;
    char text[16];
  } frame;
  memset(&frame, 0, sizeof frame);
  frame.length = (unsigned)strlen(text);
  frame.kind = kind;
  frame.instance = instance;
  frame.handle = handle;
  memcpy(frame.text, text, frame.length);
  return write(3, &frame, sizeof frame - sizeof frame.text + frame.length) < 0;
}

static int say_jail_anew(void) {
  return write_frame(64, 0, 0, "landlock seccomp");
}

static int describe_anew(void) {
  return write_frame(65, 0, 0, "another plugin altogether");
}

static int say_not_loaded(void) {
  return write_frame(66, 0, 0, "no entry");
}

static unsigned long long own; /* the delivery that is under way */

/* Of whatever the daemon may be making just now, but its own. */
static int forge_completions(void) {
  unsigned instance;
  unsigned long long slot, generation;
  for (instance = 0; instance < 4; ++instance) {
    for (slot = 0; slot < 8; ++slot) {
      for (generation = 0; generation < 8; ++generation) {
        const unsigned long long guesses[] = {generation << 32 | slot, slot << 32 | generation};
        size_t i;
        for (i = 0; i < 2; ++i) {
          if (guesses[i] != own && write_frame(69, instance, guesses[i], "")) return 1;
        }
      }
    }
  }
  return 0;
}

static int close_output(void) {
  return close(1) != 0 || close(2) != 0;
}

static int drop_handler(void) {
  return signal(SIGSYS, SIG_DFL) != SIG_ERR;
}

static const struct {
  const char* name;
  int (*act)(void);
} acts[] = {{"read_passwd", read_passwd},
            {"read_parent", read_parent},
            {"connect", connect_out},
            {"exec", execute},
            {"ptrace", trace_parent},
            {"kill_parent", kill_parent},
            {"fill_memory", fill_memory},
            {"fill_disk", fill_disk},
            {"fork_bomb", fork_bomb},
            {"map_code", map_code},
            {"drop_handler", drop_handler},
            {"say_jail_anew", say_jail_anew},
            {"describe_anew", describe_anew},
            {"say_not_loaded", say_not_loaded},
            {"forge_completions", forge_completions},
            {"close_output", close_output}};

static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  tocsin_instance* self = (tocsin_instance*)malloc(sizeof *self);
  (void)settings;
  if (self == NULL) return tocsin_fail(error, "", "out of memory");
  self->host = host;
  return self;
}

static void destroy(tocsin_instance* self) {
  free(self);
}

/* On a thread of its own, so that the completion is sent at once. */
struct Last {
  const tocsin_host* host;
  tocsin_delivery* delivery;
};
static void* complete_and_leave(void* given) {
  const struct Last* const last = (const struct Last*)given;
  tocsin_complete(last->host, last->delivery, TOCSIN_DELIVERED, "hostile.left", "", 0);
  _exit(0);
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_outcome outcome;
  const tocsin_str title = message->events[0]->title;
  size_t i;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = TOCSIN_DELIVERED;
  outcome.code = tocsin_lit("hostile.unknown");
  own = (unsigned long long)(uintptr_t)delivery;
  if (tocsin_equal(title, tocsin_lit("crash"))) abort();
  if (tocsin_equal(title, tocsin_lit("hang"))) {
    for (;;) {
    }
  }
  if (tocsin_equal(title, tocsin_lit("complete_and_leave"))) {
    static struct Last last;
    pthread_t thread;
    last.host = self->host;
    last.delivery = delivery;
    pthread_create(&thread, NULL, complete_and_leave, &last);
    return;
  }
  for (i = 0; i < sizeof acts / sizeof *acts; ++i) {
    if (!tocsin_equal(title, tocsin_lit(acts[i].name))) continue;
    outcome.code = tocsin_lit(acts[i].act() ? "hostile.done" : "hostile.refused");
  }
  self->host->complete(self->host, delivery, &outcome);
}

static const tocsin_channel_api api = {create, destroy, deliver, NULL, NULL, NULL};
static const tocsin_channel_type type = {sizeof type,
                                         TOCSIN_SERIAL,
                                         0,
                                         TOCSIN_RETRIES_STANDARD,
                                         0,
                                         0,
                                         "test.hostile",
                                         "Hostile",
                                         "For tests",
                                         "1.0.0",
                                         "tocsin",
                                         "",
                                         "",
                                         "{\"type\":\"object\"}",
                                         NULL,
                                         NULL,
                                         NULL,
                                         &api};
static const tocsin_channel_type* const types[] = {&type};
static const tocsin_plugin plugin = {sizeof plugin, TOCSIN_ABI_MINOR, "plain C", types, 1};
TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {
  return &plugin;
}
