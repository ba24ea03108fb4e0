/* An assertion of glibc's that does not hold: SIGABRT, and a message that gdb finds in __abort_msg. */
#include <assert.h>

struct account {
    int balance;
};

static void withdraw(struct account *account, int amount)
{
    assert(amount <= account->balance);
    account->balance -= amount;
}

int main(void)
{
    struct account account = {.balance = 10};
    withdraw(&account, 11);
    return 0;
}
