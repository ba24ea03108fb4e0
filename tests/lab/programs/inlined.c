/*
 * Optimised code (-O2): the crash happens in a function that was inlined into its caller, which was itself
 * inlined. A trace has to show all three although there is one stack frame. SIGSEGV at a null pointer.
 */
struct node {
    int value;
    struct node *next;
};

static inline __attribute__((always_inline)) int value_of(const struct node *node)
{
    return *(const volatile int *)&node->value;
}

static inline __attribute__((always_inline)) int second_value(const struct node *list)
{
    const struct node *second = list->next;
    return value_of(second);
}

__attribute__((noinline)) int sum_of_pair(const struct node *list)
{
    return value_of(list) + second_value(list);
}

int main(int argc, char **argv)
{
    (void)argv;
    struct node only = {.value = argc, .next = 0};
    return sum_of_pair(&only) + 1;
}
