/* Crashes in one of twelve places, chosen by the first argument. Six functions of its own are on the stack, three of
 * them different for each place, so that no two are duplicates and nothing of the C library counts. The second argument
 * is handed through all of them: it tells two traces of one place apart. */
#include <stdlib.h>

#define PLACE(n) \
  static void __attribute__((noinline)) inner_##n(volatile int *where, int run) { *where = run; } \
  static void __attribute__((noinline)) middle_##n(volatile int *where, int run) { inner_##n(where, run); } \
  static void __attribute__((noinline)) outer_##n(volatile int *where, int run) { middle_##n(where, run); }
#define TWELVE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)

TWELVE(PLACE)

static void __attribute__((noinline)) choose(int place, int run) {
#define CALL(n) if (place == n) outer_##n(NULL, run);
  TWELVE(CALL)
}

static void __attribute__((noinline)) serve(int place, int run) { choose(place, run); }

int main(int count, char **words) {
  if (count > 2) serve(atoi(words[1]), atoi(words[2]));
  return 1;
}
