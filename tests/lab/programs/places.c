/* Crashes in one of twelve places, chosen by the first argument. Six functions of its own are on the stack, three of
 * them different for each place, so that no two are duplicates and nothing of the C library counts. */
#include <stdlib.h>

#define PLACE(n) \
  static void __attribute__((noinline)) inner_##n(volatile int *where) { *where = n; } \
  static void __attribute__((noinline)) middle_##n(volatile int *where) { inner_##n(where); } \
  static void __attribute__((noinline)) outer_##n(volatile int *where) { middle_##n(where); }
#define TWELVE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)

TWELVE(PLACE)

static void __attribute__((noinline)) choose(int place) {
#define CALL(n) if (place == n) outer_##n(NULL);
  TWELVE(CALL)
}

static void __attribute__((noinline)) serve(int place) { choose(place); }

int main(int count, char **words) {
  serve(count > 1 ? atoi(words[1]) : 0);
  return 1;
}
