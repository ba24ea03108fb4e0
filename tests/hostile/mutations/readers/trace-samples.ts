/** What gdb, the kernel and Python print, in the forms that the rules of trace/ look for. */
export const traceSamples = {
  stacktrace: `#0  0x00007f0000001234 in __GI_raise (sig=6) at ../sysdeps/unix/sysv/linux/raise.c:50
        set = {__val = {0, 1}}
#1  0x00007f0000001250 in __GI_abort () at abort.c:79
No locals.
#2  <signal handler called>
#3  0x00007f0000001300 in _XError () from /lib/libX11.so.6
#4  0x00005555555551a9 in std::vector<int, std::allocator<int> >::at (this=0x0, n=3) at v.h:12
#5  0x00005555555551c0 in ?? ()
#6  main (argc=1, argv=0x7ffe00000000) at main.c:7
`,
  maps: `555555554000-555555556000 r-xp 00000000 08:02 131          /usr/bin/a:b program
7f0000000000-7f0000002000 r-xp 00001000 08:02 132          /lib/x86_64-linux-gnu/libc.so.6
7f0000003000-7f0000004000 rw-p 00000000 00:00 0
7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0            [stack]
`,
  traceback: `Traceback (most recent call last):
  File "/usr/bin/timesheet", line 12, in <module>
    main()
  File "/usr/lib/python3/dist-packages/sheet.py", line 3, in main
    raise ValueError("no hours")
ValueError: no hours`,
  oops: `BUG: unable to handle page fault for address at 0000000000001000
IP: [<ffffffff81000000>] do_it+0x10/0x20
Call Trace:
 [<ffffffff81000010>] ? maybe+0x1/0x2
 [<ffffffff81000020>] surely+0x3/0x4
`,
  assertion: `$1 = 0x7f0000004000 "main.c:7: main: Assertion \`x > 0' failed.\\n"`,
} as const;
