/*
 * A program that tries to get out of a jail. Each attempt is made in a child of its own, and gives one line:
 * `name: ok` for what went through, else `name: ENOENT`, or `name: SIGSYS` when the attempt was its death.
 *
 * jail-probe files SECRET       SECRET is a file outside that has to stay unknown
 * jail-probe sockets
 * jail-probe processes PID      PID is a process outside
 * jail-probe kernel
 * jail-probe fill               forks, memory and disk, as far as they go
 * jail-probe outlive MARK [leave]  makes processes that have MARK in their command line and ignore what can be
 *                                  ignored; with a third word the first of them ends at once
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPT(name, expression)                            \
    do {                                                     \
        fflush(stdout);                                      \
        const pid_t child = fork();                          \
        if (child == 0) {                                    \
            const long result = (long)(expression);          \
            printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "ok"); \
            fflush(stdout);                                  \
            _exit(0);                                        \
        }                                                    \
        int status = 0;                                      \
        waitpid(child, &status, 0);                          \
        if (WIFSIGNALED(status))                             \
            printf("%s: SIG%s\n", name, sigabbrev_np(WTERMSIG(status))); \
    } while (0)

#define CALL(name, ...) ATTEMPT(#name, syscall(SYS_##name, __VA_ARGS__))

static void files(const char *secret)
{
    char path[4096];
    ATTEMPT("read the secret", open(secret, O_RDONLY));
    snprintf(path, sizeof path, "/proc/1/root%s", secret);
    ATTEMPT("read the secret through init's root", open(path, O_RDONLY));
    snprintf(path, sizeof path, "/proc/self/cwd/../../..%s", secret);
    ATTEMPT("read the secret through our own folder", open(path, O_RDONLY));
    snprintf(path, sizeof path, "%s.pwned", secret);
    ATTEMPT("write beside the secret", open(path, O_WRONLY | O_CREAT, 0666));
    ATTEMPT("read /etc/passwd", open("/etc/passwd", O_RDONLY));
    ATTEMPT("read a disk", open("/dev/vda", O_RDONLY));
    ATTEMPT("read the memory of the machine", open("/dev/mem", O_RDONLY));
    const char *const places[] = {"/pwned", "/dev/pwned", "/dev/shm/pwned", "/proc/sys/kernel/core_pattern"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "write %s", places[i]);
        ATTEMPT(path, open(places[i], O_WRONLY | O_CREAT, 0666));
    }
    ATTEMPT("make a device", mknod("/tmp/device", S_IFBLK | 0666, 0xfe00));
}

static void sockets(void)
{
    ATTEMPT("AF_INET", socket(AF_INET, SOCK_STREAM, 0));
    ATTEMPT("AF_INET datagram", socket(AF_INET, SOCK_DGRAM, 0));
    ATTEMPT("AF_INET raw", socket(AF_INET, SOCK_RAW, 1));
    ATTEMPT("AF_INET6", socket(AF_INET6, SOCK_STREAM, 0));
    ATTEMPT("AF_UNIX", socket(AF_UNIX, SOCK_STREAM, 0));
    ATTEMPT("AF_NETLINK", socket(AF_NETLINK, SOCK_RAW, 0));
    ATTEMPT("AF_PACKET", socket(AF_PACKET, SOCK_RAW, 0));
    ATTEMPT("AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM, 0));
    ATTEMPT("AF_ALG", socket(AF_ALG, SOCK_SEQPACKET, 0));
    int pair[2];
    ATTEMPT("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    ATTEMPT("connect", connect(0, NULL, 0));
}

static void processes(pid_t outside)
{
    char path[64], memory[8];
    struct iovec here = {memory, sizeof memory};
    ATTEMPT("signal the process", kill(outside, 0));
    snprintf(path, sizeof path, "/proc/%d/cmdline", outside);
    ATTEMPT("see the process", open(path, O_RDONLY));
    ATTEMPT("trace init", syscall(SYS_ptrace, 16, 1, 0, 0));
    ATTEMPT("trace oneself", syscall(SYS_ptrace, 0, 0, 0, 0));
    ATTEMPT("read init's memory", syscall(SYS_process_vm_readv, 1, &here, 1, &here, 1, 0));
    ATTEMPT("write init's memory", syscall(SYS_process_vm_writev, 1, &here, 1, &here, 1, 0));
    ATTEMPT("hold the process", syscall(SYS_pidfd_open, outside, 0));
    ATTEMPT("raise our priority", setpriority(PRIO_PROCESS, 0, -20));
    ATTEMPT("be killed last", write(open("/proc/self/oom_score_adj", O_WRONLY), "-1", 2));
    ATTEMPT("be root", setuid(0));
}

static void foreign(void)
{
#ifdef __x86_64__
    ATTEMPT("a call of another architecture", ({ long pid = 20; __asm__ volatile("int $0x80" : "+a"(pid) : : "memory"); pid; }));
#endif
}

static void kernel(void)
{
    CALL(mount, "none", "/tmp", "tmpfs", 0, 0);
    CALL(umount2, "/proc", 2);
    CALL(pivot_root, "/tmp", "/tmp");
    CALL(chroot, "/tmp");
    CALL(fsopen, "tmpfs", 0);
    CALL(open_tree, -100, "/", 1);
    CALL(unshare, CLONE_NEWUSER);
    CALL(setns, 0, CLONE_NEWNET);
    ATTEMPT("clone with CLONE_NEWUSER", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    unsigned long long wanted[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
    ATTEMPT("clone3 with CLONE_NEWUSER", syscall(SYS_clone3, wanted, sizeof wanted));
    CALL(name_to_handle_at, -100, "/", 0, 0, 0);
    CALL(open_by_handle_at, 0, 0, 0);
    CALL(keyctl, 0, -3, 0);
    CALL(add_key, "user", "canary", "x", 1, -3);
    CALL(request_key, "user", "canary", "", -3);
    CALL(bpf, 0, 0, 0);
    CALL(perf_event_open, 0, 0, -1, -1, 0);
    CALL(userfaultfd, 0);
    CALL(io_uring_setup, 1, 0);
    CALL(kexec_load, 0, 0, 0, 0);
    CALL(init_module, 0, 0, "");
    CALL(finit_module, 0, "", 0);
    CALL(delete_module, "canary", 0);
    CALL(reboot, 0, 0, 0, 0);
    CALL(syslog, 2, 0, 0);
    CALL(personality, 0x0040000);
    CALL(seccomp, 1, 0, 0);
    CALL(memfd_create, "canary", 0);
    CALL(shmget, 0, 4096, 01600);
    CALL(msgget, 0, 01600);
    CALL(execveat, -1, "", 0, 0, 0x1000);
#ifdef __x86_64__
    ATTEMPT("a call of another kind", syscall(0x40000000 + SYS_getpid));
#endif
    foreign();
    ATTEMPT("a call of the future", syscall(1000));
    ATTEMPT("TIOCSTI", ioctl(0, TIOCSTI, "x"));
    ATTEMPT("TIOCSTI with a bit above", syscall(SYS_ioctl, 0, (1ul << 32) + TIOCSTI, "x"));
    ATTEMPT("TIOCLINUX", ioctl(0, 0x541c, "x"));
}

static long forks(void)
{
    long count = 0;
    for (; count < 100000; count++) {
        const pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0) {
            const int code = errno;
            fprintf(stderr, "forks: %ld\n", count);
            errno = code;
            return -1;
        }
    }
    return 0;
}

static long memory(void)
{
    const size_t step = 1 << 20;
    for (size_t taken = 0;; taken += step) {
        char *piece = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) {
            fprintf(stderr, "megabytes: %zu\n", taken / step);
            errno = ENOMEM;
            return -1;
        }
        memset(piece, 1, step);
    }
}

static long disk(const char *folder)
{
    static char piece[65536];
    char path[64];
    signal(SIGXFSZ, SIG_IGN);
    for (int file = 0; file < 1000; file++) {
        snprintf(path, sizeof path, "%s/%d", folder, file);
        const int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0)
            return -1;
        while (write(fd, piece, sizeof piece) > 0)
            ;
        close(fd);
        if (errno != EFBIG)
            return -1;
    }
    return 0;
}

static long open_files(void)
{
    while (dup(0) >= 0)
        ;
    return -1;
}

static void fill(void)
{
    ATTEMPT("memory", memory());
    ATTEMPT("disk /tmp", disk("/tmp"));
    ATTEMPT("disk /dev/shm", disk("/dev/shm"));
    ATTEMPT("open files", open_files());
    ATTEMPT("processes", forks());
}

static void outlive(int leave)
{
    for (int signal_number = 1; signal_number < 65; signal_number++)
        signal(signal_number, SIG_IGN);
    for (int generation = 0; generation < 3; generation++) {
        setsid();
        if (fork() != 0) {
            if (leave && generation == 0)
                return;
            break;
        }
    }
    puts("alive");
    fflush(stdout);
    for (;;)
        sleep(1000);
}

int main(int count, char **words)
{
    const char *what = count > 1 ? words[1] : "";
    const char *more = count > 2 ? words[2] : "";
    if (strcmp(what, "files") == 0)
        files(more);
    else if (strcmp(what, "sockets") == 0)
        sockets();
    else if (strcmp(what, "processes") == 0)
        processes(atoi(more));
    else if (strcmp(what, "kernel") == 0)
        kernel();
    else if (strcmp(what, "foreign") == 0)
        foreign();
    else if (strcmp(what, "fill") == 0)
        fill();
    else if (strcmp(what, "outlive") == 0)
        outlive(count > 3);
    return 0;
}
